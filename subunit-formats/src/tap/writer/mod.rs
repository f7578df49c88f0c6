//! Writes TAP 14 that other readers of TAP read too.

mod comment;
mod name;
mod point;
mod test;
mod yaml;

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use comment::push_comment;
use point::Point;
use subunit_core::{
    Damage, Event, Status,
    conventions::is_aside,
    run::{Judge, Results, TestResult},
    sink::{Flow, Sink, TestRecord},
};
use test::Test;

use crate::report::{Row, output::Output, report, taken_back};

/// So much text without a line end is kept before it is given one.
const LONGEST_TEXT: usize = 64 * 1024;

/// So much of all attachments of a test is kept.
const MOST_OF_A_TEST: usize = 1 << 20;

/// The report.
pub(crate) const REPORT: Row = Row::new("to-tap", "Write TAP", |out| Box::new(TapWriter::new(out)));

report! { TapWriter: true, unsaid => set_judge }

/// Writes what it is pushed as TAP 14.
///
/// * Each result is a point, once it is certain; a test that never ends is a failed one at the end. `skip` has the
///   directive `SKIP`, `xfail` has `TODO`, and so has a `success` with the tag `xpass`. `uxsuccess` is a failure, as
///   `ok # TODO` is none for any harness. The attempts before the last one are comments below it.
/// * The plan stands last: more tests may run than were listed, and a point beyond a plan is none.
/// * A YAML block has the duration, the reason, the tags and the attachments; one that was read from TAP
///   and is simple is written as it was. Ids that TAP has no room for, such as those with newlines, stand there as
///   `subunit_id`, where [`TapReader`](super::TapReader) finds them.
/// * Text is written as comments that begin with `#|`. Nothing that a test prints is read as TAP.
/// * Damage is told by `Bail out!` at the end.
///
/// Errors of the output are kept for [`TapWriter::into_result`]; the first one ends the writing.
///
/// Memory: that of [`Results`], with at most 1 MiB of attachments for each test; longer ones are cut.
#[derive(Debug)]
pub struct TapWriter<W> {
    results: Results,
    document: Document<W>,
}

/// What has been written.
#[derive(Debug)]
struct Document<W> {
    output: Output<W>,
    version: TapVersion,
    begun: bool,
    points: u64,
    text: Vec<u8>,
    damage: u64,
    taken_back: u64,
}

/// The version that the first line names. All else is the same: nothing is written that only 14 has.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum TapVersion {
    /// For readers that refuse what is later. One is perl's TAP::Parser, and so `prove`: up to 3.44 at least
    /// it has a highest version, 13, and reports 14 as an error of the file.
    V13,
    /// The latest.
    #[default]
    V14,
}

impl TapVersion {
    const fn line(self) -> &'static str {
        match self {
            Self::V13 => "TAP version 13",
            Self::V14 => "TAP version 14",
        }
    }
}

impl<W: Write> TapWriter<W> {
    /// Writes to `output`, one write for each point.
    pub fn new(output: W) -> Self {
        let document = Document {
            output: Output::new(output),
            version: TapVersion::default(),
            begun: false,
            points: 0,
            text: Vec::new(),
            damage: 0,
            taken_back: 0,
        };
        Self { results: Results::with_limit(MOST_OF_A_TEST), document }
    }

    /// Names another version than 14 in the first line.
    #[must_use]
    pub fn with_version(self, version: TapVersion) -> Self {
        Self { document: Document { version, ..self.document }, ..self }
    }

    /// What the run is judged by; told before anything else is.
    pub fn set_judge(&mut self, judge: &Judge) {
        self.results = std::mem::take(&mut self.results).with_judge(judge);
    }

    /// The output, once all is written.
    ///
    /// # Errors
    ///
    /// The first error that writing met.
    pub fn into_result(self) -> io::Result<W> {
        self.document.output.into_result()
    }

    /// What the document cannot say, in a few words.
    pub(crate) fn unsaid(&self) -> Option<String> {
        taken_back(self.document.taken_back)
    }
}

impl<W: Write> Document<W> {
    fn write(&mut self, text: &str) -> Flow {
        self.output.write(text.as_bytes());
        self.output.flow()
    }

    /// What stands in front of everything, if it has not been written.
    fn begin(&mut self, out: &mut String) {
        if !std::mem::replace(&mut self.begun, true) {
            let _ = writeln!(out, "{}", self.version.line());
        }
    }

    fn put(&mut self, result: &TestResult<&mut TestRecord>) -> Flow {
        if result.last.status == Some(Status::Exists) {
            return self.output.flow();
        }
        self.taken_back += u64::from(result.takes_back);
        let mut out = String::new();
        self.begin(&mut out);
        self.end_text(&mut out);
        self.points += 1;
        let test = Test { record: &*result.last, earlier: &result.earlier };
        Point(test).write(self.points, &mut out);
        self.write(&out)
    }

    /// Writes text that has no line end as a comment all the same.
    fn end_text(&mut self, out: &mut String) {
        if !self.text.is_empty() {
            push_comment(out, &String::from_utf8_lossy(&self.text));
            self.text.clear();
        }
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        self.text.extend_from_slice(bytes);
        let whole = match memchr::memrchr(b'\n', &self.text) {
            Some(newline) => newline + 1,
            None if self.text.len() > LONGEST_TEXT => self.text.len(),
            None => return Flow::Continue,
        };
        let rest = self.text.split_off(whole);
        let mut out = String::new();
        self.begin(&mut out);
        self.end_text(&mut out);
        self.text = rest;
        self.write(&out)
    }
}

impl<W: Write> Sink for TapWriter<W> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        if let Some(result) = self.results.note(event) {
            return self.document.put(&result);
        }
        match event.file {
            Some(file) if event.test_id.is_none() && !is_aside(event) => {
                self.document.text(file.bytes)
            }
            _ => self.document.output.flow(),
        }
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        self.document.text(bytes)
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        let document = &mut self.document;
        document.damage += 1;
        let mut out = String::new();
        document.begin(&mut out);
        document.end_text(&mut out);
        push_comment(&mut out, &damage.to_string());
        document.write(&out)
    }

    fn finish(&mut self) {
        let document = &mut self.document;
        for TestResult { earlier, mut last, takes_back } in self.results.finish() {
            document.put(&TestResult { earlier, last: &mut last, takes_back });
        }
        let mut out = String::new();
        document.begin(&mut out);
        document.end_text(&mut out);
        let _ = writeln!(out, "1..{}", document.points);
        if document.damage > 0 {
            out.push_str("Bail out! The stream is damaged\n");
        }
        document.write(&out);
        document.output.flush();
    }
}
