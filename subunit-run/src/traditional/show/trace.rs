//! The trace of a run as stestr prints it: a line for each test when it ends, then the failures again, and
//! totals.

mod totals;

use std::io::{self, Write};

use subunit_core::{
    Event, Status,
    conventions::is_aside,
    sink::{Attachment, Flow, Records, Sink, TestRecord},
};

use self::totals::write_totals;
use super::{
    attachments::is_text,
    facts::{duration_text, worker_of},
};
use crate::schedule::without_tags;

/// How a trace looks.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::traditional) struct Style {
    /// One character for each test.
    pub(in crate::traditional) abbreviate: bool,
    /// Words have colours.
    pub(in crate::traditional) color: bool,
    /// No attachments of tests that pass.
    pub(in crate::traditional) suppress_attachments: bool,
    /// All text attachments of tests that pass, not only their output.
    pub(in crate::traditional) all_attachments: bool,
    /// Attachments that are not text, too.
    pub(in crate::traditional) show_binary_attachments: bool,
}

/// Prints a trace.
#[derive(Debug)]
pub(in crate::traditional) struct Trace<W> {
    out: W,
    style: Style,
    records: Records,
    /// Tests that have ended, in this order, and at the end those that never did.
    ended: Vec<TestRecord>,
    error: Option<io::Error>,
}

/// What the end of a trace found.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(in crate::traditional) struct Traced {
    /// Why the run is not good although no test of it failed, for standard error.
    pub(in crate::traditional) complaint: Option<String>,
    /// Whether each test passed, was skipped or failed as expected.
    pub(in crate::traditional) passed: bool,
}

const RED: u8 = 31;
const GREEN: u8 = 32;
const BLUE: u8 = 34;

impl<W: Write> Trace<W> {
    /// Prints to `out`.
    pub(in crate::traditional) fn new(out: W, style: Style) -> Self {
        Self { out, style, records: Records::default(), ended: Vec::new(), error: None }
    }

    /// Whether no test has ended.
    pub(super) fn is_empty(&self) -> bool {
        self.ended.is_empty()
    }

    /// Prints the failures again, and the totals. Call it after [`Sink::finish`].
    ///
    /// # Errors
    ///
    /// The first error of the output.
    pub(in crate::traditional) fn conclude(mut self) -> io::Result<Traced> {
        self.error.take().map_or(Ok(()), Err)?;
        let count = |status| self.ended.iter().filter(|test| test.status == Some(status)).count();
        let [failed, unexpected] = [Status::Fail, Status::UnexpectedSuccess].map(count);
        let good = count(Status::Success) + count(Status::ExpectedFailure);
        let stuck: Vec<_> = self.ended.iter().filter(|test| !test.is_complete()).collect();
        let passed = failed + unexpected + stuck.len() == 0;
        if !self.ended.iter().any(|test| test.start.and(test.stop).is_some()) {
            let complaint = "The test run didn't actually run any tests\n".to_owned();
            return Ok(Traced { complaint: Some(complaint), passed: false });
        }
        let complaint = if good == 0 {
            Some("\nNo tests were successful during the run\n".to_owned())
        } else if stuck.is_empty() {
            None
        } else {
            let ids = stuck.iter().map(|test| format!("\n\t* {}\n", test.test_id));
            let told = "\nThe following tests exited without returning a status\n\
                        and likely segfaulted or crashed Python:\n";
            Some(format!("{told}{}", ids.collect::<String>()))
        };
        self.write_failures(failed + unexpected)?;
        write_totals(&self.ended, &mut self.out)?;
        self.out.flush()?;
        Ok(Traced { passed: passed && complaint.is_none(), complaint })
    }

    fn write_failures(&mut self, count: usize) -> io::Result<()> {
        if count == 0 {
            return Ok(());
        }
        let out = &mut self.out;
        writeln!(out, "\n{0}\nFailed {count} tests - output below:\n{0}", "=".repeat(30))?;
        for test in self.ended.iter().filter(|test| is_failure(test)) {
            let line = "-".repeat(test.test_id.chars().count());
            writeln!(out, "\n{}\n{line}", test.test_id)?;
            test.attachments.iter().try_for_each(|one| write_attachment(one, false, out))?;
        }
        writeln!(out)
    }

    fn note(&mut self, record: TestRecord) -> io::Result<()> {
        if record.status == Some(Status::Exists) {
            return Ok(());
        }
        if self.style.abbreviate {
            self.letter(&record)?;
        } else {
            self.line(&record)?;
        }
        self.ended.push(record);
        Ok(())
    }

    fn letter(&mut self, record: &TestRecord) -> io::Result<()> {
        match record.status {
            Some(Status::Fail | Status::UnexpectedSuccess) => self.colored("F", RED),
            Some(Status::Success | Status::ExpectedFailure) => self.colored(".", GREEN),
            Some(Status::Skip) => self.colored("S", BLUE),
            status => write!(self.out, "{}", word(status).get(..1).unwrap_or_default()),
        }
    }

    fn line(&mut self, record: &TestRecord) -> io::Result<()> {
        let start = format!("{{{}}} {}", worker_of(record), without_tags(&record.test_id));
        let lasted = record.start.zip(record.stop);
        let lasted = lasted.map_or_else(String::new, |(start, stop)| duration_text(start, stop));
        let timed = format!("{start} [{lasted}] ... ");
        match record.status {
            Some(Status::Fail | Status::UnexpectedSuccess) => {
                write!(self.out, "{timed}")?;
                self.colored("FAILED", RED)?;
                writeln!(self.out)?;
                self.attachments(record, true)
            }
            Some(Status::Success | Status::ExpectedFailure) => {
                write!(self.out, "{timed}")?;
                self.colored("ok", GREEN)?;
                writeln!(self.out)?;
                if self.style.suppress_attachments {
                    return Ok(());
                }
                self.attachments(record, self.style.all_attachments)
            }
            Some(Status::Skip) => {
                write!(self.out, "{start} ... ")?;
                self.colored("SKIPPED", BLUE)?;
                if let Some(reason) = record.attachment("reason") {
                    write!(self.out, ": {}", String::from_utf8_lossy(&reason.bytes))?;
                }
                writeln!(self.out)
            }
            status => {
                writeln!(self.out, "{timed}{}", word(status))?;
                self.attachments(record, true)
            }
        }
    }

    /// Prints attachments of a test: all, or only its output.
    fn attachments(&mut self, record: &TestRecord, all: bool) -> io::Result<()> {
        let is_output = |one: &&Attachment| matches!(first_part(&one.name), "stdout" | "stderr");
        let mut shown = record.attachments.iter().filter(|one| all || is_output(one));
        let binary = self.style.show_binary_attachments;
        shown.try_for_each(|one| write_attachment(one, binary, &mut self.out))
    }

    fn colored(&mut self, text: &str, color: u8) -> io::Result<()> {
        if self.style.color {
            write!(self.out, "\x1b[{color};1m{text}\x1b[0m")
        } else {
            write!(self.out, "{text}")
        }
    }

    fn keep(&mut self, written: io::Result<()>) -> Flow {
        match written {
            Ok(()) => Flow::Continue,
            Err(error) => {
                self.error.get_or_insert(error);
                Flow::Break
            }
        }
    }
}

impl<W: Write> Sink for Trace<W> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        if let Some(record) = self.records.note(event) {
            let written = self.note(record).and_then(|()| self.out.flush());
            return self.keep(written);
        }
        match event.file.filter(|_| event.test_id.is_none() && !is_aside(event)) {
            Some(file) => self.text(file.bytes),
            None => Flow::Continue,
        }
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        let written = self.out.write_all(bytes);
        self.keep(written)
    }

    fn finish(&mut self) {
        for record in self.records.take_open() {
            let written = self.note(record);
            let _ = self.keep(written);
        }
    }
}

fn is_failure(test: &TestRecord) -> bool {
    matches!(test.status, Some(Status::Fail | Status::UnexpectedSuccess))
}

fn word(status: Option<Status>) -> &'static str {
    status.map_or("unknown", Status::name)
}

/// An attachment under the first part of its name. Only its first line is indented.
fn write_attachment(attachment: &Attachment, binary: bool, out: &mut impl Write) -> io::Result<()> {
    let title = format!("Captured {}:", first_part(&attachment.name));
    writeln!(out, "\n{title}\n{}", "~".repeat(title.chars().count()))?;
    if is_text(attachment) {
        writeln!(out, "    {}", String::from_utf8_lossy(&attachment.bytes))
    } else if binary {
        writeln!(out, "    b'{}'", attachment.bytes.escape_ascii())
    } else {
        Ok(())
    }
}

fn first_part(name: &str) -> &str {
    name.split(':').next().unwrap_or(name)
}

#[cfg(test)]
mod tests;
