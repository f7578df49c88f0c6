//! The table of commands. One file each; to add one, copy one and add a line here.
//!
//! The verbs stand here, but for those of formats and most reports, which are made of their rows. The traditional tools, which have options and exit statuses of their own, stand
//! in `traditional`.

mod attach;
mod cat;
mod combine;
mod completions;
mod converting;
mod demux;
mod details;
mod diff;
mod disk;
mod filter;
mod from_jsonl;
mod held;
mod known_failures;
mod links;
mod ls;
mod man;
mod merge;
mod mux;
mod new_file;
mod notify;
mod one_to_two;
mod outcomes;
mod output;
mod pattern;
mod reading;
mod rename;
mod report;
mod route;
mod split;
mod stats;
mod tagging;
mod tags;
mod to_csv;
mod to_disk;
mod to_html;
mod to_jsonl;
mod to_junit;
mod to_markdown;
mod to_otlp;
mod to_pyunit;
mod to_report;
mod to_tap;
mod traditional;
mod two_to_one;
mod watch;
mod worker;
mod writing;

use crate::{
    command::{Entry, entry},
    formats::{Format, REPORTS},
};

pub use traditional::TOOLS;

/// Verbs that are about one thing, as `subunit --help` shows them.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// What they are about.
    pub title: &'static str,
    /// The verbs, in the order of the help.
    pub verbs: &'static [Entry],
}

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
    entry::<watch::Watch>(),
    entry::<stats::Stats>(),
    entry::<ls::Ls>(),
    entry::<diff::Diff>(),
    entry::<report::Report>(),
    entry::<notify::Notify>(),
];

const CHANGE: &[Entry] = &[
    entry::<cat::Cat>(),
    entry::<merge::Merge>(),
    entry::<split::Split>(),
    entry::<filter::Filter>(),
    entry::<tags::Tags>(),
    entry::<rename::Rename>(),
    entry::<known_failures::KnownFailures>(),
    entry::<route::Route>(),
    entry::<demux::Demux>(),
];

const MANY: &[Entry] = &[
    entry::<mux::Mux>(),
    entry::<worker::Worker>(),
    entry::<attach::Attach>(),
    entry::<combine::CombineVerb>(),
    entry::<output::Output>(),
];

/// Those of our own forms, and one for each format, which is made of its row.
const FROM: &[Entry] = &from_verbs::<{ FROM_FIRST.len() + format_verbs() + FROM_LAST.len() }>();

const FROM_FIRST: &[Entry] = &[entry::<from_jsonl::FromJsonl>()];

const FROM_LAST: &[Entry] = &[entry::<one_to_two::OneToTwo>()];

/// Those of our own forms, and one for each report, most of which are made of their rows.
const TO: &[Entry] = &to_verbs::<{ TO_FIRST.len() + report_verbs() + TO_LAST.len() }>();

const TO_FIRST: &[Entry] =
    &[entry::<to_jsonl::ToJsonl>(), entry::<to_junit::ToJunit>(), entry::<to_tap::ToTap>()];

const TO_LAST: &[Entry] = &[
    entry::<to_markdown::ToMarkdown>(),
    entry::<to_html::ToHtml>(),
    entry::<to_otlp::ToOtlp>(),
    entry::<to_csv::ToCsv>(),
    entry::<to_pyunit::ToPyunit>(),
    entry::<to_disk::ToDisk>(),
    entry::<two_to_one::TwoToOne>(),
];

const SETUP: &[Entry] =
    &[entry::<links::Links>(), entry::<completions::Completions>(), entry::<man::Man>()];

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
            (all, at) = put(all, at, &[reading::entry(Format::ALL[nth])]);
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
            (all, at) = put(all, at, &[to_report::entry(&REPORTS[nth])]);
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
