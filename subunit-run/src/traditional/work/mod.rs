//! How the traditional names run a suite: listing, shares, workers, and where what they say goes.

pub(super) mod commands;
pub(super) mod intake;
pub(super) mod isolation;
pub(super) mod listing;
pub(super) mod pool;
pub(super) mod record;
pub(super) mod runner;
pub(super) mod selection;
pub(super) mod shell;
pub(super) mod slowest;
pub(super) mod workers;
