//! The table of commands. One file each; to add one, copy one and add a line here.
//!
//! The verbs of formats, and of reports without flags of their own, are made of their rows. The traditional tools have
//! options and exit statuses of their own; their table is in `traditional`.

pub(crate) mod elsewhere;
mod from;
mod inspect;
mod run;
mod setup;
mod stream;
mod to;
mod traditional;

use subunit_formats::{Format, REPORTS};

pub use self::{elsewhere::ELSEWHERE, inspect::watch::view, traditional::TOOLS};
use crate::{
    cli::{
        Program,
        command::{Entry, Group, entry},
    },
    console::Definitions,
};

/// The program `subunit`.
pub const PROGRAM: Program = Program {
    about: "Test results as a stream: run, filter, convert, summarise",
    after: "\
Streams are read from files or standard input; without a verb, a stream on
standard input is watched. A report's exit status is the verdict:
0 all passed; 1 something failed, never finished or was damaged; 2 the command
could not do its work; 4 there was no test at all. `subunit help VERB` describes
a verb. Many more formats are read: `subunit stats --help` names them at --from.",
    elsewhere: ELSEWHERE,
    tell_of_all: &["completions", "man"],
    groups: GROUPS,
    tools: TOOLS,
    definitions: Definitions {
        verbs: || PROGRAM.definition(),
        tools: || PROGRAM.tool_definitions(),
    },
};

/// All groups, in the order of the help.
pub const GROUPS: &[Group] = &[
    Group { title: "Look at results", verbs: LOOK },
    Group { title: "Change a stream", verbs: CHANGE },
    Group { title: "Many streams, and input back to them", verbs: MANY },
    Group { title: "From other formats", verbs: FROM },
    Group { title: "To other formats", verbs: TO },
    Group { title: "Set up", verbs: SETUP },
];

/// All verbs, in the order of the help.
pub const VERBS: &[Entry] = &verbs::<{ count() }>();

const LOOK: &[Entry] = &[
    entry::<inspect::watch::Watch>(),
    entry::<inspect::stats::Stats>(),
    entry::<inspect::ls::Ls>(),
    entry::<inspect::diff::Diff>(),
    entry::<to::report::Report>(),
    entry::<inspect::notify::Notify>(),
];

const CHANGE: &[Entry] = &[
    entry::<stream::cat::Cat>(),
    entry::<stream::merge::Merge>(),
    entry::<stream::split::Split>(),
    entry::<stream::filter::Filter>(),
    entry::<stream::tags::Tags>(),
    entry::<stream::rename::Rename>(),
    entry::<stream::known_failures::KnownFailures>(),
    entry::<stream::route::Route>(),
    entry::<stream::demux::Demux>(),
];

const MANY: &[Entry] = &[
    entry::<run::mux::Mux>(),
    entry::<run::worker::Worker>(),
    entry::<run::attach::Attach>(),
    entry::<run::combine::CombineVerb>(),
    entry::<run::output::Output>(),
];

/// Those of our own forms, and one for each format, which is made of its row.
const FROM: &[Entry] = &from_verbs::<{ FROM_FIRST.len() + format_verbs() + FROM_LAST.len() }>();

const FROM_FIRST: &[Entry] = &[entry::<from::from_jsonl::FromJsonl>()];

const FROM_LAST: &[Entry] =
    &[entry::<from::from_log::FromLog>(), entry::<from::one_to_two::OneToTwo>()];

/// Those of our own forms, and one for each report, most of which are made of their rows.
const TO: &[Entry] = &to_verbs::<{ TO_FIRST.len() + report_verbs() + TO_LAST.len() }>();

const TO_FIRST: &[Entry] = &[
    entry::<to::to_jsonl::ToJsonl>(),
    entry::<to::to_junit::ToJunit>(),
    entry::<to::to_tap::ToTap>(),
];

const TO_LAST: &[Entry] = &[
    entry::<to::to_markdown::ToMarkdown>(),
    entry::<to::to_html::ToHtml>(),
    entry::<to::to_otlp::ToOtlp>(),
    entry::<to::to_csv::ToCsv>(),
    entry::<to::to_pyunit::ToPyunit>(),
    entry::<to::to_disk::ToDisk>(),
    entry::<to::two_to_one::TwoToOne>(),
];

const SETUP: &[Entry] = &[
    entry::<setup::links::Links>(),
    entry::<setup::completions::Completions>(),
    entry::<setup::man::Man>(),
];

/// How many formats have a verb that is made of their row.
const fn format_verbs() -> usize {
    let (mut count, mut nth) = (0, 0);
    while nth < Format::ALL.len() {
        count += Format::ALL[nth].has_verb() as usize;
        nth += 1;
    }
    count
}

/// How many reports have a verb that is made of their row.
const fn report_verbs() -> usize {
    let (mut count, mut nth) = (0, 0);
    while nth < REPORTS.len() {
        count += REPORTS[nth].has_verb() as usize;
        nth += 1;
    }
    count
}

const fn from_verbs<const ALL: usize>() -> [Entry; ALL] {
    let (mut all, mut at) = put([FROM_FIRST[0]; ALL], 0, FROM_FIRST);
    let mut nth = 0;
    while nth < Format::ALL.len() {
        if Format::ALL[nth].has_verb() {
            (all, at) = put(all, at, &[from::reading::entry(Format::ALL[nth])]);
        }
        nth += 1;
    }
    put(all, at, FROM_LAST).0
}

const fn to_verbs<const ALL: usize>() -> [Entry; ALL] {
    let (mut all, mut at) = put([TO_FIRST[0]; ALL], 0, TO_FIRST);
    let mut nth = 0;
    while nth < REPORTS.len() {
        if REPORTS[nth].has_verb() {
            (all, at) = put(all, at, &[to::to_report::entry(&REPORTS[nth])]);
        }
        nth += 1;
    }
    put(all, at, TO_LAST).0
}

/// Puts entries into a table, and says where the next one goes.
const fn put<const ALL: usize>(
    mut all: [Entry; ALL],
    at: usize,
    more: &[Entry],
) -> ([Entry; ALL], usize) {
    let mut nth = 0;
    while nth < more.len() {
        all[at + nth] = more[nth];
        nth += 1;
    }
    (all, at + nth)
}

const fn count() -> usize {
    let (mut count, mut nth) = (0, 0);
    while nth < GROUPS.len() {
        (count, nth) = (count + GROUPS[nth].verbs.len(), nth + 1);
    }
    count
}

const fn verbs<const ALL: usize>() -> [Entry; ALL] {
    let (mut all, mut at) = ([LOOK[0]; ALL], 0);
    let mut group = 0;
    while group < GROUPS.len() {
        (all, at) = put(all, at, GROUPS[group].verbs);
        group += 1;
    }
    all
}
