//! Which tests fail now?

use std::collections::BTreeSet;

use hashbrown::HashMap;

use super::{History, TestIdentity, names::TestNames};
use crate::{
    Error, OutcomeCode,
    index::BlockState,
    sql::{OptionalRow, SqlResult},
    tile::TILE,
};

/// A test whose last result in a series is bad.
#[derive(Clone, Debug)]
pub struct FailingTest {
    /// The test.
    pub test: TestIdentity,
    /// What it came to.
    pub outcome: OutcomeCode,
    /// Why, without what differs from run to run.
    pub message: String,
    /// The run since which it is bad, if that is known.
    pub since: Option<i64>,
    /// Whether the history knows of no good result before.
    pub is_born_broken: bool,
    /// The last run in which it was bad; its failure is in the stream of that run.
    pub run: i64,
}

/// A test that none of the last whole runs has is gone, and does not fail.
const RUNS: i64 = 3;
/// What is no test, such as a file that cannot be imported, is gone with the first whole run that does not have it.
const RUNS_OF_NO_TEST: i64 = 1;

/// A test that fails, by number.
#[derive(Clone, Copy, Debug)]
pub(super) struct FailingNumber {
    pub(super) test: u32,
    pub(super) outcome: OutcomeCode,
    /// Whether it fails in a run that says something about the tests.
    pub(super) tells: bool,
    pub(super) seen: u32,
}

impl History {
    /// The tests that fail, of a series or of that of the run that came last; in the order in which they were first
    /// seen. Tests that are gone do not.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn failing(&self, series: Option<&str>) -> Result<Vec<FailingTest>, Error> {
        self.read_failing(series).map_err(self.index.error())
    }

    fn read_failing(&self, series: Option<&str>) -> SqlResult<Vec<FailingTest>> {
        let Some(series) = self.series(series)? else { return Ok(Vec::new()) };
        let latest = self.latest(series)?.unwrap_or_default();
        let failing = self.failing_numbers(series)?;
        let tests: BTreeSet<u32> = failing.iter().map(|failing| failing.test).collect();
        let mut names = TestNames::of_all(self.index.connection(), tests.iter().copied())?;
        let changes = self.last_changes(series, &tests)?;
        // Nearly all were seen in one of the last runs.
        let mut messages = FailureMessages::default();
        let mut found = Vec::new();
        for FailingNumber { test, outcome, tells, seen } in failing {
            let change = changes.get(&test).filter(|_| tells);
            let seen = i64::from(seen);
            let (run, message) = match self.message(&mut messages, seen, test)? {
                Some(message) if tells => (seen, message),
                _ => (latest, self.message(&mut messages, latest, test)?.unwrap_or_default()),
            };
            found.push(FailingTest {
                test: names.of(test)?,
                outcome,
                message,
                since: change.map(|change| change.run),
                is_born_broken: change.is_some_and(|change| change.was == OutcomeCode::ABSENT),
                run,
            });
        }
        Ok(found)
    }

    /// Why a test failed in a run; what all tests failed with in that run is read at once.
    pub(super) fn message(
        &self,
        known: &mut FailureMessages,
        run: i64,
        test: u32,
    ) -> SqlResult<Option<String>> {
        if let Some(messages) = known.get(&run) {
            return Ok(messages.get(&test).cloned());
        }
        let read = "SELECT f.test, p.text FROM failure f JOIN fingerprint p ON p.id = f.fingerprint WHERE f.run = ?";
        let mut read = self.index.connection().prepare(read)?;
        let rows = read.query_map([run], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let messages = known.entry(run).or_insert(rows.collect::<SqlResult<HashMap<_, _>>>()?);
        Ok(messages.get(&test).cloned())
    }

    pub(super) fn failing_numbers(&self, series: i64) -> SqlResult<Vec<FailingNumber>> {
        let gone = self.gone_before(series)?;
        let no_test_gone = self.missed_by_all_since(series, RUNS_OF_NO_TEST)?;
        let connection = self.index.connection();
        let mut names = TestNames::new(connection)?;
        let mut seq = connection.prepare("SELECT seq FROM run WHERE id = ?")?;
        let mut seqs: HashMap<u32, i64> = HashMap::new();
        let mut found = Vec::new();
        for (block, state) in self.states(series)? {
            for (place, test) in BlockState::tests(&state) {
                if !test.last.is_bad() {
                    continue;
                }
                let seen = match seqs.get(&test.seen) {
                    Some(seen) => *seen,
                    None => {
                        let seen = seq.query_row([test.seen], |row| row.get(0)).optional()?;
                        *seqs.entry(test.seen).or_insert(seen.unwrap_or(i64::MAX))
                    }
                };
                let number = block * TILE + place;
                if seen < gone || seen < no_test_gone && !names.of(number)?.runnable {
                    continue;
                }
                found.push(FailingNumber {
                    test: number,
                    outcome: test.last,
                    tells: test.telling.is_bad(),
                    seen: test.seen,
                });
            }
        }
        Ok(found)
    }

    /// Tests that were last seen before this place of a series are gone.
    pub(super) fn gone_before(&self, series: i64) -> SqlResult<i64> {
        self.missed_by_all_since(series, RUNS)
    }

    /// What was last seen before this place of a series is in none of so many last whole runs.
    fn missed_by_all_since(&self, series: i64, runs: i64) -> SqlResult<i64> {
        let first = "SELECT seq FROM run WHERE series = ? AND kept > 0 AND NOT partial AND NOT interrupted \
                     AND NOT infrastructure ORDER BY seq DESC, loaded DESC, uuid DESC LIMIT 1 OFFSET ?";
        let first = self.index.connection().query_row(first, (series, runs - 1), |row| row.get(0));
        Ok(first.optional()?.unwrap_or(i64::MIN))
    }

    /// The last time that each of these tests went from good to bad or back.
    pub(super) fn last_changes(
        &self,
        series: i64,
        tests: &BTreeSet<u32>,
    ) -> SqlResult<HashMap<u32, LastChange>> {
        let connection = self.index.connection();
        let dialect = connection.dialect();
        let read = format!(
            "SELECT test, run, was, prior FROM (SELECT c.test, c.run, c.was, c.prior, row_number() OVER \
             (PARTITION BY c.test ORDER BY r.seq DESC, r.loaded DESC, r.uuid DESC) AS nth \
             FROM change c JOIN run r ON r.id = c.run WHERE c.series = ? AND c.test {}) AS ranked WHERE nth = 1",
            dialect.is_one_of()
        );
        let tests: Vec<u32> = tests.iter().copied().collect();
        let mut read = connection.prepare(&read)?;
        let rows = read.query_map((series, dialect.numbers(&tests)), |row| {
            let was = OutcomeCode::from_code(row.get(2)?);
            Ok((row.get(0)?, LastChange { run: row.get(1)?, was, prior: row.get(3)? }))
        })?;
        rows.collect()
    }
}

/// What tests failed with, by run.
pub(super) type FailureMessages = HashMap<i64, HashMap<u32, String>>;

/// See [`History::last_changes`].
#[derive(Clone, Copy, Debug)]
pub(super) struct LastChange {
    pub(super) run: i64,
    pub(super) was: OutcomeCode,
    pub(super) prior: Option<i64>,
}
