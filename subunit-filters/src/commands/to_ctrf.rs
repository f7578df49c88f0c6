//! `subunit to-ctrf`: write a stream as CTRF, a report in JSON.

use crate::{
    command::Command,
    commands::writing::write_report,
    console::Console,
    exit::{Error, Exit},
    formats::ctrf::CtrfWriter,
    pipeline::ReportArgs,
};

/// Write a stream as CTRF, a report in JSON
///
/// Valid by the schema of version 1.0.0. Attempts at a test are one test with `retryAttempts`. Text outside
/// packets is passed on to standard error.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct ToCtrf {
    #[command(flatten)]
    report: ReportArgs,
}

impl Command for ToCtrf {
    const NAME: &'static str = "to-ctrf";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit to-ctrf run.subunit > ctrf-report.json
  $ subunit to-ctrf --no-text run.subunit | tail -n 1

Exit status: 0 all passed; 1 a test failed, passed unexpectedly or never ended, or the
stream was damaged; 2 a report cannot be written or a stream read; 4 there was no test at all.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        write_report(&self.report, console, CtrfWriter::new)
    }
}
