//! Temporary files, whose errors name the folder they were to be in.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    path::PathBuf,
};

use tempfile::SpooledTempFile;

/// Why there is no temporary file, or not enough room for it.
#[derive(Debug, thiserror::Error)]
#[error("temporary file in {}: {source}; TMPDIR names another folder", folder.display())]
pub struct Failed {
    folder: PathBuf,
    source: io::Error,
}

impl Failed {
    /// The error with the folder in it.
    pub fn of(source: io::Error) -> io::Error {
        io::Error::new(source.kind(), Self { folder: std::env::temp_dir(), source })
    }

    /// Whether an error is about a temporary file, so that nobody calls it one of the output.
    pub fn is(error: &io::Error) -> bool {
        error.get_ref().is_some_and(|inner| inner.is::<Self>())
    }
}

/// A file without a name.
///
/// # Errors
///
/// If there can be none; they name the folder.
pub fn file() -> io::Result<File> {
    tempfile::tempfile().map_err(Failed::of)
}

/// What waits for the end of a stream: in memory while it is small, else in a file without a name.
#[derive(Debug)]
pub struct Spool(SpooledTempFile);

impl Spool {
    /// With at most this many bytes in memory.
    pub fn new(memory: usize) -> Self {
        Self(SpooledTempFile::new(memory))
    }
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(Failed::of)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(Failed::of)
    }
}

impl Read for Spool {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Seek for Spool {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}
