//! Stores a run: its results, the times, and what fails now.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use subunit_core::{Decoder, sink::Sink};
use tempfile::TempPath;

use super::{
    error::RepositoryError,
    folder::Repository,
    run_file::{Failing, RunFile, Stored},
    times,
    tool::Tool,
};
use crate::{
    memory::{Recording, dbm, files},
    schedule::without_tags,
};

/// A run that goes on. It is written to a file that takes its name at the end.
pub(super) struct Inserting<'a> {
    repository: &'a mut Repository,
    decoder: Decoder,
    run: RunFile,
    path: TempPath,
    partial: bool,
    /// The run that it becomes part of.
    after: Option<u64>,
}

impl<'a> Inserting<'a> {
    pub(super) fn new(repository: &'a mut Repository, partial: bool) -> io::Result<Self> {
        let file = files::unfinished(&repository.folder, files::UNFINISHED, "")?;
        let (file, path) = file.into_parts();
        let (decoder, run) = (Decoder::new(), RunFile::new(file));
        Ok(Self { repository, decoder, run, path, partial, after: None })
    }

    pub(super) fn after(
        repository: &'a mut Repository,
        number: u64,
        partial: bool,
    ) -> Result<Self, RepositoryError> {
        let path = repository.path(&number.to_string());
        let before = files::open(&path)?.ok_or(RepositoryError::NoSuchRun)?;
        let mut inserting = Self::new(repository, partial)?;
        inserting.run.read(before).map_err(files::of(&path))?;
        inserting.after = Some(number);
        Ok(inserting)
    }

    /// Takes what has come. An error of the output is kept until the run is closed.
    fn drain(&mut self) {
        while let Some(item) = self.decoder.next_item() {
            self.run.item(&item);
        }
    }
}

impl Recording for Inserting<'_> {
    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.decoder.feed(bytes);
        self.drain();
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<Option<String>> {
        self.decoder.finish();
        self.drain();
        let Self { repository, run, path, partial, after, .. } = *self;
        let (file, stored) = run.close().map_err(files::of(&path))?;
        let _held = files::hold(&repository.folder);
        let number = match repository.place(&path, after) {
            Ok(number) => number,
            Err(error) => {
                let path = path.keep().map_err(|error| error.error)?;
                let error = format!("{error}; the run is kept as {}", path.display());
                return Err(io::Error::other(error));
            }
        };
        // It has another name now.
        let _ = path.keep();
        if let Err(error) = repository.keep_times(&stored) {
            repository.warn(format!("the times of this run are not kept: {error}"));
        }
        repository.keep_failing(file, stored, partial)?;
        Ok(Some(number.to_string()))
    }
}

impl Repository {
    /// Gives a run its number and its name.
    fn place(&self, path: &Path, after: Option<u64>) -> io::Result<u64> {
        let number = match after {
            Some(number) => number,
            None => self.allocate()?,
        };
        let target = self.path(&number.to_string());
        fs::rename(path, &target).map_err(files::of(&target))?;
        Ok(number)
    }

    /// Takes the number of the next run. A run is never overwritten.
    fn allocate(&self) -> io::Result<u64> {
        let mut number = self.next_number()?;
        while fs::symlink_metadata(self.path(&number.to_string())).is_ok() {
            number += 1;
        }
        self.write_next(number + 1)?;
        Ok(number)
    }

    fn keep_times(&self, stored: &[Stored]) -> io::Result<()> {
        // stestr keeps times without the tags in ids.
        let key = |test_id: &str| match self.tool {
            Tool::Testr => test_id.as_bytes().to_vec(),
            Tool::Stestr => without_tags(test_id).as_bytes().to_vec(),
        };
        let pair = |test: &Stored| Some((key(&test.test_id), times::repr(test.time?).into_bytes()));
        let pairs: Vec<_> = stored.iter().filter_map(pair).collect();
        if pairs.is_empty() { Ok(()) } else { dbm::update(&self.path("times.dbm"), &pairs) }
    }

    /// Writes `failing` anew: what failed in this run and, after a partial run, what failed before and did
    /// not run.
    fn keep_failing(&self, run: File, stored: Vec<Stored>, partial: bool) -> io::Result<()> {
        let path = self.path("failing");
        let mut failing = Failing::default();
        if partial && let Some(before) = files::open(&path)? {
            let mut copy = RunFile::new(tempfile::tempfile()?);
            copy.read(before).map_err(files::of(&path))?;
            let (file, stored) = copy.close()?;
            failing.take(file, stored);
        }
        failing.take(run, stored);
        files::replace(&path, |output| failing.write(output))
    }
}
