//! Runs that go on: which there are, and their streams as far as they have come.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use crate::{
    Error,
    files::is_locked,
    folder::{ABOUT, HistoryFolder, PART},
    writer::About,
};

/// A run that is being written.
#[derive(Clone, Debug)]
pub struct LiveRun {
    /// The name of its file. When it has ended it may get the name that its stream says.
    pub uuid: String,
    /// The series that its writer named.
    pub series: Option<String>,
    /// When it began to come, in microseconds since 1970.
    pub begun: i64,
    path: PathBuf,
}

impl LiveRun {
    /// The runs that are being written to the history in a folder.
    ///
    /// # Errors
    ///
    /// If the folder cannot be read.
    pub fn all(root: &Path) -> Result<Vec<Self>, Error> {
        let folder = HistoryFolder::new(root);
        let mut runs = Vec::new();
        for uuid in folder.uuids(PART)? {
            let path = folder.of(&uuid, PART);
            // What is not locked was left by a writer that was killed; what is gone has ended since.
            if !File::open(&path).is_ok_and(|file| is_locked(&file)) {
                continue;
            }
            let about = fs::read(folder.of(&uuid, ABOUT)).unwrap_or_default();
            let about: Option<About> = serde_json::from_slice(&about).ok();
            let begun = about.as_ref().map_or(0, |about| about.begun);
            let series = about.and_then(|about| about.new.series);
            runs.push(Self { uuid, series, begun, path });
        }
        Ok(runs)
    }

    /// Opens its stream.
    ///
    /// # Errors
    ///
    /// If it cannot be read; if the run has ended meanwhile, its file is not there.
    pub fn stream(&self) -> Result<LiveStream, Error> {
        let file = File::open(&self.path).map_err(Error::file(&self.path))?;
        Ok(LiveStream { file, path: self.path.clone() })
    }
}

/// The stream of a run that is being written. At its end, more may come.
#[derive(Debug)]
pub struct LiveStream {
    file: File,
    path: PathBuf,
}

impl LiveStream {
    /// Reads on; 0 if nothing more has come.
    ///
    /// # Errors
    ///
    /// Those of the file.
    pub fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.file.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return read,
            }
        }
    }

    /// Whether nobody writes it any more. Ask before you read the rest, so that nothing is missed.
    pub fn is_over(&self) -> bool {
        self.is_kept() || !is_locked(&self.file)
    }

    /// Whether the run has ended and is kept: its file has another name, and the index knows it.
    pub fn is_kept(&self) -> bool {
        !self.path.exists()
    }
}
