//! What all forms of a store have in common: pairs, sizes, files and errors.

use std::{
    fs::File,
    io::{self, ErrorKind, Read},
    path::{Path, PathBuf},
};

use crate::memory::files;

/// A key and its value.
pub(in crate::memory) type Pair = (Vec<u8>, Vec<u8>);

/// The longest key and the longest value that are read.
pub(super) const LONGEST: u64 = 1 << 20;

/// The largest file that is read.
const LARGEST: u64 = 256 << 20;

/// What is in a store: all that can be read, and what is wrong with it.
#[derive(Debug, Default)]
pub(in crate::memory) struct Contents {
    pub(in crate::memory) pairs: Vec<Pair>,
    /// The first error.
    pub(in crate::memory) error: Option<io::Error>,
}

impl Contents {
    pub(super) fn failed(error: io::Error) -> Self {
        Self { pairs: Vec::new(), error: Some(error) }
    }
}

/// The name of a store's file.
pub(super) fn with(base: &Path, ending: &str) -> PathBuf {
    let mut name = base.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// An error about what is in a file.
pub(super) fn damaged(path: &Path, what: impl std::fmt::Display) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, format!("{}: {what}", path.display()))
}

/// Reads a whole file, unless it is too large.
pub(super) fn read_whole(path: &Path) -> io::Result<Vec<u8>> {
    let file = File::open(path).map_err(files::of(path))?;
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(files::of(path))?;
    if bytes.len() as u64 > LARGEST {
        return Err(damaged(path, "larger than 256 MiB"));
    }
    Ok(bytes)
}
