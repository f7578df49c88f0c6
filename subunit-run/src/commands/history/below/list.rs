//! `subunit history list`: which runs there are.

use subunit_filters::{
    console::Console,
    exit::{Error, Exit},
    style::escaped,
};
use subunit_history::query::RunRow;

use crate::commands::history::{
    json::{self, JsonArg, Runs},
    place::{HistoryArg, error},
    table,
};

/// List the runs, the last one first
///
/// Exit status: 0; 2 there is no history.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct ListArgs {
    /// List at most this number of runs
    #[arg(long, short = 'n', value_name = "N")]
    count: Option<usize>,
    /// Only runs of this series
    #[arg(long, value_name = "NAME")]
    series: Option<String>,
    #[command(flatten)]
    form: JsonArg,
    #[command(flatten)]
    history: HistoryArg,
}

impl ListArgs {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let history = self.history.read()?;
        let mut runs = history.runs(self.series.as_deref()).map_err(error)?;
        runs.truncate(self.count.unwrap_or(usize::MAX));
        if self.form.json {
            json::write(&Runs::of(&runs), console)?;
            return Ok(Exit::Passed);
        }
        let look = console.stdout_look;
        let row = |run: &RunRow| {
            let revision =
                run.revision.as_deref().unwrap_or("-").chars().take(10).collect::<String>();
            vec![
                format!("@{}", run.id),
                table::time(run.started),
                escaped(look, &run.series).to_string(),
                escaped(look, &revision).to_string(),
                table::verdict(run).to_owned(),
                table::summary(run),
            ]
        };
        let rows: Vec<_> = runs.iter().map(row).collect();
        table::write(&rows, &mut *console.stdout)?;
        Ok(Exit::Passed)
    }
}
