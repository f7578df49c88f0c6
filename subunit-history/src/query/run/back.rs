//! Which runs of a series come before one of them, and after it?

use super::RunRow;
use crate::{Error, query::History, sql::OptionalRow};

impl History {
    /// The name of the store, which no other one has.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn uuid(&self) -> Result<String, Error> {
        let read =
            || self.index.connection().query_row("SELECT uuid FROM store", [], |row| row.get(0));
        read().map_err(self.index.error())
    }

    /// The run of this UUID, the whole of it; also one of which only the row is left.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn run_named(&self, uuid: &str) -> Result<Option<RunRow>, Error> {
        self.one("r.uuid = ?1", &uuid)
    }

    /// Runs of a series that are kept, the latest first, at most `most`: from this run back, or else from the last one.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn runs_back(
        &self,
        series: &str,
        from: Option<&RunRow>,
        most: usize,
    ) -> Result<Vec<RunRow>, Error> {
        let read = || {
            let Some(number) = self.series(Some(series))? else { return Ok(Vec::new()) };
            let Some(from) = from else { return self.last_runs(number, most, true) };
            let read = "SELECT r.*, s.name FROM run r JOIN series s ON s.id = r.series WHERE r.series = ?1 AND r.kept > 0 \
                        AND (r.seq, r.loaded, r.uuid) <= (?2, ?3, ?4) ORDER BY r.seq DESC, r.loaded DESC, r.uuid DESC LIMIT ?5";
            let mut read = self.index.connection().prepare(read)?;
            let values = (number, from.seq, from.loaded, &from.uuid, most as i64);
            read.query_map(values, RunRow::of)?.collect()
        };
        read().map_err(self.index.error())
    }

    /// The run of a series that is `steps` runs later than this one, or the last one if there are fewer.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn run_after(&self, run: &RunRow, steps: usize) -> Result<Option<RunRow>, Error> {
        let read = || {
            let read = "SELECT * FROM (SELECT r.*, s.name FROM run r JOIN series s ON s.id = r.series WHERE s.name = ?1 AND r.kept > 0 \
                        AND (r.seq, r.loaded, r.uuid) > (?2, ?3, ?4) ORDER BY r.seq, r.loaded, r.uuid LIMIT ?5) later \
                        ORDER BY seq DESC, loaded DESC, uuid DESC LIMIT 1";
            let mut read = self.index.connection().prepare(read)?;
            let values = (&run.series, run.seq, run.loaded, &run.uuid, steps as i64);
            read.query_row(values, RunRow::of).optional()
        };
        read().map_err(self.index.error())
    }
}
