//! Writes service messages.

mod line;
mod log;
mod pieces;
mod test;

use std::{collections::HashMap, io};

use line::{MessageLine, flow};
use log::MessageLog;
use pieces::{pieces, whole_characters};
use subunit_core::{
    Damage, Event, FileChunk, RouteCode, Status, Timestamp,
    conventions::{self, is_aside},
    run::{Attempt, Attempts, FLAKY_FAILS, FlakyTests, Judge, Judged, Mark},
    sink::{Flow, Sink},
};
use test::{WrittenTest, verdict};

use crate::{
    report::{Row, report},
    text::time::to_millis,
};

/// How much of a file that is no output is kept for the test's end.
const KEPT: usize = 256 << 10;

/// The report.
pub(crate) const REPORT: Row = Row {
    title: "a stream as TeamCity service messages",
    details: "One message a line, as early as possible. Each attempt at a test is written, announced by \
              `testRetrySupport`. Text is passed through between messages; anything in it that looks \
              like a message is made harmless.",
    examples: &[
        "subunit to-teamcity run.subunit",
        "subunit to-teamcity run.subunit | grep -c testFailed",
    ],
    in_log: true,
    ..Row::new("to-teamcity", "Write TeamCity service messages to standard output or PATH", |out| {
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
    log: MessageLog<W>,
    tests: HashMap<(String, String), WrittenTest>,
    opened: u64,
    /// Whether tests that follow may have been tried before, as was announced.
    retries: bool,
    attempts: Attempts<()>,
    judge: Judge,
}

impl<W: io::Write> TeamCityWriter<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self {
            log: MessageLog::new(out),
            tests: HashMap::new(),
            opened: 0,
            retries: false,
            attempts: Attempts::default(),
            judge: Judge::default(),
        }
    }

    /// What the run is judged by; told before anything else is.
    pub fn set_judge(&mut self, judge: &Judge) {
        self.judge = judge.clone();
    }

    /// The output, or the first error there was with it. Nothing is written after an error.
    pub fn into_result(self) -> io::Result<W> {
        self.log.into_result()
    }

    /// Tells whether tests that follow are attempts, one of which may take the place of another.
    fn announce(&mut self, retries: bool) {
        if std::mem::replace(&mut self.retries, retries) != retries {
            self.log
                .send(MessageLine::new("testRetrySupport").with("enabled", &retries.to_string()));
        }
    }

    /// The test of an event, started where it has not.
    fn start_by(&mut self, key: &(String, String), event: &Event<'_>) -> &mut WrittenTest {
        if !self.tests.contains_key(key) {
            self.announce(event.tags.is_some_and(|tags| conventions::attempt(tags).is_some()));
        }
        self.start(key, event.timestamp)
    }

    fn start(&mut self, key: &(String, String), at: Option<Timestamp>) -> &mut WrittenTest {
        if !self.tests.contains_key(key) {
            self.log.send(
                MessageLine::new("testStarted")
                    .of(key)
                    .with("captureStandardOutput", "false")
                    .at(at),
            );
            self.opened += 1;
        }
        let ordinal = self.opened;
        let test = self.tests.entry(key.clone());
        test.or_insert_with(|| WrittenTest { ordinal, start: at, ..WrittenTest::default() })
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
            self.log.send(MessageLine::new(message).of(key).with("out", piece).at(at));
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
            let line = MessageLine::new("testMetadata")
                .with("testName", &key.1)
                .with("flowId", &flow(key));
            self.log.send(line.with("name", "baseline").with("value", mark.word()));
        }
        if let Some((name, mut values)) = verdict {
            // TeamCity shows the message beside the test, and tells tests apart by their names only.
            if mark == Some(Mark::New)
                && let Some((_, message)) = values.first_mut()
            {
                message.insert_str(0, "new: ");
            }
            let line = MessageLine::new(name).of(key);
            let line = values.iter().fold(line, |line, (key, value)| line.with(key, value));
            self.log.send(line.at(at));
        }
        let mut line = MessageLine::new("testFinished").of(key).at(at);
        if let (Some(start), Some(stop)) = (test.start, at) {
            line = line
                .with("duration", &to_millis(stop).saturating_sub(to_millis(start)).to_string());
        }
        self.log.send(line);
    }

    /// Whether the failure is new, where there is a run to compare with.
    fn mark(
        &self,
        (route, test_id): &(String, String),
        status: Status,
        runnable: bool,
        test: &WrittenTest,
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
        test: &mut WrittenTest,
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

    fn metadata(&mut self, key: &(String, String), test: &WrittenTest) {
        let line =
            || MessageLine::new("testMetadata").with("testName", &key.1).with("flowId", &flow(key));
        for tag in test.tags.as_tags().iter() {
            self.log.send(line().with("name", "tag").with("value", tag));
        }
        for (name, bytes) in &test.files {
            let text = String::from_utf8_lossy(bytes);
            self.log.send(line().with("type", "text").with("name", name).with("value", &text));
        }
    }

    /// What the stream says about no test: output, and failures.
    fn of_the_run(&mut self, event: &Event<'_>) {
        if let Some(file) = event.file.filter(|file| !file.bytes.is_empty() && !is_aside(event)) {
            let text = String::from_utf8_lossy(file.bytes);
            for piece in pieces(&text) {
                self.log.send(MessageLine::new("message").with("text", piece));
            }
        }
        if event.status.is_some_and(Status::is_failure) {
            self.log.send(
                MessageLine::new("buildProblem").with("description", "a failure without a test id"),
            );
        }
    }
}

impl<W: io::Write> Sink for TeamCityWriter<W> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        let Some(id) = event.test_id else {
            self.of_the_run(event);
            return self.log.flow();
        };
        let route = event.route_code.map_or("", |route| route.as_str());
        let key = (route.to_owned(), id.to_owned());
        if event.status == Some(Status::Exists) && event.file.is_none() {
            return self.log.flow();
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
        self.log.flow()
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        self.log.pass_on(bytes);
        self.log.flow()
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.log.send(MessageLine::new("buildProblem").with("description", &damage.to_string()));
        self.log.flow()
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
        self.log.release();
    }
}
