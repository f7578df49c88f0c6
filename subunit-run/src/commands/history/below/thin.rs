//! `subunit history thin`: old runs become smaller.

use std::{io::Write, time::Duration};

use subunit_filters::{
    console::Console,
    exit::{Error, Exit},
};
use subunit_history::{Keep, Thinned};

use crate::{
    commands::history::{
        place::{error, since},
        runs_arg::RunsArg,
    },
    config::amount,
};

/// Make runs smaller: what tests printed that passed goes
///
/// What tests came to, how long they took and what was said of those that failed stays. A run that would say something
/// else stays as it is. Exit status: 0; 2 there is no such run, or it cannot be written.
#[derive(Clone, Debug, clap::Args)]
#[group(id = "which", required = true, multiple = true, args = ["runs", "keep", "older_than"])]
pub(super) struct ThinArgs {
    /// The runs
    #[arg(value_name = "RUN")]
    runs: Vec<String>,
    /// Leave this number of runs of each series as they are, the last ones
    #[arg(long, value_name = "N")]
    keep: Option<u64>,
    /// Make those smaller that began longer ago than this
    #[arg(long, value_name = "TIME", value_parser = amount::age)]
    older_than: Option<Duration>,
    #[command(flatten)]
    among: RunsArg,
}

impl ThinArgs {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let mut runs = self.among.find_all(&self.runs)?;
        let mut store = self.among.write(console)?;
        if self.keep.is_some() || self.older_than.is_some() {
            let keep = Keep { runs: self.keep, since: self.older_than.map(since), bytes: None };
            let old = store.to_prune(keep, |run| self.among.fits(&run.series)).map_err(error)?;
            runs.extend(old.into_iter().map(|one| one.run));
        }
        for run in &runs {
            let id = run.id;
            match store.thin(run).map_err(error)? {
                Thinned::Smaller(was, is) => {
                    writeln!(console.stdout, "@{id} {was} bytes to {is}")?;
                }
                Thinned::Whole(why) => writeln!(console.stdout, "@{id} stays as it is: {why}")?,
            }
        }
        Ok(Exit::Passed)
    }
}
