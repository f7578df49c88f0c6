//! What can go wrong with a history.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::sql::{SqlError, SqlErrorKind};

/// Why something could not be done with a history. One line, which names the thing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or a folder could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The stream of a run could not be read.
    #[error("the stream of a run: {0}")]
    Stream(io::Error),
    /// Runs were to be moved to where they are.
    #[error("{} is the history that the runs are in", path.display())]
    SameHistory {
        /// Its folder.
        path: PathBuf,
    },
    /// The index could not be read or written.
    #[error("{}: {source}", path.display())]
    Index {
        /// Its file, or the address of its database.
        path: PathBuf,
        /// What the database says.
        source: SqlError,
    },
    /// The run files are needed, and the address of the history does not say where they are.
    #[error("{history}: this needs the run files: add `&files=FOLDER` to the address")]
    NoFiles {
        /// The address of the history.
        history: String,
    },
    /// A history is in a database, and this program knows none.
    #[error(
        "{address}: histories in a database need the program subunit-server, beside this one or in PATH"
    )]
    NoEngine {
        /// The address of the history, without its password.
        address: String,
    },
    /// The address of a history in a database is none.
    #[error("{address}: {what}")]
    Address {
        /// The address, without its password.
        address: String,
        /// What is wrong with it, and what to write.
        what: String,
    },
    /// A newer program has written the index.
    #[error(
        "{}: the history is of version {found}, and this program knows version {known}: use the program that \
         wrote it, or a newer one",
        path.display()
    )]
    Newer {
        /// The index.
        path: PathBuf,
        /// The version that it says.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// An older program has written the index, and what is asked for is not in it.
    #[error(
        "{}: the history is of version {found}, and this needs version {needed}: `subunit load`, or `subunit history \
         reindex`, brings it up to date",
        path.display()
    )]
    Older {
        /// The index.
        path: PathBuf,
        /// The version that it says.
        found: i64,
        /// The version that has what is asked for.
        needed: i64,
    },
    /// A newer program has written a run file.
    #[error(
        "{}: the run file is of format {found}, and this program knows format {known}: use a newer program",
        path.display()
    )]
    NewerRunFile {
        /// The run file.
        path: PathBuf,
        /// The format that it says.
        found: u64,
        /// The newest format that this program knows.
        known: u64,
    },
    /// What was asked for could not be written.
    #[error("{0}")]
    Output(io::Error),
    /// A run file is not what it should be.
    #[error("{}: {what}", path.display())]
    RunArchive {
        /// The run file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
}

impl Error {
    /// About a file or a folder.
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }

    /// Whether the database of the history has gone away, or cannot be reached: the same question may be answered later.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        matches!(self, Self::Index { source, .. } if source.kind() == SqlErrorKind::Gone)
    }

    /// Whether the index is no database, or a damaged one, so that it has to be made anew.
    pub(crate) fn is_damage(&self) -> bool {
        matches!(self, Self::Index { source, .. } if source.kind() == SqlErrorKind::Damage)
    }
}
