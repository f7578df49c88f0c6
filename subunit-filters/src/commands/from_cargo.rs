//! `subunit from-cargo`: make a stream of what cargo test prints.

use crate::{
    command::Command,
    commands::reading::Reading,
    console::Console,
    exit::{Error, Exit},
    formats::Format,
};

/// Make a stream of what cargo test prints
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct FromCargo {
    #[command(flatten)]
    reading: Reading,
}

impl Command for FromCargo {
    const NAME: &'static str = "from-cargo";
    const EXAMPLES: &'static str = "\
Examples:
  $ printf '\\nrunning 1 test\\ntest a ... ok\\n' | subunit from-cargo | subunit ls --no-text
  $ printf '\\nrunning 1 test\\ntest a ... FAILED\\n' | subunit from-cargo | subunit stats

Exit status: 0, or 2 where the input cannot be read or the output written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        self.reading.run(Format::Cargo, console)
    }
}
