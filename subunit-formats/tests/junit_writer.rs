//! Reports that are written, read back by our reader, by the crate quick-junit and by a strict parser of XML.

#![allow(clippy::unwrap_used, reason = "tests")]

mod junit_support;

use std::collections::BTreeMap;

use junit_support::{SAMPLES, found, sample};
use proptest::prelude::*;
use serde_json::Value;
use subunit_core::{
    Event, EventBuf, FileChunk, Item, Status, Timestamp,
    conventions::attempt_tag,
    sink::{Recorder, Sink, TestRecord},
};
use subunit_formats::junit::{JunitOptions, JunitWriter, PythonJunitWriter};

/// The report of these events.
fn written(events: &[EventBuf], options: JunitOptions) -> String {
    let mut writer = JunitWriter::new(Vec::new(), options);
    for event in events {
        assert!(writer.event(&event.as_event()).is_continue());
    }
    writer.finish();
    String::from_utf8(writer.into_result().unwrap()).unwrap()
}

fn records(events: &[EventBuf]) -> Vec<TestRecord> {
    let mut records = Vec::new();
    let mut recorder = Recorder::new(|record| records.push(record));
    for event in events {
        recorder.event(&event.as_event());
    }
    recorder.finish();
    drop(recorder);
    records
}

/// How many of each status, by id.
fn outcomes(events: &[EventBuf]) -> BTreeMap<String, Vec<Option<Status>>> {
    let mut outcomes: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for record in records(events) {
        outcomes.entry(record.test_id).or_default().push(record.status);
    }
    outcomes
}

/// Checks the report by two readers that are not ours: all counts must be those of the elements.
fn check_strictly(report: &str) -> roxmltree::Document<'_> {
    let document =
        roxmltree::Document::parse(report).unwrap_or_else(|error| panic!("{error}:\n{report}"));
    let root = document.root_element();
    let count = |node: roxmltree::Node<'_, '_>, name: &str| {
        node.descendants().filter(|node| node.tag_name().name() == name).count()
    };
    for suite in root.children().filter(roxmltree::Node::is_element).chain([root]) {
        for (attribute, name) in [
            ("tests", "testcase"),
            ("failures", "failure"),
            ("errors", "error"),
            ("skipped", "skipped"),
        ] {
            let said: usize = suite.attribute(attribute).unwrap().parse().unwrap();
            assert_eq!(said, count(suite, name), "{attribute} of {:?}", suite.attribute("name"));
        }
    }
    let parsed = quick_junit::Report::deserialize_from_str(report)
        .unwrap_or_else(|error| panic!("{error}:\n{report}"));
    let cases: usize = parsed.test_suites.iter().map(|suite| suite.test_cases.len()).sum();
    assert_eq!(cases, count(root, "testcase"));
    document
}

#[test]
fn every_sample_survives_writing_and_reading() {
    for (name, ..) in SAMPLES {
        let first = found(&sample(name), usize::MAX);
        let report = written(&first.events, JunitOptions::default());
        check_strictly(&report);
        let again = found(report.as_bytes(), 1000);
        assert_eq!(outcomes(&first.events), outcomes(&again.events), "{name}");
        assert_eq!(first.counts.verdict(), again.counts.verdict(), "{name}");
        let second = written(&again.events, JunitOptions::default());
        check_strictly(&second);
    }
}

fn at(seconds: u32, id: &str, status: Status) -> EventBuf {
    let timestamp = Some(Timestamp::new(1_700_000_000 + seconds, 0));
    Event { timestamp, ..Event::status(id, status) }.to_buf()
}

fn file(id: &str, name: &str, bytes: &[u8]) -> EventBuf {
    let file = Some(FileChunk { name, bytes });
    let mime_type = Some("text/plain;charset=utf8");
    Event { test_id: Some(id), file, eof: true, mime_type, ..Event::default() }.to_buf()
}

#[test]
fn ids_that_the_reader_would_join_otherwise_survive() {
    let ids = ["a::a", "a:: b", " a::b", "a::b ", "a.a"];
    let events: Vec<EventBuf> = ids.iter().map(|id| at(0, id, Status::Success)).collect();
    let again = found(written(&events, JunitOptions::default()).as_bytes(), 100).events;
    let ended = again.iter().filter(|event| event.status == Some(Status::Success));
    let mut found: Vec<_> = ended.filter_map(|event| event.test_id.as_deref()).collect();
    found.sort_unstable();
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    assert_eq!(found, ids);
}

#[test]
fn a_small_report_to_the_byte() {
    let mut events = vec![
        at(0, "pkg.t.ok", Status::InProgress),
        at(1, "pkg.t.ok", Status::Success),
        at(1, "pkg.t.bad", Status::InProgress),
        file("pkg.t.bad", "failure", b"boom <1>\n  at x"),
        file("pkg.t.bad", "type", b"E"),
        file("pkg.t.bad", "stdout", b"\x1b[31mred\x1b[0m\n"),
        at(3, "pkg.t.bad", Status::Fail),
        file("a::b", "reason", b"no net"),
        at(3, "a::b", Status::Skip),
        at(3, "hung", Status::InProgress),
    ];
    events[1].tags = Some(["file:x.py", "line:3", "slow"].into_iter().collect());
    let options = JunitOptions { hostname: Some("vm".to_owned()), ..JunitOptions::default() };
    let report = written(&events, options);
    check_strictly(&report);
    assert_eq!(
        report,
        r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="subunit" tests="4" failures="1" errors="1" skipped="1" time="3.000" timestamp="2023-11-14T22:13:20.000Z">
<testsuite name="pkg.t" tests="2" failures="1" errors="0" skipped="0" time="3.000" timestamp="2023-11-14T22:13:20.000Z" hostname="vm">
<testcase classname="pkg.t" name="ok" time="1.000" timestamp="2023-11-14T22:13:20.000Z" file="x.py" line="3" subunit-id="pkg.t.ok">
<properties>
<property name="tag" value="slow"/>
</properties>
</testcase>
<testcase classname="pkg.t" name="bad" time="2.000" timestamp="2023-11-14T22:13:21.000Z" subunit-id="pkg.t.bad">
<failure message="boom &lt;1&gt;" type="E">boom &lt;1&gt;
  at x</failure>
<system-out>red
</system-out>
</testcase>
</testsuite>
<testsuite name="a" tests="1" failures="0" errors="0" skipped="1" time="0.000" hostname="vm">
<testcase classname="a" name="b" time="0.000">
<skipped message="no net"/>
</testcase>
</testsuite>
<testsuite name="subunit" tests="1" failures="0" errors="1" skipped="0" time="0.000" timestamp="2023-11-14T22:13:23.000Z" hostname="vm">
<testcase classname="subunit" name="hung" time="0.000" timestamp="2023-11-14T22:13:23.000Z" subunit-id="hung">
<error message="no result: the test started and never ended" type="unfinished">no result: the test started and never ended</error>
</testcase>
</testsuite>
</testsuites>
"#
    );
}

/// An event of an attempt at a test.
fn attempt(number: u32, event: EventBuf) -> EventBuf {
    let tag = attempt_tag(number);
    EventBuf { tags: Some([tag.as_str()].into_iter().collect()), ..event }
}

/// Three attempts at a test, the last of which ends with this status.
fn attempts(id: &str, last: Status) -> Vec<EventBuf> {
    let mut events = Vec::new();
    for (number, status) in [(1, Status::Fail), (2, Status::Fail), (3, last)] {
        events.push(attempt(number, at(number * 2, id, Status::InProgress)));
        events.push(file(id, "failure", format!("at {number}").as_bytes()));
        events.push(attempt(number, at(number * 2 + 1, id, status)));
    }
    events
}

/// The elements in the test case of this name.
fn elements<'d>(document: &'d roxmltree::Document<'_>, case: &str) -> Vec<&'d str> {
    let case = document.descendants().find(|node| node.attribute("name") == Some(case)).unwrap();
    let children = case.children().filter(roxmltree::Node::is_element);
    children.map(|node| node.tag_name().name()).collect()
}

/// The attempts at each test: id, status, number.
fn said(events: &[EventBuf]) -> Vec<(String, Option<Status>, Option<u32>)> {
    let records = records(events).into_iter();
    records
        .map(|record| {
            let number = subunit_core::conventions::attempt(record.tags.as_tags());
            (record.test_id, record.status, number)
        })
        .collect()
}

#[test]
fn attempts_that_the_source_marks_are_one_case() {
    let events = [attempts("a::flaky", Status::Success), attempts("a::bad", Status::Fail)];
    let mut events = events.concat();
    events.push(attempt(1, at(9, "a::once", Status::Success)));
    check_strictly(&written(&events, JunitOptions::default()));
    // quick-junit knows flaky failures only where the test passed; Surefire's schema has room for them anywhere.
    events.extend(attempts("a::gone", Status::Skip));
    let report = written(&events, JunitOptions::default());
    let document = roxmltree::Document::parse(&report).unwrap();
    assert_eq!(elements(&document, "flaky"), ["flakyFailure", "flakyFailure", "system-out"]);
    assert_eq!(elements(&document, "bad"), ["failure", "rerunFailure", "rerunFailure"]);
    assert_eq!(elements(&document, "gone")[..2], ["skipped", "flakyFailure"]);
    assert_eq!(elements(&document, "once"), [""; 0]);
    assert!(report.contains(" tests=\"4\" failures=\"1\" errors=\"0\" skipped=\"1\" "), "{report}");
    let mut expected = said(&events);
    // A lone attempt is no news.
    expected.iter_mut().filter(|(id, ..)| id == "a::once").for_each(|(.., number)| *number = None);
    let mut found = said(&found(report.as_bytes(), 10).events);
    expected.sort_by(|one, other| (&one.0, one.2).cmp(&(&other.0, other.2)));
    found.sort_by(|one, other| (&one.0, one.2).cmp(&(&other.0, other.2)));
    assert_eq!(found, expected);
}

#[test]
fn an_attempt_takes_back_a_failure_that_nobody_marked() {
    let mut events = vec![
        file("a::x", "failure", b"first"),
        at(0, "a::x", Status::Fail),
        at(1, "a::y", Status::Fail),
        at(2, "a::z", Status::Success),
        attempt(2, at(3, "a::x", Status::Success)),
    ];
    for memory in [0, 4 << 20] {
        let options = JunitOptions { memory, ..JunitOptions::default() };
        let report = written(&events, options);
        let document = check_strictly(&report);
        assert!(report.contains(" tests=\"3\" failures=\"1\" "), "{report}");
        assert_eq!(elements(&document, "x"), ["flakyFailure"], "{report}");
        assert!(report.contains("<stackTrace>first</stackTrace>"), "{report}");
    }
    events.push(attempt(2, at(4, "a::y", Status::Fail)));
    let report = written(&events, JunitOptions::default());
    let document = check_strictly(&report);
    assert_eq!(elements(&document, "y"), ["failure", "rerunFailure"], "{report}");
    assert_eq!(found(report.as_bytes(), 100).counts.fail, 1);
}

#[test]
fn a_failure_that_is_taken_back_is_an_attempt_though_nothing_of_it_was_kept() {
    let large = vec![b'x'; 3 << 20];
    let mut events = Vec::new();
    for nth in 0..7 {
        let id = format!("a::{nth}");
        events.extend([file(&id, "stdout", &large), at(0, &id, Status::Fail)]);
    }
    events.extend((0..7).map(|nth| attempt(2, at(1, &format!("a::{nth}"), Status::Success))));
    let options = JunitOptions { max_output: 1 << 20, ..JunitOptions::default() };
    let report = written(&events, options);
    check_strictly(&report);
    assert!(report.contains(" tests=\"7\" failures=\"0\" errors=\"0\" "), "{}", &report[..500]);
    assert_eq!(report.matches("<flakyFailure").count(), 7);
    assert!(report.contains("<flakyFailure message=\"what the attempt said was not kept\""));
}

#[test]
fn output_of_passes_and_the_passes_themselves_can_be_left_out() {
    let mut events = vec![
        file("a::ok", "stdout", b"chatty"),
        at(0, "a::ok", Status::Success),
        file("a::gone", "reason", b"no net"),
        file("a::gone", "stdout", b"chatty"),
        at(0, "a::gone", Status::Skip),
        file("a::bad", "stdout", b"why"),
        at(1, "a::bad", Status::Fail),
    ];
    events.extend(attempts("a::flaky", Status::Success));
    let options = JunitOptions { no_passed_output: true, ..JunitOptions::default() };
    let report = written(&events, options);
    check_strictly(&report);
    assert!(report.contains(" tests=\"4\" ") && !report.contains("chatty"), "{report}");
    assert!(report.contains("no net") && report.contains("<system-out>why"), "{report}");
    let options = JunitOptions { failures_only: true, ..JunitOptions::default() };
    let report = written(&events, options);
    let document = check_strictly(&report);
    assert!(report.contains(" tests=\"2\" failures=\"1\" "), "{report}");
    assert_eq!(elements(&document, "flaky")[..2], ["flakyFailure", "flakyFailure"]);
}

#[test]
fn results_that_nobody_marks_as_attempts_are_a_case_each() {
    let events =
        [at(0, "a::x", Status::Fail), at(1, "a::x", Status::Success), at(2, "a::x", Status::Fail)];
    let report = written(&events, JunitOptions::default());
    check_strictly(&report);
    assert!(report.contains(" tests=\"3\" failures=\"2\" "), "{report}");
    assert_eq!(outcomes(&events), outcomes(&found(report.as_bytes(), 10).events));
}

#[test]
fn times_without_a_clock_are_durations_and_no_dates() {
    let mut events = Vec::new();
    for (start, stop, id) in [(0, 2, "a::x"), (2, 5, "b::y")] {
        let at = |seconds| Some(Timestamp::new(seconds, 0));
        let start =
            Event { timestamp: at(start), ..Event::status(id, Status::InProgress) }.to_buf();
        let stop = Event { timestamp: at(stop), ..Event::status(id, Status::Success) }.to_buf();
        events.extend([start, stop]);
    }
    let report = written(&events, JunitOptions::default());
    check_strictly(&report);
    assert!(!report.contains("timestamp"), "{report}");
    for time in ["errors=\"0\" skipped=\"0\" time=\"5.000\"", "name=\"y\" time=\"3.000\""] {
        assert!(report.contains(time), "{report}");
    }
    // What has a clock has a date, and the run lasts as long as its clock says.
    events.extend([at(0, "a::z", Status::InProgress), at(1, "a::z", Status::Success)]);
    let report = written(&events, JunitOptions::default());
    let root = "<testsuites name=\"subunit\" tests=\"3\" failures=\"0\" errors=\"0\" skipped=\"0\" \
                time=\"1.000\" timestamp=\"2023-11-14T22:13:20.000Z\">";
    assert!(report.contains(root), "{report}");
}

/// The report of one failed test with these files.
fn failed(files: &[(&str, &str, &str)]) -> String {
    let mut events: Vec<_> = files
        .iter()
        .map(|(name, mime_type, content)| EventBuf {
            mime_type: Some((*mime_type).to_owned()),
            ..file("a::b", name, content.as_bytes())
        })
        .collect();
    events.push(at(0, "a::b", Status::Fail));
    let report = written(&events, JunitOptions::default());
    check_strictly(&report);
    report
}

#[test]
fn what_says_why_a_test_failed_is_shown_whatever_its_type_and_name() {
    let yaml = "---\nerror: expected 4\nat: Test.<anonymous> (test.js:4:5)\nextra: 5777\n";
    let report = failed(&[("diagnostic.yaml", "application/yaml", yaml)]);
    let case = "name=\"b\" time=\"0.000\" file=\"test.js\" line=\"4\"";
    assert!(report.contains(case), "{report}");
    assert!(report.contains("<failure message=\"expected 4\">---\nerror: expected 4"), "{report}");
    let report = failed(&[("response", "application/x-ndjson", "{\"a\":5777}")]);
    assert!(report.contains("--- response ---\n{\"a\":5777}"), "{report}");
    let python = "Traceback (most recent call last):\n  File \"/w/t.py\", line 12, in test\nValueError: no\n";
    let report = failed(&[("traceback", "text/x-traceback", python)]);
    assert!(report.contains(" file=\"/w/t.py\" line=\"12\""), "{report}");
    assert!(report.contains("<failure message=\"ValueError: no\">Traceback"), "{report}");
    let report = failed(&[("stdout", "text/plain", "    x_test.go:44: bad\n")]);
    assert!(report.contains(" file=\"x_test.go\" line=\"44\""), "{report}");
    assert!(
        report.contains("<failure message=\"bad\">bad</failure>\n<system-out>    x_test.go:44"),
        "{report}"
    );
}

/// The suites of a report: name, and what is in their `system-out` and `system-err`.
fn suites_of(report: &str) -> Vec<(String, String, String)> {
    let document = roxmltree::Document::parse(report).unwrap();
    let suites = document.root_element().children().filter(roxmltree::Node::is_element);
    suites
        .map(|suite| {
            let text = |name| {
                let output = suite.children().find(|node| node.has_tag_name(name));
                output.and_then(|node| node.text()).unwrap_or_default().to_owned()
            };
            let name = suite.attribute("name").unwrap().to_owned();
            (name, text("system-out"), text("system-err"))
        })
        .collect()
}

#[test]
fn output_of_no_test_is_that_of_its_suite_or_of_the_report() {
    let of_no_test = |name, route: Option<&str>, bytes: &[u8]| EventBuf {
        test_id: None,
        route_code: route.map(subunit_core::RouteCodeBuf::new),
        ..file("", name, bytes)
    };
    let events = [
        at(0, "ex/p.TestX", Status::Success),
        of_no_test("ex/p stdout", None, b"of the package\n"),
        of_no_test("stdout", None, b"of nobody\n"),
        of_no_test("stderr", None, b"a warning\n"),
        of_no_test("log", Some("0"), b"of a worker\n"),
        EventBuf {
            mime_type: Some(subunit_core::conventions::MIME_TYPE.to_owned()),
            ..of_no_test("capabilities", None, b"{}")
        },
    ];
    let report = written(&events, JunitOptions::default());
    check_strictly(&report);
    let suites = suites_of(&report);
    let root = ("subunit", "of nobody\n--- 0 log ---\nof a worker\n", "a warning\n");
    let expected = [("ex/p", "of the package\n", ""), root];
    assert_eq!(suites, expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned())));
    let again = found(report.as_bytes(), 1000);
    assert_eq!(again.counts.tests(), 1);
    let said = again.events.iter().filter_map(|event| event.file.as_ref());
    assert!(said.clone().any(|file| &file.bytes[..] == b"of the package\n"), "{report}");
    assert!(said.clone().any(|file| file.name == "subunit stderr"), "{report}");
    assert_eq!(suites_of(&written(&again.events, JunitOptions::default())), suites);
}

#[test]
fn output_of_a_suite_stays_its_own_where_no_test_has_its_name() {
    let report = "<testsuites><testsuite name='math'><testcase classname='math adds' name='a'/>\
                  <system-out>of math\n</system-out></testsuite>\
                  <testsuite name='db'><testcase name='a'/><system-err>of db\n</system-err>\
                  <testsuite name='slow'><testcase name='a'/><system-out>of slow\n</system-out>\
                  </testsuite></testsuite></testsuites>";
    let again = written(&found(report.as_bytes(), 1000).events, JunitOptions::default());
    check_strictly(&again);
    let owned = |suites: &[(&str, &str, &str)]| -> Vec<_> {
        suites.iter().map(|(a, b, c)| (a.to_string(), b.to_string(), c.to_string())).collect()
    };
    assert_eq!(
        suites_of(&again),
        owned(&[
            ("math adds", "", ""),
            ("db", "", "of db\n"),
            ("slow", "of slow\n", ""),
            ("math", "of math\n", ""),
        ])
    );
}

#[test]
fn output_of_a_test_that_has_ended_makes_no_suite() {
    let of_no_test = |name| EventBuf { test_id: None, ..file("", name, b"late\n") };
    let events = [
        at(0, "alone", Status::Success),
        at(0, "ex/p.TestX", Status::Success),
        of_no_test("alone stdout"),
        of_no_test("ex/p.TestX stdout"),
        of_no_test("my-stdout"),
    ];
    let suites = suites_of(&written(&events, JunitOptions::default()));
    let names: Vec<_> = suites.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names, ["subunit", "ex/p"]);
    assert!(suites[0].1.contains("--- alone stdout ---\nlate\n"), "{suites:?}");
    assert!(suites[0].1.contains("--- my-stdout ---\nlate\n"), "{suites:?}");
    assert_eq!(suites[1].1, "--- ex/p.TestX stdout ---\nlate\n");
}

#[test]
fn output_beyond_the_limit_loses_its_middle_and_says_so() {
    let long = [vec![b'a'; 5000], vec![b'b'; 5000]].concat();
    let events = [file("a::b", "stdout", &long), at(0, "a::b", Status::Success)];
    let report = written(&events, JunitOptions { max_output: 100, ..JunitOptions::default() });
    check_strictly(&report);
    let expected = format!("{}\n... 9900 bytes left out ...\n{}", "a".repeat(50), "b".repeat(50));
    assert!(report.contains(&format!("<system-out>{expected}</system-out>")), "{report}");
}

#[test]
fn what_is_wrong_and_no_test_is_red_in_the_report() {
    let mut writer = JunitWriter::new(Vec::new(), JunitOptions::default());
    let mut stream = Vec::new();
    Event::status("a", Status::Success).encode(&mut stream).unwrap();
    Event { status: Some(Status::Fail), ..Event::default() }.encode(&mut stream).unwrap();
    stream.extend_from_slice(b"\xb3\x29\x01");
    for item in subunit_core::items(&stream) {
        // What damage said is told by no traditional tool.
        match &item {
            Item::Damage(damage) => writer.damage(damage),
            item => writer.item(item),
        };
    }
    writer.finish();
    let report = String::from_utf8(writer.into_result().unwrap()).unwrap();
    check_strictly(&report);
    let failure = "<failure message=\"a failure without a test id\">a failure without a test id<";
    assert!(report.contains(failure), "{report}");
    assert!(report.contains("tests=\"3\" failures=\"1\" errors=\"1\""), "{report}");
}

#[test]
fn suites_that_grow_in_turns_are_joined_through_the_temporary_file() {
    let mut events = Vec::new();
    for number in 0..3000 {
        events.push(at(number, &format!("class{}::test{number}", number % 7), Status::Success));
    }
    let in_memory = written(&events, JunitOptions::default());
    let on_disk = written(&events, JunitOptions { memory: 0, ..JunitOptions::default() });
    assert_eq!(in_memory, on_disk);
    let document = check_strictly(&in_memory);
    assert_eq!(document.root_element().children().filter(|node| node.is_element()).count(), 7);
}

#[test]
fn class_names_without_end_share_a_suite() {
    let ids = (0..5000).map(|number| format!("class{number}::test"));
    let events: Vec<EventBuf> = ids.map(|id| at(0, &id, Status::Success)).collect();
    let report = written(&events, JunitOptions::default());
    let document = check_strictly(&report);
    assert_eq!(document.root_element().children().filter(|node| node.is_element()).count(), 4097);
    assert_eq!(found(report.as_bytes(), 1 << 16).counts.success, 5000);
}

/// The report of the drop-in for a stream of packets.
fn written_as_reference(stream: &[u8]) -> (String, bool) {
    let mut writer = PythonJunitWriter::new(Vec::new());
    for item in subunit_core::items(stream) {
        // What damage said is told by no traditional tool.
        match &item {
            Item::Damage(damage) => writer.damage(damage),
            item => writer.item(item),
        };
    }
    writer.finish();
    let successful = writer.was_successful();
    (String::from_utf8(writer.into_result().unwrap()).unwrap(), successful)
}

/// Names, classes, times and outcomes, without the text of failures, which depends on wording.
fn outline(report: &str) -> Vec<String> {
    let document = roxmltree::Document::parse(report).unwrap();
    let elements = document.descendants().filter(roxmltree::Node::is_element);
    let line = |node: roxmltree::Node<'_, '_>| {
        let attributes: Vec<_> =
            node.attributes().map(|attribute| (attribute.name(), attribute.value())).collect();
        let text = (node.tag_name().name() == "skipped").then(|| node.text());
        format!("{} {attributes:?} {text:?}", node.tag_name().name())
    };
    elements.map(line).collect()
}

#[test]
fn the_writer_for_the_drop_in_writes_what_the_reference_writes() {
    let cases: Value = serde_json::from_slice(&sample("python/junit.json")).unwrap();
    let cases = cases.as_array().unwrap();
    assert_eq!(cases.len(), 25);
    let (mut equal, mut differing) = (0, Vec::new());
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let hex = case["stdin_hex"].as_str().unwrap();
        let digits = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        let stream: Vec<u8> = (0..hex.len()).step_by(2).map(digits).collect();
        let (report, successful) = written_as_reference(&stream);
        assert_eq!(case["exit_code"], i32::from(!successful), "{name}");
        let Some(expected) = case["exact"].as_str() else {
            // Without tests there is no time but that of the clock.
            let volatile = "<testsuite errors=\"0\" failures=\"0\" name=\"\" tests=\"0\" time=";
            assert!(report.starts_with(volatile), "{name}: {report}");
            equal += 1;
            continue;
        };
        if report == expected {
            equal += 1;
        } else {
            differing.push(name);
        }
        assert_eq!(outline(&report), outline(expected), "{name}");
    }
    // The reference's words for damage are its own.
    let wording = ["junit--corrupt-middle", "junit--truncated-tail"];
    assert_eq!((equal, &differing[..]), (23, &wording[..]));
}

fn any_event() -> impl Strategy<Value = EventBuf> {
    let id =
        prop_oneof!["[ab]::[xy]", "[ab]\\.[xy]", "\\PC{1,8}", Just("\u{1}\u{fffe}".to_owned())];
    let status = prop::option::of(prop::sample::select(Status::ALL.to_vec()));
    let name = prop::sample::select(vec![
        "failure",
        "error",
        "reason",
        "stdout",
        "message",
        "x",
        "type",
        "properties",
    ]);
    let bytes = prop::collection::vec(any::<u8>(), 0..40);
    let tag = prop::option::of("\\PC{0,9}");
    (id, status, name, bytes, tag).prop_map(|(id, status, name, bytes, tag)| EventBuf {
        status,
        tags: tag.as_deref().map(|tag| [tag].into_iter().collect()),
        ..file(&id, name, &bytes)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn whatever_happens_the_report_is_well_formed_and_as_red_as_the_run(
        events in prop::collection::vec(any_event(), 0..30),
    ) {
        let report = written(&events, JunitOptions::default());
        check_strictly(&report);
        let again = found(report.as_bytes(), 13);
        let red = |events: &[EventBuf]| -> usize {
            let bad = |status: &Option<Status>| status.is_none_or(|status| !matches!(status, Status::Exists) && (status.is_failure() || !status.is_final()));
            outcomes(events).values().flatten().filter(|status| bad(status)).count()
        };
        prop_assert_eq!(red(&events), red(&again.events), "{}", report);
        prop_assert!(again.text.is_empty());
    }
}
