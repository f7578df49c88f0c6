//! `subunit from-teamcity`: make a stream of TeamCity service messages.

use crate::{
    command::Command,
    commands::reading::Reading,
    console::Console,
    exit::{Error, Exit},
    formats::Format,
};

/// Make a stream of TeamCity service messages
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct FromTeamcity {
    #[command(flatten)]
    reading: Reading,
}

impl Command for FromTeamcity {
    const NAME: &'static str = "from-teamcity";
    const EXAMPLES: &'static str = "\
Examples:
  $ echo \"##teamcity[testStarted name='a']\" | subunit from-teamcity | subunit stats
  $ printf \"##teamcity[testStarted name='a']\\n##teamcity[testFinished name='a']\\n\" | subunit from-teamcity | subunit ls

Exit status: 0, or 2 where the input cannot be read or the output written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        self.reading.run(Format::Teamcity, console)
    }
}
