//! Commands that are run, many streams into one, and input back to them.

pub(super) mod attach;
pub(super) mod combine;
pub(super) mod mux;
pub(super) mod output;
pub(super) mod worker;
