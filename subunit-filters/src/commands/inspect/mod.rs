//! What a stream says: the verdict, the tests, how two runs differ.

pub(super) mod diff;
mod listed;
pub(super) mod ls;
pub(super) mod notify;
pub(super) mod outcomes;
pub(super) mod stats;
pub(super) mod watch;
