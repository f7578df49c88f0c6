//! `subunit mux` over inputs in any format.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod mux_support;

use std::{
    io::Write,
    process::{Command, Stdio},
};

use mux_support::{Running, SUBUNIT, fails, says, stdin_to, tempfile, text_of};
use subunit_core::Status;

const TAP: &str = "1..2\nok 1 - a\nnot ok 2 - b\n";
const GO: &str = "{\"Action\":\"fail\",\"Package\":\"p\",\"Test\":\"T\"}\n";
const JUNIT: &str =
    "<testsuite name=\"s\"><testcase name=\"j\"><failure/></testcase></testsuite>\n";

/// What a verb shows of a stream, on both of its outputs.
fn piped(words: &[&str], stream: &[u8]) -> String {
    let mut verb = Command::new(SUBUNIT);
    verb.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut verb = verb.spawn().unwrap();
    verb.stdin.take().unwrap().write_all(stream).unwrap();
    let output = verb.wait_with_output().unwrap();
    String::from_utf8([output.stderr, output.stdout].concat()).unwrap()
}

/// The ids of failed tests, under the route of one input.
fn failed(mux: &Running, route: &str) -> Vec<String> {
    let of_input = mux.seen.iter().filter(|event| mux_support::route(event) == route);
    let failed = of_input.filter(|event| event.status == Some(Status::Fail));
    failed.filter_map(|event| event.test_id.clone()).collect()
}

#[test]
fn commands_and_files_of_any_format_are_read_beside_packets() {
    let passes = says("success", "z");
    let tap = format!("cat {}", tempfile("leaf.tap", TAP));
    let (go, junit) = (tempfile("leaf.json", GO), tempfile("leaf.xml", JUNIT));
    let args = ["--run", &passes, "--run", &tap, "--file", &go, "--file", &junit];
    let mut mux = Running::start(&args);
    mux.close_stdin();
    assert_eq!(mux.end(), Some(1));
    assert_eq!(failed(&mux, "0"), Vec::<String>::new());
    assert_eq!(failed(&mux, "1"), ["b"]);
    assert!(failed(&mux, "2").contains(&"p.T".into()), "{:?}", failed(&mux, "2"));
    assert_eq!(failed(&mux, "3").len(), 1);
    // A command with failed tests may end with any status; this one ended with 0.
    assert!(mux.seen.iter().all(|event| event.test_id.as_deref() != Some("command")));
}

#[test]
fn two_levels_say_what_one_says() {
    let tap = format!("cat {}", tempfile("two-levels.tap", TAP));
    let middle = format!("exec {} mux --run '{tap}'", SUBUNIT);
    let mut mux = Running::start(&["--run", &middle]);
    mux.close_stdin();
    assert_eq!(mux.end(), Some(1));
    assert_eq!(failed(&mux, "0/0"), ["b"]);
}

#[test]
fn the_format_of_one_input_or_of_all_can_be_named() {
    // Nothing tells that this is TAP, and the other is told to be what it is not.
    let words = "echo 'ok and nothing else'";
    let tap = format!("cat {}", tempfile("named.tap", TAP));
    let args = ["--names", "a,b", "--from", "subunit", "--from", "a=tap"];
    let mut mux = Running::start(&[&args[..], &["--run", words, "--run", &tap]].concat());
    mux.close_stdin();
    mux.end();
    assert_eq!(failed(&mux, "b"), Vec::<String>::new());
    assert_eq!(text_of(&mux.seen, "b", "stdout"), TAP);
    let passed = mux.seen.iter().find(|event| event.status == Some(Status::Success)).unwrap();
    assert_eq!(mux_support::route(passed), "a");
}

#[test]
fn a_format_that_there_is_not_and_an_input_that_there_is_not_are_told() {
    for (from, told) in [
        ("tip", "`tip` is not a format"),
        ("0=tip", "`tip` is not a format"),
        ("go=tap", "there is no input `go`"),
        ("1=tap", "there is no input `1`"),
    ] {
        let mut mux = Running::start(&["--from", from, "--run", "true"]);
        assert_eq!(mux.end(), Some(2), "{from}");
        let errors = mux.errors();
        assert!(errors.contains(told), "{errors}");
    }
}

#[test]
fn a_crash_of_a_runner_that_speaks_another_format_ends_its_test() {
    let begun = r#"{"Action":"run","Package":"p","Test":"T"}"#;
    let leaf = format!("cat {}; kill -KILL $$", tempfile("crash.json", &format!("{begun}\n")));
    let mut mux = Running::start(&["--run", &leaf]);
    mux.close_stdin();
    assert_eq!(mux.end(), Some(1));
    let fails = fails(&mux);
    assert!(fails.iter().any(|(test_id, _)| test_id == "p.T"), "{fails:?}");
    assert!(fails.iter().any(|(_, why)| why.contains("SIGKILL")), "{fails:?}");
}

#[test]
fn a_person_sees_whose_line_it_is_and_nothing_of_what_programs_tell_each_other() {
    let leaf = |name: &str| format!("exec {SUBUNIT} worker -- sh -c 'echo {name}; printf {name}'");
    let mut mux = Running::start(&["--allow-empty", "--run", &leaf("one"), "--run", &leaf("two")]);
    mux.send(&stdin_to("7", b"lost", false));
    mux.close_stdin();
    mux.end();
    let mut stream = Vec::new();
    mux.seen.iter().for_each(|event| event.encode(&mut stream).unwrap());
    let shown = piped(&["watch", "--plain"], &stream);
    let mut lines: Vec<&str> = shown.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["0| one", "0| one", "1| two", "1| two", "NO TESTS"]);
}

#[test]
fn attach_shows_results_of_any_format() {
    let tap = tempfile("attached.tap", TAP);
    let mut attach = Running::of("attach", &["--", "cat", &tap]);
    attach.close_stdin();
    assert_eq!(attach.end(), Some(1));
    let shown = String::from_utf8_lossy(&attach.text).into_owned();
    assert!(shown.contains("fail: b"), "{shown}");
}
