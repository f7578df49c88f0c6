//! What does a run know of itself, and which numbers does a test report?

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{BrokenTest, History, RunRow, TestIdentity, names::TestNames};
use crate::{
    Error, OutcomeCode,
    sql::{OptionalRow, SqlResult},
};

/// What a run knows of itself, as far as its stream says it.
#[derive(Clone, Debug, Default)]
pub struct RunSnapshot {
    /// Where it ran: the kernel, the system, named variables.
    pub environment: Map<String, Value>,
    /// The configuration that was in force.
    pub configuration: Option<String>,
    /// What was installed: each kind, such as `dpkg`, with the versions by name.
    pub installed: BTreeMap<String, BTreeMap<String, String>>,
}

/// A file `installed` of a stream.
#[derive(Deserialize)]
struct Installed {
    by: String,
    #[serde(default, rename = "in")]
    folder: Option<String>,
    versions: BTreeMap<String, String>,
}

/// The numbers of one name that a test reports.
#[derive(Clone, Debug)]
pub struct MetricHistory {
    /// The test.
    pub test: TestIdentity,
    /// What the number is called.
    pub name: String,
    /// The runs, the last one last, and the number in each.
    pub values: Vec<(RunRow, f64)>,
}

impl History {
    /// What a run knows of itself.
    ///
    /// # Errors
    ///
    /// If the index cannot be read, or an older program wrote it.
    pub fn snapshot(&self, run: &RunRow) -> Result<RunSnapshot, Error> {
        self.index.needs(3)?;
        let read = || {
            let read = "SELECT e.text, c.text FROM run r LEFT JOIN snapshot e ON e.id = r.environment \
                        LEFT JOIN snapshot c ON c.id = r.configuration WHERE r.id = ?";
            self.index.connection().query_row(read, [run.id], |row| {
                let environment: Option<String> = row.get(0)?;
                let environment = environment.and_then(|text| serde_json::from_str(&text).ok());
                Ok(RunSnapshot {
                    environment: environment.unwrap_or_default(),
                    configuration: row.get(1)?,
                    installed: BTreeMap::new(),
                })
            })
        };
        let snapshot: RunSnapshot = read().map_err(self.index.error())?;
        let installed = self.installed(run.id).map_err(self.index.error())?;
        Ok(RunSnapshot { installed, ..snapshot })
    }

    fn installed(&self, run: i64) -> SqlResult<BTreeMap<String, BTreeMap<String, String>>> {
        let mut found: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        if self.index.needs(5).is_err() {
            return Ok(found);
        }
        let read = "SELECT s.text FROM installed i JOIN snapshot s ON s.id = i.snapshot WHERE i.run = ? ORDER BY i.place";
        let mut read = self.index.connection().prepare(read)?;
        let mut rows = read.query([run])?;
        while let Some(row) = rows.next()? {
            let said = serde_json::from_str::<Installed>(row.get_ref(0)?.as_str()?);
            // What cannot be read says nothing.
            let Ok(Installed { by, folder, versions }) = said else { continue };
            let known = found.entry(by).or_default();
            known.extend(versions);
            known.extend(folder.map(|folder| ("(folder)".to_owned(), folder)));
        }
        Ok(found)
    }

    /// The numbers that the tests of this id report, in all runs or in those of a series; those of one name, if it is
    /// given.
    ///
    /// # Errors
    ///
    /// If the index cannot be read, or an older program wrote it.
    pub fn metrics(
        &self,
        id: &str,
        series: Option<&str>,
        name: Option<&str>,
    ) -> Result<Vec<MetricHistory>, Error> {
        self.index.needs(3)?;
        let mut runs = self.runs(series)?;
        runs.sort_by_key(|run| (run.seq, run.loaded));
        self.read_metrics(id, &runs, name).map_err(self.index.error())
    }

    fn read_metrics(
        &self,
        id: &str,
        runs: &[RunRow],
        wanted: Option<&str>,
    ) -> SqlResult<Vec<MetricHistory>> {
        let connection = self.index.connection();
        let read = "SELECT t.num, n.name, m.run, m.value FROM test t JOIN metric m ON m.test = t.num \
                    JOIN metric_name n ON n.id = m.name WHERE t.id = ?1 AND (n.name = ?2 OR ?2 IS NULL) \
                    ORDER BY t.num, n.name";
        let mut read = connection.prepare(read)?;
        let rows = read.query_map((id, wanted), |row| {
            Ok(((row.get(0)?, row.get(1)?), row.get(2)?, row.get(3)?))
        })?;
        let rows: Vec<((u32, String), i64, f64)> = rows.collect::<SqlResult<_>>()?;
        let mut names = TestNames::new(connection)?;
        let mut found = Vec::new();
        for one in rows.chunk_by(|one, next| one.0 == next.0) {
            let Some(((test, name), ..)) = one.first() else { continue };
            let value = |run: &RunRow| {
                let (.., value) = one.iter().find(|(_, id, _)| *id == run.id)?;
                Some((run.clone(), *value))
            };
            let values = runs.iter().filter_map(value).collect();
            found.push(MetricHistory { test: names.of(*test)?, name: name.clone(), values });
        }
        Ok(found)
    }

    /// When a test of this id last went from good to bad, or was first seen bad: the first bad run and the last good one
    /// before it. Of a series, or of that of the run that came last.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn turned_bad(&self, id: &str, series: Option<&str>) -> Result<Option<BrokenTest>, Error> {
        let Some((test, now, first_bad, last_good)) =
            self.read_turned_bad(id, series).map_err(self.index.error())?
        else {
            return Ok(None);
        };
        let run = |id: Option<i64>| id.map_or(Ok(None), |id| self.run(id));
        let (first_bad, last_good) = (run(Some(first_bad))?, run(last_good)?);
        Ok(Some(BrokenTest { test, outcome: now, first_bad, last_good }))
    }

    #[expect(clippy::type_complexity, reason = "one caller")]
    fn read_turned_bad(
        &self,
        id: &str,
        series: Option<&str>,
    ) -> SqlResult<Option<(TestIdentity, OutcomeCode, i64, Option<i64>)>> {
        let Some(series) = self.series(series)? else { return Ok(None) };
        let connection = self.index.connection();
        let read = "SELECT t.num, c.now, c.run, CASE WHEN c.was != 0 THEN c.prior END FROM test t \
                    JOIN change c ON c.series = ?2 AND c.test = t.num JOIN run r ON r.id = c.run \
                    WHERE t.id = ?1 AND c.now IN (2, 4, 6) ORDER BY r.seq DESC, r.loaded DESC, r.uuid DESC LIMIT 1";
        let found = connection.prepare(read)?.query_row((id, series), |row| {
            Ok((row.get::<u32>(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        });
        let Some((test, now, first_bad, last_good)) = found.optional()? else {
            return Ok(None);
        };
        let test = TestNames::new(connection)?.of(test)?;
        Ok(Some((test, OutcomeCode::from_code(now), first_bad, last_good)))
    }
}
