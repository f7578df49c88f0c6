//! Counts of what a stream held, and the verdict on them.

use super::Comparison;

/// What a stream says about the run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// Tests ran, and nothing is wrong.
    Passed,
    /// A test failed, passed unexpectedly or never ended, or the stream was damaged or cut short.
    Failed,
    /// No test ran, and nothing else is wrong.
    NoTests,
}

/// Counts of what a stream held. Statuses are those of results, see [`run`](super): the attempts at a test
/// are one.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Counts {
    /// Results that passed.
    pub success: u64,
    /// Results that failed.
    pub fail: u64,
    /// Results that were not run.
    pub skip: u64,
    /// Expected failures.
    pub xfail: u64,
    /// Unexpected successes.
    pub uxsuccess: u64,
    /// Tests that were named and never ended.
    pub unfinished: u64,
    /// Results whose last attempt did not fail, after attempts that did. They are counted by their status as well.
    pub flaky: u64,
    /// Results of what cannot be run by itself, such as layers, set-ups and subtests. They are counted by their
    /// status as well; those that never ended are not among them.
    pub not_runnable: u64,
    /// Events with the status `exists`.
    pub exists: u64,
    /// Events of any kind.
    pub events: u64,
    /// Bytes outside packets.
    pub text_bytes: u64,
    /// Places of damage.
    pub damage: u64,
    /// The run compared with its baseline, if there is one.
    pub comparison: Option<Comparison>,
}

impl Counts {
    /// Results with any final status, of tests and of what cannot be run by itself, without the unfinished
    /// ones.
    pub fn results(&self) -> u64 {
        self.success + self.fail + self.skip + self.xfail + self.uxsuccess
    }

    /// How many tests have ended: the runnable results or, if there are none, all results, without the
    /// unfinished ones.
    pub fn tests(&self) -> u64 {
        match self.results() - self.not_runnable.min(self.results()) {
            0 => self.not_runnable,
            runnable => runnable,
        }
    }

    /// Results that are not among [`Counts::tests`].
    pub fn others(&self) -> u64 {
        self.results() - self.tests()
    }

    /// The rule of what is green: something ran, and nothing failed, passed unexpectedly, never ended or was
    /// damaged. Failures that the baseline has do not count, if
    /// [`KnownFailures::Pass`](super::KnownFailures::Pass) says so.
    pub fn verdict(&self) -> Verdict {
        let failures = self.fail + self.uxsuccess;
        let failing = self.comparison.map_or(failures, |comparison| comparison.failing());
        if failing + self.unfinished + self.damage > 0 {
            return Verdict::Failed;
        }
        if self.results() == 0 { Verdict::NoTests } else { Verdict::Passed }
    }
}
