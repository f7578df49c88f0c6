//! The library behind the command `subunit`: arguments, console, the loop that reads, verbs.

#![forbid(unsafe_code)]

#[cfg(unix)]
mod asides;
mod attach;
#[cfg(unix)]
mod checkout;
mod child;
pub mod cli;
pub mod command;
pub mod commands;
mod complaint;
pub mod console;
mod consoles;
mod defuse;
pub mod destination;
mod duration;
pub mod exit;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod help;
mod id_list;
mod input;
pub mod interrupts;
mod new_file;
mod packed;
pub mod pipeline;
mod same_file;
pub mod style;
pub mod watch;
