//! `subunit rerun`: the tests of a run that is kept run again.

use subunit_filters::{
    cli::command::Command,
    console::Console,
    exit::{Error, Exit},
    files::destination::Writes,
};

use super::place::{HistoryArg, error, find};
use crate::commands::run::Run;

/// Run the tests again that failed in a run
///
/// They run as `subunit run` runs them, in the current folder, and are kept as a run of their own.
#[derive(Clone, Debug, Default, clap::Args)]
pub(in crate::commands) struct RerunVerb {
    /// The run, as `subunit history list` names it
    #[arg(value_name = "RUN", default_value = "@last")]
    run: String,
    /// Run all tests of that run, also those that passed
    #[arg(long)]
    all: bool,
    /// Use this profile of the configuration
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// Run so many workers [default: as configured, or one per processor]
    #[arg(long, short, value_name = "N")]
    jobs: Option<std::num::NonZeroUsize>,
    #[command(flatten)]
    history: HistoryArg,
}

impl Command for RerunVerb {
    const NAME: &'static str = "rerun";
    const WRITES: Writes = Writes::Nothing;
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit rerun @12
  $ subunit rerun --all @last

Exit status: that of the new run: 0 all passed; 1 something failed; 4 no test failed in that run; or 2 there is no
such run, or the tests could not be run.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let history = self.history.read()?;
        let run = find(&history, &self.run)?;
        let mut tests: Vec<String> = match self.all {
            true => history
                .tests_of(&run)
                .map_err(error)?
                .into_iter()
                .filter(|test| test.runnable)
                .map(|test| test.id)
                .collect(),
            false => {
                let failures = history.failures(&run).map_err(error)?;
                let runnable = failures.into_iter().filter(|one| one.test.runnable);
                runnable.map(|one| one.test.id).collect()
            }
        };
        drop(history);
        // One id may be in a run under several names.
        let mut known = std::collections::HashSet::new();
        tests.retain(|id| known.insert(id.clone()));
        if tests.is_empty() {
            console.say(format_args!("no test of @{} is to run again", run.id))?;
            return Ok(Exit::NoTests);
        }
        Command::run(Run::of_tests(tests, self.profile, self.jobs, self.history), console)
    }
}
