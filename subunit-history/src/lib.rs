//! Keeps test runs: the stream of each, compressed, in a file of its own, and an index that answers questions about
//! all of them.
//!
//! ```text
//! .subunit/
//!   history.db             SQLite: an index, made anew from runs/ at any time
//!   runs/<uuid>.sub.zst    one file a run, never changed: `zstd -dc` and any filter read it
//!   runs/<uuid>.part       a run that is being written: the raw stream, locked by its writer
//! ```
//!
//! The run file is the truth. [`Store`] takes runs in, and puts right what a writer that was killed has left;
//! [`History`] answers questions and writes nothing. What a stream says about its tests is
//! [`subunit_core::run`]'s to say.

#![forbid(unsafe_code)]

mod contents;
mod error;
mod files;
mod fingerprint;
mod folder;
mod incoming;
mod index;
mod intern;
mod machine;
mod outcome;
mod package;
pub mod query;
pub mod run_file;
pub mod site;
pub mod sql;
mod store;
mod tile;
mod upkeep;
mod writer;

pub use self::{
    error::Error,
    files::{Disk, FileCalls},
    incoming::{DEFAULT_SERIES, KeptRun, receive},
    outcome::{Micros, OutcomeCode},
    query::History,
    site::WrittenSite,
    sql::{
        Database, HistoryAccess, Opener, is_address, knows_databases, shown_place, use_databases,
    },
    store::Store,
    upkeep::{Checked, Keep, PackedRuns, Pruned, Thinned},
    writer::{NewRun, RunWriter},
};
