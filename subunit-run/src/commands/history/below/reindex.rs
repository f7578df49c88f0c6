//! `subunit history reindex`: the index is made anew.

use std::io::Write;

use subunit_core::run::counted;
use subunit_filters::{
    console::Console,
    exit::{Error, Exit},
};

use crate::commands::history::place::{HistoryArg, error};

/// Make the index anew from the files of the runs
///
/// What runs that were pruned have said is not known any more. Exit status: 0; 2 it cannot be made.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct ReindexArgs {
    #[command(flatten)]
    history: HistoryArg,
}

impl ReindexArgs {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let mut store = self.history.write(console)?;
        let runs = store.reindex().map_err(error)?;
        store.take_notes().iter().try_for_each(|note| console.say(note))?;
        writeln!(console.stdout, "{}", counted(runs, "run"))?;
        Ok(Exit::Passed)
    }
}
