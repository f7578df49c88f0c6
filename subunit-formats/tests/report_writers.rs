//! Reports that are written, read back by others where there are any: whatever tests are called and print.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod report_support;

use std::{collections::HashSet, io};

use proptest::prelude::*;
use report_support::{
    OUTPUT, Page, check_html, counts, event, file, finals, hostile, json_lines, read, reports, run,
    written,
};
use serde_json::Value;
use subunit_core::{
    Event, EventBuf, FileChunk, RouteCode, Status, TagsBuf, Timestamp,
    conventions::attempt_tag,
    run::{FlakyTests, Judge},
    sink::{Flow, Sink},
};
use subunit_formats::{
    Format,
    ci::github::GithubWriter,
    pages::{html::HtmlWriter, markdown::MarkdownWriter},
    report::Report,
    traces::otlp::OtlpWriter,
};

fn text(report: Vec<u8>) -> String {
    String::from_utf8(report).unwrap()
}

/// Every report of these events is well-formed and has all results.
fn check_all(events: &[EventBuf], output: &[u8]) {
    let expected = counts(events);
    let junit = text(written("junit", events, output));
    let document = roxmltree::Document::parse(&junit).unwrap();
    let elements =
        |name: &str| document.descendants().filter(|node| node.has_tag_name(name)).count() as u64;
    quick_junit::Report::deserialize_from_str(&junit).unwrap();
    assert_eq!(elements("failure") + elements("error") + elements("flakyFailure"), expected.fail);
    for (name, format) in [
        ("junit", Format::Junit),
        ("tap", Format::Tap),
        ("ctrf", Format::Ctrf),
        ("teamcity", Format::Teamcity),
        ("jsonl", Format::Jsonl),
    ] {
        let found = read(format, &written(name, events, output));
        assert_eq!(finals(&found), finals(&expected), "{name}");
    }
    let csv = written("csv", events, output);
    let rows = csv::Reader::from_reader(&csv[..]).records().map(Result::unwrap).count() as u64;
    assert_eq!(rows, expected.tests());
    check_html(&text(written("html", events, output)));
    check_annotations(&String::from_utf8_lossy(&written("github", events, output)));
    check_sections(&text(written("gitlab", events, output)));
    check_markdown(&text(written("markdown", events, output)));
    let trace: Value = serde_json::from_slice(&written("trace", events, output)).unwrap();
    let bars = trace["traceEvents"].as_array().unwrap().iter().filter(|event| event["ph"] != "M");
    assert_eq!(bars.count() as u64, expected.tests());
    let spans = json_lines(&written("otlp", events, output));
    assert_eq!(spans.len() as u64, expected.tests() + 1);
}

/// Every line of annotations is one of ours; what came as text stands where commands are stopped.
fn check_annotations(report: &str) -> Vec<&str> {
    let (mut lines, mut annotations) = (report.split('\n'), Vec::new());
    while let Some(line) = lines.next() {
        if let Some(token) = line.strip_prefix("::stop-commands::") {
            let resume = format!("::{token}::");
            assert!(lines.any(|line| line == resume), "commands are never let through again");
            continue;
        }
        if matches!(line, "::group::output of no test" | "::endgroup::") {
            continue;
        }
        let ours =
            ["::error ", "::warning ", "::notice "].iter().any(|name| line.starts_with(name));
        assert!(ours || line.is_empty(), "{line}");
        assert!(!line.contains(|c: char| c.is_control() && c != '\t'), "{line:?}");
        annotations.push(line);
    }
    annotations.retain(|line| !line.is_empty());
    annotations
}

/// Sections end where they should, and nothing else in the log moves the cursor.
fn check_sections(report: &str) -> usize {
    let (mut open, mut count) = (None, 0);
    for piece in report.split("\x1b[0Ksection_").skip(1) {
        let mut parts = piece.split([':', '[', '\r']);
        match (parts.next().unwrap(), parts.nth(1).unwrap()) {
            ("start", name) => assert_eq!(open.replace(name), None),
            ("end", name) => assert_eq!(open.take(), Some(name)),
            (other, _) => panic!("{other}"),
        }
        count += 1;
    }
    assert_eq!(open, None);
    let marks = report.matches("\r\x1b[0K").count();
    assert_eq!(marks, count, "each mark ends as ours do");
    assert_eq!(report.matches('\r').count(), count);
    count / 2
}

/// Outside of blocks of code there are no elements but ours, and they are closed.
fn check_markdown(report: &str) {
    let (mut fence, mut depth) = (None, 0_i64);
    for line in report.lines() {
        match fence {
            Some(length) if line.len() == length && line.bytes().all(|byte| byte == b'`') => {
                fence = None;
            }
            Some(length) => assert!(!line.trim_start().starts_with(&"`".repeat(length))),
            None if line.starts_with("```") => {
                fence = Some(line.bytes().take_while(|byte| *byte == b'`').count());
            }
            None => {
                for tag in line.split('<').skip(1) {
                    let tag = tag.split('>').next().unwrap();
                    let name = tag.trim_start_matches('/');
                    assert!(matches!(name, "details" | "summary" | "code"), "{line}");
                    depth += if tag.starts_with('/') { -1 } else { 1 };
                }
            }
        }
    }
    assert_eq!((fence, depth), (None, 0));
}

#[test]
fn nothing_that_means_harm_breaks_a_report() {
    check_all(&hostile(), OUTPUT);
    let route_code = Some(RouteCode::new("0/</b>"));
    for name in ["stdout", "</pre>", "\x1b[0K\r"] {
        let output = file("", name, OUTPUT, "text/plain");
        let output = Event { test_id: None, route_code, ..output.as_event() }.to_buf();
        check_all(&[output, event("a", Some(Status::Success), 0)], OUTPUT);
    }
}

#[test]
fn a_run_without_tests_is_a_report_too() {
    check_all(&[], b"");
    let html = text(written("html", &[], b""));
    assert!(html.contains("NO TESTS"), "{html}");
}

proptest! {
    #[test]
    fn whatever_tests_are_called_and_print_a_report_has_it(
        ids in proptest::collection::hash_set("[^\0]{1,12}|[<>\"'&`:#%|\\\\\u{1b}\\[\\]a\n\r]{1,12}", 1..4),
        output in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        check_all(&run(&ids, &output), &output);
    }
}

/// An output that has room for so many bytes.
#[derive(Clone)]
struct Full(usize);

impl io::Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn no_report_hides_that_it_could_not_be_written() {
    for room in [0, 500] {
        for (name, mut report) in reports(&Full(room)) {
            for event in hostile() {
                report.event(&event.as_event());
            }
            report.finish();
            let error = report.result().expect_err(name);
            assert_eq!(error.kind(), io::ErrorKind::StorageFull, "{name}");
        }
    }
}

#[test]
fn a_flaky_test_is_a_warning_and_a_failure_with_a_place_comes_first() {
    let mut events = vec![
        attempt("flaky", Status::Fail, 0, 1),
        attempt("flaky", Status::Success, 1, 2),
        event("nowhere", Some(Status::Fail), 2),
        file("somewhere", "traceback", b"src/a-b.c:7: bad 100%", "text/plain"),
        event("somewhere", Some(Status::Fail), 3),
    ];
    let report = text(written("github", &events, b""));
    assert_eq!(
        check_annotations(&report),
        [
            "::error file=src/a-b.c,line=7,title=failed%3A somewhere::src/a-b.c:7: bad 100%25",
            "::error title=failed%3A nowhere::failed",
            "::warning title=flaky%3A flaky::failed",
            "::notice title=tests failed::FAILED: 3 tests, 1 passed, 2 failed, 1 flaky in 3.000 s",
        ]
    );
    let tags: TagsBuf = ["file:a,b:c%.py", "line:9"].into_iter().collect();
    let tagged = event("tagged", Some(Status::Fail), 3);
    let tagged = Event { tags: Some(tags.as_tags()), ..tagged.as_event() }.to_buf();
    let report = text(written("github", &[tagged], b""));
    assert!(report.starts_with("::error file=a%2Cb%3Ac%25.py,line=9,title="), "{report}");
    for nth in 0..20 {
        events.push(event(&format!("more {nth}"), Some(Status::Fail), 4));
    }
    let report = text(written("github", &events, b""));
    let annotations = check_annotations(&report);
    assert_eq!(annotations.iter().filter(|line| line.starts_with("::error ")).count(), 10);
    assert!(annotations.last().unwrap().ends_with("; 12 more failures without an annotation"));
}

#[test]
fn output_of_no_test_has_a_place_and_is_the_reason_of_its_suite() {
    let output = |name: &str, bytes: &[u8], mime: &str| {
        let file = file("", name, bytes, mime);
        let route_code = Some(RouteCode::new("ci"));
        Event { test_id: None, route_code, ..file.as_event() }.to_buf()
    };
    let aside = "application/json; subunit=1";
    let failed = event("ex/p [build]", Some(Status::Fail), 0);
    let failed = Event {
        route_code: Some(RouteCode::new("ci")),
        runnable: false,
        file: Some(FileChunk { name: "reason", bytes: b"the package failed" }),
        mime_type: Some("text/plain"),
        ..failed.as_event()
    };
    let events = [
        output("ex/p stdout", b"no database ", "text/plain"),
        output("ex/p stdout", b"db01\n", "text/plain"),
        output("log.xml", b"<pool exhausted='1'/>", "application/xml"),
        output("run", b"{\"host\":\"by whom\"}", aside),
        failed.to_buf(),
    ];
    for name in FOR_PEOPLE {
        let report = text(written(name, &events, b""));
        assert!(report.matches("no database db01").count() >= 2, "{name}: {report}");
        assert!(report.contains("pool exhausted"), "{name}: {report}");
        assert!(report.contains("ci ex/p stdout"), "{name}: {report}");
        assert!(report.to_lowercase().contains("output of no test"), "{name}: {report}");
        assert_eq!(report.contains("<code>by whom"), name == "markdown", "{name}: {report}");
        assert_eq!(report.contains("<dd>by whom"), name == "html", "{name}: {report}");
    }
    let spans = json_lines(&written("otlp", &events, b""));
    let run = spans.last().unwrap()["resourceSpans"][0]["scopeSpans"][0]["spans"][0].clone();
    let names: Vec<_> = run["events"].as_array().unwrap().iter().map(|it| &it["name"]).collect();
    assert_eq!(names, ["ci ex/p stdout", "ci log.xml"]);
    assert!(run["events"][0].to_string().contains("no database db01"), "{run}");
}

/// A run of a second whose source knows durations only.
fn relative() -> [EventBuf; 2] {
    [(Status::InProgress, 0), (Status::Fail, 1)].map(|(status, seconds)| {
        let timestamp = Some(Timestamp::new(seconds, 500));
        Event { timestamp, ..Event::status("a", status) }.to_buf()
    })
}

#[test]
fn no_report_invents_a_date() {
    for name in FOR_PEOPLE {
        let report = text(written(name, &relative(), b""));
        assert!(report.contains("FAILED: 1 test, 1 failed, test time 1.000 s"), "{name}: {report}");
        assert!(!report.contains("1970") && !report.contains("section_start:0"), "{report}");
    }
    let trace: Value = serde_json::from_slice(&written("trace", &relative(), b"")).unwrap();
    let bar = trace["traceEvents"].as_array().unwrap().last().unwrap();
    assert_eq!((bar["ts"].as_f64(), bar["dur"].as_f64()), (Some(0.0), Some(1e6)));
    assert!(trace.get("otherData").is_none());
    let dated = written("trace", &[event("a", Some(Status::Success), 7)], b"");
    let trace: Value = serde_json::from_slice(&dated).unwrap();
    assert_eq!(trace["otherData"]["start"], "2023-11-14T22:13:27.000005000Z");
    assert_eq!(trace["traceEvents"].as_array().unwrap().last().unwrap()["ts"], 0.0);
}

#[test]
fn spans_of_a_run_without_dates_need_a_start() {
    let mut refused = OtlpWriter::new(Vec::new());
    assert!(refused.event(&relative()[0].as_event()).is_break());
    refused.finish();
    let error = refused.into_result().unwrap_err().to_string();
    assert!(error.contains("--start") && !error.contains('\n'), "{error}");
    let mut writer = OtlpWriter::new(Vec::new()).with_start(Some(Timestamp::new(1_700_000_000, 0)));
    relative().iter().for_each(|event| assert!(writer.event(&event.as_event()).is_continue()));
    writer.finish();
    for span in json_lines(&writer.into_result().unwrap()) {
        let span = &span["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
        assert_eq!(span["startTimeUnixNano"], "1700000000000000500");
        assert_eq!(span["endTimeUnixNano"], "1700000001000000500");
    }
    let undated = Event::status("a", Status::Success).to_buf();
    let report = text(written("otlp", &[undated], b""));
    assert!(!report.contains("UnixNano"), "{report}");
}

/// The Nth attempt at a test.
fn attempt(id: &str, status: Status, second: u32, number: u32) -> EventBuf {
    let tags: TagsBuf = [attempt_tag(number).as_str()].into_iter().collect();
    let event = event(id, Some(status), second);
    Event { tags: Some(tags.as_tags()), ..event.as_event() }.to_buf()
}

/// Reports for people, which are told of the same run.
const FOR_PEOPLE: [&str; 4] = ["html", "markdown", "github", "gitlab"];

#[test]
fn two_results_without_a_mark_are_two_and_a_failure_stays_one() {
    for order in [[Status::Fail, Status::Success], [Status::Success, Status::Fail]] {
        let events = order.map(|status| event("twice", Some(status), 0));
        for name in FOR_PEOPLE {
            let report = text(written(name, &events, b""));
            assert!(report.contains("FAILED: 2 tests, 1 passed, 1 failed in"), "{name}: {report}");
            assert!(!report.contains("1 flaky"), "{name}: {report}");
        }
    }
}

#[test]
fn a_flaky_test_is_shown_with_what_its_failed_attempts_said() {
    let events = [
        file("again", "traceback", b"why it failed at first", "text/plain"),
        attempt("again", Status::Fail, 0, 1),
        event("good", Some(Status::Success), 1),
        attempt("again", Status::Success, 2, 2),
    ];
    for name in FOR_PEOPLE {
        let report = text(written(name, &events, b""));
        assert!(
            report.contains("PASSED: 2 tests, 2 passed, 1 flaky in 2.000 s"),
            "{name}: {report}"
        );
        assert!(report.contains("why it failed at first"), "{name}: {report}");
    }
}

#[test]
fn a_flaky_test_fails_the_run_where_that_is_asked_for() {
    let events = [
        file("again", "traceback", b"why it failed at first", "text/plain"),
        attempt("again", Status::Fail, 0, 1),
        attempt("again", Status::Success, 2, 2),
    ];
    for name in FOR_PEOPLE {
        let page = Page::default();
        let (_, mut report) = reports(&page).into_iter().find(|(it, _)| *it == name).unwrap();
        report.set_judge(&Judge { flaky_tests: FlakyTests::Fail, ..Judge::default() });
        events.iter().for_each(|event| assert!(report.event(&event.as_event()).is_continue()));
        report.finish();
        report.result().unwrap();
        let written = text(page.take());
        assert!(written.contains("FAILED: 1 test, 1 failed, 1 flaky in 2.000 s"), "{written}");
        assert!(written.contains("flaky tests fail this run"), "{written}");
    }
}

#[test]
fn an_attempt_takes_a_recorded_failure_back() {
    let failure = [
        file("again", "traceback", b"why it failed at first", "text/plain"),
        event("again", Some(Status::Fail), 0),
    ];
    for (last, headline) in [
        (Status::Success, "PASSED: 1 test, 1 passed, 1 flaky in"),
        (Status::Fail, "FAILED: 1 test, 1 failed in"),
    ] {
        let events = [&failure[..], &[attempt("again", last, 1, 2)]].concat();
        for name in FOR_PEOPLE {
            let report = text(written(name, &events, b""));
            assert!(report.contains(headline), "{name}: {report}");
        }
        let page = text(written("html", &events, b""));
        assert_eq!(page.matches("why it failed at first\\u003c/pre>").count(), 1, "{page}");
        assert!(page.contains("Attempt 2"), "{page}");
    }
}

#[test]
fn an_unmarked_failure_on_a_named_route_is_taken_back_there_only() {
    let routed = |event: EventBuf, route: &str| {
        Event { route_code: Some(RouteCode::new(route)), ..event.as_event() }.to_buf()
    };
    let events = [
        routed(event("a", Some(Status::Fail), 0), "go/1"),
        routed(event("a", Some(Status::Fail), 0), "rust/1"),
        routed(attempt("a", Status::Success, 1, 2), "go/2"),
    ];
    for name in FOR_PEOPLE {
        let report = text(written(name, &events, b""));
        assert!(
            report.contains("FAILED: 2 tests, 1 passed, 1 failed, 1 flaky"),
            "{name}: {report}"
        );
    }
    let page = text(written("html", &events, b""));
    assert_eq!(check_html(&page), ["failed", "flaky"]);
}

#[test]
fn no_test_can_know_the_word_that_lets_commands_through() {
    let guards: HashSet<String> = (0..10)
        .map(|_| {
            let mut writer = GithubWriter::new(Vec::new());
            writer.text(b"::error::x");
            let report = text(writer.into_result().unwrap());
            report.lines().next().unwrap().to_owned()
        })
        .collect();
    assert_eq!(guards.len(), 10);
    assert!(guards.iter().all(|guard| guard.len() == "::stop-commands::".len() + 32));
}

#[test]
fn a_summary_leaves_out_passes_then_output_then_counts_what_does_not_fit() {
    let mut events = Vec::new();
    for nth in 0..50 {
        let id = format!("bad {nth}");
        events.push(file(&id, "traceback", "trace of it\n".repeat(500).as_bytes(), "text/plain"));
        events.push(event(&id, Some(Status::Fail), nth));
        events.push(event(&format!("good {nth}"), Some(Status::Success), nth));
    }
    let summary = |limit: usize| {
        let mut writer = MarkdownWriter::new(Vec::new()).with_limit(limit);
        for event in &events {
            writer.event(&event.as_event());
        }
        writer.finish();
        let summary = text(writer.into_result().unwrap());
        assert!(summary.len() <= limit, "{} of {limit}", summary.len());
        check_markdown(&summary);
        summary
    };
    let whole = summary(1 << 20);
    assert!(whole.contains("good 49") && whole.contains("trace of it"));
    let without_passes = summary(whole.len() - 1);
    assert!(!without_passes.contains("good 48") && without_passes.contains("trace of it"));
    let mut last = without_passes.len();
    while last > 0 {
        let shorter = summary(last - 1);
        let listed = shorter.matches("failed <code>bad ").count();
        let more = shorter.rsplit_once("and ").and_then(|(_, more)| more.split(' ').next());
        let counted = more.and_then(|more| more.parse::<usize>().ok()).unwrap_or_default();
        if !shorter.is_empty() {
            assert_eq!(listed + counted, 50, "{shorter}");
        }
        last = shorter.len().min(last / 2);
    }
}

#[test]
fn a_page_says_how_many_tests_it_does_not_show() {
    let events: Vec<EventBuf> = (0..40_000)
        .map(|nth| event(&format!("{nth} {}", "x".repeat(1000)), Some(Status::Success), 0))
        .collect();
    let page = text(written("html", &events, b""));
    let shown = check_html(&page).len();
    let more: usize = page
        .split_once("class=\"more\">")
        .and_then(|(_, more)| more.split(' ').next()?.parse().ok())
        .unwrap();
    assert_eq!(shown + more, 40_000);
    assert!(page.len() < 80 << 20);
}

#[test]
fn a_page_names_itself_and_shows_the_first_failures_without_a_script() {
    let mut writer = HtmlWriter::new(Vec::new()).with_title("Nightly </title>");
    let events = [
        file("bad </b>", "traceback", b"why </pre>", "text/plain"),
        event("bad </b>", Some(Status::Fail), 0),
        event("good", Some(Status::Success), 0),
        EventBuf {
            route_code: Some(subunit_core::RouteCodeBuf::new("mac/0")),
            ..file("short", "reason", b"said once\n", "text/plain")
        },
        EventBuf {
            route_code: Some(subunit_core::RouteCodeBuf::new("mac/0")),
            ..event("short", Some(Status::Fail), 0)
        },
    ];
    events.iter().for_each(|event| assert!(writer.event(&event.as_event()).is_continue()));
    writer.finish();
    let page = text(writer.into_result().unwrap());
    assert_eq!(check_html(&page), ["failed", "failed", "passed"]);
    for part in [
        "<title>Nightly &lt;/title&gt;</title>",
        "<h1>Nightly &lt;/title&gt;</h1>",
        "<dt>date</dt> <dd>2023-11-14 22:13:20 UTC</dd>",
        "<code>bad &lt;/b&gt;</code>",
        "<pre tabindex=\"0\">why &lt;/pre&gt;</pre>",
        "aria-label=\"1 passed, 2 failed\"",
        "<code>short</code> <i>mac/0</i> <span class=\"why\">said once</span></summary></details>",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(page.find("2 failed</button>").unwrap() < page.find("1 passed</button>").unwrap());
}

#[test]
fn a_page_has_failures_first_and_loads_nothing() {
    let mut events = vec![event("good", Some(Status::Success), 0)];
    events.push(event("never", Some(Status::InProgress), 0));
    events.push(file("picture", "p.png", b"\x89PNG", "image/png"));
    events.push(event("picture", Some(Status::Skip), 0));
    events.push(event("bad", Some(Status::Fail), 0));
    let page = text(written("html", &events, b""));
    assert_eq!(check_html(&page), ["failed", "unfinished", "passed", "skipped"]);
    let image = "\\u003cimg src=\\\"data:image/png;base64,iVBORw==\\\" alt=\\\"p.png\\\">";
    assert!(page.contains(image), "{page}");
    assert!(page.contains("default-src 'none'") && !page.contains("unsafe-inline"));
    assert!(!page.contains("http:") && !page.contains("https:"));
    assert!(page.len() < 30_000, "style and script are small");
}

#[test]
fn tests_that_overlap_have_lanes_of_their_own() {
    let events = [
        event("a", Some(Status::InProgress), 0),
        event("b", Some(Status::InProgress), 1),
        event("a", Some(Status::Success), 2),
        event("c", Some(Status::InProgress), 2),
        event("c", Some(Status::Success), 3),
        event("b", Some(Status::Success), 4),
    ];
    let trace: Value = serde_json::from_slice(&written("trace", &events, b"")).unwrap();
    let lane = |name: &str| {
        let events = trace["traceEvents"].as_array().unwrap();
        let bar = events.iter().find(|event| event["name"] == name).unwrap();
        (bar["tid"].as_u64().unwrap(), bar["dur"].as_f64().unwrap())
    };
    assert_eq!((lane("a").1, lane("b").1), (2e6, 3e6));
    assert_eq!(lane("a").0, lane("c").0);
    assert_ne!(lane("a").0, lane("b").0);
}

#[test]
fn a_trace_of_tests_that_all_overlap_is_written_in_time_and_has_them_all() {
    let ids: Vec<String> = (0..20_000).map(|nth| nth.to_string()).collect();
    let started = ids.iter().map(|id| event(id, Some(Status::InProgress), 0));
    let ended = ids.iter().map(|id| event(id, Some(Status::Success), 9));
    let events: Vec<EventBuf> = started.chain(ended).collect();
    let trace: Value = serde_json::from_slice(&written("trace", &events, b"")).unwrap();
    let bars = trace["traceEvents"].as_array().unwrap().iter().filter(|event| event["ph"] == "X");
    let lanes: HashSet<u64> = bars.clone().map(|bar| bar["tid"].as_u64().unwrap()).collect();
    assert_eq!((bars.count(), lanes.len()), (20_000, 256));
}

#[test]
fn the_message_of_a_long_traceback_is_its_exception() {
    let frames = "  File \"a.py\", line 1, in f\n".repeat(5000);
    let trace = format!("Traceback (most recent call last):\n{frames}ValueError: why\n  note\n");
    let events =
        [file("a", "traceback", trace.as_bytes(), "text/plain"), event("a", Some(Status::Fail), 0)];
    let log = text(written("gitlab", &events, b""));
    assert!(log.contains("a: ValueError: why\n"), "{log:.200}");
}

#[test]
fn the_message_of_what_pytest_says_is_its_exception() {
    let trace = b"    def test_a():\n>       assert 1 == 2\nE       assert 1 == 2\n\nt.py:2: AssertionError\n";
    let events = [file("a", "traceback", trace, "text/plain"), event("a", Some(Status::Fail), 0)];
    let report = text(written("github", &events, b""));
    assert!(report.contains("file=t.py,line=2,title=failed%3A a::assert 1 == 2%0A"), "{report}");
}

#[test]
fn a_log_of_many_failures_is_short_and_counts_them_all() {
    let mut events = Vec::new();
    for nth in 0..6000 {
        let id = format!("{nth} {}", "x".repeat(500));
        events.push(file(&id, "traceback", &[b'y'; 500], "text/plain"));
        events.push(event(&id, Some(Status::Fail), 0));
    }
    let log = text(written("gitlab", &events, b""));
    assert!(log.len() < 5 << 20, "{}", log.len());
    let sections = check_sections(&log);
    let named = log.lines().filter(|line| line.starts_with("\x1b[31;1mfailed")).count();
    let more = log.split_once("\nand ").and_then(|(_, more)| more.split(' ').next()?.parse().ok());
    assert!(sections > 1000 && named > 500);
    assert_eq!(sections + named + more.unwrap_or(0_usize), 6000);
}

#[test]
fn spans_are_children_of_the_run_and_no_two_have_one_id() {
    let spans: Vec<Value> = json_lines(&written("otlp", &hostile(), b""))
        .into_iter()
        .map(|line| line["resourceSpans"][0]["scopeSpans"][0]["spans"][0].clone())
        .collect();
    let (run, tests) = spans.split_last().unwrap();
    assert!(run["parentSpanId"].is_null());
    let ids: HashSet<&str> = spans.iter().map(|span| span["spanId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), spans.len());
    for span in tests {
        assert_eq!(span["parentSpanId"], run["spanId"]);
        assert_eq!(span["traceId"], run["traceId"]);
        assert!(
            span["startTimeUnixNano"].as_str().unwrap()
                <= span["endTimeUnixNano"].as_str().unwrap()
        );
    }
    let mut status = run["attributes"].as_array().unwrap().iter();
    let status = status.find(|attribute| attribute["key"] == "test.suite.run.status");
    assert_eq!(status.unwrap()["value"]["stringValue"], "failure");
}

#[test]
fn reports_are_objects_that_others_can_add() {
    struct Nothing;
    impl Sink for Nothing {
        fn event(&mut self, _: &Event<'_>) -> Flow {
            Flow::Continue
        }
    }
    impl Report for Nothing {
        fn result(self: Box<Self>) -> io::Result<()> {
            Ok(())
        }
    }
    let report: Box<dyn Report> = Box::new(Nothing);
    assert!(!report.holds_text() && report.result().is_ok());
}
