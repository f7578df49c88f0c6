//! A run compared with its baseline, or judged by a policy, in numbers.

use std::fmt::{self, Display};

use hashbrown::{HashMap, HashSet};

use super::{Attempt, Baseline, Identities, KnownFailures, Mark, baseline::can_be_known, counted};
use crate::{Status, Tags, sink::OpenTest};

/// A run compared with its baseline, in numbers. Displays them: `2 new failures, 3 known, 1 fixed`; or, by a policy,
/// `2 failures by policy, 3 tolerated`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Comparison {
    /// Results that failed or passed unexpectedly, of tests that did not in the baseline, or that no policy tolerates.
    pub new: u64,
    /// Those of tests that did so in the baseline, or that a policy tolerates.
    pub known: u64,
    /// Tests that failed in the baseline and passed in the run, or failed as expected.
    pub fixed: u64,
    /// Tests that failed in the baseline and have no result in the run, or were skipped.
    pub not_run: u64,
    /// Whether the known ones fail the run.
    pub known_failures: KnownFailures,
    /// Whether a policy says which these are, and there is no baseline.
    pub is_by_policy: bool,
}

impl Comparison {
    /// The numbers of failures, by the words that results are marked with.
    pub fn marks(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let (new, known) = match self.is_by_policy {
            true => (None, Mark::Tolerated),
            false => (Some((Mark::New.word(), self.new)), Mark::Known),
        };
        new.into_iter().chain([(known.word(), self.known)])
    }

    fn write_by_policy(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.new, self.known) {
            (0, 0) => f.write_str("no failures"),
            (0, known) => write!(f, "{} tolerated by policy", counted(known, "failure")),
            (new, 0) => write!(f, "{} by policy", counted(new, "failure")),
            (new, known) => {
                write!(f, "{} by policy, {known} tolerated", counted(new, "failure"))
            }
        }
    }

    /// How many of the failures fail the run.
    pub(super) fn failing(&self) -> u64 {
        match self.known_failures {
            KnownFailures::Pass => self.new,
            KnownFailures::Fail => self.new + self.known,
        }
    }
}

impl Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_by_policy {
            return self.write_by_policy(f);
        }
        match (self.new, self.known) {
            (0, 0) => write!(f, "no failures")?,
            (0, known) => write!(f, "{}", counted(known, "known failure"))?,
            (new, 0) => write!(f, "{}", counted(new, "new failure"))?,
            (new, known) => write!(f, "{}, {known} known", counted(new, "new failure"))?,
        }
        for (count, word) in [(self.fixed, "fixed"), (self.not_run, "not run")] {
            if count > 0 {
                write!(f, ", {count} {word}")?;
            }
        }
        Ok(())
    }
}

/// Compares a run with its baseline.
#[derive(Clone, Debug)]
pub(super) struct Compared {
    baseline: Baseline,
    /// The results of the tests that failed in the baseline, as far as they have ended.
    came: HashMap<u64, Came>,
    identities: Identities,
    known: u64,
    fixed: u64,
    /// How many tests have a known failure.
    failing: u64,
}

/// How many results of a test there are.
#[derive(Clone, Copy, Debug, Default)]
struct Came {
    failed: u32,
    passed: u32,
}

impl Came {
    fn is_fixed(self) -> bool {
        self.failed == 0 && self.passed > 0
    }

    fn of(&mut self, status: Option<Status>) -> Option<&mut u32> {
        match status? {
            Status::Success | Status::ExpectedFailure => Some(&mut self.passed),
            status if status.is_failure() => Some(&mut self.failed),
            _ => None,
        }
    }
}

impl Compared {
    pub(super) fn with(baseline: Baseline) -> Self {
        let (came, identities) = (HashMap::new(), Identities::default());
        Self { baseline, came, identities, known: 0, fixed: 0, failing: 0 }
    }

    /// A result of a test.
    #[inline(never)]
    pub(super) fn add(&mut self, attempt: &Attempt<'_>, tags: Option<Tags<'_>>) {
        let has_failed = attempt.status.is_some_and(Status::is_failure);
        if has_failed && !can_be_known(attempt, tags) {
            return;
        }
        self.change(attempt, attempt.status, |count| count.saturating_add(1));
    }

    /// Takes back a result of this test.
    pub(super) fn remove(&mut self, attempt: &Attempt<'_>, status: Option<Status>) {
        self.change(attempt, status, |count| count.saturating_sub(1));
    }

    fn change(
        &mut self,
        attempt: &Attempt<'_>,
        status: Option<Status>,
        change: impl FnOnce(u32) -> u32,
    ) {
        let is_by_policy = self.baseline.policy.is_some();
        // Nothing is fixed by a policy: what passes need not be kept.
        if is_by_policy && !status.is_some_and(Status::is_failure) {
            return;
        }
        let Some(key) = self.baseline.key(attempt, &mut self.identities) else { return };
        let came = self.came.entry(key).or_default();
        let was = *came;
        let Some(count) = came.of(status) else { return };
        *count = change(*count);
        let is = *came;
        self.known = self.known + u64::from(is.failed) - u64::from(was.failed);
        self.fixed = self.fixed + u64::from(is.is_fixed()) - u64::from(was.is_fixed());
        self.failing = self.failing + u64::from(is.failed > 0) - u64::from(was.failed > 0);
    }

    /// The numbers, given how many results failed. The tests of `open` never ended.
    pub(super) fn numbers<'a>(
        &self,
        failures: u64,
        open: impl Iterator<Item = OpenTest<'a>>,
    ) -> Comparison {
        let unfinished: HashSet<u64> = {
            let mut names = Identities::default();
            let failed = &self.baseline.failed;
            open.map(|test| failed.key(names.of(test.route_code), test.test_id))
                .filter(|key| failed.identities.contains(key))
                .filter(|key| self.came.get(key).is_none_or(|came| came.failed + came.passed == 0))
                .collect()
        };
        let all = self.baseline.failed.identities.len() as u64;
        let is_by_policy = self.baseline.policy.is_some();
        let not_run = match is_by_policy {
            true => 0,
            false => all - self.failing - self.fixed - unfinished.len() as u64,
        };
        let known = self.known.min(failures);
        Comparison {
            new: failures - known,
            known,
            fixed: self.fixed,
            not_run,
            known_failures: self.baseline.known_failures,
            is_by_policy,
        }
    }
}
