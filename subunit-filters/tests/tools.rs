//! What holds for the traditional tools on every input.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod command_support;

use std::collections::HashSet;

use proptest::prelude::*;
use subunit_core::{
    Event, FileChunk, Item, RouteCode, Status, TagsBuf, Timestamp, items,
    sink::{Records, TestRecord},
};
use subunit_filters::{commands::TOOLS, exit::Exit};

/// Runs a tool on a stream that comes in pieces: exit status, standard output and standard error.
fn run(words: &[&str], stdin: &[u8], most: usize) -> (Exit, Vec<u8>, Vec<u8>) {
    command_support::run(TOOLS, words, stdin, most)
}

fn piece() -> impl Strategy<Value = Vec<u8>> {
    let mut statuses = vec![None];
    statuses.extend(Status::ALL.map(Some));
    let id = prop::sample::select(vec![None, Some("a.b"), Some("c d\n"), Some(""), Some("../é")]);
    let file = prop::sample::select(vec![None, Some("traceback"), Some("reason"), Some("a/b")]);
    let mime = prop::sample::select(vec![
        None,
        Some("text/plain"),
        Some("text/plain;charset=utf8"),
        Some("text/x; charset=nope, a=b"),
        Some("nonsense"),
        Some("image/png"),
    ]);
    let content = prop::collection::vec(any::<u8>(), 0..6);
    let route = prop::sample::select(vec![None, Some("0"), Some("0/1")]);
    let status = prop::sample::select(statuses);
    let packet = (status, id, file, mime, content, route, 0..4u32, any::<bool>()).prop_map(
        |(status, test_id, file, mime_type, content, route, second, eof)| {
            let tags: TagsBuf = ["x", "y"].into_iter().take(second as usize).collect();
            let event = Event {
                status,
                test_id,
                timestamp: (second > 0).then(|| Timestamp::new(second, 1_500)),
                tags: (second > 1).then(|| tags.as_tags()),
                runnable: second != 2,
                file: file.map(|name| FileChunk { name, bytes: &content }),
                mime_type,
                eof,
                route_code: route.map(RouteCode::new),
            };
            let mut bytes = Vec::new();
            event.encode(&mut bytes).unwrap();
            bytes
        },
    );
    let cut = (packet.clone(), any::<prop::sample::Index>()).prop_map(|(mut packet, at)| {
        packet.truncate(at.index(packet.len()));
        packet
    });
    let lines = prop::sample::select(vec![
        &b"test: a\n"[..],
        b"success: a\n",
        b"failure: a [\n",
        b"ok 1 - b\n",
        b"not ok 2 # TODO\n",
        b"1..3\n",
        b"{\"Action\":\"fail\",\"Test\":\"T\",\"Package\":\"p\"}\n",
        b"<testsuite><testcase name='a'>",
    ]);
    prop_oneof![
        4 => packet,
        1 => cut,
        1 => lines.prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 0..12),
    ]
}

/// Reports, of which every byte counts.
const REPORTS: &[&[&str]] = &[
    &["subunit-ls", "--exists", "--times"],
    &["subunit-stats"],
    &["subunit2csv", "--no-passthrough"],
    &["subunit2junitxml", "--no-passthrough"],
    &["subunit2pyunit"],
    &["subunit-2to1"],
];

/// Tools that write streams, of which text may be cut anywhere.
const STREAMS: &[&[&str]] = &[
    &["subunit-filter", "-s", "--xfail"],
    &["subunit-filter", "-m", "b|reason", "--rename", "a", "z"],
    &["subunit-tags", "x", "-y"],
    &["subunit-1to2"],
    &["subunit-stats", "-f"],
    &["tap2subunit"],
    &["gojson2subunit"],
    &["junitxml2subunit", "-"],
];

/// Filters that change nothing of what they keep.
const FILTERS: &[&[&str]] = &[&["subunit-filter"], &["subunit-filter", "-s", "--xfail", "-m", "b"]];

/// What a stream says of tests, and the content of no test.
fn said(stream: &[u8]) -> (Vec<TestRecord>, Vec<u8>) {
    let (mut records, mut ended, mut loose) = (Records::default(), Vec::new(), Vec::new());
    for item in items(stream) {
        match item {
            Item::Packet(packet) => {
                let event = packet.event();
                if let (None, Some(file)) = (event.test_id, event.file) {
                    loose.extend_from_slice(file.bytes);
                }
                ended.extend(records.note(event));
            }
            Item::Text(bytes) => loose.extend_from_slice(bytes),
            Item::Damage(damage) => loose.extend_from_slice(damage.bytes),
        }
    }
    ended.extend(records.take_open());
    // Where the input has none, subunit-1to2 gives the time of now.
    let now = 1_000_000_000;
    for record in &mut ended {
        record.start = record.start.filter(|time| time.seconds() < now);
        record.stop = record.stop.filter(|time| time.seconds() < now);
    }
    (ended, loose)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn results_do_not_depend_on_how_the_input_is_cut(
        pieces in prop::collection::vec(piece(), 0..16),
        most in 1..40usize,
        report in prop::sample::select(REPORTS),
        stream in prop::sample::select(STREAMS),
    ) {
        // A test with a time, so that no report needs the time of now.
        let timestamp = Some(Timestamp::new(1, 0));
        let first = Event { timestamp, ..Event::status("first", Status::Success) };
        let mut input = Vec::new();
        first.encode(&mut input).unwrap();
        input.extend(pieces.concat());
        let (exit, stdout, _) = run(report, &input, usize::MAX);
        let cut = run(report, &input, most);
        let shown = |bytes: &[u8]| bytes.escape_ascii().to_string();
        prop_assert_eq!((exit, shown(&stdout)), (cut.0, shown(&cut.1)), "{:?}", report);
        let (exit, stdout, _) = run(stream, &input, usize::MAX);
        let cut = run(stream, &input, most);
        prop_assert_eq!((exit, said(&stdout)), (cut.0, said(&cut.1)), "{:?}", stream);
    }

    #[test]
    fn tagging_loses_no_record_and_no_text(
        pieces in prop::collection::vec(piece(), 0..16),
    ) {
        let input: Vec<u8> = pieces.concat();
        let whole = items(&input).all(|item| !matches!(item, Item::Damage(_)));
        let (_, tagged, _) = run(&["subunit-tags"], &input, usize::MAX);
        if whole {
            prop_assert_eq!(said(&tagged), said(&input));
        }
    }

    #[test]
    fn what_a_filter_keeps_it_keeps_byte_for_byte(
        pieces in prop::collection::vec(piece(), 0..16),
        words in prop::sample::select(FILTERS),
    ) {
        let input: Vec<u8> = pieces.concat();
        let came: HashSet<&[u8]> = items(&input).map(|item| item.bytes()).collect();
        let (_, kept, _) = run(words, &input, usize::MAX);
        for item in items(&kept) {
            let Item::Packet(packet) = item else { panic!("text is packets now") };
            let event = packet.event();
            // Damage becomes a test, and tests that never ended get an end.
            let new = event.test_id == Some("subunit.parser") || event.status == Some(Status::Fail);
            if event.test_id.is_some() && !new {
                prop_assert!(came.contains(packet.bytes()), "{:?}", event);
            }
        }
    }
}
