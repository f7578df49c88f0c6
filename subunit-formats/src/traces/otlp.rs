//! Traces for OpenTelemetry, as lines of OTLP in JSON: what a collector's `otlpjsonfile` reads.
//!
//! Facts: "OTLP Specification", "JSON Protobuf Encoding"; "Semantic Conventions: Test" (status development), whose attributes
//! are `test.case.name`, `test.case.result.status`, `test.suite.name` and `test.suite.run.status`.

use std::{
    io::{self, Write},
    time::SystemTime,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use subunit_core::{
    Damage, Event, Status, Timestamp,
    run::{
        Baseline, Judge, Outputs,
        cause::{SourceLocation, files, is_text, message},
    },
    sink::{Attachment, Flow, Records, Sink, Summary, TestRecord, Verdict},
};

use crate::{
    ansi::plain,
    report::{
        Row,
        output::Output,
        report,
        words::{secret, shortened, word},
    },
};

/// How much of the files of a test is kept, and of one text.
const KEPT: usize = 256 << 10;
const LONGEST: usize = 64 << 10;

/// Why a run is refused.
const NO_DATES: &str = "a trace for OpenTelemetry has dates, and the times of this run are none: say when it began, \
                        such as --start 2026-01-02T03:04:05Z";

/// The report.
pub(crate) const REPORT: Row =
    Row::new("to-otlp", "Write a trace for OpenTelemetry, as lines of JSON", |out| {
        Box::new(OtlpWriter::new(out))
    });

report! { OtlpWriter: false => set_judge }

/// Writes a line with the span of each test as it ends, and in the end one with the span of the run.
///
/// Spans are children of the run's; their events are the files of the test, up to 256 KiB. Those of the run's span
/// are the files of no test. Memory: the tests that run, and 4 MiB.
#[derive(Debug)]
pub struct OtlpWriter<W> {
    out: Output<W>,
    records: Records,
    summary: Summary,
    baseline: Option<Baseline>,
    outputs: Outputs,
    /// When the run began, for times that are no dates.
    start: Option<Timestamp>,
    trace_id: String,
    spans: u64,
}

impl<W: Write> OtlpWriter<W> {
    /// Writes to `out`, a trace whose id is random.
    pub fn new(out: W) -> Self {
        let records = Records::with_limit(KEPT);
        let (out, summary) = (Output::new(out), Summary::new());
        let outputs = Outputs::with_limits(KEPT, 4 << 20);
        Self {
            out,
            records,
            summary,
            baseline: None,
            outputs,
            start: None,
            trace_id: secret(),
            spans: 0,
        }
    }

    /// Times that are no dates, but count from the beginning of the run, become dates. Unless this is told, a run
    /// that has such times is refused.
    #[must_use]
    pub fn with_start(self, start: Option<Timestamp>) -> Self {
        Self { start, ..self }
    }

    /// The event with dates; none where it cannot have one.
    fn dated<'e>(&self, event: &Event<'e>) -> Option<Event<'e>> {
        let Some(time) = event.timestamp.filter(|time| time.is_relative()) else {
            return Some(*event);
        };
        let since_start = time.since(Timestamp::new(0, 0))?;
        let date = SystemTime::from(self.start?).checked_add(since_start)?;
        Some(Event { timestamp: Some(Timestamp::try_from(date).ok()?), ..*event })
    }

    /// What the run is judged by; told before any event.
    pub fn set_judge(&mut self, judge: &Judge) {
        self.baseline.clone_from(&judge.baseline);
        self.summary = std::mem::take(&mut self.summary).with_judge(judge);
    }

    /// The output, or the first error there was with it. Nothing is written after an error.
    pub fn into_result(self) -> io::Result<W> {
        self.out.into_result()
    }

    /// The id of the nth span; that of the run is number 0. Different in every trace.
    fn span_id(&self, nth: u64) -> String {
        let seed = self.trace_id.get(..16).and_then(|hex| u64::from_str_radix(hex, 16).ok());
        // All zeros is no id; an odd factor keeps ids of one trace apart.
        let id = seed.unwrap_or(1).wrapping_add(nth.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        format!("{:016x}", if id == 0 { 1 } else { id })
    }

    fn put(&mut self, span: Value) {
        let line = json!({"resourceSpans": [{
            "resource": {"attributes": [attribute("service.name", "subunit")]},
            "scopeSpans": [{"scope": {"name": "subunit"}, "spans": [span]}],
        }]});
        self.out.write(format!("{line}\n").as_bytes());
    }

    fn record(&mut self, record: &TestRecord) {
        self.spans += 1;
        let stop = record.stop.or_else(|| self.summary.stop());
        let start = record.start.or(stop);
        let result = match record.status {
            Some(Status::Success | Status::ExpectedFailure) => "pass",
            Some(Status::Skip) => "skip",
            _ => "fail",
        };
        let mut attributes = vec![
            attribute("test.case.name", &record.test_id),
            attribute("test.case.result.status", result),
            attribute("subunit.status", word(record)),
        ];
        if let Some(route) = &record.route_code {
            attributes.push(attribute("subunit.route_code", route.as_route().as_str()));
        }
        let tags: Vec<Value> =
            record.tags.as_tags().iter().map(|tag| json!({"stringValue": tag})).collect();
        if !tags.is_empty() {
            attributes
                .push(json!({"key": "subunit.tags", "value": {"arrayValue": {"values": tags}}}));
        }
        // Of an attempt it is not known here whether it is the last one.
        let is_attempt = subunit_core::conventions::attempt(record.tags.as_tags()).is_some();
        let baseline = self.baseline.as_ref().filter(|_| !is_attempt);
        if let Some(mark) = baseline.and_then(|baseline| baseline.mark(record)) {
            attributes.push(attribute("subunit.baseline", mark.word()));
        }
        if let Some(place) = SourceLocation::of(record) {
            attributes.push(attribute("code.file.path", &place.file));
            attributes.extend(place.line.map(|line| integer("code.line.number", line)));
        }
        let time = stop.or(start);
        let events: Vec<Value> = files(record).into_iter().map(|file| event(file, time)).collect();
        let mut status = json!({"code": if record.has_failed() { 2 } else { 1 }});
        if record.has_failed() {
            status["message"] = message(record).into();
        }
        let mut span = json!({
            "traceId": self.trace_id, "spanId": self.span_id(self.spans),
            "parentSpanId": self.span_id(0), "name": record.test_id, "kind": 1,
            "attributes": attributes, "events": events, "status": status,
        });
        put_time(&mut span, "startTimeUnixNano", start);
        put_time(&mut span, "endTimeUnixNano", stop);
        self.put(span);
    }

    fn run(&mut self) {
        let counts = self.summary.counts();
        let (word, code) = match self.summary.verdict() {
            Verdict::Passed => ("success", 1),
            Verdict::Failed if counts.unfinished > 0 => ("aborted", 2),
            Verdict::Failed => ("failure", 2),
            Verdict::NoTests => ("skipped", 0),
        };
        let attributes = [
            attribute("test.suite.name", "subunit"),
            attribute("test.suite.run.status", word),
            integer("subunit.tests", counts.tests()),
            integer("subunit.fail", counts.fail),
            integer("subunit.unfinished", counts.unfinished),
            integer("subunit.damage", counts.damage),
        ];
        let time = self.summary.stop();
        let events: Vec<Value> = self
            .outputs
            .iter()
            .map(|output| {
                event(&Attachment { name: output.title(), ..output.to_attachment() }, time)
            })
            .collect();
        let mut span = json!({
            "traceId": self.trace_id, "spanId": self.span_id(0), "name": "test run", "kind": 1,
            "attributes": attributes, "events": events, "status": {"code": code},
        });
        put_time(&mut span, "startTimeUnixNano", self.summary.start());
        put_time(&mut span, "endTimeUnixNano", self.summary.stop());
        self.put(span);
    }
}

impl<W: Write> Sink for OtlpWriter<W> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        let Some(event) = self.dated(event) else {
            self.out.fail(io::Error::new(io::ErrorKind::InvalidInput, NO_DATES));
            return self.out.flow();
        };
        self.summary.event(&event);
        self.outputs.note(&event);
        if let Some(record) = self.records.note(&event)
            && record.status != Some(Status::Exists)
        {
            self.record(&record);
        }
        self.out.flow()
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.summary.damage(damage)
    }

    fn finish(&mut self) {
        for record in self.records.take_open() {
            self.record(&record);
        }
        self.run();
    }
}

fn attribute(key: &str, value: &str) -> Value {
    json!({"key": key, "value": {"stringValue": value}})
}

/// 64-bit numbers are strings in OTLP's JSON.
fn integer(key: &str, value: u64) -> Value {
    json!({"key": key, "value": {"intValue": value.to_string()}})
}

/// As OTLP writes times; absent where there is none, or it would be read as 1970.
fn put_time(object: &mut Value, name: &str, time: Option<Timestamp>) {
    if let Some(time) = time {
        let nanos = u128::from(time.seconds()) * 1_000_000_000 + u128::from(time.nanoseconds());
        object[name] = nanos.to_string().into();
    }
}

fn event(file: &Attachment, time: Option<Timestamp>) -> Value {
    let content = if is_text(file) {
        json!({"stringValue": shortened(&plain(&file.bytes), LONGEST)})
    } else {
        json!({"bytesValue": STANDARD.encode(&file.bytes)})
    };
    let mut attributes = vec![json!({"key": "content", "value": content})];
    attributes.extend(file.mime_type.as_deref().map(|mime| attribute("mime_type", mime)));
    let mut event = json!({"name": file.name, "attributes": attributes});
    put_time(&mut event, "timeUnixNano", time);
    event
}
