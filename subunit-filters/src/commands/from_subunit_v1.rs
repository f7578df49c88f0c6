//! `subunit from-subunit-v1`: make a stream of version 1 of subunit.

use crate::{
    command::Command,
    commands::reading::Reading,
    console::Console,
    exit::{Error, Exit},
    formats::Format,
};

/// Make a stream of version 1 of subunit
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct FromSubunitV1 {
    #[command(flatten)]
    reading: Reading,
}

impl Command for FromSubunitV1 {
    const NAME: &'static str = "from-subunit-v1";
    const EXAMPLES: &'static str = "\
Examples:
  $ printf 'test: a\\nsuccess: a\\n' | subunit from-subunit-v1 | subunit ls
  $ printf 'test: a\\n' | subunit from-subunit-v1 | subunit stats

Exit status: 0, or 2 where the input cannot be read or the output written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        self.reading.run(Format::SubunitV1, console)
    }
}
