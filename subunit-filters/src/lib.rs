//! The library behind the `subunit` command: formats other than subunit, and what the commands share.

#![forbid(unsafe_code)]

pub mod formats;
