//! Lines that mean something, and lines that look so: what is read by hand.

use serde_json::json;
use subunit_core::{
    Damage, Event,
    sink::{FailFast, Flow, Sink, Summary, Verdict},
    v1::Parser,
};

use crate::log::{Log, line_of, lines, parse_into, parsed};

const LOST: &str = "a traceback=testtools.testresult.real._StringException: \
                    lost connection during test 'a'\n";

#[test]
fn a_test_is_interrupted_by_one_that_ends() {
    let input = b"test: a\nout\ntest: b\nlog\nsuccess: b\ntest: c\nsuccess: c\n";
    let rest = ["b inprogress", "log\n", "b success", "c inprogress", "c success"];
    let expected = [["a inprogress", "out\n", LOST, "a fail"].as_slice(), &rest].concat();
    assert_eq!(lines(input), expected);
    assert_eq!(lines(b"test: a\ntest: b\nsuccess: b\n")[1..3], [LOST, "a fail"]);
}

#[test]
fn output_that_looks_like_a_test_is_output_if_the_test_goes_on() {
    let input = b"test: a\ntesting things\ntest: b\ntest: c\ntags: x\nsuccess: a\n";
    let log = parsed(input, &[usize::MAX]);
    assert_eq!(log.events[2], json!({"test_id": "a", "status": "success", "tags": ["x"]}));
    assert_eq!(line_of(&log.events[1]), "testing things\ntest: b\ntest: c\n");
}

#[test]
fn two_tests_in_a_row_can_be_interrupted() {
    let lines = lines(b"test: a\ntest: b\ntest: c\nsuccess: c\n");
    let ends: Vec<_> = lines.iter().filter(|line| !line.contains('=')).collect();
    let expected =
        ["a inprogress", "a fail", "b inprogress", "b fail", "c inprogress", "c success"];
    assert_eq!(ends, expected.iter().collect::<Vec<_>>());
}

#[test]
fn an_outcome_is_found_behind_unfinished_output() {
    let input = b"test: x\nworking...success: x\ntest: y\n..failure: y [\nboom\n]\n";
    let expected = [
        "x inprogress",
        "working...",
        "x success",
        "y inprogress",
        "..",
        "y traceback=boom\n",
        "y fail",
    ];
    assert_eq!(lines(input), expected);
}

/// libcheck cuts the id that it begins a test with, and not the one that it ends it with.
#[test]
fn a_test_that_began_with_98_bytes_of_its_id_ends_with_all_of_it() {
    let cut = "x".repeat(98);
    let input = format!(
        "test: {cut}\nsuccess: {cut}yy\ntest: {cut}\nout failure: {cut}yz [\nboom\n]\ntest: {cut}\nsuccess: {cut}\n"
    );
    let expected = [
        format!("{cut} inprogress"),
        format!("{cut} success"),
        format!("{cut} inprogress"),
        "out ".to_owned(),
        format!("{cut} traceback=boom\n"),
        format!("{cut} fail"),
        format!("{cut} inprogress"),
        format!("{cut} success"),
    ];
    assert_eq!(lines(input.as_bytes()), expected);
    for length in [97, 99] {
        let other = "x".repeat(length);
        let lines = lines(format!("test: {other}\nsuccess: {other}y\n").as_bytes());
        assert_eq!(lines.last().unwrap(), &format!("{other} fail"));
    }
    let lines = lines(format!("test: {cut}\nmy {cut}y\nmysuccess {cut}y\n").as_bytes());
    assert_eq!(lines.last().unwrap(), &format!("{cut} fail"));
}

#[test]
fn a_start_behind_unfinished_output_is_found_by_its_end() {
    let input = b"...test: a\nsuccess: a\n...test: b\n";
    assert_eq!(lines(input), ["...test: a\n", "a inprogress", "a success", "...test: b\n"]);
}

#[test]
fn what_the_reference_crashes_on_is_text() {
    assert_eq!(lines(b"time: garbage\ntest: a\nsuccess: a\n")[0], "time: garbage\n");
    assert_eq!(lines(b"progress: many\n"), ["progress: many\n"]);
    assert_eq!(lines(b"uxsuccess: a\n"), ["uxsuccess: a\n"]);
    assert_eq!(
        lines(b"test: \xff\0\nskip: \xff\0\n"),
        ["\u{FFFD}\u{FFFD} inprogress", "\u{FFFD}\u{FFFD} skip"]
    );
}

#[test]
fn a_part_that_is_none_is_text_up_to_the_end_of_the_details() {
    let garbage = b"test a\nfailure a [ multipart\ngarbage\n]\ntest: b\nsuccess: b\n";
    let expected = ["a inprogress", "garbage\n", "a fail", "b inprogress", "b success"];
    assert_eq!(lines(garbage), expected);
    let length = b"test a\nfailure a [ multipart\nContent-Type: a/b\nr\n2\r\nhixyz\n]\n";
    assert_eq!(lines(length), ["a inprogress", "a r=hi", "xyz\n", "a fail"]);
    let unclosed = b"test a\nskip a [ multipart\ngarbage\ntest: b\nsuccess: b\n";
    let expected = ["a fail", "b inprogress", "b success"];
    assert_eq!(lines(unclosed)[3..], expected);
}

#[test]
fn a_chunks_length_may_end_in_a_bare_newline_and_a_type_may_be_none() {
    let input = b"test a\nfailure a [ multipart\nContent-Type: nonsense\nr\n5\nhello0\n]\n";
    assert_eq!(lines(input), ["a inprogress", "a r=hello", "a fail"]);
}

#[test]
fn lines_may_end_in_crlf() {
    let input = b"test: a\r\nfailure: a [\r\nboom\r\n]\r\n";
    assert_eq!(lines(input), ["a inprogress", "a traceback=boom\r\n", "a fail"]);
}

/// Only where a line ends behind a test that passed is a cut stream a whole one.
#[test]
fn a_stream_that_is_cut_between_tests_is_no_success() {
    let stream = b"time: 2024-01-02 03:04:05Z\ntest: a\nsuccess: a\ntags: x\ntest: b\nsuccess: b\n";
    let second = stream.windows(6).rposition(|word| word == b"test: ").unwrap();
    let ends = [second - 8, second, stream.len()];
    for cut in 1..=stream.len() {
        let mut summary = Summary::new();
        parse_into(&stream[..cut], &[usize::MAX], &mut summary);
        let green = summary.counts().verdict() == Verdict::Passed;
        assert_eq!(green, ends.contains(&cut), "cut at {cut}");
    }
}

#[test]
fn a_sink_that_asks_to_stop_is_heard_and_gets_the_rest() {
    let mut fast = FailFast::new(Log::default());
    let mut parser = Parser::new();
    assert!(parser.feed(b"test: a\n", &mut fast).is_continue());
    assert!(parser.feed(b"failure: a\ntest: b\nsuccess: b\n", &mut fast).is_break());
    assert!(parser.finish(&mut fast).is_continue());
    assert_eq!(fast.into_inner().events.len(), 4);
}

#[test]
fn damage_says_where_the_torn_chunk_is() {
    /// Keeps where the damage began, and its bytes.
    struct Torn(Vec<(u64, Vec<u8>)>);
    impl Sink for Torn {
        fn event(&mut self, _: &Event<'_>) -> Flow {
            Flow::Continue
        }

        fn damage(&mut self, damage: &Damage<'_>) -> Flow {
            self.0.push((damage.offset, damage.bytes.to_vec()));
            Flow::Continue
        }
    }
    let input = b"test: a\nerror: a [ multipart\nContent-Type: a/b\nr\n2\r\nok5\r\nhel";
    let mut torn = Torn(Vec::new());
    parse_into(input, &[1], &mut torn);
    assert_eq!(torn.0, [(input.len() as u64 - 3, b"hel".to_vec())]);
    assert_eq!(lines(input)[1], "a r=ok");
}
