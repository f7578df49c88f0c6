//! The library behind the `subunit` command: formats other than subunit, and what the commands share.

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
mod defuse;
pub mod exit;
pub(crate) use subunit_formats as formats;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod id_list;
pub mod interrupts;
pub(crate) use subunit_formats::files::own_file;
pub mod pipeline;
mod same_file;
pub mod style;
pub(crate) use subunit_formats::files::temporary;
pub mod watch;
