//! `subunit history show`: one run.

use subunit_filters::{
    console::Console,
    exit::{Error, Exit},
};

use crate::commands::history::{
    place::{HistoryArg, find},
    show::{FormArgs, show},
};

/// Show what failed in a run
///
/// Exit status: that of the run: 0 all passed; 1 something failed; 4 there was no test; or 2 there is no such run.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct ShowArgs {
    /// The run
    #[arg(value_name = "RUN")]
    run: String,
    #[command(flatten)]
    form: FormArgs,
    #[command(flatten)]
    history: HistoryArg,
}

impl ShowArgs {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let history = self.history.read()?;
        let run = find(&history, &self.run)?;
        show(&history, &run, &self.form, console)
    }
}
