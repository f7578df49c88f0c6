//! How a tool runs a suite: what is said of it, how many workers there are, where they run.

use std::{io, num::NonZeroUsize, thread::available_parallelism};

use subunit_mux::process::Signals;

use super::{
    commands::{WorkerCommand, divide},
    intake::Intake,
    listing::{ListError, list},
    pool::{Pool, PoolError},
    shell,
    workers::{self, RunEnd},
};
use crate::{
    config::{
        Concurrency, Suite,
        command::{self, ConcurrencyError},
        regex::GroupKey,
    },
    memory::Times,
    traditional::error::VerbError,
};

/// How a tool runs a suite.
#[derive(Debug)]
pub(in crate::traditional) struct SuiteRunner<'s> {
    suite: &'s Suite,
    arguments: &'s [String],
    group: Option<GroupKey>,
    /// Learns which commands are started.
    told: fn(&str),
    /// The id under which the time of a test is kept.
    key: fn(&str) -> String,
    instances: Pool,
    signals: Signals,
    /// How many workers run at the same time.
    pub(in crate::traditional) workers: usize,
}

impl<'s> SuiteRunner<'s> {
    /// A runner with one worker.
    ///
    /// # Errors
    ///
    /// If `group_regex` is none, or signals are not to be had.
    pub(in crate::traditional) fn new(
        suite: &'s Suite,
        arguments: &'s [String],
        told: fn(&str),
        key: fn(&str) -> String,
    ) -> Result<Self, VerbError> {
        let group = suite.group_regex.as_deref().map(GroupKey::new).transpose()?;
        let (instances, signals) = (Pool::default(), Signals::catch()?);
        Ok(Self { suite, arguments, group, told, key, instances, signals, workers: 1 })
    }

    /// All tests, in the order of the listing.
    ///
    /// # Errors
    ///
    /// If they cannot be listed.
    pub(in crate::traditional) fn list(&mut self) -> Result<Vec<String>, ListError> {
        let places = (&mut self.instances, self.workers);
        list(self.suite, self.arguments, places, &mut self.signals, &mut self.told)
    }

    /// How ids are divided over the workers.
    pub(in crate::traditional) fn divide(&self, ids: &[String], times: &Times) -> Vec<Vec<String>> {
        self.divide_over(ids, times, self.workers)
    }

    /// As [`SuiteRunner::divide`], over another number of workers.
    pub(in crate::traditional) fn divide_over(
        &self,
        ids: &[String],
        times: &Times,
        workers: usize,
    ) -> Vec<Vec<String>> {
        let time = |id: &str| times.get(&(self.key)(id)).copied();
        divide(ids, self.group.as_ref(), time, workers)
    }

    /// One command for each list of ids, or one for all tests, and says that they are started.
    ///
    /// # Errors
    ///
    /// If there is no instance for one of them.
    pub(in crate::traditional) fn commands(
        &mut self,
        lists: Vec<Option<Vec<String>>>,
    ) -> Result<Vec<WorkerCommand>, PoolError> {
        self.instances.release_all();
        let mut commands = Vec::new();
        for ids in lists {
            let (instances, signals) = (&mut self.instances, &mut self.signals);
            let mut told = self.told;
            let command =
                WorkerCommand::new(self.suite, self.arguments, ids, instances, signals, &mut told)?;
            (self.told)(&command.line);
            commands.push(command);
        }
        Ok(commands)
    }

    /// Ends all instances.
    ///
    /// # Errors
    ///
    /// If the command for that fails.
    pub(in crate::traditional) fn dispose(&mut self) -> Result<(), PoolError> {
        self.instances.dispose(self.suite, &mut self.told)
    }

    /// How many workers run: as asked, as the suite says, or as there are processors.
    ///
    /// # Errors
    ///
    /// If the suite's command fails or prints no number.
    pub(in crate::traditional) fn set_workers(&mut self, asked: i64) -> Result<(), VerbError> {
        let asked = usize::try_from(asked).ok().filter(|asked| *asked > 0);
        let said = match (asked, &self.suite.concurrency) {
            (Some(asked), _) => Some(asked),
            (None, Some(Concurrency::Workers(workers))) => Some(*workers),
            (None, Some(Concurrency::Command(line))) => self.callout(line)?,
            (None, None) => None,
        };
        self.workers = said.unwrap_or_else(|| available_parallelism().map_or(1, NonZeroUsize::get));
        Ok(())
    }

    fn callout(&mut self, line: &str) -> Result<Option<usize>, VerbError> {
        let (status, printed) = shell::capture(line, &mut self.signals)?;
        if !status.success() {
            return Err(ConcurrencyError::Failed(shell::code_of(status)).into());
        }
        Ok(command::concurrency(&printed)?)
    }

    /// Runs commands to their end. `by` is our name.
    ///
    /// # Errors
    ///
    /// If a shell cannot be started.
    pub(in crate::traditional) fn run(
        &mut self,
        commands: &[WorkerCommand],
        by: &'static str,
        intake: &mut Intake<'_>,
    ) -> io::Result<RunEnd> {
        workers::run(commands, by, &mut self.signals, intake)
    }
}
