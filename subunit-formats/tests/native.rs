//! What runners write for programs: each sample against what its runner says of itself, whole, cut up and cut off.
//!
//! `data/native/table.txt` has a row for each sample. To add one, put it beside and add its row: a row that is wrong is shown as
//! it would have to be.
#![allow(clippy::unwrap_used, reason = "a failure ends the test")]

mod reading;

use std::fmt::Write as _;

use reading::{Numbers, Recorded, data, detected, read_pieces, table, word};
use subunit_core::sink::Verdict;
use subunit_formats::Format;

/// A row of the table.
#[derive(Debug)]
struct Sample<'t> {
    name: &'t str,
    /// Whether the runner calls the run red.
    is_red: bool,
    format: Format,
    /// What we take it for without a word.
    told: &'t str,
    verdict: &'t str,
    /// `passed/failed/skipped/failed as expected/passed unexpectedly`, as we count and as the runner does.
    ours: &'t str,
    theirs: &'t str,
    /// Why they differ, or why the verdict does.
    reason: &'t str,
}

impl<'t> Sample<'t> {
    fn of(row: &'t str) -> Self {
        let mut words = row.splitn(8, ' ').map(str::trim);
        let mut next = || words.next().unwrap_or_default();
        let (name, red) = (next(), next());
        let format = next();
        let format = format.parse().unwrap_or_else(|_| panic!("{format} in {row}"));
        let (told, verdict, ours, theirs) = (next(), next(), next(), next());
        let is_red = red == "red";
        Self { name, is_red, format, told, verdict, ours, theirs, reason: next() }
    }

    fn bytes(&self) -> Vec<u8> {
        data(&format!("native/{}", self.name))
    }

    fn read(&self, input: &[u8], size: usize) -> Recorded {
        read_pieces(Boxed(self.format.reader().unwrap()), input.chunks(size.max(1)))
    }
}

/// A reader, whatever its type.
struct Boxed(Box<dyn subunit_formats::FormatReader>);

impl subunit_formats::FormatReader for Boxed {
    fn feed(
        &mut self,
        bytes: &[u8],
        sink: &mut dyn subunit_core::sink::Sink,
    ) -> subunit_core::sink::Flow {
        self.0.feed(bytes, sink)
    }

    fn finish(&mut self, sink: &mut dyn subunit_core::sink::Sink) -> subunit_core::sink::Flow {
        self.0.finish(sink)
    }
}

/// What an input is taken for, once its last line is whole.
fn told(input: &[u8]) -> &'static str {
    let input = [input, b"\n"].concat();
    detected(&input, usize::MAX).1.unwrap_or("-")
}

fn counts(recorded: &Recorded) -> String {
    let (success, fail, skip, xfail, uxsuccess) = recorded.finals();
    format!("{success}/{fail}/{skip}/{xfail}/{uxsuccess}")
}

#[test]
fn every_sample_is_as_the_table_says() {
    let (table, mut wrong) = (table("native"), String::new());
    for row in table.lines() {
        let sample = Sample::of(row);
        let input = sample.bytes();
        let recorded = sample.read(&input, 1 << 16);
        let (ours, verdict) = (counts(&recorded), word(recorded.verdict()));
        let told = told(&input);
        if (&*ours, verdict, told) != (sample.ours, sample.verdict, sample.told) {
            let Sample { name, is_red, format, theirs, reason, .. } = sample;
            let (red, format) = (if is_red { "red" } else { "green" }, format.name());
            writeln!(wrong, "{name} {red} {format} {told} {verdict} {ours} {theirs} {reason}")
                .unwrap();
            for event in &recorded.events {
                let reason = event.file.as_ref().filter(|file| file.name == "reason");
                let reason = reason.map(|file| String::from_utf8_lossy(&file.bytes).into_owned());
                if !event.runnable && event.status.is_some_and(|status| status.is_failure()) {
                    writeln!(wrong, "    {:?} {reason:?}", event.test_id).unwrap();
                }
            }
        }
        assert!(!sample.reason.is_empty() || sample.ours == sample.theirs, "a reason: {row}");
        let as_told = if sample.is_red { "red" } else { "green" };
        assert!(!sample.reason.is_empty() || sample.verdict == as_told, "a reason: {row}");
        assert!(!sample.is_red || sample.verdict != "green", "{} is red", sample.name);
    }
    assert!(wrong.is_empty(), "these rows are wrong, and would have to be:\n{wrong}");
}

#[test]
fn however_a_report_is_cut_up_it_says_the_same() {
    for row in table("native").lines() {
        let sample = Sample::of(row);
        let input = sample.bytes();
        let whole = sample.read(&input, usize::MAX);
        for size in [1, 7, 4093] {
            let pieces = sample.read(&input, size);
            assert!(pieces.events == whole.events, "{row} in pieces of {size}");
            assert!(pieces.text == whole.text, "{row} in pieces of {size}");
        }
    }
}

/// Each report, red or green, is cut off at 200 places, the same in every run. What has no end of its own, one object after the
/// other, is green where those that are there are.
#[test]
fn a_report_that_is_cut_off_is_never_green() {
    let mut random = Numbers(0x2545_f491_4f6c_dd1d);
    let mut green = String::new();
    for row in table("native").lines() {
        let sample = Sample::of(row);
        let input = sample.bytes();
        let end = input.trim_ascii_end().len();
        for _ in 0..200 {
            let cut = usize::try_from(random.next().unwrap() % end as u64).unwrap();
            let recorded = sample.read(&input[..cut], 1 << 16);
            let endless = sample.format.name() == "meson-json" && recorded.text.is_empty();
            if recorded.verdict() == Verdict::Passed && !endless {
                writeln!(green, "{} cut off at {cut}", sample.name).unwrap();
            }
            assert_eq!(recorded.counts().unfinished, 0, "{} cut off at {cut}", sample.name);
        }
    }
    assert!(green.is_empty(), "{green}");
}

/// A byte changed anywhere breaks nothing, and does not make the events depend on how the report arrives.
#[test]
fn a_damaged_report_says_the_same_however_it_is_cut_up() {
    let mut random = Numbers(0x9e37_79b9_7f4a_7c15);
    for row in table("native").lines() {
        let sample = Sample::of(row);
        let whole = sample.bytes();
        for _ in 0..20 {
            let mut input = whole.clone();
            let number = random.next().unwrap();
            let at = usize::try_from(number % input.len() as u64).unwrap();
            input[at] = number.to_le_bytes()[7];
            let (once, pieces) = (sample.read(&input, usize::MAX), sample.read(&input, 61));
            assert!(once.events == pieces.events, "{} with byte {at} changed", sample.name);
            assert!(once.text == pieces.text, "{} with byte {at} changed", sample.name);
        }
    }
}

/// What is red by what it says of itself, whatever its tests say: the format, the report, and what the reason holds.
const SAYS: [(&str, &str, &str); 35] = [
    (
        "jest-json",
        r#"{"numTotalTests":2,"testResults":[{"name":"a","assertionResults":[{"title":"b","status":"passed"}]}]}"#,
        "it counts 2 tests, 1 were read",
    ),
    (
        "jest-json",
        r#"{"numTotalTests":1,"success":false,"testResults":[{"name":"a","assertionResults":[{"title":"b","status":"passed"}]}]}"#,
        "shows no failure",
    ),
    (
        "jest-json",
        r#"{"numTotalTests":1,"wasInterrupted":true,"testResults":[{"name":"a","assertionResults":[{"title":"b","status":"passed"}]}]}"#,
        "interrupted",
    ),
    (
        "jest-json",
        r#"{"numTotalTests":1,"testResults":[{"name":"a","assertionResults":[{"title":"b","status":"odd"}]}]}"#,
        "unknown status `odd`",
    ),
    (
        "jest-json",
        r#"{"numTotalTests":0,"testResults":[{"name":"a","status":"failed","message":"no such module","assertionResults":[]}]}"#,
        "no such module",
    ),
    ("jest-json", r#"{"numTotalTests":1}"#, "it has no testResults"),
    ("jest-json", r#"{"numTotalTests":1,"testResults":[{"name":"a\"#, "the document is cut off"),
    (
        "jest-json",
        r#"{"numTotalTests":1,"testResults":[{"name":0x}]}"#,
        "1 of its parts could not be read",
    ),
    (
        "playwright-json",
        r#"{"config":{"argv":[]},"suites":[],"errors":[{"message":"no tests found"}]}"#,
        "no tests found",
    ),
    (
        "playwright-json",
        r#"{"config":{"argv":[]},"suites":[],"stats":{"unexpected":1}}"#,
        "it counts 1 unexpected, 0 were read",
    ),
    (
        "gtest-json",
        r#"{"tests":2,"failures":0,"disabled":0,"testsuites":[{"name":"S","testsuite":[{"name":"a"}]}]}"#,
        "it counts 2 tests, 1 were read",
    ),
    (
        "gtest-json",
        r#"{"tests":1,"failures":1,"disabled":0,"testsuites":[{"name":"S","testsuite":[{"name":"a"}]}]}"#,
        "it counts 1 failures, 0 were read",
    ),
    (
        "rspec-json",
        r#"{"version":"3","examples":[{"id":"a","status":"passed"}]}"#,
        "it has no summary",
    ),
    (
        "rspec-json",
        r#"{"version":"3","messages":["An error occurred"],"examples":[],"summary":{"errors_outside_of_examples_count":1}}"#,
        "An error occurred",
    ),
    (
        "mocha-json",
        r#"{"stats":{"suites":1,"passes":2},"passes":[{"fullTitle":"a"}]}"#,
        "it counts 2 passes, 1 were read",
    ),
    (
        "cucumber-json",
        r#"[{"keyword":"Feature","name":"f","uri":"f","status":"hook_error"}]"#,
        "the feature failed",
    ),
    (
        "cucumber-json",
        r#"[{"keyword":"Feature","name":"f","elements":[{"name":"a","steps":[{"keyword":"Given ","name":"b","result":{"status":"undefined"}}]}]}]"#,
        "undefined step: Given b",
    ),
    ("cucumber-messages", r#"{"testRunStarted":{"id":"r"}}"#, "there is no testRunFinished"),
    ("cucumber-messages", r#"{"testRunFinished":{"success":false}}"#, "shows no failure"),
    ("cucumber-messages", r#"{"testRunFinished":{"success":tr"#, "cannot be read"),
    ("meson-json", r#"{"name":"a","result":"ODD"}"#, "unknown status `ODD`"),
    (
        "bazel",
        r#"{"id":{"testResult":{"label":"//a"}},"testResult":{"status":"PASSED"}}"#,
        "there is no lastMessage",
    ),
    (
        "bazel",
        r#"{"id":{"f":{}},"finished":{"exitCode":{"name":"BUILD_FAILURE","code":1}},"lastMessage":true}"#,
        "exit code 1: BUILD_FAILURE",
    ),
    // A failure of `//a:test_two` is none of `//a:test`.
    (
        "bazel",
        r#"{"id":{"testResult":{"label":"//a:test_two"}},"testResult":{"status":"FAILED"}}
{"id":{"testResult":{"label":"//a:test"}},"testResult":{"status":"PASSED"}}
{"id":{"testSummary":{"label":"//a:test"}},"testSummary":{"overallStatus":"FAILED"},"lastMessage":true}"#,
        "its summary says FAILED, and no result does",
    ),
    ("dart", r#"{"success":null,"type":"done","time":1}"#, "it did not succeed"),
    ("dart", r#"{"test":{"id":1,"name":"a"},"type":"testStart","time":1}"#, "there is no `done`"),
    (
        "xcresult",
        r#"{"testNodes":[{"nodeType":"Test Plan","name":"P","result":"Failed"}]}"#,
        "it failed, and shows no failure",
    ),
    (
        "robot-xml",
        r#"<robot><suite name="S"><test name="a"><status status="PASS"/></test></suite></robot>"#,
        "it has no statistics",
    ),
    (
        "catch2-xml",
        r#"<Catch><TestCase name="a"><OverallResult success="true"/></TestCase></Catch>"#,
        "it has no OverallResultsCases",
    ),
    (
        "doctest-xml",
        r#"<doctest><OverallResultsTestCases successes="1" failures="0"/></doctest>"#,
        "it counts 1 successes, 0 were read",
    ),
    (
        "boost-xml",
        r#"<TestResult><TestSuite name="m" result="failed" test_cases_failed="2"></TestSuite></TestResult>"#,
        "it counts 2 failures, 0 were read",
    ),
    (
        "qttest-xml",
        r#"<TestFunction name="a"><Incident type="pass"/></TestFunction>"#,
        "there is no Duration",
    ),
    (
        "testng-xml",
        r#"<testng-results failed="1"></testng-results>"#,
        "it counts 1 failed, 0 were read",
    ),
    (
        "ctest-xml",
        r#"<Site><Testing><TestList><Test>./a</Test></TestList></Testing></Site>"#,
        "it lists 1 test, and has results of 0",
    ),
    (
        "cppunit-xml",
        r#"<TestRun><SuccessfulTests></SuccessfulTests></TestRun>"#,
        "it has no Statistics",
    ),
];

#[test]
fn what_a_report_says_of_itself_counts() {
    for (format, input, reason) in SAYS {
        let reader = Boxed(format.parse::<Format>().unwrap().reader().unwrap());
        let recorded = read_pieces(reader, [input.as_bytes()]);
        assert_eq!(recorded.verdict(), Verdict::Failed, "{format}: {input}");
        let files = recorded.events.iter().filter_map(|event| event.file.as_ref());
        let said: Vec<_> = files.map(|file| String::from_utf8_lossy(&file.bytes)).collect();
        assert!(said.iter().any(|said| said.contains(reason)), "{format}: {said:?}");
    }
}

/// What stands in the name and the attachments of results: ids, files, attempts, tags.
#[test]
fn results_have_their_files_attempts_and_tags() {
    for (name, id, file, content) in [
        ("jest.json", "/opt/proj/js-jest/w.test.js > fails with a diff", "traceback", "naïve"),
        ("jest.json", "/opt/proj/js-jest/b/imp.test.js", "reason", "Cannot find module './nope'"),
        ("playwright.json", "w.spec.ts:11:1 \u{203a} prints", "stdout", "stdout without newline"),
        ("playwright.json", "w.spec.ts:14:1 \u{203a} step", "note", "hello"),
        ("gtest.json", "Sum.Imitate", "properties", "key=va\"lue\n"),
        ("rspec.json", "./w_spec.rb[1:2]", "traceback", "ExpectationNotMetError"),
        ("rspec.json", "./w_spec.rb[1:2]", "description", "fails with a diff"),
        ("mocha.json", "group / one fails with a diff", "traceback", "deep-equal"),
        ("cucumber.ndjson", "features/w.feature > fails <b>", "log", "a log"),
        ("behave.json", "features/w.feature > fails <b>", "traceback", "boom"),
        ("meson.jsonl", "weird:passes", "stderr", "stderr without newline"),
        ("robot.xml", "W.Fails With Diff", "failure", "naïve != naive"),
        ("catch2.xml", "sections, with commas", "failure", "second \"bad\" / c2.cpp:9: Failure"),
        ("catch2.xml", "prints and fails", "stdout", "half a line"),
        ("doctest.xml", "suite / one: subcases", "failure", "second \"bad\" / "),
        ("boost.xml", "inner/data/_1", "failure", "s = x/y"),
        ("boost.xml", "prints", "stdout", "stdout without newline"),
        ("qttest.xml", "Weird::data(x/y)", "failure", "qt.cpp:16: 'n != 2'"),
        ("testng.xml", "TngTest.param(a b)", "", ""),
        ("ctest.xml", "timesout", "reason", "Completed, Timeout"),
        ("cppunit.xml", "Cart::fails", "failure", "t.cpp:12: Assertion"),
        ("instrumentation.txt", "shop.CartTest#fails", "traceback", "CartTest.java:12"),
        ("dart.jsonl", "test/cart_test.dart > cart fails", "traceback", "Actual: <2>"),
    ] {
        let table = table("native");
        let mut samples = table.lines().map(Sample::of);
        let sample = samples.find(|sample| sample.name == name).unwrap();
        let recorded = sample.read(&sample.bytes(), usize::MAX);
        let of_test: Vec<_> =
            recorded.events.iter().filter(|event| event.test_id.as_deref() == Some(id)).collect();
        let ids = recorded.events.iter().filter_map(|event| event.test_id.as_deref());
        assert!(!of_test.is_empty(), "{name}: {id} is none of {:?}", ids.collect::<Vec<_>>());
        let mut files = of_test.iter().filter_map(|event| event.file.as_ref());
        let holds = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains(content);
        let found = files.any(|found| found.name.starts_with(file) && holds(&found.bytes));
        assert!(found || file.is_empty(), "{name}: {id} has no {file} with {content}");
    }
}

/// Flaky tests are results with attempts: those that failed do not count.
#[test]
fn retries_are_attempts() {
    for (name, id) in [
        ("jest.json", "/opt/proj/js-jest/b/flaky.test.js > flaky"),
        ("vitest.json", "/opt/proj/js-vitest/w.test.js > flaky"),
        ("playwright.json", "w.spec.ts:9:1 \u{203a} flaky"),
        ("mocha.json", "flaky"),
        ("cucumber.ndjson", "features/w.feature > flaky"),
        ("testng.xml", "TngTest.flaky"),
        ("bazel.jsonl", "//shop:flaky_test"),
        ("xcresult.json", "CartTests/testFlaky()"),
    ] {
        let table = table("native");
        let mut samples = table.lines().map(Sample::of);
        let sample = samples.find(|sample| sample.name == name).unwrap();
        let recorded = sample.read(&sample.bytes(), usize::MAX);
        let of_test = recorded.events.iter().filter(|event| event.test_id.as_deref() == Some(id));
        let ends = of_test.filter(|event| event.status.is_some_and(|status| status.is_final()));
        let tags: Vec<String> = ends
            .map(|event| {
                let tags = event.tags.iter().flat_map(|tags| tags.as_tags().iter());
                format!("{:?} {}", event.status, tags.collect::<Vec<_>>().join(" "))
            })
            .collect();
        assert_eq!(tags.len(), 2, "{name}: {tags:?}");
        assert!(tags[0].contains("Fail") && tags[0].contains("attempt-1"), "{name}: {tags:?}");
        assert!(tags[1].contains("Success") && tags[1].contains("attempt-2"), "{name}: {tags:?}");
    }
}
