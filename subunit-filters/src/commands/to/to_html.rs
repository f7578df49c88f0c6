//! `subunit to-html`: write a report as one page of HTML.

use std::io;

use subunit_formats::{junit::JunitOptions, pages::html::HtmlWriter, report::Shown};

use crate::{
    cli::command::Command,
    commands::to::writing::write_report,
    console::Console,
    exit::{Error, Exit},
    files::destination::Writes,
    pipeline::ReportArgs,
};

/// Write a report as one page of HTML
///
/// Failures come first. The page has a search box and shows all output with its colours; it loads nothing
/// from elsewhere. Its address holds the filter, the order and the test, so it can be shared. The page holds
/// at most 32 MiB of failures and 32 MiB of other tests, and says how many more there were. Text outside
/// packets goes to standard error.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct ToHtml {
    /// Title of the page
    #[arg(long, value_name = "TITLE")]
    title: Option<String>,
    #[command(flatten)]
    shown: ShownArgs,
    #[command(flatten)]
    report: ReportArgs,
}

/// What a report tells of tests that did not fail.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(in crate::commands) struct ShownArgs {
    /// Leave out attachments of tests that did not fail, in JUnit XML, HTML and Markdown
    #[arg(long, hide_short_help = true)]
    no_passed_output: bool,
    /// List only failures and flaky tests, in JUnit XML, HTML and Markdown; the counts still cover all
    /// tests, except in JUnit XML
    #[arg(long, hide_short_help = true)]
    failures_only: bool,
}

impl ShownArgs {
    pub(in crate::commands) fn shown(self) -> Shown {
        Shown { others: !self.failures_only, output: !self.no_passed_output }
    }

    /// The same for JUnit XML.
    pub(in crate::commands) fn of_junit(self, options: JunitOptions) -> JunitOptions {
        let Self { no_passed_output, failures_only } = self;
        JunitOptions { no_passed_output, failures_only, ..options }
    }
}

impl Command for ToHtml {
    const NAME: &'static str = "to-html";
    const WRITES: Writes = Writes::Text;
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit to-html run.subunit > report.html
  $ subunit to-html --title 'Nightly run' --no-passed-output run.subunit > report.html

Exit status: 0 all passed; 1 a test failed, passed unexpectedly or never finished, or the
stream was damaged; 2 a report cannot be written or a stream cannot be read; 4 there was no test at all.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        write_report(&self.report, console, |out| html(out, self.title.as_deref(), self.shown))
    }
}

/// The writer of the page.
pub(in crate::commands) fn html<W: io::Write>(
    out: W,
    title: Option<&str>,
    shown: ShownArgs,
) -> HtmlWriter<W> {
    let writer = HtmlWriter::new(out).with_shown(shown.shown());
    match title {
        Some(title) => writer.with_title(title),
        None => writer,
    }
}
