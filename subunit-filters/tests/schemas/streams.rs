//! Streams of all kinds.

use std::{fs, path::Path, sync::OnceLock};

use serde_json::Value;
use subunit_core::{
    Event, FileChunk, RouteCode, Status, TagsBuf, Timestamp,
    conventions::{EXIT_STATUS, MIME_TYPE, attempt_tag},
};

/// A stream, and where it stands in a file.
pub(crate) struct Stream {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) file: String,
}

/// Those of `tests/data`, and those that are made here.
pub(crate) fn streams() -> &'static [Stream] {
    static STREAMS: OnceLock<Vec<Stream>> = OnceLock::new();
    STREAMS.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("schemas");
        fs::create_dir_all(&folder).unwrap();
        let named = recorded().into_iter().chain(made());
        let streams = named.map(|(name, bytes)| {
            let file = folder.join(&name);
            fs::write(&file, &bytes).unwrap();
            Stream { name, bytes, file: file.to_str().unwrap().to_owned() }
        });
        streams.collect()
    })
}

/// Where the stream of this name stands.
pub(crate) fn file(name: &str) -> &'static str {
    &streams().iter().find(|stream| stream.name == name).unwrap().file
}

fn recorded() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let streams = files.filter(|file| file.extension().is_some_and(|end| end == "subunit"));
    let name = |file: &Path| file.file_name().unwrap().to_str().unwrap().to_owned();
    streams.map(|file| (name(&file), fs::read(file).unwrap())).collect()
}

/// When runs begin, unless their times are durations.
const DATE: u32 = 1_767_323_045;

fn ended(test_id: &str, status: Status, from: u32, to: u32) -> Vec<u8> {
    let at = |second, status| {
        let timestamp = Some(Timestamp::new(second, 500));
        encoded(&Event { timestamp, ..Event::status(test_id, status) })
    };
    [at(from, Status::InProgress), at(to, status)].concat()
}

fn tagged(test_id: &str, status: Status, tags: &[&str]) -> Vec<u8> {
    let tags: TagsBuf = tags.iter().copied().collect();
    let event = Event { tags: Some(tags.as_tags()), ..Event::status(test_id, status) };
    [encoded(&event), encoded(&Event { route_code: Some(RouteCode::new("0/go")), ..event })]
        .concat()
}

fn encoded(event: &Event<'_>) -> Vec<u8> {
    let mut packet = Vec::new();
    event.encode(&mut packet).unwrap();
    packet
}

fn made() -> Vec<(String, Vec<u8>)> {
    use Status::{Exists, ExpectedFailure, Fail, InProgress, Skip, Success, UnexpectedSuccess};
    let passed = [
        ended("a", Success, DATE, DATE + 2),
        ended("b", Skip, DATE, DATE),
        tagged("c", ExpectedFailure, &["slow"]),
        encoded(&Event::status("listed", Exists)),
    ];
    let failed = [
        ended("a", Fail, DATE, DATE + 20),
        ended("b", UnexpectedSuccess, DATE + 1, DATE),
        encoded(&Event::status("c", InProgress)),
        // Listed while it runs.
        encoded(&Event::status("c", Exists)),
        encoded(&Event { runnable: false, ..Event::status("set-up", Fail) }),
        encoded(&Event { status: Some(Fail), ..Event::default() }),
    ];
    let (first, second) = (attempt_tag(1), attempt_tag(2));
    let flaky = [tagged("a", Fail, &[&first]), tagged("a", Success, &[&second, "x"])];
    let mut damaged = [passed.concat(), failed.concat(), b"\xff\xfe text\n".to_vec()].concat();
    damaged[3] ^= 1;
    damaged.truncate(damaged.len() - 20);
    let pieces = |name, bytes, test_id| {
        let file = Some(FileChunk { name, bytes });
        let mime_type = Some("text/plain");
        encoded(&Event { file, mime_type, test_id, eof: test_id.is_none(), ..Event::default() })
    };
    let files = [
        pieces("log", &b"text"[..], Some("a")),
        pieces("log", b"\xff", Some("a")),
        pieces("stdout", b"", None),
        b"text \xb3\n".to_vec(),
    ];
    let exit = |content: &'static str| {
        let file = Some(FileChunk { name: EXIT_STATUS, bytes: content.as_bytes() });
        let event = Event { file, mime_type: Some(MIME_TYPE), eof: true, ..Event::default() };
        encoded(&Event { route_code: Some(RouteCode::new("0")), runnable: false, ..event })
    };
    let commands = [
        exit(r#"{"command":"make check","exit":2}"#),
        exit(r#"{"command":"make","signal":9,"more":[]}"#),
        exit(r#"{"command":"nothing is known"}"#),
    ];
    let made = [
        ("empty", Vec::new()),
        ("text", b"nothing but text\n".to_vec()),
        ("passed", passed.concat()),
        ("failed", failed.concat()),
        ("flaky", flaky.concat()),
        ("damaged", damaged),
        ("files", files.concat()),
        ("durations", [ended("a", Success, 0, 7), ended("b", Fail, 7, 8)].concat()),
        ("commands", commands.concat()),
        ("json", b"{\"type\":\"damage\",\"bytes\":\"x\"}\n".to_vec()),
    ];
    made.map(|(name, bytes)| (name.to_owned(), bytes)).into()
}

/// The shared vectors of the protocol.
pub(crate) fn vectors() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../subunit-core/tests/data");
    let read = |name| -> Vec<Value> {
        serde_json::from_str(&fs::read_to_string(folder.join(name)).unwrap()).unwrap()
    };
    let bytes = |vector: Value| {
        let hex = vector["hex"].as_str()?;
        let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        Some((0..hex.len()).step_by(2).map(byte).collect())
    };
    read("decode.json").into_iter().chain(read("encode.json")).filter_map(bytes).collect()
}
