//! What reading gives, written down to be compared.

use serde_json::{Value, json};
use subunit_core::{
    Damage, Event, Status,
    sink::{Flow, Recorder, Sink, TestRecord},
    v1::Parser,
};

/// Writes events down as the data file does; text is a file `stdout` of no test, joined.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Log {
    pub(crate) events: Vec<Value>,
    pub(crate) damage: Vec<u8>,
}

impl Sink for Log {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        let tags = event.tags.map(|tags| {
            let mut tags: Vec<_> = tags.iter().map(str::to_owned).collect();
            tags.sort_unstable();
            tags
        });
        let time = event.timestamp.map(|time| (time.seconds(), time.nanoseconds()));
        let mut fields = json!({
            "test_id": event.test_id,
            "status": event.status.map(Status::name),
            "tags": tags,
            "timestamp": time,
            "file_name": event.file.map(|file| file.name),
            "file_bytes_hex": event.file.map(|file| hex(file.bytes)),
            "mime_type": event.mime_type,
            "eof": event.eof.then_some(true),
        });
        fields.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        assert!(event.runnable && event.route_code.is_none());
        self.events.push(fields);
        Flow::Continue
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        let last = self.events.last_mut().filter(|last| last["test_id"].is_null());
        match last.map(|last| &mut last["file_bytes_hex"]) {
            Some(Value::String(before)) => before.push_str(&hex(bytes)),
            _ => self.events.push(json!({"file_name": "stdout", "file_bytes_hex": hex(bytes)})),
        }
        Flow::Continue
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.damage.extend_from_slice(damage.bytes);
        Flow::Continue
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digit = |half: u8| DIGITS[usize::from(half)];
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

pub(crate) fn parse_into(input: &[u8], cuts: &[usize], sink: &mut dyn Sink) {
    let (mut parser, mut rest) = (Parser::new(), input);
    for cut in cuts.iter().cycle().copied() {
        if rest.is_empty() {
            break;
        }
        let (piece, behind) = rest.split_at(cut.min(rest.len()));
        parser.feed(piece, sink);
        rest = behind;
    }
    parser.finish(sink);
    sink.finish();
}

pub(crate) fn parsed(input: &[u8], cuts: &[usize]) -> Log {
    let mut log = Log::default();
    parse_into(input, cuts, &mut log);
    log
}

pub(crate) fn records(push: impl FnOnce(&mut dyn Sink)) -> Vec<TestRecord> {
    let mut records = Vec::new();
    push(&mut Recorder::new(|record: TestRecord| {
        if record.status != Some(Status::Exists) {
            records.push(record);
        }
    }));
    records
}

pub(crate) fn lines(input: &[u8]) -> Vec<String> {
    let log = parsed(input, &[usize::MAX]);
    assert_eq!(log, parsed(input, &[1]), "cut into bytes");
    log.events.iter().map(line_of).collect()
}

/// An event in short: `a inprogress`, `a file=content`, `text`.
pub(crate) fn line_of(event: &Value) -> String {
    let text = |field: &str| event[field].as_str().unwrap_or_default().to_owned();
    let digits = text("file_bytes_hex");
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    let content: Vec<u8> = (0..digits.len()).step_by(2).map(byte).collect();
    let content = String::from_utf8_lossy(&content).into_owned();
    match (&event["test_id"], &event["status"]) {
        (Value::Null, _) => content,
        (id, Value::Null) => {
            format!("{} {}={content}", id.as_str().unwrap(), text("file_name"))
        }
        (id, status) => format!("{} {}", id.as_str().unwrap(), status.as_str().unwrap()),
    }
}
