//! `subunit to-markdown`: write a summary in Markdown.

use subunit_formats::pages::markdown::MarkdownWriter;

use crate::{
    cli::command::Command,
    commands::to::{to_html::ShownArgs, writing::write_report},
    console::Console,
    exit::{Error, Exit},
    files::destination::Writes,
    pipeline::ReportArgs,
};

/// Write a summary in Markdown
///
/// Counts, failures with their output, flaky and slow tests. At most 1 MiB: the list of passed tests is left
/// out first, then output; then failures are only counted. Text outside packets goes to standard error.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct ToMarkdown {
    #[command(flatten)]
    shown: ShownArgs,
    #[command(flatten)]
    report: ReportArgs,
}

impl Command for ToMarkdown {
    const NAME: &'static str = "to-markdown";
    const WRITES: Writes = Writes::Text;
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit to-markdown run.subunit > summary.md
  $ subunit to-markdown --no-text run.subunit | head -n 1

Exit status: 0 all passed; 1 a test failed, passed unexpectedly or never finished, or the
stream was damaged; 2 a report cannot be written or a stream cannot be read; 4 there was no test at all.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let shown = self.shown.shown();
        write_report(&self.report, console, |out| MarkdownWriter::new(out).with_shown(shown))
    }
}
