//! `subunit to-gitlab`: write sections that fold in the job log of GitLab.

use crate::{
    command::Command,
    commands::writing::write_report,
    console::Console,
    exit::{Error, Exit},
    formats::gitlab::GitlabWriter,
    pipeline::ReportArgs,
};

/// Write sections that fold in the job log of GitLab
///
/// A section for each failure with its output, then the counts. Text outside packets is passed on to
/// standard error.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct ToGitlab {
    #[command(flatten)]
    report: ReportArgs,
}

impl Command for ToGitlab {
    const NAME: &'static str = "to-gitlab";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit to-gitlab run.subunit
  $ subunit to-gitlab --no-text run.subunit | tail -n 1

Exit status: 0 all passed; 1 a test failed, passed unexpectedly or never ended, or the
stream was damaged; 2 a report cannot be written or a stream read; 4 there was no test at all.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        write_report(&self.report, console, GitlabWriter::new)
    }
}
