//! What the traditional names print: how a run went, tables. No files, no processes, no clock.

pub(super) mod attachments;
pub(super) mod listing;
pub(super) mod results;
pub(super) mod streamed;
pub(super) mod table;
pub(super) mod tally;
pub(super) mod trace;
