//! JUnit XML of many tools, read.

#![allow(clippy::unwrap_used, reason = "tests")]

mod junit_support;

use junit_support::{Found, SAMPLES, found, found_by, sample};
use proptest::prelude::*;
use serde_json::Value;
use subunit_core::{Event, EventBuf, Status, sink::Verdict};
use subunit_formats::junit::PythonJunitReader;

#[test]
fn the_counts_of_every_sample_are_the_true_ones() {
    for (name, success, fail, skip, xfail, uxsuccess, attempts) in SAMPLES {
        let Found { counts, superseded, .. } = found(&sample(name), usize::MAX);
        let seen =
            (counts.success, counts.fail, counts.skip, counts.xfail, counts.uxsuccess, superseded);
        assert_eq!(seen, (*success, *fail, *skip, *xfail, *uxsuccess, *attempts), "{name}");
        assert_eq!(counts.unfinished, 0, "{name}");
        assert_eq!(counts.verdict(), Verdict::Failed, "{name}");
    }
}

#[test]
fn the_same_events_however_cut() {
    for (name, ..) in SAMPLES {
        let report = sample(name);
        let whole = found(&report, usize::MAX);
        for cut in [1, 2, 3, 7, 61, 1000, 4099] {
            let cut = found(&report, cut);
            assert!(whole.events == cut.events, "{name}");
            assert_eq!(whole.text, cut.text, "{name}");
        }
    }
}

#[test]
fn a_report_that_is_cut_short_is_never_green() {
    for (name, ..) in SAMPLES {
        let report = sample(name);
        let step = (report.len() / 300).max(1);
        for end in (0..report.len()).step_by(step) {
            let verdict = found(&report[..end], 1 << 16).counts.verdict();
            assert_ne!(verdict, Verdict::Passed, "{name} up to {end}");
        }
    }
}

#[test]
fn a_report_that_fails_at_its_end_is_red_wherever_it_is_cut() {
    let report = b"\xef\xbb\xbf<?xml version='1.0'?>\n<!DOCTYPE x><!-- c --><testsuites><testsuite name='s'>\
        <testcase name='a'><system-out><![CDATA[x]]>&amp;</system-out></testcase>\
        <testcase name='b'/><testcase name='c'><failure/></testcase></testsuite></testsuites>";
    for end in 0..=report.len() {
        assert_ne!(found(&report[..end], 5).counts.verdict(), Verdict::Passed, "{end}");
    }
}

#[test]
fn bytes_before_the_report_are_text() {
    let found = found(&sample("subunit2junitxml.xml"), 100);
    assert!(found.text.starts_with(b"\xb3!@"));
    assert!(!found.text.is_empty());
}

/// Where times begin that are no dates.
const RELATIVE: subunit_core::Timestamp = subunit_core::Timestamp::new(0, 0);

/// Events as lines: status or file of a test, tags, text of files, seconds since 1970, or since 2000.
fn lines(report: &str) -> String {
    let whole = found(report.as_bytes(), usize::MAX).events;
    let pieces = found(report.as_bytes(), 1).events;
    assert_eq!(whole, pieces);
    whole.iter().map(line).collect()
}

fn line(event: &EventBuf) -> String {
    let event: Event<'_> = event.as_event();
    let mut line = String::new();
    if !event.runnable {
        line.push_str("not runnable ");
    }
    line.push_str(event.test_id.unwrap_or("-"));
    for tag in event.tags.into_iter().flatten() {
        line.push_str(&format!(" [{tag}]"));
    }
    if let Some(status) = event.status {
        line.push_str(&format!(" {status}"));
    }
    if let Some(time) = event.timestamp {
        let year_2000 = subunit_core::Timestamp::new(946_684_800, 0);
        let since = time.since(if time.is_relative() { RELATIVE } else { year_2000 });
        line.push_str(&format!(" {:?}", since.unwrap_or_default()));
    }
    if let Some(file) = event.file {
        line.push_str(&format!(" {}={:?}", file.name, String::from_utf8_lossy(file.bytes)));
    }
    line + "\n"
}

#[track_caller]
fn check(report: &str, expected: &[&str]) {
    let expected: String = expected.iter().map(|line| format!("{line}\n")).collect();
    assert_eq!(lines(report), expected);
}

#[test]
fn a_case_with_everything() {
    check(
        "<testsuite name='s'><testcase classname='c' name='n' time='1.5' file='f.py' line='3'>\
         <properties><property name='p' value='v'/><property name='attachment'>a.png</property></properties>\
         <failure message='m' type='T'>body</failure><error message='body2'>body2 more</error>\
         <system-out>out [[ATTACHMENT|b.png]]</system-out></testcase></testsuite>",
        &[
            "c::n [file:f.py] [line:3] inprogress 0ns",
            "c::n properties=\"p=v\\nattachment=a.png\\n\"",
            "c::n failure=\"body\"",
            "c::n message=\"m\"",
            "c::n type=\"T\"",
            "c::n error=\"body2 more\"",
            "c::n stdout=\"out [[ATTACHMENT|b.png]]\"",
            "c::n artifact-path=\"a.png\\nb.png\\n\"",
            "c::n [file:f.py] [line:3] fail 1.5s",
        ],
    );
}

#[test]
fn names_where_some_are_missing() {
    let names = |report: &str| {
        let found = found(report.as_bytes(), 9);
        let ended = found.events.iter().filter(|event| event.status == Some(Status::Success));
        ended.map(|event| event.test_id.clone().unwrap()).collect::<Vec<_>>()
    };
    let report = "<testcase name='a'/><testsuites><testcase classname='' name='b'/>\
        <testsuite name='s'><testcase name='c'/><testcase classname='k'/><testcase/>\
        <testsuite><testcase name='d'/></testsuite></testsuite></testsuites>\
        <testsuite><testcase subunit-id='e.f' classname='e' name='f'/></testsuite>";
    assert_eq!(names(report), ["a", "b", "s::c", "k", "s", "s::d", "e.f"]);
}

/// The ids of what ended, each with its status.
fn ended(report: &[u8]) -> Vec<String> {
    let whole = found(report, usize::MAX).events;
    assert_eq!(whole, found(report, 3).events);
    let ended = whole.iter().filter(|event| event.status.is_some_and(Status::is_final));
    ended
        .map(|event| format!("{} {}", event.test_id.clone().unwrap(), event.status.unwrap()))
        .collect()
}

#[test]
fn tests_of_one_id_in_different_suites_or_files_are_different_tests() {
    let browsers = b"<testsuites><testsuite name='chrome'><testcase classname='login' name='in'><failure/></testcase>\
        </testsuite><testsuite name='firefox'><testcase classname='login' name='in'/></testsuite>\
        <testsuite name='webkit'><testsuite name='login'><testcase classname='login' name='in'/></testsuite>\
        </testsuite></testsuites>";
    assert_eq!(
        ended(browsers),
        ["login::in fail", "firefox::login::in success", "webkit::login::in success"]
    );
    let files = b"<testsuite name='s'><testcase classname='c' name='a' file='x.js'/>\
        <testcase classname='c' name='a' file='y.js'><failure/></testcase></testsuite>";
    assert_eq!(ended(files), ["c::a success", "y.js::c::a fail"]);
    let again = b"<testsuite name='s'><testcase classname='c' name='a'/></testsuite>\
        <testsuite name='s'><testcase classname='c' name='a'/></testsuite>";
    assert_eq!(ended(again), ["c::a success", "c::a success"], "nothing tells them apart");
    let documents = b"<testsuites name='linux'><testsuite name='s'><testcase name='a'/></testsuite></testsuites>\
        <testsuites name='windows'><testsuite name='s'><testcase name='a'/></testsuite></testsuites>";
    assert_eq!(ended(documents), ["s::a success", "windows::s::a success"]);
    let ours = b"<testsuite name='s'><testcase subunit-id='a'/></testsuite>\
        <testsuite name='t'><testcase subunit-id='a'/></testsuite>";
    assert_eq!(ended(ours), ["a success", "a success"], "ids of ours stay");
}

#[test]
fn what_stands_in_class_name_and_name_stands_in_the_id_once() {
    let report = b"<testsuite name='s'><testcase classname='A.b' name='A.b'/><testcase classname=' A' name=' c '/>\
        <testcase classname=' ' name=' d'/><testcase name='s'/><testcase classname='k' name=' '/></testsuite>";
    let ids = ["A.b success", "A::c success", "d success", "s success", "k success"];
    assert_eq!(ended(report), ids);
}

#[test]
fn attempts_stand_apart() {
    check(
        "<testcase name='a' time='1'><flakyFailure message='f1' time='2'/>\
         <flakyError type='E'>\n<stackTrace>trace</stackTrace><system-out>o1</system-out></flakyError>\
         <system-out>o</system-out></testcase>\
         <testcase name='b'><failure/><rerunFailure>r</rerunFailure></testcase>",
        &[
            "a [attempt-1] inprogress 0ns",
            "a failure=\"f1\"",
            "a [attempt-1] fail 2s",
            "a [attempt-2] inprogress 2s",
            "a error=\"\\ntrace\"",
            "a type=\"E\"",
            "a stdout=\"o1\"",
            "a [attempt-2] fail 2s",
            "a [attempt-3] inprogress 2s",
            "a stdout=\"o\"",
            "a [attempt-3] success 3s",
            "b [attempt-1] inprogress 3s",
            "b [attempt-1] fail 3s",
            "b [attempt-2] inprogress 3s",
            "b failure=\"r\"",
            "b [attempt-2] fail 3s",
        ],
    );
}

#[test]
fn skips_and_expected_failures() {
    let statuses = |case: &str| {
        let report = format!("<testsuite><testcase name='a' {case}</testcase></testsuite>");
        found(report.as_bytes(), 4).events.iter().rev().find_map(|event| event.status).unwrap()
    };
    for (case, status) in [
        ("><skipped/>", Status::Skip),
        ("><skipped type='pytest.xfail' message='m'/>", Status::ExpectedFailure),
        ("><skipped type='todo'/><failure/>", Status::ExpectedFailure),
        ("><skipped type='todo'/>", Status::Skip),
        ("><skipped/><failure/>", Status::Fail),
        ("><failure type='unittest.case._UnexpectedSuccess'/>", Status::UnexpectedSuccess),
        ("status='notrun' result='suppressed'>", Status::Skip),
        ("status='run' result='completed'>", Status::Success),
        ("result='xfail'>", Status::ExpectedFailure),
        ("result='xpass'><failure/>", Status::UnexpectedSuccess),
        ("classname='a' status='notrun'><skipped message='SKIP_RETURN_CODE=77'/>", Status::Skip),
        ("classname='a' status='notrun'><skipped message='no executable'/>", Status::Fail),
        ("classname='b' status='notrun'><skipped message='why'/>", Status::Skip),
        ("status='fail'>", Status::Fail),
        ("status='disabled'><failure/>", Status::Fail),
    ] {
        assert_eq!(statuses(case), status, "{case}");
    }
    check(
        "<testcase name='a'><skipped message='why'>f.py:1: why</skipped></testcase>",
        &["a inprogress 0ns", "a details=\"f.py:1: why\"", "a reason=\"why\"", "a skip 0ns"],
    );
}

#[test]
fn what_suites_say_of_themselves() {
    check(
        "<testsuites><testsuite name='s'><testsuite name='t'><error message='setup'>trace</error>\
         <system-out>out</system-out><testcase name='a'/></testsuite></testsuite></testsuites>",
        &[
            "not runnable s::t fail 0ns error=\"setup\\ntrace\"",
            "- s::t stdout=\"out\"",
            "t::a inprogress 0ns",
            "t::a success 0ns",
        ],
    );
    check(
        "<testsuites errors='1'><testsuite name='s' errors='1'/></testsuites>",
        &[
            "not runnable s [incomplete] fail 0ns reason=\"the suite counts 1 failure or error, 0 were read\"",
        ],
    );
}

/// The reasons of what failed and is no test.
fn reasons(report: &str) -> Vec<String> {
    let found = found(report.as_bytes(), 11);
    let events = found.events.iter().filter(|event| !event.runnable && event.status.is_some());
    let reason = |event: &EventBuf| {
        let reason = event.file.as_ref().map(|file| String::from_utf8_lossy(&file.bytes));
        format!("{}: {}", event.test_id.clone().unwrap(), reason.unwrap_or_default())
    };
    events.map(reason).collect()
}

#[test]
fn a_report_that_counts_failures_which_it_does_not_show_is_red() {
    for (report, expected) in [
        (
            "<testsuites><testsuite name='s' tests='2' failures='1'><testcase name='a'/></testsuite></testsuites>",
            &["s: the suite counts 1 failure or error, 0 were read"][..],
        ),
        (
            "<testsuites failures='3'><testsuite tests='1' errors='0' failures='3'><testcase name='a'/>\
             </testsuite></testsuites>",
            &["testsuite: the suite counts 3 failures and errors, 0 were read"],
        ),
        (
            "<testsuites failures='2' errors='1'><testsuite name='s' failures='1'><testcase name='a'>\
             <failure/></testcase></testsuite></testsuites>",
            &["JUnit report: the report counts 3 failures and errors, 1 was read"],
        ),
        // What a test prints is no count.
        (
            "<testsuite failures='1'><testcase name='a'><failure><testsuite failures='7'/></failure></testcase>\
             </testsuite>",
            &[],
        ),
    ] {
        assert_eq!(reasons(report), expected, "{report}");
        for end in 0..report.len() {
            let verdict = found(&report.as_bytes()[..end], 7).counts.verdict();
            assert_ne!(verdict, Verdict::Passed, "{report} up to {end}");
        }
    }
}

#[test]
fn failures_that_were_read_are_as_many_as_are_counted() {
    for report in [
        // Surefire counts attempts, or does not.
        "<testsuite failures='1'><testcase name='a'><flakyFailure/></testcase></testsuite>",
        "<testsuite errors='2'><testcase name='a'><failure/><rerunError/></testcase></testsuite>",
        "<testsuite failures='0'><testcase name='a'><flakyFailure/></testcase></testsuite>",
        "<testsuite failures='1'><testcase name='a' status='fail'/></testsuite>",
        "<testsuite failures='2'><testcase name='a'><failure/><failure/></testcase></testsuite>",
        "<testsuite failures='1'><testcase name='a'><skipped type='todo'/><failure/></testcase></testsuite>",
        "<testsuite failures='' errors='no'><testcase name='a'/></testsuite>",
    ] {
        assert_eq!(reasons(report), Vec::<String>::new(), "{report}");
    }
    for report in [
        "<testsuites><testsuite name='s' tests='0' errors='1'><error message='boom'>trace</error></testsuite></testsuites>",
        "<testsuite name='s' tests='1' errors='1'><error message='boom' type='E'>trace</error></testsuite>",
    ] {
        assert_eq!(reasons(report), ["s: boom\ntrace"], "{report}");
    }
}

#[test]
fn a_case_that_the_report_breaks_off_in_is_incomplete() {
    let report = "<testsuite><testcase name='a'><system-out>x";
    let found = lines(report);
    assert!(found.contains("not runnable JUnit report fail"), "{found}");
    assert!(found.contains("a [incomplete] fail"), "{found}");
    assert!(found.contains("stdout=\"x\""), "{found}");
}

#[test]
fn markup_that_was_not_escaped_is_text() {
    check(
        "<testcase name='a'><failure>want <b>x</b> & <testcase name='no'/></failure></testcase>",
        &["a inprogress 0ns", "a failure=\"want <b>x</b> & <testcase name='no'/>\"", "a fail 0ns"],
    );
}

#[test]
fn times_of_the_report_are_those_of_the_events() {
    check(
        "<testsuite timestamp='2000-01-01T01:00:00' name='s'><testcase name='a' time='1e-3'/>\
         <testcase name='b' time='' timestamp='2000-01-01T02:00:00Z'/></testsuite>",
        &[
            "s::a inprogress 3600s",
            "s::a success 3600.001s",
            "s::b inprogress 7200s",
            "s::b success 7200s",
        ],
    );
}

#[test]
fn times_of_a_report_that_names_none_are_relative() {
    let report =
        b"<testsuite><testcase name='a' time='1'/><testcase name='b' time='2'/></testsuite>";
    let times = |event: &EventBuf| event.timestamp.map(|time| (time.is_relative(), time.seconds()));
    let found: Vec<_> = found(report, 9).events.iter().filter_map(times).collect();
    assert_eq!(found, [(true, 0), (true, 1), (true, 1), (true, 3)]);
}

#[test]
fn suites_without_a_date_are_on_the_clock_of_those_around_them() {
    check(
        "<testsuites><testsuite name='a'><testcase name='x' time='2'/><testcase name='y' time='3'/></testsuite>\
         <testsuite name='b' timestamp='2000-01-01T01:00:00'><testcase name='x' time='5'/></testsuite>\
         <testsuite name='c'><testcase name='x' time='1'/></testsuite></testsuites>",
        &[
            "a::x inprogress 3595s",
            "a::x success 3597s",
            "a::y inprogress 3597s",
            "a::y success 3600s",
            "b::x inprogress 3600s",
            "b::x success 3605s",
            "c::x inprogress 3605s",
            "c::x success 3606s",
        ],
    );
    let output = "x".repeat(2 << 20);
    let far = format!(
        "<testsuite><testcase name='a' time='1'><system-out>{output}</system-out></testcase></testsuite>\
         <testsuite timestamp='2000-01-01T01:00:00'><testcase name='b'/></testsuite>"
    );
    let dates: Vec<bool> = found(far.as_bytes(), 4096)
        .events
        .iter()
        .filter_map(|event| Some(event.timestamp?.is_relative()))
        .collect();
    assert_eq!(dates, [true, true, false, false], "what is held is bounded");
}

#[test]
fn why_a_suite_failed_does_not_end_the_wait_for_a_date() {
    let report = b"<testsuites><testsuite name='a'><testcase name='x' time='2'/><error>boom</error></testsuite>\
                   <testsuite timestamp='2000-01-01T01:00:00'><testcase name='y'/></testsuite></testsuites>";
    for size in [1, 9, report.len()] {
        let found = found(report, size);
        let times = found.events.iter().filter_map(|event| event.timestamp);
        let relative = times.filter(|time| time.is_relative()).count();
        assert_eq!(relative, 0, "{:?}", found.events);
    }
}

#[test]
fn a_huge_case_goes_out_as_it_comes_and_keeps_its_outcome() {
    let output = "x".repeat(3 << 20);
    let report = format!(
        "<testsuite><testcase name='a'><system-out>{output}</system-out>\
         <flakyFailure>{output}</flakyFailure></testcase><testcase name='b'><failure>{output}</failure>\
         <rerunFailure>r</rerunFailure><system-out>{output}</system-out></testcase></testsuite>"
    );
    let found = found(report.as_bytes(), 10_000);
    let again = found_whole(&report);
    assert!(found.events == again);
    let longest = found.events.iter().filter_map(|event| event.file.as_ref());
    assert!(longest.map(|file| file.bytes.len()).max().unwrap() <= 1 << 20);
    let bytes: usize =
        found.events.iter().filter_map(|event| Some(event.file.as_ref()?.bytes.len())).sum();
    assert_eq!(bytes, 4 * output.len() + 1);
    let last = |id: &str| {
        let of_test = |event: &&EventBuf| event.test_id.as_deref() == Some(id);
        found.events.iter().rev().filter(of_test).find_map(|event| event.status)
    };
    assert_eq!((last("a"), last("b")), (Some(Status::Success), Some(Status::Fail)));
    assert_eq!(found.counts.unfinished, 0);
}

fn found_whole(report: &str) -> Vec<EventBuf> {
    found(report.as_bytes(), usize::MAX).events
}

#[test]
fn many_small_children_of_one_case_are_no_trouble() {
    let report = format!("<testcase name='a'>{}</testcase>", "<error>e</error>".repeat(20_000));
    let found = found(report.as_bytes(), 1 << 16);
    assert_eq!(found.counts.fail, 1);
    assert_eq!(found.events.iter().filter(|event| event.file.is_some()).count(), 20_000);
}

#[test]
fn entities_are_red_and_never_expanded() {
    let report = "<!DOCTYPE t [<!ENTITY a 'aaaa'>]><testcase name='&a;'><system-out>&a;</system-out>\
        </testcase>";
    let found = found(report.as_bytes(), 3);
    assert_eq!(found.counts.verdict(), Verdict::Failed);
    assert!(found.events.iter().any(|event| event.test_id.as_deref() == Some("&a;")));
}

#[test]
fn the_reader_for_the_drop_in_says_what_the_reference_says() {
    let cases: Value = serde_json::from_slice(&sample("python/junitin.json")).unwrap();
    let cases = cases.as_array().unwrap();
    assert_eq!(cases.len(), 6);
    for case in cases {
        let mut reader = PythonJunitReader::new();
        let mut events: Vec<EventBuf> = Vec::new();
        let mut malformed = false;
        for input in case["inputs"].as_array().unwrap() {
            let input = input.as_str().unwrap().as_bytes();
            events.extend(found_by(&mut reader, input, 3).events);
            malformed |= reader.no_xml();
        }
        let events: Vec<Value> = events.iter().map(json).collect();
        assert_eq!(Value::from(events.clone()), case["events"], "{}", case["name"]);
        let failed = events.iter().any(|event| event["status"] == "fail");
        let none = case["inputs"].as_array().unwrap().is_empty();
        let exit_code = if none { 2 } else { i32::from(failed || malformed) };
        assert_eq!(case["exit_code"], exit_code, "{}", case["name"]);
    }
}

#[test]
fn the_reader_for_the_drop_in_knows_what_is_no_xml() {
    for (input, no_xml) in [
        ("<testsuite/>", false),
        ("<html/>", false),
        ("<?xml version='1.0'?>\n<x/>", false),
        ("", true),
        ("<", true),
        ("\n", true),
        ("<<not really xml>>", true),
        ("junk <x/>", true),
    ] {
        for cut in [1, 2, 100] {
            let mut reader = PythonJunitReader::new();
            found_by(&mut reader, input.as_bytes(), cut);
            assert_eq!(reader.no_xml(), no_xml, "{input:?} in pieces of {cut}");
        }
    }
}

/// An event as the vectors have it.
fn json(event: &EventBuf) -> Value {
    let mut value = serde_json::json!({ "runnable": event.runnable, "eof": event.eof });
    let mut set = |name: &str, field: Option<Value>| {
        if let Some(field) = field {
            value[name] = field;
        }
    };
    set("test_id", event.test_id.clone().map(Value::from));
    set("status", event.status.map(|status| status.name().into()));
    set("mime_type", event.mime_type.clone().map(Value::from));
    set(
        "timestamp",
        event.timestamp.map(|time| vec![time.seconds(), time.nanoseconds().into()].into()),
    );
    set("file_name", event.file.as_ref().map(|file| file.name.clone().into()));
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    set("file_bytes_hex", event.file.as_ref().map(|file| hex(&file.bytes).into()));
    value
}

/// Pieces of reports, whole and broken, in any order.
fn any_report() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        &b"<testsuites>"[..],
        b"<testsuite name='s' errors='1'>",
        b"<testcase name='a' classname=\"b\">",
        b"<testcase name='c' status='fail'/>",
        b"</testcase>",
        b"</testsuite>",
        b"</testsuites>",
        b"<failure message='m' type='t'>",
        b"</failure>",
        b"<skipped/>",
        b"<flakyFailure>",
        b"</flakyFailure>",
        b"<rerunError><stackTrace>x</stackTrace><system-out>o</system-out></rerunError>",
        b"<system-out>",
        b"</system-out>",
        b"<properties><property name='n' value='v'/>",
        b"<property name='tag' value='t'>x</property></properties>",
        b"<![CDATA[ ]] ]]>",
        b"<!-- - -->",
        b"<?xml version='1.0'?>",
        b"<!DOCTYPE x [<!ENTITY",
        b"]>",
        b"&lt;&#0;&no;&",
        b"<b>",
        b"'\"",
        b"\x00\xff\xfe <",
        b"text\n",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_same_events_of_any_report_however_cut_and_none_is_left_open(
        report in any_report(),
        cut in 1_usize..20,
    ) {
        let whole = found(&report, usize::MAX);
        let pieces = found(&report, cut);
        prop_assert_eq!(&whole.events, &pieces.events);
        prop_assert_eq!(&whole.text, &pieces.text);
        prop_assert_eq!(whole.counts.unfinished, 0);
        let reference = found_by(&mut PythonJunitReader::new(), &report, usize::MAX);
        let pieces = found_by(&mut PythonJunitReader::new(), &report, cut);
        prop_assert_eq!(reference.events, pieces.events);
    }
}

#[test]
fn libcheck_has_a_format_of_its_own_below_a_root_of_the_same_name() {
    check(
        "<testsuites xmlns=\"http://check.sourceforge.net/ns\"><datetime>2000-01-02 00:00:00</datetime>\
         <suite><title>S</title><test result=\"success\"><path>lib</path><fn>ck.c:5</fn><id>a</id>\
         <iteration>0</iteration><duration>0.5</duration><description>core</description>\
         <message>Passed</message></test><test result=\"error\"><path>.</path><fn>ck.c:6</fn><id>a</id>\
         <iteration>2</iteration><duration>-1.0</duration><description>core</description>\
         <message>signal &lt;11&gt;</message></test><test result=\"success\"><id>cut",
        &[
            "core:a [file:lib/ck.c] [line:5] [suite:S] inprogress 86400s",
            "core:a [file:lib/ck.c] [line:5] [suite:S] success 86400.5s",
            "core:a[2] [file:ck.c] [line:6] [suite:S] inprogress 86400.5s",
            "core:a[2] error=\"signal <11>\"",
            "core:a[2] [file:ck.c] [line:6] [suite:S] fail 86400.5s",
            "not runnable JUnit report fail 86400.5s reason=\"the document is cut short: elements are open at its end\"",
            "cut [suite:S] [incomplete] inprogress 86400.5s",
            "cut reason=\"no result: the report ends within this test\"",
            "cut [suite:S] [incomplete] fail 86400.5s",
        ],
    );
}

#[test]
fn what_libcheck_does_not_write_is_text_and_long_parts_are_cut_into_it() {
    let long = "x".repeat(5000);
    let report = format!(
        "<testsuites xmlns=\"http://check.sourceforge.net/ns\"><suite>stray<test result=\"odd\"><id>{long}</id>\
         <new>thing</new><message>m</message></test></suite></testsuites>\n\
         <testsuite><testcase name=\"b\"/></testsuite>"
    );
    let found = found(report.as_bytes(), 100);
    assert_eq!(String::from_utf8_lossy(&found.text), format!("stray{}thing", "x".repeat(904)));
    assert_eq!((found.counts.fail, found.counts.success), (1, 1), "JUnit may follow");
}
