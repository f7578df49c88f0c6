//! `subunit completions`: what a shell needs to complete our arguments.

use clap_complete::Shell;

use crate::{
    cli,
    command::Command,
    console::Console,
    exit::{Error, Exit},
};

/// Write the completions for a shell
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Command for Completions {
    const NAME: &'static str = "completions";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit completions bash > subunit.bash && . ./subunit.bash
  $ subunit completions zsh > _subunit

Exit status: 0, or 2 for a shell that is not known.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        clap_complete::generate(self.shell, &mut cli::definition(), "subunit", &mut console.stdout);
        console.flush()?;
        Ok(Exit::Passed)
    }
}
