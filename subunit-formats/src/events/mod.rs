//! What readers make events with: their parts, clocks, ids, what a document claims to hold.

pub(crate) mod claims;
pub mod clock;
pub(crate) mod clocked;
pub(crate) mod dated;
pub mod emit;
pub(crate) mod ids;
pub(crate) mod open_map;
pub(crate) mod push;
pub(crate) mod reported;
pub(crate) mod tally;
