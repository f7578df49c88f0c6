//! `subunit history remove` and `pin`: which runs stay is said by name.

use std::io::Write;

use subunit_filters::{
    console::Console,
    exit::{Error, Exit},
};

use crate::commands::history::{place::error, runs_arg::RunsArg};

/// Remove runs as if they had never been
///
/// Exit status: 0; 2 there is no such run, or it cannot be removed.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct RemoveArgs {
    /// The runs
    #[arg(value_name = "RUN", required = true)]
    runs: Vec<String>,
    #[command(flatten)]
    among: RunsArg,
}

impl RemoveArgs {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let runs = self.among.find_all(&self.runs)?;
        let mut store = self.among.write(console)?;
        for run in &runs {
            store.remove(run).map_err(error)?;
            writeln!(console.stdout, "@{} removed", run.id)?;
        }
        Ok(Exit::Passed)
    }
}

/// Keep runs, whatever is pruned
///
/// Exit status: 0; 2 there is no such run.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct PinArgs {
    /// The runs
    #[arg(value_name = "RUN", required = true)]
    runs: Vec<String>,
    /// Let them go again
    #[arg(long)]
    off: bool,
    #[command(flatten)]
    among: RunsArg,
}

impl PinArgs {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let history = self.among.read()?;
        let store = self.among.write(console)?;
        for run in &self.runs {
            let run = self.among.find(&history, run)?;
            store.pin(&run.uuid, !self.off).map_err(error)?;
            let word = if self.off { "may be pruned" } else { "stays" };
            writeln!(console.stdout, "@{} {word}", run.id)?;
        }
        Ok(Exit::Passed)
    }
}
