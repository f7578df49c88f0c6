//! Attempts at a test stay one result through all verbs that pass streams on, and filters keep them together.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod command_support;

use std::process::Command;

use serde_json::Value;
use subunit_core::{Event, Item, RouteCode, Status, TagsBuf, Timestamp, items};
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

/// Twenty tests, one of which fails, one is skipped and one fails at first; `of` workers, of which this is the `nth`.
fn worker(nth: usize, of: usize) -> Vec<u8> {
    let mut stream = Vec::new();
    let mut say = |at: usize, tag: Option<&str>, status: Status| {
        let tags: TagsBuf = tag.into_iter().collect();
        let (tags, test_id) = (tag.map(|_| tags.as_tags()), format!("pkg.test_{at}"));
        for (seconds, status) in [(0, Status::InProgress), (1, status)] {
            let start = 4 * at as u32 + if tag == Some("attempt-2") { 2 } else { 0 };
            let timestamp = Some(Timestamp::new(1_700_000_000 + start + seconds, 0));
            Event { timestamp, tags, ..Event::status(&test_id, status) }
                .encode(&mut stream)
                .unwrap();
        }
    };
    for at in 0..20 {
        // A test that failed is tried again by the next worker.
        let [first, second] = [at, at + 1].map(|at| at % of == nth);
        match at {
            5 => {
                let attempts =
                    [(first, "attempt-1", Status::Fail), (second, "attempt-2", Status::Success)];
                for (_, tag, status) in attempts.into_iter().filter(|(runs, ..)| *runs) {
                    say(at, Some(tag), status);
                }
            }
            7 if first => say(at, None, Status::Fail),
            8 if first => say(at, None, Status::Skip),
            _ if first => say(at, None, Status::Success),
            _ => {}
        }
    }
    stream
}

/// What a report says, without times.
fn timeless(report: &[u8]) -> Vec<String> {
    let report = String::from_utf8_lossy(report);
    let words = report.split_inclusive(['<', ' ']);
    let mut words: Vec<String> =
        words.filter(|word| !word.contains("time")).map(str::to_owned).collect();
    words.sort();
    words
}

#[test]
fn however_many_workers_ran_them_the_results_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let subunit = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_subunit"));
        command.args(words).current_dir(folder.path()).output().unwrap()
    };
    for workers in [1, 2, 5] {
        let mut words = vec!["merge".to_owned()];
        for nth in 0..workers {
            let name = format!("{workers}-{nth}");
            std::fs::write(folder.path().join(&name), worker(nth, workers)).unwrap();
            words.push(name);
        }
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let run = subunit(&words);
        assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stderr));
        std::fs::write(folder.path().join(workers.to_string()), run.stdout).unwrap();
    }
    let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    for parallel in ["2", "5"] {
        assert_eq!(counts(&read(parallel)), [20, 1, 1]);
        let diff = subunit(&["diff", "1", parallel]);
        let said = String::from_utf8_lossy(&diff.stdout);
        assert_eq!(said, "1 still failing, 19 unchanged\n", "{parallel}");
        let [serial, parallel] = ["1", parallel].map(|run| run_report(&read(run)));
        assert_eq!(serial, parallel);
    }
}

fn run_report(stream: &[u8]) -> Vec<String> {
    timeless(&run(&["to-junit"], stream))
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
        assert!(stderr.contains("which stay together"), "{stderr}");
    }
}
