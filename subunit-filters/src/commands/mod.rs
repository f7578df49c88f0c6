//! The table of commands. One file each; to add one, copy one and add a line here.
//!
//! The verbs stand here. The traditional tools, which have options and exit statuses of their own, stand
//! in `traditional`.

mod attach;
mod cat;
mod combine;
mod completions;
mod converting;
mod csv;
mod demux;
mod details;
mod disk;
mod filter;
mod from_format;
mod from_jsonl;
mod held;
mod ids;
mod links;
mod ls;
mod man;
mod mux;
mod notify;
mod output;
mod pattern;
mod route;
mod stats;
mod tagging;
mod tags;
mod to_csv;
mod to_disk;
mod to_jsonl;
mod to_junit;
mod to_pyunit;
mod traditional;
mod two_to_one;
mod worker;

use crate::command::{Entry, entry};

pub use traditional::TOOLS;

/// All verbs, in the order of the help.
pub const VERBS: &[Entry] = &[
    entry::<stats::Stats>(),
    entry::<ls::Ls>(),
    entry::<cat::Cat>(),
    entry::<filter::Filter>(),
    entry::<tags::Tags>(),
    entry::<to_jsonl::ToJsonl>(),
    entry::<from_jsonl::FromJsonl>(),
    entry::<from_format::FromTap>(),
    entry::<from_format::FromGojson>(),
    entry::<from_format::FromJunit>(),
    entry::<to_junit::ToJunit>(),
    entry::<to_csv::ToCsv>(),
    entry::<to_pyunit::ToPyunit>(),
    entry::<to_disk::ToDisk>(),
    entry::<from_format::OneToTwo>(),
    entry::<two_to_one::TwoToOne>(),
    entry::<combine::CombineVerb>(),
    entry::<notify::Notify>(),
    entry::<output::Output>(),
    entry::<links::Links>(),
    entry::<mux::Mux>(),
    entry::<worker::Worker>(),
    entry::<attach::Attach>(),
    entry::<route::Route>(),
    entry::<demux::Demux>(),
    entry::<completions::Completions>(),
    entry::<man::Man>(),
];
