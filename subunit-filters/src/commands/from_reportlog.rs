//! `subunit from-reportlog`: make a stream of the log of pytest-reportlog.

use crate::{
    command::Command,
    commands::reading::Reading,
    console::Console,
    exit::{Error, Exit},
    formats::Format,
};

/// Make a stream of the log of pytest-reportlog
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct FromReportlog {
    #[command(flatten)]
    reading: Reading,
}

impl Command for FromReportlog {
    const NAME: &'static str = "from-reportlog";
    const EXAMPLES: &'static str = "\
Examples:
  $ echo '{\"$report_type\":\"TestReport\",\"nodeid\":\"t.py::a\",\"when\":\"call\",\"outcome\":\"passed\"}' > log.json; subunit from-reportlog log.json | subunit ls
  $ echo '{\"$report_type\":\"SessionFinish\",\"exitstatus\":1}' | subunit from-reportlog | subunit stats

Exit status: 0, or 2 where the input cannot be read or the output written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        self.reading.run(Format::Reportlog, console)
    }
}
