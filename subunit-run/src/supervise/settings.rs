//! What counts for each test: how long it may take, and how often it runs again. Looked up once.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use super::workers::TestLimits;
use crate::{
    config::{Limit, Override, Suite, overrides::Overrides},
    memory::Times,
    selection::KnownTags,
};

/// An automatic limit is the time of earlier runs multiplied by this.
const AUTO_FACTOR: u32 = 10;

/// And at least this long.
const AUTO_LEAST: Duration = Duration::from_secs(30);

/// What counts for a test.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ForTest {
    /// How long it may take.
    pub(super) limits: TestLimits,
    /// How many times it runs again after a failure.
    pub(super) retries: u32,
    /// The number of the variables that it finds. Tests of one process find the same.
    pub(super) environment: usize,
}

/// What counts for each test.
#[derive(Debug)]
pub(super) struct PerTest {
    overrides: Overrides,
    times: Times,
    tags: KnownTags,
    known: HashMap<String, ForTest>,
    may_retry: bool,
    /// The variables that tests find: first those of the suite, then others that some tests have.
    environments: Vec<BTreeMap<String, String>>,
}

impl PerTest {
    pub(super) fn new(overrides: Overrides, times: Times, tags: KnownTags) -> Self {
        let suite = overrides.suite();
        let may_retry = suite.retries > 0
            || suite.overrides.iter().any(|one| one.retries.is_some_and(|retries| retries > 0));
        let environments = vec![suite.environment.clone()];
        Self { overrides, times, tags, known: HashMap::new(), may_retry, environments }
    }

    fn suite(&self) -> &Suite {
        self.overrides.suite()
    }

    /// Whether there is any test that would run again.
    pub(super) fn may_retry(&self) -> bool {
        self.may_retry
    }

    /// Whether a test may not take as long as it likes.
    pub(super) fn has_limits(&self) -> bool {
        let suite = self.suite();
        let is_limit = |limit: Option<Limit>| limit.is_some_and(|limit| limit != Limit::Disabled);
        let mut overrides = suite.overrides.iter();
        let of_some =
            |one: &Override| is_limit(one.test_timeout) || is_limit(one.no_output_timeout);
        is_limit(Some(suite.test_timeout))
            || is_limit(Some(suite.no_output_timeout))
            || overrides.any(of_some)
    }

    /// How long a worker may be silent that has tests and has begun none of them.
    pub(super) fn no_output(&self) -> Option<Duration> {
        limit(self.suite().no_output_timeout, None)
    }

    /// The variables of this number.
    pub(super) fn environment(&self, number: usize) -> &BTreeMap<String, String> {
        self.environments.get(number).unwrap_or_else(|| &self.suite().environment)
    }

    fn number_of(&mut self, environment: BTreeMap<String, String>) -> usize {
        let known = self.environments.iter().position(|other| *other == environment);
        known.unwrap_or_else(|| {
            self.environments.push(environment);
            self.environments.len() - 1
        })
    }

    /// What counts for this test.
    pub(super) fn of(&mut self, test_id: &str) -> ForTest {
        if let Some(known) = self.known.get(test_id) {
            return *known;
        }
        let recorded = self.times.get(test_id).copied();
        let suite = self.suite();
        if suite.overrides.is_empty() {
            let limits = limits(suite.test_timeout, suite.no_output_timeout, recorded);
            return ForTest { limits, retries: suite.retries, environment: 0 };
        }
        let tags = self.tags.get(test_id).map(Vec::as_slice).unwrap_or_default();
        let settings = self.overrides.test(test_id, tags);
        let limits = limits(settings.test_timeout, settings.no_output_timeout, recorded);
        let environment = self.number_of(settings.environment);
        let found = ForTest { limits, retries: settings.retries, environment };
        self.known.insert(test_id.to_owned(), found);
        found
    }
}

fn limits(test: Limit, no_output: Limit, recorded: Option<Duration>) -> TestLimits {
    TestLimits { test: limit(test, recorded), no_output: limit(no_output, recorded) }
}

/// A limit as a time. By the times of earlier runs there is one only for what has such a time.
pub fn limit(limit: Limit, recorded: Option<Duration>) -> Option<Duration> {
    match limit {
        Limit::Disabled => None,
        Limit::After(time) => Some(time),
        Limit::Auto => recorded.map(|time| time.saturating_mul(AUTO_FACTOR).max(AUTO_LEAST)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::config::toml::tests::read;

    #[test]
    fn limits_and_retries_are_those_of_the_test() {
        let text = "test_timeout = 'auto'\n[[override]]\ntests = '^db'\nretries = 2\n\
            test_timeout = '5s'\n[[override]]\ntag = 'quiet'\nno_output_timeout = '1m'\n";
        let overrides = Overrides::new(&read(text).unwrap(), None, None).unwrap();
        let seconds = Duration::from_secs;
        let times = Times::from([("a".to_owned(), seconds(7)), ("b".to_owned(), seconds(1))]);
        let tags = HashMap::from([("b".to_owned(), vec!["quiet".to_owned()])]);
        let mut settings = PerTest::new(overrides, times, Arc::new(tags));
        assert!(settings.may_retry());
        let mut of = |test_id| {
            let found = settings.of(test_id);
            let ForTest { limits, retries, .. } = found;
            (limits.test.map(|time| time.as_secs()), limits.no_output.is_some(), retries)
        };
        assert_eq!(of("a"), (Some(70), false, 0));
        assert_eq!(of("b"), (Some(30), true, 0));
        assert_eq!(of("new"), (None, false, 0));
        assert_eq!(of("db"), (Some(5), false, 2));
        assert_eq!(of("db"), (Some(5), false, 2));
    }
}
