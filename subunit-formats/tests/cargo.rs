//! Real outputs of `cargo test` against the counts that are known of them.

mod reading;

use reading::{data, never_green_when_cut, read};
use subunit_core::{Status, Timestamp, sink::Verdict};
use subunit_formats::consoles::cargo::CargoReader;

/// lib 7 passed, 7 failed, 2 ignored; aborts: no result; integ 1 and 2; raw 2 and 1; doctests 4, 1 and 1.
#[test]
fn all_programs_of_a_crate() {
    for name in ["human", "human-show-output"] {
        let read = read(CargoReader::new(), &data(&format!("cargo/{name}.txt")));
        let flaky = read.ends("flaky") == [Status::Success];
        let (success, fail) = if flaky { (15, 11) } else { (14, 12) };
        assert_eq!(read.finals(), (success, fail, 3, 0, 0), "{name}");
        assert_eq!(read.tagged("incomplete"), ["[suite]"], "{name}");
        assert_eq!(read.ends("ok"), [Status::Success], "glued to raw output");
    }
}

#[test]
fn failed_tests_have_the_output_that_comes_later() {
    let read = read(CargoReader::new(), &data("cargo/human.txt"));
    let file = |id, name| read.file(Some(id), name);
    assert_eq!(file("tests::fails", "stdout"), "out before\nerr before\n\n");
    assert!(
        file("tests::fails", "traceback").starts_with("thread 'tests::fails' (11742) panicked")
    );
    let imitation = file("tests::multi_line_panic", "traceback");
    assert!(imitation.contains("test fake ... ok\n\ntest result: ok. 1 passed\n"), "{imitation}");
    assert_eq!(file("tests::ignored_reason", "reason"), "because \"quoted\" <&> — reason");
    assert!(file("src/lib.rs - add (line 4)", "stdout").starts_with("Test executable failed"));
    assert!(read.text.windows(11).any(|bytes| bytes == b" no newline"));
    assert_eq!(read.ends("fake"), []);
}

#[test]
fn output_of_passing_tests_belongs_to_the_run() {
    let read = read(CargoReader::new(), &data("cargo/human-show-output.txt"));
    let output = read.file(None, "tests::fake_json stdout");
    assert_eq!(output, "{\"type\":\"test\",\"event\":\"ok\",\"name\":\"fake\"}\n\n");
    assert_eq!(read.ends("tests::fake_json"), [Status::Success]);
}

/// The same with cargo's own lines among it, output running in, one thread; `flaky` passes.
#[test]
fn output_that_runs_into_the_lines() {
    let read = read(CargoReader::new(), &data("cargo/human-nocapture.txt"));
    assert_eq!(read.finals(), (7 + 2 + 2 + 4, 7 + 1 + 1 + 1 + 1, 2 + 1, 0, 0));
    assert_eq!(read.tagged("incomplete"), ["aborts::aborts"]);
    let file = |id, name| read.file(Some(id), name);
    assert!(file("aborts::aborts", "stdout").starts_with("about to abort\n"));
    assert_eq!(read.ends("raw::raw_bytes_to_fd"), [Status::Success]);
    assert!(file("raw::raw_bytes_to_fd", "stdout").ends_with(" bytes no newline"));
    let imitation = file("weirdrs::tests::multi_line_panic", "traceback");
    assert!(imitation.contains("test fake ... ok\n\ntest result: ok. 1 passed\n"), "{imitation}");
    assert_eq!(read.ends("weirdrs::src/lib.rs - add (line 10)"), [Status::Success]);
}

#[test]
fn colours_make_no_difference() {
    let read = read(CargoReader::new(), &data("cargo/human-color.txt"));
    let (success, fail, skip, ..) = read.finals();
    assert_eq!((success + fail, skip), (26, 3));
    assert_eq!(read.ends("weirdrs::tests::result_err"), [Status::Fail]);
}

#[test]
fn cut_off_it_is_never_green() {
    for name in ["human", "human-nocapture", "human-show-output", "human-color"] {
        never_green_when_cut(CargoReader::new(), &data(&format!("cargo/{name}.txt")));
    }
}

const GREEN: &str = "
running 2 tests
test a ... ok
test b ... ok

test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

";

#[test]
fn a_green_run_cut_off_before_its_result_is_red() {
    assert_eq!(read(CargoReader::new(), GREEN.as_bytes()).verdict(), Verdict::Passed);
    let end = GREEN.find(" filtered").unwrap_or_default();
    for cut in 0..end {
        let verdict = read(CargoReader::new(), &GREEN.as_bytes()[..cut]).verdict();
        assert_ne!(verdict, Verdict::Passed, "{:?}", &GREEN[..cut]);
    }
}

#[test]
fn an_imitation_of_a_whole_program_turns_nothing_red() {
    let fake = "running 1 test\ntest fake ... FAILED\n\nfailures:\n\n---- fake stdout ----\nno\n\n\
                test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out\n";
    let shown = GREEN.replace(
        "\ntest result",
        &format!("\nsuccesses:\n\n---- a stdout ----\n{fake}\ntest result"),
    );
    let read = read(CargoReader::new(), shown.as_bytes());
    assert_eq!(read.ends("a"), [Status::Success]);
    assert_eq!(read.ends("b"), [Status::Success]);
    assert_eq!(read.verdict(), Verdict::Passed);
}

#[test]
fn a_result_that_was_lost_is_missed() {
    let lost = GREEN.replace("test b ... ok\n", "test b ...ok\n");
    assert_eq!(read(CargoReader::new(), lost.as_bytes()).ends("[suite]"), [Status::Fail]);
}

#[test]
fn what_did_not_build_or_has_no_harness_is_red() {
    let read_build = read(
        CargoReader::new(),
        b"error: could not compile `x` (lib test) due to 1 previous error\n",
    );
    assert_eq!(read_build.ends("x [build]"), [Status::Fail]);
    let custom = "     Running tests/own.rs (target/debug/deps/own-0123456789abcdef)\nno\n\
                  error: test failed, to rerun pass `--test own`\n";
    assert_eq!(read(CargoReader::new(), custom.as_bytes()).ends("own [suite]"), [Status::Fail]);
}

/// lib 3 passed, 3 failed, 2 ignored; wildbin 1; abort and exits: no result; integ 1 and 1; doctests 3, 1 and 1.
#[test]
fn the_terse_form_names_what_failed_and_counts_the_rest() {
    let terse = read(CargoReader::new(), &data("cargo/terse.txt"));
    assert_eq!(terse.finals(), (3 + 1 + 1 + 3, 3 + 2 + 1 + 1, 2 + 1, 0, 0));
    assert_eq!(terse.ends("wild::tests::fails"), [Status::Fail]);
    assert!(terse.file(Some("wild::tests::fails"), "traceback").contains("msg <x>"));
    assert_eq!(terse.ends("wild::[passed 3]"), [Status::Success, Status::Success]);
    assert_eq!(terse.tagged("incomplete"), ["abort [suite]", "exits [suite]"]);
    never_green_when_cut(CargoReader::new(), &data("cargo/terse.txt"));
    let green =
        b"\nrunning 3 tests\ni.. 3/3\ntest result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; \
                  0 filtered out; finished in 0.00s\n";
    let green = read(CargoReader::new(), green);
    assert_eq!((green.finals(), green.verdict()), ((2, 0, 1, 0, 0), Verdict::Passed));
}

/// With `TERM=xterm` a colour ends with `ESC ( B ESC [ m`.
#[test]
fn colours_by_the_terminals_description() {
    let read = read(CargoReader::new(), &data("cargo/color-xterm.txt"));
    assert_eq!(read.finals(), (3 + 1 + 1 + 3, 3 + 2 + 1 + 1, 2 + 1, 0, 0));
    assert_eq!(read.ends("wild::tests::fails"), [Status::Fail]);
}

/// A test may print dots: they stand for no more tests than are missing.
#[test]
fn dots_among_named_tests_are_text() {
    let dots = GREEN.replace("test b", "...\ntest b");
    let read = read(CargoReader::new(), dots.as_bytes());
    assert_eq!((read.finals(), read.verdict()), ((2, 0, 0, 0, 0), Verdict::Passed));
    assert!(read.text().contains("...\n"));
}

/// A program of one test, announced as cargo does.
fn announced(source: &str, hash: u32, outcome: &str) -> String {
    let (word, counts) = match outcome {
        "ok" => ("ok", "1 passed; 0 failed"),
        _ => ("FAILED", "0 passed; 1 failed"),
    };
    format!(
        "     Running unittests {source} (target/debug/deps/shop-{hash:016x})\n\nrunning 1 test\n\
         test cart::adds ... {outcome}\n\ntest result: {word}. {counts}; 0 ignored; 0 measured; \
         0 filtered out; finished in 0.00s\n\n"
    )
}

#[test]
fn the_library_and_the_program_of_a_crate_are_told_apart() {
    let input = announced("src/lib.rs", 1, "FAILED") + &announced("src/main.rs", 2, "ok");
    let read = read(CargoReader::new(), input.as_bytes());
    assert_eq!(read.ends("shop::cart::adds"), [Status::Fail]);
    assert_eq!(read.ends("shop (src/main.rs)::cart::adds"), [Status::Success]);
    assert_eq!(read.finals(), (1, 1, 0, 0, 0));
}

/// libtest writes outcome and line end one by one, and other threads print in between.
#[test]
fn an_outcome_that_the_output_of_others_follows() {
    for (outcome, finals) in [("ok", (2, 0, 0, 0, 0)), ("FAILED", (1, 1, 0, 0, 0))] {
        let torn = GREEN.replace("test a ... ok\n", &format!("test a ... {outcome}[e2e] b\n\n"));
        let torn = if outcome == "ok" {
            torn
        } else {
            torn.replace("result: ok. 2 passed; 0 failed", "result: FAILED. 1 passed; 1 failed")
        };
        let read_torn = read(CargoReader::new(), torn.as_bytes());
        assert_eq!(read_torn.finals(), finals, "{torn}");
        let last = GREEN.replace("test b ... ok\n", &format!("test b ... {outcome}[e2e] b\n\n"));
        let last = read(CargoReader::new(), last.as_bytes());
        assert_eq!(last.verdict() == Verdict::Passed, outcome == "ok", "held against the result");
    }
}

/// What a test prints is no outcome where one follows.
#[test]
fn output_that_begins_as_an_outcome_is_none() {
    let printed = GREEN.replace("test a ... ok\n", "test a ... okay, then\nFAILED\n");
    let printed = printed.replace("ok. 2 passed; 0 failed", "FAILED. 1 passed; 1 failed");
    let read = read(CargoReader::new(), printed.as_bytes());
    assert_eq!((read.ends("a"), read.ends("b")), (vec![Status::Fail], vec![Status::Success]));
    assert_eq!(read.file(Some("a"), "stdout"), "okay, then\n");
}

/// `--report-time`, of nightly versions.
#[test]
fn durations_are_times() {
    let timed =
        GREEN.replace("a ... ok", "a ... ok <1.500s>").replace("b ... ok", "b ... ok <0.250s>");
    let read = read(CargoReader::new(), timed.as_bytes());
    let times = |id: &str| {
        let of_test = read.events.iter().filter(|event| event.test_id.as_deref() == Some(id));
        of_test.filter_map(|event| event.timestamp).collect::<Vec<_>>()
    };
    let at = |seconds, millis: u32| Timestamp::new(seconds, millis * 1_000_000);
    assert_eq!(times("a"), [at(0, 0), at(1, 500)]);
    assert_eq!(times("b"), [at(1, 500), at(1, 750)]);
    assert_eq!(read.file(Some("a"), "duration"), "");
}
