//! What a history does with runs, whatever happens meanwhile.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod adoption;
mod definitions;
mod engine;
mod faults;
mod index;
mod metrics;
mod receiving;
mod site;
mod smaller;
mod sqlite;
mod stale;
mod support;
mod weeks;
