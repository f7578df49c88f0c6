//! The shared vectors of the protocol, recorded from the reference implementation (python-subunit
//! 1.4.6): all that its own description does not call debatable.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use serde_json::Value;
use subunit_core::{
    Event, EventBuf, FileChunkBuf, Item, Packet, PacketErrorKind, RouteCodeBuf, Tags, Timestamp,
    items,
};

fn vectors(json: &str) -> Vec<Value> {
    serde_json::from_str(json).unwrap()
}

fn is_debatable(vector: &Value) -> bool {
    vector["debatable"] == true
}

fn bytes_from_hex(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A string of the vectors: itself, or `{"fill": X, "len": N}`.
fn string(value: &Value) -> Option<String> {
    match value {
        Value::Object(fill) => {
            let len = fill["len"].as_u64().unwrap() as usize;
            Some(fill["fill"].as_str().unwrap().repeat(len))
        }
        other => other.as_str().map(str::to_owned),
    }
}

fn content(vector: &Value) -> Vec<u8> {
    match &vector["file_bytes_fill"] {
        Value::Object(fill) => {
            let len = fill["len"].as_u64().unwrap() as usize;
            bytes_from_hex(fill["fill"].as_str().unwrap()).repeat(len)
        }
        _ => bytes_from_hex(vector["file_bytes_hex"].as_str().unwrap_or_default()),
    }
}

fn timestamp(value: &Value) -> Option<Timestamp> {
    let parts = value.as_array()?;
    let seconds = u32::try_from(parts[0].as_u64()?).unwrap();
    Some(Timestamp::new(seconds, parts[1].as_u64()? as u32))
}

/// The event of a vector; `None` where it has a status that no event can have.
fn event(vector: &Value) -> Option<EventBuf> {
    Some(EventBuf {
        status: match vector["status"].as_str() {
            Some(word) => Some(word.parse().ok()?),
            None => None,
        },
        test_id: string(&vector["test_id"]),
        timestamp: timestamp(&vector["timestamp"]),
        tags: vector["tags"].as_array().map(|tags| {
            let tags: Vec<String> = tags.iter().filter_map(string).collect();
            tags.iter().map(String::as_str).collect()
        }),
        runnable: vector["runnable"] == true,
        file: string(&vector["file_name"])
            .map(|name| FileChunkBuf { name, bytes: content(vector).into() }),
        mime_type: string(&vector["mime_type"]),
        eof: vector["eof"] == true,
        route_code: string(&vector["route_code"]).map(RouteCodeBuf::new),
    })
}

#[test]
fn encode() {
    let all = vectors(include_str!("data/encode.json"));
    let mut passed = 0;
    for vector in all.iter().filter(|vector| !is_debatable(vector)) {
        let name = &vector["name"];
        let mut packet = Vec::new();
        let result = event(vector).map(|event| event.encode(&mut packet));
        if vector["error"] == true {
            assert!(!matches!(result, Some(Ok(()))), "{name}");
            assert!(packet.is_empty(), "{name}");
            passed += 1;
            continue;
        }
        assert_eq!(result, Some(Ok(())), "{name}");
        match vector["hex"].as_str() {
            Some(expected) => assert_eq!(hex(&packet), expected, "{name}"),
            None => {
                assert_eq!(packet.len() as u64, vector["length"].as_u64().unwrap(), "{name}");
                assert!(hex(&packet[..24]).starts_with(vector["head_hex"].as_str().unwrap()));
                assert!(hex(&packet).ends_with(vector["tail_hex"].as_str().unwrap()), "{name}");
            }
        }
        let read = Packet::parse(&packet).unwrap();
        let mut expected = event(vector).unwrap();
        expected.tags = expected.tags.filter(|tags| !tags.as_tags().is_empty());
        assert_eq!(read.event().to_buf(), expected, "{name}");
        passed += 1;
    }
    println!("encode: {passed} of {}", all.iter().filter(|vector| !is_debatable(vector)).count());
    assert_eq!(passed, 255);
}

/// An event in the vectors' form; all fields in one order, tags sorted.
fn described(event: &Event<'_>) -> Value {
    let mut tags: Option<Vec<&str>> = event.tags.map(Tags::iter).map(Iterator::collect);
    if let Some(tags) = &mut tags {
        tags.sort_unstable();
        tags.dedup();
    }
    serde_json::json!({
        "test_id": event.test_id,
        "status": event.status.map(|status| status.name()),
        "tags": tags,
        "runnable": event.runnable,
        "file_name": event.file.map(|file| file.name),
        "file_bytes_hex": event.file.map(|file| hex(file.bytes)),
        "eof": event.eof,
        "mime_type": event.mime_type,
        "route_code": event.route_code.map(|route| route.as_str()),
        "timestamp": event.timestamp.map(|time| (time.seconds(), time.nanoseconds())),
    })
}

/// The stream's items as the reference reports them: text as a file `stdout`, damage as the first of
/// the pair of events that it makes of it, neighbouring files `stdout` joined.
///
/// Of a packet that the input ends in, the reference reports the header only and drops the rest of the
/// input; so here as well everything behind the header is left out.
fn reported(stream: &[u8]) -> Vec<Value> {
    let mut found: Vec<Value> = Vec::new();
    for item in items(stream) {
        match item {
            Item::Packet(packet) => push_joined(&mut found, described(packet.event())),
            Item::Text(text) => push_joined(&mut found, text_event(&hex(text))),
            Item::Damage(damage) if damage.reason.kind == PacketErrorKind::Truncated => {
                let header = if damage.bytes.len() < 6 { 1 } else { 6 };
                found.push(damage_event(&hex(&damage.bytes[..header])));
                return found;
            }
            Item::Damage(damage) => found.push(damage_event(&hex(damage.bytes))),
        }
    }
    found
}

fn push_joined(found: &mut Vec<Value>, event: Value) {
    match found.last_mut() {
        Some(last) if is_text(last) && is_text(&event) => {
            let bytes = [&last["file_bytes_hex"], &event["file_bytes_hex"]]
                .map(|bytes| bytes.as_str().unwrap());
            last["file_bytes_hex"] = bytes.concat().into();
        }
        _ => found.push(event),
    }
}

fn text_event(hex: &str) -> Value {
    let mut event = described(&Event::default());
    event["file_name"] = "stdout".into();
    event["file_bytes_hex"] = hex.into();
    event
}

fn is_text(event: &Value) -> bool {
    *event == text_event(event["file_bytes_hex"].as_str().unwrap_or_default())
}

fn damage_event(hex: &str) -> Value {
    let mut event = described(&Event::default());
    event["test_id"] = "subunit.parser".into();
    event["file_name"] = "Packet data".into();
    event["file_bytes_hex"] = hex.into();
    event["eof"] = true.into();
    event["mime_type"] = "application/octet-stream".into();
    event
}

/// What a vector expects: its events, without the second of each pair about damage (its wording is
/// free), and with the times as they stand on the wire.
fn expected(vector: &Value) -> Vec<Value> {
    let events = vector["events"].as_array().unwrap();
    let is_message = |event: &&Value| {
        event["test_id"] == "subunit.parser" && event["file_name"] == "Parser Error"
    };
    let mut events: Vec<Value> =
        events.iter().filter(|event| !is_message(event)).cloned().collect();
    if let Some(exact) = vector["exact_timestamps"].as_array() {
        for (event, exact) in events.iter_mut().zip(exact) {
            event["timestamp"] = exact.clone();
        }
    }
    events
}

#[test]
fn decode() {
    let all = vectors(include_str!("data/decode.json"));
    let required: Vec<&Value> = all.iter().filter(|vector| !is_debatable(vector)).collect();
    let mut wrong = Vec::new();
    for vector in &required {
        let stream = bytes_from_hex(vector["hex"].as_str().unwrap());
        let (found, expected) = (reported(&stream), expected(vector));
        if found != expected {
            wrong.push(format!(
                "{}: {}\nfound {found:#?}\nexpected {expected:#?}",
                vector["name"], vector["hex"]
            ));
        }
    }
    println!("decode: {} of {}", required.len() - wrong.len(), required.len());
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(required.len(), 182);
}

/// Debatable vectors record what the reference does, which is not required. What must hold for them
/// all the same: no byte vanishes, and precision is not lost.
#[test]
fn debatable_streams_lose_nothing() {
    let all = vectors(include_str!("data/decode.json"));
    for vector in all.iter().filter(|vector| is_debatable(vector)) {
        let stream = bytes_from_hex(vector["hex"].as_str().unwrap());
        let joined: Vec<u8> = items(&stream).flat_map(|item| item.bytes().to_vec()).collect();
        assert_eq!(joined, stream, "{}", vector["name"]);
        if vector["exact_timestamps"].is_array() {
            assert_eq!(reported(&stream), expected(vector), "{}", vector["name"]);
        }
    }
}
