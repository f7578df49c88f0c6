//! What the traditional names print: how a run went, tables. No files, no processes, no clock.

mod attachments;
pub(super) mod facts;
pub(super) mod listing;
mod results;
mod streamed;
pub(super) mod table;
pub(super) mod tally;
pub(super) mod trace;
pub(super) mod view;
