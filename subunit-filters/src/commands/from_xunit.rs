//! `subunit from-xunit`: make a stream of the XML of xUnit.net.

use crate::{
    command::Command,
    commands::reading::Reading,
    console::Console,
    exit::{Error, Exit},
    formats::Format,
};

/// Make a stream of the XML of xUnit.net
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct FromXunit {
    #[command(flatten)]
    reading: Reading,
}

impl Command for FromXunit {
    const NAME: &'static str = "from-xunit";
    const EXAMPLES: &'static str = "\
Examples:
  $ echo '<assemblies><assembly><collection><test name=\"a\" result=\"Pass\"/></collection></assembly></assemblies>' > a.xml; subunit from-xunit a.xml | subunit ls
  $ echo '<assemblies><assembly><collection><test name=\"a\" result=\"Fail\"/></collection></assembly></assemblies>' | subunit from-xunit | subunit stats

Exit status: 0, or 2 where the input cannot be read or the output written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        self.reading.run(Format::Xunit, console)
    }
}
