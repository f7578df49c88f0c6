//! The library behind the command `subunit`: arguments, console, the loop that reads, verbs.

#![forbid(unsafe_code)]

#[cfg(unix)]
pub mod asides;
mod attach;
mod child;
pub mod cli;
pub mod commands;
pub mod console;
mod consoles;
mod defuse;
pub mod exit;
pub mod files;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
pub mod id_list;
pub mod interrupts;
mod keyboard;
mod log_rules;
pub mod pipeline;
pub mod style;
pub mod watch;
