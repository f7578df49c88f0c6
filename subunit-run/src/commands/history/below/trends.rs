//! `subunit history trends`: what becomes of a series over weeks.

use std::io::Write;

use subunit_core::run::counted;
use subunit_filters::{
    console::Console,
    exit::{Error, Exit},
    style::escaped,
};
use subunit_history::query::{GrownMetric, GrownTest, PackageTrend, Trends, WeekTrend};

use crate::commands::history::{
    json::{self, JsonTrends},
    place::error,
    sources::QueryArgs,
    table,
};

/// Show how much fails each week, which packages break most, and which tests grow slow or report greater numbers
///
/// A test has grown slow if its last 10 good results took 1.5 times as long as the 10 before the change, and 50 ms longer. A number
/// that it reports has grown if its last 10 values are 1.5 times as great.
/// Weeks begin on Monday, in UTC; runs in which nearly all failed are counted apart. Exit status: 0; 2 there is no
/// history.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct TrendsArgs {
    /// Show this number of weeks, up to the last run
    #[arg(long, value_name = "N", default_value = "26")]
    weeks: u32,
    /// Show at most this number of packages, of tests and of numbers
    #[arg(long, short = 'n', value_name = "N", default_value = "10")]
    count: usize,
    #[command(flatten)]
    pub(super) query: QueryArgs,
}

impl TrendsArgs {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let mut trends = Trends::default();
        for source in self.query.sources()? {
            let more = source.history.trends(source.series(), self.weeks, self.count);
            trends.merge(more.map_err(error)?, self.count);
        }
        if self.query.form.json {
            json::write(&JsonTrends::from(&trends), console)?;
        } else {
            show(&trends, console)?;
        }
        Ok(Exit::Passed)
    }
}

fn show(trends: &Trends, console: &mut Console<'_>) -> Result<(), Error> {
    let look = console.stdout_look;
    let day = |start| table::time(start).chars().take(10).collect::<String>();
    let row = |week: &WeekTrend| {
        let mut row = vec![
            day(week.start),
            counted(week.runs, "run"),
            format!("{} failed", week.failed_runs),
            format!("{} of results bad", percent(week.failures, week.results)),
            format!("{} newly broken", week.broke),
        ];
        if week.infrastructure > 0 {
            row.push(format!("{} of the infrastructure", week.infrastructure));
        }
        row
    };
    let rows: Vec<_> = trends.weeks.iter().map(row).collect();
    table::write(&rows, &mut *console.stdout)?;
    if !trends.packages.is_empty() {
        writeln!(console.stdout, "\npackages that broke most")?;
    }
    let row = |one: &PackageTrend| {
        let name = if one.package.is_empty() { "(none)" } else { &one.package };
        let (broke, failures) = (one.broke, one.failures);
        vec![
            format!("{broke} newly broken"),
            counted(failures, "failure"),
            escaped(look, name).to_string(),
        ]
    };
    let rows: Vec<_> = trends.packages.iter().map(row).collect();
    table::write(&rows, &mut *console.stdout)?;
    if !trends.grown.is_empty() {
        writeln!(console.stdout, "\ntests that grew slow")?;
    }
    let row = |one: &GrownTest| {
        let (before, now) = (table::seconds(one.before), table::seconds(one.now));
        let since = format!("since @{}", one.since);
        vec![before, format!("to {now}"), since, table::test(look, &one.test)]
    };
    let rows: Vec<_> = trends.grown.iter().map(row).collect();
    table::write(&rows, &mut *console.stdout)?;
    if !trends.metrics.is_empty() {
        writeln!(console.stdout, "\nnumbers of tests that grew")?;
    }
    let row = |one: &GrownMetric| {
        let (now, since) = (format!("to {}", one.now), format!("since @{}", one.since));
        let (name, test) = (escaped(look, &one.name).to_string(), table::test(look, &one.test));
        vec![one.before.to_string(), now, since, name, test]
    };
    let rows: Vec<_> = trends.metrics.iter().map(row).collect();
    table::write(&rows, &mut *console.stdout)?;
    Ok(())
}

fn percent(part: u64, whole: u64) -> String {
    format!("{:.2}%", 100.0 * part as f64 / whole.max(1) as f64)
}
