//! A table of tests as CSV: one row an attempt.

use std::io::{self, Write};

use subunit_core::{
    Event, Status,
    sink::{Flow, Records, Sink, TestRecord},
};

use super::time::Rfc3339;

/// The columns. Times are RFC 3339; tags have spaces between them.
const COLUMNS: [&str; 7] = ["test", "status", "start", "stop", "seconds", "tags", "route"];

/// Writes a row as each test ends; those that never end come last, as `inprogress`.
///
/// What spreadsheets take for a formula stays as it is: this is for programs. Memory: the tests that run.
#[derive(Debug)]
pub struct CsvWriter<W: Write> {
    csv: csv::Writer<W>,
    records: Records,
    begun: bool,
    error: Option<io::Error>,
}

impl<W: Write> CsvWriter<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        // The content of files has no place in the table.
        let records = Records::with_limit(0);
        // RFC 4180 ends lines so.
        let csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
        Self { csv, records, begun: false, error: None }
    }

    /// The output, or the first error there was with it. Nothing is written behind an error.
    pub fn into_result(self) -> io::Result<W> {
        match self.error {
            Some(error) => Err(error),
            None => self.csv.into_inner().map_err(|error| error.into_error()),
        }
    }

    fn row(&mut self, fields: [&str; 7]) {
        if self.error.is_none() {
            self.error = self.csv.write_record(fields).err().map(io::Error::from);
        }
    }

    fn begin(&mut self) {
        if !std::mem::replace(&mut self.begun, true) {
            self.row(COLUMNS);
        }
    }

    fn record(&mut self, record: &TestRecord) {
        self.begin();
        let time = |time: Option<_>| time.map(|time| Rfc3339(time).to_string()).unwrap_or_default();
        let seconds = record.start.zip(record.stop).and_then(|(start, stop)| stop.since(start));
        let seconds = seconds.map(|time| format!("{:.6}", time.as_secs_f64())).unwrap_or_default();
        let tags: Vec<&str> = record.tags.as_tags().iter().collect();
        let route = record.route_code.as_ref().map(|route| route.as_route().as_str());
        self.row([
            &record.test_id,
            record.status.unwrap_or(Status::InProgress).name(),
            &time(record.start),
            &time(record.stop),
            &seconds,
            &tags.join(" "),
            route.unwrap_or_default(),
        ]);
    }
}

impl<W: Write> Sink for CsvWriter<W> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        if let Some(record) = self.records.note(event) {
            self.record(&record);
        }
        if self.error.is_some() { Flow::Break(()) } else { Flow::Continue(()) }
    }

    fn finish(&mut self) {
        self.begin();
        for record in self.records.take_open() {
            self.record(&record);
        }
        if self.error.is_none() {
            self.error = self.csv.flush().err();
        }
    }
}
