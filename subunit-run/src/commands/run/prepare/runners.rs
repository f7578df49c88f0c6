//! Several runners that have tests in one folder, where no configuration says which one is meant: all run, one after
//! another, each below a route with its name.

use std::path::Path;

use subunit_filters::exit::Error;

use super::request::SuiteRequest;
use crate::{
    adapters::{self, Invocation},
    commands::run::{
        args::{ChosenTests, Run},
        series,
    },
    config::find,
};

/// The runners of a folder with several.
pub(in crate::commands::run) struct Runners {
    /// Those that run.
    pub(super) all: Vec<Invocation>,
    /// Whether there are others.
    pub(super) is_part: bool,
}

impl Runners {
    /// None where one suite runs: it has no route.
    pub(in crate::commands::run) fn of(run: &Run, folder: &Path) -> Option<Self> {
        let is_said = run.command.is_given() || !run.select.folders.is_empty();
        if is_said || find::find(folder).is_some() {
            return None;
        }
        let mut all = adapters::all_of_folder(folder);
        let found = all.len();
        if found < 2 {
            return None;
        }
        if let Some(name) = &run.runner {
            all.retain(|runner| runner.name() == name);
        }
        (!all.is_empty()).then_some(Self { is_part: all.len() < found, all })
    }

    /// What each of them runs.
    ///
    /// # Errors
    ///
    /// If something is asked that cannot be divided among them.
    pub(super) fn requests(&self, run: &Run, only_lists: bool) -> Result<Vec<SuiteRequest>, Error> {
        if self.all.len() > 1 {
            self.check(run)?;
        }
        let commands: Vec<String> = self.all.iter().map(Invocation::command).collect();
        let of_run = series::run_of_line(&commands.join("; "), run);
        let mut all = run.clone();
        all.select.sample = all.select.sample.map(|size| size.divided(self.all.len()));
        let request = |runner: &Invocation| SuiteRequest {
            run: Run { runner: Some(runner.name().to_owned()), ..all.clone() },
            route: Some(route(runner)),
            of_run: Some(of_run.clone()),
            is_part: self.is_part,
            only_lists,
        };
        Ok(self.all.iter().map(request).collect())
    }

    fn check(&self, run: &Run) -> Result<(), Error> {
        let is_known = |chosen: &ChosenTests| {
            self.all.iter().any(|runner| chosen.route == Some(route(runner)))
        };
        let option = [
            ("--resume", run.resume),
            ("--load-list", run.select.has_list()),
            ("this list of tests", !run.tests.iter().all(is_known)),
        ];
        match option.into_iter().find(|(_, is_given)| *is_given) {
            Some((option, _)) => Err(self.refusal(option)),
            None => Ok(()),
        }
    }

    /// The hop in front of the routes of the only one that runs.
    ///
    /// # Errors
    ///
    /// If several run: `option` is not for them.
    pub(in crate::commands::run) fn route_of_one(&self, option: &str) -> Result<String, Error> {
        match &*self.all {
            [one] => Ok(route(one)),
            _ => Err(self.refusal(option)),
        }
    }

    fn refusal(&self, option: &str) -> Error {
        let names: Vec<&str> = self.all.iter().map(Invocation::name).collect();
        let first = names.first().copied().unwrap_or_default();
        Error::Usage(format!(
            "{option} is for one runner, and several have tests here: {}; name one: --runner={first}",
            names.join(", "),
        ))
    }
}

/// The hop in front of the routes of a runner.
fn route(runner: &Invocation) -> String {
    runner.name().replace(' ', "-")
}
