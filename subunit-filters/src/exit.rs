//! What the command tells its caller.

use std::process::ExitCode;

use subunit_core::sink::Verdict;

use crate::temporary;

/// The exit status, the same for every command.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum Exit {
    /// The stream was read whole and nothing in it failed.
    Passed = 0,
    /// A test failed, passed unexpectedly or never ended, or the stream was damaged or cut short.
    Failed = 1,
    /// The command could not do its work: usage, input, output.
    Broken = 2,
    /// There was no test at all.
    NoTests = 4,
}

impl Exit {
    /// The exit status of a report.
    pub fn of(verdict: Verdict, allow_empty: bool) -> Self {
        match verdict {
            Verdict::Passed => Self::Passed,
            Verdict::Failed => Self::Failed,
            Verdict::NoTests if allow_empty => Self::Passed,
            Verdict::NoTests => Self::NoTests,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command could not do its work. One line, which names the thing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be opened or read.
    #[error("{name}: {source}")]
    Input {
        /// The file, or `standard input`.
        name: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The output could not be written.
    #[error("{}", of_output(.0))]
    Output(#[from] std::io::Error),
    /// The arguments ask for something that cannot be done.
    #[error("{0}")]
    Usage(String),
}

/// What is said of an error while the output is made, which may be another file's.
fn of_output(error: &std::io::Error) -> String {
    if temporary::Failed::is(error) {
        return error.to_string();
    }
    format!("cannot write the output: {error}")
}

impl Error {
    /// Whether the reader of our output has gone away, which ends us quietly.
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == std::io::ErrorKind::BrokenPipe)
    }
}
