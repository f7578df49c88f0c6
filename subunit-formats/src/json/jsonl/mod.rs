//! JSON Lines, the lossless text form: one object a line for each packet, text and damage.
//!
//! ```text
//! {"type":"event","test_id":"a","status":"success","tags":["x"],"runnable":true,
//!  "timestamp":"2024-01-02T03:04:05.678901234Z","file_name":"log","file_bytes":"text","eof":true,
//!  "mime_type":"text/plain","route_code":"0/1"}
//! {"type":"text","bytes":"..."}
//! {"type":"damage","offset":10432,"length":17,"reason":"checksum","bytes":"..."}
//! ```
//!
//! Absent fields are left out; `runnable` and `eof` are always written. On input an absent `runnable`
//! means true and an absent `eof` false. Bytes that are not UTF-8 stand in `file_base64` or `base64`.
//! In the repository, `docs/schemas/jsonl.json` is a JSON Schema of a line.

pub mod writer;

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use subunit_core::{
    Damage, EventBuf, FileChunkBuf, PacketError, PacketErrorKind, RouteCodeBuf, Status,
    sink::{Flow, Sink},
};

pub use crate::json::jsonl::writer::{push_damage, push_event, push_text};
use crate::{
    events::push::Push,
    format::Row,
    reader::FormatReader,
    text::{
        json_line::{LongLines, note_cut},
        line_reader::SplitLines,
        time::parse_rfc3339,
    },
};

/// Our own JSON Lines, whose verb is not made of the row.
pub(crate) const ROW: Row = Row {
    name: "jsonl",
    title: "JSON Lines, one packet an object",
    ..Row::new(|| Box::new(JsonlReader::new()))
};

/// Whether an object begins as those of JSON Lines do.
pub(crate) fn begins_object(start: &[u8]) -> bool {
    ["\"event\"", "\"text\"", "\"damage\""].iter().any(|word| has_type(start, word))
}

/// Whether a `"type"` is this word, with or without spaces about the colon.
fn has_type(start: &[u8], word: &str) -> bool {
    const KEY: &str = "\"type\"";
    memchr::memmem::find_iter(start, KEY).any(|at| {
        let rest = start[at + KEY.len()..].trim_ascii_start();
        let value = rest.strip_prefix(b":").map(<[u8]>::trim_ascii_start);
        value.is_some_and(|value| value.starts_with(word.as_bytes()))
    })
}

/// What a line says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Line {
    /// An event.
    Event(EventBuf),
    /// Bytes that belong to no packet.
    Bytes(Vec<u8>),
    /// What stood in a place of damage.
    Damage {
        /// Where it stood, in bytes from the start of the stream it was read from.
        offset: u64,
        /// What stood there.
        bytes: Vec<u8>,
    },
}

/// Why a line is not one of ours.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LineError {
    /// It is not the JSON of an event, text or damage.
    #[error("{}", in_its_line(.0))]
    Json(#[from] serde_json::Error),
    /// A field's value is not what it should be.
    #[error("`{field}` is {problem}")]
    Field {
        /// The name of the field.
        field: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
}

/// The message without the line, which is the first and only one there.
fn in_its_line(error: &serde_json::Error) -> String {
    error.to_string().replace(" at line 1 column ", " at column ")
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
enum Object<'a> {
    Event {
        #[serde(borrow)]
        test_id: Option<Cow<'a, str>>,
        status: Option<Cow<'a, str>>,
        tags: Option<Vec<Cow<'a, str>>>,
        runnable: Option<bool>,
        timestamp: Option<Cow<'a, str>>,
        file_name: Option<Cow<'a, str>>,
        file_bytes: Option<Cow<'a, str>>,
        file_base64: Option<Cow<'a, str>>,
        #[serde(default)]
        eof: bool,
        mime_type: Option<Cow<'a, str>>,
        route_code: Option<Cow<'a, str>>,
    },
    Text {
        #[serde(borrow)]
        bytes: Option<Cow<'a, str>>,
        base64: Option<Cow<'a, str>>,
    },
    Damage {
        offset: Option<u64>,
        #[serde(rename = "length")]
        _length: Option<u64>,
        #[serde(rename = "reason", borrow)]
        _reason: Option<Cow<'a, str>>,
        bytes: Option<Cow<'a, str>>,
        base64: Option<Cow<'a, str>>,
    },
}

/// Reads a line, with or without its line end.
///
/// # Errors
///
/// Says what is wrong with a line that is not one of ours.
pub fn parse(line: &[u8]) -> Result<Line, LineError> {
    let missing = LineError::Field { field: "bytes", problem: "missing, and so is `base64`" };
    let object = match serde_json::from_slice(line)? {
        Object::Text { bytes, base64 } => {
            let bytes = either("bytes", bytes, "base64", base64)?;
            return bytes.map(Line::Bytes).ok_or(missing);
        }
        Object::Damage { offset, bytes, base64, .. } => {
            let bytes = either("bytes", bytes, "base64", base64)?.ok_or(missing)?;
            return Ok(Line::Damage { offset: offset.unwrap_or(0), bytes });
        }
        event => event,
    };
    event(object).map(Line::Event)
}

fn event(object: Object<'_>) -> Result<EventBuf, LineError> {
    let Object::Event {
        test_id,
        status,
        tags,
        runnable,
        timestamp,
        file_name,
        file_bytes,
        file_base64,
        eof,
        mime_type,
        route_code,
    } = object
    else {
        return Err(LineError::Field { field: "type", problem: "not `event`" });
    };
    let content = either("file_bytes", file_bytes, "file_base64", file_base64)?;
    for (field, value) in [
        ("test_id", &test_id),
        ("file_name", &file_name),
        ("mime_type", &mime_type),
        ("route_code", &route_code),
    ] {
        without_nul(field, value)?;
    }
    tags.iter().flatten().try_for_each(|tag| without_nul("tags", &Some(Cow::Borrowed(tag))))?;
    Ok(EventBuf {
        status: status.map(|word| parse_status(&word)).transpose()?,
        test_id: test_id.map(Cow::into_owned),
        timestamp: timestamp
            .map(|time| {
                let problem = "no time by RFC 3339 from 1970 to 2106";
                parse_rfc3339(&time).ok_or(LineError::Field { field: "timestamp", problem })
            })
            .transpose()?,
        tags: tags.map(|tags| tags.iter().map(|tag| &**tag).collect()),
        runnable: runnable.unwrap_or(true),
        file: file(file_name, content)?,
        mime_type: mime_type.map(Cow::into_owned),
        eof,
        route_code: route_code.map(|route| RouteCodeBuf::new(route.into_owned())),
    })
}

/// A string that holds a NUL has no place in the protocol.
fn without_nul(field: &'static str, value: &Option<Cow<'_, str>>) -> Result<(), LineError> {
    let problem = "a string with a NUL in it, which no stream can hold";
    let has_nul = value.as_ref().is_some_and(|value| value.contains('\0'));
    if has_nul { Err(LineError::Field { field, problem }) } else { Ok(()) }
}

fn parse_status(word: &str) -> Result<Status, LineError> {
    let problem = "no status: exists inprogress success uxsuccess skip fail xfail";
    word.parse().map_err(|_| LineError::Field { field: "status", problem })
}

fn file(
    name: Option<Cow<'_, str>>,
    content: Option<Vec<u8>>,
) -> Result<Option<FileChunkBuf>, LineError> {
    match (name, content) {
        (None, None) => Ok(None),
        (Some(name), content) => Ok(Some(FileChunkBuf {
            name: name.into_owned(),
            bytes: content.unwrap_or_default().into(),
        })),
        (None, Some(_)) => {
            Err(LineError::Field { field: "file_name", problem: "missing, and there is content" })
        }
    }
}

/// Bytes that stand as text or as base64, under either name.
fn either(
    text_name: &'static str,
    text: Option<Cow<'_, str>>,
    base64_name: &'static str,
    base64: Option<Cow<'_, str>>,
) -> Result<Option<Vec<u8>>, LineError> {
    match (text, base64) {
        (Some(_), Some(_)) => {
            Err(LineError::Field { field: text_name, problem: "there twice, as text and base64" })
        }
        (Some(text), None) => Ok(Some(text.into_owned().into_bytes())),
        (None, Some(base64)) => STANDARD
            .decode(&*base64)
            .map(Some)
            .map_err(|_| LineError::Field { field: base64_name, problem: "not base64" }),
        (None, None) => Ok(None),
    }
}

/// The id of the failure for a line that was to be one of ours.
pub const UNREADABLE: &str = "(JSON Lines)";

/// What is said of a line that was to be one of ours.
pub fn unreadable(number: u64, problem: &dyn std::fmt::Display) -> String {
    format!("line {number} cannot be read: {problem}")
}

/// Whether a line that cannot be read was to be one of ours: it is the JSON of one with something wrong in it,
/// or torn. Such a line may have told a failure.
pub fn is_ours(line: &[u8]) -> bool {
    const FIELDS: [&str; 13] = [
        "test_id",
        "status",
        "tags",
        "runnable",
        "timestamp",
        "file_name",
        "file_bytes",
        "file_base64",
        "mime_type",
        "route_code",
        "bytes",
        "base64",
        "offset",
    ];
    const STARTS: [&[u8]; 3] =
        [br#"{"type":"event""#, br#"{"type":"text""#, br#"{"type":"damage""#];
    let body = line.trim_ascii();
    if body.first() != Some(&b'{') {
        return false;
    }
    // Other programs write events and texts, too.
    if let Ok(members) = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(body)
    {
        let kind = members.get("type").and_then(|kind| kind.as_str());
        let is_kind = kind.is_some_and(|kind| matches!(kind, "event" | "text" | "damage"));
        return is_kind && FIELDS.iter().any(|field| members.contains_key(*field));
    }
    let cut = !line.ends_with(b"\n") && body.len() > 1;
    STARTS.iter().any(|start| cut && start.starts_with(body)) || begins_object(body)
}

/// Reads the lines as a stream: events, and bytes as text. Lines that are none of ours are text; one that was
/// to be is a failure, which names it.
///
/// Memory: one line, at most 64 MiB.
#[derive(Clone, Debug, Default)]
pub struct JsonlReader {
    lines: LongLines,
    /// How many lines there were.
    count: u64,
}

impl JsonlReader {
    /// Before the first line.
    pub fn new() -> Self {
        Self::default()
    }
}

impl FormatReader for JsonlReader {
    fn feed(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Flow {
        let mut flow = Flow::Continue;
        let count = &mut self.count;
        self.lines.feed(bytes, |line| {
            *count += 1;
            if push_line(line, *count, sink).is_break() {
                flow = Flow::Break;
            }
        });
        flow
    }

    fn finish(&mut self, sink: &mut dyn Sink) -> Flow {
        let number = self.count + 1;
        self.lines.finish().map_or(Flow::Continue, |line| push_line(&line, number, sink))
    }
}

fn push_line(line: &[u8], number: u64, sink: &mut dyn Sink) -> Flow {
    match parse(line) {
        Ok(Line::Event(event)) => sink.event(&event.as_event()),
        Ok(Line::Bytes(bytes)) => sink.text(&bytes),
        Ok(Line::Damage { offset, bytes }) => {
            let kind = PacketErrorKind::Recorded;
            let reason = PacketError { kind, at: 0 };
            sink.damage(&Damage::new(offset, &bytes, reason))
        }
        Err(error) => {
            let mut push = Push::new(sink);
            if !note_cut(line, &mut push) && is_ours(line) {
                push.group_failure(UNREADABLE, &unreadable(number, &error), None, None);
            }
            push.text(line);
            push.flow()
        }
    }
}

#[cfg(test)]
mod tests {
    use subunit_core::{Item, TagsBuf, Timestamp, items};

    use super::*;

    fn line(event: &EventBuf) -> String {
        let mut line = Vec::new();
        push_event(&mut line, &event.as_event());
        String::from_utf8(line).unwrap()
    }

    fn full() -> EventBuf {
        EventBuf {
            status: Some(Status::Success),
            test_id: Some("a".into()),
            timestamp: Some(Timestamp::new(1_704_164_645, 678_901_234)),
            tags: Some(["x"].into_iter().collect::<TagsBuf>()),
            runnable: true,
            file: Some(FileChunkBuf { name: "log".into(), bytes: (&b"text"[..]).into() }),
            mime_type: Some("text/plain".into()),
            eof: true,
            route_code: Some(RouteCodeBuf::new("0/1")),
        }
    }

    #[test]
    fn an_event_is_written_in_the_schemas_words_and_order() {
        assert_eq!(
            line(&full()),
            "{\"type\":\"event\",\"test_id\":\"a\",\"status\":\"success\",\"tags\":[\"x\"],\
             \"runnable\":true,\"timestamp\":\"2024-01-02T03:04:05.678901234Z\",\
             \"file_name\":\"log\",\"file_bytes\":\"text\",\"eof\":true,\
             \"mime_type\":\"text/plain\",\"route_code\":\"0/1\"}\n"
        );
        let empty = line(&EventBuf::default());
        assert_eq!(empty, "{\"type\":\"event\",\"runnable\":true,\"eof\":false}\n");
    }

    #[test]
    fn what_is_written_is_read() {
        let mut binary = full();
        binary.file = Some(FileChunkBuf { name: "\"\n".into(), bytes: (&b"\xff\0"[..]).into() });
        binary.runnable = false;
        for event in [full(), binary, EventBuf::default()] {
            let read = parse(line(&event).as_bytes()).unwrap();
            assert_eq!(read, Line::Event(event));
        }
    }

    #[test]
    fn text_and_damage_keep_their_bytes() {
        let stream = b"text\xff\n\xb3\x29\x01\x0c";
        let mut joined = Vec::new();
        for item in items(stream) {
            let mut line = Vec::new();
            match item {
                Item::Text(bytes) => push_text(&mut line, bytes),
                Item::Damage(damage) => {
                    push_damage(&mut line, &damage);
                    let start = br#"{"type":"damage","offset":6,"length":4,"reason":"truncated","#;
                    assert!(line.starts_with(start));
                }
                Item::Packet(_) => panic!("there is no packet"),
            }
            match parse(&line).unwrap() {
                Line::Bytes(bytes) => joined.extend(bytes),
                Line::Damage { offset, bytes } => {
                    assert_eq!(offset, 6);
                    joined.extend(bytes);
                }
                Line::Event(_) => panic!("bytes stay bytes"),
            }
        }
        assert_eq!(joined, stream);
    }

    #[test]
    fn absent_fields_have_their_defaults() {
        let Line::Event(event) = parse(br#"{"test_id":"a","type":"event"}"#).unwrap() else {
            panic!("an event is an event")
        };
        assert_eq!((event.runnable, event.eof), (true, false));
    }

    #[test]
    fn what_was_to_be_ours_is_told_from_other_json() {
        for line in [
            r#"{"type":"event","test_id":"b","status":"failed"}"#,
            r#"{"type":"event","test_id":"b","status":"fa"#,
            r#"{"type":"event","teststatus":"o"#,
            r#"{"test_id":"b","type": "event","x":1}"#,
            r#" {"type" : "damage","base64":7}"#,
            r#"{"type":"text","bytes":"half"#,
            r#"{"type":"ev"#,
            r#"{""#,
        ] {
            assert!(is_ours(line.as_bytes()), "{line}");
        }
        for line in [
            r#"{"type":"event","name":"click"}"#,
            r#"{"type":"text","text":"hello"}"#,
            r#"{"type":"suite","event":"started"}"#,
            r#"{"level":"info","status":"up"}"#,
            "{\n",
            "{\"\n",
            "{",
            "",
            "ok 1",
            r#"said {"type":"event","test_id":"b""#,
        ] {
            assert!(!is_ours(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn a_line_that_cannot_be_read_fails_with_its_number() {
        let input = b"{\"type\":\"event\",\"test_id\":\"a\",\"status\":\"success\"}\nwords\n\
            {\"type\":\"event\",\"test_id\":\"b\",\"status\":\"failed\"}\n{\"type\":\"event\",\"te";
        for cut in 1..input.len() {
            let (mut reader, mut records, mut summary) =
                (JsonlReader::new(), subunit_core::sink::Records::default(), Vec::new());
            let mut sink = subunit_core::sink::Summary::new();
            for piece in [&input[..cut], &input[cut..]] {
                let mut log = Said(&mut sink, &mut records, &mut summary);
                reader.feed(piece, &mut log);
            }
            reader.finish(&mut Said(&mut sink, &mut records, &mut summary));
            assert_eq!(sink.counts().fail, 2, "cut at {cut}");
            assert!(summary[0].starts_with("line 3 cannot be read: `status` is no status"));
            assert!(summary[1].starts_with("line 4 cannot be read: "), "{summary:?}");
        }
    }

    /// Counts, and keeps the reasons of failures.
    struct Said<'s>(
        &'s mut subunit_core::sink::Summary,
        &'s mut subunit_core::sink::Records,
        &'s mut Vec<String>,
    );

    impl Sink for Said<'_> {
        fn event(&mut self, event: &subunit_core::Event<'_>) -> Flow {
            if let Some(record) = self.1.note(event)
                && let Some(reason) = record.attachment("reason")
            {
                self.2.push(String::from_utf8_lossy(&reason.bytes).into_owned());
            }
            self.0.event(event)
        }
    }

    #[test]
    fn says_what_is_wrong_with_a_line() {
        for (line, problem) in [
            (&br#"{"type":"event","status":"ok"}"#[..], "`status` is no status"),
            (br#"{"type":"event","timestamp":"noon"}"#, "`timestamp` is no time"),
            (br#"{"type":"event","file_bytes":"x"}"#, "`file_name` is missing"),
            (br#"{"type":"event","test_id":"a\u0000"}"#, "`test_id` is a string with a NUL"),
            (br#"{"type":"event","tags":["a","\u0000"]}"#, "`tags` is a string with a NUL"),
            (br#"{"type":"text"}"#, "`bytes` is missing"),
            (br#"{"type":"text","base64":"!"}"#, "`base64` is not base64"),
            (br#"{"type":"event","teststatus":"ok"}"#, "unknown field `teststatus`"),
            (b"ok 1", "expected"),
        ] {
            let error = parse(line).unwrap_err().to_string();
            assert!(error.contains(problem), "{error}");
        }
    }
}
