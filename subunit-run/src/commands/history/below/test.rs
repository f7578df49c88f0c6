//! `subunit history test`: one test in all runs.

use std::{io::Write, path::PathBuf};

use serde::Serialize;
use subunit_core::run::counted;
use subunit_filters::{
    console::Console,
    exit::{Error, Exit},
    style::escaped,
};
use subunit_history::{
    History,
    query::{MetricHistory, RunRow, TestRun},
};

use crate::commands::{
    history::{
        json::{self, JsonArg, JsonTest, JsonTests},
        place::error,
        runs_arg::fits,
        sources::HistoriesArg,
        table,
    },
    pager::PagerArg,
};

/// Show what one test came to in all runs, and how long it took
///
/// Exit status: 0; 2 there is no such test.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct OneTestArgs {
    /// The id of the test
    #[arg(value_name = "TEST")]
    test: String,
    /// Only runs of these series; `*` is any text, `?` any character [default: all]
    #[arg(long, value_name = "GLOB")]
    series: Option<String>,
    /// Show a number that the test reports by a file `metric/NAME` or a property [default: all of them]
    #[arg(long, value_name = "NAME", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    metric: Option<String>,
    #[command(flatten)]
    form: JsonArg,
    #[command(flatten)]
    histories: HistoriesArg,
    #[command(flatten)]
    pub(super) pager: PagerArg,
}

/// What `--metric` writes with `--json`.
#[derive(Serialize)]
struct Metrics {
    metrics: Vec<Metric>,
}

#[derive(Serialize)]
struct Metric {
    test: String,
    scope: String,
    metric: String,
    /// Each with the number of its run.
    values: Vec<(i64, f64)>,
}

impl OneTestArgs {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let histories = self.histories.open()?;
        let wanted =
            |run: &RunRow| self.series.as_deref().is_none_or(|series| fits(series, &run.series));
        if let Some(name) = &self.metric {
            return self.metrics(&histories, name, wanted, console);
        }
        let mut found = Vec::new();
        for (_, history) in &histories {
            for mut one in history.test(&self.test, None).map_err(error)? {
                one.runs.retain(|run| wanted(&run.run));
                found.push(one);
            }
        }
        if found.is_empty() {
            return Err(self.unknown(&histories)?);
        }
        if self.form.json {
            json::write(
                &JsonTests { tests: found.iter().map(JsonTest::in_runs).collect() },
                console,
            )?;
            return Ok(Exit::Passed);
        }
        let look = console.stdout_look;
        for one in &found {
            let row = |run: &TestRun| {
                let started = table::time(run.run.started);
                let time = table::seconds(run.time.get());
                vec![format!("@{}", run.run.id), started, run.outcome.word().to_owned(), time]
            };
            let rows: Vec<_> = one.runs.iter().map(row).collect();
            table::write(&rows, &mut *console.stdout)?;
            let bad = one.runs.iter().filter(|run| run.outcome.is_bad()).count();
            let time = |percent| {
                one.percentile(percent)
                    .map_or_else(|| "-".to_owned(), |time| table::seconds(time.get()))
            };
            let (name, runs, p50, p95) =
                (table::test(look, &one.test), counted(one.runs.len(), "run"), time(50), time(95));
            writeln!(console.stdout, "{name}: {runs}, {bad} failed, p50 {p50}, p95 {p95}")?;
        }
        Ok(Exit::Passed)
    }

    /// Shows the numbers that the test reports.
    fn metrics(
        &self,
        histories: &[(PathBuf, History)],
        name: &str,
        is_wanted: impl Fn(&RunRow) -> bool,
        console: &mut Console<'_>,
    ) -> Result<Exit, Error> {
        let wanted = Some(name).filter(|name| !name.is_empty());
        let mut found = Vec::new();
        for (_, history) in histories {
            for mut one in history.metrics(&self.test, None, wanted).map_err(error)? {
                one.values.retain(|(run, _)| is_wanted(run));
                if !one.values.is_empty() {
                    found.push(one);
                }
            }
        }
        if found.is_empty() {
            let test = self.test.escape_debug();
            return Err(Error::Usage(format!("no run has such a number of the test {test}")));
        }
        if self.form.json {
            let metric = |one: &MetricHistory| Metric {
                test: one.test.id.clone(),
                scope: one.test.scope.clone(),
                metric: one.name.clone(),
                values: one.values.iter().map(|(run, value)| (run.id, *value)).collect(),
            };
            let metrics = found.iter().map(metric).collect();
            json::write(&Metrics { metrics }, console)?;
            return Ok(Exit::Passed);
        }
        let look = console.stdout_look;
        for one in &found {
            let row = |(run, value): &(RunRow, f64)| {
                vec![format!("@{}", run.id), table::time(run.started), value.to_string()]
            };
            let rows: Vec<_> = one.values.iter().map(row).collect();
            table::write(&rows, &mut *console.stdout)?;
            let values = || one.values.iter().map(|(_, value)| *value);
            let (least, most) = (
                values().fold(f64::INFINITY, f64::min),
                values().fold(f64::NEG_INFINITY, f64::max),
            );
            let (test, name) = (table::test(look, &one.test), escaped(look, &one.name));
            let runs = counted(rows.len(), "run");
            writeln!(console.stdout, "{test} {name}: {runs}, {least} to {most}")?;
        }
        Ok(Exit::Passed)
    }

    /// There is no such test; others with this text in their ids may be meant.
    fn unknown(&self, histories: &[(PathBuf, History)]) -> Result<Error, Error> {
        let mut near = Vec::new();
        for (_, history) in histories {
            near.extend(history.search(&self.test, 3).map_err(error)?);
        }
        near.truncate(3);
        let near: Vec<_> = near.iter().map(|test| test.id.escape_debug().to_string()).collect();
        let test = self.test.escape_debug();
        Ok(Error::Usage(match &near[..] {
            [] => format!("no run has the test {test}"),
            near => format!("no run has the test {test}; there is {}", near.join(", ")),
        }))
    }
}
