//! A run, and what failed in it.

use serde::Serialize;
use subunit_history::query::{RunFailure, RunRow};

use super::{JsonTest, time};

/// A run.
#[derive(Serialize)]
pub struct JsonRun<'r> {
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
            started: time(run.started),
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
pub struct JsonRuns<'r> {
    pub(crate) runs: Vec<JsonRun<'r>>,
}

impl<'r> JsonRuns<'r> {
    /// Those of these rows, in their order.
    pub fn of(runs: impl IntoIterator<Item = &'r RunRow>) -> Self {
        Self { runs: runs.into_iter().map(JsonRun::from).collect() }
    }
}

/// What `last` and `history show` write.
#[derive(Serialize)]
pub struct JsonShownRun<'r> {
    run: JsonRun<'r>,
    failures: Vec<JsonTest<'r>>,
}

impl<'r> JsonShownRun<'r> {
    /// A run and its failures, each with why it is stale, if it is.
    pub fn of(
        run: &'r RunRow,
        failures: &'r [RunFailure],
        stale: impl Fn(&RunFailure) -> Option<String>,
    ) -> Self {
        let failures = failures.iter().map(|failure| JsonTest {
            message: Some(&failure.message),
            stale: stale(failure),
            ..JsonTest::of(&failure.test, failure.outcome)
        });
        Self { run: run.into(), failures: failures.collect() }
    }
}
