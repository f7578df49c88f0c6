//! `subunit from-libtest`: make a stream of the JSON of libtest or nextest.

use crate::{
    command::Command,
    commands::reading::Reading,
    console::Console,
    exit::{Error, Exit},
    formats::Format,
};

/// Make a stream of the JSON of libtest or nextest
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct FromLibtest {
    #[command(flatten)]
    reading: Reading,
}

impl Command for FromLibtest {
    const NAME: &'static str = "from-libtest";
    const EXAMPLES: &'static str = "\
Examples:
  $ echo '{ \"type\": \"test\", \"event\": \"ok\", \"name\": \"a\" }' | subunit from-libtest | subunit ls
  $ echo '{ \"type\": \"test\", \"event\": \"started\", \"name\": \"a\" }' | subunit from-libtest | subunit stats

Exit status: 0, or 2 where the input cannot be read or the output written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        self.reading.run(Format::Libtest, console)
    }
}
