//! Which failures an earlier run had already.

use std::{hash::BuildHasher, sync::Arc};

use hashbrown::{DefaultHashBuilder, HashSet};

use super::{Attempt, Identities, Mark};
use crate::{RouteCode, Tags, conventions::tells_of_the_run, sink::TestRecord};

/// What failed in an earlier run, to compare another run with it. Cheap to clone.
///
/// A test failed if one of its results did. Memory: about 20 bytes for each test that failed; ids are not
/// kept.
#[derive(Clone, Debug)]
pub struct Baseline {
    pub(super) failed: Arc<FailedTests>,
    pub(super) known_failures: KnownFailures,
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
    /// Says whether known failures fail the run.
    #[must_use]
    pub fn with_known_failures(self, known_failures: KnownFailures) -> Self {
        Self { known_failures, ..self }
    }

    /// Whether the failure is new or known; `None` if the test has not failed, or never ended.
    pub fn mark(&self, record: &TestRecord) -> Option<Mark> {
        self.mark_attempt(&Attempt::of(record), Some(record.tags.as_tags()))
    }

    /// As [`Baseline::mark`], of the last attempt at a test and its tags.
    pub fn mark_attempt(&self, attempt: &Attempt<'_>, tags: Option<Tags<'_>>) -> Option<Mark> {
        attempt.status.filter(|status| status.is_failure())?;
        let is_known = can_be_known(attempt, tags) && {
            let mut identities = Identities::default();
            let key = self.failed.key(identities.of(attempt.route_code), attempt.test_id);
            self.failed.identities.contains(&key)
        };
        Some(if is_known { Mark::Known } else { Mark::New })
    }
}

/// A failure that is about the run and not about a test is new in every run.
pub(super) fn can_be_known(attempt: &Attempt<'_>, tags: Option<Tags<'_>>) -> bool {
    !tells_of_the_run(attempt.test_id, attempt.runnable, tags)
}
