//! Real outputs of libtest and nextest as JSON against the counts that are known of them.

mod reading;

use reading::{data, never_green_when_cut, read};
use subunit_core::{Status, sink::Verdict};
use subunit_formats::json::libtest::LibtestReader;

/// lib 7 passed, 7 failed, 2 ignored; aborts: its two tests never end; integ 1 and 2; raw 2 and 1.
#[test]
fn all_programs_of_a_crate() {
    let read = read(LibtestReader::new(), &data("libtest/libtest-json.jsonl"));
    assert_eq!(read.finals(), (7 + 1 + 2, 7 + 2 + 2 + 1, 2, 0, 0));
    assert_eq!(read.tagged("incomplete"), ["aborts", "after"]);
    assert_eq!(read.ends("raw_bytes_to_fd"), [Status::Success]);
    let text = String::from_utf8_lossy(b"raw \xff\xfe \xb3 bytes no newline");
    assert!(read.text().contains(&text[..10]), "{:?}", read.text());
    assert!(read.text().contains("bytes no newline"));
}

#[test]
fn output_and_messages_are_files() {
    let read = read(LibtestReader::new(), &data("libtest/libtest-json.jsonl"));
    let file = |id, name| read.file(Some(id), name);
    assert_eq!(file("tests::fails", "stdout"), "out before\nerr before\n\n");
    assert!(
        file("tests::fails", "traceback").starts_with("thread 'tests::fails' (12291) panicked")
    );
    assert_eq!(
        file("tests::should_panic_missing", "traceback"),
        "test did not panic as expected at src/lib.rs:31:32"
    );
    assert_eq!(file("tests::ignored_reason", "reason"), "because \"quoted\" <&> — reason");
    assert_eq!(file("tests::result_err", "stdout"), "Error: \"returned err\"\n");
}

#[test]
fn doctests() {
    let read = read(LibtestReader::new(), &data("libtest/libtest-json-doctests.jsonl"));
    assert_eq!(read.finals(), (4, 1, 1, 0, 0));
    assert_eq!(read.ends("src/lib.rs - add (line 4)"), [Status::Fail]);
}

#[test]
fn a_list_runs_nothing() {
    let read = read(LibtestReader::new(), &data("libtest/libtest-json-list.jsonl"));
    assert_eq!((read.counts().exists, read.verdict()), (16 + 3, Verdict::NoTests));
    let slow = read.events.iter().find(|event| event.test_id.as_deref() == Some("tests::slow"));
    let tags = slow.unwrap().tags.clone().unwrap();
    assert!(tags.as_tags().contains("file:src/lib.rs"));
}

/// 23 tests: 13 passed, one of them at the third attempt, 10 failed; 2 ignored.
#[test]
fn nextest_with_retries_and_suites_that_interleave() {
    let read = read(LibtestReader::new(), &data("libtest/nextest-json-plus.jsonl"));
    assert_eq!(read.finals(), (13, 10, 2, 0, 0));
    assert_eq!(read.tagged("attempt-4").len(), 10);
    let flaky: Vec<_> =
        read.attempts().into_iter().filter(|(id, ..)| *id == "weirdrs::integ$flaky").collect();
    let [fail, success] = [Status::Fail, Status::Success];
    let expected = [(fail, Some(1)), (fail, Some(2)), (success, Some(3))];
    assert_eq!(flaky, expected.map(|(status, number)| ("weirdrs::integ$flaky", status, number)));
    assert_eq!(read.ends("weirdrs::aborts$aborts"), [Status::Fail; 4]);
    assert_eq!(read.text(), "");
}

/// The same without retries: `flaky` failed.
#[test]
fn nextest_without_suite_names() {
    let read = read(LibtestReader::new(), &data("libtest/nextest-json.jsonl"));
    assert_eq!(read.finals(), (12, 11, 2, 0, 0));
}

#[test]
fn cargos_own_lines_name_the_programs() {
    let stderr = data("libtest/libtest-json.stderr");
    let json = data("libtest/libtest-json.jsonl");
    let running = String::from_utf8(stderr).unwrap();
    let mut running = running.lines().filter(|line| line.contains("Running"));
    let mut both = Vec::new();
    for line in json.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b"{ \"type\": \"suite\", \"event\": \"started\"") {
            both.extend_from_slice(running.next().unwrap().as_bytes());
            both.push(b'\n');
        }
        both.extend_from_slice(line);
    }
    let read = read(LibtestReader::new(), &both);
    assert_eq!(read.finals(), (10, 12, 2, 0, 0));
    assert_eq!(read.ends("weirdrs::tests::fails"), [Status::Fail]);
    assert_eq!(read.ends("raw::ok"), [Status::Success]);
    assert_eq!(read.tagged("incomplete"), ["aborts::aborts", "aborts::after"]);
}

#[test]
fn cut_off_it_is_never_green() {
    for name in ["libtest-json", "libtest-json-doctests", "nextest-json", "nextest-json-plus"] {
        never_green_when_cut(LibtestReader::new(), &data(&format!("libtest/{name}.jsonl")));
    }
}

#[test]
fn a_suite_that_ends_without_a_word_is_red() {
    let started = r#"{ "type": "suite", "event": "started", "test_count": 2 }
{ "type": "test", "event": "started", "name": "a" }
{ "type": "test", "name": "a", "event": "ok", "exec_time": "0.001s" }
"#;
    let read_one = read(LibtestReader::new(), started.as_bytes());
    assert_eq!((read_one.ends("a"), read_one.verdict()), (vec![Status::Success], Verdict::Failed));
    assert_eq!(read_one.events.last().map(|event| event.timestamp), Some(None));
    let lost = format!(
        "{started}{}",
        r#"{ "type": "suite", "event": "ok", "passed": 2, "failed": 0, "measured": 0 }"#
    );
    assert_eq!(read(LibtestReader::new(), lost.as_bytes()).verdict(), Verdict::Failed);
    let whole = lost.replace("\"passed\": 2", "\"passed\": 1");
    let whole = whole.replace("\"test_count\": 2", "\"test_count\": 1");
    assert_eq!(read(LibtestReader::new(), whole.as_bytes()).verdict(), Verdict::Passed);
    let failed = whole.replace("\"suite\", \"event\": \"ok\"", "\"suite\", \"event\": \"failed\"");
    assert_eq!(read(LibtestReader::new(), failed.as_bytes()).ends("[suite]"), [Status::Fail]);
}

#[test]
fn output_that_looks_like_a_result_loses_no_real_one() {
    let input = br#"{ "type": "suite", "event": "started", "test_count": 1 }
{ "type": "test", "event": "started", "name": "a" }
{"type":"test","event":"ok","name":"a"}
{"type":"test" {"type":"x"}{ "type": "test", "name": "a", "event": "failed", "stdout": "" }
{ "type": "suite", "event": "failed", "passed": 0, "failed": 1, "measured": 0 }
"#;
    let read = read(LibtestReader::new(), input);
    assert_eq!(read.ends("a"), [Status::Success, Status::Fail]);
    assert_eq!(read.text(), "{\"type\":\"test\" {\"type\":\"x\"}");
}

#[test]
fn benchmarks_and_reports_are_kept_whole() {
    let input = br#"{ "type": "suite", "event": "started", "test_count": 1 }
{ "type": "test", "event": "started", "name": "b" }
{ "type": "bench", "name": "b", "median": 12, "deviation": 3 }
{ "type": "suite", "event": "ok", "passed": 0, "failed": 0, "ignored": 0, "measured": 1 }
{ "type": "report", "total_time": 0.5, "compilation_time": 0.1 }
{ "type": "test", "event": "timeout", "name": "b" }
"#;
    let read = read(LibtestReader::new(), input);
    assert_eq!(read.verdict(), Verdict::Passed);
    assert!(read.file(Some("b"), "benchmark").contains("\"median\":12"));
    assert!(read.file(None, "report").contains("\"total_time\":0.5"));
    assert!(read.text().contains("timeout"));
}

/// What a suite says of itself is held against what was read, failures above all.
#[test]
fn a_suite_that_counts_more_failures_than_there_are_is_red() {
    for nextest in ["", r#","nextest":{"crate":"c","test_binary":"c","kind":"lib"}"#] {
        let name = if nextest.is_empty() { "a" } else { "c::c$a" };
        let input = format!(
            r#"{{"type":"suite","event":"started","test_count":2{nextest}}}
{{"type":"test","event":"started","name":"{name}"}}
{{"type":"test","event":"ok","name":"{name}"}}
{{"type":"test","event":"ok","name":"{name}2"}}
{{"type":"suite","event":"failed","passed":1,"failed":1,"ignored":0,"measured":0{nextest}}}
"#
        );
        let read = read(LibtestReader::new(), input.as_bytes());
        let id = if nextest.is_empty() { "[suite]" } else { "c::c [suite]" };
        assert_eq!(read.ends(id), [Status::Fail], "{input}");
        assert!(read.file(Some(id), "reason").contains("1 passed and 1 failed"));
    }
}

#[test]
fn a_suite_that_ran_fewer_tests_than_it_was_to_is_red() {
    let suite = |counts: &str| {
        let input = format!(
            r#"{{ "type": "suite", "event": "started", "test_count": 3 }}
{{ "type": "test", "name": "a", "event": "ok" }}
{{ "type": "suite", "event": "ok", "passed": 1, "failed": 0, {counts}, "measured": 0 }}
"#
        );
        read(LibtestReader::new(), input.as_bytes())
    };
    let short = suite(r#""ignored": 0, "filtered_out": 0"#);
    assert_eq!(short.verdict(), Verdict::Failed);
    let reason = short.file(Some("[suite]"), "reason");
    assert_eq!(reason, "the suite was to run 3 tests and says that it ran 1");
    for counts in [r#""ignored": 2, "filtered_out": 0"#, r#""ignored": 0, "filtered_out": 2"#] {
        assert_eq!(suite(counts).verdict(), Verdict::Passed, "{counts}");
    }
}

#[test]
fn times_are_made_of_durations() {
    let read = read(LibtestReader::new(), &data("libtest/libtest-json.jsonl"));
    assert!(read.events.iter().filter_map(|event| event.timestamp).all(|time| time.is_relative()));
    assert_eq!(read.file(Some("tests::fails"), "duration"), "");
    let took = |id: &str| {
        let of_test = read.events.iter().filter(|event| event.test_id.as_deref() == Some(id));
        let times: Vec<_> = of_test.filter_map(|event| event.timestamp).collect();
        times[times.len() - 1].since(times[0]).unwrap().as_nanos()
    };
    assert_eq!(took("tests::fails"), 144_197_789);
    assert_eq!(took("tests::slow"), 1_302_962_436);
}

#[test]
fn what_a_test_prints_of_another_is_no_attempt() {
    let input = br#"{ "type": "suite", "event": "started", "test_count": 2 }
{ "type": "test", "event": "started", "name": "a" }
{ "type": "test", "event": "started", "name": "b" }
{"type":"test","event":"ok","name":"a#2"}
{ "type": "test", "name": "b", "event": "ok" }
{ "type": "test", "name": "a", "event": "failed" }
{"type":"test","event":"ok","name":"a#2"}
{ "type": "suite", "event": "failed", "passed": 1, "failed": 1, "measured": 0 }
"#;
    let read = read(LibtestReader::new(), input);
    assert_eq!((read.ends("a"), read.verdict()), (vec![Status::Fail], Verdict::Failed));
    assert_eq!(read.tagged("attempt-2"), Vec::<&str>::new());
}

/// nextest passes where a later attempt does; cut off anywhere, nobody knows.
#[test]
fn a_flaky_test_passes_and_a_part_of_its_log_does_not() {
    let nextest = r#""nextest":{"crate":"c","test_binary":"c","kind":"lib"}"#;
    let log = format!(
        r#"{{"type":"suite","event":"started","test_count":1,{nextest}}}
{{"type":"test","event":"started","name":"c::c$a"}}
{{"type":"test","event":"ok","name":"c::c$a#2","exec_time":0.1}}
{{"type":"suite","event":"ok","passed":1,"failed":0,"ignored":0,"measured":0,{nextest}}}"#
    );
    let whole = read(LibtestReader::new(), log.as_bytes());
    assert_eq!((whole.verdict(), whole.counts().flaky), (Verdict::Passed, 1));
    for end in 0..log.len() {
        let cut = read(LibtestReader::new(), &log.as_bytes()[..end]);
        assert_ne!(cut.verdict(), Verdict::Passed, "{}", &log[..end]);
    }
}
