//! What did one test come to in all runs?

use super::{History, RunRow, TestIdentity};
use crate::{
    Error, Micros, OutcomeCode,
    sql::SqlResult,
    tile::{TILE, at, times},
};

/// A test in a run.
#[derive(Clone, Debug)]
pub struct TestRun {
    /// The run.
    pub run: RunRow,
    /// What the test came to.
    pub outcome: OutcomeCode,
    /// How long it took.
    pub time: Micros,
}

/// A test in all runs that have it.
#[derive(Clone, Debug)]
pub struct TestHistory {
    /// The test.
    pub test: TestIdentity,
    /// The runs, the last ones of each series last.
    pub runs: Vec<TestRun>,
}

impl TestHistory {
    /// The time that so many of 100 good results did not exceed, of the last 100: the nearest rank.
    pub fn percentile(&self, percent: usize) -> Option<Micros> {
        const RESULTS: usize = 100;
        let good = self.runs.iter().rev().filter(|run| run.outcome.is_good()).take(RESULTS);
        let mut all: Vec<Micros> = good.map(|run| run.time).collect();
        all.sort_unstable();
        let rank = (all.len() * percent).div_ceil(100).max(1);
        all.get(rank - 1).copied()
    }
}

impl History {
    /// The tests of this id, one for each scope, in all runs or in those of a series.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn test(&self, id: &str, series: Option<&str>) -> Result<Vec<TestHistory>, Error> {
        let mut runs = self.runs(series)?;
        runs.sort_by_key(|run| (run.seq, run.loaded));
        self.read_test(id, &runs).map_err(self.index.error())
    }

    /// Ids of tests that have this text in them, at most `most`.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn search(&self, text: &str, most: usize) -> Result<Vec<TestIdentity>, Error> {
        let read = || {
            let find =
                "SELECT scope, id, runnable FROM test WHERE instr(id, ?) > 0 ORDER BY num LIMIT ?";
            let mut find = self.index.connection().prepare(find)?;
            let rows = find.query_map((text, most as i64), |row| {
                Ok(TestIdentity { scope: row.get(0)?, id: row.get(1)?, runnable: row.get(2)? })
            })?;
            rows.collect::<SqlResult<_>>()
        };
        read().map_err(self.index.error())
    }

    fn read_test(&self, id: &str, runs: &[RunRow]) -> SqlResult<Vec<TestHistory>> {
        let connection = self.index.connection();
        let mut find = connection
            .prepare("SELECT num, scope, runnable FROM test WHERE id = ? ORDER BY num")?;
        let mut rows = find.query([id])?;
        let mut histories = Vec::new();
        while let Some(row) = rows.next()? {
            let number: u32 = row.get(0)?;
            let test =
                TestIdentity { scope: row.get(1)?, id: id.to_owned(), runnable: row.get(2)? };
            histories.push(TestHistory { test, runs: self.read_runs(number, runs)? });
        }
        Ok(histories)
    }

    fn read_runs(&self, test: u32, runs: &[RunRow]) -> SqlResult<Vec<TestRun>> {
        let connection = self.index.connection();
        let durations = connection.dialect().durations_of_statuses();
        let read = format!(
            "SELECT s.run, s.status, d.dur FROM status_tile s JOIN duration_tile d \
                    ON {durations} WHERE s.block = ?"
        );
        let mut read = connection.prepare(&read)?;
        let mut rows = read.query([test / TILE])?;
        let mut found: hashbrown::HashMap<i64, (OutcomeCode, Micros)> = hashbrown::HashMap::new();
        while let Some(row) = rows.next()? {
            let (outcome, before) = at(row.get_ref(1)?.as_blob()?, test % TILE);
            if outcome != OutcomeCode::ABSENT {
                let time = times(row.get_ref(2)?.as_blob()?).nth(before).unwrap_or_default();
                found.insert(row.get(0)?, (outcome, time));
            }
        }
        let run = |run: &RunRow| {
            let (outcome, time) = *found.get(&run.id)?;
            Some(TestRun { run: run.clone(), outcome, time })
        };
        Ok(runs.iter().filter_map(run).collect())
    }
}
