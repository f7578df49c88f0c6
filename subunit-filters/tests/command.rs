//! `subunit stats -- COMMAND` and its like: a command that is run, read and judged.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    os::unix::process::{CommandExt, ExitStatusExt},
    process::{Child, Command, Output, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};

const SUBUNIT: &str = env!("CARGO_BIN_EXE_subunit");

/// A process group of its own is in the foreground of no terminal, wherever the tests run.
fn start(arguments: &[&str], script: &str) -> Child {
    Command::new(SUBUNIT)
        .args(arguments)
        .args(["--", "sh", "-c", script])
        .env("SUBUNIT", SUBUNIT)
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn run(arguments: &[&str], script: &str) -> Output {
    start(arguments, script).wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn much_on_both_outputs_stops_nobody() {
    const LENGTH: usize = 2 << 20;
    let script = format!(
        "head -c {LENGTH} /dev/zero >&2; head -c {LENGTH} /dev/zero; \
         head -c {LENGTH} /dev/zero >&2 & head -c {LENGTH} /dev/zero; wait; \
         $SUBUNIT output --success a"
    );
    let output = run(&["stats"], &script);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    assert_eq!(output.stderr.len(), 4 * LENGTH, "text of both goes to standard error");
}

/// Prints what unittest prints, all of it on standard error.
const UNITTEST: &str = "{ echo 'test_a (t.A.test_a) ... ok'; echo 'test_b (t.A.test_b) ... FAIL'; echo; \
                        printf '%070d\\n' 0 | tr 0 =; echo 'FAIL: test_b (t.A.test_b)'; printf '%070d\\n' 0 | tr 0 -; \
                        echo 'Traceback (most recent call last):'; echo 'AssertionError: no'; echo; \
                        printf '%070d\\n' 0 | tr 0 -; echo 'Ran 2 tests in 0.000s'; echo; \
                        echo 'FAILED (failures=1)'; } >&2";

#[test]
fn results_on_standard_error_count_where_there_are_none_on_standard_output() {
    let output = run(&["stats"], &format!("echo building; {UNITTEST}; exit 1"));
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let report = text(&output.stdout);
    assert!(report.contains("1 success\n") && report.contains("1 fail\n"), "{report}");
    assert_eq!(said.matches("Ran 2 tests").count(), 1, "it is shown once: {said}");
    assert!(!said.contains("no test results found"), "{said}");
    // Nothing is there but these.
    let output = run(&["stats"], &format!("{UNITTEST}; exit 1"));
    assert!(text(&output.stdout).contains("1 fail\n"), "{}", text(&output.stdout));
}

#[test]
fn results_on_standard_output_are_all_where_there_are_some() {
    let output = run(&["stats"], &format!("{UNITTEST}; $SUBUNIT output --success a"));
    assert!(text(&output.stdout).starts_with("PASSED  1 test "), "{}", text(&output.stdout));
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_command_without_results_is_told_once() {
    for script in ["echo building", "echo building >&2", "echo a; echo b >&2"] {
        let output = run(&["stats"], script);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(4), "{said}");
        assert_eq!(said.matches("no test results found").count(), 1, "{said}");
    }
    // What the other output looks like is told as well.
    for script in [
        "echo '** TEST FAILED **'",
        "echo '** TEST FAILED **' >&2",
        "echo '** TEST FAILED **'; echo b >&2",
    ] {
        let said = text(&run(&["stats"], script).stderr);
        assert!(said.contains("no test results found; this looks like "), "{said}");
    }
}

#[test]
fn a_command_reads_our_standard_input() {
    let mut child = start(&["stats"], "read status; $SUBUNIT output --$status a");
    child.stdin.take().unwrap().write_all(b"skip\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(text(&output.stdout).contains("1 skip"), "{}", text(&output.stdout));
}

#[test]
fn results_are_read_as_they_come() {
    let script = "echo ok 1 - first; read line; echo 1..1";
    let mut child = start(&["report", "--tap", "-"], script);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line == "ok 1 - first"));
    child.stdin.take().unwrap().write_all(b"go on\n").unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn what_a_command_left_behind_does_not_keep_us() {
    let output = run(&["stats"], "$SUBUNIT output --success a; sleep 1000 & echo $! >&2");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    let said = text(&output.stderr);
    assert!(said.contains("something it started holds its output open"), "{said}");
    let left = said.lines().next().unwrap().parse().ok().and_then(Pid::from_raw).unwrap();
    kill_process(left, Signal::KILL).unwrap();
}

#[test]
fn an_output_that_is_closed_early_is_no_end() {
    let output = run(&["stats"], "$SUBUNIT output --success a; exec >&- 2>&-; sleep 0.3; exit 3");
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
    assert!(text(&output.stdout).contains("exit status 3"), "{}", text(&output.stdout));
}

/// Sends a signal to us alone once the command has said its first word; what we said, by which signal we
/// ended, and how often the command heard of it.
fn stopped(signal: Signal, name: &str) -> (String, Option<i32>, usize) {
    let script = format!(
        "trap 'echo heard >&2; exit 7' {name}; $SUBUNIT output --success a; \
         $SUBUNIT output --inprogress b; echo begun >&2; while :; do sleep 0.05; done"
    );
    let mut child = start(&["stats"], &script);
    let mut errors = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains("begun") {
        assert!(errors.read_line(&mut said).unwrap() > 0, "{said}");
    }
    kill_process(Pid::from_child(&child), signal).unwrap();
    errors.read_to_string(&mut said).unwrap();
    let mut report = String::new();
    child.stdout.take().unwrap().read_to_string(&mut report).unwrap();
    let status = child.wait().unwrap();
    (report, status.signal(), said.matches("heard").count())
}

#[test]
fn a_signal_reaches_the_command_once_and_ends_us_after_the_end_is_shown() {
    // A terminal that is gone asks the command to end as SIGTERM does.
    for (signal, name) in [(Signal::INT, "INT"), (Signal::TERM, "TERM"), (Signal::HUP, "TERM")] {
        let (report, ended_by, heard) = stopped(signal, name);
        assert_eq!((ended_by, heard), (Some(signal.as_raw()), 1), "{report}");
        assert!(
            report.starts_with("FAILED  2 tests and 1 other"),
            "a, b and that it was interrupted: {report}"
        );
        assert!(report.contains("2 fail") && report.ends_with("exit status 7\n"), "{report}");
    }
}
