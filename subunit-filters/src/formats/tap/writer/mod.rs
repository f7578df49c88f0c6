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
    sink::{Flow, Sink, TestMap},
};
use test::Test;

use crate::formats::output::Output;

/// So much text without a line end is kept before it is given one.
const LONGEST_TEXT: usize = 64 * 1024;

/// Writes what it is pushed as TAP 14.
///
/// * Each final status is a point; a test that never ends is a failed one at the end. `skip` has the
///   directive `SKIP`, `xfail` and `uxsuccess` have `TODO`.
/// * The plan stands last: more tests may run than were listed, and a point beyond a plan is none.
/// * A YAML block has the duration, the reason, the tags and the attachments; one that was read from TAP
///   and is simple is written as it was. Ids that TAP has no room for, such as those with newlines, stand there as
///   `subunit_id`, where [`TapReader`](super::TapReader) finds them.
/// * Text is written as comments that begin with `#|`. Nothing that a test prints is read as TAP.
/// * Damage is told by `Bail out!` at the end.
///
/// Errors of the output are kept for [`TapWriter::into_result`]; the first one ends the writing.
///
/// Memory: attachments of tests that are open, at most 1 MiB each; longer ones are cut.
#[derive(Debug)]
pub struct TapWriter<W> {
    output: Output<W>,
    version: TapVersion,
    /// Those that have begun or been listed, and not ended.
    tests: TestMap<Test>,
    begun: bool,
    points: u64,
    text: Vec<u8>,
    damage: u64,
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
        Self {
            output: Output::new(output),
            version: TapVersion::default(),
            tests: TestMap::new(),
            begun: false,
            points: 0,
            text: Vec::new(),
            damage: 0,
        }
    }

    /// Names another version than 14 in the first line.
    #[must_use]
    pub fn with_version(self, version: TapVersion) -> Self {
        Self { version, ..self }
    }

    /// The output, once all is written.
    ///
    /// # Errors
    ///
    /// The first error that writing met.
    pub fn into_result(self) -> io::Result<W> {
        self.output.into_result()
    }

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

    fn open(&mut self, event: &Event<'_>, test_id: &str) {
        let test = self.tests.find_or_insert_with(event.route_code, test_id, Test::default);
        test.started |= event.status == Some(Status::InProgress);
        test.start = test.start.or(event.timestamp);
        test.note(event);
    }

    fn close(&mut self, event: &Event<'_>, status: Status) -> Flow {
        let (route_code, test_id) = (event.route_code, event.test_id.unwrap_or_default());
        let mut test = self.tests.remove(route_code, test_id).unwrap_or_default();
        test.note(event);
        let duration = test.duration(event.timestamp);
        self.point(&Point { route_code, test_id, status, duration, test: &test })
    }

    fn point(&mut self, point: &Point<'_>) -> Flow {
        let mut out = String::new();
        self.begin(&mut out);
        self.end_text(&mut out);
        self.points += 1;
        point.write(self.points, &mut out);
        self.write(&out)
    }

    fn unfinished(&mut self) -> Flow {
        let tests = std::mem::take(&mut self.tests);
        for (route_code, test_id, test) in tests.iter() {
            let test = &test.unfinished();
            let (status, duration) = (Status::Fail, None);
            self.point(&Point { route_code, test_id, status, duration, test })?;
        }
        Flow::Continue(())
    }

    /// Writes text that has no line end as a comment all the same.
    fn end_text(&mut self, out: &mut String) {
        if !self.text.is_empty() {
            push_comment(out, &String::from_utf8_lossy(&self.text));
            self.text.clear();
        }
    }
}

impl<W: Write> Sink for TapWriter<W> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        match (event.test_id, event.status) {
            (_, Some(status)) if status.is_final() => return self.close(event, status),
            (Some(test_id), Some(Status::Exists)) => {
                let listed = self.tests.find(event.route_code, test_id);
                if listed.is_some_and(|test| !test.started) {
                    self.tests.remove(event.route_code, test_id);
                }
            }
            (Some(test_id), _) => self.open(event, test_id),
            (None, _) => {
                if let Some(file) = event.file {
                    return self.text(file.bytes);
                }
            }
        }
        self.output.flow()
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        self.text.extend_from_slice(bytes);
        let whole = match memchr::memrchr(b'\n', &self.text) {
            Some(newline) => newline + 1,
            None if self.text.len() > LONGEST_TEXT => self.text.len(),
            None => return Flow::Continue(()),
        };
        let rest = self.text.split_off(whole);
        let mut out = String::new();
        self.begin(&mut out);
        self.end_text(&mut out);
        self.text = rest;
        self.write(&out)
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.damage += 1;
        let mut out = String::new();
        self.begin(&mut out);
        self.end_text(&mut out);
        push_comment(&mut out, &damage.to_string());
        self.write(&out)
    }

    fn finish(&mut self) {
        let _ = self.unfinished();
        let mut out = String::new();
        self.begin(&mut out);
        self.end_text(&mut out);
        let _ = writeln!(out, "1..{}", self.points);
        if self.damage > 0 {
            out.push_str("Bail out! The stream is damaged\n");
        }
        let _ = self.write(&out);
        self.output.flush();
    }
}
