//! `subunit2junitxml`.

use std::io;

use subunit_core::{Event, Packet, sink::Sink};
use subunit_formats::{files::temporary::Spool, junit::PythonJunitWriter};

use super::{
    reading::{ReportArgs, Tool, run},
    report_file::ReportFile,
};
use crate::{
    cli::command::Command,
    commands::to::to_junit::{copy, spool},
    console::Console,
    exit::{Error, Exit},
    pipeline::Out,
};

/// Write a report in JUnit XML
///
/// As python-subunit's subunit2junitxml. What belongs to no test goes to standard output as packets if
/// the report goes to a file, else as text to standard error.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct ToJunit {
    #[command(flatten)]
    report: ReportArgs,
}

impl Command for ToJunit {
    const NAME: &'static str = "subunit2junitxml";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit2junitxml run.subunit > run.xml
  $ subunit2junitxml -f -o run.xml run.subunit > copy.subunit

Exit status: 0; 1 where a test failed, passed unexpectedly or never ended, or the stream was
damaged; 2 where the stream cannot be read or the report cannot be written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let file = ReportFile::create(&self.report)?;
        let report = Report { file, writer: PythonJunitWriter::new(spool()) };
        let mut report = run(report, &self.report.input, console)?;
        report.writer.finish();
        let passed = report.writer.was_successful();
        copy(report.writer.into_result()?, report.file.of_console(console))?;
        report.file.finish()?;
        console.flush()?;
        Ok(if passed { Exit::Passed } else { Exit::Failed })
    }
}

struct Report {
    file: ReportFile,
    writer: PythonJunitWriter<Spool>,
}

impl Tool for Report {
    fn event(
        &mut self,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        self.writer.event(event);
        self.file.pass(event, packet, out)
    }
}
