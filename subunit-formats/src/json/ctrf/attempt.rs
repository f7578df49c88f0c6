//! An attempt at a test as a JSON object.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use subunit_core::{
    RouteCodeBuf, Status,
    conventions::{REASON, STDERR, STDOUT, TRACEBACK},
    run::{
        Output,
        cause::{self, SourceLocation},
    },
    sink::{Attachment, TestRecord},
};

use crate::text::time::to_millis;

/// How much of each file is written.
const SHOWN: usize = 1 << 20;

/// The files of which one is the trace, the best first.
const TRACES: [&str; 4] = [TRACEBACK, "failure", "error", "details"];

/// The word of CTRF for the status.
pub(super) fn word(record: &TestRecord) -> &'static str {
    match record.status {
        Some(Status::Success) => "passed",
        Some(Status::Skip | Status::ExpectedFailure) => "skipped",
        _ => "failed",
    }
}

/// A failure that no test of the stream stands for.
pub(super) fn failure(test_id: &str, message: &str) -> TestRecord {
    let file = Attachment {
        name: TRACEBACK.to_owned(),
        bytes: message.as_bytes().to_vec(),
        ..Attachment::default()
    };
    TestRecord {
        test_id: test_id.to_owned(),
        status: Some(Status::Fail),
        attachments: vec![file],
        ..TestRecord::default()
    }
}

/// What attempts and tests have in common.
pub(super) fn json(record: &TestRecord) -> Value {
    let mut json = json!({"status": word(record), "duration": duration(record)});
    for (key, time) in [("start", record.start), ("stop", record.stop)] {
        // The time of a test that says how long it took only is no date.
        if let Some(time) = time.filter(|time| !time.is_relative()) {
            json[key] = to_millis(time).into();
        }
    }
    let mut placed = Vec::new();
    for name in [STDOUT, STDERR] {
        if let Some(text) = text(record, name) {
            json[name] = text.split('\n').collect();
            placed.push(name);
        }
    }
    let is_skipped = word(record) == "skipped";
    let traces = if record.has_failed() { &TRACES[..] } else { &TRACES[..1] };
    let mut trace = traces.iter().filter_map(|name| Some((*name, text(record, name)?)));
    if let Some((name, text)) = trace.next() {
        json["trace"] = text.into();
        placed.push(name);
        if name != TRACEBACK {
            json["extra"]["trace"] = name.into();
        }
    }
    let reason = text(record, REASON).filter(|_| is_skipped);
    let message = reason.unwrap_or_else(|| cause::message(record));
    if is_skipped && record.attachment(REASON).is_some_and(|file| message.as_bytes() == file.bytes)
    {
        placed.push(REASON);
    }
    if !message.is_empty() {
        json["message"] = message.into();
    }
    let rest = record.attachments.iter().filter(|file| !placed.contains(&file.name.as_str()));
    let rest: Vec<Value> = rest.map(file).collect();
    if !rest.is_empty() {
        json["extra"]["files"] = rest.into();
    }
    json
}

/// Adds what only a test has: its name, place and tags. `is_retried` says that its attempts are told.
pub(super) fn describe(json: &mut Value, record: &TestRecord, is_retried: bool) {
    // The schema wants a name.
    let id = record.test_id.as_str();
    json["name"] = if id.is_empty() { "(no name)".into() } else { id.into() };
    let is_ended = record.status.is_some_and(Status::is_final);
    let raw = record.status.filter(|_| is_ended).map_or("unfinished", Status::name);
    json["rawStatus"] = raw.into();
    let is_told = |tag: &&str| {
        let number = tag.strip_prefix("attempt-").filter(|_| is_retried);
        number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let tags: Vec<&str> = record.tags.as_tags().iter().filter(|tag| !is_told(tag)).collect();
    if !tags.is_empty() {
        json["tags"] = tags.into();
    }
    if let Some(place) = Some(record).filter(|it| it.has_failed()).and_then(SourceLocation::of) {
        json["filePath"] = place.file.into();
        if let Some(line) = place.line {
            json["line"] = line.into();
        }
        // Readers may tell tests of one name apart by their files; this is where one failed.
        json["extra"]["id"] = id.into();
    }
    if let Some(route) = record.route_code.as_ref().map(RouteCodeBuf::as_route) {
        json["threadId"] = route.as_str().into();
    }
}

/// Milliseconds. Points in time count by their milliseconds, so that start, stop and duration agree.
fn duration(record: &TestRecord) -> u64 {
    match (record.start, record.stop) {
        (Some(start), Some(stop)) => to_millis(stop).saturating_sub(to_millis(start)),
        _ => 0,
    }
}

/// The files of this name, if they are text.
fn text(record: &TestRecord, name: &str) -> Option<String> {
    let mut files = record.attachments.iter().filter(|file| file.name == name).peekable();
    files.peek()?;
    let mut text = String::new();
    for file in files {
        text.push_str(std::str::from_utf8(&file.bytes).ok()?);
    }
    let omitted: u64 =
        record.attachments.iter().filter(|it| it.name == name).map(|it| it.omitted).sum();
    let shown = cause::cut(&text, SHOWN).len();
    let omitted = omitted + (text.len() - shown) as u64;
    if omitted > 0 {
        text.truncate(shown);
        text.push_str(&left_out(omitted));
    }
    Some(text)
}

fn left_out(bytes: u64) -> String {
    format!("\n... {bytes} bytes left out ...\n")
}

fn file(file: &Attachment) -> Value {
    let shown = file.bytes.get(..SHOWN).unwrap_or(&file.bytes);
    let omitted = file.omitted + (file.bytes.len() - shown.len()) as u64;
    file_json(&file.name, file.mime_type.as_deref(), shown, omitted)
}

fn file_json(name: &str, mime_type: Option<&str>, bytes: &[u8], omitted: u64) -> Value {
    let mut json = json!({"name": name});
    if let Some(mime_type) = mime_type {
        json["mime_type"] = mime_type.into();
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => json["text"] = text.into(),
        Err(_) => json["base64"] = STANDARD.encode(bytes).into(),
    }
    if omitted > 0 {
        json["omitted"] = omitted.into();
    }
    json
}

/// A file of no test.
pub(super) fn output(output: &Output) -> Value {
    let mut json = file_json(&output.name, output.mime_type.as_deref(), &output.bytes(), 0);
    if let Some(route) = output.route_code.as_ref().map(RouteCodeBuf::as_route) {
        json["threadId"] = route.as_str().into();
    }
    json
}
