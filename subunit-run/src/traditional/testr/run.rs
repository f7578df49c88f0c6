//! `testr run` and `testr list-tests`.

use std::io::{self, Write};

use super::{call::TestrCall, exit::FOUND, look::look_of};
use crate::{
    config::{Suite, command, testr::Testr},
    memory::{Memory, Repository, RepositoryError},
    selection::Selection,
    traditional::{
        error::VerbError,
        exit::{RunVerdict, VerbEnd},
        keep::Keeping,
        work::{
            isolation::{RunOrder, Trials, analyze},
            listing::ListError,
            record::RunPlace,
            runner::SuiteRunner,
            selection::{compiled, named_by},
        },
    },
};

/// `testr list-tests`.
pub(super) fn list_tests(call: &TestrCall) -> VerbEnd {
    let suite = Testr::read(&call.here)?.suite(&call.here, false)?;
    let mut runner = runner_of(call, &suite)?;
    let listed = list(&mut runner, selection_of(call)).and_then(|ids| {
        ids.iter().try_for_each(|id| writeln!(io::stdout(), "{id}"))?;
        Ok(0)
    });
    // Instances are ended whatever has happened; of two failures the first counts.
    let disposed = runner.dispose();
    let status = listed?;
    disposed?;
    Ok(status)
}

/// `testr run`.
pub(super) fn run(call: &TestrCall) -> VerbEnd {
    let repository = call.open_or_init()?;
    let named = named_by(&call.given, &repository)?;
    let asked = call.given.number("concurrency").unwrap_or_default();
    let is_parallel = call.has("parallel");
    let suite = Testr::read(&call.here)?.suite(&call.here, is_parallel && asked <= 0)?;
    let mut runner = runner_of(call, &suite)?;
    if is_parallel {
        runner.set_workers(asked)?;
    }
    let implied = ["failing", "analyze-isolation", "isolated", "partial"];
    let keeping = Keeping {
        place: RunPlace { partial: implied.iter().any(|option| call.has(option)), after: None },
        look: look_of(call)?,
        strict: false,
        needs_start: true,
        said_of_none: None,
    };
    let mut run = Run { call, suite: &suite, runner, repository, keeping };
    let ended = run.all(named);
    // As above: instances are ended whatever has happened; of two failures the first counts.
    let disposed = run.runner.dispose();
    let status = ended?;
    disposed?;
    Ok(status)
}

fn runner_of<'s>(call: &'s TestrCall, suite: &'s Suite) -> Result<SuiteRunner<'s>, VerbError> {
    SuiteRunner::new(suite, &call.arguments, say_running, str::to_owned)
}

/// Says which command is started. A stream has it as text. If nobody reads it, that shows elsewhere.
fn say_running(line: &str) {
    let mut out = io::stdout();
    let _ = writeln!(out, "running={line}").and_then(|()| out.flush());
}

/// Which tests the filters let through.
fn selection_of(call: &TestrCall) -> Result<Selection, VerbError> {
    Ok(Selection { filters: compiled(&call.given.arguments)?, ..Selection::default() })
}

/// All tests that the filters let through. A listing that fails shows why.
fn list(
    runner: &mut SuiteRunner<'_>,
    selection: Result<Selection, VerbError>,
) -> Result<Vec<String>, VerbError> {
    let ids = runner.list().inspect_err(|error| {
        if let ListError::Failed { shown, .. } = error {
            // The failure itself comes after it.
            let _ = io::stdout().write_all(shown);
        }
    })?;
    Ok(selected(ids, &selection?))
}

fn selected(ids: Vec<String>, selection: &Selection) -> Vec<String> {
    ids.into_iter().filter(|id| selection.takes(id)).collect()
}

/// The runs of one call.
struct Run<'c> {
    call: &'c TestrCall,
    suite: &'c Suite,
    runner: SuiteRunner<'c>,
    repository: Repository,
    keeping: Keeping,
}

impl Run<'_> {
    fn all(&mut self, named: Option<Vec<String>>) -> VerbEnd {
        if self.call.has("analyze-isolation") {
            return self.analyze(&named.unwrap_or_default());
        }
        if self.call.has("isolated") {
            return self.isolated(named);
        }
        let some_named = named.is_some();
        let ids = self.ids(named)?;
        let is_empty = ids.as_ref().is_some_and(Vec::is_empty);
        let selects = !self.call.given.arguments.is_empty() || self.call.has("load-list");
        if is_empty && selects {
            let what = if some_named { "There is no test to run" } else { "No test matches" };
            return Err(VerbError::new(what));
        }
        Ok(self.repeat(ids.as_deref())?.status)
    }

    /// Each test by itself. One that a filter leaves out makes a run without tests.
    fn isolated(&mut self, named: Option<Vec<String>>) -> VerbEnd {
        self.ids(named)?;
        let mut worst = 0;
        for id in list(&mut self.runner, Ok(Selection::default()))? {
            let ids = self.ids(Some(vec![id]))?;
            worst = self.repeat(ids.as_deref())?.status.max(worst);
        }
        Ok(worst)
    }

    /// Finds tests that make others fail.
    fn analyze(&mut self, failing: &[String]) -> VerbEnd {
        let last = self.repository.last()?.ok_or(RepositoryError::NoTests)?;
        let order = RunOrder::of(last)?;
        let found = analyze(failing, &order, self, &mut io::stdout())?;
        Ok(if found { FOUND } else { 0 })
    }

    /// The ids to hand over; none if the command runs all that it knows. Lists if ids are needed: to filter
    /// them, or to divide them.
    fn ids(&mut self, named: Option<Vec<String>>) -> Result<Option<Vec<String>>, VerbError> {
        let needs_ids = self.runner.workers > 1 || !self.call.given.arguments.is_empty();
        let selection = selection_of(self.call);
        let ids = match named {
            None if needs_ids => Some(list(&mut self.runner, selection)?),
            None => command::default_ids(self.suite),
            Some(ids) => Some(selected(ids, &selection?)),
        };
        command::check_ids(ids.as_deref().unwrap_or_default())?;
        Ok(ids)
    }

    /// One run; with `--until-failure` one after the other, until one fails.
    fn repeat(&mut self, ids: Option<&[String]>) -> Result<RunVerdict, VerbError> {
        RunVerdict::until_failure(self.call.has("until-failure"), || self.once(ids))
    }

    fn once(&mut self, ids: Option<&[String]>) -> Result<RunVerdict, VerbError> {
        let lists = match ids {
            None => vec![None],
            Some([]) => Vec::new(),
            Some(ids) if self.runner.workers == 1 => vec![Some(ids.to_vec())],
            Some(ids) => {
                let times = self.repository.times()?;
                self.runner.divide(ids, &times).into_iter().map(Some).collect()
            }
        };
        let commands = self.runner.commands(lists)?;
        self.keeping.keep(&mut self.repository, io::stdout(), |intake| {
            Ok(self.runner.run(&commands, "testr", intake)?)
        })
    }
}

impl Trials for Run<'_> {
    /// A test that a filter leaves out does not pass.
    fn passes_alone(&mut self, id: &str) -> Result<bool, VerbError> {
        let ids = self.ids(Some(vec![id.to_owned()]))?;
        let is_taken = ids.as_ref().is_some_and(|ids| !ids.is_empty());
        Ok(self.repeat(ids.as_deref())?.passed && is_taken)
    }

    fn fails_after(&mut self, id: &str, before: &[String]) -> Result<bool, VerbError> {
        let ids: Vec<_> = before.iter().cloned().chain([id.to_owned()]).collect();
        self.repeat(Some(&ids))?;
        Ok(self.repository.failing()?.contains(&ids[before.len()]))
    }
}
