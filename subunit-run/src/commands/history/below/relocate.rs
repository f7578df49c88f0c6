//! `subunit history move`: runs go to another history.

use std::{io::Write, path::PathBuf};

use subunit_filters::{
    console::Console,
    exit::{Error, Exit},
};
use subunit_history::Store;

use crate::commands::history::place::{HistoryArg, error, find_all};

/// Move runs into another history
///
/// There they keep their names and series; here what they say about their tests stays known. Exit status: 0; 2 there is
/// no such run, or it cannot be moved.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct MoveArgs {
    /// The runs
    #[arg(value_name = "RUN", required = true)]
    runs: Vec<String>,
    /// The folder of the other history, which is made if it is not there
    #[arg(value_name = "DIR")]
    to: PathBuf,
    #[command(flatten)]
    history: HistoryArg,
}

impl MoveArgs {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let runs = find_all(&self.history, &self.runs)?;
        let mut store = self.history.write(console)?;
        let mut other = Store::open(&self.to).map_err(error)?;
        store.move_to(&runs, &mut other).map_err(error)?;
        for run in &runs {
            writeln!(console.stdout, "@{} moved", run.id)?;
        }
        Ok(Exit::Passed)
    }
}
