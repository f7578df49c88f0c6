//! What is answered about several runs at once: a grid, messages, weeks, differences.

use serde::Serialize;
use subunit_history::{
    OutcomeCode,
    query::{
        Cluster, Grid, GridKind, GridRow, GrownMetric, GrownTest, PackageTrend, RunDiff, RunRow,
        TestIdentity, Trends, WeekTrend,
    },
};

use super::{JsonRun, JsonTest, seconds, time};

/// What `history grid` writes.
#[derive(Serialize)]
pub struct JsonGrid<'g> {
    runs: Vec<JsonRun<'g>>,
    tests: Vec<JsonTest<'g>>,
}

impl<'g> JsonGrid<'g> {
    /// The runs of a grid, and these of its rows.
    pub fn of(runs: &'g [RunRow], rows: &'g [GridRow]) -> Self {
        let runs = runs.iter().map(JsonRun::from).collect();
        Self { runs, tests: rows.iter().map(row).collect() }
    }
}

impl<'g> From<&'g Grid> for JsonGrid<'g> {
    fn from(grid: &'g Grid) -> Self {
        Self::of(&grid.runs, &grid.rows)
    }
}

fn row(row: &GridRow) -> JsonTest<'_> {
    let word = |outcome: &OutcomeCode| outcome.word();
    JsonTest {
        statuses: Some(row.outcomes.iter().map(word).collect()),
        kind: Some(match row.kind {
            GridKind::Failing => "failing",
            GridKind::Flaky => "flaky",
            GridKind::Fixed => "fixed",
            GridKind::Passed => "passed",
        }),
        ..JsonTest::named(&row.test)
    }
}

/// What `history clusters` writes.
#[derive(Serialize)]
pub struct JsonClusters<'c> {
    clusters: Vec<JsonCluster<'c>>,
}

#[derive(Serialize)]
struct JsonCluster<'c> {
    message: &'c str,
    failures: u64,
    tests: u64,
    first_run: i64,
    last_run: i64,
    examples: Vec<JsonTest<'c>>,
}

impl<'c> JsonClusters<'c> {
    /// These messages, in their order.
    pub fn of(clusters: &'c [Cluster]) -> Self {
        let cluster = |one: &'c Cluster| JsonCluster {
            message: &one.message,
            failures: one.failures,
            tests: one.tests,
            first_run: one.first_run,
            last_run: one.last_run,
            examples: one.examples.iter().map(JsonTest::named).collect(),
        };
        Self { clusters: clusters.iter().map(cluster).collect() }
    }
}

/// What `history trends` writes.
#[derive(Serialize)]
pub struct JsonTrends<'t> {
    weeks: Vec<Week>,
    packages: Vec<Package<'t>>,
    grown: Vec<JsonTest<'t>>,
    grown_metrics: Vec<JsonTest<'t>>,
}

#[derive(Serialize)]
struct Week {
    start: String,
    runs: u64,
    failed_runs: u64,
    infrastructure: u64,
    results: u64,
    failures: u64,
    newly_broken: u64,
}

#[derive(Serialize)]
struct Package<'t> {
    package: &'t str,
    newly_broken: u64,
    failures: u64,
}

impl<'t> From<&'t Trends> for JsonTrends<'t> {
    fn from(trends: &'t Trends) -> Self {
        Self {
            weeks: trends.weeks.iter().map(week).collect(),
            packages: trends.packages.iter().map(package).collect(),
            grown: trends.grown.iter().map(grown).collect(),
            grown_metrics: trends.metrics.iter().map(grown_metric).collect(),
        }
    }
}

fn week(week: &WeekTrend) -> Week {
    Week {
        start: time(week.start),
        runs: week.runs,
        failed_runs: week.failed_runs,
        infrastructure: week.infrastructure,
        results: week.results,
        failures: week.failures,
        newly_broken: week.broke,
    }
}

fn package(one: &PackageTrend) -> Package<'_> {
    Package { package: &one.package, newly_broken: one.broke, failures: one.failures }
}

fn grown(one: &GrownTest) -> JsonTest<'_> {
    JsonTest {
        before: Some(seconds(one.before)),
        now: Some(seconds(one.now)),
        since: Some(one.since),
        ..JsonTest::named(&one.test)
    }
}

fn grown_metric(one: &GrownMetric) -> JsonTest<'_> {
    JsonTest {
        metric: Some(&one.name),
        before: Some(one.before),
        now: Some(one.now),
        since: Some(one.since),
        ..JsonTest::named(&one.test)
    }
}

/// What `history diff` writes.
#[derive(Serialize)]
pub struct JsonDiff<'d> {
    old: i64,
    new: i64,
    newly_failing: Vec<JsonTest<'d>>,
    fixed: Vec<JsonTest<'d>>,
    still_failing: Vec<JsonTest<'d>>,
    added: Vec<JsonTest<'d>>,
    removed: Vec<JsonTest<'d>>,
}

impl<'d> JsonDiff<'d> {
    /// What is different between two runs.
    pub fn of(old: &RunRow, new: &RunRow, diff: &'d RunDiff) -> Self {
        Self {
            old: old.id,
            new: new.id,
            newly_failing: tests(&diff.newly_failing),
            fixed: tests(&diff.fixed),
            still_failing: tests(&diff.still_failing),
            added: tests(&diff.added),
            removed: tests(&diff.removed),
        }
    }
}

fn tests(all: &[(TestIdentity, OutcomeCode)]) -> Vec<JsonTest<'_>> {
    all.iter().map(|(test, outcome)| JsonTest::of(test, *outcome)).collect()
}
