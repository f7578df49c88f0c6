//! `subunit history show`: one run.

use std::io::Write;

use subunit_filters::{
    console::Console,
    exit::{Error, Exit},
};

use crate::commands::history::{
    place::error,
    runs_arg::RunsArg,
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
    /// Write the configuration that was in force, as TOML
    #[arg(long, conflicts_with_all = ["json", "subunit"])]
    config: bool,
    #[command(flatten)]
    pub(super) form: FormArgs,
    #[command(flatten)]
    among: RunsArg,
}

impl ShowArgs {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let history = self.among.read()?;
        let run = self.among.find(&history, &self.run)?;
        if self.config {
            let configuration = history.snapshot(&run).map_err(error)?.configuration;
            let id = run.id;
            let Some(text) = configuration else {
                return Err(Error::Usage(format!(
                    "the stream of @{id} does not say its configuration"
                )));
            };
            console.stdout.write_all(text.as_bytes())?;
            return Ok(Exit::Passed);
        }
        show(&history, &run, &self.form, console)
    }
}
