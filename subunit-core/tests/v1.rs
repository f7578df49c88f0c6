//! Version 1 both ways: runs of `subunit-1to2` and `subunit-2to1` of python-subunit 1.4.6, all that did
//! not end in one of its crashes, and what must hold for every input.
//!
//! In the data file a character from U+0000 to U+00FF stands for a byte.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use serde_json::{Value, json};
use subunit_core::{
    Damage, Event, Status, Timestamp, items,
    sink::{FailFast, Flow, Recorder, Sink, Summary, TestRecord},
    v1::{Parser, Writer},
};

const CASES: &str = include_str!("data/v1.json");
const LIBCHECK: &[u8] = include_bytes!("data/libcheck-v1.bin");

/// Writes events down as the data file does; text is a file `stdout` of no test, joined.
#[derive(Debug, Default, PartialEq)]
struct Log {
    events: Vec<Value>,
    damage: Vec<u8>,
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
        Flow::Continue(())
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        let last = self.events.last_mut().filter(|last| last["test_id"].is_null());
        match last.map(|last| &mut last["file_bytes_hex"]) {
            Some(Value::String(before)) => before.push_str(&hex(bytes)),
            _ => self.events.push(json!({"file_name": "stdout", "file_bytes_hex": hex(bytes)})),
        }
        Flow::Continue(())
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.damage.extend_from_slice(damage.bytes);
        Flow::Continue(())
    }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digit = |half: u8| DIGITS[usize::from(half)];
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn bytes_of(text: &Value) -> Vec<u8> {
    text.as_str().unwrap().chars().map(|char| u8::try_from(char).unwrap()).collect()
}

fn parse_into(input: &[u8], cuts: &[usize], sink: &mut dyn Sink) {
    let (mut parser, mut rest) = (Parser::new(), input);
    for cut in cuts.iter().cycle().copied() {
        if rest.is_empty() {
            break;
        }
        let (piece, behind) = rest.split_at(cut.min(rest.len()));
        let _ = parser.feed(piece, sink);
        rest = behind;
    }
    let _ = parser.finish(sink);
    sink.finish();
}

fn parsed(input: &[u8], cuts: &[usize]) -> Log {
    let mut log = Log::default();
    parse_into(input, cuts, &mut log);
    log
}

fn records(push: impl FnOnce(&mut dyn Sink)) -> Vec<TestRecord> {
    let mut records = Vec::new();
    push(&mut Recorder::new(|record: TestRecord| {
        if record.status != Some(Status::Exists) {
            records.push(record);
        }
    }));
    records
}

fn push_items(stream: &[u8], sink: &mut dyn Sink) {
    for item in items(stream) {
        let _ = sink.item(&item);
    }
    sink.finish();
}

/// Version 2 as version 1.
fn written(stream: &[u8], mut writer: Writer<Vec<u8>>) -> Vec<u8> {
    push_items(stream, &mut writer);
    writer.into_inner().unwrap()
}

fn cases() -> Vec<Value> {
    serde_json::from_str(CASES).unwrap()
}

#[test]
fn every_run_of_the_references_1to2_gives_the_same_events() {
    let cases = cases();
    let cases: Vec<_> = cases.iter().filter(|case| case["events"].is_array()).collect();
    for case in &cases {
        let input = bytes_of(&case["stdin"]);
        for cuts in [&[usize::MAX][..], &[1], &[2], &[7, 1, 30]] {
            let log = parsed(&input, cuts);
            assert_eq!(json!(log.events), case["events"], "{} in {cuts:?}", case["name"]);
            // The reference drops the chunk that is cut off; here it is reported.
            let torn: &[u8] = if case["name"] == "1to2--lost-in-multipart" { b"hel" } else { b"" };
            assert_eq!(log.damage, torn, "{}", case["name"]);
        }
    }
    assert_eq!(cases.len(), 18);
    println!("1to2: {} of {0}", cases.len());
}

#[test]
fn every_run_of_the_references_2to1_gives_the_same_bytes() {
    let cases = cases();
    let cases: Vec<_> = cases.iter().filter(|case| case["stdout"].is_string()).collect();
    for case in &cases {
        let bytes = written(&bytes_of(&case["stdin"]), Writer::traditional(Vec::new()));
        let (found, expected) = (bytes.escape_ascii(), bytes_of(&case["stdout"]));
        assert_eq!(found.to_string(), expected.escape_ascii().to_string(), "{}", case["name"]);
    }
    assert_eq!(cases.len(), 25);
    println!("2to1: {} of {0}", cases.len());
}

/// What version 1 can say of a record: no route code, no type of files as it was.
fn sayable(record: &TestRecord) -> impl PartialEq + std::fmt::Debug + use<> {
    let never_ended = record.status.is_none_or(|status| status == Status::InProgress);
    let mut tags: Vec<_> = record.tags.as_tags().iter().map(str::to_owned).collect();
    tags.sort_unstable();
    let mut files: Vec<_> =
        record.attachments.iter().map(|file| (file.name.clone(), file.bytes.clone())).collect();
    files.sort();
    let times = (record.start.or(record.stop), record.stop.or(record.start));
    let status = if never_ended { Some(Status::Fail) } else { record.status };
    (record.test_id.clone(), status, tags, files, times)
}

#[test]
fn records_survive_version_1() {
    let (mut streams, mut tests) = (0, 0);
    for case in cases().iter().filter(|case| case["stdout"].is_string()) {
        let stream = bytes_of(&case["stdin"]);
        let before = records(|sink| push_items(&stream, sink));
        // Damage is a test only in version 1; the crate `subunit-tests` compares these, too.
        let name = case["name"].as_str().unwrap();
        if ["2to1--corrupt-middle", "2to1--truncated-tail"].contains(&name) {
            continue;
        }
        let survivors = |writer| {
            let lines = written(&stream, writer);
            records(|sink| parse_into(&lines, &[usize::MAX], sink))
        };
        let form = |records: &[TestRecord]| records.iter().map(sayable).collect::<Vec<_>>();
        // A test without a time has that of the line before it, once there was one.
        let timed: Vec<_> = before.iter().map(|test| test.start.or(test.stop).is_some()).collect();
        let survivors = |writer| {
            let mut found: Vec<TestRecord> = survivors(writer);
            for (test, _) in found.iter_mut().zip(&timed).filter(|(_, timed)| !**timed) {
                (test.start, test.stop) = (None, None);
            }
            found
        };
        assert_eq!(form(&survivors(Writer::new(Vec::new()))), form(&before), "{name}");
        // Tradition drops empty files.
        let mut fuller = before;
        fuller.iter_mut().for_each(|test| test.attachments.retain(|file| !file.bytes.is_empty()));
        let traditional = survivors(Writer::traditional(Vec::new()));
        assert_eq!(form(&traditional), form(&fuller), "{name}");
        (streams, tests) = (streams + 1, tests + fuller.len());
    }
    println!("{tests} records of {streams} streams survive");
    assert_eq!(streams, 23);
}

#[test]
fn reads_what_libcheck_writes() {
    let mut summary = Summary::new();
    parse_into(LIBCHECK, &[usize::MAX], &mut summary);
    let counts = summary.counts();
    assert_eq!((counts.success, counts.fail, counts.unfinished), (4, 6, 0));
    let records = records(|sink| parse_into(LIBCHECK, &[usize::MAX], sink));
    let details = &records[5].attachment("traceback").unwrap().bytes;
    assert_eq!(String::from_utf8_lossy(details), "ck.c:10: msg ]]> <&> é \u{1}\n");
    let loops = records.iter().filter(|record| record.test_id == "core:loop");
    let statuses: Vec<_> = loops.filter_map(|record| record.status).collect();
    assert_eq!(
        (records.len(), statuses),
        (10, vec![Status::Success, Status::Fail, Status::Success])
    );
}

fn lines(input: &[u8]) -> Vec<String> {
    let log = parsed(input, &[usize::MAX]);
    assert_eq!(log, parsed(input, &[1]), "cut into bytes");
    log.events.iter().map(line_of).collect()
}

/// An event in short: `a inprogress`, `a file=content`, `text`.
fn line_of(event: &Value) -> String {
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

const LOST: &str = "a traceback=testtools.testresult.real._StringException: \
                    lost connection during test 'a'\n";

#[test]
fn a_test_is_interrupted_by_one_that_ends() {
    let input = b"test: a\nout\ntest: b\nlog\nsuccess: b\ntest: c\nsuccess: c\n";
    let rest = ["b inprogress", "log\n", "b success", "c inprogress", "c success"];
    let expected = [["a inprogress", "out\n", LOST, "a fail"].as_slice(), &rest].concat();
    assert_eq!(lines(input), expected);
    assert_eq!(lines(b"test: a\ntest: b\nsuccess: b\n")[1..3], [LOST, "a fail"]);
}

#[test]
fn output_that_looks_like_a_test_is_output_if_the_test_goes_on() {
    let input = b"test: a\ntesting things\ntest: b\ntest: c\ntags: x\nsuccess: a\n";
    let log = parsed(input, &[usize::MAX]);
    assert_eq!(log.events[2], json!({"test_id": "a", "status": "success", "tags": ["x"]}));
    assert_eq!(line_of(&log.events[1]), "testing things\ntest: b\ntest: c\n");
}

#[test]
fn two_tests_in_a_row_can_be_interrupted() {
    let lines = lines(b"test: a\ntest: b\ntest: c\nsuccess: c\n");
    let ends: Vec<_> = lines.iter().filter(|line| !line.contains('=')).collect();
    let expected =
        ["a inprogress", "a fail", "b inprogress", "b fail", "c inprogress", "c success"];
    assert_eq!(ends, expected.iter().collect::<Vec<_>>());
}

#[test]
fn an_outcome_is_found_behind_unfinished_output() {
    let input = b"test: x\nworking...success: x\ntest: y\n..failure: y [\nboom\n]\n";
    let expected = [
        "x inprogress",
        "working...",
        "x success",
        "y inprogress",
        "..",
        "y traceback=boom\n",
        "y fail",
    ];
    assert_eq!(lines(input), expected);
}

#[test]
fn a_start_behind_unfinished_output_is_found_by_its_end() {
    let input = b"...test: a\nsuccess: a\n...test: b\n";
    assert_eq!(lines(input), ["...test: a\n", "a inprogress", "a success", "...test: b\n"]);
}

#[test]
fn what_the_reference_crashes_on_is_text() {
    assert_eq!(lines(b"time: garbage\ntest: a\nsuccess: a\n")[0], "time: garbage\n");
    assert_eq!(lines(b"progress: many\n"), ["progress: many\n"]);
    assert_eq!(lines(b"uxsuccess: a\n"), ["uxsuccess: a\n"]);
    assert_eq!(
        lines(b"test: \xff\0\nskip: \xff\0\n"),
        ["\u{FFFD}\u{FFFD} inprogress", "\u{FFFD}\u{FFFD} skip"]
    );
}

#[test]
fn a_part_that_is_none_is_text_up_to_the_end_of_the_details() {
    let garbage = b"test a\nfailure a [ multipart\ngarbage\n]\ntest: b\nsuccess: b\n";
    let expected = ["a inprogress", "garbage\n", "a fail", "b inprogress", "b success"];
    assert_eq!(lines(garbage), expected);
    let length = b"test a\nfailure a [ multipart\nContent-Type: a/b\nr\n2\r\nhixyz\n]\n";
    assert_eq!(lines(length), ["a inprogress", "a r=hi", "xyz\n", "a fail"]);
    let unclosed = b"test a\nskip a [ multipart\ngarbage\ntest: b\nsuccess: b\n";
    let expected = ["a fail", "b inprogress", "b success"];
    assert_eq!(lines(unclosed)[3..], expected);
}

#[test]
fn a_chunks_length_may_end_in_a_bare_newline_and_a_type_may_be_none() {
    let input = b"test a\nfailure a [ multipart\nContent-Type: nonsense\nr\n5\nhello0\n]\n";
    assert_eq!(lines(input), ["a inprogress", "a r=hello", "a fail"]);
}

#[test]
fn lines_may_end_in_crlf() {
    let input = b"test: a\r\nfailure: a [\r\nboom\r\n]\r\n";
    assert_eq!(lines(input), ["a inprogress", "a traceback=boom\r\n", "a fail"]);
}

#[test]
fn details_longer_than_any_buffer_come_in_pieces() {
    let content = vec![b'x'; 300_000];
    let mut input = b"test: a\nsuccess: a [ multipart\nContent-Type: text/plain\nf\n".to_vec();
    input.extend_from_slice(format!("{:x}\r\n", content.len()).as_bytes());
    input.extend_from_slice(&content);
    input.extend_from_slice(b"0\r\n]\ntest: b\nsuccess: b [\n");
    input.extend_from_slice(&content);
    input.extend_from_slice(b"]\n]\n");
    let found = records(|sink| parse_into(&input, &[usize::MAX], sink));
    assert!(found == records(|sink| parse_into(&input, &[1000], sink)));
    assert!(found[0].attachment("f").unwrap().bytes == content);
    assert_eq!(found[1].attachment("message").unwrap().bytes.len(), content.len() + 2);
    let most = parsed(&input, &[usize::MAX]).events;
    assert!(
        most.iter().all(|event| event["file_bytes_hex"].as_str().unwrap_or("").len() <= 131_072)
    );
}

#[test]
fn two_hundred_thousand_tests_begun_in_each_other_all_fail_in_linear_time() {
    let mut input = b"test: outer\n".to_vec();
    for n in 0..200_000 {
        input.extend_from_slice(format!("test: t{n}\n").as_bytes());
    }
    let mut summary = Summary::new();
    parse_into(&input, &[1 << 16], &mut summary);
    assert_eq!((summary.counts().fail, summary.counts().unfinished), (200_001, 0));
}

/// What has been pushed of `input` when all of it has come and the end has not.
fn so_far(input: &[u8]) -> Vec<String> {
    let mut log = Log::default();
    let _ = Parser::new().feed(input, &mut log);
    log.events.iter().map(line_of).collect()
}

#[test]
fn lines_are_held_back_no_longer_than_needed() {
    let ended = b"test: a\ntest: b\ntest: c\nsuccess: c\n";
    assert_eq!(so_far(ended), ["a inprogress"]);
    let next = [ended.as_slice(), b"test: d\n"].concat();
    assert_eq!(so_far(&next)[6..], ["c inprogress", "c success", "d inprogress"]);
    let long =
        [b"test: a\ntest: b\n".as_slice(), &[&[b'x'; 10_000][..], b"\n"].concat().repeat(120)]
            .concat();
    assert_eq!(so_far(&long)[2..4], ["a fail", "b inprogress"]);
}

#[test]
fn the_rest_of_an_endless_line_is_no_line() {
    let endless = [b'x'; 256 * 1024];
    let input = [b"test: a\nskip: a [\n", &endless[..], b"]\n]\n", &endless, b"test: b\n"].concat();
    let log = parsed(&input, &[usize::MAX]);
    assert!(log == parsed(&input, &[1000]));
    let last = log.events.last().unwrap()["file_bytes_hex"].as_str().unwrap();
    assert!(last.ends_with(&hex(b"xtest: b\n")));
    let found = records(|sink| parse_into(&input, &[usize::MAX], sink));
    assert_eq!(found.len(), 1);
    assert!(found[0].attachment("reason").unwrap().bytes.ends_with(b"x]\n"));
}

#[test]
fn endless_lines_that_were_held_back_lose_nothing() {
    let mut input =
        b"test: a\ntest: b\nskip: b [ multipart\nContent-Type: a/b\nr\n5\r\nhello".to_vec();
    input.extend_from_slice(&[b'x'; 3 << 19]);
    input.extend_from_slice(b"\n]\n");
    let log = parsed(&input, &[usize::MAX]);
    for cuts in [&[1000][..], &[1 << 18], &[7, 1 << 17]] {
        assert!(log == parsed(&input, cuts), "cut at {cuts:?}");
    }
    let text = log.events.iter().find(|event| event["test_id"].is_null()).unwrap();
    assert_eq!(text["file_bytes_hex"].as_str().unwrap().len(), 2 * ((3 << 19) + 1));
    assert_eq!(line_of(log.events.last().unwrap()), "b skip");
}

/// Only where a line ends behind a test that passed is a cut stream a whole one.
#[test]
fn a_stream_that_is_cut_between_tests_is_no_success() {
    let stream = b"time: 2024-01-02 03:04:05Z\ntest: a\nsuccess: a\ntags: x\ntest: b\nsuccess: b\n";
    let second = stream.windows(6).rposition(|word| word == b"test: ").unwrap();
    let ends = [second - 8, second, stream.len()];
    for cut in 1..=stream.len() {
        let mut summary = Summary::new();
        parse_into(&stream[..cut], &[usize::MAX], &mut summary);
        let green = summary.counts().verdict() == subunit_core::sink::Verdict::Passed;
        assert_eq!(green, ends.contains(&cut), "cut at {cut}");
    }
}

#[test]
fn a_sink_that_asks_to_stop_is_heard_and_gets_the_rest() {
    let mut fast = FailFast::new(Log::default());
    let mut parser = Parser::new();
    assert!(parser.feed(b"test: a\n", &mut fast).is_continue());
    assert!(parser.feed(b"failure: a\ntest: b\nsuccess: b\n", &mut fast).is_break());
    assert!(parser.finish(&mut fast).is_continue());
    assert_eq!(fast.into_inner().events.len(), 4);
}

#[test]
fn damage_says_where_the_torn_chunk_is() {
    /// Keeps where the damage began, and its bytes.
    struct Torn(Vec<(u64, Vec<u8>)>);
    impl Sink for Torn {
        fn event(&mut self, _: &Event<'_>) -> Flow {
            Flow::Continue(())
        }

        fn damage(&mut self, damage: &Damage<'_>) -> Flow {
            self.0.push((damage.offset, damage.bytes.to_vec()));
            Flow::Continue(())
        }
    }
    let input = b"test: a\nerror: a [ multipart\nContent-Type: a/b\nr\n2\r\nok5\r\nhel";
    let mut torn = Torn(Vec::new());
    parse_into(input, &[1], &mut torn);
    assert_eq!(torn.0, [(input.len() as u64 - 3, b"hel".to_vec())]);
    assert_eq!(lines(input)[1], "a r=ok");
}

/// Lines that mean something, in pieces that may be put together.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let words = prop::sample::select(vec![
        "test: a\n",
        "test: b\n",
        "test a\n",
        "success: a\n",
        "success: b\n",
        "failure: a [\n",
        "error: b [\n",
        "]\n",
        " ]\n",
        "skip: a [ multipart\n",
        "Content-Type: text/plain\n",
        "log\n",
        "5\r\n",
        "hello",
        "0\r\n",
        "A\r\n",
        "time: 2024-01-02 03:04:05Z\n",
        "tags: x -y\n",
        "tags: y\n",
        "progress: push\n",
        "...",
        "\r\n",
        "text\n",
    ]);
    prop_oneof![
        12 => words.prop_map(|line| line.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..12),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_same_events_however_cut(
        lines in prop::collection::vec(line(), 0..40),
        cuts in prop::collection::vec(1_usize..40, 1..8),
    ) {
        let input = lines.concat();
        let whole = parsed(&input, &[usize::MAX]);
        prop_assert_eq!(&whole, &parsed(&input, &[1]));
        prop_assert_eq!(&whole, &parsed(&input, &cuts));
    }

    #[test]
    fn every_test_that_begins_ends(lines in prop::collection::vec(line(), 0..40)) {
        let mut summary = Summary::new();
        parse_into(&lines.concat(), &[usize::MAX], &mut summary);
        prop_assert_eq!(summary.counts().unfinished, 0);
    }

    #[test]
    fn bytes_that_say_nothing_are_all_text(input in prop::collection::vec(any::<u8>(), 0..200)) {
        let log = parsed(&input, &[usize::MAX]);
        let text: String = log.events.iter().map(|event| event["file_bytes_hex"].as_str().unwrap()).collect();
        prop_assert_eq!(text, hex(&input));
    }

    #[test]
    fn any_record_survives(
        id in "[a-z.\\[ ]{0,6}[a-z]",
        tags in prop::collection::btree_set("[a-z]{1,3}", 0..4),
        content in prop::collection::vec(any::<u8>(), 0..300),
        time in (any::<u32>(), 0..1_000_000_000_u32),
    ) {
        let tags = tags.iter().map(String::as_str).collect::<subunit_core::TagsBuf>();
        let event = Event {
            tags: Some(tags.as_tags()),
            timestamp: Some(Timestamp::new(time.0, time.1)),
            file: Some(subunit_core::FileChunk { name: "log", bytes: &content }),
            eof: true,
            ..Event::status(&id, Status::ExpectedFailure)
        };
        let push = |sink: &mut dyn Sink| {
            let _ = sink.event(&event);
            sink.finish();
        };
        let mut writer = Writer::new(Vec::new());
        push(&mut writer);
        let lines = writer.into_inner().unwrap();
        let after = records(|sink| parse_into(&lines, &[usize::MAX], sink));
        let before = records(push);
        prop_assert_eq!(after.len(), 1);
        prop_assert_eq!(sayable(&before[0]), sayable(&after[0]));
        prop_assert_eq!((after[0].start, after[0].stop), (before[0].start, before[0].stop));
    }
}

#[test]
fn a_test_with_a_name_longer_than_a_line_may_be_is_red() {
    let name = "n".repeat(300 * 1024);
    for before in ["test: a\nsuccess: a\n", "test: a\n"] {
        let after = if before.contains("success") { "" } else { "success: a\n" };
        let input = format!("{before}test: {name}\nfailure: {name}\n{after}");
        for cut in [input.len(), 1000] {
            let mut summary = Summary::new();
            parse_into(input.as_bytes(), &[cut], &mut summary);
            let counts = summary.counts();
            assert_eq!((counts.success, counts.fail, counts.unfinished), (1, 1, 0), "{before}");
        }
    }
}
