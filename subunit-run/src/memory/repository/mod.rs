//! The folders `.testrepository` of testr and `.stestr` of stestr, as these programs read and write them.
//!
//! | file | what it holds |
//! |---|---|
//! | `format` | `1` and a newline |
//! | `next-stream` | the number of the next run |
//! | `0`, `1`, .. | the runs, as subunit version 1 |
//! | `failing` | the tests that fail, the same way |
//! | `times.dbm` | how long each test took last, in seconds; see [`dbm`] |
//! | `meta.dbm` | notes about runs; only stestr has it |

mod error;
mod folder;
mod insert;
mod run_file;
mod runs;
mod stored_run;
mod times;
mod tool;

pub use self::{error::RepositoryError, folder::Repository, tool::Tool};

#[cfg(test)]
mod tests;
