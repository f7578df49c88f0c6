//! How a tool runs a suite: what is said of it, how many workers there are, where they run.

use std::{num::NonZeroUsize, thread::available_parallelism};

use super::{
    commands::{WorkerCommand, divide},
    listing::{ListError, list},
    pool::{Pool, PoolError},
    shell,
};
use crate::{
    config::{
        Concurrency, Suite,
        command::{self, ConcurrencyError},
        regex::{BadRegex, GroupKey},
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
    /// How many workers run at the same time.
    pub(in crate::traditional) workers: usize,
}

impl<'s> SuiteRunner<'s> {
    /// A runner with one worker.
    ///
    /// # Errors
    ///
    /// If `group_regex` is none.
    pub(in crate::traditional) fn new(
        suite: &'s Suite,
        arguments: &'s [String],
        told: fn(&str),
        key: fn(&str) -> String,
    ) -> Result<Self, BadRegex> {
        let group = suite.group_regex.as_deref().map(GroupKey::new).transpose()?;
        let instances = Pool::default();
        Ok(Self { suite, arguments, group, told, key, instances, workers: 1 })
    }

    /// All tests, in the order of the listing.
    ///
    /// # Errors
    ///
    /// If they cannot be listed.
    pub(in crate::traditional) fn list(&mut self) -> Result<Vec<String>, ListError> {
        let places = (&mut self.instances, self.workers);
        list(self.suite, self.arguments, places, &mut self.told)
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
            let (instances, mut told) = (&mut self.instances, self.told);
            let command =
                WorkerCommand::new(self.suite, self.arguments, ids, instances, &mut told)?;
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
}

/// How many workers there are: as asked, as the suite says, or as there are processors.
///
/// # Errors
///
/// If the suite's command fails or prints no number.
pub(in crate::traditional) fn count_workers(asked: i64, suite: &Suite) -> Result<usize, VerbError> {
    if let Some(asked) = usize::try_from(asked).ok().filter(|asked| *asked > 0) {
        return Ok(asked);
    }
    let said = match &suite.concurrency {
        Some(Concurrency::Workers(workers)) => Some(*workers),
        Some(Concurrency::Command(line)) => callout(line)?,
        None => None,
    };
    Ok(said.unwrap_or_else(|| available_parallelism().map_or(1, NonZeroUsize::get)))
}

fn callout(line: &str) -> Result<Option<usize>, VerbError> {
    let output = shell::capture(line)?;
    if !output.status.success() {
        return Err(ConcurrencyError::Failed(shell::code_of(output.status)).into());
    }
    Ok(command::concurrency(&output.stdout)?)
}
