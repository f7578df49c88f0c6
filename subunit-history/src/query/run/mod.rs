//! Which runs are there?

mod back;
mod live;
mod messages;
mod record;
mod said;
mod stamp;

use serde_json::{Map, Value};
use subunit_core::run::{Counts, Verdict};

pub use self::{
    live::{LiveRun, LiveStream},
    messages::FoundMessage,
    record::RecordedResult,
    stamp::StoreStamp,
};
use super::History;
use crate::{
    Error,
    index::LATEST,
    sql::{Connection, OptionalRow, SqlResult, SqlRow, ToValue},
};

/// A run, and what it came to.
#[derive(Clone, Debug)]
pub struct RunRow {
    /// Its number.
    pub id: i64,
    /// Its name, that of its file.
    pub uuid: String,
    /// Which runs it may be compared with.
    pub series: String,
    /// Where it stands in its series, the lowest first.
    pub seq: i64,
    /// When it began, in microseconds since 1970.
    pub started: i64,
    /// When it came into the history, in microseconds since 1970.
    pub loaded: i64,
    /// How long it took, in microseconds, if that is known.
    pub elapsed: Option<i64>,
    /// Whether its stream is there.
    pub is_kept: bool,
    /// Whether its writer was killed.
    pub is_interrupted: bool,
    /// Whether only a selection of the tests was asked for.
    pub is_partial: bool,
    /// Whether nearly all failed, or nothing ran: it says nothing about the tests.
    pub is_infrastructure: bool,
    /// The revision that was checked out.
    pub revision: Option<String>,
    /// Whether files were changed since, if that is known.
    pub is_dirty: Option<bool>,
    /// What the stream says of itself in its files `run`.
    pub meta: Map<String, Value>,
    /// What it holds; decides whether it passed.
    pub counts: Counts,
    /// Tests that were good before it, or new, and are bad in it.
    pub broke: u64,
    /// Tests that were bad before it and are good in it.
    pub fixed: u64,
    /// Tests that no earlier run of the series has.
    pub fresh: u64,
    /// The length of its stream.
    pub raw_bytes: u64,
    /// The length of its file.
    pub stored_bytes: u64,
}

impl RunRow {
    /// How many results are bad: failed, passed unexpectedly, or never ended.
    pub fn bad(&self) -> u64 {
        self.counts.fail + self.counts.uxsuccess + self.counts.unfinished
    }

    /// How it came out, in a word or two.
    pub fn word(&self) -> &'static str {
        match self.counts.verdict() {
            _ if self.is_interrupted => "interrupted",
            _ if self.is_infrastructure => "infrastructure",
            Verdict::Passed => "passed",
            Verdict::Failed => "failed",
            Verdict::NoTests => "no tests",
        }
    }

    /// Whether it ended by itself and passed.
    pub fn is_green(&self) -> bool {
        !self.is_interrupted && self.counts.verdict() == Verdict::Passed
    }

    pub(super) fn of(row: SqlRow<'_>) -> SqlResult<Self> {
        let meta: String = row.get("meta")?;
        let counts = Counts {
            success: row.get("success")?,
            fail: row.get("fail")?,
            skip: row.get("skip")?,
            xfail: row.get("xfail")?,
            uxsuccess: row.get("uxsuccess")?,
            unfinished: row.get("unfinished")?,
            flaky: row.get("flaky")?,
            not_runnable: row.get("not_runnable")?,
            exists: row.get("listed")?,
            events: row.get("events")?,
            text_bytes: row.get("text_bytes")?,
            damage: row.get("damage")?,
            comparison: None,
        };
        Ok(Self {
            id: row.get("id")?,
            uuid: row.get("uuid")?,
            series: row.get("name")?,
            seq: row.get("seq")?,
            started: row.get("started")?,
            loaded: row.get("loaded")?,
            elapsed: row.get("elapsed_us")?,
            is_kept: row.get::<i64>("kept")? > 0,
            is_interrupted: row.get("interrupted")?,
            is_partial: row.get("partial")?,
            is_infrastructure: row.get("infrastructure")?,
            revision: row.get("revision")?,
            is_dirty: row.get("dirty")?,
            meta: serde_json::from_str(&meta).unwrap_or_default(),
            counts,
            broke: row.get("broke")?,
            fixed: row.get("fixed")?,
            fresh: row.get("fresh")?,
            raw_bytes: row.get("raw_bytes")?,
            stored_bytes: row.get("stored_bytes")?,
        })
    }
}

/// All runs, or those of a series, by their numbers.
pub(crate) fn runs(connection: &Connection, series: Option<&str>) -> SqlResult<Vec<RunRow>> {
    let read = "SELECT r.*, s.name FROM run r JOIN series s ON s.id = r.series \
                WHERE s.name = ?1 OR ?1 IS NULL ORDER BY r.id";
    connection.prepare(read)?.query_map([series], RunRow::of)?.collect()
}

impl History {
    /// The runs that are kept, the last that came first; of one series, if it is named.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn runs(&self, series: Option<&str>) -> Result<Vec<RunRow>, Error> {
        let mut runs = runs(self.index.connection(), series).map_err(self.index.error())?;
        runs.retain(|run| run.is_kept);
        runs.reverse();
        Ok(runs)
    }

    /// The run of this number; also of one of which only the row is left.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn run(&self, id: i64) -> Result<Option<RunRow>, Error> {
        self.one("r.id = ?1", &id)
    }

    /// The run that came last; of one series, if it is named.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn last(&self, series: Option<&str>) -> Result<Option<RunRow>, Error> {
        self.one("r.kept > 0 AND (s.name = ?1 OR ?1 IS NULL)", &series)
    }

    /// The run that is meant, of those that are wanted: `@12`, `12`, `@last`, `@last-green`, or the beginning of a UUID,
    /// of 4 digits or more, that no other run has.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn find(
        &self,
        meant: &str,
        is_wanted: impl Fn(&RunRow) -> bool,
    ) -> Result<Option<RunRow>, Error> {
        let word = meant.strip_prefix('@').unwrap_or(meant);
        match word {
            "last" => {
                // Mostly it is this one, and the others need not be read.
                if let Some(run) = self.last(None)?.filter(&is_wanted) {
                    return Ok(Some(run));
                }
                return Ok(self.runs(None)?.into_iter().find(is_wanted));
            }
            "last-green" => {
                let runs = self.runs(None)?.into_iter();
                return Ok(runs.filter(RunRow::is_green).find(is_wanted));
            }
            _ => {}
        }
        if let Ok(id) = word.parse()
            && let Some(run) = self.run(id)?
        {
            return Ok(Some(run).filter(|run| run.is_kept && is_wanted(run)));
        }
        if word.len() < 4 || !word.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-') {
            return Ok(None);
        }
        let mut found = self.runs(None)?;
        found.retain(|run| run.uuid.starts_with(word) && is_wanted(run));
        Ok(if found.len() == 1 { found.pop() } else { None })
    }

    fn one(&self, which: &str, value: &dyn ToValue) -> Result<Option<RunRow>, Error> {
        let read = format!(
            "SELECT r.*, s.name FROM run r JOIN series s ON s.id = r.series WHERE {which} ORDER BY r.id DESC LIMIT 1"
        );
        let read = || {
            let mut query = self.index.connection().prepare(&read)?;
            let mut rows = query.query_map([value], RunRow::of)?;
            rows.next().transpose()
        };
        read().map_err(self.index.error())
    }

    /// The names of the series that have runs, in their order.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn series_names(&self) -> Result<Vec<String>, Error> {
        let read = || {
            let read = "SELECT name FROM series s WHERE EXISTS(SELECT 1 FROM run r WHERE r.series = s.id AND r.kept > 0) \
                        ORDER BY name";
            let mut read = self.index.connection().prepare(read)?;
            read.query_map([], |row| row.get(0))?.collect::<SqlResult<_>>()
        };
        read().map_err(self.index.error())
    }

    /// The last runs of a series that are kept, the latest first; those that say nothing about the tests only if that is asked
    /// for.
    pub(crate) fn last_runs(
        &self,
        series: i64,
        most: usize,
        with_infrastructure: bool,
    ) -> SqlResult<Vec<RunRow>> {
        let read = "SELECT r.*, s.name FROM run r JOIN series s ON s.id = r.series WHERE r.series = ?1 AND r.kept > 0 \
                    AND (?2 OR NOT r.infrastructure) ORDER BY r.seq DESC, r.loaded DESC, r.uuid DESC LIMIT ?3";
        let mut read = self.index.connection().prepare(read)?;
        let runs = read.query_map((series, with_infrastructure, most as i64), RunRow::of)?;
        runs.collect()
    }

    /// The number of the series of this name, or else of the run that came last.
    pub(crate) fn series(&self, name: Option<&str>) -> SqlResult<Option<i64>> {
        let connection = self.index.connection();
        let found = match name {
            Some(name) => {
                connection
                    .query_row("SELECT id FROM series WHERE name = ?", [name], |row| row.get(0))
            }
            None => {
                let last = "SELECT series FROM run WHERE kept > 0 ORDER BY id DESC LIMIT 1";
                connection.query_row(last, [], |row| row.get(0))
            }
        };
        found.optional()
    }

    /// The latest run of a series.
    pub(crate) fn latest(&self, series: i64) -> SqlResult<Option<i64>> {
        let found = self.index.connection().query_row(LATEST, [series], |row| row.get(0));
        found.optional()
    }
}
