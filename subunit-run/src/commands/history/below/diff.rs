//! `subunit history diff`: what is different between two runs.

use std::io::Write;

use subunit_filters::{
    console::Console,
    exit::{Error, Exit},
};
use subunit_history::{
    History, OutcomeCode,
    query::{RunRow, TestIdentity},
};

use crate::commands::{
    history::{
        json::{self, JsonArg, JsonDiff},
        place::error,
        runs_arg::RunsArg,
        table,
    },
    pager::PagerArg,
};

/// Compare two runs: newly failing, fixed, still failing, new, gone
///
/// Exit status: 0 nothing newly fails; 1 something does; 2 there is no such run.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct DiffArgs {
    /// The run to compare with [default: the one before NEW, of its series]
    #[arg(value_name = "OLD")]
    old: Option<String>,
    /// The run to judge
    #[arg(value_name = "NEW", default_value = "@last")]
    new: String,
    #[command(flatten)]
    form: JsonArg,
    #[command(flatten)]
    among: RunsArg,
    #[command(flatten)]
    pub(super) pager: PagerArg,
}

impl DiffArgs {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let history = self.among.read()?;
        let new = self.among.find(&history, &self.new)?;
        let old = match &self.old {
            Some(old) => self.among.find(&history, old)?,
            None => before(&history, &new)?,
        };
        let diff = history.diff(&old, &new).map_err(error)?;
        let exit = if diff.newly_failing.is_empty() { Exit::Passed } else { Exit::Failed };
        if self.form.json {
            json::write(&JsonDiff::of(&old, &new, &diff), console)?;
            return Ok(exit);
        }
        let look = console.stdout_look;
        let mut rows = Vec::new();
        for (word, tests) in [
            ("newly failing", &diff.newly_failing),
            ("fixed", &diff.fixed),
            ("still failing", &diff.still_failing),
            ("new", &diff.added),
            ("gone", &diff.removed),
        ] {
            let row = |(test, outcome): &(TestIdentity, OutcomeCode)| {
                vec![word.to_owned(), outcome.word().to_owned(), table::test(look, test)]
            };
            rows.extend(tests.iter().map(row));
        }
        table::write(&rows, &mut *console.stdout)?;
        let counts =
            [&diff.newly_failing, &diff.fixed, &diff.still_failing, &diff.added, &diff.removed];
        let [failing, fixed, still, added, removed] = counts.map(Vec::len);
        writeln!(
            console.stdout,
            "@{} to @{}: {failing} newly failing, {fixed} fixed, {still} still failing, {added} new, {removed} gone",
            old.id, new.id
        )?;
        Ok(exit)
    }
}

/// The run before this one, of its series.
fn before(history: &History, run: &RunRow) -> Result<RunRow, Error> {
    let runs = history.runs(Some(&run.series)).map_err(error)?;
    runs.into_iter().filter(|other| other.id < run.id).max_by_key(|other| other.id).ok_or_else(|| {
        Error::Usage(format!(
            "no run of the series {} is kept from before @{}: name one to compare with; `subunit history list` lists them",
            run.series.escape_debug(),
            run.id
        ))
    })
}
