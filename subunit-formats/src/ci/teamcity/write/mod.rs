//! Writes service messages.

use std::{collections::HashMap, io};

use subunit_core::{
    Damage, Event, FileChunk, RouteCode, Status, TagsBuf, Timestamp,
    conventions::{self, is_aside},
    run::{Attempt, Attempts, FLAKY_FAILS, FlakyTests, Judge, Judged, Mark, cause},
    sink::{Attachment, Flow, Sink, TestRecord},
};

use super::message::{MARK, escape_into};
use crate::{
    report::{Row, output::Output, report},
    text::time::{Zoneless, to_millis},
};

/// How much output a message holds at most; more goes into several.
const PIECE: usize = 64 << 10;

/// How much of a file that is no output is kept for the test's end.
const KEPT: usize = 256 << 10;

/// The report.
pub(crate) const REPORT: Row = Row {
    title: "a stream as TeamCity service messages",
    details: "One message a line, as soon as it is known. Attempts at a test go out one by one, and \
              `testRetrySupport` announces them. Text is passed on between them; what looks like a \
              message in it is made harmless.",
    examples: &[
        "subunit to-teamcity run.subunit",
        "subunit to-teamcity run.subunit | grep -c testFailed",
    ],
    in_log: true,
    ..Row::new("to-teamcity", "TeamCity service messages, to standard output or PATH", |out| {
        Box::new(TeamCityWriter::new(out))
    })
};

report! { TeamCityWriter: true => set_judge }

/// Writes TeamCity service messages.
///
/// One message a line, each in one write and flushed; a newline goes in front where the text passed on
/// before has none. Text that holds the beginning of a message gets an invisible U+200B into it. Output of
/// tests goes out as it comes, other files with the test's end: the one that says why the test failed as details of
/// the failure, all else as metadata, up to 256 KiB of each. Tests that are unfinished in the end fail. Times that are
/// no dates are left out, durations are not.
///
/// Attempts that the source marks go out one by one, after `testRetrySupport enabled='true'`: TeamCity then mutes the
/// failures of a test that passes later. In front of tests without that mark it is switched off again, since two
/// results of theirs are two.
///
/// Memory: the tests that run, and what [`Attempts`] keeps.
#[derive(Debug)]
pub struct TeamCityWriter<W> {
    out: Output<W>,
    tests: HashMap<(String, String), Test>,
    opened: u64,
    /// How many bytes of a message's beginning the text ended with; they are held back.
    held: usize,
    in_line: bool,
    /// Whether tests that follow may have been tried before, as was announced.
    retries: bool,
    attempts: Attempts<()>,
    judge: Judge,
}

#[derive(Debug, Default)]
struct Test {
    ordinal: u64,
    start: Option<Timestamp>,
    tags: TagsBuf,
    files: Vec<(String, Vec<u8>)>,
    /// The beginnings of characters that output ended with.
    cut: HashMap<&'static str, Vec<u8>>,
}

/// A message that is being written.
struct Line(Vec<u8>);

impl Line {
    fn new(name: &str) -> Self {
        /// FixedBuffer for nearly every message.
        const LENGTH: usize = 512;
        let mut bytes = Vec::with_capacity(LENGTH);
        bytes.extend_from_slice(MARK);
        bytes.extend_from_slice(name.as_bytes());
        Self(bytes)
    }

    fn with(mut self, key: &str, value: &str) -> Self {
        self.0.push(b' ');
        self.0.extend_from_slice(key.as_bytes());
        self.0.extend_from_slice(b"='");
        escape_into(value, &mut self.0);
        self.0.push(b'\'');
        self
    }

    fn at(mut self, time: Option<Timestamp>) -> Self {
        if let Some(time) = time.filter(|time| !time.is_relative()) {
            self.0.extend_from_slice(b" timestamp='");
            self.0.extend_from_slice(&Zoneless(time).text());
            self.0.extend_from_slice(b"+0000'");
        }
        self
    }

    /// With the name and flow of a test.
    fn of(self, key: &(String, String)) -> Self {
        self.with("name", &key.1).with("flowId", &flow(key))
    }
}

fn flow((route, id): &(String, String)) -> String {
    if route.is_empty() { id.clone() } else { format!("{route} {id}") }
}

impl<W: io::Write> TeamCityWriter<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self {
            out: Output::new(out),
            tests: HashMap::new(),
            opened: 0,
            held: 0,
            in_line: false,
            retries: false,
            attempts: Attempts::default(),
            judge: Judge::default(),
        }
    }

    /// What the run is judged by; told before anything else is.
    pub fn set_judge(&mut self, judge: &Judge) {
        self.judge = judge.clone();
    }

    /// The output, or the first error there was with it. Nothing is written behind an error.
    pub fn into_result(self) -> io::Result<W> {
        self.out.into_result()
    }

    fn write(&mut self, bytes: &[u8]) {
        let Some(last) = bytes.last() else { return };
        self.in_line = *last != b'\n';
        self.out.write(bytes);
        self.out.flush();
    }

    fn send(&mut self, line: Line) {
        self.release();
        let Line(mut bytes) = line;
        if self.in_line {
            bytes.insert(0, b'\n');
        }
        bytes.extend_from_slice(b"]\n");
        self.write(&bytes);
    }

    /// Writes the text that was held back.
    fn release(&mut self) {
        let held = std::mem::take(&mut self.held);
        self.write(&MARK[..held]);
    }

    fn pass_on(&mut self, bytes: &[u8]) {
        let mut text = MARK[..std::mem::take(&mut self.held)].to_vec();
        text.extend_from_slice(bytes);
        let mut plain = Vec::with_capacity(text.len());
        let mut rest = text.as_slice();
        while let Some(at) = memchr::memmem::find(rest, MARK) {
            plain.extend_from_slice(&rest[..at]);
            plain.extend_from_slice("##\u{200b}teamcity[".as_bytes());
            rest = &rest[at + MARK.len()..];
        }
        let held =
            (1..MARK.len()).rev().find(|&length| rest.ends_with(&MARK[..length])).unwrap_or(0);
        plain.extend_from_slice(&rest[..rest.len() - held]);
        self.write(&plain);
        self.held = held;
    }

    /// Tells whether tests that follow are attempts, one of which may take the place of another.
    fn announce(&mut self, retries: bool) {
        if std::mem::replace(&mut self.retries, retries) != retries {
            self.send(Line::new("testRetrySupport").with("enabled", &retries.to_string()));
        }
    }

    /// The test of an event, started where it has not.
    fn start_by(&mut self, key: &(String, String), event: &Event<'_>) -> &mut Test {
        if !self.tests.contains_key(key) {
            self.announce(event.tags.is_some_and(|tags| conventions::attempt(tags).is_some()));
        }
        self.start(key, event.timestamp)
    }

    fn start(&mut self, key: &(String, String), at: Option<Timestamp>) -> &mut Test {
        if !self.tests.contains_key(key) {
            self.send(
                Line::new("testStarted").of(key).with("captureStandardOutput", "false").at(at),
            );
            self.opened += 1;
        }
        let ordinal = self.opened;
        let test = self.tests.entry(key.clone());
        test.or_insert_with(|| Test { ordinal, start: at, ..Test::default() })
    }

    fn file(&mut self, key: &(String, String), file: FileChunk<'_>, event: &Event<'_>) {
        let (message, cut) = match file.name {
            "stdout" => ("testStdOut", "stdout"),
            "stderr" => ("testStdErr", "stderr"),
            name => {
                let files = &mut self.start(key, event.timestamp).files;
                let at = files.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
                    files.push((name.to_owned(), Vec::new()));
                    files.len() - 1
                });
                if let Some((_, kept)) = files.get_mut(at) {
                    let room = KEPT.saturating_sub(kept.len()).min(file.bytes.len());
                    kept.extend_from_slice(&file.bytes[..room]);
                }
                return;
            }
        };
        let test = self.start(key, event.timestamp);
        let mut bytes = test.cut.remove(cut).unwrap_or_default();
        bytes.extend_from_slice(file.bytes);
        if !event.eof {
            let whole = whole_characters(&bytes);
            test.cut.insert(cut, bytes.split_off(whole));
        }
        self.output(key, message, &bytes, event.timestamp);
    }

    fn output(
        &mut self,
        key: &(String, String),
        message: &str,
        bytes: &[u8],
        at: Option<Timestamp>,
    ) {
        let text = String::from_utf8_lossy(bytes);
        for piece in pieces(&text) {
            self.send(Line::new(message).of(key).with("out", piece).at(at));
        }
    }

    fn end(&mut self, key: &(String, String), status: Status, event: &Event<'_>) {
        let at = event.timestamp;
        self.start(key, at);
        let Some(mut test) = self.tests.remove(key) else { return };
        for (name, message) in [("stdout", "testStdOut"), ("stderr", "testStdErr")] {
            let cut = test.cut.remove(name).unwrap_or_default();
            self.output(key, message, &cut, at);
        }
        let number = conventions::attempt(test.tags.as_tags());
        self.announce(number.is_some());
        let status = self.judge(key, status, number, event.runnable, &mut test);
        let mark = self.mark(key, status, event.runnable, &test);
        let verdict = verdict(status, &mut test);
        self.metadata(key, &test);
        if let Some(mark) = mark {
            let line =
                Line::new("testMetadata").with("testName", &key.1).with("flowId", &flow(key));
            self.send(line.with("name", "baseline").with("value", mark.word()));
        }
        if let Some((name, mut values)) = verdict {
            // TeamCity shows the message beside the test, and tells tests apart by their names only.
            if mark == Some(Mark::New)
                && let Some((_, message)) = values.first_mut()
            {
                message.insert_str(0, "new: ");
            }
            let line = Line::new(name).of(key);
            let line = values.iter().fold(line, |line, (key, value)| line.with(key, value));
            self.send(line.at(at));
        }
        let mut line = Line::new("testFinished").of(key).at(at);
        if let (Some(start), Some(stop)) = (test.start, at) {
            line = line
                .with("duration", &to_millis(stop).saturating_sub(to_millis(start)).to_string());
        }
        self.send(line);
    }

    /// Whether the failure is new, where there is a run to compare with.
    fn mark(
        &self,
        (route, test_id): &(String, String),
        status: Status,
        runnable: bool,
        test: &Test,
    ) -> Option<Mark> {
        let route_code = (!route.is_empty()).then(|| RouteCode::new(route));
        let attempt = Attempt { route_code, test_id, number: None, status: Some(status), runnable };
        self.judge.baseline.as_ref()?.mark_attempt(&attempt, Some(test.tags.as_tags()))
    }

    /// What the attempt came to: a flaky test may have failed.
    fn judge(
        &mut self,
        (route, test_id): &(String, String),
        status: Status,
        number: Option<u32>,
        runnable: bool,
        test: &mut Test,
    ) -> Status {
        let route_code = (!route.is_empty()).then(|| RouteCode::new(route));
        let attempt = Attempt { route_code, test_id, number, status: Some(status), runnable };
        let replaced = match self.attempts.judge(&attempt) {
            Judged::Result { replaces, .. } => replaces,
            Judged::Held(replaced) => {
                self.attempts.hold(&attempt, replaced, ());
                replaced
            }
        };
        let is_flaky = runnable && replaced.is_retry() && !attempt.has_failed();
        if !is_flaky || self.judge.flaky_tests == FlakyTests::Pass {
            return status;
        }
        let reason = FLAKY_FAILS;
        test.files.insert(0, ("reason".to_owned(), reason.into()));
        Status::Fail
    }

    fn metadata(&mut self, key: &(String, String), test: &Test) {
        let line = || Line::new("testMetadata").with("testName", &key.1).with("flowId", &flow(key));
        for tag in test.tags.as_tags().iter() {
            self.send(line().with("name", "tag").with("value", tag));
        }
        for (name, bytes) in &test.files {
            let text = String::from_utf8_lossy(bytes);
            self.send(line().with("type", "text").with("name", name).with("value", &text));
        }
    }

    /// What the stream says about no test: output, and failures.
    fn of_the_run(&mut self, event: &Event<'_>) {
        if let Some(file) = event.file.filter(|file| !file.bytes.is_empty() && !is_aside(event)) {
            let text = String::from_utf8_lossy(file.bytes);
            for piece in pieces(&text) {
                self.send(Line::new("message").with("text", piece));
            }
        }
        if event.status.is_some_and(Status::is_failure) {
            self.send(Line::new("buildProblem").with("description", "a failure without a test id"));
        }
    }
}

impl<W: io::Write> Sink for TeamCityWriter<W> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        let Some(id) = event.test_id else {
            self.of_the_run(event);
            return self.out.flow();
        };
        let route = event.route_code.map_or("", |route| route.as_str());
        let key = (route.to_owned(), id.to_owned());
        if event.status == Some(Status::Exists) && event.file.is_none() {
            return self.out.flow();
        }
        let test = self.start_by(&key, event);
        if !event.status.is_some_and(Status::is_final) {
            test.start = test.start.or(event.timestamp);
        }
        if let Some(tags) = event.tags {
            test.tags = tags.to_buf();
        }
        if let Some(file) = event.file {
            self.file(&key, file, event);
        }
        match event.status {
            Some(status) if status.is_final() => self.end(&key, status, event),
            _ => {}
        }
        self.out.flow()
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        self.pass_on(bytes);
        self.out.flow()
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.send(Line::new("buildProblem").with("description", &damage.to_string()));
        self.out.flow()
    }

    fn finish(&mut self) {
        let mut open: Vec<_> =
            self.tests.iter().map(|(key, test)| (test.ordinal, key.clone())).collect();
        open.sort_unstable();
        for (_, key) in open {
            let reason = FileChunk { name: "traceback", bytes: b"no result: the stream ended" };
            self.file(&key, reason, &Event::default());
            self.end(&key, Status::Fail, &Event::default());
        }
        self.release();
    }
}

/// A message and its values besides the test.
type Verdict = (&'static str, Vec<(&'static str, String)>);

/// What tells that a test did not pass. Takes the files that say why.
fn verdict(status: Status, test: &mut Test) -> Option<Verdict> {
    /// The files that are the details of a failure, the best first.
    const DETAILS: [&str; 4] = ["traceback", "failure", "error", "details"];
    if matches!(status, Status::Fail | Status::UnexpectedSuccess) {
        let message = test.message(status);
        // A reason of one line is the message.
        let reason = test.text("reason").filter(|reason| reason.trim_ascii().contains('\n'));
        let details = DETAILS.iter().find_map(|name| test.take(name)).or(reason);
        let details = details.unwrap_or_default();
        return Some(("testFailed", vec![("message", message), ("details", details)]));
    }
    let mut reason = || test.take("reason");
    let message = match status {
        Status::Skip => reason().unwrap_or_default(),
        Status::ExpectedFailure => {
            let reason = reason().map(|reason| format!(": {reason}")).unwrap_or_default();
            format!("Expected failure{reason}")
        }
        _ => return None,
    };
    Some(("testIgnored", vec![("message", message)]))
}

impl Test {
    /// The file of this name, if it is text.
    fn text(&self, name: &str) -> Option<String> {
        let (_, bytes) = self.files.iter().find(|(known, _)| known == name)?;
        String::from_utf8(bytes.clone()).ok()
    }

    /// The file of this name, as text; it is taken out.
    fn take(&mut self, name: &str) -> Option<String> {
        let at = self.files.iter().position(|(known, _)| known == name)?;
        Some(String::from_utf8_lossy(&self.files.remove(at).1).into_owned())
    }

    /// Why it failed, on one line.
    fn message(&self, status: Status) -> String {
        if status == Status::UnexpectedSuccess {
            return "unexpected success".to_owned();
        }
        let files = self.files.iter().map(|(name, bytes)| Attachment {
            name: name.clone(),
            bytes: bytes.clone(),
            ..Attachment::default()
        });
        let attachments = files.collect();
        let status = Some(status);
        let message = cause::message(&TestRecord { status, attachments, ..TestRecord::default() });
        if message.is_empty() { "failed".to_owned() } else { message }
    }
}

/// A text in pieces that fit into a message.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let most = rest.len().min(PIECE);
        let end = (0..=most).rev().find(|&end| rest.is_char_boundary(end)).unwrap_or(most);
        let (piece, behind) = rest.split_at(end);
        rest = behind;
        (!piece.is_empty()).then_some(piece)
    })
}

/// How many bytes are whole characters; what is behind them may become one.
fn whole_characters(bytes: &[u8]) -> usize {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        Ok(_) => bytes.len(),
        // Invalid bytes come before: only an end of at most three bytes can be a beginning.
        Err(_) => {
            let tail = bytes.len().saturating_sub(3);
            let mut starts = (tail..bytes.len()).filter(|&at| bytes[at] >= 0xc0);
            starts.next_back().filter(|&at| is_beginning(&bytes[at..])).unwrap_or(bytes.len())
        }
    }
}

fn is_beginning(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}
