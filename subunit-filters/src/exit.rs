//! What the command tells its caller.

use std::process::ExitCode;

use subunit_core::sink::Verdict;
use subunit_formats::files::temporary;

/// The exit status, the same for every command.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Exit {
    /// The stream was read whole and nothing in it failed.
    Passed,
    /// A test failed, passed unexpectedly or never ended, or the stream was damaged or cut short.
    Failed,
    /// The command could not do its work: usage, input, output.
    Broken,
    /// There was no test at all.
    NoTests,
    /// What the command that was run has ended with, as was asked for; not 0.
    Command(u8),
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

    /// The number that the caller gets.
    pub fn code(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Failed => 1,
            Self::Broken => 2,
            Self::NoTests => 4,
            Self::Command(code) => code,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Why a command could not do its work. One line, which names the thing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or a folder could not be opened, read or made.
    #[error("{name}: {}", of_file(source))]
    File {
        /// The file, or `standard input`.
        name: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The system does not give what it takes to run commands.
    #[error("{name}: {}", in_words(source))]
    System {
        /// The missing thing, such as `signals`.
        name: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// Inputs cannot be waited for.
    #[error("cannot wait for inputs: {}", in_words(.0))]
    Wait(std::io::Error),
    /// The output could not be written.
    #[error("{}", of_output(.0))]
    Output(#[from] std::io::Error),
    /// The arguments ask for something that cannot be done.
    #[error("{0}")]
    Usage(String),
}

#[cfg(unix)]
impl From<subunit_mux::worker::Error> for Error {
    fn from(error: subunit_mux::worker::Error) -> Self {
        match error {
            subunit_mux::worker::Error::Start { name, source } => Self::System { name, source },
            subunit_mux::worker::Error::Wait(error) => Self::Wait(error),
            other => Self::Usage(other.to_string()),
        }
    }
}

/// What is said of an error while the output is made, which may be another file's.
fn of_output(error: &std::io::Error) -> String {
    if temporary::Failed::is(error) {
        return error.to_string();
    }
    format!("cannot write the output: {}", in_words(error))
}

/// What is said of an error with a file or a folder.
fn of_file(error: &std::io::Error) -> String {
    use std::io::ErrorKind::{AlreadyExists, IsADirectory};
    let way_out = match error.kind() {
        IsADirectory => ": name a file in it",
        // Folders are made where there is none, so this is none.
        AlreadyExists if error.raw_os_error().is_some() => " and is not a folder: name another one",
        _ => "",
    };
    in_words(error) + way_out
}

/// What the system says, without its number of it.
pub(crate) fn in_words(error: &std::io::Error) -> String {
    let said = error.to_string();
    match said.rfind(" (os error ") {
        Some(end) if error.raw_os_error().is_some() => said[..end].to_owned(),
        _ => said,
    }
}

impl Error {
    /// Whether the reader of our output has gone away, which ends us quietly.
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == std::io::ErrorKind::BrokenPipe)
    }
}
