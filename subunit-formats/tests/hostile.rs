//! Input that means harm, or nothing at all: no reader may panic, lose a verdict or depend on how it is cut.

mod reading;

use proptest::{prelude::*, sample::Index};
use reading::{data, read_pieces};
use subunit_core::Status;
use subunit_formats::{
    FormatReader,
    ci::teamcity::TeamCityReader,
    consoles::cargo::CargoReader,
    json::{
        ctrf::CtrfReader,
        gojson::{GoJsonReader, PythonGoJsonReader},
        jsonl::JsonlReader,
        libtest::LibtestReader,
        reportlog::ReportLogReader,
    },
    junit::JunitReader,
    xunit::XunitReader,
};

fn samples() -> Vec<Vec<u8>> {
    let names = [
        "gojson/json.jsonl",
        "libtest/libtest-json.jsonl",
        "libtest/nextest-json-plus.jsonl",
        "cargo/human.txt",
        "cargo/human-nocapture.txt",
        "reportlog/collection-error.jsonl",
        "teamcity/unittest.txt",
        "ctrf/jest.json",
    ];
    names.into_iter().map(data).collect()
}

/// Every reader, whole and cut in two: the same events.
fn reads_the_same<R: FormatReader>(new: fn() -> R, input: &[u8], cut: Index) {
    let whole = read_pieces(new(), [input]);
    let (head, tail) = input.split_at(cut.index(input.len() + 1));
    let pieces = read_pieces(new(), [head, tail]);
    assert_eq!(pieces.text, whole.text);
    assert_eq!(pieces.events, whole.events);
    whole.finals();
}

fn all_read_the_same(input: &[u8], cut: Index) {
    reads_the_same(GoJsonReader::new, input, cut);
    reads_the_same(LibtestReader::new, input, cut);
    reads_the_same(CargoReader::new, input, cut);
    reads_the_same(ReportLogReader::new, input, cut);
    reads_the_same(TeamCityReader::new, input, cut);
    reads_the_same(CtrfReader::new, input, cut);
    let _ = read_pieces(PythonGoJsonReader::new(), [input]);
}

proptest! {
    /// Real outputs with bytes changed, pieces taken out, and pieces of others put in.
    #[test]
    fn damaged_samples(
        which in any::<Index>(),
        other in any::<Index>(),
        damage in proptest::collection::vec((any::<Index>(), any::<u8>()), 0..20),
        out in any::<(Index, Index)>(),
        cut in any::<Index>(),
    ) {
        let samples = samples();
        let mut input = which.get(&samples).clone();
        for (at, byte) in damage {
            let at = at.index(input.len());
            input[at] = byte;
        }
        let (from, to) = (out.0.index(input.len()), out.1.index(input.len()));
        let other = other.get(&samples);
        input.splice(from.min(to)..from.max(to), other[..other.len().min(2000)].iter().copied());
        all_read_the_same(&input, cut);
    }

    /// Lines made of the words that the formats know.
    #[test]
    fn words_of_all_formats(words in proptest::collection::vec(0..WORDS.len(), 0..60), cut in any::<Index>()) {
        let input: Vec<u8> = words.into_iter().flat_map(|word| WORDS[word].bytes()).collect();
        all_read_the_same(&input, cut);
    }
}

const WORDS: [&str; 34] = [
    "\n",
    "\n",
    "\n",
    "running 2 tests\n",
    "test a ... ",
    "ok\n",
    "FAILED\n",
    "failures:\n",
    "---- a stdout ----\n",
    "test result: ok. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out\n",
    "     Running x (t/x-0123456789abcdef)\n",
    "##teamcity[",
    "testStarted name='a'",
    "testFailed name='a' ",
    "testFinished name='a'",
    "]",
    "|0xD83D",
    "{\"type\":\"test\",\"name\":\"a\",\"event\":\"started\"}",
    "{\"type\":\"test\",\"name\":\"a#2\",\"event\":\"ok\"}\n",
    "{\"type\":\"suite\",\"event\":\"started\"}\n",
    "{\"type\":\"suite\",\"event\":\"ok\",\"passed\":9}\n",
    "{\"Action\":\"run\",\"Package\":\"p\",\"Test\":\"T\"}\n",
    "{\"Action\":\"fail\",\"Package\":\"p\"}\n",
    "{\"Action\":\"output\",\"Package\":\"p\",\"Test\":\"T\",\"Output\":\"x\"}\n",
    "{\"$report_type\":\"TestReport\",\"nodeid\":\"a\",\"when\":\"setup\",\"outcome\":\"passed\"}\n",
    "{\"$report_type\":\"TestReport\",\"nodeid\":\"a\",\"when\":\"teardown\",\"outcome\":\"rerun\"}\n",
    "{\"$report_type\":\"SessionFinish\",\"exitstatus\":0}\n",
    "{\"results\":",
    "{\"tests\":",
    "[",
    "{\"name\":\"a\",\"status\":\"passed\"}",
    "}",
    ",",
    "\"",
];

/// Beginnings of objects and messages that never end must not be read over and over.
#[test]
fn repeated_beginnings_are_not_read_over_and_over() {
    for word in [
        "{\"type\":\"",
        "{\"Action\":{",
        "##teamcity[a x='",
        "{\"$report_type\":[",
        "{\"results\":[",
    ] {
        let input = word.repeat((1 << 20) / word.len());
        all_read_the_same_once(input.as_bytes());
    }
}

/// Behind each beginning that is none stands one that is read: so many are tried, and the rest of the line is text.
#[test]
fn beginnings_in_vain_are_not_tried_for_ever() {
    let most_is_text = |text: &[u8], length: usize| assert!(text.len() > length / 10 * 9);
    let line = |unit: &str| unit.repeat((1 << 20) / unit.len()).into_bytes();
    let input = line("##teamcity[a x='##teamcity[b]");
    most_is_text(&read_pieces(TeamCityReader::new(), [&input[..]]).text, input.len());
    let input = line(r#"{"x{"$report_type":"SessionStart"}"#);
    most_is_text(&read_pieces(ReportLogReader::new(), [&input[..]]).text, input.len());
    let input = line(r#"{"Action":x{"Action":"run","Package":"p"}"#);
    most_is_text(&read_pieces(GoJsonReader::new(), [&input[..]]).text, input.len());
    let input = line(r#"{"type":x{"type":"suite","event":"ok"}"#);
    most_is_text(&read_pieces(LibtestReader::new(), [&input[..]]).text, input.len());
}

/// What cannot be read may have been a failure: what was read beside it is green, and the whole is not.
#[test]
fn a_line_that_is_too_long_to_be_read_is_red() {
    let value = "a".repeat(64 << 20);
    let passed = r#"{"type":"event","test_id":"a","status":"success"}"#;
    let failed = r#"{"type":"event","status":"fail","test_id":""#;
    is_red(JsonlReader::new(), passed, failed, &value);
    let passed = r#"{"type":"test","event":"ok","name":"a"}"#;
    let failed = r#"{"type":"test","event":"failed","name":"b","stdout":""#;
    is_red(LibtestReader::new(), passed, failed, &value);
    let passed = "##teamcity[testStarted name='a']\n##teamcity[testFinished name='a']";
    is_red(TeamCityReader::new(), passed, "##teamcity[testFailed name='b' details='", &value);
}

fn is_red(reader: impl FormatReader, passed: &str, failed: &str, value: &str) {
    let lines = [passed, "\n", failed, value, "\"}\n"].concat();
    let read = read_pieces(reader, [lines.as_bytes()]);
    assert_eq!((read.finals(), read.ends("long line")), ((1, 1, 0, 0, 0), vec![Status::Fail]));
    assert!(read.text.len() > value.len(), "it is text as well");
}

/// TeamCity's lines hold all that a failed test has to say.
#[test]
fn a_failure_with_megabytes_of_details_is_one() {
    let details = "a".repeat(3 << 20);
    let lines = [
        "##teamcity[testStarted name='a']\n##teamcity[testFailed name='a' details='",
        &details,
        "']\n##teamcity[testFinished name='a']\n",
    ];
    let lines = lines.concat();
    for pieces in [vec![lines.as_bytes()], lines.as_bytes().chunks(1 << 16).collect()] {
        let read = read_pieces(TeamCityReader::new(), pieces);
        assert_eq!(read.finals(), (0, 1, 0, 0, 0));
        assert_eq!(read.file(Some("a"), "traceback"), details);
    }
}

/// A set of tags is looked through for each one more.
#[test]
fn tags_of_a_report_that_do_not_fit_in_stay_lines() {
    let many = |property: fn(usize) -> String| (0..20_000).map(property).collect::<String>();
    let properties = many(|n| format!("<property name='tag' value='{n}'/>"));
    let report = format!(
        "<testsuite><testcase name='a'><properties>{properties}</properties></testcase></testsuite>"
    );
    let read = read_pieces(JunitReader::new(), [report.as_bytes()]);
    assert_eq!((read.finals().0, read.tagged("999").len()), (1, 1));
    assert_eq!(read.file(Some("a"), "properties").lines().count(), 19_000);
    let traits = many(|n| format!("<trait name='k' value='{n}'/>"));
    let report = format!(
        "<assemblies><assembly><collection><test name='a' result='Pass'><traits>{traits}\
         </traits></test></collection></assembly></assemblies>"
    );
    let read = read_pieces(XunitReader::new(), [report.as_bytes()]);
    assert_eq!(read.finals().0, 1);
    let more = read.events.iter().filter_map(|event| event.file.as_ref());
    let more = more.filter(|file| file.name.starts_with("tags")).count();
    assert_eq!(more, 19_000);
}

fn all_read_the_same_once(input: &[u8]) {
    let halves = || input.chunks(input.len() / 2 + 1);
    let texts = [
        read_pieces(GoJsonReader::new(), halves()).text,
        read_pieces(LibtestReader::new(), halves()).text,
        read_pieces(CargoReader::new(), halves()).text,
        read_pieces(ReportLogReader::new(), halves()).text,
        read_pieces(TeamCityReader::new(), halves()).text,
    ];
    for text in texts {
        assert_eq!(text.len(), input.len());
    }
    let _ = read_pieces(CtrfReader::new(), halves());
}

/// What is open must not be looked through for each of many ends, nor tags for each of many more.
#[test]
fn many_open_tests_tags_and_groups() {
    let many = |line: fn(usize) -> String| (0..20_000).map(line).collect::<String>();
    let runs = many(|n| format!("{{\"Action\":\"run\",\"Package\":\"p\",\"Test\":\"T{n}\"}}\n"));
    let ends = many(|n| format!("{{\"Action\":\"fail\",\"Package\":\"q{n}\"}}\n"));
    let tags = many(|n| {
        format!(
            "{{\"Action\":\"attr\",\"Package\":\"p\",\"Test\":\"T1\",\"Key\":\"k\",\"Value\":\"{n}\"}}\n"
        )
    });
    let read =
        read_pieces(GoJsonReader::new(), [runs.as_bytes(), ends.as_bytes(), tags.as_bytes()]);
    assert_eq!(read.finals().1, 40_000);
    assert_eq!(read.file(Some("p.T1"), "tags").lines().count(), 19_000);
    let started =
        many(|n| format!("{{\"type\":\"test\",\"event\":\"started\",\"name\":\"s$t{n}\"}}\n"));
    let suites = many(|_| "{\"type\":\"suite\",\"event\":\"ok\"}\n".to_owned());
    let read = read_pieces(LibtestReader::new(), [started.as_bytes(), suites.as_bytes()]);
    assert_eq!(read.finals().1, 20_000);
    let started = many(|n| format!("##teamcity[testStarted name='a{n}' flowId='1']\n"));
    let output = many(|n| format!("##teamcity[testStdOut name='b{n}' out='']\n"));
    let read = read_pieces(TeamCityReader::new(), [started.as_bytes(), output.as_bytes()]);
    assert_eq!(read.finals().1, 20_000);
}
