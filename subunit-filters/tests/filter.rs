//! `subunit filter`: what it keeps, and that it keeps it byte for byte.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod command_support;

use proptest::prelude::*;
use subunit_core::{
    Event, FileChunk, Item, RouteCode, Status, TagsBuf, Timestamp, items,
    sink::{Sink, Summary},
};
use subunit_filters::{commands::VERBS, exit::Exit};

/// Runs a verb on a stream: its exit status, and what it wrote to standard output.
fn run(words: &[&str], stdin: &[u8]) -> (Exit, Vec<u8>) {
    let (exit, stdout, _) = command_support::run(VERBS, words, stdin, usize::MAX);
    (exit, stdout)
}

fn filtered(words: &[&str], stream: &[u8]) -> Vec<u8> {
    let (exit, stdout) = run(&[&["filter"], words].concat(), stream);
    assert_eq!(exit, Exit::Passed);
    stdout
}

/// Ids and statuses of the tests that ended in a stream, in their order.
fn ended(stream: &[u8]) -> Vec<String> {
    let packets = items(stream).filter_map(|item| match item {
        Item::Packet(packet) => Some(packet),
        _ => None,
    });
    packets
        .filter_map(|packet| {
            let event = packet.event();
            let status = event.status.filter(|status| *status != Status::InProgress)?;
            Some(format!("{} {}", event.test_id?, status.name()))
        })
        .collect()
}

/// A test that starts, writes a file, and ends after some seconds.
fn push_test(
    stream: &mut Vec<u8>,
    id: &str,
    status: Status,
    tag: &str,
    route: Option<&str>,
    seconds: u32,
) {
    let tags: TagsBuf = [tag].into_iter().filter(|tag| !tag.is_empty()).collect();
    let route_code = route.map(RouteCode::new);
    let at = |second| Some(Timestamp::new(1_700_000_000 + second, 0));
    let about = Event { test_id: Some(id), route_code, ..Event::default() };
    let events = [
        Event { status: Some(Status::InProgress), timestamp: at(0), ..about },
        Event { file: Some(FileChunk { name: "log", bytes: b"x" }), eof: true, ..about },
        Event {
            status: Some(status),
            timestamp: at(seconds),
            tags: (!tag.is_empty()).then(|| tags.as_tags()),
            ..about
        },
    ];
    events.iter().for_each(|event| event.encode(stream).unwrap());
}

fn example() -> Vec<u8> {
    let mut stream = b"text\n".to_vec();
    push_test(&mut stream, "net.get", Status::Success, "quick", Some("0"), 1);
    push_test(&mut stream, "net.put", Status::Fail, "slow", Some("0/1"), 9);
    push_test(&mut stream, "disk.read", Status::Skip, "quick", Some("01"), 0);
    push_test(&mut stream, "disk.write", Status::UnexpectedSuccess, "", None, 3);
    stream
}

#[test]
fn kinds_of_options_combine_with_and_and_options_of_one_kind_with_or() {
    for (words, expected) in [
        (&["--status", "fail,uxsuccess"][..], &["net.put fail", "disk.write uxsuccess"][..]),
        (&["--status", "fail", "--status", "skip"], &["net.put fail", "disk.read skip"]),
        (&["--not-status", "success,skip"], &["net.put fail", "disk.write uxsuccess"]),
        (
            &["--id", "^net", "--id", "write$"],
            &["net.get success", "net.put fail", "disk.write uxsuccess"],
        ),
        (&["--id", "^net", "--not-id", "put"], &["net.get success"]),
        (&["--id", "^net", "--status", "fail"], &["net.put fail"]),
        (
            &["--tag", "quick", "--tag", "slow"],
            &["net.get success", "net.put fail", "disk.read skip"],
        ),
        (&["--not-tag", "quick"], &["net.put fail", "disk.write uxsuccess"]),
        (&["--route", "0"], &["net.get success", "net.put fail"]),
        (&["--route", "0", "--not-route", "0/1"], &["net.get success"]),
        (&["--slower", "1s"], &["net.put fail", "disk.write uxsuccess"]),
        (&["--slower", "1s", "--slower", "5000ms"], &["net.put fail"]),
        (
            &["--invert", "--id", "^net", "--tag", "quick"],
            &["net.put fail", "disk.read skip", "disk.write uxsuccess"],
        ),
        (&["--invert", "--no-invert", "--status", "skip"], &["disk.read skip"]),
    ] {
        let kept = filtered(words, &example());
        assert_eq!(ended(&kept), expected, "{words:?}");
        assert!(kept.starts_with(b"text\n"), "{words:?}");
    }
}

#[test]
fn ids_and_statuses_change_first() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("known");
    std::fs::write(&list, "# known\nweb.put  # flaky\nweb.get\n").unwrap();
    let list = list.to_str().unwrap();
    let words = ["--rename", "^net", "web", "--known-failures", list, "--status", "xfail"];
    assert_eq!(ended(&filtered(&words, &example())), ["web.put xfail"]);
    let words = ["--rename", r"(\w+)\.(\w+)", r"\2.\1", "--known-failures", list];
    let expected = ["get.net success", "put.net fail", "read.disk skip", "write.disk uxsuccess"];
    assert_eq!(ended(&filtered(&words, &example())), expected);
    let words = ["--rename", "^net", "web", "--load-list", list];
    let kept = filtered(&words, &example());
    assert_eq!(ended(&kept), ["web.get success", "web.put fail"]);
    assert_eq!(items(&kept).count(), 7, "the text, and all three packets of both tests");
}

#[test]
fn tests_that_never_end_are_in_progress() {
    let mut stream = example();
    Event::status("hung", Status::InProgress).encode(&mut stream).unwrap();
    Event::status("listed", Status::Exists).encode(&mut stream).unwrap();
    let mut summary = Summary::new();
    let kept = filtered(&["--status", "inprogress"], &stream);
    for item in items(&kept) {
        summary.item(&item);
    }
    assert_eq!((summary.counts().unfinished, summary.counts().tests()), (1, 0));
    assert_eq!(ended(&filtered(&["--status", "exists"], &stream)), ["listed exists"]);
}

#[test]
fn damage_stays_where_text_goes() {
    let mut stream = Vec::new();
    Event::status("a", Status::Success).encode(&mut stream).unwrap();
    assert_eq!(run(&["stats"], &stream).0, Exit::Passed);
    stream.extend_from_slice(b"\n\xb3\x29\x01\x0c\x03foo\x08\x55\x5f\x00");
    for words in [&["--tests-only"][..], &["--no-text"], &["--status", "success"]] {
        let (exit, _) = run(&["stats"], &filtered(words, &stream));
        assert_eq!(exit, Exit::Failed, "{words:?}");
    }
    assert!(filtered(&["--tests-only"], &example()).starts_with(b"\xb3"));
}

fn event_bytes() -> impl Strategy<Value = Vec<u8>> {
    let status = prop::sample::select(&[
        None,
        Some(Status::Exists),
        Some(Status::InProgress),
        Some(Status::Success),
        Some(Status::Fail),
        Some(Status::Skip),
    ]);
    let id = prop::sample::select(&[None, Some("a"), Some("b"), Some("c")]);
    let route = prop::sample::select(&[None, Some("0")]);
    let tag = prop::sample::select(&["x", "y"]);
    (status, id, route, tag).prop_map(|(status, test_id, route, tag)| {
        let tags: TagsBuf = [tag].into_iter().collect();
        let event = Event {
            status,
            test_id,
            tags: Some(tags.as_tags()),
            route_code: route.map(RouteCode::new),
            ..Event::default()
        };
        let mut bytes = Vec::new();
        event.encode(&mut bytes).unwrap();
        bytes
    })
}

fn packets(stream: &[u8]) -> Vec<&[u8]> {
    let mut packets: Vec<_> = items(stream).map(|item| item.bytes()).collect();
    packets.sort_unstable();
    packets
}

const CHOICES: &[&[&str]] = &[
    &["--status", "success"],
    &["--not-status", "inprogress,fail"],
    &["--tag", "x", "--id", "a|b"],
    &["--not-id", "a", "--route", "0", "--not-tag", "y"],
    &["--slower", "1s"],
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_keeps_all_changes_no_byte(
        pieces in prop::collection::vec(
            prop_oneof![event_bytes(), prop::collection::vec(any::<u8>(), 0..20)],
            0..20,
        ),
    ) {
        let stream = pieces.concat();
        for words in [&[][..], &["--id", ""], &["--rename", "zzz", "y"]] {
            // Without this, some of the bytes may be another format.
            let words = [&["--from", "subunit"], words].concat();
            prop_assert_eq!(filtered(&words, &stream), stream.clone());
        }
    }

    #[test]
    fn what_is_kept_and_what_is_kept_inverted_are_all(
        pieces in prop::collection::vec(event_bytes(), 0..30),
        words in prop::sample::select(CHOICES),
    ) {
        let stream = pieces.concat();
        let words = [&["--tests-only"], words].concat();
        let kept = filtered(&words, &stream);
        let others = filtered(&[&["--invert"], &words[..]].concat(), &stream);
        let of_tests = filtered(&["--tests-only"], &stream);
        let both = [kept, others].concat();
        prop_assert_eq!(packets(&both), packets(&of_tests));
    }
}
