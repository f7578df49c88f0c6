//! Real logs of pytest-reportlog against the counts that are known of them.

mod reading;

use reading::{data, never_green_when_cut, read};
use subunit_core::{Status, sink::Verdict};
use subunit_formats::json::reportlog::ReportLogReader;

/// pytest: 16 failed, 33 passed, 4 skipped, 2 xfailed, 1 xpassed, 4 errors, 4 rerun, 4 subtests passed.
#[test]
fn all_outcomes_of_pytest() {
    let read = read(ReportLogReader::new(), &data("reportlog/weird.jsonl"));
    // A test that passed and whose tear-down failed counts as passed and as error with pytest; the
    // error of one that failed too is no second test.
    let success = 33 - 1 + 4;
    let fail = 16 + (4 - 1);
    assert_eq!(read.finals(), (success + 1, fail, 4, 2, 0));
    assert_eq!(read.text(), "");
}

#[test]
fn attempts_stay_apart() {
    let read = read(ReportLogReader::new(), &data("reportlog/weird.jsonl"));
    let flaky = "test_weird.py::test_flaky";
    assert_eq!(read.ends(flaky), [Status::Fail, Status::Fail, Status::Success]);
    assert_eq!(read.ends("test_weird.py::test_flaky_always_fails"), [Status::Fail; 3]);
    let both = [flaky, "test_weird.py::test_flaky_always_fails"];
    for tag in ["attempt-1", "attempt-2", "attempt-3"] {
        assert_eq!(read.tagged(tag), both);
    }
    let starts = read.events.iter().filter(|event| event.status == Some(Status::InProgress));
    assert_eq!(starts.filter(|start| start.tags.is_some()).count(), 6);
    assert_eq!(read.file(Some(flaky), "stdout"), "attempt 1\nattempt 2\nattempt 3\n");
}

#[test]
fn phases_and_their_details() {
    let read = read(ReportLogReader::new(), &data("reportlog/weird.jsonl"));
    let id = |test: &str| format!("test_weird.py::{test}");
    let file = |test: &str, name: &str| read.file(Some(&id(test)), name);
    assert!(file("test_setup_error", "error").contains("RuntimeError: setup exploded"));
    assert_eq!(read.ends(&id("test_teardown_error")), [Status::Fail]);
    assert!(file("test_teardown_error", "error").contains("RuntimeError: teardown exploded"));
    assert!(file("test_fail_and_teardown_error", "traceback").contains("call failed too"));
    assert!(file("test_fail_and_teardown_error", "error").contains("teardown exploded"));
    assert_eq!(file("test_skip", "reason"), "skipped with 'quotes' & <xml> — ünï");
    assert_eq!(file("test_xfail", "reason"), "known bug #123");
    assert_eq!(read.ends(&id("test_xpass")), [Status::Success]);
    assert_eq!(read.tagged("xpass"), [id("test_xpass")]);
    assert_eq!(file("test_xpass", "reason"), "lax");
    assert_eq!(read.ends(&id("test_xpass_strict")), [Status::Fail]);
    assert_eq!(file("test_xpass_strict", "traceback"), "[XPASS(strict)] strict");
    assert_eq!(
        file("test_ansi_stdout", "stdout"),
        "\u{1b}[31mred\u{1b}[0m \u{1b}[1;32mbold green\u{1b}[0m\n"
    );
    assert!(file("test_ansi_stdout", "stderr").contains("http://example.com"));
    assert!(file("test_logging", "log").contains("log line"));
    assert_eq!(read.tagged("answer:42"), [id("test_properties")]);
    let chain = file("test_exception_chain", "traceback");
    assert!(
        chain.contains("was the direct cause of") && chain.contains("test_weird.py:84: KeyError\n")
    );
    assert!(read.file(None, "warnings").contains("UserWarning: careful\n"));
}

#[test]
fn subtests_are_of_their_own() {
    let read = read(ReportLogReader::new(), &data("reportlog/weird.jsonl"));
    let failed = "test_weird.py::test_subtests [sub] (i=1)";
    assert_eq!(read.ends(failed), [Status::Fail]);
    assert!(read.file(Some(failed), "traceback").contains("assert i % 2 == 0"));
    assert_eq!(read.ends("test_weird.py::test_subtests_ok (i=0)"), [Status::Success]);
    assert_eq!(read.ends("test_weird.py::test_subtests"), [Status::Fail]);
}

#[test]
fn a_module_that_cannot_be_collected_is_red() {
    let read = read(ReportLogReader::new(), &data("reportlog/collection-error.jsonl"));
    assert_eq!(read.finals(), (0, 1, 0, 0, 0));
    let id = "iso8601/test_iso8601.py";
    assert_eq!(read.ends(id), [Status::Fail]);
    assert!(read.file(Some(id), "error").contains("No module named 'pytz'"));
}

#[test]
fn cut_off_it_is_never_green() {
    for name in ["weird", "collection-error"] {
        never_green_when_cut(ReportLogReader::new(), &data(&format!("reportlog/{name}.jsonl")));
    }
}

fn log(reports: &[&str]) -> String {
    let mut log = String::from("{\"$report_type\": \"SessionStart\"}\n");
    for report in reports {
        log += &format!("{{\"nodeid\": \"t.py::a\", {report}}}\n");
    }
    log + "{\"exitstatus\": 0, \"$report_type\": \"SessionFinish\"}\n"
}

/// The plugin of old says only by its outcome that a test will be run again.
#[test]
fn attempts_of_logs_without_a_number_of_reruns() {
    let phase = |when: &str, outcome: &str| {
        format!(r#""$report_type": "TestReport", "when": "{when}", "outcome": "{outcome}""#)
    };
    let (up, down) = (phase("setup", "passed"), phase("teardown", "passed"));
    let (again, passed) = (phase("call", "rerun"), phase("call", "passed"));
    let read =
        read(ReportLogReader::new(), log(&[&up, &again, &down, &up, &passed, &down]).as_bytes());
    let id = "t.py::a";
    assert_eq!(read.attempts(), [(id, Status::Fail, Some(1)), (id, Status::Success, Some(2))]);
}

#[test]
fn a_teardown_that_fails_leaves_no_unexpected_pass() {
    let log = log(&[
        r#""$report_type": "TestReport", "when": "call", "outcome": "passed", "wasxfail": "why""#,
        r#""$report_type": "TestReport", "when": "teardown", "outcome": "failed", "longrepr": "no""#,
    ]);
    let read = read(ReportLogReader::new(), log.as_bytes());
    assert_eq!((read.ends("t.py::a"), read.tagged("xpass")), (vec![Status::Fail], vec![]));
}

/// Those of unittest start and stop at 0, and belong to the attempt of their test.
#[test]
fn subtests_without_dates_have_that_of_the_report_before() {
    let log = log(&[
        r#""$report_type": "TestReport", "when": "setup", "outcome": "passed", "start": 1795158748.0, "stop": 1795158748.5, "rerun": 0"#,
        r#""$report_type": "SubTestReport", "when": "call", "outcome": "passed", "start": 0, "stop": 0, "_subtest.context": {"msg": "s", "kwargs": {}}"#,
    ]);
    let read = read(ReportLogReader::new(), log.as_bytes());
    let subtest = "t.py::a [s]";
    let end = read.events.iter().find(|event| event.test_id.as_deref() == Some(subtest)).unwrap();
    assert_eq!(end.timestamp.map(|time| time.seconds()), Some(1_795_158_748));
    assert!(!end.runnable);
    assert_eq!(read.attempts()[0], (subtest, Status::Success, Some(1)));
}

fn green(end: &str) -> String {
    let phase = |when| {
        format!(
            r#"{{"$report_type": "TestReport", "nodeid": "t.py::a", "when": "{when}", "outcome": "passed", "start": 1.5, "stop": 2.25}}"#
        )
    };
    let start = r#"{"$report_type": "SessionStart"}"#;
    [start, &phase("setup"), &phase("call"), &phase("teardown"), end].join("\n")
}

#[test]
fn a_session_that_does_not_finish_is_red() {
    let finished = green(r#"{"exitstatus": 0, "$report_type": "SessionFinish"}"#);
    let whole = read(ReportLogReader::new(), finished.as_bytes());
    assert_eq!((whole.verdict(), whole.finals()), (Verdict::Passed, (1, 0, 0, 0, 0)));
    let times: Vec<_> = whole.events.iter().filter_map(|event| event.timestamp).collect();
    assert_eq!(times.len(), 2);
    assert_eq!((times[1].seconds(), times[1].nanoseconds()), (2, 250_000_000));
    for end in 0..finished.len() {
        assert_ne!(
            read(ReportLogReader::new(), &finished.as_bytes()[..end]).verdict(),
            Verdict::Passed
        );
    }
    let interrupted = green(r#"{"exitstatus": 2, "$report_type": "SessionFinish"}"#);
    assert_eq!(
        read(ReportLogReader::new(), interrupted.as_bytes()).ends("pytest [session]"),
        [Status::Fail]
    );
}

#[test]
fn collected_tests_exist() {
    let input = br#"{"$report_type": "CollectReport", "outcome": "passed", "nodeid": "t.py", "result": [{"nodeid": "t.py::C", "type": "Class"}, {"nodeid": "t.py::a", "type": "Function"}]}
{"exitstatus": 0, "$report_type": "SessionFinish"}"#;
    let read = read(ReportLogReader::new(), input);
    assert_eq!((read.counts().exists, read.verdict()), (1, Verdict::NoTests));
}

#[test]
fn halves_of_characters_lose_no_result() {
    let input = br#"{"$report_type": "TestReport", "nodeid": "t.py::\udcff\u0000", "when": "teardown", "outcome": "passed"}
{"exitstatus": 0, "$report_type": "SessionFinish"}"#;
    let read = read(ReportLogReader::new(), input);
    assert_eq!(read.ends("t.py::\u{fffd}\u{2400}"), [Status::Success]);
}
