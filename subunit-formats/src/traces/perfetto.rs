//! Traces for `chrome://tracing` and Perfetto: one lane a worker, one bar a test.
//!
//! Facts: "Trace Event Format" by the authors of Chrome, section "Complete Events" and "JSON Object Format".

use std::{
    collections::HashMap,
    io::{self, Write},
    time::Duration,
};

use serde_json::{Value, json};
use subunit_core::{
    Damage, Event, Timestamp,
    run::cause::message,
    sink::{Flow, Records, Sink, TestRecord},
};

use crate::{
    ansi::plain_line,
    events::emit::DAMAGED,
    report::{Row, output::Output, report, words::word},
    text::time::Rfc3339,
};

/// Of the files of a test only what the message needs is kept.
const KEPT: usize = 64 << 10;

/// The report.
pub(crate) const REPORT: Row = Row {
    title: "a trace for Perfetto or chrome://tracing",
    details: "A bar for each test in the lane of its worker, which a tag such as `worker-0` or \
              `gw0` names; a process for each route code. Text outside packets goes to standard error.",
    examples: &[
        "subunit to-trace run.subunit > trace.json",
        "subunit to-trace --no-text run.subunit | grep -c worker",
    ],
    ..Row::new("to-trace", "Write a trace for Perfetto or chrome://tracing", |out| {
        Box::new(TraceWriter::new(out))
    })
};

report! { TraceWriter: false }

/// Writes a bar as each test ends, and an instant for each test that has no times.
///
/// A process is a route code; a lane is a worker: the first tag `worker-N`, `gwN` or `worker:N` of the
/// test's events. Tests that overlap in a lane get lanes of their own. Tests that never end last until
/// the last time of the stream. Times count from the first one; where that is a date, the trace names it as `start` in
/// its `otherData`. Memory: the tests that run, and the lanes.
#[derive(Debug)]
pub struct TraceWriter<W> {
    out: Output<W>,
    records: Records,
    /// When the lanes of a worker are free again.
    lanes: HashMap<Worker, Vec<(u64, i64)>>,
    processes: HashMap<String, u64>,
    threads: u64,
    begun: bool,
    /// The first time of the stream, and the first one that is relative: 0 in the trace.
    zero: [Option<Timestamp>; 2],
    /// The last time, as the trace counts.
    now: i64,
    /// The first place of damage.
    damage: Option<String>,
}

/// How many workers have lanes of their own, and how many lanes each has; the rest go into the last one.
const MOST_WORKERS: usize = 4096;
const MOST_LANES: usize = 256;

/// Process and name.
type Worker = (u64, String);

impl<W: Write> TraceWriter<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self {
            out: Output::new(out),
            records: Records::with_limit(KEPT),
            lanes: HashMap::new(),
            processes: HashMap::new(),
            threads: 0,
            begun: false,
            zero: [None; 2],
            now: 0,
            damage: None,
        }
    }

    /// The output, or the first error there was with it. Nothing is written after an error.
    pub fn into_result(self) -> io::Result<W> {
        self.out.into_result()
    }

    fn begin(&mut self) {
        if std::mem::replace(&mut self.begun, true) {
            return;
        }
        let [start, _] = self.zero;
        let start = start.map_or_else(String::new, |start| {
            format!("\"otherData\":{{\"start\":\"{}\"}},", Rfc3339(start))
        });
        let head = format!("{{\"displayTimeUnit\":\"ms\",{start}\"traceEvents\":[");
        self.out.write(head.as_bytes());
    }

    /// Nanoseconds since the first time of the stream. Times that are no dates have a first one of their own.
    fn since_zero(&mut self, time: Timestamp) -> i64 {
        let [start, relative] = &mut self.zero;
        let zero = *if time.is_relative() { relative } else { start }.get_or_insert(time);
        let nanos = |duration: Option<Duration>| {
            duration.and_then(|duration| i64::try_from(duration.as_nanos()).ok())
        };
        nanos(time.since(zero)).unwrap_or_else(|| -nanos(zero.since(time)).unwrap_or_default())
    }

    fn put(&mut self, event: &Value) {
        let comma = if self.begun { "," } else { "" };
        self.begin();
        self.out.write(format!("{comma}\n{event}").as_bytes());
    }

    fn name(&mut self, kind: &str, process: u64, thread: u64, name: &str) {
        let args = json!({"name": name});
        self.put(&json!({"ph": "M", "name": kind, "pid": process, "tid": thread, "args": args}));
    }

    fn process(&mut self, record: &TestRecord) -> u64 {
        let route = record.route_code.as_ref().map(|route| route.as_route().as_str());
        let mut name = route.unwrap_or("tests");
        if self.processes.len() >= MOST_WORKERS && !self.processes.contains_key(name) {
            name = "others";
        }
        if let Some(process) = self.processes.get(name) {
            return *process;
        }
        let process = self.processes.len() as u64 + 1;
        self.processes.insert(name.to_owned(), process);
        self.name("process_name", process, 0, &plain_line(name));
        process
    }

    /// The first lane of the test's worker that was free when it started.
    fn lane(&mut self, record: &TestRecord, start: i64, stop: i64) -> (u64, u64) {
        let process = self.process(record);
        let mut worker =
            record.tags.as_tags().iter().find_map(worker).unwrap_or("tests").to_owned();
        if self.lanes.len() >= MOST_WORKERS && !self.lanes.contains_key(&(process, worker.clone()))
        {
            worker = "others".to_owned();
        }
        let lanes = self.lanes.entry((process, worker.clone())).or_default();
        let full = lanes.len() >= MOST_LANES;
        let free = lanes.iter().position(|(_, free)| *free <= start);
        if let Some((lane, free)) =
            free.or_else(|| full.then_some(MOST_LANES - 1)).and_then(|at| lanes.get_mut(at))
        {
            *free = stop.max(*free);
            return (process, *lane);
        }
        self.threads += 1;
        let (lane, nth) = (self.threads, lanes.len());
        lanes.push((lane, stop));
        let name = if nth == 0 { worker } else { format!("{worker} ({})", nth + 1) };
        self.name("thread_name", process, lane, &plain_line(&name));
        (process, lane)
    }

    fn record(&mut self, record: &TestRecord) {
        let stop = record.stop.map_or(self.now, |time| self.since_zero(time));
        let start = record.start.map_or(stop, |time| self.since_zero(time)).min(stop);
        let (process, lane) = self.lane(record, start, stop);
        let mut args = json!({"status": word(record)});
        let tags: Vec<&str> = record.tags.as_tags().iter().collect();
        if !tags.is_empty() {
            args["tags"] = tags.into();
        }
        let message = message(record);
        if !message.is_empty() {
            args["message"] = message.into();
        }
        let colour = match word(record) {
            "passed" => "good",
            "skipped" | "failed as expected" => "grey",
            _ => "terrible",
        };
        let category = if record.has_failed() { "bad" } else { "good" };
        let mut event = json!({
            "name": record.test_id, "cat": category, "pid": process, "tid": lane,
            "ts": micros(start), "cname": colour, "args": args,
        });
        if start < stop {
            event["ph"] = "X".into();
            event["dur"] = micros(stop - start).into();
        } else {
            event["ph"] = "i".into();
            event["s"] = "t".into();
        }
        self.put(&event);
    }

    /// A line through all lanes, at the end, so that the trace is not taken for that of a whole stream.
    fn damaged(&mut self, damage: &str) {
        self.put(&json!({
            "name": DAMAGED, "cat": "bad", "ph": "i", "s": "g", "pid": 1, "tid": 1,
            "ts": micros(self.now), "cname": "terrible", "args": {"message": damage},
        }));
    }
}

impl<W: Write> Sink for TraceWriter<W> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        if let Some(time) = event.timestamp {
            self.now = self.since_zero(time).max(self.now);
        }
        if let Some(record) = self.records.note(event)
            && record.status.is_some_and(subunit_core::Status::is_final)
        {
            self.record(&record);
        }
        self.out.flow()
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.damage.get_or_insert_with(|| damage.to_string());
        self.out.flow()
    }

    fn finish(&mut self) {
        for record in self.records.take_open() {
            self.record(&record);
        }
        if let Some(damage) = self.damage.take() {
            self.damaged(&damage);
        }
        self.begin();
        self.out.write(b"\n]}\n");
    }
}

/// The name of the worker that a tag tells.
fn worker(tag: &str) -> Option<&str> {
    let number = |prefix| tag.strip_prefix(prefix).filter(|rest: &&str| is_number(rest));
    if number("worker-").or_else(|| number("gw")).is_some() {
        return Some(tag);
    }
    tag.strip_prefix("worker:").filter(|name| !name.is_empty())
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Microseconds, with the nanoseconds after the point as far as a JSON number holds them.
fn micros(nanos: i64) -> f64 {
    nanos as f64 / 1e3
}
