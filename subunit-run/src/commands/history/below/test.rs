//! `subunit history test`: one test in all runs.

use std::io::Write;

use subunit_filters::{
    console::Console,
    exit::{Error, Exit},
};
use subunit_history::query::{TestHistory, TestRun};

use crate::commands::history::{
    json::{self, JsonArg, JsonTests, Was},
    place::{HistoryArg, error},
    table,
};

/// Show what one test came to in all runs, and how long it took
///
/// Exit status: 0; 2 there is no such test.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct OneTestArgs {
    /// The id of the test
    #[arg(value_name = "TEST")]
    test: String,
    /// Only runs of this series
    #[arg(long, value_name = "NAME")]
    series: Option<String>,
    #[command(flatten)]
    form: JsonArg,
    #[command(flatten)]
    history: HistoryArg,
}

impl OneTestArgs {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let history = self.history.read()?;
        let found = history.test(&self.test, self.series.as_deref()).map_err(error)?;
        if found.is_empty() {
            return Err(self.unknown(&history)?);
        }
        if self.form.json {
            json::write(&JsonTests { tests: found.iter().map(test).collect() }, console)?;
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
                (table::test(look, &one.test), one.runs.len(), time(50), time(95));
            writeln!(console.stdout, "{name}: {runs} runs, {bad} failed, p50 {p50}, p95 {p95}")?;
        }
        Ok(Exit::Passed)
    }

    /// There is no such test; others with this text in their ids may be meant.
    fn unknown(&self, history: &subunit_history::History) -> Result<Error, Error> {
        let near = history.search(&self.test, 3).map_err(error)?;
        let near: Vec<_> = near.iter().map(|test| test.id.escape_debug().to_string()).collect();
        let test = self.test.escape_debug();
        Ok(Error::Usage(match &near[..] {
            [] => format!("no run has the test {test}"),
            near => format!("no run has the test {test}; there is {}", near.join(", ")),
        }))
    }
}

fn test(one: &TestHistory) -> json::JsonTest<'_> {
    let was = |run: &TestRun| Was {
        run: run.run.id,
        status: run.outcome.word(),
        seconds: run.time.get() as f64 / 1e6,
    };
    let seconds = |percent| one.percentile(percent).map(|time| time.get() as f64 / 1e6);
    json::JsonTest {
        p50: seconds(50),
        p95: seconds(95),
        runs: Some(one.runs.iter().map(was).collect()),
        ..json::JsonTest::named(&one.test)
    }
}
