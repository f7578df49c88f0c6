//! `subunit to-tap`: write a stream as TAP 14.

use crate::{
    command::Command,
    commands::writing::write_report,
    console::Console,
    exit::{Error, Exit},
    formats::tap::TapWriter,
    pipeline::ReportArgs,
};

/// Write a stream as TAP 14
///
/// A point for each test as it ends, with a YAML block of its details; text is comments. The plan stands
/// first where tests were listed, or else last.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct ToTap {
    #[command(flatten)]
    report: ReportArgs,
}

impl Command for ToTap {
    const NAME: &'static str = "to-tap";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit to-tap run.subunit
  $ subunit to-tap run.subunit | grep '^not ok'

Exit status: 0 all passed; 1 a test failed, passed unexpectedly or never ended, or the
stream was damaged; 2 a report cannot be written or a stream read; 4 there was no test at all.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        write_report(&self.report, console, TapWriter::new)
    }
}
