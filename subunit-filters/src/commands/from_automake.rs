//! `subunit from-automake`: make a stream of .trs files of automake.

use crate::{
    command::Command,
    commands::reading::Reading,
    console::Console,
    exit::{Error, Exit},
    formats::Format,
};

/// Make a stream of .trs files of automake
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct FromAutomake {
    #[command(flatten)]
    reading: Reading,
}

impl Command for FromAutomake {
    const NAME: &'static str = "from-automake";
    const EXAMPLES: &'static str = "\
Examples:
  $ printf ':test-result: PASS a\\n:global-test-result: PASS\\n' | subunit from-automake | subunit ls
  $ printf ':test-result: FAIL a\\n:global-test-result: FAIL\\n' | subunit from-automake | subunit stats

Exit status: 0, or 2 where the input cannot be read or the output written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        self.reading.run(Format::Automake, console)
    }
}
