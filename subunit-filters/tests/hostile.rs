//! Input that means harm, or nothing at all: no reader may panic, lose a verdict or depend on how it is cut.

mod reading;

use proptest::{prelude::*, sample::Index};
use reading::{data, read_pieces};
use subunit_filters::formats::{
    FormatReader, cargo::CargoReader, ctrf::CtrfReader, gojson::GoJsonReader,
    gojson::PythonGoJsonReader, libtest::LibtestReader, reportlog::ReportLogReader,
    teamcity::TeamCityReader,
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
