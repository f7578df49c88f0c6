//! What becomes of the tests of real version 2 streams when they are written as version 1 and read back:
//! every input of the traditional tools' recorded runs, every stream of the protocol's vectors, and real
//! runs.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a failure ends the test")]

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use subunit_core::{
    Damage, Event, FileChunk, Item, Status, Timestamp, items,
    sink::{Attachment, Flow, Recorder, Sink, TestRecord},
    v1::{Parser, Writer},
};

/// Streams with a packet or the damaged beginning of one in them, with names to tell them by.
fn streams() -> Vec<(String, Vec<u8>)> {
    let mut streams = Vec::new();
    let runs = include_str!("../../subunit-filters/tests/reference/cases.json");
    let runs: Value = serde_json::from_str(runs).unwrap();
    for (name, input) in runs["inputs"].as_object().unwrap() {
        streams.push((name.clone(), STANDARD.decode(input.as_str().unwrap()).unwrap()));
    }
    let vectors = include_str!("../../subunit-core/tests/data/decode.json");
    let vectors: Vec<Value> = serde_json::from_str(vectors).unwrap();
    for vector in &vectors {
        let name = vector["name"].as_str().unwrap().to_owned();
        streams.push((name, unhex(vector["hex"].as_str().unwrap())));
    }
    for (name, stream) in [
        ("mixed", &include_bytes!("../data/mixed.subunit")[..]),
        ("clean-tt-weird", include_bytes!("../data/clean-tt-weird.subunit")),
        ("list", include_bytes!("../data/list.subunit")),
        ("stestr-last", include_bytes!("../data/stestr-last-concurrency2.subunit")),
        ("tap2subunit", include_bytes!("../data/tap2subunit-perl-weird.subunit")),
    ] {
        streams.push((name.to_owned(), stream.to_vec()));
    }
    streams.retain(|(_, stream)| items(stream).any(|item| !matches!(item, Item::Text(_))));
    streams
}

fn unhex(digits: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    (0..digits.len()).step_by(2).map(byte).collect()
}

fn push_items(stream: &[u8], sink: &mut dyn Sink) {
    for item in items(stream) {
        sink.item(&item);
    }
    sink.finish();
}

/// Version 1 has no damage: what is left of a packet is a test that failed, as in the reference.
struct Blaming<'s>(&'s mut dyn Sink);

impl Sink for Blaming<'_> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        self.0.event(event)
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        let reason = damage.to_string();
        let file = |name, bytes| Some(FileChunk { name, bytes });
        let parser = Event { test_id: Some("subunit.parser"), ..Event::default() };
        self.0.event(&Event { file: file("Packet data", damage.bytes), ..parser });
        let status = Some(Status::Fail);
        self.0.event(&Event { status, file: file("Parser Error", reason.as_bytes()), ..parser })
    }

    fn finish(&mut self) {
        self.0.finish();
    }
}

/// The tests that ran; the ones that only exist have no place in version 1.
fn records(push: impl FnOnce(&mut dyn Sink)) -> Vec<TestRecord> {
    let mut records = Vec::new();
    push(&mut Recorder::new(|record: TestRecord| {
        if record.status != Some(Status::Exists) {
            records.push(record);
        }
    }));
    records
}

/// A stream as lines of version 1.
fn lines_of(stream: &[u8]) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new());
    push_items(stream, &mut writer);
    writer.into_inner().unwrap()
}

fn text_of(stream: &[u8]) -> Vec<u8> {
    let text = |item| if let Item::Text(text) = item { text } else { b"" };
    items(stream).flat_map(text).copied().collect()
}

fn push_lines(lines: &[u8], sink: &mut dyn Sink) {
    let mut parser = Parser::new();
    parser.feed(lines, sink);
    parser.finish(sink);
    sink.finish();
}

type Times = (Option<Timestamp>, Option<Timestamp>);

/// A test as version 1 can say it: no route code, and a file's type in other words.
#[derive(Debug, PartialEq)]
struct Said {
    test_id: String,
    status: Option<Status>,
    tags: Vec<String>,
    files: Vec<(String, Vec<u8>)>,
    times: Times,
}

fn said(record: &TestRecord) -> Said {
    let never_ended = record.status.is_none_or(|status| status == Status::InProgress);
    let mut tags: Vec<_> = record.tags.as_tags().iter().map(str::to_owned).collect();
    tags.sort_unstable();
    let file = |file: &Attachment| (file.name.clone(), file.bytes.to_vec());
    Said {
        test_id: record.test_id.clone(),
        status: if never_ended { Some(Status::Fail) } else { record.status },
        tags,
        files: record.attachments.iter().map(file).collect(),
        times: (record.start.or(record.stop), record.stop.or(record.start)),
    }
}

/// What is expected of tests that version 1 has no room for as they are: a time, once there was one, is
/// every later test's as well; a line end in an id is `\n`; a tag has at least one character.
fn as_far_as_version_1_goes(mut tests: Vec<Said>) -> Vec<Said> {
    let mut last = None;
    for test in &mut tests {
        test.times = (test.times.0.or(last), test.times.1.or(last));
        last = test.times.1;
        test.test_id = test.test_id.replace('\n', "\\n");
        test.tags.retain(|tag| !tag.is_empty());
    }
    tests
}

#[test]
fn tests_survive_version_1() {
    let (mut tests, mut bent) = (0, Vec::new());
    let streams = streams();
    for (name, stream) in &streams {
        let said = |records: Vec<TestRecord>| records.iter().map(said).collect::<Vec<_>>();
        let before = || said(records(|sink| push_items(stream, &mut Blaming(sink))));
        let lines = lines_of(stream);
        let mut after = said(records(|sink| push_lines(&lines, sink)));
        // Text that is version 1 says so then: more tests, and no fewer.
        let in_text = said(records(|sink| push_lines(&text_of(stream), sink)));
        after.retain(|test| !in_text.contains(test));
        assert_eq!(after, as_far_as_version_1_goes(before()), "{name}: {}", lines.escape_ascii());
        tests += after.len();
        if after != before() {
            bent.push(name);
        }
    }
    println!(
        "{tests} tests of {} streams survive, in {} as far as it goes",
        streams.len(),
        bent.len()
    );
    assert_eq!((tests, streams.len(), bent.len()), (857, 323, 20));
}
