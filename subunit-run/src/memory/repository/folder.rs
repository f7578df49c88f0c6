//! The folder of a repository: its format, the numbers of its runs, and the runs.

use std::{
    cell::RefCell,
    fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use super::{error::RepositoryError, stored_run::StoredRun, tool::Tool};
use crate::memory::{dbm, files};

/// A repository of testr or stestr.
///
/// A run is stored when it has ended. Version 1 has no place for text and files of no test, for route codes
/// and for what cannot be run by itself. A test that never ended is a failure; a newline in an id is `\n`.
#[derive(Debug)]
pub struct Repository {
    pub(super) folder: PathBuf,
    pub(super) tool: Tool,
    pub(super) warnings: RefCell<Vec<String>>,
}

const FORMAT: &str = "1\n";

impl Repository {
    /// Opens the repository in `folder`, whose name is that of [`Tool::folder`], usually.
    ///
    /// # Errors
    ///
    /// If there is none, if its format is not known, or if it cannot be read.
    pub fn open(folder: &Path, tool: Tool) -> Result<Self, RepositoryError> {
        let path = folder.join("format");
        let format = match fs::read(&path) {
            Ok(format) => format,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(RepositoryError::missing(folder, tool));
            }
            Err(error) => return Err(files::of(&path)(error).into()),
        };
        if format != FORMAT.as_bytes() {
            return Err(RepositoryError::format(folder, &format));
        }
        Ok(Self::at(folder, tool))
    }

    /// Makes a repository.
    ///
    /// # Errors
    ///
    /// If `folder` exists, or cannot be made.
    pub fn init(folder: &Path, tool: Tool) -> Result<Self, RepositoryError> {
        let is_empty = || fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none());
        match fs::create_dir(folder) {
            Ok(()) => {}
            // stestr takes an empty folder.
            Err(error)
                if error.kind() == io::ErrorKind::AlreadyExists
                    && tool == Tool::Stestr
                    && is_empty() => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(RepositoryError::exists(folder, tool));
            }
            Err(error) => return Err(files::of(folder)(error).into()),
        }
        let repository = Self::at(folder, tool);
        files::replace(&repository.path("format"), |output| output.write_all(FORMAT.as_bytes()))?;
        repository.write_next(0)?;
        Ok(repository)
    }

    fn at(folder: &Path, tool: Tool) -> Self {
        Self { folder: folder.to_owned(), tool, warnings: RefCell::default() }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(super) fn warn(&self, warning: String) {
        self.warnings.borrow_mut().push(warning);
    }

    /// The number of the next run, which is how many there were.
    ///
    /// # Errors
    ///
    /// If `next-stream` cannot be read, or holds no number.
    pub fn next_number(&self) -> Result<u64, RepositoryError> {
        let path = self.path("next-stream");
        let content = fs::read(&path).map_err(files::of(&path))?;
        let text = String::from_utf8_lossy(&content);
        let number = text.trim().parse().ok().filter(|number| *number < u64::MAX);
        number.ok_or_else(|| RepositoryError::CorruptNext(dbm::repr(&text)))
    }

    /// The number of the last run.
    ///
    /// # Errors
    ///
    /// As [`Repository::next_number`]; if there was no run.
    pub fn latest(&self) -> Result<u64, RepositoryError> {
        self.next_number()?.checked_sub(1).ok_or(RepositoryError::NoTests)
    }

    /// The numbers of the runs that are there, which may have gaps.
    ///
    /// # Errors
    ///
    /// If the folder cannot be read.
    pub fn numbers(&self) -> io::Result<Vec<u64>> {
        let mut numbers = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(files::of(&self.folder))? {
            let name = entry.map_err(files::of(&self.folder))?.file_name();
            let number = name.to_str().and_then(|name| name.parse().ok());
            numbers
                .extend(number.filter(|number: &u64| number.to_string() == name.to_string_lossy()));
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// Removes a run. Its number is not used again, and what it said of times and failures stays.
    ///
    /// # Errors
    ///
    /// If there is no such run, or it cannot be removed.
    pub fn remove(&self, number: u64) -> Result<(), RepositoryError> {
        let path = self.path(&number.to_string());
        if !path.exists() {
            return Err(RepositoryError::NoSuchRun);
        }
        Ok(files::remove(&path)?)
    }

    /// The run of this number, as a stream of packets.
    ///
    /// # Errors
    ///
    /// If there is no such run, or it cannot be read.
    pub fn stored(&self, number: u64) -> Result<Box<dyn Read>, RepositoryError> {
        self.stream(&number.to_string())?.ok_or(RepositoryError::NoSuchRun)
    }

    /// What stestr has noted about a run.
    pub fn note(&self, number: u64) -> Option<String> {
        let contents = dbm::read(&self.path("meta.dbm"));
        if let Some(error) = contents.error {
            self.warn(error.to_string());
        }
        let key = number.to_string();
        let (_, note) = contents.pairs.into_iter().find(|(other, _)| other == key.as_bytes())?;
        Some(String::from_utf8_lossy(&note).into_owned())
    }

    pub(super) fn stream(&self, name: &str) -> io::Result<Option<Box<dyn Read>>> {
        let file = files::open(&self.path(name))?;
        Ok(file.map(|file| Box::new(StoredRun::new(file)) as Box<dyn Read>))
    }

    pub(super) fn write_next(&self, number: u64) -> io::Result<()> {
        files::replace(&self.path("next-stream"), |output| writeln!(output, "{number}"))
    }
}
