//! `subunit history move`: runs go to another history.

use std::{io::Write, path::PathBuf, time::Duration};

use subunit_filters::{
    console::Console,
    exit::{Error, Exit},
};
use subunit_history::{Keep, Store};

use crate::{
    commands::history::{
        place::{error, since},
        runs_arg::RunsArg,
    },
    config::amount,
};

/// Move runs into another history
///
/// There they keep their names and series; here what they say about their tests stays known. Exit status: 0; 2 there is
/// no such run, or it cannot be moved.
#[derive(Clone, Debug, clap::Args)]
#[command(allow_missing_positional = true)]
pub(super) struct MoveArgs {
    /// The runs
    #[arg(value_name = "RUN", required_unless_present = "older_than")]
    runs: Vec<String>,
    /// The folder of the other history, which is made if it is not there
    #[arg(value_name = "DIR", required = true)]
    to: PathBuf,
    /// Move runs that began longer ago than this, but for those that `prune` would leave
    #[arg(long, value_name = "TIME", value_parser = amount::age)]
    older_than: Option<Duration>,
    #[command(flatten)]
    among: RunsArg,
}

impl MoveArgs {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let mut runs = self.among.find_all(&self.runs)?;
        let mut store = self.among.write(console)?;
        if let Some(age) = self.older_than {
            let keep = Keep { since: Some(since(age)), ..Keep::default() };
            let old = store.to_prune(keep, |run| self.among.fits(&run.series)).map_err(error)?;
            let named: Vec<i64> = runs.iter().map(|run| run.id).collect();
            let old = old.into_iter().map(|one| one.run);
            runs.extend(old.filter(|run| !named.contains(&run.id)));
        }
        if runs.is_empty() {
            console.say("all runs stay")?;
            return Ok(Exit::Passed);
        }
        let mut other = Store::open(&self.to).map_err(error)?;
        store.move_to(&runs, &mut other).map_err(error)?;
        for run in &runs {
            writeln!(console.stdout, "@{} moved", run.id)?;
        }
        Ok(Exit::Passed)
    }
}
