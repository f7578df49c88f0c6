//! Streams as the records of the reference show them: events, and the outcome of tests.

use serde_json::{Map, Value, json};
use subunit_core::{
    Event, Item, Timestamp, items,
    sink::{Records, TestRecord},
};

/// The events of a stream, without the fields that are absent; neighbours that only differ in their
/// content are joined, for where content is cut is a matter of timing.
pub(crate) fn events(stream: &[u8], volatile_time: bool) -> Vec<Value> {
    let mut events: Vec<Map<String, Value>> = Vec::new();
    for item in items(stream) {
        match item {
            Item::Packet(packet) => events.push(event(packet.event())),
            Item::Text(bytes) => {
                let file = json!({"file_name": "stdout", "file_bytes_hex": hex(bytes)});
                events.push(file.as_object().unwrap().clone());
            }
            Item::Damage(damage) => panic!("the output is damaged: {damage}"),
        }
    }
    normal(events, volatile_time)
}

/// Recorded events in the same form.
pub(crate) fn recorded(events: &Value, volatile_time: bool) -> Vec<Value> {
    let events = events.as_array().unwrap().iter();
    normal(events.map(|event| event.as_object().unwrap().clone()).collect(), volatile_time)
}

fn normal(events: Vec<Map<String, Value>>, volatile_time: bool) -> Vec<Value> {
    let mut joined: Vec<Map<String, Value>> = Vec::new();
    for mut event in events {
        if volatile_time && event.contains_key("timestamp") {
            event.insert("timestamp".into(), "volatile".into());
        }
        match joined.last_mut() {
            Some(last) if is_cut(last, &event) => {
                let more = event["file_bytes_hex"].as_str().unwrap().to_owned();
                let both = last["file_bytes_hex"].as_str().unwrap().to_owned() + &more;
                last.insert("file_bytes_hex".into(), both.into());
            }
            _ => joined.push(event),
        }
    }
    joined.into_iter().map(Value::Object).collect()
}

/// Whether two neighbours are text that was cut.
fn is_cut(a: &Map<String, Value>, b: &Map<String, Value>) -> bool {
    let bare = |event: &Map<String, Value>| {
        let mut event = event.clone();
        event.remove("file_bytes_hex");
        event
    };
    let is_text = |event: &Map<String, Value>| {
        event.contains_key("file_bytes_hex") && !event.contains_key("test_id")
    };
    is_text(a) && is_text(b) && bare(a) == bare(b)
}

fn event(event: &Event<'_>) -> Map<String, Value> {
    let mut object = Map::new();
    let mut put = |key: &str, value: Option<Value>| {
        value.and_then(|value| object.insert(key.into(), value));
    };
    put("test_id", event.test_id.map(Value::from));
    put("status", event.status.map(|status| status.name().into()));
    put("tags", event.tags.map(|tags| sorted(tags.iter()).into()));
    put("runnable", (!event.runnable).then(|| false.into()));
    put("file_name", event.file.map(|file| file.name.into()));
    put("file_bytes_hex", event.file.map(|file| hex(file.bytes).into()));
    put("eof", event.eof.then(|| true.into()));
    put("mime_type", event.mime_type.map(Value::from));
    put("route_code", event.route_code.map(|route| route.as_str().into()));
    put("timestamp", event.timestamp.map(time));
    object
}

/// Seconds and nanoseconds, to the microsecond: halves go to the even one, as in the reference.
fn time(time: Timestamp) -> Value {
    let nanos = time.nanoseconds();
    let (micros, rest) = (nanos / 1000, nanos % 1000);
    let up = rest > 500 || rest == 500 && micros % 2 == 1;
    let micros = u64::from(micros) + u64::from(up);
    json!([time.seconds() + micros / 1_000_000, micros % 1_000_000 * 1000])
}

/// The outcome of a stream: the tests in the order of their end, and what belongs to none.
pub(crate) fn outcome(stream: &[u8]) -> Value {
    let mut records = Records::with_limit(usize::MAX);
    let mut tests = Vec::new();
    let mut loose: Vec<(String, Vec<u8>)> = Vec::new();
    let mut push_loose = |name: &str, bytes: &[u8]| match loose.last_mut() {
        Some((last, content)) if last == name => content.extend_from_slice(bytes),
        _ => loose.push((name.to_owned(), bytes.to_vec())),
    };
    for item in items(stream) {
        match item {
            Item::Packet(packet) => {
                let event = packet.event();
                if let (None, Some(file)) = (event.test_id, event.file) {
                    push_loose(file.name, file.bytes);
                }
                tests.extend(records.note(event).map(|record| test(&record)));
            }
            Item::Text(bytes) => push_loose("stdout", bytes),
            Item::Damage(damage) => panic!("the output is damaged: {damage}"),
        }
    }
    let open = records.take_open();
    tests.extend(open.iter().rev().map(test));
    let loose: Vec<Value> =
        loose.iter().map(|(name, bytes)| json!({"name": name, "hex": hex(bytes)})).collect();
    json!({"tests": tests, "loose": loose})
}

fn test(record: &TestRecord) -> Value {
    let mut attachments = Map::new();
    for file in record.attachments.iter().filter(|file| !file.bytes.is_empty()) {
        let content = attachments.entry(&file.name).or_insert_with(|| "".into());
        *content = (content.as_str().unwrap().to_owned() + &hex(&file.bytes)).into();
    }
    json!({
        "id": record.test_id,
        "status": record.status.map_or("unknown", |status| status.name()),
        "tags": sorted(record.tags.as_tags().iter()),
        "attachments": attachments,
    })
}

fn sorted<'t>(tags: impl Iterator<Item = &'t str>) -> Vec<&'t str> {
    let set: std::collections::BTreeSet<&str> = tags.collect();
    set.into_iter().collect()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
