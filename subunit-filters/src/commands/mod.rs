//! The table of commands. One file each; to add one, copy one and add a line here.
//!
//! The verbs stand here. The traditional tools, which have options and exit statuses of their own, stand
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
mod from_automake;
mod from_cargo;
mod from_ctrf;
mod from_dejagnu;
mod from_format;
mod from_jsonl;
mod from_ktap;
mod from_libtest;
mod from_lit;
mod from_nunit;
mod from_reportlog;
mod from_subunit_v1;
mod from_teamcity;
mod from_trx;
mod from_xunit;
mod held;
mod known_failures;
mod links;
mod ls;
mod man;
mod merge;
mod mux;
mod new_file;
mod notify;
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
mod to_ctrf;
mod to_disk;
mod to_github;
mod to_gitlab;
mod to_html;
mod to_jsonl;
mod to_junit;
mod to_markdown;
mod to_otlp;
mod to_pyunit;
mod to_tap;
mod to_teamcity;
mod to_trace;
mod traditional;
mod two_to_one;
mod watch;
mod worker;
mod writing;

use crate::command::{Entry, entry};

pub use traditional::TOOLS;

/// All verbs, in the order of the help.
pub const VERBS: &[Entry] = &[
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
    entry::<from_format::FromTap>(),
    entry::<from_format::FromJunit>(),
    entry::<from_format::FromGojson>(),
    entry::<from_subunit_v1::FromSubunitV1>(),
    entry::<from_ktap::FromKtap>(),
    entry::<from_libtest::FromLibtest>(),
    entry::<from_cargo::FromCargo>(),
    entry::<from_reportlog::FromReportlog>(),
    entry::<from_teamcity::FromTeamcity>(),
    entry::<from_ctrf::FromCtrf>(),
    entry::<from_trx::FromTrx>(),
    entry::<from_nunit::FromNunit>(),
    entry::<from_xunit::FromXunit>(),
    entry::<from_dejagnu::FromDejagnu>(),
    entry::<from_automake::FromAutomake>(),
    entry::<from_lit::FromLit>(),
    entry::<to_jsonl::ToJsonl>(),
    entry::<to_junit::ToJunit>(),
    entry::<to_tap::ToTap>(),
    entry::<to_ctrf::ToCtrf>(),
    entry::<to_teamcity::ToTeamcity>(),
    entry::<to_github::ToGithub>(),
    entry::<to_gitlab::ToGitlab>(),
    entry::<to_markdown::ToMarkdown>(),
    entry::<to_html::ToHtml>(),
    entry::<to_trace::ToTrace>(),
    entry::<to_otlp::ToOtlp>(),
    entry::<to_csv::ToCsv>(),
    entry::<to_pyunit::ToPyunit>(),
    entry::<to_disk::ToDisk>(),
    entry::<from_format::OneToTwo>(),
    entry::<two_to_one::TwoToOne>(),
    entry::<notify::Notify>(),
    entry::<links::Links>(),
    entry::<completions::Completions>(),
    entry::<man::Man>(),
];
