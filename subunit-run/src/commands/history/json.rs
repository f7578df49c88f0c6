//! What `--json` writes: objects as docs/schemas/history.json describes them.

use std::io;

use serde::Serialize;
use subunit_filters::{console::Console, exit::Error};
use subunit_history::{
    OutcomeCode,
    query::{RunRow, TestIdentity},
};

use super::table;

/// Whether JSON is asked for.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct JsonArg {
    /// Write one JSON object
    ///
    /// docs/schemas/history.json describes the keys.
    #[arg(long)]
    pub(super) json: bool,
}

/// Writes one object, with the version of the schema.
pub(super) fn write(content: &impl Serialize, console: &mut Console<'_>) -> Result<(), Error> {
    Ok(write_to(content, &mut *console.stdout)?)
}

/// As [`write`], to anywhere.
pub(super) fn write_to(content: &impl Serialize, mut to: impl io::Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Versioned<'c, C> {
        version: u32,
        #[serde(flatten)]
        content: &'c C,
    }
    let versioned = Versioned { version: 1, content };
    serde_json::to_writer(&mut to, &versioned)?;
    to.write_all(b"\n")
}

/// A run.
#[derive(Serialize)]
pub(super) struct JsonRun<'r> {
    id: i64,
    uuid: &'r str,
    series: &'r str,
    started: String,
    elapsed: Option<f64>,
    verdict: &'static str,
    partial: bool,
    revision: Option<&'r str>,
    dirty: Option<bool>,
    tests: u64,
    success: u64,
    fail: u64,
    skip: u64,
    xfail: u64,
    uxsuccess: u64,
    unfinished: u64,
    flaky: u64,
    damage: u64,
    newly_broken: u64,
    fixed: u64,
    new: u64,
    bytes: u64,
    stored_bytes: u64,
}

impl<'r> From<&'r RunRow> for JsonRun<'r> {
    fn from(run: &'r RunRow) -> Self {
        let counts = &run.counts;
        Self {
            id: run.id,
            uuid: &run.uuid,
            series: &run.series,
            started: table::time(run.started),
            elapsed: run.elapsed.map(|micros| micros as f64 / 1e6),
            verdict: run.word(),
            partial: run.is_partial,
            revision: run.revision.as_deref(),
            dirty: run.is_dirty,
            tests: counts.tests(),
            success: counts.success,
            fail: counts.fail,
            skip: counts.skip,
            xfail: counts.xfail,
            uxsuccess: counts.uxsuccess,
            unfinished: counts.unfinished,
            flaky: counts.flaky,
            damage: counts.damage,
            newly_broken: run.broke,
            fixed: run.fixed,
            new: run.fresh,
            bytes: run.raw_bytes,
            stored_bytes: run.stored_bytes,
        }
    }
}

/// What `load`, `history list`, `prune` and `remove` write.
#[derive(Serialize)]
pub(super) struct Runs<'r> {
    pub(super) runs: Vec<JsonRun<'r>>,
}

impl<'r> Runs<'r> {
    pub(super) fn of(runs: impl IntoIterator<Item = &'r RunRow>) -> Self {
        Self { runs: runs.into_iter().map(JsonRun::from).collect() }
    }
}

/// What is said of a test, each key if it is known.
#[derive(Default, Serialize)]
pub(super) struct JsonTest<'t> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) history: Option<&'t str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) series: Option<&'t str>,
    pub(super) test: &'t str,
    pub(super) scope: &'t str,
    pub(super) runnable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<&'t str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) seconds: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) run: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) since: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) born_broken: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_good: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) suspects: Option<&'t [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) proved: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rate: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) failures: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) retried: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) disagreements: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) p50: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) p95: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) metric: Option<&'t str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) before: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) now: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stale: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) statuses: Option<Vec<&'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) runs: Option<Vec<Was>>,
}

impl<'t> JsonTest<'t> {
    pub(super) fn named(test: &'t TestIdentity) -> Self {
        Self { test: &test.id, scope: &test.scope, runnable: test.runnable, ..Self::default() }
    }

    pub(super) fn of(test: &'t TestIdentity, outcome: OutcomeCode) -> Self {
        Self { status: Some(outcome.word()), ..Self::named(test) }
    }
}

/// What a test came to in a run.
#[derive(Serialize)]
pub(super) struct Was {
    pub(super) run: i64,
    pub(super) status: &'static str,
    pub(super) seconds: f64,
}

/// What `failing`, `flaky`, `broken`, `slowest` and `history test` write.
#[derive(Serialize)]
pub(super) struct JsonTests<'t> {
    pub(super) tests: Vec<JsonTest<'t>>,
}
