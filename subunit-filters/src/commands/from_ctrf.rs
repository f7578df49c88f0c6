//! `subunit from-ctrf`: make a stream of CTRF, a report in JSON.

use crate::{
    command::Command,
    commands::reading::Reading,
    console::Console,
    exit::{Error, Exit},
    formats::Format,
};

/// Make a stream of CTRF, a report in JSON
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct FromCtrf {
    #[command(flatten)]
    reading: Reading,
}

impl Command for FromCtrf {
    const NAME: &'static str = "from-ctrf";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit to-ctrf run.subunit > ctrf.json; subunit from-ctrf ctrf.json | subunit stats
  $ subunit to-ctrf --no-text run.subunit | subunit from-ctrf | subunit ls

Exit status: 0, or 2 where the input cannot be read or the output written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        self.reading.run(Format::Ctrf, console)
    }
}
