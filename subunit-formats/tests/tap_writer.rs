//! What is written as TAP is read back as what it was.

use std::{io, path::Path};

use proptest::prelude::*;
use subunit_core::{
    Event, EventBuf, FileChunk, FileChunkBuf, Status, Timestamp, items, sink::Sink,
    testing::Recorded,
};
use subunit_formats::{
    FormatReader,
    tap::{TapReader, TapVersion, TapWriter},
};

fn read(tap: &[u8]) -> Recorded {
    let (mut reader, mut recorded) = (TapReader::new(), Recorded::default());
    reader.feed(tap, &mut recorded);
    reader.finish(&mut recorded);
    recorded
}

fn written(push: impl FnOnce(&mut TapWriter<Vec<u8>>)) -> String {
    let mut writer = TapWriter::new(Vec::new());
    push(&mut writer);
    writer.finish();
    let bytes = writer.into_result().expect("a vector takes everything");
    String::from_utf8(bytes).expect("all that is written is UTF-8")
}

/// What a status is after it was written and read: TAP has no unexpected success that is red.
fn read_back(status: Status) -> Status {
    if status == Status::UnexpectedSuccess { Status::Fail } else { status }
}

fn file(test_id: &str, name: &str, bytes: &[u8]) -> EventBuf {
    EventBuf {
        test_id: Some(test_id.to_owned()),
        file: Some(FileChunkBuf { name: name.to_owned(), bytes: bytes.to_vec().into() }),
        mime_type: Some("text/plain;charset=utf8".to_owned()),
        eof: true,
        ..EventBuf::default()
    }
}

#[test]
fn every_status_and_what_goes_with_it() {
    let tap = written(|writer| {
        writer.event(&Event {
            timestamp: Some(Timestamp::new(10, 0)),
            ..Event::status("a", Status::InProgress)
        });
        writer.event(&file("a", "traceback", b"line 1\n  line 2\n").as_event());
        writer.event(&Event {
            timestamp: Some(Timestamp::new(11, 500_000_000)),
            ..Event::status("a", Status::Fail)
        });
        writer.event(&file("s", "reason", b"no # net\nhere").as_event());
        writer.event(&Event::status("s", Status::Skip));
        writer.event(&Event::status("x", Status::ExpectedFailure));
        writer.event(&Event::status("u # 1", Status::UnexpectedSuccess));
        writer.event(&Event::status("two\nlines", Status::Success));
        writer.event(&Event::status("hung", Status::InProgress));
    });
    assert_eq!(
        tap,
        "TAP version 14\n\
         not ok 1 - a\n  ---\n  duration_ms: 1500\n  attachments:\n    traceback: |\n      line 1\n        line 2\n  ...\n\
         ok 2 - s # SKIP no \\# net here\n\
         not ok 3 - x # TODO\n\
         not ok 4 - u \\# 1\n  ---\n  message: \"the test passed, and was expected to fail\"\n  ...\n\
         ok 5 - two lines\n  ---\n  subunit_id: \"two\\nlines\"\n  ...\n\
         not ok 6 - hung\n  ---\n  message: \"it started and never ended\"\n  ...\n\
         1..6\n"
    );
}

#[test]
fn nothing_that_a_test_prints_is_a_point() {
    let fakes = "ok 1 fake\nnot ok 2 fake\n1..9\nBail out!\n    ok 3 deep\nTAP version 14\n}\n  ...\n\
                 ...\n# Subtest: fake\n    1..1\nselftests: x\nKTAP version 1\nok 9\rok 10 fake\n";
    for name in ["traceback", "reason", "comments", "diagnostic.yaml", "ok 1\nok 2", ""] {
        for status in [Status::Success, Status::Fail, Status::Skip, Status::ExpectedFailure] {
            let tap = written(|writer| {
                writer.text(fakes.as_bytes());
                writer.text(b"ok 4 without an end");
                writer.event(&file("real", name, fakes.as_bytes()).as_event());
                writer.event(&Event::status("real", status));
                writer.text(fakes.as_bytes());
            });
            assert_eq!(read(tap.as_bytes()).results(), [("real", status)], "{tap}");
        }
    }
}

#[test]
fn more_tests_than_were_listed_are_points_all_the_same() {
    let tap = written(|writer| {
        for id in ["a", "b"] {
            writer.event(&Event::status(id, Status::Exists));
        }
        for id in ["a", "b", "c"] {
            writer.event(&Event::status(id, Status::Success));
        }
    });
    assert_eq!(tap, "TAP version 14\nok 1 - a\nok 2 - b\nok 3 - c\n1..3\n");
}

#[test]
fn a_damaged_stream_is_bailed_out_of() {
    let mut stream = Vec::new();
    Event::status("a", Status::Success).encode(&mut stream).unwrap();
    stream.extend_from_slice(b"\xb3\x29\x01");
    let tap = written(|writer| {
        for item in items(&stream) {
            writer.item(&item);
        }
    });
    assert!(tap.ends_with("1..1\nBail out! The stream is damaged\n"));
    assert_eq!(read(tap.as_bytes()).results().last().unwrap().1, Status::Fail);
}

#[test]
fn nothing_at_all_is_no_test() {
    assert_eq!(written(|_| {}), "TAP version 14\n1..0\n");
    let mut writer = TapWriter::new(Vec::new()).with_version(TapVersion::V13);
    writer.finish();
    assert_eq!(writer.into_result().unwrap(), b"TAP version 13\n1..0\n");
}

#[test]
fn samples_survive_being_read_written_and_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tap");
    let mut samples = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let first = read(&std::fs::read(&path).unwrap());
        let tap = written(|writer| {
            for event in &first.events {
                writer.event(&event.as_event());
            }
        });
        let second = read(tap.as_bytes());
        assert_eq!(second.results(), first.results(), "{}\n{tap}", path.display());
        for event in first.events.iter().filter(|event| event.test_id.is_some()) {
            let (Some(id), Some(file)) = (&event.test_id, &event.file) else { continue };
            if ["diagnostic.yaml", "reason"].contains(&&*file.name) {
                let first = first.file(Some(id), &file.name);
                let again = second.file(Some(id), &file.name);
                assert_eq!(again.trim(), first.trim(), "{}: {id}", path.display());
            }
        }
        samples += 1;
    }
    assert_eq!(samples, 35);
}

#[test]
fn attachments_and_tags_survive() {
    let content = "first\n\n  second: \"|\"\n---\n\u{1b}[1mthird\n";
    for content in [content, "plain\n  lines\n\nok 1\n", "one", "", " x\ny\n", "\t\n\n"] {
        let tap = written(|writer| {
            for name in ["traceback", "a \"b\": c", "x\ny"] {
                writer.event(&file("t", name, content.as_bytes()).as_event());
            }
            let tags = ["one", "file:a.c"].into_iter().collect::<subunit_core::TagsBuf>();
            let event = Event { tags: Some(tags.as_tags()), ..Event::status("t", Status::Success) };
            writer.event(&event);
        });
        let log = read(tap.as_bytes());
        for name in ["traceback", "a \"b\": c", "x\ny"] {
            assert_eq!(log.file(Some("t"), name), content, "{tap}");
        }
        let tags = log.events.last().and_then(|event| event.tags.as_ref()).unwrap();
        assert!(tags.as_tags().contains("one") && tags.as_tags().contains("file:a.c"));
        assert_eq!(log.file(Some("t"), "diagnostic.yaml"), "");
    }
}

/// An attempt at a test that failed with a traceback, or passed.
fn attempt(id: &str, tag: &str, status: Status) -> [EventBuf; 2] {
    let tags = Some([tag].into_iter().collect());
    [file(id, "traceback", b"why\nok 1"), EventBuf { tags, ..Event::status(id, status).to_buf() }]
}

#[test]
fn attempts_that_the_source_marks_are_one_point() {
    let events = [
        attempt("flaky", "attempt-1", Status::Fail),
        attempt("red", "attempt-1", Status::Fail),
        attempt("flaky", "attempt-2", Status::Success),
        attempt("twice", "x", Status::Fail),
        attempt("twice", "x", Status::Success),
    ]
    .concat();
    let tap = written(|writer| {
        for event in &events {
            writer.event(&event.as_event());
        }
    });
    let points: Vec<_> = tap
        .lines()
        .filter(|line| line.contains("ok ") && !line.starts_with('#') && !line.starts_with(' '))
        .collect();
    assert_eq!(points, ["ok 1 - flaky", "not ok 2 - twice", "ok 3 - twice", "not ok 4 - red"]);
    assert!(tap.contains("#| attempt 1: fail\n#| traceback:\n#| why\n#| ok 1\nnot ok 2"), "{tap}");
    assert_eq!(read(tap.as_bytes()).results().len(), 4);
}

#[test]
fn a_pass_that_the_runner_lets_pass_stays_one() {
    let at = |seconds| Some(Timestamp::new(seconds, 0));
    let tap = written(|writer| {
        for (id, tags) in [("a", &["xpass"][..]), ("b", &[])] {
            let tags: subunit_core::TagsBuf = tags.iter().copied().collect();
            writer.event(&Event { timestamp: at(1), ..Event::status(id, Status::InProgress) });
            let end = Event { timestamp: at(2), ..Event::status(id, Status::Success) };
            writer.event(&Event { tags: Some(tags.as_tags()), ..end });
        }
    });
    assert!(tap.contains("ok 1 - a # TODO\n"), "{tap}");
    let log = read(tap.as_bytes());
    assert_eq!(log.results(), ["a", "b"].map(|id| (id, Status::Success)));
    let end = log.events.iter().find(|event| event.status == Some(Status::Success)).unwrap();
    assert!(end.tags.as_ref().unwrap().as_tags().contains("xpass"));
}

#[test]
fn a_status_without_a_test_id_is_a_point_only_where_it_fails() {
    let tap = written(|writer| {
        for status in [Status::Success, Status::Skip, Status::Fail] {
            writer.event(&Event { status: Some(status), ..Event::default() });
        }
        let file = Some(FileChunk { name: "capabilities", bytes: b"{}\n" });
        let mime_type = Some(subunit_core::conventions::MIME_TYPE);
        writer.event(&Event { file, mime_type, ..Event::default() });
    });
    assert_eq!(tap, "TAP version 14\nnot ok 1 - (no test id)\n1..1\n");
}

#[test]
fn a_reason_that_ends_in_a_brace_opens_no_block() {
    let tap = written(|writer| {
        let chunk = FileChunk { name: "reason", bytes: b"see {" };
        let status = Event::status("a", Status::ExpectedFailure);
        writer.event(&Event { file: Some(chunk), ..status });
    });
    let expected = [("a", Status::ExpectedFailure)];
    assert_eq!(read(tap.as_bytes()).results(), expected, "{tap}");
}

#[test]
fn an_output_that_fails_ends_the_writing() {
    struct Broken;
    impl io::Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut writer = TapWriter::new(Broken);
    assert!(writer.event(&Event::status("a", Status::Success)).is_break());
    writer.finish();
    assert!(writer.into_result().is_err_and(|error| error.kind() == io::ErrorKind::BrokenPipe));
}

proptest! {
    #[test]
    fn ids_and_statuses_survive(tests in prop::collection::vec((id(), 2_usize..7, text(), text()), 0..6)) {
        let mut expected = Vec::new();
        let tap = written(|writer| {
            for (id, status, name, content) in &tests {
                let status = Status::ALL[*status];
                let chunk = FileChunk { name, bytes: content.as_bytes() };
                writer.event(&Event {
                    test_id: Some(id),
                    file: Some(chunk),
                    mime_type: Some("text/plain"),
                    ..Event::default()
                });
                writer.text(content.as_bytes());
                writer.event(&Event::status(id, status));
                expected.push((id.as_str(), read_back(status)));
            }
        });
        let again = read(tap.as_bytes());
        prop_assert_eq!(again.results(), expected, "{}", tap);
    }
}

/// Ids with all that means something in TAP.
fn id() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PARTS), 1..5).prop_map(|parts| parts.concat())
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PARTS), 0..8).prop_map(|parts| parts.concat())
}

const PARTS: &[&str] = &[
    "a",
    " ",
    "#",
    " # SKIP",
    "\\",
    "\n",
    "\r",
    "{",
    "}",
    " {",
    "-",
    "1",
    "ok 1 x\n",
    "not ok",
    "'",
    "\"",
    ": ",
    " # time=1ms",
    "\u{1b}[1m",
    "\u{2028}",
    "é",
    "---\n",
    "...\n",
    "    ",
    "Bail out!",
    "reason",
    "# Subtest: x\n",
    "|",
    "diagnostic.yaml",
    "comments",
    "timeout",
    " # TODO",
];
