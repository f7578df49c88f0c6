//! `testr run` and `testr list-tests`.

mod isolation;

use std::{
    io::{self, Write},
    path::Path,
};

use super::{
    Ended, FAILED,
    call::Call,
    load::{Look, Verdict, keep},
};
use crate::{
    config::{Suite, command, testr::Testr},
    memory::{Memory, Repository},
    traditional::{
        failure::Failure,
        work::{
            listing::ListError,
            runner::{SuiteRunner, count_workers},
            selection::{Filters, ids_of},
            workers,
        },
    },
};

/// `testr list-tests`.
pub(super) fn list_tests(call: &Call<'_>) -> Ended {
    let suite = Testr::read(&call.here)?.suite(&call.here, false)?;
    let mut runner = runner_of(call, &suite)?;
    let listed = list(&mut runner, filters_of(call));
    let disposed = runner.dispose();
    let mut out = io::stdout();
    listed?.iter().try_for_each(|id| writeln!(out, "{id}"))?;
    disposed?;
    Ok(0)
}

/// `testr run`.
pub(super) fn run(call: &Call<'_>) -> Ended {
    let repository = call.open_or_init()?;
    let chosen = chosen(call, &repository)?;
    let asked = call.given.number("concurrency").unwrap_or_default();
    let is_parallel = call.has("parallel");
    let suite = Testr::read(&call.here)?.suite(&call.here, is_parallel && asked <= 0)?;
    let mut runner = runner_of(call, &suite)?;
    if is_parallel {
        runner.workers = count_workers(asked, &suite)?;
    }
    let look = Look::of(call)?;
    let mut run = Run { call, suite: &suite, runner, repository, look };
    let ended = run.all(chosen);
    // Instances are ended whatever has happened; of two failures the first counts.
    let disposed = run.runner.dispose();
    let status = ended?;
    disposed?;
    Ok(status)
}

fn runner_of<'s>(call: &'s Call<'_>, suite: &'s Suite) -> Result<SuiteRunner<'s>, Failure> {
    Ok(SuiteRunner::new(suite, &call.arguments, say_running, str::to_owned)?)
}

/// Says which command is started. A stream has it as text. If nobody reads it, that shows elsewhere.
fn say_running(line: &str) {
    let mut out = io::stdout();
    let _ = writeln!(out, "running={line}").and_then(|()| out.flush());
}

/// The filters, if there are any.
fn filters_of(call: &Call<'_>) -> Result<Option<Filters>, Failure> {
    let patterns = &call.given.arguments;
    let filters = Filters::new(patterns)?;
    Ok(Some(filters).filter(|_| !patterns.is_empty()))
}

/// All tests that the filters let through. A listing that fails shows why.
fn list(
    runner: &mut SuiteRunner<'_>,
    filters: Result<Option<Filters>, Failure>,
) -> Result<Vec<String>, Failure> {
    let ids = runner.list().inspect_err(|error| {
        if let ListError::Failed { shown, .. } = error {
            // The failure itself comes after it.
            let _ = io::stdout().write_all(shown);
        }
    })?;
    Ok(filtered(ids, filters?.as_ref()))
}

fn filtered(ids: Vec<String>, filters: Option<&Filters>) -> Vec<String> {
    match filters {
        None => ids,
        Some(filters) => ids.into_iter().filter(|id| filters.find_in(id)).collect(),
    }
}

/// The tests that the options name: those that failed, those of a list, or what is in both.
fn chosen(call: &Call<'_>, repository: &Repository) -> Result<Option<Vec<String>>, Failure> {
    let only_failing = call.has("failing") || call.has("analyze-isolation");
    let failing = if only_failing { Some(repository.failing()?) } else { None };
    let Some(path) = call.given.text("load-list").map(Path::new) else { return Ok(failing) };
    let bytes = std::fs::read(path).map_err(|error| Failure::file(path, &error))?;
    let listed = ids_of(&String::from_utf8_lossy(&bytes));
    Ok(Some(match failing {
        None => listed,
        Some(failing) => failing.into_iter().filter(|id| listed.contains(id)).collect(),
    }))
}

/// The runs of one call.
struct Run<'c> {
    call: &'c Call<'c>,
    suite: &'c Suite,
    runner: SuiteRunner<'c>,
    repository: Repository,
    look: Look,
}

impl Run<'_> {
    fn all(&mut self, chosen: Option<Vec<String>>) -> Ended {
        if self.call.has("analyze-isolation") {
            return self.analyze(&chosen.unwrap_or_default());
        }
        if self.call.has("isolated") {
            return self.isolated(chosen);
        }
        let some_named = chosen.is_some();
        let ids = self.ids(chosen, filters_of(self.call)?)?;
        let is_empty = ids.as_ref().is_some_and(Vec::is_empty);
        let selects = !self.call.given.arguments.is_empty() || self.call.has("load-list");
        if is_empty && selects {
            let what = if some_named { "There is no test to run" } else { "No test matches" };
            return Err(Failure::new(what));
        }
        Ok(self.repeat(ids.as_deref())?.status)
    }

    /// Each test by itself. One that a filter leaves out makes a run without tests.
    fn isolated(&mut self, chosen: Option<Vec<String>>) -> Ended {
        self.ids(chosen, filters_of(self.call)?)?;
        let ids = list(&mut self.runner, Ok(None))?;
        let mut worst = 0;
        for id in ids {
            let ids = self.ids(Some(vec![id]), filters_of(self.call)?)?;
            worst = self.repeat(ids.as_deref())?.status.max(worst);
        }
        Ok(worst)
    }

    /// The ids to hand over; none if the command runs all that it knows. Lists if ids are needed: to filter
    /// them, or to divide them.
    fn ids(
        &mut self,
        chosen: Option<Vec<String>>,
        filters: Option<Filters>,
    ) -> Result<Option<Vec<String>>, Failure> {
        let needs_ids = self.runner.workers > 1 || filters.is_some();
        let ids = match chosen {
            None if needs_ids => Some(list(&mut self.runner, Ok(filters))?),
            None => command::default_ids(self.suite),
            Some(ids) => Some(filtered(ids, filters.as_ref())),
        };
        command::check_ids(ids.as_deref().unwrap_or_default())?;
        Ok(ids)
    }

    /// One run; with `--until-failure` one after the other, until one fails.
    fn repeat(&mut self, ids: Option<&[String]>) -> Result<Verdict, Failure> {
        let until_failure = self.call.has("until-failure");
        loop {
            let verdict = self.once(ids)?;
            if !until_failure {
                return Ok(verdict);
            }
            if !verdict.passed || verdict.status != 0 {
                return Ok(Verdict { status: verdict.status.max(FAILED), ..verdict });
            }
        }
    }

    fn once(&mut self, ids: Option<&[String]>) -> Result<Verdict, Failure> {
        let lists = match ids {
            None => vec![None],
            Some([]) => Vec::new(),
            Some(ids) if self.runner.workers == 1 => vec![Some(ids.to_vec())],
            Some(ids) => {
                let times = self.repository.times()?;
                self.runner.divide(ids, &times).into_iter().map(Some).collect()
            }
        };
        let shares = self.runner.shares(lists)?;
        let implied = ["failing", "analyze-isolation", "isolated", "partial"];
        let partial = implied.iter().any(|option| self.call.has(option));
        keep(&mut self.repository, partial, &self.look, None, |intake| {
            Ok(workers::run(&shares, "testr", intake)?)
        })
    }
}
