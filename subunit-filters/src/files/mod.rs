//! Files that are read, and files that are made.

pub mod destination;
pub mod input;
pub(crate) mod new_file;
pub(crate) mod packed;
pub(crate) mod same_file;
mod stored_run;
