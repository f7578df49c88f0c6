//! When tests count as failing, by the configuration.

use std::path::Path;

use fancy_regex::Regex;
use subunit_filters::exit::Error;
use subunit_history::query::NoticePolicy;

use super::tidy;
use crate::config::{PolicySettings, regex::python_regex};

/// The policies of a configuration; later ones win.
pub(super) struct Policies(Vec<(Option<Regex>, NoticePolicy)>);

impl Policies {
    /// Those of the configuration of a folder.
    pub(super) fn of(folder: &Path) -> Result<Self, Error> {
        let suite = tidy::suite(folder).map_err(|error| Error::Usage(error.to_string()))?;
        let settings = suite.map(|suite| suite.policies).unwrap_or_default();
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

    /// That of a test, if there is one.
    pub(super) fn of_test(&self, id: &str) -> Option<NoticePolicy> {
        let fits = |(tests, _): &&(Option<Regex>, NoticePolicy)| {
            tests.as_ref().is_none_or(|tests| tests.is_match(id).unwrap_or(false))
        };
        self.0.iter().rev().find(fits).map(|(_, policy)| *policy)
    }
}
