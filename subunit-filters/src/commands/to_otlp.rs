//! `subunit to-otlp`: write a trace for OpenTelemetry, as lines of JSON.

use crate::{
    command::Command,
    commands::writing::write_report,
    console::Console,
    exit::{Error, Exit},
    formats::otlp::OtlpWriter,
    pipeline::ReportArgs,
};

/// Write a trace for OpenTelemetry, as lines of JSON
///
/// One span a test, below one of the run; what a collector's `otlpjsonfile` reads. Text outside packets is
/// passed on to standard error.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct ToOtlp {
    #[command(flatten)]
    report: ReportArgs,
}

impl Command for ToOtlp {
    const NAME: &'static str = "to-otlp";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit to-otlp run.subunit > spans.jsonl
  $ subunit to-otlp --no-text run.subunit | tail -n 1

Exit status: 0 all passed; 1 a test failed, passed unexpectedly or never ended, or the
stream was damaged; 2 a report cannot be written or a stream read; 4 there was no test at all.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        write_report(&self.report, console, OtlpWriter::new)
    }
}
