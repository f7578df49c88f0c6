//! Tests that run again whenever files change: those that fail, then those that belong to what changed, then
//! all.

use std::{os::fd::AsFd, path::Path, time::Instant};

use subunit_filters::{
    console::Console,
    exit::{Error, Exit},
    interrupts::Signal,
};
use subunit_mux::process::{PollFd, PollFlags, Signals, poll_until};

use crate::{
    commands::run::{
        args::{ChosenTests, Run},
        changes::Changes,
        configured::configured,
        files::{FileState, PACE},
        prepare::Runners,
    },
    supervise::Candidates,
};

impl Run {
    /// Runs at once and after each change, until ^C. The last verdict counts.
    pub(in crate::commands::run) fn run_at_changes(
        self,
        console: &mut Console<'_>,
    ) -> Result<Exit, Error> {
        let folder = Self::folder()?;
        let (mut exit, mut has_changed) = Self::run_until_change(&self, &folder, console)?;
        while console.interrupts.heard().is_none() {
            if has_changed {
                console.say("files changed: the run ended, and a new one begins")?;
                (exit, has_changed) = self.run_in_steps(exit, &folder, console)?;
                continue;
            }
            // What changes from now on is noticed, and who asks to end is heard.
            let failed = |source| Error::System { name: "signals".into(), source };
            let signals = Signals::catch().map_err(failed)?;
            let before = FileState::of(&folder);
            console.say("waiting until a file changes; ^C ends")?;
            console.flush()?;
            if let Some(signal) = wait_for_change(&folder, &before, signals)? {
                console.interrupts.raise(signal);
                break;
            }
            (exit, has_changed) = self.run_in_steps(exit, &folder, console)?;
        }
        Ok(exit)
    }

    /// One run. Whether files changed that Git tracks, so that it ended early.
    fn run_until_change(
        run: &Self,
        folder: &Path,
        console: &mut Console<'_>,
    ) -> Result<(Exit, bool), Error> {
        let (_, exit, has_changed) = Self::chosen_until_change(run, folder, console)?;
        Ok((exit, has_changed))
    }

    /// As [`Run::run_until_change`], with the run as it chose its tests.
    fn chosen_until_change(
        run: &Self,
        folder: &Path,
        console: &mut Console<'_>,
    ) -> Result<(Self, Exit, bool), Error> {
        let changes = Changes::watch(folder);
        let mut run = Self { changes: Some(changes.clone()), ..run.clone() };
        let exit = run.run_once(console)?;
        Ok((run, exit, changes.have_come()))
    }

    /// Whether it was to run what failed, and ran all tests, as what failed is no test.
    fn ran_all_as_failing(&self) -> bool {
        let is_all = |chosen: &ChosenTests| !matches!(chosen.tests, Candidates::These(_));
        self.select.failing && !self.tests.is_empty() && self.tests.iter().all(is_all)
    }

    /// Each step runs if all went well in the one before.
    fn run_in_steps(
        &self,
        last: Exit,
        folder: &Path,
        console: &mut Console<'_>,
    ) -> Result<(Exit, bool), Error> {
        let went_well = |exit| matches!(exit, Exit::Passed | Exit::NoTests);
        let mut steps = Vec::new();
        if !went_well(last) {
            let mut failing = self.clone();
            failing.select.failing = true;
            steps.push(("tests that failed", failing));
        }
        // Only a configuration has a command for that.
        let is_configured = Runners::of(self, folder).is_none();
        if is_configured && configured(self, folder)?.changed_tests.is_some() {
            let mut changed = self.clone();
            changed.select.changed_since = Some("HEAD".to_owned());
            steps.push(("tests that belong to what changed", changed));
        }
        steps.push(("all tests", self.clone()));
        let (mut exit, mut has_changed) = (Exit::NoTests, false);
        for (what, step) in steps {
            console.say(what)?;
            console.flush()?;
            let run;
            (run, exit, has_changed) = Self::chosen_until_change(&step, folder, console)?;
            let is_last = run.ran_all_as_failing();
            if is_last || has_changed || !went_well(exit) || console.interrupts.heard().is_some() {
                break;
            }
        }
        Ok((exit, has_changed))
    }
}

/// Waits until a file is not as it was, or for a signal, which is given back.
fn wait_for_change(
    folder: &Path,
    before: &FileState,
    mut signals: Signals,
) -> Result<Option<Signal>, Error> {
    loop {
        if let Some(signal) = pause(&mut signals)? {
            return Ok(Some(signal));
        }
        let now = FileState::of(folder);
        // What a signal has cut short says nothing about files.
        if let Some(signal) = heard(&mut signals) {
            return Ok(Some(signal));
        }
        if now != *before {
            return Ok(None);
        }
    }
}

/// Waits until it is time to look at the files again, or for a signal. The end of a process wakes us, and is none.
fn pause(signals: &mut Signals) -> Result<Option<Signal>, Error> {
    let until = Instant::now() + PACE;
    loop {
        let mut fds = [PollFd::from_borrowed_fd(signals.as_fd(), PollFlags::IN)];
        poll_until(&mut fds, Some(until)).map_err(Error::Wait)?;
        let signal = heard(signals);
        if signal.is_some() || Instant::now() >= until {
            return Ok(signal);
        }
    }
}

fn heard(signals: &mut Signals) -> Option<Signal> {
    match signals.take() {
        (false, false) => None,
        (_, true) => Some(Signal::Terminate),
        (true, false) => Some(Signal::Interrupt),
    }
}
