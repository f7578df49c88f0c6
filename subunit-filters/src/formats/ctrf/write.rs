//! Writes CTRF documents.

use std::{
    collections::{BTreeMap, HashMap},
    io,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use subunit_core::{
    Damage, Event, FileChunk, Status, Timestamp,
    sink::{Flow, Sink},
};

use crate::formats::{emit::DAMAGED, output::Output, time::to_millis};

/// How much of each file is kept.
const KEPT: usize = 1 << 20;

/// How much may be held of tests that have failed and may be run again.
const HELD: usize = 16 << 20;

/// Writes a CTRF document, valid by the schema of version 1.0.0.
///
/// Tests go out as they end, the summary behind them. One that failed is held until the end of the stream or
/// until it passes, so that its attempts are one test with `retryAttempts` (`flaky` if the last one
/// passed); where more than 16 MiB would be held, all go out. `traceback` is the trace, output is `stdout` and
/// `stderr`, all other files are in `extra`; up to 1 MiB of each file. Expected failures are skipped,
/// unexpected successes and unfinished tests have failed, and `rawStatus` says so. Text is left out.
///
/// Memory: the tests that run, and the failed ones up to 16 MiB.
#[derive(Debug)]
pub struct CtrfWriter<W> {
    out: Output<W>,
    begun: bool,
    open: HashMap<Key, Test>,
    opened: u64,
    held: HashMap<Key, Vec<Test>>,
    held_bytes: usize,
    counts: Counts,
    start: Option<Timestamp>,
    stop: Option<Timestamp>,
}

/// Route code and id.
type Key = (String, String);

#[derive(Debug, Default)]
struct Counts {
    tests: u64,
    passed: u64,
    failed: u64,
    skipped: u64,
    flaky: u64,
}

/// A test, or an attempt of one.
#[derive(Debug, Default)]
struct Test {
    ordinal: u64,
    status: Option<Status>,
    start: Option<Timestamp>,
    stop: Option<Timestamp>,
    tags: Vec<String>,
    files: BTreeMap<String, File>,
}

#[derive(Debug, Default)]
struct File {
    mime_type: Option<String>,
    bytes: Vec<u8>,
}

impl Test {
    fn add(&mut self, file: FileChunk<'_>, mime_type: Option<&str>) {
        let kept = self.files.entry(file.name.to_owned()).or_default();
        if kept.mime_type.is_none() {
            kept.mime_type = mime_type.map(str::to_owned);
        }
        let room = KEPT.saturating_sub(kept.bytes.len()).min(file.bytes.len());
        kept.bytes.extend_from_slice(&file.bytes[..room]);
    }

    fn size(&self) -> usize {
        self.files.values().map(|file| file.bytes.len()).sum::<usize>() + 256
    }

    /// The word of CTRF for the status.
    fn word(&self) -> &'static str {
        match self.status {
            Some(Status::Success) => "passed",
            Some(Status::Skip | Status::ExpectedFailure) => "skipped",
            _ => "failed",
        }
    }

    fn duration(&self) -> u64 {
        if let (Some(start), Some(stop)) = (self.start, self.stop) {
            return to_millis(stop).saturating_sub(to_millis(start));
        }
        let seconds = self.text("duration").and_then(|text| text.trim().parse::<f64>().ok());
        seconds.map_or(0, |seconds| (seconds * 1000.0).round() as u64)
    }

    fn text(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(&self.files.get(name)?.bytes).ok()
    }

    /// What attempts and tests have in common.
    fn json(&self) -> Value {
        let mut json = json!({"status": self.word(), "duration": self.duration()});
        for (key, time) in [("start", self.start), ("stop", self.stop)] {
            if let Some(time) = time {
                json[key] = to_millis(time).into();
            }
        }
        let mut placed = vec!["duration"];
        for name in ["stdout", "stderr"] {
            if let Some(text) = self.text(name) {
                json[name] = text.split('\n').collect();
                placed.push(name);
            }
        }
        if let Some(trace) = self.text("traceback") {
            json["trace"] = trace.into();
            placed.push("traceback");
        }
        let message = ["message", "traceback", "error", "reason"].into_iter().find_map(|name| {
            let text = self.text(name)?;
            let whole = self.word() == "skipped" && name == "reason";
            if whole {
                placed.push(name);
                return Some(text);
            }
            text.lines().find(|line| !line.trim().is_empty())
        });
        if let Some(message) = message {
            json["message"] = message.into();
        }
        let rest = self.files.iter().filter(|(name, _)| !placed.contains(&name.as_str()));
        let rest: Vec<Value> = rest.map(|(name, file)| file.json(name)).collect();
        if !rest.is_empty() {
            json["extra"] = json!({"files": rest});
        }
        json
    }
}

impl File {
    fn json(&self, name: &str) -> Value {
        let mut json = json!({"name": name});
        if let Some(mime_type) = &self.mime_type {
            json["mime_type"] = mime_type.as_str().into();
        }
        match std::str::from_utf8(&self.bytes) {
            Ok(text) => json["text"] = text.into(),
            Err(_) => json["base64"] = STANDARD.encode(&self.bytes).into(),
        }
        json
    }
}

impl<W: io::Write> CtrfWriter<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self {
            out: Output::new(out),
            begun: false,
            open: HashMap::new(),
            opened: 0,
            held: HashMap::new(),
            held_bytes: 0,
            counts: Counts::default(),
            start: None,
            stop: None,
        }
    }

    /// The output, or the first error there was with it. Nothing is written behind an error.
    pub fn into_result(self) -> io::Result<W> {
        self.out.into_result()
    }

    fn begin(&mut self) {
        if !std::mem::replace(&mut self.begun, true) {
            self.out.write(
                b"{\"reportFormat\":\"CTRF\",\"specVersion\":\"1.0.0\",\"generatedBy\":\"subunit\",\
                  \"results\":{\"tool\":{\"name\":\"subunit\"},\"tests\":[",
            );
        }
    }

    fn end(&mut self, key: Key, test: Test) {
        let failed = test.word() == "failed";
        if let Some(attempts) = self.held.get_mut(&key) {
            self.held_bytes += test.size();
            attempts.push(test);
            if !failed && let Some(attempts) = self.held.remove(&key) {
                self.held_bytes -= attempts.iter().map(Test::size).sum::<usize>();
                self.put(&key, &attempts);
            }
        } else if failed {
            self.held_bytes += test.size();
            self.held.insert(key, vec![test]);
        } else {
            self.put(&key, &[test]);
        }
        if self.held_bytes > HELD {
            self.put_held();
        }
    }

    fn put_held(&mut self) {
        let mut held: Vec<_> = self.held.drain().collect();
        self.held_bytes = 0;
        held.sort_unstable_by_key(|(_, attempts)| attempts.first().map(|test| test.ordinal));
        for (key, attempts) in held {
            self.put(&key, &attempts);
        }
    }

    /// Writes a test with its attempts, the last of which counts.
    fn put(&mut self, (route, id): &Key, attempts: &[Test]) {
        let Some((last, earlier)) = attempts.split_last() else { return };
        let mut json = last.json();
        // The schema wants a name.
        json["name"] = if id.is_empty() { "(no name)".into() } else { id.as_str().into() };
        let raw = last.status.map_or("unfinished", Status::name);
        json["rawStatus"] = raw.into();
        if !last.tags.is_empty() {
            json["tags"] = last.tags.iter().map(String::as_str).collect();
        }
        if !route.is_empty() {
            json["threadId"] = route.as_str().into();
        }
        let flaky = !earlier.is_empty() && last.word() == "passed";
        if !earlier.is_empty() {
            let numbered = earlier.iter().enumerate().map(|(nth, attempt)| {
                let mut json = attempt.json();
                json["attempt"] = (nth + 1).into();
                json
            });
            json["retryAttempts"] = numbered.collect();
            json["retries"] = earlier.len().into();
            json["flaky"] = flaky.into();
        }
        self.begin();
        let comma: &[u8] = if self.counts.tests > 0 { b",\n" } else { b"\n" };
        self.out.write(comma);
        self.out.write(json.to_string().as_bytes());
        self.counts.tests += 1;
        self.counts.flaky += u64::from(flaky);
        *match last.word() {
            "passed" => &mut self.counts.passed,
            "skipped" => &mut self.counts.skipped,
            _ => &mut self.counts.failed,
        } += 1;
    }

    fn note_time(&mut self, time: Option<Timestamp>) {
        let Some(time) = time else { return };
        self.start = Some(self.start.map_or(time, |start| start.min(time)));
        self.stop = Some(self.stop.map_or(time, |stop| stop.max(time)));
    }

    /// A failure that no test of the stream stands for.
    fn put_failure(&mut self, name: &str, message: &str) {
        let mut test = Test { status: Some(Status::Fail), ..Test::default() };
        test.add(FileChunk { name: "traceback", bytes: message.as_bytes() }, None);
        self.put(&(String::new(), name.to_owned()), &[test]);
    }
}

impl<W: io::Write> Sink for CtrfWriter<W> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        self.note_time(event.timestamp);
        let Some(id) = event.test_id else {
            if event.status.is_some_and(Status::is_failure) {
                self.put_failure("(no test id)", "a failure without a test id");
            }
            return self.out.flow();
        };
        let route = event.route_code.map_or("", |route| route.as_str());
        let key = (route.to_owned(), id.to_owned());
        if event.status == Some(Status::Exists) {
            return self.out.flow();
        }
        self.opened += 1;
        let new = Test { ordinal: self.opened, ..Test::default() };
        let test = self.open.entry(key.clone()).or_insert(new);
        if event.status == Some(Status::InProgress) {
            test.start = test.start.or(event.timestamp);
        }
        if let Some(tags) = event.tags {
            test.tags = tags.iter().map(str::to_owned).collect();
        }
        if let Some(file) = event.file {
            test.add(file, event.mime_type);
        }
        if event.status.is_some_and(Status::is_final)
            && let Some(mut test) = self.open.remove(&key)
        {
            test.status = event.status;
            test.stop = event.timestamp;
            self.end(key, test);
        }
        self.out.flow()
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.put_failure(DAMAGED, &damage.to_string());
        self.out.flow()
    }

    fn finish(&mut self) {
        let mut open: Vec<_> = self.open.drain().collect();
        open.sort_unstable_by_key(|(_, test)| test.ordinal);
        for (key, mut test) in open {
            test.add(FileChunk { name: "message", bytes: b"no result: the stream ended" }, None);
            self.end(key, test);
        }
        self.put_held();
        self.begin();
        let counts = &self.counts;
        let summary = json!({
            "tests": counts.tests,
            "passed": counts.passed,
            "failed": counts.failed,
            "skipped": counts.skipped,
            "pending": 0,
            "other": 0,
            "flaky": counts.flaky,
            "start": self.start.map_or(0, to_millis),
            "stop": self.stop.map_or(0, to_millis),
        });
        self.out.write(format!("\n],\"summary\":{summary}}}}}\n").as_bytes());
        self.out.flush();
    }
}
