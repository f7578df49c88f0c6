//! `subunit to-csv`: one row a test.

use std::io;

use subunit_core::{
    Event, Packet, Status,
    sink::{Records, TestRecord},
};

use super::csv::write_row;
use crate::{
    command::Command,
    console::Console,
    exit::{Error, Exit},
    formats::time::Rfc3339,
    pipeline::{Filter, Out, ReportArgs, run_report},
};

/// Write a table of tests as CSV
///
/// A row has test, status, start, stop, seconds, tags (with spaces between them) and route code. Tests
/// that never ended come last, as `inprogress`. Text outside packets is passed on to standard error.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct ToCsv {
    #[command(flatten)]
    report: ReportArgs,
}

impl Command for ToCsv {
    const NAME: &'static str = "to-csv";
    const EXAMPLES: &'static str = "\
Examples:
  $ subunit to-csv run.subunit > run.csv
  $ subunit to-csv run.subunit | grep ,fail,

Exit status: 0 all passed; 1 a test failed, passed unexpectedly or never ended, or the
stream was damaged; 2 a stream cannot be read; 4 there was no test at all.";

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        write_row(
            &["test", "status", "start", "stop", "seconds", "tags", "route"],
            &mut console.stdout,
        )?;
        // The content of files has no place in the table.
        run_report(Table(Records::with_limit(0)), &self.report, console)
    }
}

struct Table(Records);

impl Filter for Table {
    fn event(
        &mut self,
        event: &Event<'_>,
        _packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        self.0.note(event).map_or(Ok(()), |record| write_record(&record, out))
    }

    fn finish(&mut self, out: &mut Out<'_, '_>) -> io::Result<()> {
        self.0.take_open().iter().try_for_each(|record| write_record(record, out))
    }
}

fn write_record(record: &TestRecord, out: &mut Out<'_, '_>) -> io::Result<()> {
    let time = |time: Option<_>| time.map(|time| Rfc3339(time).to_string()).unwrap_or_default();
    let seconds = record.start.zip(record.stop).and_then(|(start, stop)| stop.since(start));
    let seconds = seconds.map(|time| format!("{:.6}", time.as_secs_f64())).unwrap_or_default();
    let tags: Vec<&str> = record.tags.as_tags().iter().collect();
    let route = record.route_code.as_ref().map(|route| route.as_route().as_str());
    let fields = [
        &record.test_id,
        record.status.unwrap_or(Status::InProgress).name(),
        &time(record.start),
        &time(record.stop),
        &seconds,
        &tags.join(" "),
        route.unwrap_or_default(),
    ];
    write_row(&fields, out.report())
}
