//! `subunit from-lit`: make a stream of what the lit of LLVM prints.

use crate::{
    command::Command,
    commands::reading::Reading,
    console::Console,
    exit::{Error, Exit},
    formats::Format,
};

/// Make a stream of what the lit of LLVM prints
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct FromLit {
    #[command(flatten)]
    reading: Reading,
}

impl Command for FromLit {
    const NAME: &'static str = "from-lit";
    const EXAMPLES: &'static str = "\
Examples:
  $ printf 'PASS: LLVM :: a.ll (1 of 1)\\n' | subunit from-lit | subunit ls
  $ printf 'FAIL: LLVM :: a.ll (1 of 1)\\n' | subunit from-lit | subunit stats

Exit status: 0, or 2 where the input cannot be read or the output written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        self.reading.run(Format::Lit, console)
    }
}
