//! A stream that could not be read or written to its end is not green, whoever writes it.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};

use subunit_core::{Event, Status};

fn subunit(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_subunit"))
        .args(words)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// The verbs that write a stream, and where: to standard output, or to files of these names in `out`.
const STREAMS: &[(&[&str], bool)] = &[
    (&["cat"], true),
    (&["merge"], true),
    (&["split", "--shard", "1/2"], true),
    (&["split", "--shard", "2/2"], true),
    (&["filter"], true),
    (&["filter", "--status", "skip"], true),
    (&["filter", "--tests-only", "--not-id", "."], true),
    (&["tags", "--add", "x"], true),
    (&["rename", "a", "b"], true),
    (&["known-failures", "/dev/null"], true),
    (&["route", "--select", "5"], true),
    (&["route", "--prefix", "5"], true),
    (&["2to1"], true),
    (&["from-tap"], true),
    (&["from-jsonl"], true),
    (&["split", "--by", "tag", "-d", "out"], false),
    (&["split", "--by", "route", "-d", "out"], false),
    (&["demux", "-d", "out"], false),
];

/// The verb fails in words, and what it has written is red to the next reader.
fn assert_red(folder: &Path, words: &[&str], on_stdout: bool) {
    let _ = fs::remove_dir_all(folder.join("out"));
    let output = subunit(folder, words);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{words:?}: {stderr}");
    assert!(stderr.contains("subunit "), "{words:?}: {stderr}");
    let stream = if on_stdout { "written" } else { "out/%none.subunit" };
    if on_stdout {
        fs::write(folder.join(stream), &output.stdout).unwrap();
    }
    let part = if words[0] == "split" && !on_stdout { "out/none.subunit" } else { stream };
    let stats = subunit(folder, &["stats", "--no-text", part]);
    assert_eq!(stats.status.code(), Some(1), "{words:?}: {stats:?}");
}

fn passed() -> Vec<u8> {
    let mut stream = Vec::new();
    Event::status("a", Status::Success).encode(&mut stream).unwrap();
    stream
}

#[test]
fn an_input_that_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("good"), passed()).unwrap();
    fs::create_dir(folder.path().join("folder")).unwrap();
    for (words, on_stdout) in STREAMS {
        for bad in ["missing", "folder"] {
            // From another format there is text only, and the failure.
            let words = [words, &["good", bad][..]].concat();
            assert_red(folder.path(), &words, *on_stdout);
        }
    }
}

#[test]
fn a_log_that_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let rules = "[[rule]]\nkind = 'expect'\nid = 'x'\nmatch = ['x']\n";
    fs::write(folder.path().join("rules.toml"), rules).unwrap();
    fs::create_dir(folder.path().join("folder")).unwrap();
    for bad in ["missing", "folder"] {
        assert_red(folder.path(), &["from-log", "--rules", "rules.toml", bad], true);
    }
}

#[test]
fn an_event_that_no_packet_holds() {
    let folder = tempfile::tempdir().unwrap();
    let event =
        |id: &str| format!("{{\"type\":\"event\",\"test_id\":\"{id}\",\"status\":\"success\"}}\n");
    let long = [event("good"), event(&"x".repeat(5_000_000))].concat();
    fs::write(folder.path().join("long"), long).unwrap();
    for (words, on_stdout) in STREAMS {
        // These need no packets, or have a failure for the line.
        let is_other = ["2to1", "from-tap", "from-jsonl"].contains(&words[0]);
        // These do not write it.
        let drops =
            words.contains(&"--not-id") || words.contains(&"--select") || words.contains(&"skip");
        if !is_other && !drops {
            assert_red(folder.path(), &[words, &["long"][..]].concat(), *on_stdout);
        }
    }
}

#[test]
fn what_version_1_has_no_place_for_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let route_code = Some(subunit_core::RouteCode::new("0"));
    let mut stream = passed();
    for event in [
        Event::status("b", Status::Exists),
        Event { route_code, runnable: false, ..Event::status("b", Status::Skip) },
    ] {
        event.encode(&mut stream).unwrap();
    }
    fs::write(folder.path().join("run"), stream).unwrap();
    let output = subunit(folder.path(), &["2to1", "run"]);
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "subunit 2to1: version 1 does not say that a test exists (1), what route an event has (1), \
         that a test cannot be run by itself (1)\n"
    );
    fs::write(folder.path().join("run"), passed()).unwrap();
    assert_eq!(subunit(folder.path(), &["2to1", "run"]).stderr, b"");
}
