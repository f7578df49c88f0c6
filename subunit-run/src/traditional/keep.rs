//! Runs are kept in a repository and shown, while they go on.

use std::io::Write;

use super::{
    error::VerbError,
    exit::RunVerdict,
    show::view::{RunLook, RunView},
    work::{
        intake::Intake,
        record::{RunPlace, last_tally, take},
        workers::RunEnd,
    },
};
use crate::memory::{Memory, Repository};

/// How a run is kept and shown.
#[derive(Clone, Debug)]
pub(super) struct Keeping {
    /// Where it goes.
    pub(super) place: RunPlace,
    /// What it looks like.
    pub(super) look: RunLook,
    /// Whether a test that passed although it should fail is a failure.
    pub(super) strict: bool,
    /// Whether a run is not kept whose command cannot be started.
    pub(super) needs_start: bool,
    /// What is said instead of keeping a run without tests; if nothing, it is kept.
    pub(super) said_of_none: Option<&'static str>,
}

impl Keeping {
    /// As stestr does: an unexpected success fails, and every run is kept, after an earlier one if that is
    /// asked for.
    pub(super) fn of_stestr(look: RunLook, after: Option<u64>) -> Self {
        let place = RunPlace { partial: false, after };
        Self { place, look, strict: true, needs_start: false, said_of_none: None }
    }

    /// Takes a run from `feed`, keeps it and shows it in `out`.
    ///
    /// # Errors
    ///
    /// If it cannot be taken, kept or shown, or is not to be kept; after an interrupt, if all that was done.
    pub(super) fn keep(
        &self,
        repository: &mut Repository,
        out: impl Write + std::fmt::Debug,
        feed: impl FnOnce(&mut Intake<'_>) -> Result<RunEnd, VerbError>,
    ) -> Result<RunVerdict, VerbError> {
        let before = last_tally(repository)?;
        let mut view = RunView::new(&self.look, self.strict, out);
        let (end, recording) = take(repository, self.place, &mut view, feed)?;
        if let Some(how) = end.not_started.filter(|_| self.needs_start) {
            return Err(VerbError::new(format!("The test command cannot be started: {how}")));
        }
        end.complaints.iter().for_each(|complaint| eprintln!("{complaint}"));
        let is_well = end.complaints.is_empty() && !end.interrupted;
        if let Some(said) = self.said_of_none.filter(|_| is_well && view.is_empty()) {
            return Err(VerbError::with_status(said, super::exit::FAILED));
        }
        let number = recording.finish()?.unwrap_or_default();
        repository.warnings().iter().for_each(|warning| eprintln!("{warning}"));
        let passed = view.conclude(is_well, before.as_ref(), &number)?;
        let tells = !matches!(self.look, RunLook::Stream);
        if end.interrupted {
            return Err(VerbError::interrupted());
        }
        Ok(RunVerdict::new(passed, tells))
    }
}
