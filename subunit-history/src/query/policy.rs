//! Which tests fail by a policy: N of their last M results are bad?

use super::{
    FailingTest, History, RunRow, TestIdentity, failing::FailureMessages, names::TestNames,
};
use crate::{Error, OutcomeCode, sql::SqlResult};

/// When a test counts as failing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NoticePolicy {
    /// At least this number of results are bad,
    pub bad: usize,
    /// of this number of last ones that are good or bad, or of fewer if there are no more.
    pub of: usize,
    /// After this number of good results it does not, whatever came before; 0 if that does not count.
    pub clear: usize,
}

/// Which tests begin and cease to fail with a run.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PolicyChanges {
    /// They fail with it, and did not without it.
    pub began: Vec<TestIdentity>,
    /// They failed without it, and do not with it.
    pub ceased: Vec<TestIdentity>,
}

impl PolicyChanges {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.began.is_empty() && self.ceased.is_empty()
    }
}

/// How many runs are looked at.
const RUNS: usize = 200;

impl NoticePolicy {
    /// Whether results, the latest first, are those of a test that fails.
    fn fails(self, results: &[OutcomeCode]) -> bool {
        let last = results.get(..self.of.min(results.len())).unwrap_or_default();
        let bad = last.iter().filter(|outcome| outcome.is_bad()).count();
        let good = results.iter().take_while(|outcome| outcome.is_good()).count();
        let is_cleared = self.clear > 0 && good >= self.clear;
        bad >= self.bad && !is_cleared
    }

    /// Whether a first result that is bad is not enough.
    #[must_use]
    pub fn tolerates_first(self) -> bool {
        !self.fails(&[OutcomeCode::FAIL])
    }
}

impl History {
    /// The tests of a series that have a policy and would fail by it if their next result were bad. At most the last
    /// 200 runs count.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn would_fail_by(
        &self,
        series: &str,
        policy: impl FnMut(&TestIdentity) -> Option<NoticePolicy>,
    ) -> Result<Vec<TestIdentity>, Error> {
        self.read_would_fail_by(series, policy).map_err(self.index.error())
    }

    fn read_would_fail_by(
        &self,
        series: &str,
        policy: impl FnMut(&TestIdentity) -> Option<NoticePolicy>,
    ) -> SqlResult<Vec<TestIdentity>> {
        let Some(series) = self.series(Some(series))? else { return Ok(Vec::new()) };
        let runs = self.last_runs(series, RUNS, false)?;
        let mut would_fail = Vec::new();
        self.each_with_policy(&runs, policy, |test| {
            if test.policy.fails(&[&[OutcomeCode::FAIL], &*telling(test.outcomes)].concat()) {
                would_fail.push(test.name);
            }
            Ok(())
        })?;
        Ok(would_fail)
    }

    /// The tests that fail by their policies with a run, and did not without it, and those of which the opposite is true: as it was
    /// when the run came in. At most the last 200 runs of its series count.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn changes_by(
        &self,
        run: &RunRow,
        policy: impl FnMut(&TestIdentity) -> NoticePolicy,
    ) -> Result<PolicyChanges, Error> {
        self.read_changes_by(run, policy).map_err(self.index.error())
    }

    fn read_changes_by(
        &self,
        run: &RunRow,
        mut policy: impl FnMut(&TestIdentity) -> NoticePolicy,
    ) -> SqlResult<PolicyChanges> {
        let mut changes = PolicyChanges::default();
        let Some(series) = self.series(Some(&run.series))? else { return Ok(changes) };
        let mut runs = self.last_runs(series, RUNS, false)?;
        // Runs that came in after it are news of their own.
        runs.retain(|one| one.id <= run.id);
        let Some(place) = runs.iter().position(|one| one.id == run.id) else { return Ok(changes) };
        self.each_with_policy(
            &runs,
            |test| Some(policy(test)),
            |test| {
                let (later, earlier) = test.outcomes.split_at(place.min(test.outcomes.len()));
                let others = [later, earlier.get(1..).unwrap_or_default()].concat();
                let fails = |outcomes: &[OutcomeCode]| test.policy.fails(&telling(outcomes));
                match (fails(&others), fails(test.outcomes)) {
                    (false, true) => changes.began.push(test.name),
                    (true, false) => changes.ceased.push(test.name),
                    _ => {}
                }
                Ok(())
            },
        )?;
        Ok(changes)
    }

    /// The tests of a series, or of that of the run that came last, that fail by their policies; those without one as
    /// [`History::failing`] says. At most the last 200 runs count.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn failing_by(
        &self,
        series: Option<&str>,
        mut policy: impl FnMut(&TestIdentity) -> Option<NoticePolicy>,
    ) -> Result<Vec<FailingTest>, Error> {
        let mut failing = self.failing(series)?;
        failing.retain(|one| policy(&one.test).is_none());
        let found = self.read_failing_by(series, policy).map_err(self.index.error())?;
        failing.extend(found);
        Ok(failing)
    }

    fn read_failing_by(
        &self,
        series: Option<&str>,
        policy: impl FnMut(&TestIdentity) -> Option<NoticePolicy>,
    ) -> SqlResult<Vec<FailingTest>> {
        let Some(series) = self.series(series)? else { return Ok(Vec::new()) };
        let runs = self.last_runs(series, RUNS, false)?;
        let mut failing = Vec::new();
        let mut numbers = Vec::new();
        self.each_with_policy(&runs, policy, |test| {
            let TestResults { number, name, policy, outcomes } = test;
            let telling = telling(outcomes);
            if !policy.fails(&telling) {
                return Ok(());
            }
            let last_bad = outcomes.iter().position(|outcome| outcome.is_bad());
            let run = last_bad.and_then(|at| runs.get(at)).map_or(0, |run| run.id);
            numbers.push(number);
            failing.push(FailingTest {
                test: name,
                outcome: telling.first().copied().unwrap_or_default(),
                message: String::new(),
                since: None,
                is_born_broken: false,
                run,
            });
            Ok(())
        })?;
        let changes = self.last_changes(series, &numbers.iter().copied().collect())?;
        let mut messages = FailureMessages::default();
        for (one, number) in failing.iter_mut().zip(numbers) {
            let change = changes.get(&number);
            one.message = self.message(&mut messages, one.run, number)?.unwrap_or_default();
            one.since = change.filter(|_| one.outcome.is_bad()).map(|change| change.run);
            one.is_born_broken = change.is_some_and(|change| change.was == OutcomeCode::ABSENT);
        }
        Ok(failing)
    }

    /// Hands out the tests of these runs that have a policy.
    fn each_with_policy(
        &self,
        runs: &[RunRow],
        mut policy: impl FnMut(&TestIdentity) -> Option<NoticePolicy>,
        mut take: impl FnMut(TestResults<'_>) -> SqlResult<()>,
    ) -> SqlResult<()> {
        let found = self.outcomes(runs)?;
        let numbers = found.iter().map(|(test, _)| *test);
        let mut names = TestNames::of_all(self.index.connection(), numbers)?;
        for (number, outcomes) in found {
            let name = names.of(number)?;
            if let Some(policy) = policy(&name) {
                take(TestResults { number, name, policy, outcomes: &outcomes })?;
            }
        }
        Ok(())
    }
}

/// A test with a policy, and what it came to in some runs, the latest first.
struct TestResults<'o> {
    number: u32,
    name: TestIdentity,
    policy: NoticePolicy,
    outcomes: &'o [OutcomeCode],
}

/// The results that are good or bad.
fn telling(outcomes: &[OutcomeCode]) -> Vec<OutcomeCode> {
    OutcomeCode::telling(outcomes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n_of_m_results_and_what_clears_them() {
        for (policy, letters, fails) in [
            ((2, 3, 0), "!.!", true),
            ((2, 3, 0), "..!!!", false),
            ((2, 3, 0), ".!!", true),
            ((2, 3, 1), ".!!", false),
            ((9, 10, 0), "!!!!!", false),
            ((3, 10, 0), "!!!", true),
            ((1, 1, 0), "", false),
            ((1, 5, 2), ".!...", true),
            ((1, 5, 2), "..!..", false),
        ] {
            let (bad, of, clear) = policy;
            let outcome = |letter| {
                if letter == '!' { OutcomeCode::FAIL } else { OutcomeCode::SUCCESS }
            };
            let results: Vec<OutcomeCode> = letters.chars().map(outcome).collect();
            assert_eq!(
                NoticePolicy { bad, of, clear }.fails(&results),
                fails,
                "{policy:?} {letters}"
            );
        }
    }
}
