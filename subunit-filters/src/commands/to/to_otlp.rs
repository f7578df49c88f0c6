//! `subunit to-otlp`: write a trace for OpenTelemetry, as lines of JSON.

use subunit_core::Timestamp;
use subunit_formats::{text::time::parse_rfc3339, traces::otlp::OtlpWriter};

use crate::{
    cli::command::Command,
    commands::to::writing::write_report,
    console::Console,
    exit::{Error, Exit},
    files::destination::Writes,
    pipeline::ReportArgs,
};

/// Write a trace for OpenTelemetry, as lines of JSON
///
/// One span a test, below one for the run, as a collector's `otlpjsonfile` reads it. If the input has
/// durations but no dates, it is refused unless `--start` says when the run began. Text outside packets goes
/// to standard error.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct ToOtlp {
    #[command(flatten)]
    start: StartArg,
    #[command(flatten)]
    report: ReportArgs,
}

/// When the run began.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(in crate::commands) struct StartArg {
    /// Say when the run began, for an OpenTelemetry trace of an input without dates
    #[arg(long, value_name = "TIME", value_parser = parse_start, hide_short_help = true)]
    pub(in crate::commands) start: Option<Timestamp>,
}

fn parse_start(text: &str) -> Result<Timestamp, &'static str> {
    let time = parse_rfc3339(text).filter(|time| !time.is_relative());
    time.ok_or("use a time from 1971 to 2106 such as 2026-01-02T03:04:05Z")
}

impl Command for ToOtlp {
    const NAME: &'static str = "to-otlp";
    const WRITES: Writes = Writes::Text;
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit to-otlp run.subunit > spans.jsonl
  $ subunit to-otlp --no-text run.subunit | tail -n 1

Exit status: 0 all passed; 1 a test failed, passed unexpectedly or never finished, or the
stream was damaged; 2 a report cannot be written or a stream cannot be read; 4 there was no test at all.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let start = self.start.start;
        write_report(&self.report, console, |out| OtlpWriter::new(out).with_start(start))
    }
}
