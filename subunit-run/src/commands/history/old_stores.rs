//! The folders in which testr, stestr and inquest keep runs, as streams to load.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use subunit_filters::exit::Error;

use crate::memory::{Repository, Tool};

/// The runs of a folder, in the order in which they took place.
pub(super) struct OldRuns {
    folder: PathBuf,
    kind: Kind,
}

enum Kind {
    /// Of testr or stestr: the numbers of the runs.
    Repository(Repository, Vec<u64>),
    /// Of inquest: the files of each run.
    Inquest(Vec<Vec<PathBuf>>),
}

impl OldRuns {
    /// The runs that are kept in a folder.
    pub(super) fn open(folder: &Path) -> Result<Self, Error> {
        let named = |source| Error::File { name: folder.display().to_string(), source };
        let runs = folder.join("runs");
        let kind = if runs.is_dir() && folder.join("format").is_file() {
            Kind::Inquest(of_inquest(&runs).map_err(named)?)
        } else if folder.join("format").is_file() {
            let repository = Repository::open(folder, Tool::Stestr)
                .map_err(|error| Error::Usage(format!("{}: {error}", folder.display())))?;
            let numbers = repository.numbers().map_err(named)?;
            Kind::Repository(repository, numbers)
        } else {
            return Err(Error::Usage(format!(
                "{}: a folder, and not one in which testr, stestr or inquest keep runs: name a file",
                folder.display()
            )));
        };
        Ok(Self { folder: folder.to_owned(), kind })
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        match &self.kind {
            Kind::Repository(_, numbers) => numbers.len(),
            Kind::Inquest(files) => files.len(),
        }
    }

    /// The stream of one of them, by its place.
    pub(super) fn stream(&self, place: usize) -> Result<Box<dyn Read>, Error> {
        let named = |source| Error::File { name: self.folder.display().to_string(), source };
        match &self.kind {
            Kind::Repository(repository, numbers) => {
                let number = numbers.get(place).copied().unwrap_or_default();
                repository
                    .stored(number)
                    .map_err(|error| Error::Usage(format!("{}: {error}", self.folder.display())))
            }
            Kind::Inquest(files) => {
                let mut stream: Box<dyn Read> = Box::new(io::empty());
                for file in files.get(place).into_iter().flatten() {
                    stream = Box::new(stream.chain(File::open(file).map_err(named)?));
                }
                Ok(stream)
            }
        }
    }
}

/// The files of each run: `2`; or `2a` and `2b` of the workers of one that was not put together.
fn of_inquest(folder: &Path) -> io::Result<Vec<Vec<PathBuf>>> {
    let mut runs: BTreeMap<u64, Vec<PathBuf>> = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_default();
        let number = name.trim_end_matches(|c: char| c.is_ascii_lowercase());
        if let Ok(number) = number.parse() {
            runs.entry(number).or_default().push(path);
        }
    }
    for (number, files) in &mut runs {
        files.sort();
        let name = number.to_string();
        let is_whole = |file: &PathBuf| file.file_name().is_some_and(|file| *file == *name);
        if let Some(whole) = files.iter().find(|file| is_whole(file)).cloned() {
            *files = vec![whole];
        }
    }
    Ok(runs.into_values().collect())
}
