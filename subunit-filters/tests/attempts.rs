//! Attempts at a test stay one result through all verbs that pass streams on, and filters keep them together.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod command_support;

use std::process::Command;

use serde_json::Value;
use subunit_core::{Event, Item, RouteCode, Status, TagsBuf, items};
use subunit_filters::{
    commands::{TOOLS, VERBS},
    exit::Exit,
};

/// A test that failed on one worker and passed on another, one that failed twice, one that passed at once.
fn tried() -> Vec<u8> {
    let mut stream = Vec::new();
    for (route, test_id, tag, status) in [
        ("0", "flaky", "attempt-1", Status::Fail),
        ("1", "red", "attempt-1", Status::Fail),
        ("1", "flaky", "attempt-2", Status::Success),
        ("0", "green", "attempt-1", Status::Success),
        ("0", "red", "attempt-2", Status::Fail),
    ] {
        for status in [Status::InProgress, status] {
            let tags: TagsBuf = [tag].into_iter().collect();
            let (route_code, tags) = (Some(RouteCode::new(route)), Some(tags.as_tags()));
            let event = Event { route_code, tags, ..Event::status(test_id, status) };
            event.encode(&mut stream).unwrap();
        }
    }
    stream
}

fn run(words: &[&str], stdin: &[u8]) -> Vec<u8> {
    let (exit, stdout, stderr) = command_support::run(VERBS, words, stdin, usize::MAX);
    assert!(exit != Exit::Broken, "{words:?}: {}", String::from_utf8_lossy(&stderr));
    stdout
}

/// How many tests, failures and flaky tests there are.
fn counts(stream: &[u8]) -> [u64; 3] {
    let json: Value = serde_json::from_slice(&run(&["stats", "--json"], stream)).unwrap();
    ["tests", "fail", "flaky"].map(|name| json[name].as_u64().unwrap())
}

/// The ids and tags of final events, in their order.
fn ends(stream: &[u8]) -> Vec<String> {
    let end = |item: Item<'_>| {
        let Item::Packet(packet) = item else { panic!("{item:?}") };
        let event = packet.event();
        let status = event.status.filter(|status| status.is_final())?;
        let tags: Vec<&str> = event.tags.into_iter().flatten().collect();
        Some(format!("{} {} {status}", event.test_id.unwrap(), tags.join(" ")))
    };
    items(stream).filter_map(end).collect()
}

#[test]
fn attempts_are_one_result_after_any_verb() {
    let stream = tried();
    assert_eq!(counts(&stream), [3, 1, 1]);
    for words in [
        &["cat"][..],
        &["filter", "--not-id", "nothing"],
        &["filter", "--status", "success,fail"],
        &["tags", "--add", "more"],
        &["rename", "^", "a."],
        &["merge"],
    ] {
        assert_eq!(counts(&run(words, &stream)), [3, 1, 1], "{words:?}");
    }
    let lines = run(&["to-jsonl"], &stream);
    assert_eq!(counts(&run(&["from-jsonl"], &lines)), [3, 1, 1]);
    let (_, version_1, _) = command_support::run(TOOLS, &["subunit-2to1"], &stream, usize::MAX);
    assert_eq!(counts(&version_1), [3, 1, 1], "version 1 has no routes, and keeps the tags");
}

#[test]
fn a_filter_keeps_all_attempts_or_none() {
    let stream = tried();
    for (words, expected) in [
        (&["--status", "fail"][..], &["red attempt-1 fail", "red attempt-2 fail"][..]),
        (
            &["--status", "success"],
            &["flaky attempt-1 fail", "flaky attempt-2 success", "green attempt-1 success"],
        ),
        (&["--not-status", "success"], &["red attempt-1 fail", "red attempt-2 fail"]),
        (&["--invert", "--status", "success"], &["red attempt-1 fail", "red attempt-2 fail"]),
    ] {
        let kept = run(&[&["filter"], words].concat(), &stream);
        assert_eq!(ends(&kept), expected, "{words:?}");
    }
}

#[test]
fn a_known_failure_is_what_the_last_attempt_came_to() {
    let list = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(list.path(), "red\nflaky\n").unwrap();
    let known = run(&["known-failures", list.path().to_str().unwrap()], &tried());
    let expected = [
        "flaky attempt-1 fail",
        "flaky attempt-2 success",
        "green attempt-1 success",
        "red attempt-1 fail",
        "red attempt-2 xfail",
    ];
    let mut ends = ends(&known);
    ends.sort();
    assert_eq!(ends, expected);
    assert_eq!(counts(&known), [3, 0, 1]);
}

#[test]
fn the_tags_of_attempts_are_not_to_choose_by() {
    for words in [
        &["filter", "--tag", "attempt-2"][..],
        &["filter", "--not-tag", "attempt-1"],
        &["tags", "--remove", "attempt-1"],
        &["tags", "--remove", "attempt-*"],
    ] {
        let subunit = Command::new(env!("CARGO_BIN_EXE_subunit")).args(words).output().unwrap();
        let stderr = String::from_utf8_lossy(&subunit.stderr);
        assert_eq!(subunit.status.code(), Some(2), "{words:?}");
        assert!(stderr.contains("they stay together"), "{stderr}");
    }
}
