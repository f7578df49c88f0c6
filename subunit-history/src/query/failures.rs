//! What failed in a run?

use super::{History, RunRow, TestIdentity, names::TestNames};
use crate::{Error, OutcomeCode, index::results, sql::SqlResult};

/// A test that failed, passed unexpectedly or never ended.
#[derive(Clone, Debug)]
pub struct RunFailure {
    /// The test.
    pub test: TestIdentity,
    /// What it came to.
    pub outcome: OutcomeCode,
    /// Why, without what differs from run to run.
    pub message: String,
}

impl History {
    /// What failed in a run, in the order in which the tests were first seen.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn failures(&self, run: &RunRow) -> Result<Vec<RunFailure>, Error> {
        self.read_failures(run.id).map_err(self.index.error())
    }

    /// The tests of a run that came to a result, or never ended.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn tests_of(&self, run: &RunRow) -> Result<Vec<TestIdentity>, Error> {
        let read = || {
            let connection = self.index.connection();
            let mut ran = results(connection, run.id)?;
            ran.retain(|one| one.outcome != OutcomeCode::EXISTS);
            let mut names = TestNames::of_all(connection, ran.iter().map(|one| one.test))?;
            ran.iter().map(|one| names.of(one.test)).collect::<SqlResult<_>>()
        };
        read().map_err(self.index.error())
    }

    fn read_failures(&self, run: i64) -> SqlResult<Vec<RunFailure>> {
        let connection = self.index.connection();
        let read = "SELECT f.test, f.status, p.text FROM failure f LEFT JOIN fingerprint p ON p.id = f.fingerprint \
                    WHERE f.run = ? ORDER BY f.test";
        let mut read = connection.prepare(read)?;
        let rows = read.query_map([run], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let rows: Vec<(u32, u8, Option<String>)> = rows.collect::<SqlResult<_>>()?;
        let mut names = TestNames::of_all(connection, rows.iter().map(|(test, ..)| *test))?;
        let failure = |(test, outcome, message): (u32, u8, Option<String>)| {
            Ok(RunFailure {
                test: names.of(test)?,
                outcome: OutcomeCode::from_code(outcome),
                message: message.unwrap_or_default(),
            })
        };
        rows.into_iter().map(failure).collect()
    }
}
