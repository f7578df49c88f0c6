//! What is different between two runs?

use std::cmp::Ordering;

use super::{History, RunRow, TestIdentity, names::TestNames};
use crate::{Error, OutcomeCode, index::results, sql::SqlResult};

/// What is different between two runs.
#[derive(Clone, Debug, Default)]
pub struct RunDiff {
    /// Bad in the second run, and not in the first one.
    pub newly_failing: Vec<(TestIdentity, OutcomeCode)>,
    /// Bad in the first run and good in the second one.
    pub fixed: Vec<(TestIdentity, OutcomeCode)>,
    /// Bad in both.
    pub still_failing: Vec<(TestIdentity, OutcomeCode)>,
    /// Only in the second run.
    pub added: Vec<(TestIdentity, OutcomeCode)>,
    /// Only in the first run.
    pub removed: Vec<(TestIdentity, OutcomeCode)>,
}

impl History {
    /// What is different between two runs. A test that is new and bad is both added and newly failing.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn diff(&self, old: &RunRow, new: &RunRow) -> Result<RunDiff, Error> {
        self.read_diff(old.id, new.id).map_err(self.index.error())
    }

    fn read_diff(&self, old: i64, new: i64) -> SqlResult<RunDiff> {
        let connection = self.index.connection();
        let (old, new) = (results(connection, old)?, results(connection, new)?);
        let mut told = Vec::new();
        let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
        loop {
            let order = match (old.peek(), new.peek()) {
                (None, None) => break,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(one), Some(other)) => one.test.cmp(&other.test),
            };
            let was = old.next_if(|_| order != Ordering::Greater);
            let is = new.next_if(|_| order != Ordering::Less);
            let Some(test) = was.or(is).map(|result| result.test) else { break };
            let outcome = |result: Option<&crate::tile::TestOutcome>| {
                result.map_or(OutcomeCode::ABSENT, |result| result.outcome)
            };
            let (was, is) = (outcome(was), outcome(is));
            if ran(was) != ran(is) || was.is_bad() || is.is_bad() {
                told.push((test, was, is));
            }
        }
        let mut names = TestNames::of_all(connection, told.iter().map(|(test, ..)| *test))?;
        let mut diff = RunDiff::default();
        for (test, was, is) in told {
            diff.take(was, is, names.of(test)?);
        }
        Ok(diff)
    }
}

impl RunDiff {
    fn take(&mut self, was: OutcomeCode, is: OutcomeCode, name: TestIdentity) {
        match (ran(was), ran(is)) {
            (false, true) => self.added.push((name.clone(), is)),
            (true, false) => self.removed.push((name.clone(), was)),
            _ => {}
        }
        match (was.is_bad(), is.is_bad()) {
            (false, true) => self.newly_failing.push((name, is)),
            (true, true) => self.still_failing.push((name, is)),
            (true, false) if is.is_good() => self.fixed.push((name, is)),
            _ => {}
        }
    }
}

fn ran(outcome: OutcomeCode) -> bool {
    !matches!(outcome, OutcomeCode::ABSENT | OutcomeCode::EXISTS)
}
