//! `subunit completions`: what a shell needs to complete our arguments.

use clap_complete::Shell;

use crate::{
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
        let mut definition = (console.definitions.verbs)();
        clap_complete::generate(self.shell, &mut definition, "subunit", &mut console.stdout);
        console.flush()?;
        Ok(Exit::Passed)
    }
}
