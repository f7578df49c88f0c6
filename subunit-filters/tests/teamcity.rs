//! Real service messages against the counts that are known of them, and what the writer makes of events.

mod reading;

use reading::{Recorded, data, never_green_when_cut, read, read_pieces};
use subunit_core::{
    Event, EventBuf, FileChunk, RouteCode, Status, TagsBuf, Timestamp,
    sink::{Sink, Verdict},
};
use subunit_filters::formats::teamcity::{TeamCityReader, TeamCityWriter};

/// pytest: 33 passed, 1 xpassed and 4 subtests passed; 16 failed and 4 errors; 4 skipped and 2 xfailed, which
/// the messages do not tell apart. Attempts that are run again are not among them.
#[test]
fn all_outcomes_of_pytest() {
    let read = read(TeamCityReader::new(), &data("teamcity/weird.txt"));
    assert_eq!(read.finals(), (33 + 1 + 4, 16 + 4, 4 + 2, 0, 0));
    assert_eq!(read.ends("test_weird.test_teamcity_like_stdout"), [Status::Success]);
    let imitation = read.file(Some("test_weird.test_teamcity_like_stdout"), "stdout");
    assert!(imitation.starts_with("##teamcity[testFailed name='x' message='y']\n"));
    assert_eq!(read.ends("test_weird.test_param([x])"), [Status::Success]);
    let strict = Some("test_weird.test_xpass_strict");
    assert_eq!(read.file(strict, "traceback"), "[XPASS(strict)] strict");
    assert_eq!(read.file(strict, "message"), "test_weird.py:38 (test_xpass_strict)");
    assert!(read.text().contains("test_weird.py::test_pass \nPASSED"));
    assert!(!read.text().contains("##teamcity["));
}

/// 13 test items, 12 of which are tests: the outcomes are those of unittest, with subtests in their test.
#[test]
fn unittest_with_subtests_as_blocks() {
    let read = read(TeamCityReader::new(), &data("teamcity/unittest.txt"));
    assert_eq!(read.finals(), (4, 7, 1, 1, 0));
    assert_eq!(read.ends("weird_ut.BadClass.setUpClass"), [Status::Fail]);
    assert_eq!(read.ends("weird_ut.T.test_xfail"), [Status::ExpectedFailure]);
    assert_eq!(read.file(Some("weird_ut.T.test_fail"), "actual"), "😀 <&>");
    assert!(read.text().contains("##teamcity[blockOpened"));
}

#[test]
fn a_module_that_cannot_be_collected_is_red() {
    let read = read(TeamCityReader::new(), &data("teamcity/collection-error.txt"));
    assert_eq!(read.finals(), (0, 1, 0, 0, 0));
    assert_eq!(read.ends("iso8601.test_iso8601.top_level_collect"), [Status::Fail]);
}

#[test]
fn cut_off_it_is_never_green() {
    for name in ["weird", "unittest", "collection-error"] {
        never_green_when_cut(TeamCityReader::new(), &data(&format!("teamcity/{name}.txt")));
    }
}

#[test]
fn fewer_tests_than_promised_are_red() {
    let input = "##teamcity[testCount count='2']\n##teamcity[testStarted name='a']\n\
                 ##teamcity[testFinished name='a' duration='1500']\n";
    let short = read(TeamCityReader::new(), input.as_bytes());
    assert_eq!((short.ends("plan"), short.ends("a")), (vec![Status::Fail], vec![Status::Success]));
    assert_eq!(short.file(Some("a"), "duration"), "1.5");
    let enough = input.replace("count='2'", "count='1'");
    assert_eq!(read(TeamCityReader::new(), enough.as_bytes()).verdict(), Verdict::Passed);
}

#[test]
fn suites_and_flows_make_the_ids() {
    let input = b"##teamcity[testSuiteStarted name='s' flowId='1']##teamcity[flowStarted flowId='2' parent='1']\n\
        ##teamcity[testSuiteStarted name='t' flowId='2']##teamcity[testStarted name='a' flowId='2']\n\
        ##teamcity[testStarted name='a' flowId='1']##teamcity[testFailed name='a' flowId='2' message='m'\n\
        ##teamcity[testFinished name='a' flowId='1']##teamcity[testFinished name='a']\n\
        ##teamcity[testSuiteFinished name='t' flowId='2']##teamcity[flowFinished flowId='2']\n\
        ##teamcity[testIgnored name='i' flowId='1' message='why']\n";
    let open = read(TeamCityReader::new(), input);
    assert_eq!(open.ends("s: a"), [Status::Success]);
    assert_eq!((open.ends("s: t: a"), open.ends("s: i")), (vec![Status::Fail], vec![Status::Skip]));
    assert_eq!(open.ends("s"), [Status::Fail], "the suite has not finished");
    assert_eq!(open.text(), "");
}

#[test]
fn build_problems_and_torn_messages_are_red() {
    let problem = b"##teamcity[buildProblem description='no disk']\n";
    assert_eq!(read(TeamCityReader::new(), problem).ends("build problem"), [Status::Fail]);
    let torn = b"##teamcity[testStarted name='a']\n##teamcity[testFinished name='a\n";
    let torn = read(TeamCityReader::new(), torn);
    assert_eq!(
        (torn.tagged("incomplete"), torn.text()),
        (vec!["a"], "##teamcity[testFinished name='a\n".into())
    );
}

fn written(feed: impl FnOnce(&mut TeamCityWriter<Vec<u8>>)) -> String {
    let mut writer = TeamCityWriter::new(Vec::new());
    feed(&mut writer);
    writer.finish();
    String::from_utf8(writer.into_result().expect("no error")).expect("UTF-8")
}

#[test]
fn messages_are_never_glued_and_text_is_no_message() {
    let output = written(|writer| {
        let _ = writer.event(&Event::status("a", Status::InProgress));
        let _ = writer.text(b"half a line ##team");
        let _ = writer.text(b"city[testFailed name='a'] #");
        let _ = writer.event(&Event::status("a", Status::Success));
    });
    assert_eq!(
        output,
        "##teamcity[testStarted name='a' flowId='a' captureStandardOutput='false']\n\
         half a line ##\u{200b}teamcity[testFailed name='a'] #\n\
         ##teamcity[testFinished name='a' flowId='a']\n"
    );
    let read = read_pieces(TeamCityReader::new(), [output.as_bytes()]);
    assert_eq!(read.finals(), (1, 0, 0, 0, 0));
}

#[test]
fn characters_cut_by_the_stream_are_whole() {
    let output = written(|writer| {
        for (bytes, eof) in
            [(&b"\xff\xf0\x9f"[..], false), (b"\x98\x80", false), (b"\xe2\x82", true)]
        {
            let file = Some(FileChunk { name: "stdout", bytes });
            let _ = writer.event(&Event { test_id: Some("a"), file, eof, ..Event::default() });
        }
        let _ = writer.event(&Event::status("a", Status::Success));
    });
    let read = read_pieces(TeamCityReader::new(), [output.as_bytes()]);
    assert_eq!(read.file(Some("a"), "stdout"), "\u{fffd}😀\u{fffd}");
}

#[test]
fn an_unfinished_test_is_written_as_failed() {
    let output = written(|writer| {
        let _ = writer.event(&Event::status("a", Status::InProgress));
    });
    assert_eq!(read_pieces(TeamCityReader::new(), [output.as_bytes()]).ends("a"), [Status::Fail]);
}

#[test]
fn a_test_takes_its_time_from_its_start_though_a_file_came_first() {
    let at = |seconds| Some(Timestamp::new(seconds, 0));
    let output = written(|writer| {
        let file = Some(FileChunk { name: "log", bytes: b"x" });
        let _ = writer.event(&Event { test_id: Some("a"), file, eof: true, ..Event::default() });
        let start = Event::status("a", Status::InProgress);
        let _ = writer.event(&Event { timestamp: at(10), ..start });
        let _ = writer.event(&Event { timestamp: at(14), ..Event::status("a", Status::Success) });
    });
    assert!(output.contains(" duration='4000'"), "{output}");
}

/// Events of tests with every status, details, tags and times.
fn every_status() -> Vec<EventBuf> {
    let tags: TagsBuf = ["x:1", "slow|'"].into_iter().collect();
    let mut events = Vec::new();
    for status in Status::ALL.into_iter().filter(|status| status.is_final()) {
        let id = format!("p.T[{status}]|'\n名");
        let at = |seconds| Some(Timestamp::new(seconds, 125_000_000));
        let of = |event: Event<'_>| Event { test_id: Some(&id), ..event }.to_buf();
        let file = |name, bytes: &'static [u8]| Some(FileChunk { name, bytes });
        let started = Some(Status::InProgress);
        events.push(of(Event {
            status: started,
            timestamp: at(1_800_000_000),
            ..Event::default()
        }));
        events.push(of(Event {
            file: file("stdout", b"out [1m\r\n"),
            eof: true,
            ..Event::default()
        }));
        let details = if status == Status::Fail { "traceback" } else { "reason" };
        events.push(of(Event { file: file(details, b"why\n]"), eof: true, ..Event::default() }));
        events.push(of(Event {
            status: Some(status),
            timestamp: at(1_800_000_002),
            tags: Some(tags.as_tags()),
            ..Event::default()
        }));
    }
    events
}

#[test]
fn what_is_written_reads_back() {
    let events = every_status();
    let output = written(|writer| {
        for event in &events {
            let _ = writer.event(&event.as_event());
        }
    });
    let back = read(TeamCityReader::new(), output.as_bytes());
    let mut wrote = Recorded::default();
    for event in &events {
        let _ = wrote.event(&event.as_event());
    }
    for event in wrote.events.iter().filter(|event| event.status.is_some_and(Status::is_final)) {
        let id = event.test_id.as_deref().unwrap();
        // TeamCity knows no unexpected success.
        let expected = match event.status.unwrap() {
            Status::UnexpectedSuccess => Status::Fail,
            other => other,
        };
        assert_eq!(back.ends(id), [expected]);
        for name in ["stdout", "traceback", "reason"] {
            let file = back.file(Some(id), name);
            if !(name == "traceback" && expected != event.status.unwrap()) {
                assert_eq!(file, wrote.file(Some(id), name), "{id} {name}");
            }
        }
        let end = |read: &Recorded| {
            let mut of_test = read.events.iter().rev().filter(|e| e.test_id.as_deref() == Some(id));
            of_test.find(|event| event.status.is_some_and(Status::is_final)).cloned().unwrap()
        };
        assert_eq!(
            (end(&back).timestamp, end(&back).tags),
            (end(&wrote).timestamp, end(&wrote).tags)
        );
    }
    assert_eq!(back.text(), "");
}

#[test]
fn tests_of_one_id_on_two_routes_are_two_flows() {
    let output = written(|writer| {
        for route in ["0", "1"] {
            let route_code = Some(RouteCode::new(route));
            let _ = writer.event(&Event { route_code, ..Event::status("a", Status::InProgress) });
        }
        for (route, status) in [("0", Status::Fail), ("1", Status::Success)] {
            let route_code = Some(RouteCode::new(route));
            let _ = writer.event(&Event { route_code, ..Event::status("a", status) });
        }
    });
    let read = read_pieces(TeamCityReader::new(), [output.as_bytes()]);
    assert_eq!(read.ends("a"), [Status::Fail, Status::Success]);
}

/// mocha 11: 6 passed, 5 failed (one of them a hook), 2 are pending; the retry starts its test a second time
/// without having ended the first. Tests that did not start finish nevertheless.
#[test]
fn tests_that_finish_without_having_started() {
    let read = read(TeamCityReader::new(), &data("teamcity/mocha.txt"));
    assert_eq!(read.finals(), (6, 5 + 1, 2, 0, 0));
    assert_eq!(read.ends("outer: skipped"), [Status::Skip]);
    assert_eq!(read.ends("outer: retried"), [Status::Fail, Status::Success]);
}
