//! What makes the command at home on a system.

pub(super) mod completions;
pub(super) mod links;
pub(super) mod man;
