//! `stestr run`.

mod isolation;
mod one_test;

use std::{
    io::{self, Write},
    path::Path,
};

use super::{
    Ended, FAILED, USAGE,
    call::{Call, python},
    keep::{Out, Verdict, keep},
    list::listed,
    look::{show_slowest, time_key},
    select::Selection,
    style::{Look, Settings},
    worker_file,
};
use crate::{
    config::{
        command,
        stestr::{self, Stestr},
    },
    memory::{Memory, Repository, RepositoryError},
    traditional::{
        failure::Failure,
        work::{
            runner::{SuiteRunner, count_workers},
            selection::ids_of,
            slowest::SHOWN,
            workers,
        },
    },
};

/// `stestr run`.
pub(super) fn run(call: &Call) -> Ended {
    let settings = Settings::new(call, "run")?;
    let look = settings.look()?;
    let concurrency = settings.concurrency();
    if concurrency < 0 {
        let what = format!(
            "The provided concurrency value: {concurrency} is not valid. An integer >= 0 must be used."
        );
        return said(call, &format!("{what}\n"), USAGE);
    }
    let status = in_repository(call, look, concurrency)?;
    if settings.has("slowest") {
        show_slowest(call, SHOWN)?;
    }
    Ok(status)
}

/// Says why nothing runs, where the results would be.
fn said(call: &Call, what: &str, status: u8) -> Ended {
    Out::new(call.has("quiet")).write_all(what.as_bytes())?;
    Ok(status)
}

fn in_repository(call: &Call, look: Look, concurrency: i64) -> Ended {
    let (here, options) = (Path::new("."), call.options());
    let read = || Stestr::read(here, options.config.as_deref()).map_err(Failure::new);
    let repository = match call.open() {
        Err(RepositoryError::Missing { .. }) => {
            if options.test_path.is_none() && !read()?.has_test_path() {
                return said(call, stestr::NOTHING_FOUND, FAILED);
            }
            call.init()?
        }
        opened => opened?,
    };
    let after = if call.has("combine") { Some(repository.latest()?) } else { None };
    if ["no-discover", "pdb"].iter().any(|option| call.has(option)) {
        return one_test::run(call, repository, after, look);
    }
    let chosen = chosen(call, &repository)?;
    let suite = read()?.suite(here, &options, &python()).map_err(Failure::new)?;
    let mut runner = SuiteRunner::new(&suite, &[], |_| {}, time_key)?;
    if !call.has("serial") {
        runner.workers = count_workers(concurrency, &suite)?;
    }
    Run { call, runner, repository, after, look }.all(chosen)
}

/// The tests that the options name: those that failed, those of a list, or what is in both.
fn chosen(call: &Call, repository: &Repository) -> Result<Option<Vec<String>>, Failure> {
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
    call: &'c Call,
    runner: SuiteRunner<'c>,
    repository: Repository,
    /// The run to which results are added.
    after: Option<u64>,
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
        let ids = self.ids(chosen)?;
        Ok(self.repeat(ids.as_deref(), self.look)?.status)
    }

    /// Each test by itself.
    fn isolated(&mut self, chosen: Option<Vec<String>>) -> Ended {
        let all = match chosen {
            Some(ids) => ids,
            None => listed(&mut self.runner)?,
        };
        let mut worst = 0;
        for id in Selection::of(self.call)?.of_ids(all) {
            worst = self.repeat(Some(&[id]), self.look)?.status.max(worst);
        }
        Ok(worst)
    }

    /// The ids to hand over; none if the command runs all that it knows. Lists if ids are needed: to select
    /// them, or to divide them.
    fn ids(&mut self, chosen: Option<Vec<String>>) -> Result<Option<Vec<String>>, Failure> {
        let selects = Selection::is_asked_for(self.call);
        let needs_ids = self.runner.workers > 1 || selects || self.call.has("worker-file");
        let ids = match chosen {
            Some(ids) => ids,
            None if needs_ids => listed(&mut self.runner)?,
            None => return Ok(None),
        };
        let ids = Selection::of(self.call)?.of_ids(ids);
        command::check_ids(&ids)?;
        Ok(Some(ids))
    }

    /// One run; with `--until-failure` one after the other, until one fails.
    fn repeat(&mut self, ids: Option<&[String]>, look: Look) -> Result<Verdict, Failure> {
        let until_failure = self.call.has("until-failure");
        loop {
            let verdict = self.once(ids, look)?;
            if !until_failure {
                return Ok(verdict);
            }
            if !verdict.passed || verdict.status != 0 {
                return Ok(Verdict { status: verdict.status.max(FAILED), ..verdict });
            }
        }
    }

    fn once(&mut self, ids: Option<&[String]>, look: Look) -> Result<Verdict, Failure> {
        let lists = self.lists(ids)?;
        if lists.is_empty() {
            let what = "The specified regex doesn't match with anything";
            let status = said(self.call, what, FAILED)?;
            io::stdout().flush()?;
            return Ok(Verdict { passed: false, status });
        }
        let shares = self.runner.shares(lists)?;
        keep(&mut self.repository, self.after, (look, self.call.has("quiet")), |intake| {
            Ok(workers::run(&shares, "stestr", intake)?)
        })
    }

    /// The ids of each worker.
    fn lists(&self, ids: Option<&[String]>) -> Result<Vec<Option<Vec<String>>>, Failure> {
        let Some(ids) = ids else { return Ok(vec![None]) };
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        if self.runner.workers == 1 {
            return Ok(vec![Some(ids.to_vec())]);
        }
        let times = self.repository.times()?;
        let Some(path) = self.call.given.text("worker-file") else {
            return Ok(self.runner.divide(ids, &times).into_iter().map(Some).collect());
        };
        let mut lists = Vec::new();
        for entry in worker_file::read(Path::new(path))? {
            let mine: Vec<_> = ids.iter().filter(|id| entry.filters.find_in(id)).cloned().collect();
            let divided = self.runner.divide_over(&mine, &times, entry.workers);
            lists.extend(divided.into_iter().map(Some));
        }
        Ok(lists)
    }
}
