//! `subunit from-trx`: make a stream of TRX, the report of dotnet test.

use crate::{
    command::Command,
    commands::reading::Reading,
    console::Console,
    exit::{Error, Exit},
    formats::Format,
};

/// Make a stream of TRX, the report of dotnet test
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct FromTrx {
    #[command(flatten)]
    reading: Reading,
}

impl Command for FromTrx {
    const NAME: &'static str = "from-trx";
    const EXAMPLES: &'static str = "\
Examples:
  $ echo '<TestRun><Results><UnitTestResult testName=\"a\" outcome=\"Passed\"/></Results></TestRun>' > a.trx; subunit from-trx a.trx | subunit ls
  $ echo '<TestRun><Results><UnitTestResult testName=\"a\" outcome=\"Failed\"/></Results></TestRun>' | subunit from-trx | subunit stats

Exit status: 0, or 2 where the input cannot be read or the output written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        self.reading.run(Format::Trx, console)
    }
}
