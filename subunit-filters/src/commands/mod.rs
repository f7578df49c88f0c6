//! The table of commands. One file each; to add one, copy one and add a line here.

mod cat;
mod completions;
mod from_jsonl;
mod ls;
mod man;
mod output;
mod stats;
mod to_jsonl;

use crate::command::{Entry, entry};

/// All commands, in the order of the help.
pub const COMMANDS: &[Entry] = &[
    entry::<stats::Stats>(),
    entry::<ls::Ls>(),
    entry::<cat::Cat>(),
    entry::<to_jsonl::ToJsonl>(),
    entry::<from_jsonl::FromJsonl>(),
    entry::<output::Output>(),
    entry::<completions::Completions>(),
    entry::<man::Man>(),
];
