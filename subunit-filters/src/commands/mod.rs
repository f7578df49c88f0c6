//! The table of commands. One file each; to add one, copy one and add a line here.
//!
//! The verbs stand here. The traditional tools, which have options and exit statuses of their own, stand
//! in `traditional`.

mod attach;
mod cat;
mod completions;
mod demux;
mod from_jsonl;
mod ls;
mod man;
mod mux;
mod output;
mod route;
mod stats;
mod to_jsonl;
mod traditional;
mod worker;

use crate::command::{Entry, entry};

pub use traditional::TOOLS;

/// All verbs, in the order of the help.
pub const VERBS: &[Entry] = &[
    entry::<stats::Stats>(),
    entry::<ls::Ls>(),
    entry::<cat::Cat>(),
    entry::<to_jsonl::ToJsonl>(),
    entry::<from_jsonl::FromJsonl>(),
    entry::<output::Output>(),
    entry::<mux::Mux>(),
    entry::<worker::Worker>(),
    entry::<attach::Attach>(),
    entry::<route::Route>(),
    entry::<demux::Demux>(),
    entry::<completions::Completions>(),
    entry::<man::Man>(),
];
