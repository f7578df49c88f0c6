//! What a person or a program should know of inputs, as data: the caller puts it into words.

use std::{fmt, io, process::ExitStatus, time::Duration};

use crate::{AttachError, InputId, Report, RunningTest};

/// Something has happened to an input.
#[derive(Debug)]
#[non_exhaustive]
pub enum Notice {
    /// It has ended and is no longer an input.
    Ended {
        /// The input.
        input: InputId,
        /// Its name.
        name: String,
        /// How it ended, if it was a process.
        status: Option<ExitStatus>,
    },
    /// It took too long and is being stopped.
    TimedOut {
        /// The input.
        input: InputId,
        /// Its name.
        name: String,
        /// What took too long.
        overrun: Overrun,
        /// What it was running, the longest first.
        running: Vec<RunningTest>,
    },
    /// Something that its process started holds its outputs open. They are not read further.
    HeldOpen {
        /// Its name.
        name: String,
    },
    /// What the hub has found out. The stream has it as well.
    Report(Report),
}

/// What exceeded its limit.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Overrun {
    /// It said nothing for this long.
    Silence(Duration),
    /// These tests did not end within this time, the longest first.
    Tests(Vec<RunningTest>, Duration),
}

/// The cause of the end, as written to the stream: `no output for 1 s`.
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

/// What the stream says if an output is not read to its end.
pub const HELD_OPEN: &str = "something it started holds its output open; no more of it is read";

/// Why an input could not be added. One that cannot be started is a failure in the stream too.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpawnError {
    /// It cannot have this name.
    #[error(transparent)]
    Name(#[from] AttachError),
    /// The system cannot start or open it.
    #[error("{name}: it could not be started: {source}")]
    Start {
        /// Its name.
        name: String,
        /// The system's error.
        source: io::Error,
    },
}
