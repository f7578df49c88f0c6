//! A table of tests as CSV: one row a result.

use std::io::{self, Write};

use subunit_core::{
    Damage, Event, Status,
    run::{Judge, Mark, Results},
    sink::{Flow, Sink, TestRecord},
};

use crate::{
    events::emit::DAMAGED,
    report::{self, output::Output, report, taken_back},
    text::{digits, time::Rfc3339, verbatim::Verbatim},
};

/// The columns. Times are RFC 3339; tags have spaces between them.
const COLUMNS: [&str; 7] = ["test", "status", "start", "stop", "seconds", "tags", "route"];

/// The report.
pub(crate) const REPORT: report::Row =
    report::Row::new("to-csv", "Write a table, one row a test", |out| {
        Box::new(CsvWriter::new(out))
    });

report! { CsvWriter: false, unsaid => set_judge }

/// Writes a row as each result is certain; tests that never end come last, as `inprogress`. Of a test that was tried
/// more than once the row is that of the last attempt. Times that are no dates are left out.
///
/// Ids, tags and routes that a spreadsheet would take for a formula have a `'` in front. A damaged stream has
/// a row that says so. Memory: that of [`Results`], without files.
#[derive(Debug)]
pub struct CsvWriter<W: Write> {
    out: Output<W>,
    results: Results,
    begun: bool,
    damaged: bool,
    taken_back: u64,
    row: Row,
}

impl<W: Write> CsvWriter<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        // The content of files has no place in the table.
        let results = Results::with_limit(0);
        let (begun, damaged, taken_back) = (false, false, 0);
        Self { out: Output::new(out), results, begun, damaged, taken_back, row: Row::default() }
    }

    /// What the run is judged by; told before anything else is.
    pub fn set_judge(&mut self, judge: &Judge) {
        self.row = Row::with_marks(judge.baseline.is_some());
        self.results = std::mem::take(&mut self.results).with_judge(judge);
    }

    /// What the table cannot say, in a few words.
    pub(crate) fn unsaid(&self) -> Option<String> {
        taken_back(self.taken_back)
    }

    /// The output, or the first error there was with it. Nothing is written after an error.
    pub fn into_result(self) -> io::Result<W> {
        self.out.into_result()
    }

    fn begin(&mut self) {
        if !std::mem::replace(&mut self.begun, true) {
            self.out.write(self.row.of_columns());
        }
    }
}

impl<W: Write> Sink for CsvWriter<W> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        self.begin();
        if let Some(result) = self.results.note(event) {
            self.taken_back += u64::from(result.takes_back);
            self.out.write(self.row.of_record(result.last));
        }
        self.out.flow()
    }

    fn damage(&mut self, _damage: &Damage<'_>) -> Flow {
        self.damaged = true;
        self.out.flow()
    }

    fn finish(&mut self) {
        self.begin();
        for result in self.results.finish() {
            self.taken_back += u64::from(result.takes_back);
            self.out.write(self.row.of_record(&result.last));
        }
        if self.damaged {
            self.out.write(self.row.of_damage());
        }
    }
}

/// Whether a spreadsheet would run the text of a cell. What has a `'` in front already counts as well, so that
/// a reader gets all ids back by taking one off.
///
/// Facts: "CSV Injection" of OWASP.
fn is_formula(cell: &[u8]) -> bool {
    let word = cell.iter().find(|byte| **byte != b'\'');
    word.is_some_and(|byte| b"=+-@\t\r\n".contains(byte))
}

/// Puts rows together: fields quoted where needed, lines ended by CR and LF, as RFC 4180 has it.
#[derive(Debug, Default)]
pub struct Row {
    line: Vec<u8>,
    /// Whether the last column says which failures are new.
    marks: bool,
}

impl Row {
    /// With one more column, `baseline`, that says which failures are new, where they are compared with those of an
    /// earlier run.
    pub fn with_marks(marks: bool) -> Self {
        Self { line: Vec::new(), marks }
    }

    /// The row that names the columns of tests.
    pub fn of_columns(&mut self) -> &[u8] {
        self.of_columns_and(&COLUMNS, "baseline")
    }

    /// The row that stands for all damage, so that the table is not taken for that of a whole stream.
    pub fn of_damage(&mut self) -> &[u8] {
        self.of_columns_and(&[DAMAGED, Status::Fail.name(), "", "", "", "", ""], "")
    }

    fn of_columns_and(&mut self, fields: &[&str; COLUMNS.len()], mark: &str) -> &[u8] {
        if self.marks { self.of(&[&fields[..], &[mark]].concat()) } else { self.of(fields) }
    }

    /// A row of any fields.
    pub fn of(&mut self, fields: &[&str]) -> &[u8] {
        self.line.clear();
        for field in fields {
            self.push(|line| line.extend_from_slice(field.as_bytes()));
        }
        self.end()
    }

    /// The row of a test's last attempt.
    pub fn of_record(&mut self, record: &TestRecord) -> &[u8] {
        self.line.clear();
        self.push_word(|line| line.extend_from_slice(record.test_id.as_bytes()));
        let status = record.status.unwrap_or(Status::InProgress);
        self.line.extend_from_slice(status.name().as_bytes());
        self.line.push(b',');
        for time in [record.start, record.stop] {
            if let Some(time) = time.filter(|time| !time.is_relative()) {
                self.line.extend_from_slice(&Rfc3339(time).text());
            }
            self.line.push(b',');
        }
        if let Some(time) =
            record.start.zip(record.stop).and_then(|(start, stop)| stop.since(start))
        {
            let micros = (time.subsec_nanos() + 500) / 1000;
            digits::push(&mut self.line, time.as_secs() + u64::from(micros / 1_000_000));
            self.line.push(b'.');
            digits::push_padded(&mut self.line, micros % 1_000_000, 6);
        }
        self.line.push(b',');
        self.push_word(|line| {
            for (nth, tag) in record.tags.as_tags().bytes().enumerate() {
                if nth > 0 {
                    line.push(b' ');
                }
                line.extend_from_slice(tag);
            }
        });
        let route = record.route_code.as_ref().map(|route| route.as_route().as_str());
        self.push_word(|line| line.extend_from_slice(route.unwrap_or_default().as_bytes()));
        if self.marks {
            let mark = record.mark.map_or("", Mark::word);
            self.push(|line| line.extend_from_slice(mark.as_bytes()));
        }
        self.end()
    }

    /// Other people's words, which no spreadsheet must run.
    #[inline]
    fn push_word(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.push(|line| {
            let begin = line.len();
            write(line);
            if is_formula(&line[begin..]) {
                line.insert(begin, b'\'');
            }
        });
    }

    /// Puts what `write` writes into quotes if it needs them. Each field has a comma after it, until
    /// [`Row::end`].
    #[inline]
    fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        const PLAIN: Verbatim<4> = Verbatim { from: 0, to: 0xff, but: *b"\",\r\n" };
        let begin = self.line.len();
        write(&mut self.line);
        if !PLAIN.are_all(&self.line[begin..]) {
            self.quote(begin);
        }
        self.line.push(b',');
    }

    /// Puts what follows `begin` into quotes.
    fn quote(&mut self, begin: usize) {
        let field = self.line.split_off(begin);
        self.line.push(b'"');
        let mut copied = 0;
        for quote in memchr::memchr_iter(b'"', &field) {
            // It is copied with what is in front of it, and again with what is after it.
            self.line.extend_from_slice(&field[copied..=quote]);
            copied = quote;
        }
        self.line.extend_from_slice(&field[copied..]);
        self.line.push(b'"');
    }

    fn end(&mut self) -> &[u8] {
        self.line.pop();
        self.line.extend_from_slice(b"\r\n");
        &self.line
    }
}

#[cfg(test)]
mod tests {
    use subunit_core::{TagsBuf, Timestamp};

    use super::*;

    #[test]
    fn a_result_is_a_row_and_no_time_is_an_invented_date() {
        let mut writer = CsvWriter::new(Vec::new());
        for (nth, (id, tag, status)) in (0..).zip([
            ("a", "attempt-1", Status::Fail),
            ("b", "attempt-1", Status::Fail),
            ("a", "attempt-2", Status::Success),
            ("c", "x", Status::Fail),
            ("c", "x", Status::Success),
        ]) {
            let tags: TagsBuf = [tag].into_iter().collect();
            let (tags, at) = (Some(tags.as_tags()), |second| Some(Timestamp::new(second, 0)));
            let start = Event::status(id, Status::InProgress);
            writer.event(&Event { tags, timestamp: at(nth), ..start });
            writer.event(&Event { tags, timestamp: at(nth + 2), ..Event::status(id, status) });
        }
        writer.finish();
        let table = String::from_utf8(writer.into_result().unwrap()).unwrap();
        let rows: Vec<&str> = table.lines().skip(1).collect();
        assert_eq!(
            rows,
            [
                "a,success,,,2.000000,attempt-2,",
                "c,fail,,,2.000000,x,",
                "c,success,,,2.000000,x,",
                "b,fail,,,2.000000,attempt-1,"
            ]
        );
    }

    #[test]
    fn no_word_is_a_formula() {
        for (id, cell) in [
            ("=cmd|'/c calc'!A0", "'=cmd|'/c calc'!A0"),
            ("+1+1", "'+1+1"),
            ("-1", "'-1"),
            ("@SUM(1)", "'@SUM(1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "\"'\r=1\""),
            ("'=1", "''=1"),
            ("'quoted'", "'quoted'"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            let record = TestRecord { test_id: id.into(), ..TestRecord::default() };
            let mut row = Row::default();
            let row = String::from_utf8_lossy(row.of_record(&record)).into_owned();
            assert_eq!(row, format!("{cell},inprogress,,,,,\r\n"));
        }
        let tags = ["=a", "b"].into_iter().collect();
        let route_code = Some(subunit_core::RouteCodeBuf::new("+1"));
        let record = TestRecord { tags, route_code, ..TestRecord::default() };
        assert_eq!(Row::default().of_record(&record), b",inprogress,,,,'=a b,'+1\r\n");
    }

    #[test]
    fn what_would_end_a_field_is_quoted() {
        let mut row = Row::default();
        let fields = ["a,\"b", "", "two\nlines", "é"];
        assert_eq!(row.of(&fields), "\"a,\"\"b\",,\"two\nlines\",é\r\n".as_bytes());
    }
}
