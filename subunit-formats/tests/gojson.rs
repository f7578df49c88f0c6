//! Real outputs of `go test -json` against the counts that are known of them.

mod reading;

use reading::{data, never_green_when_cut, read};
use subunit_core::{Status, Timestamp, sink::Verdict};
use subunit_formats::json::gojson::{GoJsonReader, PythonGoJsonReader};

/// Go 1.27: 29 runs, of which 17 passed, 8 failed, 3 were skipped and one never ended; one package did not
/// build.
#[test]
fn all_runs_of_a_module_with_every_trouble() {
    let read = read(GoJsonReader::new(), &data("gojson/json.jsonl"));
    assert_eq!(read.finals(), (17, 8 + 1 + 1, 3, 0, 0));
    assert_eq!(read.tagged("incomplete"), ["example.com/gotest/mainexit.TestTimeout"]);
    let build = "example.com/gotest/buildfail [build]";
    assert_eq!(read.ends(build), [Status::Fail]);
    assert!(read.file(Some(build), "traceback").contains("b_test.go:3:45: undefined: undefined\n"));
    assert!(
        read.events.iter().any(|event| event.test_id.as_deref() == Some(build) && !event.runnable)
    );
    assert_eq!(read.text(), "");
}

#[test]
fn details_go_to_files_and_frames_nowhere() {
    let read = read(GoJsonReader::new(), &data("gojson/json.jsonl"));
    let id = |test: &str| format!("example.com/gotest/weird.{test}");
    let failed = id("TestFail");
    assert!(read.file(Some(&failed), "traceback").contains("]]> <&> — 😀\n"));
    assert_eq!(
        read.file(Some(&failed), "stdout"),
        "    weird_test.go:4: log line\n        second line\n"
    );
    assert!(
        read.file(Some(&id("TestStdout")), "stdout").starts_with("--- PASS: TestFake (0.00s)\n")
    );
    assert_eq!(
        read.file(Some(&id("TestSkip")), "reason"),
        "weird_test.go:5: skip reason \"quoted\""
    );
    assert!(read.file(Some(&id("TestArtifact")), "artifact-path").ends_with("/4046522603"));
    assert_eq!(read.tagged("key:value with spaces"), [id("TestAttr")]);
    let panic = read.file(Some("example.com/gotest/panics.TestPanics"), "stdout");
    assert!(panic.starts_with("panic: assignment to entry in nil map"));
}

#[test]
fn times_are_those_of_the_lines() {
    let read = read(GoJsonReader::new(), &data("gojson/json.jsonl"));
    let start = read.events.iter().find(|event| event.status == Some(Status::InProgress)).unwrap();
    let time = start.timestamp.unwrap();
    assert_eq!((time.seconds(), time.nanoseconds()), (1_795_159_130, 170_784_639));
}

#[test]
fn a_large_green_run() {
    let read = read(GoJsonReader::new(), &data("gojson/json-std.jsonl"));
    assert_eq!(read.finals(), (321, 0, 3, 0, 0));
    assert_eq!(read.verdict(), Verdict::Passed);
}

#[test]
fn repeated_tests_are_attempts_of_one_id() {
    let read = read(GoJsonReader::new(), &data("gojson/json-count3.jsonl"));
    assert_eq!(read.ends("example.com/gotest/weird.TestPass"), [Status::Success; 3]);
    assert_eq!(read.ends("example.com/gotest/weird.TestSkip"), [Status::Skip; 3]);
    assert_eq!(read.finals(), (3, 0, 3, 0, 0));
}

#[test]
fn a_benchmark_ends_with_its_package() {
    let read = read(GoJsonReader::new(), &data("gojson/json-bench.jsonl"));
    assert_eq!(read.finals(), (1, 0, 0, 0, 0));
    let output = read.file(Some("example.com/gotest/weird.BenchmarkX"), "stdout");
    assert!(output.ends_with("      10\t        56.10 ns/op\n"));
}

#[test]
fn cut_off_it_is_never_green() {
    never_green_when_cut(GoJsonReader::new(), &data("gojson/json.jsonl"));
    let green = data("gojson/json-bench.jsonl");
    for end in (0..green.len() - 2).step_by(7) {
        let verdict = read(GoJsonReader::new(), &green[..end]).verdict();
        assert_ne!(verdict, Verdict::Passed, "cut off at byte {end}");
    }
}

#[test]
fn a_package_that_passes_leaves_no_test_without_a_result() {
    let read = read(
        GoJsonReader::new(),
        br#"{"Action":"run","Package":"p","Test":"TestExit"}
{"Action":"pass","Package":"p"}
"#,
    );
    assert_eq!(read.ends("p.TestExit"), [Status::Fail]);
}

#[test]
fn output_behind_the_end_of_its_test_opens_nothing() {
    let read = read(
        GoJsonReader::new(),
        br#"{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestA","Output":"late\n"}
{"Action":"pass","Package":"p"}
{"Action":"output","Package":"p","Output":"later\n"}
"#,
    );
    assert_eq!(read.verdict(), Verdict::Passed);
    assert_eq!(read.file(None, "p.TestA stdout"), "late\n");
    assert_eq!(read.file(None, "p stdout"), "later\n");
}

#[test]
fn frames_of_older_go_are_known_by_the_name_of_the_test() {
    let read = read(
        GoJsonReader::new(),
        br#"{"Action":"run","Package":"p","Test":"T"}
{"Action":"output","Package":"p","Test":"T","Output":"=== RUN   T\n"}
{"Action":"output","Package":"p","Test":"T","Output":"--- FAIL: Other (0.00s)\n"}
{"Action":"output","Package":"p","Test":"T","Output":"    --- FAIL: T (0.00s)\n"}
{"Action":"fail","Package":"p","Test":"T"}
{"Action":"fail","Package":"p"}
"#,
    );
    assert_eq!(read.file(Some("p.T"), "stdout"), "--- FAIL: Other (0.00s)\n");
    assert_eq!(read.finals(), (0, 1, 0, 0, 0));
}

#[test]
fn lines_that_are_no_json_are_text_and_lose_no_result() {
    let read = read(
        GoJsonReader::new(),
        b"# p\n./p.go:1: broken\nraw \xff{\"Action\":\"run\",\"Package\":\"p\",\"Test\":\"T\"}\n\
          {\"Action\":\"pass\",\"Package\":\"p\",\"Test\":\"T\"} x\n{\"Action\":1}\n[1]\n\
          {\"Action\":\"pass\",\"Package\":\"p\"}",
    );
    assert_eq!(read.text, b"# p\n./p.go:1: broken\nraw \xff x\n{\"Action\":1}\n[1]\n");
    assert_eq!(read.verdict(), Verdict::Passed);
}

#[test]
fn a_failed_build_that_no_package_names_is_red() {
    let read = read(
        GoJsonReader::new(),
        br#"{"ImportPath":"q","Action":"build-output","Output":"broken\n"}
{"ImportPath":"q","Action":"build-fail"}
"#,
    );
    assert_eq!(read.ends("q [build]"), [Status::Fail]);
    assert_eq!(read.file(Some("q [build]"), "traceback"), "broken\n");
}

/// The events that python-subunit 1.4.6 gives for the same input.
#[test]
fn the_traditional_tool_gives_the_same_events() {
    for name in [
        "bad-time",
        "build-failure",
        "build-failure-new",
        "empty",
        "hung-with-output",
        "noise",
        "pause-cont-bench",
    ] {
        let read = read(PythonGoJsonReader::new(), &data(&format!("gojson/python/{name}.jsonl")));
        let expected = data(&format!("gojson/python/{name}.events.json"));
        let expected: Vec<serde_json::Value> = serde_json::from_slice(&expected).unwrap();
        let events: Vec<serde_json::Value> = read.events.iter().map(as_json).collect();
        assert_eq!(events, expected, "{name}");
    }
}

/// An event in the form of the recorded ones.
fn as_json(event: &subunit_core::EventBuf) -> serde_json::Value {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let file = event.file.as_ref();
    let tags = event.tags.as_ref().map(|tags| tags.as_tags().iter().collect::<Vec<_>>());
    let time = event.timestamp.map(|time| (time.seconds(), time.nanoseconds()));
    serde_json::json!({
        "test_id": event.test_id,
        "status": event.status.map(Status::name),
        "tags": tags,
        "runnable": event.runnable,
        "file_name": file.map(|file| &file.name),
        "file_bytes_hex": file.map(|file| hex(&file.bytes)),
        "eof": event.eof,
        "mime_type": event.mime_type,
        "route_code": event.route_code.as_ref().map(|route| route.as_route().as_str()),
        "timestamp": time,
    })
}

/// Go before 1.24 says it in a line that is no JSON, and nowhere else.
#[test]
fn a_package_that_did_not_build_is_red_by_its_line() {
    let read = read(GoJsonReader::new(), &data("gojson/go1.19-build-failed.jsonl"));
    assert_eq!(read.finals(), (1, 1, 0, 0, 0));
    assert_eq!(read.ends("ex.com/w/bad [build]"), [Status::Fail]);
    assert!(read.text().ends_with("FAIL\tex.com/w/bad [build failed]\n"));
}

/// Go before 1.20 writes no event for the end of a test whose last line has no end.
#[test]
fn a_test_without_end_has_passed_if_its_last_line_and_its_package_say_so() {
    let line =
        |action: &str, rest: &str| format!("{{\"Action\":\"{action}\",\"Package\":\"p\"{rest}}}\n");
    let test = ",\"Test\":\"TestA\"";
    let output = format!("{test},\"Output\":\"no newline--- PASS: TestA (0.00s)\\n\"");
    let started = line("run", test) + &line("output", &output);
    for (end, status) in [("pass", Status::Success), ("fail", Status::Fail)] {
        let read = read(GoJsonReader::new(), (started.clone() + &line(end, "")).as_bytes());
        assert_eq!(read.ends("p.TestA"), [status]);
    }
    let silent = line("run", test) + &line("pass", "");
    assert_eq!(read(GoJsonReader::new(), silent.as_bytes()).ends("p.TestA"), [Status::Fail]);
}

/// Lines of `go test -json`: an action, a test and its output; of package `p`.
fn lines(lines: &[(&str, &str, &str)]) -> String {
    let line = |(action, test, output): &(&str, &str, &str)| {
        let test = if test.is_empty() { String::new() } else { format!(r#","Test":"{test}""#) };
        let output =
            if output.is_empty() { String::new() } else { format!(r#","Output":"{output}\n""#) };
        format!("{{\"Action\":\"{action}\",\"Package\":\"p\"{test}{output}}}\n")
    };
    lines.iter().map(line).collect()
}

/// The same where the test has subtests, whose lines go astray with its own; one even lost its beginning.
#[test]
fn subtests_without_end_have_passed_if_their_lines_and_their_package_say_so() {
    let glued = [
        ("run", "TestT", ""),
        ("run", "TestT/a", ""),
        ("output", "TestT/a", "59.99s=== RUN   TestT/b"),
        ("output", "TestT/a", "59.99s--- PASS: TestT (0.00s)"),
        ("output", "TestT/a", "    --- PASS: TestT/a (0.00s)"),
        ("output", "TestT/a", "    --- SKIP: TestT/b (0.00s)"),
        ("output", "TestT/a", "    --- PASS: TestFake (0.00s)"),
        ("output", "", "PASS"),
    ];
    for (end, finals) in [("pass", (2, 0, 1, 0, 0)), ("fail", (0, 2, 0, 0, 0))] {
        let input = lines(&[&glued[..], &[(end, "", "")]].concat());
        let read = read(GoJsonReader::new(), input.as_bytes());
        assert_eq!(read.finals(), finals, "{end}");
        assert_eq!(read.ends("p.TestFake"), []);
    }
    let green = lines(&[&glued[..], &[("pass", "", "")]].concat());
    for end in 0..green.len() - "}\n".len() {
        let cut = read(GoJsonReader::new(), &green.as_bytes()[..end]);
        assert_ne!(cut.verdict(), Verdict::Passed, "{}", &green[..end]);
    }
}

#[test]
fn what_a_test_prints_of_others_ends_none() {
    let input = lines(&[
        ("run", "TestA", ""),
        ("output", "TestA", "    --- PASS: TestFake (0.00s)"),
        ("output", "TestA", "--- PASS: TestA/sub (0.00s)"),
        ("output", "TestA", "--- PASS: TestA (0.00s)"),
        ("pass", "TestA", ""),
        ("run", "TestB", ""),
        ("pass", "", ""),
    ]);
    let read = read(GoJsonReader::new(), input.as_bytes());
    assert_eq!(read.finals(), (1, 1, 0, 0, 0));
    assert_eq!(read.ends("p.TestB"), [Status::Fail], "no line tells how it ended");
}

/// Benchmarks have no `run`; what they wrote before they failed is theirs.
#[test]
fn a_failure_without_a_beginning_is_that_of_its_package() {
    let input = lines(&[
        ("output", "", "goos: linux"),
        ("output", "BenchmarkTree/size:2", "--- FAIL: BenchmarkTree/size:2"),
        ("output", "BenchmarkTree/size:2", "    b_test.go:43: wanted 3"),
        ("fail", "BenchmarkTree/size:2", ""),
        ("output", "", "FAIL"),
        ("fail", "", ""),
    ]);
    let failed = read(GoJsonReader::new(), input.as_bytes());
    assert_eq!(failed.finals(), (0, 1, 0, 0, 0));
    let output = failed.file(Some("p.BenchmarkTree/size:2"), "stdout");
    assert!(output.contains("b_test.go:43: wanted 3"), "{output}");
    never_green_when_cut(GoJsonReader::new(), input.as_bytes());
    let silent = lines(&[("fail", "BenchmarkError", ""), ("fail", "", "")]);
    assert_eq!(read(GoJsonReader::new(), silent.as_bytes()).finals(), (0, 1, 0, 0, 0));
}

/// What a benchmark wrote that nobody announced and that never ends is the run's.
#[test]
fn output_of_tests_that_never_begin_nor_end_is_the_runs() {
    let input = lines(&[
        ("output", "BenchmarkX", "5 ns/op"),
        ("run", "TestA", ""),
        ("pass", "TestA", ""),
        ("pass", "", ""),
    ]);
    let read = read(GoJsonReader::new(), input.as_bytes());
    assert_eq!((read.finals(), read.verdict()), ((1, 0, 0, 0, 0), Verdict::Passed));
    assert_eq!(read.file(None, "p.BenchmarkX stdout"), "5 ns/op\n");
}

/// `TestMain` may end a package before any test has begun.
#[test]
fn a_package_that_fails_without_a_test_says_why() {
    let input = lines(&[
        ("start", "", ""),
        ("output", "", "cannot reach database db01"),
        ("output", "", "FAIL\tp\t0.003s"),
        ("fail", "", ""),
    ]);
    let read = read(GoJsonReader::new(), input.as_bytes());
    assert_eq!(read.finals(), (0, 1, 0, 0, 0));
    assert_eq!(read.file(Some("p [build]"), "stdout"), "cannot reach database db01\n");
    assert!(read.file(None, "p stdout").starts_with("cannot reach database db01\n"));
}

/// `go tool test2json` that is not told the package.
#[test]
fn tests_of_no_package_have_their_names() {
    let input = "{\"Action\":\"run\",\"Test\":\"TestA\"}\n{\"Action\":\"fail\",\"Test\":\"TestA\",\"Elapsed\":1.5}\n{\"Action\":\"fail\"}\n";
    let whole = read(GoJsonReader::new(), input.as_bytes());
    assert_eq!((whole.finals(), whole.ends("TestA")), ((0, 1, 0, 0, 0), vec![Status::Fail]));
    let times: Vec<_> = whole.events.iter().filter_map(|event| event.timestamp).collect();
    assert_eq!(times, [Timestamp::new(0, 0), Timestamp::new(1, 500_000_000)]);
    never_green_when_cut(GoJsonReader::new(), input.as_bytes());
    let alone = read(GoJsonReader::new(), b"{\"Action\":\"fail\"}\n");
    assert_eq!(alone.ends("[build]"), [Status::Fail]);
}

/// Go before 1.20 announces no package: what it says shows that it runs.
#[test]
fn a_package_that_has_said_something_has_to_end() {
    let green = lines(&[("run", "TestA", ""), ("pass", "TestA", ""), ("pass", "", "")]);
    let more = green + &lines(&[("output", "", "in init")]).replace("\"p\"", "\"q\"");
    assert_eq!(read(GoJsonReader::new(), more.as_bytes()).ends("q"), [Status::Fail]);
}
