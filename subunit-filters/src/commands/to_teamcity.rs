//! `subunit to-teamcity`: write a stream as TeamCity service messages.

use crate::{
    command::Command,
    commands::writing::write_report,
    console::Console,
    exit::{Error, Exit},
    formats::teamcity::TeamCityWriter,
    pipeline::ReportArgs,
};

/// Write a stream as TeamCity service messages
///
/// One message a line, as soon as it is known. Attempts at a test go out one by one, and `testRetrySupport` announces
/// them. Text is passed on between them; what looks like a message in it is made harmless.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct ToTeamcity {
    #[command(flatten)]
    report: ReportArgs,
}

impl Command for ToTeamcity {
    const NAME: &'static str = "to-teamcity";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit to-teamcity run.subunit
  $ subunit to-teamcity run.subunit | grep -c testFailed

Exit status: 0 all passed; 1 a test failed, passed unexpectedly or never ended, or the
stream was damaged; 2 a report cannot be written or a stream read; 4 there was no test at all.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        write_report(&self.report, console, TeamCityWriter::new)
    }
}
