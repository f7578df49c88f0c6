//! What can be wrong with a repository, in the words of testr and stestr.

use std::{io, path::Path};

use super::tool::Tool;
use crate::memory::dbm::repr;

/// Why a repository, or a run in it, cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum RepositoryError {
    /// There is no repository.
    #[error("No repository found in {folder}. Create one by running \"{tool} init\".")]
    Missing {
        /// Where it was looked for.
        folder: String,
        /// The program that makes one.
        tool: &'static str,
    },
    /// A repository was to be made where something is.
    #[error("{0}")]
    Exists(String),
    /// Its format is not known.
    #[error("{folder}: its format is {found}, and only format '1\\n' is known")]
    Format {
        /// The folder.
        folder: String,
        /// What is there instead, quoted.
        found: String,
    },
    /// The number of the next run cannot be read; what is there instead, quoted.
    #[error("Corrupt next-stream file: {0}")]
    CorruptNext(String),
    /// There was no run yet.
    #[error("'No tests in repository'")]
    NoTests,
    /// There is no run of this number.
    #[error("'No such run.'")]
    NoSuchRun,
    /// A file cannot be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl RepositoryError {
    pub(super) fn missing(folder: &Path, tool: Tool) -> Self {
        let project = folder.parent().unwrap_or(folder);
        Self::Missing { folder: project.display().to_string(), tool: tool.name() }
    }

    pub(super) fn exists(folder: &Path, tool: Tool) -> Self {
        let folder = folder.display().to_string();
        Self::Exists(match tool {
            Tool::Testr => format!("[Errno 17] File exists: {}", repr(&folder)),
            Tool::Stestr => format!(
                "The specified repository directory {folder} already exists. Please check if the \
                 repository already exists or select a different path"
            ),
        })
    }

    pub(super) fn format(folder: &Path, found: &[u8]) -> Self {
        /// Enough to see what it is.
        const SHOWN: usize = 20;
        let found = found.get(..SHOWN).unwrap_or(found);
        let found = repr(&String::from_utf8_lossy(found));
        Self::Format { folder: folder.display().to_string(), found }
    }
}

impl From<RepositoryError> for io::Error {
    fn from(error: RepositoryError) -> Self {
        match error {
            RepositoryError::Io(error) => error,
            other => Self::other(other),
        }
    }
}
