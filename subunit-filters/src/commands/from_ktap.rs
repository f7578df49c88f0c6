//! `subunit from-ktap`: make a stream of KTAP, the TAP of Linux.

use crate::{
    command::Command,
    commands::reading::Reading,
    console::Console,
    exit::{Error, Exit},
    formats::Format,
};

/// Make a stream of KTAP, the TAP of Linux
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct FromKtap {
    #[command(flatten)]
    reading: Reading,
}

impl Command for FromKtap {
    const NAME: &'static str = "from-ktap";
    const EXAMPLES: &'static str = "\
Examples:
  $ printf 'KTAP version 1\\n1..1\\nok 1 boot\\n' | subunit from-ktap | subunit ls
  $ printf 'KTAP version 1\\n1..2\\nok 1 boot\\n' | subunit from-ktap | subunit stats

Exit status: 0, or 2 where the input cannot be read or the output written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        self.reading.run(Format::Ktap, console)
    }
}
