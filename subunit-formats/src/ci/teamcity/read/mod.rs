//! Reads service messages out of whatever they stand among.

use std::collections::HashMap;

use subunit_core::{
    Event, FileChunk, Status, TagsBuf, Timestamp,
    conventions::{attempt, attempt_tag},
};

use super::{
    held::Held,
    message::{Found, Message, TRIES, Torn, at_mark, mark},
    suites::Suites,
};
use crate::{
    events::{
        clock::{self, SyntheticClock},
        open_map::OpenMap,
        push::{Push, TEXT, URI_LIST, some_tags},
    },
    text::{
        json_line::{CUT, LONGEST, LineState, line_reader},
        time::parse_zoneless,
    },
};

/// Up to so many open tests are searched for one whose flow a message does not name.
const SEARCHED: usize = 1000;

const TOO_DEEP: &str = "suites are nested too deep: ids have no names of the deepest";

line_reader! {
    /// Reads TeamCity service messages, wherever they stand in a line.
    ///
    /// Ids are the tests' names, with those of the suites they stand in before them: `suite: test`. Messages
    /// that are not about tests, and all between messages, are text. Times without a zone are read as UTC; where
    /// messages have none, durations are times from the beginning of 1970 on. A test or suite that does not
    /// finish and a `buildProblem` are red. `testCount` is a figure for progress bars and promises nothing.
    ///
    /// Line ends and quotes that are not escaped are mended. A failure that cannot be read, or is torn, is red.
    ///
    /// Attempts are what `testRetrySupport` announces, what ends with `willBeRetried`, and a test that starts
    /// again before it has ended, as with mocha.
    ///
    /// Memory: the tests and suites that run, tests that failed and may be tried again, and one line (a message of
    /// more than 64 MiB is text, and red).
    TeamCityReader, State
}

impl LineState for State {
    fn line(&mut self, line: &[u8], push: &mut Push<'_>) {
        let mut rest = line;
        if let Some(mut held) = self.held.take() {
            if !held.take(line) {
                self.held = Some(held);
                return;
            }
            rest = &line[mark(line).unwrap_or(line.len())..];
            self.messages(&held.into_bytes(), true, push);
        }
        self.messages(rest, false, push);
    }

    fn settle(&mut self, push: &mut Push<'_>) {
        self.release(push);
    }

    fn finish(&mut self, push: &mut Push<'_>) {
        self.release(push);
        self.close(push);
    }
}

#[derive(Clone, Debug, Default)]
struct State {
    suites: Suites,
    /// Whether it was said that suites are nested too deep.
    too_deep: bool,
    /// By flow and name.
    tests: OpenMap<Test>,
    /// The last test that had ended without having started: it may still be said to finish.
    closed: Option<String>,
    /// The message that the last line ends with, if it may go on in the next.
    held: Option<Held>,
    /// Whether what was torn last was a message about tests, of which nothing could be made.
    torn_last: bool,
    clock: SyntheticClock,
    /// Whether tests that fail are tried again.
    retries: bool,
    /// How many attempts at tests failed of which there may be another, by id.
    failed: HashMap<String, u32>,
}

/// A test that runs.
#[derive(Clone, Debug, Default)]
struct Test {
    id: String,
    name: String,
    status: Option<Status>,
    reason: Option<Vec<u8>>,
    tags: TagsBuf,
    /// The files that have begun.
    files: Vec<&'static str>,
    /// Which attempt this is, where there may be several.
    attempt: Option<u32>,
    /// The reader's clock when it started.
    start: SyntheticClock,
}

impl State {
    /// What was held back is as it is: it does not go on.
    fn release(&mut self, push: &mut Push<'_>) {
        if let Some(held) = self.held.take() {
            self.messages(&held.into_bytes(), true, push);
        }
    }

    /// Messages and what stands between them. The last one may go on in the next line unless they are the `last`.
    fn messages(&mut self, line: &[u8], last: bool, push: &mut Push<'_>) {
        self.torn_last = false;
        let (mut rest, mut tries) = (line, TRIES);
        let cut = line.len() >= LONGEST && !line.ends_with(b"\n");
        let mut is_text = cut;
        while let Some(at) = mark(rest) {
            let (before, message) = rest.split_at(at);
            push.text(before);
            is_text |= !before.is_empty();
            let found = at_mark(message, &mut tries);
            let length = match &found {
                Found::Whole(_, length) | Found::Torn(_, length) => *length,
            };
            let (bytes, behind) = message.split_at(length);
            rest = behind;
            let taken = match &found {
                Found::Whole(message, _) => self.message(message, push),
                Found::Torn(torn, _) if !(last || cut) && rest.is_empty() && goes_on(torn) => {
                    self.held = Some(Held::new(bytes));
                    return;
                }
                Found::Torn(_, _) if cut && rest.is_empty() => {
                    push.group_failure("long line", CUT, None, None);
                    false
                }
                Found::Torn(torn, _) => self.torn(torn, push),
            };
            // A line of output that tore the message stands in some value of it, which may be one that nobody is shown.
            let is_torn = bytes.trim_ascii_end().contains(&b'\n');
            if !taken || is_torn {
                push.text(bytes);
                is_text = true;
            }
        }
        // The end of a line that held nothing but messages is theirs.
        let is_end = rest.iter().all(|byte| b"\r\n".contains(byte));
        if !is_end || is_text || rest.len() == line.len() {
            push.text(rest);
        }
    }

    /// A message that does not end. False where nothing can be made of it.
    fn torn(&mut self, torn: &Torn<'_>, push: &mut Push<'_>) -> bool {
        let message = &torn.message;
        let open = torn.open.unwrap_or_default();
        let named = message.text("name").is_some() && !["name", "flowId"].contains(&open);
        let status = message.text("status").unwrap_or_default();
        let is_start_of =
            |word: &str| torn.bare && !message.name.is_empty() && word.starts_with(message.name);
        let is_red = match message.name {
            "buildProblem" => return self.message(message, push),
            "buildStatus" if open != "status" && status == "FAILURE" => {
                return self.message(message, push);
            }
            "buildStatus" => "FAILURE".starts_with(&*status),
            "testFailed" if !named => true,
            "testFinished" => false,
            name if name.starts_with("test") && named => return self.message(message, push),
            _ => is_start_of("testFailed") || is_start_of("buildProblem"),
        };
        if is_red {
            push.group_failure("torn message", "a failure that cannot be read", None, None);
        }
        self.torn_last = !is_red && message.name.starts_with("test");
        false
    }

    /// False where the message is not about tests.
    fn message(&mut self, message: &Message<'_>, push: &mut Push<'_>) -> bool {
        let flow = message.text("flowId").unwrap_or_default();
        let name = || message.text("name").unwrap_or_default();
        match message.name {
            "testSuiteStarted" => {
                if !self.suites.start(&flow, &name())
                    && !std::mem::replace(&mut self.too_deep, true)
                {
                    push.group_failure("suites", TOO_DEEP, None, None);
                }
            }
            "testSuiteFinished" => self.suites.finish(&flow, &name()),
            "flowStarted" => {
                self.suites.start_flow(&flow, &message.text("parent").unwrap_or_default());
            }
            "flowFinished" => self.suites.finish_flow(&flow),
            "testCount" => {}
            "testRetrySupport" => {
                self.retries = message.text("enabled").is_none_or(|enabled| enabled != "false");
            }
            "buildProblem" => {
                let reason = message.text("description").unwrap_or_default();
                push.group_failure("build problem", &reason, None, time(message));
            }
            "buildStatus" if message.text("status").as_deref() == Some("FAILURE") => {
                let reason = message.text("text").unwrap_or_default();
                push.group_failure("build status", &reason, None, time(message));
            }
            "message" => return said(message, push),
            name if name.starts_with("test") => return self.test_message(name, message, push),
            _ => return false,
        }
        true
    }

    fn test_message(&mut self, kind: &str, message: &Message<'_>, push: &mut Push<'_>) -> bool {
        let key = match (kind, message.text("name"), message.text("testName")) {
            ("testMetadata", _, Some(name)) | (_, Some(name), _) => self.key(message, &name),
            ("testFailed", ..) => {
                push.group_failure(
                    "torn message",
                    "a failed test without a name",
                    None,
                    time(message),
                );
                return false;
            }
            _ => return false,
        };
        match kind {
            "testStarted" => self.start(&key, message, push),
            "testFinished" if self.closed.take_if(|closed| *closed == key).is_some() => {}
            "testFinished" => self.end(&key, message, push),
            "testStdOut" => self.output(&key, "stdout", message, push),
            "testStdErr" => self.output(&key, "stderr", message, push),
            "testFailed" => self.failed(&key, message, push),
            "testIgnored" => self.ignored(&key, message, push),
            "testMetadata" => return self.metadata(&key, message, push),
            _ => return false,
        }
        true
    }

    /// What a test is known by: flow and name. A message without the flow that its test has goes to the
    /// open test of that name.
    fn key(&self, message: &Message<'_>, name: &str) -> String {
        let flow = message.text("flowId").unwrap_or_default();
        let key = format!("{flow}\0{name}");
        let known = self.tests.contains(&key) || message.name == "testStarted";
        if known || self.tests.len() > SEARCHED {
            return key;
        }
        self.tests.find(|test| test.name == name).map_or(key, str::to_owned)
    }

    fn start(&mut self, key: &str, message: &Message<'_>, push: &mut Push<'_>) {
        let mut attempt = None;
        if let Some(mut test) = self.tests.remove(key) {
            let number = *test.attempt.get_or_insert(1);
            attempt = Some(number.saturating_add(1));
            test.incomplete("it started again", push);
        }
        self.open(key, attempt, time(message), push);
        self.closed.take_if(|closed| closed == key);
    }

    fn open(
        &mut self,
        key: &str,
        attempt: Option<u32>,
        at: Option<Timestamp>,
        push: &mut Push<'_>,
    ) {
        let (flow, name) = key.split_once('\0').unwrap_or(("", key));
        let id = self.suites.id(flow, name);
        let failed = self.failed.get(&id).copied().or_else(|| self.retries.then_some(0));
        let attempt = attempt.or_else(|| Some(failed?.saturating_add(1)));
        if let Some(at) = at {
            self.clock.advance_to(at);
        }
        let test =
            Test { id, name: name.to_owned(), attempt, start: self.clock, ..Test::default() };
        let tags = test.tags();
        push.event(&Event {
            timestamp: at,
            tags: some_tags(&tags),
            ..Event::status(&test.id, Status::InProgress)
        });
        self.tests.insert(key, test);
    }

    /// The test of a message, opened where nobody has.
    fn test(&mut self, key: &str, push: &mut Push<'_>) -> &mut Test {
        if !self.tests.contains(key) {
            self.open(key, None, None, push);
        }
        self.tests.entry(key)
    }

    fn output(
        &mut self,
        key: &str,
        name: &'static str,
        message: &Message<'_>,
        push: &mut Push<'_>,
    ) {
        let output = message.bytes("out").unwrap_or_default();
        if self.tests.contains(key) {
            self.test(key, push).file(name, output, time(message), push);
        } else {
            // An event with the id of a test that has ended would open it again.
            let id = key.split_once('\0').map_or(key, |(_, name)| name);
            push.file(None, &format!("{id} {name}"), output, true);
        }
    }

    fn failed(&mut self, key: &str, message: &Message<'_>, push: &mut Push<'_>) {
        let started = self.tests.contains(key);
        let test = self.test(key, push);
        test.status = Some(Status::Fail);
        let (brief, details) = (message.bytes("message"), message.bytes("details"));
        let (brief, details) = (brief.unwrap_or_default(), details.unwrap_or_default());
        if details.is_empty() {
            test.file("traceback", brief, None, push);
        } else {
            if !brief.is_empty() && memchr::memmem::find(details, brief).is_none() {
                test.file("message", brief, None, push);
            }
            test.file("traceback", details, None, push);
        }
        for name in ["expected", "actual"] {
            if let Some(value) = message.bytes(name) {
                test.file(name, value, None, push);
            }
        }
        if !started {
            self.end_unstarted(key, message, push);
        }
    }

    fn ignored(&mut self, key: &str, message: &Message<'_>, push: &mut Push<'_>) {
        let started = self.tests.contains(key);
        let test = self.test(key, push);
        let reason = message.bytes("message").unwrap_or_default();
        // As python's teamcity-messages says it, and our writer.
        let (status, reason) = match reason.strip_prefix(b"Expected failure") {
            Some(rest) => (Status::ExpectedFailure, rest.strip_prefix(b": ").unwrap_or(rest)),
            None => (Status::Skip, reason),
        };
        test.status = test.status.or(Some(status));
        test.reason = (!reason.is_empty()).then(|| reason.to_vec());
        if !started {
            self.end_unstarted(key, message, push);
        }
    }

    /// A test ends that nobody has started.
    fn end_unstarted(&mut self, key: &str, message: &Message<'_>, push: &mut Push<'_>) {
        self.end(key, message, push);
        self.closed = Some(key.to_owned());
    }

    fn metadata(&mut self, key: &str, message: &Message<'_>, push: &mut Push<'_>) -> bool {
        let Some(test) = self.tests.get_mut(key) else { return false };
        let name = message.text("name").unwrap_or_default();
        let value = message.bytes("value").unwrap_or_default();
        match message.text("type").as_deref() {
            Some("text") => push.file(Some(&test.id), &name, value, true),
            Some("artifact" | "image" | "video" | "link") => {
                push.typed_file(Some(&test.id), "artifact-path", value, URI_LIST, true);
            }
            _ => {
                let value = message.text("value").unwrap_or_default();
                let tag = if name == "tag" { value } else { format!("{name}:{value}").into() };
                push.tag(&test.id, &mut test.tags, &tag);
            }
        }
        true
    }

    fn end(&mut self, key: &str, message: &Message<'_>, push: &mut Push<'_>) {
        self.test(key, push);
        let Some(mut test) = self.tests.remove(key) else { return };
        test.end_files(push);
        let will_be_retried = message.text("willBeRetried").is_some_and(|word| word == "true");
        if will_be_retried {
            test.attempt.get_or_insert(1);
        }
        let status = test.status.unwrap_or(Status::Success);
        self.note_attempt(&test, status, will_be_retried);
        let at = time(message).or_else(|| self.stop(&test, message, push));
        let (tags, reason) = (test.tags(), test.reason.as_deref());
        push.event(&Event {
            timestamp: at,
            tags: some_tags(&tags),
            file: reason.map(|bytes| FileChunk { name: "reason", bytes }),
            mime_type: reason.map(|_| TEXT),
            eof: reason.is_some(),
            ..Event::status(&test.id, status)
        });
    }

    /// Remembers a failure that may be tried again.
    fn note_attempt(&mut self, test: &Test, status: Status, will_be_retried: bool) {
        match attempt(test.tags.as_tags()).or(test.attempt) {
            Some(attempt) if will_be_retried || self.retries && status == Status::Fail => {
                self.failed.insert(test.id.clone(), attempt);
            }
            Some(_) => drop(self.failed.remove(&test.id)),
            None => {}
        }
    }

    /// When a test ended that only says how long it took. When it started is told with it.
    fn stop(
        &mut self,
        test: &Test,
        message: &Message<'_>,
        push: &mut Push<'_>,
    ) -> Option<Timestamp> {
        let millis: f64 = message.text("duration")?.trim().parse().ok()?;
        let mut clock = test.start;
        let stop = clock.advance(clock::seconds(millis / 1000.0)?);
        self.clock.advance_to(stop);
        push.start_time(&test.id, test.start.now());
        Some(stop)
    }

    fn close(&mut self, push: &mut Push<'_>) {
        let open = self.tests.take_all();
        for (_, test) in &open {
            test.incomplete("the input ended", push);
        }
        let suites = self.suites.take_open();
        for suite in &suites {
            push.incomplete_group(suite, "no result: the input ended", None);
        }
        if self.torn_last && open.is_empty() && suites.is_empty() {
            push.incomplete_group("torn message", "the input ends within a message", None);
        }
    }
}

impl Test {
    fn file(
        &mut self,
        name: &'static str,
        bytes: &[u8],
        at: Option<Timestamp>,
        push: &mut Push<'_>,
    ) {
        if !self.files.contains(&name) {
            self.files.push(name);
        }
        push.event(&Event {
            test_id: Some(&self.id),
            timestamp: at,
            file: Some(FileChunk { name, bytes }),
            mime_type: Some(TEXT),
            ..Event::default()
        });
    }

    fn end_files(&self, push: &mut Push<'_>) {
        for name in &self.files {
            push.file(Some(&self.id), name, b"", true);
        }
    }

    /// Its tags, which attempt it is among them.
    fn tags(&self) -> TagsBuf {
        let mut tags = self.tags.clone();
        // Our writer names it, among the tags.
        if let Some(attempt) = self.attempt.filter(|_| attempt(tags.as_tags()).is_none()) {
            tags.insert(&attempt_tag(attempt));
        }
        tags
    }

    fn incomplete(&self, why: &str, push: &mut Push<'_>) {
        self.end_files(push);
        push.incomplete(&self.id, &format!("no result: {why}"), self.tags(), None);
    }
}

/// Whether a message may go on in the next line: it is one about tests, and a value has not ended.
fn goes_on(torn: &Torn<'_>) -> bool {
    let name = torn.message.name;
    torn.open.is_some() && (name.starts_with("test") || name.starts_with("build"))
}

fn time(message: &Message<'_>) -> Option<Timestamp> {
    message.text("timestamp").as_deref().and_then(parse_zoneless)
}

/// A `message` that holds nothing but text stands for that text.
fn said(message: &Message<'_>, push: &mut Push<'_>) -> bool {
    let only_text = message.attributes.iter().all(|(key, value)| match *key {
        "text" | "flowId" | "timestamp" => true,
        "status" => **value == *b"NORMAL",
        _ => false,
    });
    if only_text {
        push.text(message.bytes("text").unwrap_or_default());
    }
    only_text
}
