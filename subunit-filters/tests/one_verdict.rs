//! One run, one verdict: each report of a stream counts what `stats` counts, and all exit alike.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod command_support;

use serde_json::Value;
use subunit_core::{Event, FileChunk, RouteCode, Status, TagsBuf};
use subunit_filters::{commands::VERBS, exit::Exit};

/// Where, what, how it ended, and how: `1` and so on is the attempt, `-` stands for what cannot be run by itself.
type Said = (&'static str, &'static str, Option<Status>, &'static str);

const PASS: Option<Status> = Some(Status::Success);
const FAIL: Option<Status> = Some(Status::Fail);
const UXSUCCESS: Option<Status> = Some(Status::UnexpectedSuccess);

fn stream(said: &[Said]) -> Vec<u8> {
    let mut stream = Vec::new();
    for (route, test_id, status, how) in said {
        let tag = match *how {
            "xpass" => "xpass".to_owned(),
            number => format!("attempt-{number}"),
        };
        let has_tag = !matches!(*how, "" | "-");
        let tags: TagsBuf = [tag.as_str()].into_iter().filter(|_| has_tag).collect();
        let event = Event {
            test_id: (!test_id.is_empty()).then_some(test_id),
            tags: has_tag.then(|| tags.as_tags()),
            route_code: (!route.is_empty()).then(|| RouteCode::new(route)),
            runnable: *how != "-",
            ..Event::default()
        };
        match status {
            Some(_) if event.test_id.is_some() => {
                for status in [Some(Status::InProgress), *status] {
                    Event { status, ..event }.encode(&mut stream).unwrap();
                }
            }
            Some(_) => Event { status: *status, ..event }.encode(&mut stream).unwrap(),
            None => {
                let file = Some(FileChunk { name: "stdout", bytes: b"printed\n" });
                let mime_type = Some("text/plain");
                Event { file, mime_type, eof: true, ..event }.encode(&mut stream).unwrap();
            }
        }
    }
    stream
}

fn run(words: &[&str], stdin: &[u8]) -> (Exit, String) {
    let (exit, stdout, _) = command_support::run(VERBS, words, stdin, usize::MAX);
    (exit, String::from_utf8(stdout).unwrap())
}

/// What a run came to, as far as every format can say it.
#[derive(Debug, Eq, PartialEq)]
struct Figures {
    exit: Exit,
    results: u64,
    /// Failed, passed unexpectedly, or never ended.
    red: u64,
    flaky: u64,
}

fn stats(stream: &[u8]) -> Figures {
    let (exit, json) = run(&["stats", "--json"], stream);
    let json: Value = serde_json::from_str(&json).unwrap();
    let sum = |names: &[&str]| names.iter().map(|name| json[name].as_u64().unwrap()).sum();
    let red = sum(&["fail", "uxsuccess", "unfinished"]);
    let others: u64 = sum(&["success", "skip", "xfail"]);
    Figures { exit, results: others + red, red, flaky: sum(&["flaky"]) }
}

/// The reports that are read back, and how much each can say of flaky tests.
const READ_BACK: [(&str, &str, bool); 4] = [
    ("to-junit", "junit", true),
    ("to-ctrf", "ctrf", true),
    ("to-tap", "tap", false),
    ("to-teamcity", "teamcity", true),
];

const STREAMS: [(&str, &[Said]); 19] = [
    ("a test that passed", &[("", "a", PASS, "")]),
    ("a test that failed", &[("", "a", FAIL, "")]),
    ("failed, and a retry passed", &[("", "a", FAIL, "1"), ("", "a", PASS, "2")]),
    (
        "failed, and a retry on another worker passed",
        &[("0", "a", FAIL, "1"), ("1", "a", PASS, "2")],
    ),
    ("failed, and a retry failed", &[("", "a", FAIL, "1"), ("", "a", FAIL, "2")]),
    ("failed in a first attempt", &[("", "a", FAIL, "1"), ("", "b", PASS, "")]),
    ("failed, and passed without a mark", &[("", "a", FAIL, ""), ("", "a", PASS, "")]),
    ("passed, and failed", &[("", "a", PASS, ""), ("", "a", FAIL, "")]),
    ("two browsers", &[("chrome", "a", FAIL, ""), ("firefox", "a", PASS, "")]),
    ("passed unexpectedly", &[("", "a", UXSUCCESS, "")]),
    ("passed unexpectedly, and is not to fail", &[("", "a", PASS, "xpass")]),
    ("never ended", &[("", "a", Some(Status::InProgress), ""), ("", "b", PASS, "")]),
    ("output of no test", &[("", "", None, ""), ("", "a", PASS, "")]),
    ("a suite that failed", &[("", "suite", FAIL, "-"), ("", "a", PASS, "")]),
    (
        "a layer on two workers",
        &[("0", "L", PASS, "-"), ("1", "L", PASS, "-"), ("0", "a", PASS, "")],
    ),
    (
        "a failed layer on two workers",
        &[("0", "L", PASS, "-"), ("1", "L", FAIL, "-"), ("0", "a", PASS, "")],
    ),
    ("points", &[("", "p", PASS, "-"), ("", "p", FAIL, "-")]),
    ("a status without an id", &[("", "", PASS, ""), ("", "a", PASS, "")]),
    ("a failure without an id", &[("", "", FAIL, ""), ("", "a", PASS, "")]),
];

#[test]
fn reports_that_are_read_back_count_alike() {
    for (name, said) in STREAMS {
        let stream = stream(said);
        let expected = stats(&stream);
        for (verb, _, tells_flaky) in READ_BACK {
            let (exit, report) = run(&[verb], &stream);
            assert_eq!(exit, expected.exit, "{verb}: {name}");
            let mut read = stats(report.as_bytes());
            if verb == "to-teamcity" && name.contains("layer on") {
                // Its messages are live, so a layer is told of twice; TeamCity counts what has one name once.
                read.results -= 1;
            }
            let flaky = if tells_flaky { expected.flaky } else { 0 };
            let Figures { exit, results, red, .. } = expected;
            assert_eq!(read, Figures { exit, results, red, flaky }, "{verb}: {name}\n{report}");
        }
    }
}

#[test]
fn reports_for_people_say_the_verdict_and_exit_with_it() {
    for (name, said) in STREAMS {
        let stream = stream(said);
        let expected = stats(&stream);
        let word = if expected.exit == Exit::Passed { "PASSED" } else { "FAILED" };
        for verb in ["to-html", "to-markdown", "watch", "stats"] {
            let (exit, report) = run(&[verb], &stream);
            assert_eq!(exit, expected.exit, "{verb}: {name}");
            assert!(report.contains(word), "{verb}: {name}\n{report}");
        }
        let (exit, annotations) = run(&["to-github"], &stream);
        assert_eq!(exit, expected.exit, "to-github: {name}");
        assert_eq!(annotations.contains("::error"), expected.red > 0, "{name}\n{annotations}");
    }
}

#[test]
fn a_table_has_a_row_for_each_result() {
    for (name, said) in STREAMS {
        let stream = stream(said);
        let expected = stats(&stream);
        let (exit, table) = run(&["to-csv"], &stream);
        assert_eq!(exit, expected.exit, "{name}");
        let rows = table.lines().skip(1).count() as u64;
        assert_eq!(rows, expected.results, "{name}\n{table}");
    }
}

#[test]
fn a_run_beside_itself_and_beside_a_green_one() {
    let folder = tempfile::tempdir().unwrap();
    let [old, new] = ["old", "new"].map(|name| folder.path().join(name));
    for (name, said) in STREAMS {
        std::fs::write(&new, stream(said)).unwrap();
        let diff = |old: &std::path::Path| {
            run(&["diff", old.to_str().unwrap(), new.to_str().unwrap()], b"")
        };
        assert_eq!(diff(&new).0, Exit::Passed, "{name}");
        let green: Vec<Said> =
            said.iter().map(|(route, id, status, _)| (*route, *id, status.and(PASS), "")).collect();
        std::fs::write(&old, stream(&green)).unwrap();
        let (exit, changes) = diff(&old);
        assert_eq!(exit, stats(&stream(said)).exit, "{name}\n{changes}");
    }
}
