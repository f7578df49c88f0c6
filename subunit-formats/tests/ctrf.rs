//! Real CTRF documents against the counts that are known of them, and what the writer makes of events.

mod reading;

use reading::{Recorded, data, never_green_when_cut, read, read_pieces};
use serde_json::Value;
use subunit_core::{
    Event, EventBuf, FileChunk, RouteCode, Status, TagsBuf, Timestamp,
    conventions::attempt_tag,
    sink::{Sink, Verdict},
};
use subunit_formats::{
    json::ctrf::{CtrfReader, CtrfWriter},
    report::Report,
};

/// 54 tests: 33 passed, 16 failed, 5 skipped of which 2 are expected failures; and four earlier attempts. The
/// collection error and the skipped module are not in the document, the unexpected pass is one that passed.
#[test]
fn all_outcomes_of_pytest() {
    let read = read(CtrfReader::new(), &data("ctrf/weird.json"));
    assert_eq!(read.finals(), (33, 16, 3, 2, 0));
    let flaky = "test_weird.py::test_flaky";
    assert_eq!(read.ends(flaky), [Status::Fail, Status::Fail, Status::Success]);
    assert_eq!(read.tagged("attempt-3"), [flaky, "test_weird.py::test_flaky_always_fails"]);
    assert_eq!(read.tagged("attempt-1").len(), 2);
    assert!(read.file(Some(flaky), "traceback").contains("assert 2 >= 3"));
    assert_eq!(read.file(Some("test_weird.py::test_xfail"), "reason"), "known bug #123");
    assert!(read.file(None, "tool").contains("\"pytest\""));
    let first = read.events.iter().find(|event| event.status == Some(Status::InProgress)).unwrap();
    assert_eq!(first.timestamp, Some(Timestamp::new(1_795_158_748, 383_000_000)));
}

/// 14 tests: 7 passed, 5 failed, 1 pending, 1 todo; suites that could not run are not in the document.
#[test]
fn jest_without_times() {
    let read = read(CtrfReader::new(), &data("ctrf/jest.json"));
    assert_eq!(read.finals(), (7, 5, 1 + 1, 0, 0));
    let id = "weird.test.js > outer > outer fails diff";
    assert_eq!(read.ends(id), [Status::Fail]);
    assert!(read.file(Some(id), "message").starts_with("Error: expect(received).toEqual"));
    let times: Vec<_> =
        read.events.iter().filter(|event| event.test_id.as_deref() == Some(id)).collect();
    let (start, stop) = (times[0].timestamp.unwrap(), times[times.len() - 1].timestamp.unwrap());
    assert_eq!(stop.since(start).unwrap().as_millis(), 3);
}

#[test]
fn a_document_without_tests_is_not_green() {
    let read_empty = read(CtrfReader::new(), &data("ctrf/collection-error.json"));
    assert_eq!(read_empty.verdict(), Verdict::NoTests);
    assert_eq!(read(CtrfReader::new(), b"{\"results\": {}}").verdict(), Verdict::Failed);
}

#[test]
fn cut_off_it_is_never_green() {
    for name in ["weird", "jest"] {
        never_green_when_cut(CtrfReader::new(), &data(&format!("ctrf/{name}.json")));
    }
}

const GREEN: &str = r#"npm notice {"x"
{"reportFormat": "CTRF", "results": {"tool": {"name": "t"}, "tests": [
  {"name": "a", "status": "passed", "duration": 1, "suite": ["s", "t"], "threadId": "w", "browser": "b"}],
  "summary": {"tests": 1, "failed": 0}}}
done
"#;

#[test]
fn text_around_documents_and_members_of_no_place() {
    let whole = read(CtrfReader::new(), GREEN.as_bytes());
    assert_eq!(
        (whole.verdict(), whole.text()),
        (Verdict::Passed, "npm notice {\"x\"\n\ndone\n".into())
    );
    assert_eq!(whole.file(Some("s > t > a"), "ctrf.json"), r#"{"browser":"b"}"#);
    let route = whole.events.iter().find_map(|event| event.route_code.clone()).unwrap();
    assert_eq!(route.as_route().as_str(), "w");
    for end in 0..GREEN.len() - "\ndone\n".len() {
        assert_ne!(
            read(CtrfReader::new(), &GREEN.as_bytes()[..end]).verdict(),
            Verdict::Passed,
            "{end}"
        );
    }
}

#[test]
fn a_summary_that_says_more_than_the_tests_is_red() {
    for (from, to) in [("\"failed\": 0", "\"failed\": 1"), ("\"tests\": 1", "\"tests\": 2")] {
        let read = read(CtrfReader::new(), GREEN.replace(from, to).as_bytes());
        assert_eq!(read.ends("CTRF report"), [Status::Fail]);
    }
    let broken = GREEN.replace("\"status\": \"passed\"", "\"status\": passed");
    let read = read(CtrfReader::new(), broken.as_bytes());
    assert_eq!(read.ends("CTRF report"), [Status::Fail]);
    assert!(read.text().contains("\"status\": passed"));
}

fn of_one_test(test: &str) -> Recorded {
    let document = format!(
        r#"{{"reportFormat":"CTRF","results":{{"tool":{{"name":"r"}},"summary":{{"tests":1,"failed":0,
        "start":1700000000000,"stop":1700000001000}},"tests":[{{"name":"a","status":"passed",{test}}}]}}}}"#
    );
    read(CtrfReader::new(), document.as_bytes())
}

#[test]
fn attempts_have_numbers() {
    let [fail, success] = [Status::Fail, Status::Success];
    let read = of_one_test(
        r#""flaky":true,"retries":1,"duration":3,"retryAttempts":[{"attempt":1,"status":"failed","duration":1}]"#,
    );
    assert_eq!(read.attempts(), [("a", fail, Some(1)), ("a", success, Some(2))]);
    let starts = read.events.iter().filter(|event| event.status == Some(Status::InProgress));
    assert!(starts.into_iter().all(|start| start.tags.is_some()));
    let counted = of_one_test(r#""flaky":true,"retries":2"#);
    assert_eq!(
        counted.attempts(),
        [("a", fail, Some(1)), ("a", fail, Some(2)), ("a", success, Some(3))]
    );
    assert_eq!(of_one_test(r#""flaky":true"#).attempts().len(), 2);
    assert_eq!(of_one_test(r#""retries":0,"flaky":false"#).attempts(), [("a", success, None)]);
    let endless = of_one_test(r#""flaky":true,"retries":4000000000"#);
    assert_eq!(endless.attempts().len(), 16);
}

#[test]
fn tests_of_one_name_in_two_browsers_are_two() {
    let input = r#"{"results":{"tests":[{"name":"a","status":"failed","browser":"firefox"},
        {"name":"a","status":"passed","browser":"chromium"},{"name":"b","status":"failed"},
        {"name":"b","status":"passed"}]}}"#;
    let read = read(CtrfReader::new(), input.as_bytes());
    assert_eq!(read.ends("a"), [Status::Fail]);
    assert_eq!(read.ends("chromium > a"), [Status::Success]);
    assert_eq!(read.ends("b"), [Status::Fail, Status::Success]);
    assert_eq!(read.finals(), (2, 2, 0, 0, 0));
}

#[test]
fn a_document_with_attempts_that_is_cut_off_is_never_green() {
    let document = r#"{"reportFormat":"CTRF","results":{"tests":[{"name":"a","status":"passed","flaky":true,
        "retries":1,"retryAttempts":[{"attempt":1,"status":"failed"}]}],"summary":{"tests":1,"failed":0}}}"#;
    assert_eq!(read(CtrfReader::new(), document.as_bytes()).verdict(), Verdict::Passed);
    for end in 0..document.len() {
        let cut = read(CtrfReader::new(), &document.as_bytes()[..end]);
        assert_ne!(cut.verdict(), Verdict::Passed, "{}", &document[..end]);
    }
}

#[test]
fn durations_count_from_the_start_that_the_summary_names() {
    let read = of_one_test(r#""duration":250"#);
    let times: Vec<_> = read.events.iter().filter_map(|event| event.timestamp).collect();
    let start = 1_700_000_000;
    assert_eq!(times, [Timestamp::new(start, 0), Timestamp::new(start, 250_000_000)]);
}

#[test]
fn what_the_tool_calls_passed_has_passed() {
    let lax = of_one_test(r#""rawStatus":"xpassed""#);
    assert_eq!((lax.ends("a"), lax.tagged("xpass")), (vec![Status::Success], vec!["a"]));
    let strict = r#"{"results":{"tests":[{"name":"a","status":"failed","rawStatus":"xpassed"}]}}"#;
    assert_eq!(read(CtrfReader::new(), strict.as_bytes()).ends("a"), [Status::UnexpectedSuccess]);
}

fn written(events: &[EventBuf]) -> Vec<u8> {
    let mut writer = CtrfWriter::new(Vec::new());
    for event in events {
        writer.event(&event.as_event());
    }
    writer.finish();
    writer.into_result().expect("no error")
}

/// Holds a document against the schema of CTRF 1.0.0: what must be there, what may be, and of what type.
fn assert_valid(document: &[u8]) -> Value {
    let document: Value = serde_json::from_slice(document).expect("JSON");
    assert_eq!(document["reportFormat"], "CTRF");
    assert_eq!(document["specVersion"], "1.0.0");
    members(&document, &["reportFormat", "specVersion", "generatedBy", "results"]);
    let results = &document["results"];
    members(results, &["tool", "summary", "tests", "extra"]);
    let numbers = ["tests", "passed", "failed", "skipped", "pending", "other", "start", "stop"];
    assert!(numbers.iter().all(|key| results["summary"][key].is_u64()));
    let summed =
        ["passed", "failed", "skipped"].map(|key| results["summary"][key].as_u64().unwrap_or(0));
    let tests = results["tests"].as_array().expect("tests");
    assert_eq!(results["summary"]["tests"], tests.len());
    assert_eq!(summed.iter().sum::<u64>(), tests.len() as u64);
    let shared =
        ["status", "duration", "start", "stop", "message", "trace", "stdout", "stderr", "extra"];
    for test in tests {
        let more = ["name", "rawStatus", "tags", "retries", "retryAttempts", "flaky", "threadId"];
        members(test, &[&shared[..], &more, &["filePath", "line"]].concat());
        assert!(test["name"].as_str().is_some_and(|name| !name.is_empty()));
        let attempts =
            test.get("retryAttempts").and_then(Value::as_array).cloned().unwrap_or_default();
        for attempt in &attempts {
            members(attempt, &[&shared[..], &["attempt"]].concat());
            assert!(attempt["attempt"].as_u64() >= Some(1));
        }
        for one in attempts.iter().chain([test]) {
            let status = one["status"].as_str().unwrap_or_default();
            assert!(["passed", "failed", "skipped"].contains(&status), "{status}");
            assert!(one["duration"].is_u64());
            for key in ["stdout", "stderr"] {
                assert!(one.get(key).is_none_or(|lines| lines[0].is_string()));
            }
        }
    }
    document
}

fn members(object: &Value, allowed: &[&str]) {
    for key in object.as_object().expect("an object").keys() {
        assert!(allowed.contains(&key.as_str()), "{key}");
    }
}

fn of(id: &str, event: Event<'_>) -> EventBuf {
    Event { test_id: Some(id), ..event }.to_buf()
}

fn at(seconds: u32) -> Option<Timestamp> {
    Some(Timestamp::new(1_800_000_000 + seconds, 125_000_000))
}

/// Events of tests with every status, details, tags and times.
fn every_status() -> Vec<EventBuf> {
    let tags: TagsBuf = ["x:1", "slow"].into_iter().collect();
    let mut events = Vec::new();
    for (nth, status) in (0..).zip(Status::ALL.into_iter().filter(|status| status.is_final())) {
        let id = format!("p::T[{status}]\"\n名");
        let route_code = Some(RouteCode::new("0/1"));
        let mut push = |event: Event<'_>| events.push(of(&id, Event { route_code, ..event }));
        let file = |name, bytes: &'static [u8]| Some(FileChunk { name, bytes });
        push(Event { status: Some(Status::InProgress), timestamp: at(nth), ..Event::default() });
        for (name, bytes) in [
            ("stdout", &b"out \x1b[1m\r\n\nlast"[..]),
            ("stderr", b"raw \xff\n"),
            (if status == Status::Fail { "traceback" } else { "reason" }, b"why\n]"),
            ("image", b"\x89PNG"),
        ] {
            let (head, tail) = bytes.split_at(bytes.len() / 2);
            push(Event { file: file(name, head), mime_type: Some("a/b"), ..Event::default() });
            push(Event {
                file: file(name, tail),
                mime_type: Some("a/b"),
                eof: true,
                ..Event::default()
            });
        }
        push(Event {
            status: Some(status),
            timestamp: at(nth + 2),
            tags: Some(tags.as_tags()),
            ..Event::default()
        });
    }
    events
}

#[test]
fn what_is_written_is_valid_and_reads_back() {
    let events = every_status();
    let document = written(&events);
    assert_valid(&document);
    let back = read(CtrfReader::new(), &document);
    let mut wrote = Recorded::default();
    for event in &events {
        wrote.event(&event.as_event());
    }
    for event in wrote.events.iter().filter(|event| event.status.is_some_and(Status::is_final)) {
        let id = event.test_id.as_deref().unwrap();
        let mut ends = back.events.iter().filter(|end| {
            end.test_id.as_deref() == Some(id) && end.status.is_some_and(Status::is_final)
        });
        assert_eq!(ends.next(), Some(event));
        for name in ["stdout", "stderr", "traceback", "reason", "image", "message"] {
            assert_eq!(back.file(Some(id), name), wrote.file(Some(id), name), "{id} {name}");
        }
    }
    assert_eq!(back.finals(), wrote.finals());
}

/// An attempt at a test, with this number where it has one.
fn attempt(id: &str, number: u32, status: Status, file: &str) -> Vec<EventBuf> {
    let tag = attempt_tag(number);
    let tags: TagsBuf = [tag.as_str()].into_iter().filter(|_| number > 0).collect();
    let tags = (number > 0).then(|| tags.as_tags());
    let file = Some(FileChunk { name: file, bytes: b"why" });
    let file =
        Event { file, eof: true, mime_type: Some("text/plain;charset=utf8"), ..Event::default() };
    vec![
        Event { timestamp: at(number), tags, ..Event::status(id, Status::InProgress) }.to_buf(),
        of(id, file),
        Event { timestamp: at(number + 1), tags, ..Event::status(id, status) }.to_buf(),
    ]
}

#[test]
fn attempts_that_the_source_marks_are_one_test() {
    let mut events = Vec::new();
    for (id, number, status) in [
        ("flaky", 1, Status::Fail),
        ("flaky", 2, Status::Success),
        ("red", 1, Status::Fail),
        ("red", 2, Status::Fail),
        ("gone", 1, Status::Fail),
        ("gone", 2, Status::Skip),
        ("twice", 0, Status::Fail),
        ("twice", 0, Status::Success),
        ("once", 1, Status::Fail),
    ] {
        events.extend(attempt(id, number, status, "traceback"));
    }
    events.push(Event::status("open", Status::InProgress).to_buf());
    let document = written(&events);
    let json = assert_valid(&document);
    let summary = &json["results"]["summary"];
    let counts = ["tests", "passed", "failed", "skipped", "flaky"].map(|key| &summary[key]);
    assert_eq!(counts, [7, 2, 4, 1, 2]);
    let flaky = &json["results"]["tests"][0];
    assert_eq!(
        (&flaky["name"], &flaky["retries"], &flaky["flaky"]),
        (&"flaky".into(), &1.into(), &true.into())
    );
    assert_eq!(flaky["retryAttempts"][0]["trace"], "why");
    let back = read_pieces(CtrfReader::new(), [&document[..]]);
    let attempts = |id: &str| -> Vec<_> {
        let of_test = back.attempts().into_iter().filter(|(name, ..)| *name == id);
        of_test.map(|(_, status, number)| (status, number)).collect()
    };
    let [fail, success, skip] = [Status::Fail, Status::Success, Status::Skip];
    assert_eq!(attempts("flaky"), [(fail, Some(1)), (success, Some(2))]);
    assert_eq!(attempts("red"), [(fail, Some(1)), (fail, Some(2))]);
    assert_eq!(attempts("gone"), [(fail, Some(1)), (skip, Some(2))]);
    assert_eq!(attempts("twice"), [(fail, None), (success, None)]);
    assert_eq!(attempts("once"), [(fail, Some(1))]);
    assert_eq!(attempts("open"), [(fail, None)]);
}

#[test]
fn a_failure_that_was_written_and_is_taken_back_is_told() {
    let mut writer = CtrfWriter::new(Vec::new());
    for event in
        [attempt("a", 0, Status::Fail, "x"), attempt("a", 2, Status::Success, "x")].concat()
    {
        writer.event(&event.as_event());
    }
    writer.finish();
    let remark = Report::remark(&writer).unwrap_or_default();
    assert_eq!(remark, "1 test was tried again after its failure had been written");
}

#[test]
fn what_says_why_is_the_trace_and_keeps_its_name() {
    let mut events = attempt("a", 0, Status::Fail, "failure");
    events.extend(attempt("b", 0, Status::UnexpectedSuccess, "x"));
    events.extend(attempt("c", 0, Status::Fail, "stdout"));
    let document = written(&events);
    let json = assert_valid(&document);
    let tests = &json["results"]["tests"];
    assert_eq!((&tests[0]["trace"], &tests[0]["message"]), (&"why".into(), &"why".into()));
    assert_eq!(tests[1]["message"], "the test passed, and was expected to fail");
    let back = read(CtrfReader::new(), &document);
    let files = |id: &str| -> Vec<_> {
        let of_test = back.events.iter().filter(|event| event.test_id.as_deref() == Some(id));
        of_test.filter_map(|event| Some(event.file.as_ref()?.name.clone())).collect()
    };
    assert_eq!(
        (files("a"), files("b"), files("c")),
        (vec!["failure".into()], vec!["x".into()], vec!["stdout".into()])
    );
}

#[test]
fn a_failure_has_its_place() {
    let trace = Some(FileChunk {
        name: "traceback",
        bytes: b"thread 'a' panicked at src/lib.rs:7:5:\nboom",
    });
    let failed = Event { file: trace, eof: true, ..Event::status("a", Status::Fail) }.to_buf();
    let json = assert_valid(&written(&[failed]));
    let test = &json["results"]["tests"][0];
    assert_eq!((&test["filePath"], &test["line"]), (&"src/lib.rs".into(), &7.into()));
    assert_eq!(test["message"], "boom");
}

#[test]
fn where_a_test_failed_makes_it_no_other_test() {
    let trace = Some(FileChunk { name: "traceback", bytes: b"panicked at src/lib.rs:7:5:\nboom" });
    let failed = Event { file: trace, eof: true, ..Event::status("a", Status::Fail) }.to_buf();
    let document = written(&[Event::status("a", Status::Success).to_buf(), failed]);
    assert_valid(&document);
    let back = read(CtrfReader::new(), &document);
    assert_eq!(back.ends("a"), [Status::Success, Status::Fail]);
    assert_eq!(back.file(Some("a"), "ctrf.json"), "");
}

#[test]
fn files_of_no_test_are_in_the_document_and_come_back() {
    let route_code = Some(RouteCode::new("go/1"));
    let file = Some(FileChunk { name: "p stdout", bytes: b"no database\n" });
    let output =
        Event { route_code, file, eof: true, mime_type: Some("text/x"), ..Event::default() };
    let document = written(&[Event::status("a", Status::Success).to_buf(), output.to_buf()]);
    assert_valid(&document);
    let back = read(CtrfReader::new(), &document);
    assert!(back.events.contains(&output.to_buf()), "{:?}", back.events);
    assert_eq!(back.file(None, "extra"), "");
}

#[test]
fn times_without_a_clock_are_durations_and_no_dates() {
    let at = |seconds| Some(Timestamp::new(seconds, 0));
    let events = [
        Event { timestamp: at(0), ..Event::status("a", Status::InProgress) }.to_buf(),
        Event { timestamp: at(2), ..Event::status("a", Status::Success) }.to_buf(),
    ];
    let document = written(&events);
    let json = assert_valid(&document);
    let test = &json["results"]["tests"][0];
    assert_eq!(test["duration"], 2000);
    assert!(test.get("start").or_else(|| test.get("stop")).is_none());
    assert_eq!(json["results"]["summary"]["stop"], 0);
    let back = read(CtrfReader::new(), &document);
    let times: Vec<_> = back.events.iter().filter_map(|event| event.timestamp).collect();
    assert_eq!(times, [Timestamp::new(0, 0), Timestamp::new(2, 0)]);
}

#[test]
fn an_empty_stream_and_failures_of_no_test_are_documents_too() {
    assert_valid(&written(&[]));
    assert_eq!(read(CtrfReader::new(), &written(&[])).verdict(), Verdict::NoTests);
    let failure = Event { status: Some(Status::Fail), ..Event::default() }.to_buf();
    let document = written(&[failure, Event::status("", Status::Success).to_buf()]);
    assert_valid(&document);
    assert_eq!(read(CtrfReader::new(), &document).verdict(), Verdict::Failed);
}
