//! What a person, or a program, should know of what has happened: data, to be put into words by the caller.

use std::{fmt, io, process::ExitStatus, time::Duration};

use crate::{AttachError, InputId, Report, RunningTest};

/// Something has happened to an input.
#[derive(Debug)]
#[non_exhaustive]
pub enum Notice {
    /// It has come to its end, and is no input any more.
    Ended {
        /// The input.
        input: InputId,
        /// What it was called.
        name: String,
        /// How it ended, where it was a process.
        status: Option<ExitStatus>,
    },
    /// It has taken too long, and is told to stop.
    TimedOut {
        /// The input.
        input: InputId,
        /// What it is called.
        name: String,
        /// What took too long.
        overrun: Overrun,
        /// What it was running, the longest first.
        running: Vec<RunningTest>,
    },
    /// Something that its process started holds its outputs open, and no more of them is read.
    HeldOpen {
        /// What it was called.
        name: String,
    },
    /// What the hub has found out. The stream has it as well.
    Report(Report),
}

/// What took longer than it may.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Overrun {
    /// Nothing was heard for so long.
    Silence(Duration),
    /// These tests did not end within so long, the longest first.
    Tests(Vec<RunningTest>, Duration),
}

/// The cause of the end, as the stream has it: `no output for 1 s`.
impl fmt::Display for Overrun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silence(limit) => write!(f, "no output for {} s", limit.as_secs_f64()),
            Self::Tests(tests, limit) => {
                const NAMED: usize = 3;
                let names: Vec<_> =
                    tests.iter().take(NAMED).map(|test| format!("`{}`", test.test_id)).collect();
                let more = if tests.len() > NAMED { " and others" } else { "" };
                let seconds = limit.as_secs_f64();
                write!(f, "no end of {}{more} within {seconds} s", names.join(", "))
            }
        }
    }
}

/// What the stream says where an output is not read to its end.
pub const HELD_OPEN: &str = "something it started holds its output open; no more of it is read";

/// Why there is no such input. One that cannot be started is a failure in the stream as well.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpawnError {
    /// It cannot have this name.
    #[error(transparent)]
    Name(#[from] AttachError),
    /// The system does not start or open it.
    #[error("{name}: it could not be started: {source}")]
    Start {
        /// What it was to be called.
        name: String,
        /// What the system says.
        source: io::Error,
    },
}
