//! How many results of each status?

use subunit_core::Status;

/// ResultNumbers of results.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct ResultNumbers {
    pub(crate) success: u64,
    pub(crate) fail: u64,
    pub(crate) skip: u64,
    pub(crate) xfail: u64,
    pub(crate) uxsuccess: u64,
}

/// The statuses, and what people call them.
pub(super) const KINDS: [(Status, &str); 5] = [
    (Status::Success, "passed"),
    (Status::Fail, "failed"),
    (Status::Skip, "skipped"),
    (Status::ExpectedFailure, "failed as expected"),
    (Status::UnexpectedSuccess, "passed unexpectedly"),
];

impl ResultNumbers {
    pub(crate) fn of(&self, status: Status) -> u64 {
        match status {
            Status::Success => self.success,
            Status::Fail => self.fail,
            Status::Skip => self.skip,
            Status::ExpectedFailure => self.xfail,
            Status::UnexpectedSuccess => self.uxsuccess,
            Status::Exists | Status::InProgress => 0,
        }
    }

    /// Adds this number of results.
    pub(crate) fn add(&mut self, status: Status, count: u64) {
        let number = match status {
            Status::Success => &mut self.success,
            Status::Fail => &mut self.fail,
            Status::Skip => &mut self.skip,
            Status::ExpectedFailure => &mut self.xfail,
            Status::UnexpectedSuccess => &mut self.uxsuccess,
            Status::Exists | Status::InProgress => return,
        };
        *number = number.saturating_add(count);
    }

    /// Adds all of these.
    pub(crate) fn add_all(&mut self, others: &Self) {
        for (status, _) in KINDS {
            self.add(status, others.of(status));
        }
    }

    pub(crate) fn total(&self) -> u64 {
        KINDS.iter().fold(0, |sum: u64, (status, _)| sum.saturating_add(self.of(*status)))
    }
}

/// What a runner's summary says.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct SummaryCounts {
    /// Of each status so many results.
    pub(crate) numbers: ResultNumbers,
    /// The run has failed.
    pub(crate) failed: bool,
    /// How many results there are in all, where it says that apart.
    pub(crate) total: Option<u64>,
    /// Something else than the results, such as the number of files, agrees with the lines.
    pub(crate) agrees: bool,
    /// Of these statuses the lines have named each result.
    pub(crate) names: NamesOf,
}

/// Of which statuses the lines name every result.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum NamesOf {
    /// Of none: what has no name is told as a number.
    #[default]
    Some,
    /// Of those that failed.
    Failures,
    /// Of all: where the numbers differ, a line is missing, or was printed by a test.
    All,
}

impl NamesOf {
    pub(super) fn every(self, status: Status) -> bool {
        match self {
            Self::Some => false,
            Self::Failures => status == Status::Fail,
            Self::All => true,
        }
    }
}
