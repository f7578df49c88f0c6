//! The verbs of runs that are kept: what they show, write for programs, and say at the end.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod bisect;
mod elsewhere;
mod inputs;
mod old_stores;
mod questions;
#[path = "../schema_support/mod.rs"]
mod schema_support;
mod series;
mod shown;
mod stale;
mod support;
