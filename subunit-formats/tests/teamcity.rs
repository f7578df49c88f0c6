//! Real service messages against the counts that are known of them, and what the writer makes of events.

mod reading;

use reading::{Recorded, data, never_green_when_cut, read, read_pieces};
use subunit_core::{
    Event, EventBuf, FileChunk, RouteCode, Status, TagsBuf, Timestamp,
    conventions::attempt_tag,
    run::{FlakyTests, Judge},
    sink::{Sink, Verdict},
};
use subunit_formats::{
    FormatReader,
    ci::teamcity::{TeamCityReader, TeamCityWriter},
    report::Report,
};

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

/// unittest counts the tests of a class that is skipped as a whole.
#[test]
fn a_count_of_tests_promises_nothing() {
    let input = b"##teamcity[testCount timestamp='2026-01-01T00:00:00.000' count='7']\n\
        ##teamcity[testStarted name='m.T.setUpClass' flowId='f']\n\
        ##teamcity[testIgnored name='m.T.setUpClass' message='Skipped: whole class' flowId='f']\n\
        ##teamcity[testFinished name='m.T.setUpClass' flowId='f']\n";
    let read = read(TeamCityReader::new(), input);
    assert_eq!((read.finals(), read.verdict()), ((0, 0, 1, 0, 0), Verdict::Passed));
}

#[test]
fn durations_are_times() {
    let input = b"##teamcity[testStarted name='a']\n##teamcity[testStarted name='b']\n\
        ##teamcity[testFinished name='a' duration='1500']\n\
        ##teamcity[testFinished name='b' duration='2000']\n\
        ##teamcity[testStarted name='c']\n##teamcity[testFinished name='c']\n\
        ##teamcity[testStarted name='d' timestamp='2026-01-01T00:00:00.000']\n\
        ##teamcity[testFinished name='d' duration='250']\n";
    let read = read(TeamCityReader::new(), input);
    let times = |id: &str| {
        let of_test = read.events.iter().filter(|event| event.test_id.as_deref() == Some(id));
        of_test.filter_map(|event| event.timestamp).collect::<Vec<_>>()
    };
    let at = |seconds, millis: u32| Timestamp::new(seconds, millis * 1_000_000);
    assert_eq!(times("a"), [at(0, 0), at(1, 500)]);
    assert_eq!(times("b"), [at(0, 0), at(2, 0)]);
    assert_eq!(times("c"), []);
    let new_year = 1_767_225_600;
    assert_eq!(times("d").last(), Some(&at(new_year, 250)));
    assert_eq!(read.file(Some("a"), "duration"), "");
}

/// How one failed test is told badly: the line ends and quotes in its details are those of a writer that does not
/// escape them.
const BADLY_TOLD: [(&str, &str); 5] = [
    ("details='line1\nline2' flowId='1']", "line1\nline2"),
    ("details='line1\n\nit's[0] a\nline2']", "line1\n\nit's[0] a\nline2"),
    ("details='name 'foo' is not defined' flowId='1']", "name 'foo' is not defined"),
    ("details='can't d['k']\n  KeyError: 'k'\nx' flowId='1']", "can't d['k"),
    ("details='put failed|nx[1] a | b' flowId='1']", "put failed\nx[1] a | b"),
];

#[test]
fn failures_that_are_escaped_badly_are_failures() {
    for (details, expected) in BADLY_TOLD {
        let input = format!(
            "##teamcity[testStarted name='a' flowId='1']\n##teamcity[testFailed name='a' {details}\n\
             ##teamcity[testFinished name='a' flowId='1' duration='3']\n"
        );
        let read = read(TeamCityReader::new(), input.as_bytes());
        assert_eq!(read.finals(), (0, 1, 0, 0, 0), "{details}");
        assert_eq!(read.file(Some("a"), "traceback"), expected);
        never_green_when_cut(TeamCityReader::new(), input.as_bytes());
    }
}

#[test]
fn failures_that_are_torn_are_red_wherever_they_are_torn() {
    let whole = "##teamcity[testFailed name='a' message='m' details='x|'y' flowId='1']";
    for glue in ["", "\n", "\nsaid\n"] {
        for cut in "##teamcity[t".len()..whole.len() {
            let input = format!(
                "##teamcity[testStarted name='a' flowId='1']\n{}{glue}\
                 ##teamcity[testFinished name='a' flowId='1']\n",
                &whole[..cut]
            );
            let read = read(TeamCityReader::new(), input.as_bytes());
            assert_eq!(read.verdict(), Verdict::Failed, "{input}");
            assert_eq!(read.counts().unfinished, 0);
        }
    }
    let nameless = b"##teamcity[testFailed message='m']\n";
    assert_eq!(read(TeamCityReader::new(), nameless).ends("torn message"), [Status::Fail]);
    let status = "##teamcity[buildStatus status='FAILURE' text='x']";
    for cut in "##teamcity[buildStatus ".len()..whole.len().min(status.len()) {
        let read = read(TeamCityReader::new(), &status.as_bytes()[..cut]);
        assert_eq!(read.verdict(), Verdict::Failed, "{}", &status[..cut]);
    }
    let fine = b"##teamcity[buildStatus status='SUCC\n##teamcity[testStar\nsaid\n";
    assert_eq!(read(TeamCityReader::new(), fine).verdict(), Verdict::NoTests);
}

#[test]
fn a_green_run_that_ends_within_a_message_is_red() {
    let input = "##teamcity[testStarted name='a']\n##teamcity[testFinished name='a']\n\
                 ##teamcity[testStarted name='b']\n";
    let green = input.find("##teamcity[testStarted name='b").unwrap_or_default();
    for cut in green + "##teamcity[test".len()..input.len() {
        let read = read(TeamCityReader::new(), &input.as_bytes()[..cut]);
        assert_eq!(read.verdict(), Verdict::Failed, "{}", &input[..cut]);
    }
}

#[test]
fn a_message_that_goes_on_is_not_waited_for_when_the_input_is_silent() {
    let mut reader = TeamCityReader::new();
    let mut recorded = Recorded::default();
    reader.feed(b"##teamcity[testFailed name='a' details='line1\n", &mut recorded);
    assert_eq!(recorded.events.len(), 0);
    reader.settle(&mut recorded);
    assert_eq!(recorded.ends("a"), [Status::Fail]);
    reader.feed(b"line2']\n", &mut recorded);
    assert_eq!(
        (recorded.file(Some("a"), "traceback"), recorded.text()),
        ("line1\n".into(), "line2']\n".into())
    );
}

#[test]
fn suites_that_are_nested_too_deep_cost_no_more_than_others() {
    let input: String = (0..2000)
        .map(|nth| {
            format!(
                "##teamcity[testSuiteStarted name='suite{nth}']\n##teamcity[testStarted name='a{nth}']\n\
                 ##teamcity[testFinished name='a{nth}']\n"
            )
        })
        .collect();
    let read = read_pieces(TeamCityReader::new(), [input.as_bytes()]);
    assert_eq!(read.ends("suites"), [Status::Fail]);
    assert!(read.file(Some("suites"), "reason").contains("too deep"));
    let longest = read.events.iter().filter_map(|event| event.test_id.as_ref()).map(String::len);
    assert!(longest.max().unwrap_or_default() < 4096);
    assert_eq!(read.finals().0, 2000);
}

#[test]
fn attempts_are_those_that_the_messages_announce() {
    use Status::{Fail, Success};
    let test = |name: &str, failed: &str, end: &str| {
        let failed = failed
            .replace("failed", &format!("##teamcity[testFailed name='{name}' message='m']\n"));
        format!(
            "##teamcity[testStarted name='{name}']\n{failed}##teamcity[testFinished name='{name}'{end}]\n"
        )
    };
    let two = test("a", "failed", "") + &test("a", "", "");
    let plain = read(TeamCityReader::new(), two.as_bytes());
    assert_eq!(plain.attempts(), [("a", Fail, None), ("a", Success, None)]);
    let support =
        format!("##teamcity[testRetrySupport enabled='true']\n{two}{}", test("b", "", ""));
    let supported = read(TeamCityReader::new(), support.as_bytes());
    assert_eq!(
        supported.attempts(),
        [("a", Fail, Some(1)), ("a", Success, Some(2)), ("b", Success, Some(1))]
    );
    let starts = supported.events.iter().filter(|event| event.status == Some(Status::InProgress));
    assert!(starts.into_iter().all(|start| start.tags.is_some()));
    let off = support + "##teamcity[testRetrySupport enabled='false']\n" + &test("c", "failed", "");
    assert_eq!(
        read(TeamCityReader::new(), off.as_bytes()).attempts().last(),
        Some(&("c", Fail, None))
    );
    let said = test("a", "failed", " willBeRetried='true'")
        + &test("a", "failed", "")
        + &test("a", "", "");
    let said = read(TeamCityReader::new(), said.as_bytes());
    assert_eq!(said.attempts(), [("a", Fail, Some(1)), ("a", Fail, Some(2)), ("a", Success, None)]);
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
        writer.event(&Event::status("a", Status::InProgress));
        writer.text(b"half a line ##team");
        writer.text(b"city[testFailed name='a'] #");
        writer.event(&Event::status("a", Status::Success));
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
            writer.event(&Event { test_id: Some("a"), file, eof, ..Event::default() });
        }
        writer.event(&Event::status("a", Status::Success));
    });
    let read = read_pieces(TeamCityReader::new(), [output.as_bytes()]);
    assert_eq!(read.file(Some("a"), "stdout"), "\u{fffd}😀\u{fffd}");
}

#[test]
fn an_unfinished_test_is_written_as_failed() {
    let output = written(|writer| {
        writer.event(&Event::status("a", Status::InProgress));
    });
    assert_eq!(read_pieces(TeamCityReader::new(), [output.as_bytes()]).ends("a"), [Status::Fail]);
}

#[test]
fn a_test_takes_its_time_from_its_start_though_a_file_came_first() {
    let at = |seconds| Some(Timestamp::new(seconds, 0));
    let output = written(|writer| {
        let file = Some(FileChunk { name: "log", bytes: b"x" });
        writer.event(&Event { test_id: Some("a"), file, eof: true, ..Event::default() });
        let start = Event::status("a", Status::InProgress);
        writer.event(&Event { timestamp: at(10), ..start });
        writer.event(&Event { timestamp: at(14), ..Event::status("a", Status::Success) });
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
            writer.event(&event.as_event());
        }
    });
    let back = read(TeamCityReader::new(), output.as_bytes());
    let mut wrote = Recorded::default();
    for event in &events {
        wrote.event(&event.as_event());
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
            writer.event(&Event { route_code, ..Event::status("a", Status::InProgress) });
        }
        for (route, status) in [("0", Status::Fail), ("1", Status::Success)] {
            let route_code = Some(RouteCode::new(route));
            writer.event(&Event { route_code, ..Event::status("a", status) });
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
    assert_eq!(read.finals(), (6, 5, 2, 0, 0));
    assert_eq!(read.ends("outer: skipped"), [Status::Skip]);
    assert_eq!(read.ends("outer: retried"), [Status::Fail, Status::Success]);
    let retried: Vec<_> =
        read.attempts().into_iter().filter(|(id, ..)| *id == "outer: retried").collect();
    assert_eq!(
        retried.iter().map(|(.., attempt)| *attempt).collect::<Vec<_>>(),
        [Some(1), Some(2)]
    );
}

/// An attempt at a test, with this number where it has one.
fn attempt(id: &str, number: u32, status: Status) -> [EventBuf; 2] {
    let tag = attempt_tag(number);
    let tags: TagsBuf = [tag.as_str()].into_iter().filter(|_| number > 0).collect();
    let tags = (number > 0).then(|| tags.as_tags());
    [Status::InProgress, status].map(|status| Event { tags, ..Event::status(id, status) }.to_buf())
}

#[test]
fn attempts_are_announced_and_come_back() {
    let (fail, success) = (Status::Fail, Status::Success);
    let events = [
        attempt("plain", 0, success),
        attempt("flaky", 1, fail),
        attempt("flaky", 2, success),
        attempt("red", 1, fail),
        attempt("red", 2, fail),
        attempt("twice", 0, fail),
        attempt("twice", 0, success),
    ]
    .concat();
    let output = written(|writer| {
        for event in &events {
            writer.event(&event.as_event());
        }
    });
    let support = |line: &&str| line.contains("testRetrySupport");
    assert_eq!(
        output.lines().filter(support).collect::<Vec<_>>(),
        [
            "##teamcity[testRetrySupport enabled='true']",
            "##teamcity[testRetrySupport enabled='false']"
        ]
    );
    let back = read(TeamCityReader::new(), output.as_bytes());
    let expected = [
        ("plain", success, None),
        ("flaky", fail, Some(1)),
        ("flaky", success, Some(2)),
        ("red", fail, Some(1)),
        ("red", fail, Some(2)),
        ("twice", fail, None),
        ("twice", success, None),
    ];
    assert_eq!(back.attempts(), expected);
    let counts = back.counts();
    assert_eq!((counts.success, counts.fail, counts.flaky), (3, 2, 1));
    let strict = {
        let mut writer = TeamCityWriter::new(Vec::new());
        let judge = Judge { flaky_tests: FlakyTests::Fail, ..Judge::default() };
        Report::set_judge(&mut writer, &judge);
        for event in &events {
            writer.event(&event.as_event());
        }
        writer.finish();
        String::from_utf8(writer.into_result().expect("no error")).expect("UTF-8")
    };
    assert_eq!(strict.matches("testFailed name='flaky'").count(), 2);
}

#[test]
fn times_without_a_clock_are_durations_and_no_dates() {
    let at = |seconds| Some(Timestamp::new(seconds, 0));
    let output = written(|writer| {
        writer.event(&Event { timestamp: at(0), ..Event::status("a", Status::InProgress) });
        writer.event(&Event { timestamp: at(2), ..Event::status("a", Status::Success) });
    });
    assert!(output.contains(" duration='2000'") && !output.contains("timestamp"), "{output}");
    let back = read(TeamCityReader::new(), output.as_bytes());
    assert_eq!(back.events.iter().filter_map(|event| event.timestamp).max(), at(2));
    // Where only its end says how long it took, the start is told before it.
    let output = written(|writer| {
        writer.event(&Event::status("a", Status::InProgress));
        let start = Event { test_id: Some("a"), timestamp: at(1), ..Event::default() };
        writer.event(&start);
        writer.event(&Event { timestamp: at(4), ..Event::status("a", Status::Success) });
    });
    assert!(output.contains(" duration='3000'"), "{output}");
}

#[test]
fn attempts_whose_ends_alone_are_marked_come_back() {
    let mut events = Vec::new();
    for (number, status) in [(1, Status::Fail), (2, Status::Fail), (3, Status::Success)] {
        let [_, end] = attempt("a", number, status);
        events.extend([Event::status("a", Status::InProgress).to_buf(), end]);
    }
    let output = written(|writer| {
        for event in &events {
            writer.event(&event.as_event());
        }
    });
    let back = read(TeamCityReader::new(), output.as_bytes());
    let (fail, success) = (Status::Fail, Status::Success);
    assert_eq!(
        back.attempts(),
        [("a", fail, Some(1)), ("a", fail, Some(2)), ("a", success, Some(3))]
    );
    let tags = back.events.iter().rev().find_map(|event| event.tags.as_ref()).unwrap();
    assert_eq!(tags.as_tags().len(), 1);
}

#[test]
fn a_failure_says_why_whatever_its_file_is_called() {
    let failed = |name, bytes: &'static [u8]| {
        written(|writer| {
            let file = Some(FileChunk { name, bytes });
            writer.event(&Event { file, ..Event::status("a", Status::Fail) });
        })
    };
    let output = failed("failure", b"Traceback (most recent call last):\n  x\nValueError: no\n");
    assert!(output.contains("message='ValueError: no' details='Traceback (most"), "{output}");
    let output = failed("reason", b"the worker died");
    assert!(output.contains("message='the worker died' details=''"), "{output}");
}

#[test]
fn what_programs_say_to_programs_is_no_output() {
    let file = Some(FileChunk { name: "capabilities", bytes: b"{}" });
    let output = written(|writer| {
        let mime_type = Some(subunit_core::conventions::MIME_TYPE);
        writer.event(&Event { file, mime_type, ..Event::default() });
    });
    assert_eq!(output, "");
}
