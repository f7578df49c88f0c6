//! `subunit history prune`: old runs go.

use std::{io::Write, time::Duration};

use subunit_filters::{
    console::Console,
    exit::{Error, Exit},
};
use subunit_history::Keep;

use crate::{
    commands::history::{
        json::{self, JsonArg, JsonRuns},
        place::{error, since},
        runs_arg::RunsArg,
        table,
    },
    config::amount,
};

/// Remove runs that are too old, too many or too large
///
/// What they say about their tests stays known: since when a test fails, how long it takes. The last run of each series, its
/// last one that passed, and runs that are pinned stay. `[history]` in subunit.toml does this after each run. Exit status: 0; 2 nothing could be removed.
#[derive(Clone, Debug, clap::Args)]
#[group(id = "what", required = true, multiple = true, args = ["keep", "older_than", "max_size"])]
pub(super) struct PruneArgs {
    /// Keep this number of runs of each series, the last ones
    #[arg(long, value_name = "N")]
    keep: Option<u64>,
    /// Remove runs that began longer ago than this
    #[arg(long, value_name = "TIME", value_parser = amount::age)]
    older_than: Option<Duration>,
    /// Remove the oldest runs until all together have this size
    #[arg(long, value_name = "SIZE", value_parser = amount::size)]
    max_size: Option<u64>,
    /// Say what would be removed, and remove nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    form: JsonArg,
    #[command(flatten)]
    among: RunsArg,
}

impl PruneArgs {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let mut store = self.among.write(console)?;
        let keep =
            Keep { runs: self.keep, since: self.older_than.map(since), bytes: self.max_size };
        let pruned = store.to_prune(keep, |run| self.among.fits(&run.series)).map_err(error)?;
        if !self.dry_run {
            store.prune(&pruned).map_err(error)?;
        }
        if self.form.json {
            json::write(&JsonRuns::of(pruned.iter().map(|one| &one.run)), console)?;
            return Ok(Exit::Passed);
        }
        let word = if self.dry_run { "would be removed" } else { "removed" };
        for one in &pruned {
            let (id, started) = (one.run.id, table::time(one.run.started));
            writeln!(console.stdout, "@{id} {started} {word}")?;
        }
        if pruned.is_empty() {
            console.say("all runs stay")?;
        }
        Ok(Exit::Passed)
    }
}
