//! `subunit to-html`: write a report as one page of HTML.

use crate::{
    command::Command,
    commands::writing::write_report,
    console::Console,
    exit::{Error, Exit},
    formats::html::HtmlWriter,
    pipeline::ReportArgs,
};

/// Write a report as one page of HTML
///
/// Failures first, a box to filter by, all output with its colours; nothing is loaded from elsewhere. At most
/// 32 MiB of failures and of other tests are on the page: it says how many more there were. Text outside
/// packets is passed on to standard error.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct ToHtml {
    #[command(flatten)]
    report: ReportArgs,
}

impl Command for ToHtml {
    const NAME: &'static str = "to-html";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit to-html run.subunit > report.html
  $ subunit to-html --no-text run.subunit | wc -c

Exit status: 0 all passed; 1 a test failed, passed unexpectedly or never ended, or the
stream was damaged; 2 a report cannot be written or a stream read; 4 there was no test at all.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        write_report(&self.report, console, HtmlWriter::new)
    }
}
