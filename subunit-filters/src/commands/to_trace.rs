//! `subunit to-trace`: write a trace for Perfetto or chrome://tracing.

use crate::{
    command::Command,
    commands::writing::write_report,
    console::Console,
    exit::{Error, Exit},
    formats::trace::TraceWriter,
    pipeline::ReportArgs,
};

/// Write a trace for Perfetto or chrome://tracing
///
/// A bar for each test in the lane of its worker, which a tag such as `worker-0` or `gw0` names; a process
/// for each route code. Text outside packets is passed on to standard error.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct ToTrace {
    #[command(flatten)]
    report: ReportArgs,
}

impl Command for ToTrace {
    const NAME: &'static str = "to-trace";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit to-trace run.subunit > trace.json
  $ subunit to-trace --no-text run.subunit | grep -c worker

Exit status: 0 all passed; 1 a test failed, passed unexpectedly or never ended, or the
stream was damaged; 2 a report cannot be written or a stream read; 4 there was no test at all.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        write_report(&self.report, console, TraceWriter::new)
    }
}
