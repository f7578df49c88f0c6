//! A leaf that takes tests while it runs: a command, and tests that come one by one.

#[cfg(unix)]
mod asked;
#[cfg(unix)]
mod command;
#[cfg(unix)]
mod ids;
mod input;
#[cfg(unix)]
mod run;

use std::{io, path::PathBuf};

pub use input::WorkerInput;
#[cfg(unix)]
pub use run::Worker;

use crate::{Readers, Report};

/// This variable tells the command the number of a descriptor to read ids from, one per line.
pub const TEST_FD: &str = "SUBUNIT_TEST_FD";

/// This variable tells the command a path to read the same ids from, for processes that do not inherit the
/// descriptor.
pub const TEST_PATH: &str = "SUBUNIT_TEST_PATH";

/// An argument that stands for the path of a file with the ids of a batch.
pub const LOAD_LIST: &str = "{}";

/// What a worker runs.
#[derive(Debug)]
pub struct WorkerPlan {
    /// The command and its arguments. With [`LOAD_LIST`] among them it runs once per batch.
    pub command: Vec<String>,
    /// Ids are also read from this file or descriptor, one per line.
    pub ids: Option<PathBuf>,
    /// Readers of the command's output.
    pub readers: Readers,
}

impl WorkerPlan {
    #[cfg(unix)]
    fn in_batches(&self) -> bool {
        self.command.iter().any(|argument| argument == LOAD_LIST)
    }
}

/// Something has happened that a person should know.
#[derive(Debug)]
#[non_exhaustive]
pub enum Notice {
    /// The command ended badly, or was told to stop.
    CommandFailed {
        /// How: `exit status 1`.
        cause: String,
    },
    /// Something on standard input could not be understood.
    Refused(String),
    /// What was found out about the stream of the command. The stream has it too.
    Report(Report),
}

/// How the work of a worker has ended.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct WorkerEnd {
    /// Whether the command ended badly, or was told to stop.
    pub has_failed: bool,
    /// How many tests were requested and never run.
    pub never_run: u64,
    /// Why the output could not be written to its end.
    pub not_written: Option<io::Error>,
}

/// Why a worker cannot do its work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It cannot be started.
    #[error("{name}: {source}")]
    Start {
        /// What is missing: the command, a file, `signals`.
        name: String,
        /// The system's error.
        source: io::Error,
    },
    /// The command cannot be waited for.
    #[error("cannot wait for the command: {0}")]
    Wait(io::Error),
}
