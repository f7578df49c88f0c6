//! `subunit rerun`: the tests of a run that is kept run again.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;
use subunit_filters::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
    files::destination::Writes,
};
use subunit_history::{
    History,
    query::{RunRow, TestIdentity},
};

use super::{place::error, runs_arg::RunsArg, staleness::Declared};
use crate::{
    commands::run::{ChosenTests, FailedBefore, Run},
    supervise::Candidates,
};

/// Run the tests again that failed in a run
///
/// They run as `subunit run` runs them, in the current folder, by its configuration or runner, and are kept as a run of their own. Where something failed that is no
/// test, such as a file that cannot be imported, all tests run, and a line says why. With `--stale` the tests run
/// whose results are stale, as `subunit history stale` says it, whatever they came to: those whose files or configuration
/// have changed, or that need a test that has come to something else since. Tests that are stale only because one that they
/// need is stale are fresh again if that one comes to the same; `--downstream` runs them as well.
#[derive(Clone, Debug, Default, clap::Args)]
pub(in crate::commands) struct RerunVerb {
    /// The run, as `subunit history list` names it
    #[arg(value_name = "RUN", default_value = "@last", conflicts_with = "stale")]
    run: String,
    /// Run all tests of that run, also those that passed
    #[arg(long, conflicts_with = "stale")]
    all: bool,
    /// Run the tests whose last results are stale, by `[[test]]` of subunit.toml
    #[arg(long)]
    stale: bool,
    /// Run the tests as well that need one of these, by `needs` of `[[test]]`, and so on
    #[arg(long)]
    downstream: bool,
    /// Use this profile of the configuration
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// Run so many workers [default: as configured, or one per processor]
    #[arg(long, short, value_name = "N")]
    jobs: Option<std::num::NonZeroUsize>,
    #[command(flatten)]
    among: RunsArg,
}

impl Command for RerunVerb {
    const NAME: &'static str = "rerun";
    const WRITES: Writes = Writes::Nothing;
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit rerun @12
  $ subunit rerun --all @last

Exit status: that of the new run: 0 all passed; 1 something failed; 4 no test failed in that run, or is stale; or 2
there is no such run, or the tests could not be run.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let history = self.among.read()?;
        let series = self.among.names(&history)?;
        let declared = match self.stale || self.downstream {
            true => Some(Declared::of(self.profile.clone(), console)?),
            false => None,
        };
        let mut broken = Vec::new();
        let (what, command, mut tests) = match &declared {
            Some(declared) if self.stale => {
                ("no result is stale".to_owned(), None, stale(declared, &history, &series)?)
            }
            _ => {
                let run = self.among.find(&history, &self.run)?;
                let what = format!("no test of @{} is to run again", run.id);
                let command = run.meta.get("command").and_then(Value::as_str).map(str::to_owned);
                let (tests, others) = self.of_run(&history, &run)?;
                broken = others;
                (what, command, tests)
            }
        };
        if let Some(declared) = declared.filter(|_| self.downstream && !tests.is_empty()) {
            let ids = ids(&tests);
            for series in &series {
                let more = declared.downstream(&history, series.as_deref(), ids.clone())?;
                tests.extend(more.into_iter().filter(|test| test.runnable));
            }
        }
        drop(history);
        let failures = FailedBefore { tests: ids(&tests), others: ids(&broken) };
        let is_all = failures.again(&self.run, false, console)?.is_none();
        if tests.is_empty() && !is_all {
            console.say(what)?;
            return Ok(Exit::NoTests);
        }
        if let Some(command) =
            command.filter(|_| !Run::folder().is_ok_and(|here| Run::has_suite(&here)))
        {
            return Err(unnamed(&command));
        }
        let tests = if is_all { all_tests() } else { chosen(tests) };
        Command::run(Run::of_tests(tests, self.profile, self.jobs, self.among.history), console)
    }
}

/// A command of a stored run is shown, and never run: its stream may be from anywhere.
fn unnamed(command: &str) -> Error {
    Error::Usage(format!(
        "no configuration and no runner is here: name what runs, as in `subunit run --failing -- COMMAND`; the command of that \
         run was: {}",
        command.escape_debug()
    ))
}

impl RerunVerb {
    /// The tests of a run that are to run again, and what failed and is no test.
    fn of_run(
        &self,
        history: &History,
        run: &RunRow,
    ) -> Result<(Vec<TestIdentity>, Vec<TestIdentity>), Error> {
        let found: Vec<TestIdentity> = match self.all {
            true => history.tests_of(run).map_err(error)?,
            false => {
                let failures = history.failures(run).map_err(error)?;
                failures.into_iter().map(|one| one.test).collect()
            }
        };
        let (tests, others) = found.into_iter().partition(|test| test.runnable);
        Ok((tests, if self.all { Vec::new() } else { others }))
    }
}

/// The tests that are stale in one of these series, whatever others come to.
fn stale(
    declared: &Declared,
    history: &History,
    series: &[Option<String>],
) -> Result<Vec<TestIdentity>, Error> {
    let mut tests = Vec::new();
    for series in series {
        let stale = declared.stale(history, series.as_deref())?.into_iter();
        let stale = stale.filter(|one| one.reason.is_its_own() && one.test.runnable);
        tests.extend(stale.map(|one| one.test));
    }
    Ok(tests)
}

fn ids(tests: &[TestIdentity]) -> Vec<String> {
    tests.iter().map(|test| test.id.clone()).collect()
}

/// All that any suite lists.
fn all_tests() -> Vec<ChosenTests> {
    vec![ChosenTests { route: None, tests: Candidates::Listed }]
}

/// The tests below each first hop of a route.
fn chosen(tests: Vec<TestIdentity>) -> Vec<ChosenTests> {
    let mut below: BTreeMap<Option<String>, Vec<String>> = BTreeMap::new();
    // One id may be in a run under several names.
    let mut known = HashSet::new();
    for TestIdentity { scope, id, .. } in tests {
        let hop = scope.split('/').next().filter(|hop| !hop.is_empty()).map(str::to_owned);
        if known.insert((hop.clone(), id.clone())) {
            below.entry(hop).or_default().push(id);
        }
    }
    let chosen = |(route, ids)| ChosenTests { route, tests: Candidates::These(ids) };
    below.into_iter().map(chosen).collect()
}
