//! The python way of reading TAP, against what python-subunit 1.4.6 made of the same inputs.

use std::{fmt::Write as _, path::Path};

use serde_json::Value;
use subunit_core::{
    Event,
    sink::{Flow, Sink},
};
use subunit_formats::{FormatReader, tap::PythonTapReader};

/// Events in the words of the recorded ones. What is text here is an event there.
#[derive(Default)]
struct Log(Vec<Value>);

impl Sink for Log {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        let hex = |bytes: &[u8]| {
            bytes.iter().fold(String::new(), |mut hex, byte| {
                let _ = write!(hex, "{byte:02x}");
                hex
            })
        };
        self.0.push(serde_json::json!({
            "test_id": event.test_id,
            "status": event.status.map(|status| status.name()),
            "tags": event.tags.map(|tags| tags.iter().collect::<Vec<_>>()),
            "runnable": event.runnable,
            "file_name": event.file.map(|file| file.name),
            "file_bytes_hex": event.file.map(|file| hex(file.bytes)),
            "eof": event.eof,
            "mime_type": event.mime_type,
            "route_code": event.route_code.map(|route| route.as_str()),
            "timestamp": event.timestamp.map(|time| time.seconds()),
        }));
        Flow::Continue
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        let file = Some(subunit_core::FileChunk { name: "stdout", bytes });
        let mime_type = Some("text/plain; charset=UTF8");
        self.event(&Event { file, mime_type, ..Event::default() })
    }
}

fn read(input: &[u8], size: usize) -> Value {
    let (mut reader, mut log) = (PythonTapReader::new(), Log::default());
    for piece in input.chunks(size) {
        reader.feed(piece, &mut log);
    }
    reader.finish(&mut log);
    Value::Array(log.0)
}

#[test]
fn the_same_events_as_python_subunit() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tap2subunit");
    let mut cases = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let expected: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let input = std::fs::read(path.with_extension("tap")).unwrap();
        for size in [1, 5, 4096] {
            assert_eq!(read(&input, size), expected, "{}", path.display());
        }
        cases += 1;
    }
    assert_eq!(cases, 16);
}

#[test]
fn a_huge_number_takes_neither_time_nor_room() {
    let Value::Array(events) = read(b"ok 18446744073709551615\n1..18446744073709551615\n", 4096)
    else {
        panic!()
    };
    assert_eq!(events.len(), 10_002);
}
