//! `subunit history check`: is all as it should be?

use std::io::Write;

use serde::Serialize;
use subunit_core::run::counted;
use subunit_filters::{
    console::Console,
    exit::{Error, Exit},
};

use crate::commands::history::{
    json::{self, JsonArg},
    place::error,
    runs_arg::RunsArg,
};

/// Read everything, and compare the index with the runs
///
/// Exit status: 0 all is as it should be; 1 something is not; 2 the history cannot be read.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    form: JsonArg,
    #[command(flatten)]
    among: RunsArg,
}

#[derive(Serialize)]
struct Found<'f> {
    checked_runs: u64,
    checked_results: u64,
    problems: &'f [String],
}

impl CheckArgs {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let checked = self.among.read()?.check(|series| self.among.fits(series)).map_err(error)?;
        let (runs, results) = (checked.runs, checked.results);
        let exit = if checked.problems.is_empty() { Exit::Passed } else { Exit::Failed };
        if self.form.json {
            let found =
                Found { checked_runs: runs, checked_results: results, problems: &checked.problems };
            json::write(&found, console)?;
            return Ok(exit);
        }
        for problem in &checked.problems {
            writeln!(console.stdout, "{}", problem.escape_debug())?;
        }
        if checked.problems.is_empty() {
            let (runs, results) = (counted(runs, "run"), counted(results, "result"));
            writeln!(console.stdout, "{runs}, {results}: all as their streams say")?;
        } else {
            console.say("`subunit history reindex` makes the index anew from the runs")?;
        }
        Ok(exit)
    }
}
