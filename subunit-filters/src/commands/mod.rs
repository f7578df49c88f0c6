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

/// All verbs, in the order of the help.
pub const VERBS: &[Entry] =
    &verbs::<{ FIRST.len() + FORMATS + REPORTS_FIRST.len() + REPORT_VERBS + LAST.len() }>();

/// How many formats have a verb that is made of their row.
const FORMATS: usize = {
    let (mut count, mut nth) = (0, 0);
    while nth < Format::ALL.len() {
        count += Format::ALL[nth].has_verb() as usize;
        nth += 1;
    }
    count
};

/// How many reports have a verb that is made of their row.
const REPORT_VERBS: usize = {
    let (mut count, mut nth) = (0, 0);
    while nth < REPORTS.len() {
        count += REPORTS[nth].has_verb() as usize;
        nth += 1;
    }
    count
};

const fn verbs<const ALL: usize>() -> [Entry; ALL] {
    let (mut all, mut at) = put([FIRST[0]; ALL], 0, FIRST);
    let mut nth = 0;
    while nth < Format::ALL.len() {
        if Format::ALL[nth].has_verb() {
            (all, at) = put(all, at, &[reading::entry(Format::ALL[nth])]);
        }
        nth += 1;
    }
    (all, at) = put(all, at, REPORTS_FIRST);
    nth = 0;
    while nth < REPORTS.len() {
        if REPORTS[nth].has_verb() {
            (all, at) = put(all, at, &[to_report::entry(&REPORTS[nth])]);
        }
        nth += 1;
    }
    put(all, at, LAST).0
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

/// The verbs before those of formats.
const FIRST: &[Entry] = &[
    entry::<watch::Watch>(),
    entry::<stats::Stats>(),
    entry::<ls::Ls>(),
    entry::<diff::Diff>(),
    entry::<report::Report>(),
    entry::<cat::Cat>(),
    entry::<merge::Merge>(),
    entry::<split::Split>(),
    entry::<filter::Filter>(),
    entry::<tags::Tags>(),
    entry::<rename::Rename>(),
    entry::<known_failures::KnownFailures>(),
    entry::<route::Route>(),
    entry::<mux::Mux>(),
    entry::<worker::Worker>(),
    entry::<attach::Attach>(),
    entry::<demux::Demux>(),
    entry::<combine::CombineVerb>(),
    entry::<output::Output>(),
    entry::<from_jsonl::FromJsonl>(),
];

/// The verbs of reports that stand before those which are made of rows.
const REPORTS_FIRST: &[Entry] =
    &[entry::<to_jsonl::ToJsonl>(), entry::<to_junit::ToJunit>(), entry::<to_tap::ToTap>()];

/// The verbs after those.
const LAST: &[Entry] = &[
    entry::<to_markdown::ToMarkdown>(),
    entry::<to_html::ToHtml>(),
    entry::<to_otlp::ToOtlp>(),
    entry::<to_csv::ToCsv>(),
    entry::<to_pyunit::ToPyunit>(),
    entry::<to_disk::ToDisk>(),
    entry::<one_to_two::OneToTwo>(),
    entry::<two_to_one::TwoToOne>(),
    entry::<notify::Notify>(),
    entry::<links::Links>(),
    entry::<completions::Completions>(),
    entry::<man::Man>(),
];
