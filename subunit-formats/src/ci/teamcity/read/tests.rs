//! What messages say of tests: which test they mean, which attempt it is, when it ended.

use std::collections::HashMap;

use subunit_core::{Event, FileChunk, Status, Timestamp, conventions::attempt};

use super::{suites::Suites, test::StartedTest};
use crate::{
    ci::teamcity::message::Message,
    events::{
        clock::{self, SyntheticClock},
        emit::{TEXT, URI_LIST},
        open_map::OpenMap,
        push::{Push, some_tags},
    },
    text::time::parse_zoneless,
};

/// Up to this many open tests are searched for one whose flow a message does not name.
const SEARCHED: usize = 1000;

/// The tests that run, in their suites.
#[derive(Clone, Debug, Default)]
pub(super) struct Tests {
    pub(super) suites: Suites,
    /// By flow and name.
    open: OpenMap<StartedTest>,
    /// The last test that had ended without having started: it may still be said to finish.
    closed: Option<String>,
    clock: SyntheticClock,
    /// Whether tests that fail are tried again.
    pub(super) retries: bool,
    /// How many attempts at tests failed of which there may be another, by id.
    failed: HashMap<String, u32>,
}

impl Tests {
    /// False where the message is not about tests.
    pub(super) fn message(
        &mut self,
        kind: &str,
        message: &Message<'_>,
        push: &mut Push<'_>,
    ) -> bool {
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
        let known = self.open.contains(&key) || message.name == "testStarted";
        if known || self.open.len() > SEARCHED {
            return key;
        }
        self.open.find(|test| test.name == name).map_or(key, str::to_owned)
    }

    fn start(&mut self, key: &str, message: &Message<'_>, push: &mut Push<'_>) {
        let mut attempt = None;
        if let Some(mut test) = self.open.remove(key) {
            let number = *test.attempt.get_or_insert(1);
            attempt = Some(number.saturating_add(1));
            test.incomplete("it started again", push);
        }
        self.begin(key, attempt, time(message), push);
        self.closed.take_if(|closed| closed == key);
    }

    fn begin(
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
        let test = StartedTest {
            id,
            name: name.to_owned(),
            attempt,
            start: self.clock,
            ..StartedTest::default()
        };
        let tags = test.tags();
        push.event(&Event {
            timestamp: at,
            tags: some_tags(&tags),
            ..Event::status(&test.id, Status::InProgress)
        });
        self.open.insert(key, test);
    }

    /// The test of a message, opened where nobody has.
    fn test(&mut self, key: &str, push: &mut Push<'_>) -> &mut StartedTest {
        if !self.open.contains(key) {
            self.begin(key, None, None, push);
        }
        self.open.entry(key)
    }

    fn output(
        &mut self,
        key: &str,
        name: &'static str,
        message: &Message<'_>,
        push: &mut Push<'_>,
    ) {
        let output = message.bytes("out").unwrap_or_default();
        if self.open.contains(key) {
            self.test(key, push).file(name, output, time(message), push);
        } else {
            // An event with the id of a test that has ended would open it again.
            let id = key.split_once('\0').map_or(key, |(_, name)| name);
            push.file(None, &format!("{id} {name}"), output, true);
        }
    }

    fn failed(&mut self, key: &str, message: &Message<'_>, push: &mut Push<'_>) {
        let started = self.open.contains(key);
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
        let started = self.open.contains(key);
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
        let Some(test) = self.open.get_mut(key) else { return false };
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
        let Some(mut test) = self.open.remove(key) else { return };
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
    fn note_attempt(&mut self, test: &StartedTest, status: Status, will_be_retried: bool) {
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
        test: &StartedTest,
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

    /// The input ends, and with it all that is open. Whether there was something.
    pub(super) fn close(&mut self, push: &mut Push<'_>) -> bool {
        let open = self.open.take_all();
        for (_, test) in &open {
            test.incomplete("the input ended", push);
        }
        let suites = self.suites.take_open();
        for suite in &suites {
            push.incomplete_group(suite, "no result: the input ended", None);
        }
        !open.is_empty() || !suites.is_empty()
    }
}

/// When a message says that it was written.
pub(super) fn time(message: &Message<'_>) -> Option<Timestamp> {
    message.text("timestamp").as_deref().and_then(parse_zoneless)
}
