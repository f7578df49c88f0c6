//! `subunit from-dejagnu`: make a stream of what DejaGnu prints.

use crate::{
    command::Command,
    commands::reading::Reading,
    console::Console,
    exit::{Error, Exit},
    formats::Format,
};

/// Make a stream of what DejaGnu prints
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct FromDejagnu {
    #[command(flatten)]
    reading: Reading,
}

impl Command for FromDejagnu {
    const NAME: &'static str = "from-dejagnu";
    const EXAMPLES: &'static str = "\
Examples:
  $ printf 'PASS: gdb.base/a.exp: b\\n' | subunit from-dejagnu | subunit ls
  $ printf 'FAIL: gdb.base/a.exp: b\\n' | subunit from-dejagnu | subunit stats

Exit status: 0, or 2 where the input cannot be read or the output written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        self.reading.run(Format::Dejagnu, console)
    }
}
