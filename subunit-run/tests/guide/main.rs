//! The guide in `docs/` is true: its commands are run, its links lead somewhere, its tables are those of the code.
//!
//! `pages.rs` says how a page marks what is run, and what is not, and why.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod ci;
mod commands;
mod configuration;
mod links;
mod named;
mod pages;
mod wire;
