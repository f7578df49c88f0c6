//! Which failures an earlier run had already, or a policy tolerates.

use std::{fmt, hash::BuildHasher, sync::Arc};

use hashbrown::{DefaultHashBuilder, HashSet};

use super::{Attempt, Identities, Mark};
use crate::{RouteCode, Tags, conventions::tells_of_the_run, sink::TestRecord};

/// What failed in an earlier run, to compare another run with it; or what a policy tolerates. Cheap to clone.
///
/// A test failed if one of its results did. Memory: about 20 bytes for each test that failed; ids are not
/// kept.
#[derive(Clone, Debug)]
pub struct Baseline {
    pub(super) failed: Arc<FailedTests>,
    pub(super) known_failures: KnownFailures,
    pub(super) policy: Option<Tolerance>,
}

/// Whether a failure is tolerated, by the named hops of the route of its test, with `/` between them, and its id.
#[derive(Clone)]
pub(super) struct Tolerance(Arc<OfTest>);

type OfTest = dyn Fn(&str, &str) -> bool + Send + Sync;

impl fmt::Debug for Tolerance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tolerance")
    }
}

/// Whether failures that the baseline has as well fail the run.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum KnownFailures {
    /// They do not fail it.
    Pass,
    /// They fail it, as all failures do.
    #[default]
    Fail,
}

#[derive(Clone, Debug, Default)]
pub(super) struct FailedTests {
    pub(super) identities: HashSet<u64>,
    hasher: DefaultHashBuilder,
}

impl FailedTests {
    pub(super) fn key(&self, names: Option<RouteCode<'_>>, test_id: &str) -> u64 {
        self.hasher.hash_one((names, test_id))
    }
}

impl Baseline {
    /// A policy: failures that `tolerates` accepts do not fail a run. It gets the named hops of the route of a test, with
    /// `/` between them, and the id of the test.
    pub fn of_policy(tolerates: impl Fn(&str, &str) -> bool + Send + Sync + 'static) -> Self {
        Self {
            failed: Arc::default(),
            known_failures: KnownFailures::Pass,
            policy: Some(Tolerance(Arc::new(tolerates))),
        }
    }

    /// Says whether known failures fail the run.
    #[must_use]
    pub fn with_known_failures(self, known_failures: KnownFailures) -> Self {
        Self { known_failures, ..self }
    }

    /// Whether the failure is new, known or tolerated; `None` if the test has not failed, or never ended, or if its
    /// failure counts by a policy.
    pub fn mark(&self, record: &TestRecord) -> Option<Mark> {
        self.mark_attempt(&Attempt::of(record), Some(record.tags.as_tags()))
    }

    /// As [`Baseline::mark`], of the last attempt at a test and its tags.
    pub fn mark_attempt(&self, attempt: &Attempt<'_>, tags: Option<Tags<'_>>) -> Option<Mark> {
        attempt.status.filter(|status| status.is_failure())?;
        let is_known =
            can_be_known(attempt, tags) && self.key(attempt, &mut Identities::default()).is_some();
        match (is_known, &self.policy) {
            (true, None) => Some(Mark::Known),
            (true, Some(_)) => Some(Mark::Tolerated),
            (false, _) => self.mark_of_others(),
        }
    }

    /// The mark of a failure that nothing excuses.
    pub(super) fn mark_of_others(&self) -> Option<Mark> {
        self.policy.is_none().then_some(Mark::New)
    }

    /// The identity of a test whose failure is known or tolerated.
    pub(super) fn key(&self, attempt: &Attempt<'_>, identities: &mut Identities) -> Option<u64> {
        let names = identities.of(attempt.route_code);
        let key = self.failed.key(names, attempt.test_id);
        let is_known = match &self.policy {
            Some(Tolerance(tolerates)) => {
                tolerates(names.map_or("", RouteCode::as_str), attempt.test_id)
            }
            None => self.failed.identities.contains(&key),
        };
        is_known.then_some(key)
    }
}

/// A failure that is about the run and not about a test is new in every run.
pub(super) fn can_be_known(attempt: &Attempt<'_>, tags: Option<Tags<'_>>) -> bool {
    !tells_of_the_run(attempt.test_id, attempt.runnable, tags)
}
