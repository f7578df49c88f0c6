//! The library behind the program `subunit-run`: configurations, listing, schedule, supervisor, and the
//! traditional names.

#![forbid(unsafe_code)]

pub mod config;
pub mod memory;
pub mod schedule;
