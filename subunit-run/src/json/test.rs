//! A test, and what is said of it.

use serde::Serialize;
use subunit_history::{
    OutcomeCode,
    query::{
        BrokenTest, FailingTest, FlakyProof, FlakyTest, RunRow, SlowTest, TestHistory,
        TestIdentity, TestRun,
    },
};

use super::seconds;

/// What is said of a test, each key if it is known.
#[derive(Default, Serialize)]
pub struct JsonTest<'t> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) history: Option<&'t str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) series: Option<&'t str>,
    pub(crate) test: &'t str,
    pub(crate) scope: &'t str,
    pub(crate) runnable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<&'t str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) seconds: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) run: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) since: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) born_broken: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_good: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) suspects: Option<&'t [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) proved: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rate: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) failures: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) retried: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) disagreements: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) p50: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) p95: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) metric: Option<&'t str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) now: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stale: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) statuses: Option<Vec<&'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) runs: Option<Vec<JsonTestRun>>,
}

impl<'t> JsonTest<'t> {
    /// Which test it is, and no more.
    pub fn named(test: &'t TestIdentity) -> Self {
        Self { test: &test.id, scope: &test.scope, runnable: test.runnable, ..Self::default() }
    }

    /// A test, and what it came to.
    pub fn of(test: &'t TestIdentity, outcome: OutcomeCode) -> Self {
        Self { status: Some(outcome.word()), ..Self::named(test) }
    }

    /// A test that fails now, and why that is stale, if it is.
    pub fn failing(one: &'t FailingTest, stale: Option<String>) -> Self {
        Self {
            message: Some(&one.message),
            run: Some(one.run),
            since: one.since,
            born_broken: Some(one.is_born_broken),
            stale,
            ..Self::of(&one.test, one.outcome)
        }
    }

    /// A test that is broken, and the revisions that may have broken it.
    pub fn broken(one: &'t BrokenTest, suspects: &'t [String]) -> Self {
        let number = |run: &Option<RunRow>| run.as_ref().map(|run| run.id);
        Self {
            since: number(&one.first_bad),
            last_good: number(&one.last_good),
            born_broken: Some(one.last_good.is_none()),
            suspects: Some(suspects),
            ..Self::of(&one.test, one.outcome)
        }
    }

    /// A flaky test.
    pub fn flaky(one: &'t FlakyTest) -> Self {
        Self {
            proved: Some(one.proof == FlakyProof::Proved),
            rate: Some(one.rate),
            failures: Some(one.failures),
            retried: Some(one.retried),
            disagreements: Some(one.disagreements),
            ..Self::named(&one.test)
        }
    }

    /// A test, and how long it took.
    pub fn slow(one: &'t SlowTest) -> Self {
        Self { seconds: Some(seconds(one.time.get())), ..Self::of(&one.test, one.outcome) }
    }

    /// A test in all runs.
    pub fn in_runs(one: &'t TestHistory) -> Self {
        let percentile = |percent| one.percentile(percent).map(|time| seconds(time.get()));
        let run = |run: &TestRun| JsonTestRun {
            run: run.run.id,
            status: run.outcome.word(),
            seconds: seconds(run.time.get()),
        };
        Self {
            p50: percentile(50),
            p95: percentile(95),
            runs: Some(one.runs.iter().map(run).collect()),
            ..Self::named(&one.test)
        }
    }
}

/// What a test came to in a run.
#[derive(Serialize)]
pub struct JsonTestRun {
    pub(crate) run: i64,
    pub(crate) status: &'static str,
    pub(crate) seconds: f64,
}

/// What `failing`, `flaky`, `broken`, `slowest` and `history test` write.
#[derive(Serialize)]
pub struct JsonTests<'t> {
    /// The tests.
    pub tests: Vec<JsonTest<'t>>,
}
