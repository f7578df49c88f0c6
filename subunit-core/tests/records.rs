//! The reference's runs of grouping events into tests: python-subunit 1.4.6 with testtools 2.9.1, whose
//! `StreamToDict` the recorder stands for.
//!
//! Where the reference and the recorder differ on purpose, the records are brought to the reference's
//! form before they are compared: it joins files of one name past an eof, drops empty files, writes
//! MIME types its own way, and hands over the unfinished tests last started first.

#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};
use subunit_core::{
    EventBuf, FileChunkBuf, RouteCodeBuf, Timestamp,
    sink::{Attachment, Recorder, Sink, TestRecord},
};

const CASES: &str = include_str!("data/records.json");

#[test]
fn every_run_of_the_reference_gives_the_same_records() {
    let cases: Vec<Value> = serde_json::from_str(CASES).unwrap();
    assert_eq!(cases.len(), 23);
    for case in &cases {
        let (completed, unfinished) = recorded(case["events"].as_array().unwrap());
        assert_eq!(json!(completed), case["completed"], "{}", case["name"]);
        assert_eq!(json!(unfinished), case["unfinished"], "{}", case["name"]);
    }
    println!("records.json: {} of {0}", cases.len());
}

/// The records that came while events did, and those that came at the end, last started first.
fn recorded(events: &[Value]) -> (Vec<Value>, Vec<Value>) {
    let mut records = Vec::new();
    let mut recorder = Recorder::new(|record| records.push(record));
    for event in events {
        recorder.event(&event_of(event).as_event());
    }
    recorder.finish();
    let (completed, mut unfinished): (Vec<_>, Vec<_>) =
        records.into_iter().partition(TestRecord::is_complete);
    unfinished.reverse();
    let in_the_references_form = |records: Vec<TestRecord>| records.iter().map(form_of).collect();
    (in_the_references_form(completed), in_the_references_form(unfinished))
}

fn event_of(event: &Value) -> EventBuf {
    let string = |field: &str| event[field].as_str().map(str::to_owned);
    EventBuf {
        status: event["status"].as_str().map(|word| word.parse().unwrap()),
        test_id: string("test_id"),
        timestamp: event["timestamp"].as_array().map(|pair| {
            let number = |at: usize| u32::try_from(pair[at].as_u64().unwrap()).unwrap();
            Timestamp::new(number(0), number(1))
        }),
        tags: event["tags"].as_array().map(|tags| tags.iter().filter_map(Value::as_str).collect()),
        runnable: event["runnable"].as_bool().unwrap_or(true),
        file: string("file_name").map(|name| FileChunkBuf {
            name,
            bytes: bytes_of(event["file_bytes_hex"].as_str().unwrap()).into(),
        }),
        mime_type: string("mime_type"),
        eof: event["eof"].as_bool().unwrap_or(false),
        route_code: string("route_code").map(RouteCodeBuf::new),
    }
}

fn form_of(record: &TestRecord) -> Value {
    let mut tags: Vec<&str> = record.tags.as_tags().iter().collect();
    tags.sort_unstable();
    let time = |time: Option<Timestamp>| time.map(|time| (time.seconds(), time.nanoseconds()));
    json!({
        "id": record.test_id,
        "status": record.status.map_or("unknown", |status| status.name()),
        "tags": tags,
        "timestamps": [time(record.start), time(record.stop)],
        "attachments": attachments_of(record),
    })
}

fn attachments_of(record: &TestRecord) -> Vec<Value> {
    let mut joined: Vec<Attachment> = Vec::new();
    for file in record.attachments.iter().filter(|file| !file.bytes.is_empty()) {
        match joined.iter_mut().find(|earlier| earlier.name == file.name) {
            Some(earlier) => earlier.bytes.extend_from_slice(&file.bytes),
            None => joined.push(file.clone()),
        }
    }
    let form = |file: &Attachment| {
        let hex: String = file.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        json!({"name": file.name, "mime_type": mime_of(file), "hex": hex})
    };
    joined.iter().map(form).collect()
}

/// `text/plain;charset=utf8` is `text/plain; charset="utf8"`; none is `application/octet-stream`.
fn mime_of(file: &Attachment) -> String {
    let mime = file.mime_type.as_deref().unwrap_or("application/octet-stream");
    let mut parts = mime.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default().to_owned();
    parts
        .filter_map(|part| part.split_once('='))
        .fold(kind, |mime, (name, value)| format!("{mime}; {name}=\"{}\"", value.trim_matches('"')))
}

fn bytes_of(hex: &str) -> Vec<u8> {
    let digits = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(digits).collect()
}
