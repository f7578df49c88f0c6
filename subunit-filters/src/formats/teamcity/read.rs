//! Reads service messages out of whatever they stand among.

use std::collections::HashMap;

use subunit_core::{
    Event, FileChunk, Status, TagsBuf, Timestamp,
    sink::{Flow, Sink},
};

use super::message::{MARK, Message, TRIES, split};
use crate::formats::{
    FormatReader,
    json_line::{CUT, LONGEST, LongLines},
    open::Open,
    push::{Push, TEXT, URI_LIST, some_tags},
    time::parse_zoneless,
};

/// Up to so many open tests are searched for one whose flow a message does not name.
const SEARCHED: usize = 1000;

/// Reads TeamCity service messages, wherever they stand in a line.
///
/// Ids are the tests' names, with those of the suites they stand in before them: `suite: test`. Messages
/// that are not about tests, and all between messages, are text. Times without a zone are read as UTC; the
/// time of a test without times is its file `duration`, in seconds. Fewer tests than a `testCount` promised, a
/// test or suite that does not finish, and a `buildProblem` are red.
///
/// Memory: the tests and suites that run, and one line (a message of more than 64 MiB is text, and red).
#[derive(Clone, Debug, Default)]
pub struct TeamCityReader {
    lines: LongLines,
    state: State,
}

impl TeamCityReader {
    /// Before the first line.
    pub fn new() -> Self {
        Self::default()
    }
}

impl FormatReader for TeamCityReader {
    fn feed(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Flow {
        let mut push = Push::new(sink);
        self.lines.feed(bytes, |line| self.state.line(line, &mut push));
        push.flow()
    }

    fn finish(&mut self, sink: &mut dyn Sink) -> Flow {
        let mut push = Push::new(sink);
        if let Some(line) = self.lines.finish() {
            self.state.line(&line, &mut push);
        }
        self.state.finish(&mut push);
        push.flow()
    }
}

#[derive(Clone, Debug, Default)]
struct State {
    /// The suites that are open, by flow.
    suites: HashMap<String, Vec<String>>,
    /// By flow and name.
    tests: Open<Test>,
    /// The last test that had ended without having started: it may still be said to finish.
    closed: Option<String>,
    promised: u64,
    started: u64,
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
}

impl State {
    fn line(&mut self, line: &[u8], push: &mut Push<'_>) {
        let (mut rest, mut tries) = (line, TRIES);
        let cut = line.len() >= LONGEST && !line.ends_with(b"\n");
        let mut is_text = cut;
        while let Some((before, message, behind)) = split(rest, &mut tries) {
            push.text(before);
            is_text |= !before.is_empty();
            let whole = &rest[before.len()..rest.len() - behind.len()];
            if !self.message(&message, push) {
                push.text(whole);
                is_text = true;
            }
            rest = behind;
        }
        if cut && memchr::memmem::find(rest, MARK).is_some() {
            push.group_failure("long line", CUT, None, None);
        }
        // The end of a line that held nothing but messages is theirs.
        let is_end = rest.iter().all(|byte| b"\r\n".contains(byte));
        if !is_end || is_text || rest.len() == line.len() {
            push.text(rest);
        }
    }

    /// False where the message is not about tests.
    fn message(&mut self, message: &Message<'_>, push: &mut Push<'_>) -> bool {
        let flow = message.text("flowId").unwrap_or_default();
        match message.name {
            "testSuiteStarted" => {
                let name = message.text("name").unwrap_or_default();
                self.suites.entry(flow.into_owned()).or_default().push(name.into_owned());
            }
            "testSuiteFinished" => self.end_suite(&flow, &message.text("name").unwrap_or_default()),
            "flowStarted" => {
                let parent = message.text("parent").unwrap_or_default();
                if let Some(suites) = self.suites.get(&*parent).cloned() {
                    self.suites.insert(flow.into_owned(), suites);
                }
            }
            "flowFinished" => {
                self.suites.remove(&*flow);
            }
            "testCount" => {
                let count = message.text("count").and_then(|count| count.trim().parse().ok());
                self.promised = self.promised.saturating_add(count.unwrap_or(0));
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

    fn end_suite(&mut self, flow: &str, name: &str) {
        let Some(suites) = self.suites.get_mut(flow) else { return };
        if let Some(at) = suites.iter().rposition(|suite| suite == name) {
            suites.truncate(at);
        }
        if suites.is_empty() {
            self.suites.remove(flow);
        }
    }

    fn test_message(&mut self, kind: &str, message: &Message<'_>, push: &mut Push<'_>) -> bool {
        let key = match (kind, message.text("name"), message.text("testName")) {
            ("testMetadata", _, Some(name)) | (_, Some(name), _) => self.key(message, &name),
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
        if let Some(test) = self.tests.remove(key) {
            test.incomplete("it started again", push);
        }
        self.open(key, time(message), push);
        self.closed.take_if(|closed| closed == key);
        self.started += 1;
    }

    fn open(&mut self, key: &str, at: Option<Timestamp>, push: &mut Push<'_>) {
        let (flow, name) = key.split_once('\0').unwrap_or(("", key));
        let mut path = self.suites.get(flow).cloned().unwrap_or_default();
        path.push(name.to_owned());
        let test = Test { id: path.join(": "), name: name.to_owned(), ..Test::default() };
        push.status(&test.id, Status::InProgress, at);
        self.tests.insert(key, test);
    }

    /// The test of a message, opened where nobody has.
    fn test(&mut self, key: &str, push: &mut Push<'_>) -> &mut Test {
        if !self.tests.contains(key) {
            self.open(key, None, push);
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
        let Some(test) = self.tests.remove(key) else { return };
        test.end_files(push);
        let at = time(message);
        if let (None, Some(millis)) = (at, message.text("duration")) {
            let seconds = millis.trim().parse().unwrap_or(0.0_f64) / 1000.0;
            push.file(Some(&test.id), "duration", seconds.to_string().as_bytes(), true);
        }
        let reason = test.reason.as_deref();
        push.event(&Event {
            timestamp: at,
            tags: some_tags(&test.tags),
            file: reason.map(|bytes| FileChunk { name: "reason", bytes }),
            mime_type: reason.map(|_| TEXT),
            eof: reason.is_some(),
            ..Event::status(&test.id, test.status.unwrap_or(Status::Success))
        });
    }

    fn finish(&mut self, push: &mut Push<'_>) {
        let open = self.tests.take_all();
        for (_, test) in &open {
            test.incomplete("the input ended", push);
        }
        let mut suites: Vec<_> = self.suites.drain().map(|(_, path)| path.join(": ")).collect();
        suites.sort_unstable();
        for suite in suites {
            push.incomplete_group(&suite, "no result: the input ended", None);
        }
        if self.started < self.promised {
            let reason = format!("{} tests were promised, {} started", self.promised, self.started);
            push.group_failure("plan", &reason, None, None);
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

    fn incomplete(&self, why: &str, push: &mut Push<'_>) {
        self.end_files(push);
        push.incomplete(&self.id, &format!("no result: {why}"), self.tags.clone(), None);
    }
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
