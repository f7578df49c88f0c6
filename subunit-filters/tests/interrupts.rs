//! Reports that are interrupted say what they know, and end by the signal.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    os::unix::process::ExitStatusExt,
    process::{Child, Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};

fn start(arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_subunit"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Sends a signal once the command has told of the first test, and leaves its input open. What it wrote,
/// and by which signal it ended.
fn interrupted(arguments: &[&str], signal: Signal) -> (String, Option<i32>) {
    let mut child = start(arguments);
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"test: passed\nsuccess: passed\ntest: hangs\n").unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    while !said.contains("passed") {
        assert!(stdout.read_line(&mut said).unwrap() > 0, "{said}");
    }
    kill_process(Pid::from_child(&child), signal).unwrap();
    stdout.read_to_string(&mut said).unwrap();
    let status = child.wait().unwrap();
    drop(stdin);
    (said, status.signal())
}

#[test]
fn watch_shows_what_it_has_seen_and_what_never_ended() {
    for (signal, name) in
        [(Signal::INT, "SIGINT"), (Signal::TERM, "SIGTERM"), (Signal::HUP, "SIGHUP")]
    {
        let (said, ended_by) = interrupted(&["watch"], signal);
        assert_eq!(ended_by, Some(signal.as_raw()), "{said}");
        let (_, end) = said.split_once("failures:\n").unwrap();
        assert!(end.contains("(interrupted)") && end.contains(name), "{end}");
        assert!(end.contains("fail           - hangs"), "{end}");
        assert!(end.contains("FAILED  2 tests and 1 other"), "{end}");
    }
}

#[test]
fn reports_are_whole_and_red() {
    for signal in [Signal::INT, Signal::HUP] {
        is_whole_and_red(signal);
    }
}

fn is_whole_and_red(signal: Signal) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.xml");
    let arguments = ["report", "--tap", "-", "--junit", path.to_str().unwrap()];
    let (tap, ended_by) = interrupted(&arguments, signal);
    assert_eq!(ended_by, Some(signal.as_raw()));
    assert!(tap.ends_with("1..3\n") && tap.contains("not ok 2 - hangs"), "{tap}");
    let report = std::fs::read_to_string(path).unwrap();
    let document = roxmltree::Document::parse(&report).unwrap();
    let count = |name: &str| document.root_element().attribute(name).unwrap().to_owned();
    assert_eq!(
        (count("tests"), count("failures"), count("errors")),
        ("3".into(), "2".into(), "0".into())
    );
    assert!(report.contains("(interrupted)"), "{report}");
}

#[test]
fn every_report_hears_a_hang_up() {
    for verb in ["to-csv", "to-pyunit", "to-tap", "to-teamcity"] {
        let (said, ended_by) = interrupted(&[verb], Signal::HUP);
        assert_eq!(ended_by, Some(Signal::HUP.as_raw()), "{verb}: {said}");
        assert!(said.contains("hangs") && said.contains("(interrupted)"), "{verb}: {said}");
    }
}

#[test]
fn a_report_that_is_killed_leaves_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.xml");
    std::fs::write(&path, "old").unwrap();
    let arguments = ["report", "--tap", "-", "--junit", path.to_str().unwrap()];
    let (_, ended_by) = interrupted(&arguments, Signal::KILL);
    assert_eq!(ended_by, Some(Signal::KILL.as_raw()));
    assert_eq!(std::fs::read_to_string(path).unwrap(), "old");
}

/// As with `nohup`, which a shell does by `trap '' HUP`.
#[test]
fn a_hang_up_that_is_ignored_ends_nothing() {
    let script = "trap '' HUP; exec \"$0\" watch";
    let mut child = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_subunit")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"test: first\nsuccess: first\n").unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    while !said.contains("first") {
        assert!(stdout.read_line(&mut said).unwrap() > 0, "{said}");
    }
    kill_process(Pid::from_child(&child), Signal::HUP).unwrap();
    stdin.write_all(b"test: last\nsuccess: last\n").unwrap();
    drop(stdin);
    stdout.read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{said}");
    assert!(said.contains("last") && !said.contains("interrupted"), "{said}");
}

#[test]
fn filters_end_at_once_as_ever() {
    let mut child = start(&["cat"]);
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"text\n").unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    stdout.read_line(&mut said).unwrap();
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(Signal::TERM.as_raw()));
    drop(stdin);
}

#[test]
fn what_nobody_reads_any_more_ends_the_command_even_if_that_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let line = format!("exec sleep 1000 9> {}", fifo.display());
    let worker = ["worker", "--", "sh", "-c", &line];
    let mux = ["mux", "--run", &line];
    for arguments in [&worker[..], &mux[..]] {
        let mut child = start(arguments);
        // It is open until the command has ended.
        let mut open = std::fs::File::open(&fifo).unwrap();
        drop(child.stdout.take());
        assert_eq!(open.read(&mut [0; 8]).unwrap(), 0);
        child.wait().unwrap();
    }
}
