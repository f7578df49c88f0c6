//! `subunit to-github`: write annotations for GitHub actions.

use crate::{
    command::Command,
    commands::writing::write_report,
    console::Console,
    exit::{Error, Exit},
    formats::github::GithubWriter,
    pipeline::ReportArgs,
};

/// Write annotations for GitHub actions
///
/// The 10 best failures as errors beside the code, flaky tests as warnings, and the counts. Text is passed
/// on, and no command in it is obeyed.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct ToGithub {
    #[command(flatten)]
    report: ReportArgs,
}

impl Command for ToGithub {
    const NAME: &'static str = "to-github";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit to-github run.subunit
  $ subunit to-github run.subunit | grep -c ^::error

Exit status: 0 all passed; 1 a test failed, passed unexpectedly or never ended, or the
stream was damaged; 2 a report cannot be written or a stream read; 4 there was no test at all.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        write_report(&self.report, console, GithubWriter::new)
    }
}
