//! `stestr run`.

mod one_test;

use std::{io, path::Path};

use super::{
    call::StestrCall,
    exit::{FAILED, FOUND, USAGE},
    list::listed,
    look::{show_slowest, time_key},
    output::RunOutput,
    python::Python,
    select::{is_asked_for, select, selection_of},
    settings::UserSettings,
    worker_file,
};
use crate::{
    config::{
        command,
        stestr::{self, Stestr},
    },
    memory::{Memory, Repository, RepositoryError},
    traditional::{
        error::VerbError,
        exit::{RunVerdict, VerbEnd},
        keep::Keeping,
        show::view::RunLook,
        work::{
            isolation::{RunOrder, Trials, analyze},
            runner::SuiteRunner,
            selection::named_by,
            slowest::SHOWN,
        },
    },
};

/// `stestr run`.
pub(super) fn run(call: &StestrCall) -> VerbEnd {
    let settings = UserSettings::new(call, "run")?;
    let look = settings.look()?;
    let concurrency = settings.concurrency();
    if concurrency < 0 {
        let what = format!(
            "The provided concurrency value: {concurrency} is not valid. An integer >= 0 must be \
             used.\n"
        );
        return say(call, &what, USAGE);
    }
    let status = in_repository(call, look, concurrency)?;
    if settings.has("slowest") {
        show_slowest(call, SHOWN)?;
    }
    Ok(status)
}

/// Says why nothing runs, where the results would be.
fn say(call: &StestrCall, what: &str, status: u8) -> VerbEnd {
    Ok(RunOutput::new(call.has("quiet")).say(what, status)?)
}

fn in_repository(call: &StestrCall, look: RunLook, concurrency: i64) -> VerbEnd {
    let (here, options) = (Path::new("."), call.options());
    let read = || Stestr::read(here, options.config.as_deref()).map_err(VerbError::new);
    let mut repository = match call.open() {
        Err(RepositoryError::Missing { .. }) => {
            if options.test_path.is_none() && !read()?.has_test_path() {
                return say(call, stestr::NOTHING_FOUND, FAILED);
            }
            call.init()?
        }
        opened => opened?,
    };
    let after = if call.has("combine") { Some(repository.latest()?) } else { None };
    let keeping = Keeping::of_stestr(look, after);
    let python = Python::find()?;
    match one_test::asked_for(call) {
        Ok(None) => {}
        Ok(Some(test)) => {
            let line = python.runner.no_discovery(test);
            return one_test::run(call, &line, &mut repository, &keeping);
        }
        Err(what) => return say(call, what, USAGE),
    }
    let named = named_by(&call.given, &repository)?;
    let suite = read()?.suite(here, &options, &python.runner).map_err(VerbError::new)?;
    let mut runner = SuiteRunner::new(&suite, &[], |_| {}, time_key)?;
    if !call.has("serial") {
        runner.set_workers(concurrency)?;
    }
    Run { call, runner, repository, keeping }.all(named)
}

/// The runs of one call.
struct Run<'c> {
    call: &'c StestrCall,
    runner: SuiteRunner<'c>,
    repository: Repository,
    keeping: Keeping,
}

impl Run<'_> {
    fn all(&mut self, named: Option<Vec<String>>) -> VerbEnd {
        if self.call.has("analyze-isolation") {
            return self.analyze(named.unwrap_or_default());
        }
        if self.call.has("isolated") {
            return self.isolated(named);
        }
        let ids = self.ids(named)?;
        Ok(self.repeat(ids.as_deref())?.status)
    }

    /// Each test by itself.
    fn isolated(&mut self, named: Option<Vec<String>>) -> VerbEnd {
        let all = named.map_or_else(|| listed(&mut self.runner), Ok)?;
        let mut worst = 0;
        for id in select(all, &selection_of(self.call)?) {
            worst = self.repeat(Some(&[id]))?.status.max(worst);
        }
        Ok(worst)
    }

    /// Finds tests that make others fail.
    fn analyze(&mut self, mut failing: Vec<String>) -> VerbEnd {
        let last = self.repository.last()?.ok_or(RepositoryError::NoTests)?;
        let order = RunOrder::of(last)?;
        failing.sort();
        let found = analyze(&failing, &order, self, &mut io::stdout())?;
        Ok(if found { FOUND } else { 0 })
    }

    /// The ids to hand over; none if the command runs all that it knows. Lists if ids are needed: to select
    /// them, or to divide them.
    fn ids(&mut self, named: Option<Vec<String>>) -> Result<Option<Vec<String>>, VerbError> {
        let selects = is_asked_for(self.call) || self.call.has("worker-file");
        let ids = match named {
            Some(ids) => ids,
            None if selects || self.runner.workers > 1 => listed(&mut self.runner)?,
            None => return Ok(None),
        };
        let ids = select(ids, &selection_of(self.call)?);
        command::check_ids(&ids)?;
        Ok(Some(ids))
    }

    /// One run; with `--until-failure` one after the other, until one fails.
    fn repeat(&mut self, ids: Option<&[String]>) -> Result<RunVerdict, VerbError> {
        let again = self.call.has("until-failure");
        let keeping = self.keeping.clone();
        RunVerdict::until_failure(again, || self.once(ids, &keeping))
    }

    fn once(&mut self, ids: Option<&[String]>, keeping: &Keeping) -> Result<RunVerdict, VerbError> {
        let lists = self.lists(ids)?;
        if lists.is_empty() {
            let what = "The specified regex doesn't match with anything";
            return Ok(RunVerdict { passed: false, status: say(self.call, what, FAILED)? });
        }
        let commands = self.runner.commands(lists)?;
        let output = RunOutput::new(self.call.has("quiet"));
        keeping.keep(&mut self.repository, output, |intake| {
            Ok(self.runner.run(&commands, "stestr", intake)?)
        })
    }

    /// The ids of each worker.
    fn lists(&self, ids: Option<&[String]>) -> Result<Vec<Option<Vec<String>>>, VerbError> {
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
            let mine = select(ids.to_vec(), &entry.selection);
            let divided = self.runner.divide_over(&mine, &times, entry.workers);
            lists.extend(divided.into_iter().map(Some));
        }
        Ok(lists)
    }
}

impl Trials for Run<'_> {
    /// A test that a filter leaves out does not pass.
    fn passes_alone(&mut self, id: &str) -> Result<bool, VerbError> {
        let ids = self.ids(Some(vec![id.to_owned()]))?;
        Ok(self.repeat(ids.as_deref())?.passed)
    }

    fn fails_after(&mut self, id: &str, before: &[String]) -> Result<bool, VerbError> {
        let ids: Vec<_> = before.iter().cloned().chain([id.to_owned()]).collect();
        let keeping = Keeping { look: RunLook::text(), ..self.keeping.clone() };
        self.once(Some(&ids), &keeping)?;
        Ok(self.repository.failing()?.contains(&ids[before.len()]))
    }
}
