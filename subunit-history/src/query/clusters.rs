//! Which messages do many tests fail with?

use std::cmp::Reverse;

use super::{History, RunRow, TestIdentity, names::TestNames};
use crate::{Error, index::week_of, sql::SqlResult};

/// Failures with one message.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// The message, without what differs from run to run.
    pub message: String,
    /// How many failures have it.
    pub failures: u64,
    /// How many tests had it in one run, at most.
    pub tests: u64,
    /// The first run that had it in that time.
    pub first_run: i64,
    /// The last run that had it.
    pub last_run: i64,
    /// Some of the tests that had it in the last run.
    pub examples: Vec<TestIdentity>,
}

impl Cluster {
    /// Those of several series or histories as one, at most `most`. The runs are those of the first one that has the
    /// message.
    pub fn merge(all: Vec<Self>, most: usize) -> Vec<Self> {
        let mut merged: Vec<Self> = Vec::new();
        for one in all {
            match merged.iter_mut().find(|known| known.message == one.message) {
                Some(known) => {
                    known.failures += one.failures;
                    known.tests = known.tests.max(one.tests);
                }
                None => merged.push(one),
            }
        }
        merged.sort_by_key(|one| Reverse((one.tests, one.failures)));
        merged.truncate(most);
        merged
    }
}

/// How many tests of a cluster are named.
const EXAMPLES: i64 = 3;

impl History {
    /// The messages of the last weeks of a series, or of that of the run that came last: those that most tests had in
    /// one run first, at most `most`.
    ///
    /// # Errors
    ///
    /// If the index cannot be read, or an older program wrote it.
    pub fn clusters(
        &self,
        series: Option<&str>,
        weeks: u32,
        most: usize,
    ) -> Result<Vec<Cluster>, Error> {
        self.index.needs(2)?;
        self.read_clusters(series, weeks, most).map_err(self.index.error())
    }

    fn read_clusters(
        &self,
        series: Option<&str>,
        weeks: u32,
        most: usize,
    ) -> SqlResult<Vec<Cluster>> {
        let Some(series) = self.series(series)? else { return Ok(Vec::new()) };
        let since = self.last_week(series)?.saturating_sub(weeks.into());
        // A number of a run has 24 bits.
        let read = "SELECT p.text, w.fingerprint, sum(w.failures), max(w.tests), min(w.week << 24 | w.first_run) & 16777215, \
                    max(w.week << 24 | w.last_run) & 16777215 \
                    FROM fingerprint_week w JOIN fingerprint p ON p.id = w.fingerprint \
                    WHERE w.series = ? AND w.week > ? GROUP BY p.text, w.fingerprint \
                    ORDER BY max(w.tests) DESC, sum(w.failures) DESC, p.text LIMIT ?";
        let mut read = self.index.connection().prepare(read)?;
        let mut rows = read.query((series, since, most as i64))?;
        let mut clusters = Vec::new();
        while let Some(row) = rows.next()? {
            let last_run = row.get(5)?;
            clusters.push(Cluster {
                message: row.get(0)?,
                failures: row.get(2)?,
                tests: row.get(3)?,
                first_run: row.get(4)?,
                last_run,
                examples: self.examples(last_run, row.get(1)?)?,
            });
        }
        Ok(clusters)
    }

    /// The messages of one run: those that most tests have first, at most `most`.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn clusters_of(&self, run: &RunRow, most: usize) -> Result<Vec<Cluster>, Error> {
        self.read_clusters_of(run.id, most).map_err(self.index.error())
    }

    fn read_clusters_of(&self, run: i64, most: usize) -> SqlResult<Vec<Cluster>> {
        let read = "SELECT p.text, f.fingerprint, count(*) FROM failure f JOIN fingerprint p ON p.id = f.fingerprint \
                    WHERE f.run = ? GROUP BY p.text, f.fingerprint ORDER BY count(*) DESC, p.text LIMIT ?";
        let mut read = self.index.connection().prepare(read)?;
        let mut rows = read.query((run, most as i64))?;
        let mut clusters = Vec::new();
        while let Some(row) = rows.next()? {
            let count = row.get(2)?;
            clusters.push(Cluster {
                message: row.get(0)?,
                failures: count,
                tests: count,
                first_run: run,
                last_run: run,
                examples: self.examples(run, row.get(1)?)?,
            });
        }
        Ok(clusters)
    }

    fn examples(&self, run: i64, fingerprint: i64) -> SqlResult<Vec<TestIdentity>> {
        let read = "SELECT test FROM failure WHERE run = ? AND fingerprint = ? LIMIT ?";
        let mut read = self.index.connection().prepare(read)?;
        let rows = read.query_map((run, fingerprint, EXAMPLES), |row| row.get(0))?;
        let tests: Vec<u32> = rows.collect::<SqlResult<_>>()?;
        let mut names = TestNames::of_all(self.index.connection(), tests.iter().copied())?;
        tests.into_iter().map(|test| names.of(test)).collect()
    }

    /// The week of the latest run of a series.
    pub(super) fn last_week(&self, series: i64) -> SqlResult<i64> {
        let last = "SELECT coalesce(max(started), 0) FROM run WHERE series = ? AND kept >= 0";
        let last = self.index.connection().query_row(last, [series], |row| row.get(0))?;
        Ok(week_of(last))
    }
}
