//! `subunit history list`: which runs there are.

use std::cmp::Reverse;

use subunit_filters::{
    console::Console,
    exit::{Error, Exit},
    style::escaped,
};
use subunit_history::{query::RunRow, shown_place};

use crate::commands::{
    history::{
        json::{self, JsonArg, JsonRuns},
        place::error,
        runs_arg::fits,
        sources::HistoriesArg,
        table,
    },
    pager::PagerArg,
};

/// List the runs, the last one first
///
/// Exit status: 0; 2 there is no history.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct ListArgs {
    /// List at most this number of runs
    #[arg(long, short = 'n', value_name = "N")]
    count: Option<usize>,
    /// Only runs of these series; `*` is any text, `?` any character [default: all]
    #[arg(long, value_name = "GLOB")]
    series: Option<String>,
    #[command(flatten)]
    form: JsonArg,
    #[command(flatten)]
    histories: HistoriesArg,
    #[command(flatten)]
    pub(super) pager: PagerArg,
}

impl ListArgs {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let histories = self.histories.open()?;
        let several = histories.len() > 1;
        let mut runs = Vec::new();
        for (folder, history) in histories {
            let wanted = |run: &RunRow| {
                self.series.as_deref().is_none_or(|series| fits(series, &run.series))
            };
            let found = history.runs(None).map_err(error)?.into_iter().filter(wanted);
            let folder = shown_place(&folder);
            runs.extend(found.map(|run| (folder.clone(), run)));
        }
        if several {
            runs.sort_by_key(|(_, run)| Reverse(run.started));
        }
        runs.truncate(self.count.unwrap_or(usize::MAX));
        if self.form.json {
            json::write(&JsonRuns::of(runs.iter().map(|(_, run)| run)), console)?;
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
                run.word().to_owned(),
                table::summary(run),
            ]
        };
        let named = |(folder, run): &(String, RunRow)| {
            let folder = several.then(|| escaped(look, folder).to_string());
            folder.into_iter().chain(row(run)).collect()
        };
        let rows: Vec<Vec<String>> = runs.iter().map(named).collect();
        table::write(&rows, &mut *console.stdout)?;
        Ok(Exit::Passed)
    }
}
