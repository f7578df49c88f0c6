//! A repository as what is remembered of runs, to which a run is added.

use std::io::{self, Read};

use subunit_core::Status;

use super::{error::RepositoryError, folder::Repository, insert::Inserting, times};
use crate::memory::{Memory, Recording, Times, files, results::StatusIds};

impl Repository {
    /// Begins a run whose results are added to those of an earlier one, as `stestr run --combine` does.
    ///
    /// # Errors
    ///
    /// If there is no such run, or nothing can be written.
    pub fn begin_after(
        &mut self,
        number: u64,
        partial: bool,
    ) -> Result<Box<dyn Recording + '_>, RepositoryError> {
        Ok(Box::new(Inserting::after(self, number, partial)?))
    }
}

impl Memory for Repository {
    /// What cannot be read is a warning.
    fn times(&self) -> io::Result<Times> {
        let (times, error) = times::read(&self.path("times.dbm"));
        if let Some(error) = error {
            self.warn(format!("not all times of earlier runs are known: {error}"));
        }
        Ok(times)
    }

    fn failing(&self) -> io::Result<Vec<String>> {
        let Some(stream) = self.stream("failing")? else { return Ok(Vec::new()) };
        StatusIds::read(Status::Fail, stream).map_err(files::of(&self.path("failing")))
    }

    /// Listings are not kept.
    fn listing(&self) -> io::Result<Vec<String>> {
        Ok(Vec::new())
    }

    fn last(&self) -> io::Result<Option<Box<dyn Read>>> {
        match self.latest().and_then(|number| self.stored(number)) {
            Ok(run) => Ok(Some(run)),
            Err(RepositoryError::NoTests) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn failing_run(&self) -> io::Result<Option<Box<dyn Read>>> {
        self.stream("failing")
    }

    fn count(&self) -> io::Result<u64> {
        Ok(self.next_number()?)
    }

    fn run(&self, number: u64) -> io::Result<Option<Box<dyn Read>>> {
        self.stream(&number.to_string())
    }

    fn warnings(&mut self) -> Vec<String> {
        std::mem::take(self.warnings.get_mut())
    }

    /// Fails at once if the run could not be stored when it has ended.
    fn begin(&mut self, partial: bool) -> io::Result<Box<dyn Recording + '_>> {
        self.next_number()?;
        Ok(Box::new(Inserting::new(self, partial)?))
    }
}
