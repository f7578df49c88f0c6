//! When tests count as failing, by the configuration.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
};

use fancy_regex::Regex;
use subunit_core::run::Baseline;
use subunit_filters::exit::Error;
use subunit_history::{
    DEFAULT_SERIES, History,
    query::{NoticePolicy, TestIdentity},
};

use super::{place::error, upkeep::project};
use crate::config::{PolicySettings, regex::python_regex};

/// When the tests of a folder count as failing: by its configuration, and without a policy if the last result is bad.
pub struct FolderPolicies(Option<Policies>);

/// A test without a policy fails if its last result is bad.
pub(super) const LAST_RESULT: NoticePolicy = NoticePolicy { bad: 1, of: 1, clear: 0 };

impl FolderPolicies {
    /// Those of the `subunit.toml` of a folder, if it has one.
    ///
    /// # Errors
    ///
    /// If something in it is wrong.
    pub fn read(folder: &Path) -> Result<Self, String> {
        let suite = project::suite(folder).map_err(|error| error.to_string())?;
        let settings = suite.map(|suite| suite.policies).unwrap_or_default();
        if settings.is_empty() {
            return Ok(Self(None));
        }
        Policies::new(&settings).map(Some).map(Self).map_err(|error| error.to_string())
    }

    /// That of a test.
    pub fn of_test(&self, id: &str) -> NoticePolicy {
        self.0.as_ref().and_then(|all| all.of_test(id)).unwrap_or(LAST_RESULT)
    }
}

/// The policies of a configuration; later ones win.
pub(in crate::commands) struct Policies(Vec<(Option<Regex>, NoticePolicy)>);

impl Policies {
    /// Those of the configuration of a folder.
    pub(super) fn of(folder: &Path) -> Result<Self, Error> {
        let suite = project::suite(folder).map_err(|error| Error::Usage(error.to_string()))?;
        Self::new(&suite.map(|suite| suite.policies).unwrap_or_default())
    }

    /// These.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub(in crate::commands) fn new(settings: &[PolicySettings]) -> Result<Self, Error> {
        if settings.is_empty() {
            let message = "--policy: there is no [[policy]] in the subunit.toml of this folder";
            return Err(Error::Usage(message.into()));
        }
        let policy = |one: &PolicySettings| {
            let tests = one.tests.as_deref().map(python_regex).transpose();
            let tests = tests.map_err(|error| Error::Usage(error.to_string()))?;
            let (bad, of) = (one.bad as usize, one.of as usize);
            Ok((tests, NoticePolicy { bad, of, clear: one.clear.unwrap_or(0) as usize }))
        };
        settings.iter().map(policy).collect::<Result<_, Error>>().map(Self)
    }

    /// What a run is judged by: of tests with a policy only those failures count after which they fail by it. `history` is
    /// the folder of the history, and `series` that of the run.
    pub(in crate::commands) fn baseline(
        self,
        history: &Path,
        series: Option<&str>,
    ) -> Result<Baseline, Error> {
        let mut would_fail: HashMap<String, HashSet<String>> = HashMap::new();
        if let Some(history) = History::open(history).map_err(error)? {
            let series = series.unwrap_or(DEFAULT_SERIES);
            let found = history.would_fail_by(series, |test| self.of_test(&test.id));
            for TestIdentity { scope, id, .. } in found.map_err(error)? {
                would_fail.entry(scope).or_default().insert(id);
            }
        }
        Ok(Baseline::of_policy(move |scope, id| {
            let tolerates = |policy: NoticePolicy| {
                let would_fail = would_fail.get(scope).is_some_and(|ids| ids.contains(id));
                policy.tolerates_first() && !would_fail
            };
            self.of_test(id).is_some_and(tolerates)
        }))
    }

    /// That of a test, if there is one.
    pub(super) fn of_test(&self, id: &str) -> Option<NoticePolicy> {
        let fits = |(tests, _): &&(Option<Regex>, NoticePolicy)| {
            tests.as_ref().is_none_or(|tests| tests.is_match(id).unwrap_or(false))
        };
        self.0.iter().rev().find(fits).map(|(_, policy)| *policy)
    }
}
