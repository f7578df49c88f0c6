//! `subunit from-nunit`: make a stream of the XML of NUnit 3.

use crate::{
    command::Command,
    commands::reading::Reading,
    console::Console,
    exit::{Error, Exit},
    formats::Format,
};

/// Make a stream of the XML of NUnit 3
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct FromNunit {
    #[command(flatten)]
    reading: Reading,
}

impl Command for FromNunit {
    const NAME: &'static str = "from-nunit";
    const EXAMPLES: &'static str = "\
Examples:
  $ echo '<test-run><test-case fullname=\"a\" result=\"Passed\"/></test-run>' > a.xml; subunit from-nunit a.xml | subunit ls
  $ echo '<test-run><test-case fullname=\"a\" result=\"Failed\"/></test-run>' | subunit from-nunit | subunit stats

Exit status: 0, or 2 where the input cannot be read or the output written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        self.reading.run(Format::Nunit, console)
    }
}
