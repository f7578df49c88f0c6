//! A test of a CTRF document, as events.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};
use subunit_core::{
    Event, FileChunk, RouteCode, Status, TagsBuf, Timestamp,
    conventions::{XPASS, attempt_tag},
};

use crate::{
    events::{
        clock::SyntheticClock,
        emit::{TEXT, URI_LIST, fit},
        ids::Ids,
        push::{Push, some_tags},
    },
    text::{json_line::Object, time::from_millis},
};

const JSON: &str = "application/json";

/// Who the events are about.
struct Test<'t, 'p, 's> {
    id: &'t str,
    route: Option<&'t str>,
    push: &'p mut Push<'s>,
}

/// Pushes a test, all its attempts first, and gives its final status. Attempts have a tag where there are several.
pub(super) fn report(
    test: &Object,
    ids: &mut Ids,
    clock: &mut SyntheticClock,
    push: &mut Push<'_>,
) -> Status {
    let place = |keys: &[&str]| {
        let value = keys.iter().find_map(|key| test.str(key)).unwrap_or_default();
        if value.is_empty() { String::new() } else { format!("{value} > ") }
    };
    let (browser, file) = (place(&["browser", "device"]), place(&["filePath"]));
    let exact = test.0.get("extra").and_then(|extra| extra.get("id")?.as_str());
    let id = exact.map_or_else(|| ids.of(id(test), [&browser, &file]), str::to_owned);
    let id = fit(&id).into_owned();
    let route = test.str("threadId").map(fit);
    let mut of = Test { id: &id, route: route.as_deref(), push };
    let mut attempts = test.array("retryAttempts");
    // Some writers list the last attempt too, which is the test itself.
    if let (Some(retries), [earlier @ .., _]) = (test.count("retries"), attempts)
        && retries == earlier.len() as u64
    {
        attempts = earlier;
    }
    let mut number = 0;
    for attempt in attempts {
        if let Value::Object(members) = attempt {
            let attempt = Object(members.clone());
            let (start, stop) = times(&attempt, clock);
            number += 1;
            of.begin(Some(number), start);
            of.end(&attempt, Some(number), TagsBuf::new(), stop);
        }
    }
    let number = of.last_attempt(test, number);
    let (start, stop) = times(test, clock);
    of.begin(number, start);
    of.leftovers(test);
    let tags = tags(test, &mut of);
    of.end(test, number, tags, stop)
}

/// The name; with the suite in front unless that is part of the name, as with pytest.
fn id(test: &Object) -> String {
    let name = test.str("name").unwrap_or_default();
    let suite: Vec<&str> = match test.0.get("suite") {
        Some(Value::String(suite)) => vec![suite],
        Some(Value::Array(suites)) => suites.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let suite = suite.join(" > ");
    if suite.is_empty() || name.starts_with(&suite) {
        name.to_owned()
    } else {
        format!("{suite} > {name}")
    }
}

/// What a test's status means. `rawStatus` is the word of the tool that ran it.
fn status(test: &Object) -> Status {
    match (test.str("status"), test.str("rawStatus")) {
        (Some("failed"), Some("xpassed" | "uxsuccess")) => Status::UnexpectedSuccess,
        (Some("skipped" | "other"), Some("xfailed" | "xfail")) => Status::ExpectedFailure,
        (Some("passed"), _) => Status::Success,
        (Some("skipped" | "pending" | "other"), _) => Status::Skip,
        _ => Status::Fail,
    }
}

fn tags(test: &Object, of: &mut Test<'_, '_, '_>) -> TagsBuf {
    let mut tags = TagsBuf::new();
    for tag in test.array("tags").iter().filter_map(Value::as_str) {
        of.push.tag(of.id, &mut tags, tag);
    }
    let show = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    for (key, name) in [("filePath", "file"), ("line", "line"), ("type", "type")] {
        if let Some(value) = test.0.get(key) {
            of.push.tag(of.id, &mut tags, &format!("{name}:{}", show(value)));
        }
    }
    for (key, value) in test.0.get("labels").and_then(Value::as_object).into_iter().flatten() {
        of.push.tag(of.id, &mut tags, &format!("{key}:{}", show(value)));
    }
    if test.str("status") == Some("passed") && test.str("rawStatus") == Some("xpassed") {
        of.push.tag(of.id, &mut tags, XPASS);
    }
    tags
}

impl<'t> Test<'t, '_, '_> {
    fn event(&self) -> Event<'t> {
        Event {
            test_id: Some(self.id),
            route_code: self.route.map(RouteCode::new),
            ..Event::default()
        }
    }

    fn file(&mut self, name: &str, bytes: &[u8], mime_type: &str) {
        let (name, mime_type) = (fit(name), fit(mime_type));
        let event = Event {
            file: Some(FileChunk { name: &name, bytes }),
            mime_type: Some(&mime_type),
            eof: true,
            ..self.event()
        };
        self.push.event(&event);
    }

    /// Which attempt the last one is, after so many that are listed; `None` where there was but one. Attempts that the
    /// document only counts are told as well as they can be.
    fn last_attempt(&mut self, test: &Object, listed: u32) -> Option<u32> {
        if listed > 0 {
            return Some(listed + 1);
        }
        let flaky = test.0.get("flaky") == Some(&Value::Bool(true));
        let retries = test.count("retries").filter(|_| flaky || status(test) == Status::Fail);
        let retries = u32::try_from(retries.unwrap_or(0)).unwrap_or(u32::MAX - 1);
        let retries = retries.max(u32::from(flaky));
        if retries == 0 {
            return None;
        }
        self.push.earlier_attempts(self.id, self.route, retries + 1);
        Some(retries + 1)
    }

    /// An attempt starts.
    fn begin(&mut self, number: Option<u32>, start: Timestamp) {
        let tags: TagsBuf = number.map(attempt_tag).iter().map(String::as_str).collect();
        let started = Event {
            status: Some(Status::InProgress),
            timestamp: Some(start),
            tags: some_tags(&tags),
            ..self.event()
        };
        self.push.event(&started);
    }

    /// It ends.
    fn end(
        &mut self,
        test: &Object,
        number: Option<u32>,
        mut tags: TagsBuf,
        stop: Timestamp,
    ) -> Status {
        let status = status(test);
        self.details(test, status);
        if let Some(number) = number {
            tags.insert(&attempt_tag(number));
        }
        let ended = Event {
            status: Some(status),
            timestamp: Some(stop),
            tags: some_tags(&tags),
            ..self.event()
        };
        self.push.event(&ended);
        status
    }

    fn details(&mut self, test: &Object, status: Status) {
        for name in ["stdout", "stderr"] {
            let lines: Vec<_> = test.array(name).iter().filter_map(Value::as_str).collect();
            if !lines.is_empty() {
                self.file(name, lines.join("\n").as_bytes(), TEXT);
            }
        }
        let files =
            test.0.get("extra").and_then(|extra| extra.get("files")).and_then(Value::as_array);
        let mut said = String::new();
        for file in files.into_iter().flatten() {
            said.push_str(&self.embedded(file));
        }
        for name in ["stdout", "stderr"] {
            test.array(name).iter().filter_map(Value::as_str).for_each(|line| said.push_str(line));
        }
        let is_failure = matches!(status, Status::Fail | Status::UnexpectedSuccess);
        let trace = test.str("trace").unwrap_or_default();
        if !trace.is_empty() {
            let name = test.0.get("extra").and_then(|extra| extra.get("trace")?.as_str());
            self.file(name.unwrap_or("traceback"), trace.as_bytes(), TEXT);
        }
        // Of a failure the message is mostly the trace's first line.
        let is_new = |message: &&str| {
            let message = message.trim();
            // Our writer says `uxsuccess`, and what it says of that is in files.
            let is_ours = test.str("rawStatus") == Some("uxsuccess");
            !(is_ours || said.contains(message) || is_failure && trace.contains(message))
        };
        if let Some(message) = test.str("message").filter(is_new) {
            let name = match (is_failure, trace.is_empty()) {
                (false, _) => "reason",
                (true, true) => "traceback",
                (true, false) => "message",
            };
            self.file(name, message.as_bytes(), TEXT);
        }
        for attachment in test.array("attachments") {
            let part = |key| attachment.get(key).and_then(Value::as_str).unwrap_or_default();
            self.file(part("name"), part("path").as_bytes(), URI_LIST);
        }
    }

    /// A file that our writer has put into `extra`; gives back its text.
    fn embedded(&mut self, file: &Value) -> String {
        let Embedded { name, mime_type, text, bytes, .. } = Embedded::of(file);
        self.file(name, bytes.as_deref().unwrap_or(text.as_bytes()), mime_type);
        text.to_owned()
    }

    /// What has no other place is kept as JSON.
    fn leftovers(&mut self, test: &Object) {
        const PLACED: [&str; 20] = [
            "name",
            "suite",
            "status",
            "rawStatus",
            "duration",
            "start",
            "stop",
            "message",
            "trace",
            "stdout",
            "stderr",
            "tags",
            "labels",
            "type",
            "filePath",
            "line",
            "retries",
            "retryAttempts",
            "flaky",
            "threadId",
        ];
        let is_left = |key: &str| !PLACED.contains(&key) && key != "attachments";
        let rest = test.0.iter().filter(|(key, _)| is_left(key));
        let mut rest: Map<_, _> = rest.map(|(key, value)| (key.clone(), value.clone())).collect();
        if let Some(Value::Object(extra)) = rest.get_mut("extra") {
            extra.remove("files");
            extra.remove("trace");
            extra.remove("id");
            if extra.is_empty() {
                rest.remove("extra");
            }
        }
        if !rest.is_empty() {
            self.file("ctrf.json", Value::Object(rest).to_string().as_bytes(), JSON);
        }
    }
}

/// A file that our writer has put into an `extra`.
struct Embedded<'v> {
    name: &'v str,
    mime_type: &'v str,
    route: Option<&'v str>,
    text: &'v str,
    /// Its content where that is no text.
    bytes: Option<Vec<u8>>,
}

impl<'v> Embedded<'v> {
    fn of(file: &'v Value) -> Self {
        let part = |key| file.get(key).and_then(Value::as_str);
        Self {
            name: part("name").unwrap_or_default(),
            mime_type: part("mime_type").unwrap_or(TEXT),
            route: part("threadId"),
            text: part("text").unwrap_or_default(),
            bytes: part("base64").and_then(|base64| STANDARD.decode(base64).ok()),
        }
    }
}

/// Pushes the files of no test that our writer has put into `extra` of the results. False where there are none.
pub(super) fn push_files(extra: &Object, push: &mut Push<'_>) -> bool {
    for file in extra.array("files") {
        let Embedded { name, mime_type, route, text, bytes } = Embedded::of(file);
        let (name, mime_type, route) = (fit(name), fit(mime_type), route.map(fit));
        let bytes = bytes.as_deref().unwrap_or(text.as_bytes());
        push.event(&Event {
            route_code: route.as_deref().map(RouteCode::new),
            file: Some(FileChunk { name: &name, bytes }),
            mime_type: Some(&mime_type),
            eof: true,
            ..Event::default()
        });
    }
    !extra.array("files").is_empty()
}

/// When a test started and stopped; by the clock where it only says how long it took.
fn times(test: &Object, clock: &mut SyntheticClock) -> (Timestamp, Timestamp) {
    let millis = |key: &str| {
        let number = test.number(key).filter(|number| (0.0..1e15).contains(number))?;
        Some(number.round() as u64)
    };
    let duration = millis("duration").unwrap_or(0);
    let Some((started, start)) =
        millis("start").and_then(|millis| Some((millis, from_millis(millis)?)))
    else {
        let start = clock.now();
        return (start, clock.advance(Duration::from_millis(duration)));
    };
    let stop = millis("stop").or_else(|| started.checked_add(duration)).and_then(from_millis);
    let stop = stop.unwrap_or(start);
    clock.advance_to(stop);
    (start, stop)
}
