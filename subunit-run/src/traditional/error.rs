//! Why a verb cannot do its work: one line, and perhaps an exit status of its own.

use std::{io, path::Path};

use super::work::{listing::ListError, pool::PoolError, shell::ShellError};
use crate::{
    config::{
        command::{BadId, ConcurrencyError},
        python, regex, testr,
    },
    memory::RepositoryError,
};

/// The exit status of a run that was interrupted.
const INTERRUPTED: u8 = 130;

/// Why a verb cannot do its work.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct VerbError {
    /// What standard error says; empty if all has been said.
    pub(super) message: String,
    /// The exit status, if it is not the usual one of the program.
    pub(super) status: Option<u8>,
}

impl VerbError {
    /// With the program's usual exit status.
    pub(super) fn new(message: impl ToString) -> Self {
        Self { message: message.to_string(), status: None }
    }

    /// With this exit status.
    pub(super) fn with_status(message: impl ToString, status: u8) -> Self {
        Self { message: message.to_string(), status: Some(status) }
    }

    /// With an exit status, after all has been said.
    pub(super) fn silent(status: u8) -> Self {
        Self::with_status("", status)
    }

    /// After an interrupt.
    pub(super) fn interrupted() -> Self {
        Self::silent(INTERRUPTED)
    }

    /// Says it on standard error.
    pub(super) fn say(&self) {
        if !self.message.is_empty() {
            eprintln!("{}", self.message);
        }
    }

    /// A file cannot be read, in the words of Python where it has well-known ones.
    pub(super) fn file(path: &Path, error: &io::Error) -> Self {
        let name = python::repr(&path.display().to_string());
        match (error.raw_os_error(), error.kind()) {
            (Some(number), io::ErrorKind::NotFound) => {
                Self::new(format!("[Errno {number}] No such file or directory: {name}"))
            }
            (Some(number), io::ErrorKind::PermissionDenied) => {
                Self::new(format!("[Errno {number}] Permission denied: {name}"))
            }
            _ => Self::new(format!("{}: {error}", path.display())),
        }
    }
}

/// These say themselves what is wrong.
macro_rules! said_by {
    ($($error:ty),*) => {$(
        impl From<$error> for VerbError {
            fn from(error: $error) -> Self {
                Self::new(error)
            }
        }
    )*};
}

said_by!(RepositoryError, testr::TestrError, regex::BadRegex, BadId, ConcurrencyError);

/// Nobody is left to be told that nobody reads.
impl From<io::Error> for VerbError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self { message: String::new(), status: None },
            _ => Self::new(error),
        }
    }
}

/// An interrupt says nothing: whoever sent it knows of it.
impl From<ShellError> for VerbError {
    fn from(error: ShellError) -> Self {
        match error {
            ShellError::System(error) => error.into(),
            ShellError::Interrupted => Self::interrupted(),
        }
    }
}

impl From<PoolError> for VerbError {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Shell(error) => error.into(),
            other => Self::new(other),
        }
    }
}

impl From<ListError> for VerbError {
    fn from(error: ListError) -> Self {
        match error {
            ListError::Shell(error) => error.into(),
            ListError::Instance(error) => error.into(),
            other => Self::new(other),
        }
    }
}
