//! `subunit2csv`.

use std::io;

use subunit_core::{
    Event, Packet, Status, Timestamp,
    sink::{Records, TestRecord},
};
use subunit_formats::pages::csv::Row;

use super::{
    reading::{ReportArgs, Tool, run},
    report_file::ReportFile,
};
use crate::{
    cli::command::Command,
    commands::to::python_time::PythonTime,
    console::Console,
    exit::{Error, Exit},
    pipeline::Out,
};

/// Write a table of tests as CSV
///
/// As python-subunit's subunit2csv. What belongs to no test goes to standard output as packets if the
/// report goes to a file, else as text to standard error.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct ToCsv {
    #[command(flatten)]
    report: ReportArgs,
}

impl Command for ToCsv {
    const NAME: &'static str = "subunit2csv";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit2csv run.subunit > run.csv
  $ subunit2csv -f -o run.csv run.subunit > copy.subunit

Exit status: 0; 1 where a test failed, passed unexpectedly or never ended, or the stream was
damaged; 2 where the stream cannot be read or the report cannot be written.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let report = ReportFile::create(&self.report)?;
        let mut table = Table {
            report,
            records: Records::with_limit(0),
            row: Row::default(),
            clock: None,
            failed: false,
        };
        let header = table.row.of(&["test", "status", "start_time", "stop_time"]);
        table.report.of_console(console).write_all(header)?;
        let mut table = run(table, &self.report.input, console)?;
        table.report.finish()?;
        Ok(if table.failed { Exit::Failed } else { Exit::Passed })
    }
}

struct Table {
    report: ReportFile,
    /// The content of files has no place in the table.
    records: Records,
    row: Row,
    /// The last time that was seen, which stands for one that is absent.
    clock: Option<Timestamp>,
    failed: bool,
}

impl Tool for Table {
    fn event(
        &mut self,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        self.report.pass(event, packet, out)?;
        self.records.note(event).map_or(Ok(()), |record| self.write(&record, out))
    }

    fn finish(&mut self, out: &mut Out<'_, '_>) -> io::Result<()> {
        let open = self.records.take_open();
        open.iter().rev().try_for_each(|record| self.write(record, out))
    }
}

impl Table {
    fn write(&mut self, record: &TestRecord, out: &mut Out<'_, '_>) -> io::Result<()> {
        let status = match record.status {
            Some(Status::Exists) => return Ok(()),
            Some(Status::Success | Status::UnexpectedSuccess) => "success",
            Some(Status::Skip) => "skip",
            Some(Status::ExpectedFailure) => "xfail",
            Some(Status::Fail | Status::InProgress) | None => "failure",
        };
        self.failed |= status == "failure" || record.status == Some(Status::UnexpectedSuccess);
        let start = self.time(record.start);
        let stop = self.time(record.stop);
        let row = self.row.of(&[&record.test_id, status, &start, &stop]);
        self.report.of(out).write_all(row)
    }

    fn time(&mut self, time: Option<Timestamp>) -> String {
        self.clock = time.or(self.clock).or_else(Timestamp::now);
        self.clock.map(|time| PythonTime(time).to_string()).unwrap_or_default()
    }
}
