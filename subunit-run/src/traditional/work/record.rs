//! Runs that are kept in a repository, and read from it.

use std::{
    io::{self, Read},
    path::Path,
};

use subunit_core::{
    Damage, Event,
    conventions::is_aside,
    sink::{Flow, Sink},
};

use super::intake::{Intake, Shows};
use crate::{
    memory::{Memory, Recording, Repository},
    traditional::{error::VerbError, show::tally::RunTally},
};

/// Where a run goes.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::traditional) struct RunPlace {
    /// Failures of tests that do not run stay.
    pub(in crate::traditional) partial: bool,
    /// It is added to the results of this run.
    pub(in crate::traditional) after: Option<u64>,
}

impl RunPlace {
    /// Opens the place.
    pub(in crate::traditional) fn begin<'r>(
        self,
        repository: &'r mut Repository,
    ) -> io::Result<Box<dyn Recording + 'r>> {
        match self.after {
            Some(number) => Ok(repository.begin_after(number, self.partial)?),
            None => repository.begin(self.partial),
        }
    }
}

/// What was counted in the last run, to compare with.
pub(in crate::traditional) fn last_tally(repository: &Repository) -> io::Result<Option<RunTally>> {
    match repository.last() {
        Ok(run) => run.map(tally_of).transpose(),
        // The last run was removed.
        Err(_) => Ok(None),
    }
}

/// What was counted in a run.
pub(in crate::traditional) fn tally_of(run: impl Read) -> io::Result<RunTally> {
    let mut tally = RunTally::default();
    subunit_core::read(run, &mut tally)?;
    Ok(tally)
}

/// Reads streams into one run. Damage is returned, one line for each place.
pub(in crate::traditional) fn read_files(
    files: &[impl AsRef<Path>],
    intake: &mut Intake<'_>,
) -> Result<Vec<String>, VerbError> {
    let mut damage = Vec::new();
    for (number, path) in files.iter().map(AsRef::as_ref).enumerate() {
        let file = std::fs::File::open(path).map_err(|error| VerbError::file(path, &error))?;
        let name = path.display().to_string();
        let mut loaded = Loaded { intake, number, name: &name, damage: &mut damage };
        subunit_core::read(file, &mut loaded).map_err(|error| VerbError::file(path, &error))?;
    }
    Ok(damage)
}

/// Reads standard input into a run. Damage is returned, one line for each place.
pub(in crate::traditional) fn read_stdin(intake: &mut Intake<'_>) -> io::Result<Vec<String>> {
    read_stream(io::stdin(), "standard input", intake)
}

/// Reads a stream of this name into a run. Damage is returned, one line for each place.
pub(super) fn read_stream(
    stream: impl Read,
    name: &str,
    intake: &mut Intake<'_>,
) -> io::Result<Vec<String>> {
    let mut damage = Vec::new();
    let mut loaded = Loaded { intake, number: 0, name, damage: &mut damage };
    subunit_core::read(stream, &mut loaded)?;
    Ok(damage)
}

/// One of the streams that become a run.
struct Loaded<'l, 'a> {
    intake: &'l mut Intake<'a>,
    number: usize,
    name: &'l str,
    damage: &'l mut Vec<String>,
}

impl Sink for Loaded<'_, '_> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        if !is_aside(event) {
            self.intake.event(self.number, event);
        }
        Flow::Continue
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        self.intake.text(self.number, bytes);
        Flow::Continue
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.damage.push(format!("{}: {damage}", self.name));
        Flow::Continue
    }
}

/// Takes a run: `feed` brings its events. They are shown, and kept once the recording is finished.
pub(in crate::traditional) fn take<'r, T>(
    repository: &'r mut Repository,
    place: RunPlace,
    shown: &mut dyn Shows,
    feed: impl FnOnce(&mut Intake<'_>) -> Result<T, VerbError>,
) -> Result<(T, Box<dyn Recording + 'r>), VerbError> {
    let mut recording = place.begin(repository)?;
    let mut intake = Intake::new(&mut *recording, shown);
    let fed = feed(&mut intake)?;
    intake.finish()?;
    Ok((fed, recording))
}
