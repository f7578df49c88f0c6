//! TAP as real runners send it, against what is known of those runs.

use std::path::Path;

use proptest::prelude::*;
use subunit_core::{Status, sink::Verdict, testing::Recorded};
use subunit_formats::{FormatReader, tap::TapReader};

fn read(input: &[u8]) -> Recorded {
    read_pieces([input])
}

fn read_pieces<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Recorded {
    let (mut reader, mut recorded) = (TapReader::new(), Recorded::default());
    for piece in pieces {
        reader.feed(piece, &mut recorded);
    }
    reader.finish(&mut recorded);
    recorded
}

/// How many tests of each kind there were, but for those of the ids `groups`; and which of these ended.
fn truth<'a>(recorded: &'a Recorded, groups: &[&str]) -> (Vec<usize>, Vec<&'a str>) {
    use Status::{ExpectedFailure, Fail, Skip, Success, UnexpectedSuccess};
    let (of_groups, of_tests): (Vec<_>, Vec<_>) =
        recorded.results().into_iter().partition(|(id, _)| groups.contains(id));
    let count = |status| of_tests.iter().filter(|(_, other)| *other == status).count();
    let kinds = [Success, Fail, Skip, ExpectedFailure, UnexpectedSuccess];
    (kinds.map(count).to_vec(), of_groups.into_iter().map(|(id, _)| id).collect())
}

/// The tags of the last event of a test.
fn tags<'a>(recorded: &'a Recorded, test_id: &str) -> Vec<&'a str> {
    let event = recorded.events.iter().rfind(|event| event.test_id.as_deref() == Some(test_id));
    let tags = event.and_then(|event| event.tags.as_ref());
    tags.map(|tags| tags.as_tags().iter().collect()).unwrap_or_default()
}

fn sample(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tap").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// File; passed, failed, skipped, expected failures, unexpected successes; what failed that is no test.
type Truth = (&'static str, [usize; 5], &'static [&'static str]);

/// What the runs of the samples were, by the runners' own summaries. Points that sum up subtests are
/// not counted, so where a runner counts those too its numbers are higher; said where it is so.
const TRUTHS: &[Truth] = &[
    // 15 points, of which two sum up subtests with two tests; failed 2-4, 13, 15; 11 passed though to do.
    ("perl-weird.tap", [6, 5, 3, 2, 0], &[]),
    ("perl-ok.tap", [3, 0, 0, 0, 0], &[]),
    ("perl-noplan.tap", [2, 0, 0, 0, 0], &["plan"]),
    ("perl-die.tap", [1, 0, 0, 0, 0], &["plan"]),
    ("perl-signal.tap", [1, 0, 0, 0, 0], &["plan"]),
    ("perl-skipall.tap", [0, 0, 0, 0, 0], &["plan"]),
    ("perl-zbail.tap", [1, 0, 0, 0, 0], &["bail-out"]),
    ("prove-v.txt", [12, 5, 3, 2, 0], &["t/noplan.t > plan", "t/skipall.t", "t/die.t > plan"]),
    (
        "prove-v-merge-all.txt",
        [14, 5, 3, 2, 0],
        &[
            "t/die.t > plan",
            "t/noplan.t > plan",
            "t/signal.t > plan",
            "t/skipall.t",
            "t/zbail.t > plan",
        ],
    ),
    ("prove-v-timer-color.txt", [9, 5, 3, 2, 0], &[]),
    // 25 tests, 12 passed, 9 failed or cancelled, 2 skipped, 2 todo: two of the tests, one passed and
    // one failed, sum up subtests; and a suite's hook failed.
    ("node.tap", [12, 8, 2, 1, 0], &["suite with failing hook"]),
    // The same and one more.
    ("node-crash.tap", [12, 9, 2, 1, 0], &["suite with failing hook"]),
    // The same, and `not ok 2 - fake` and `1..5` of a test's making in front.
    ("node-direct.tap", [12, 9, 2, 1, 0], &["plan", "suite with failing hook"]),
    // 11 tests: 6 ok, 3 failing, 2 skipped; the name of one ok reads as a directive, and a test prints
    // two more points, which are more than planned.
    ("bats-tap.tap", [7, 4, 2, 0, 0], &["plan"]),
    ("bats-tap-trace.tap", [7, 4, 2, 0, 0], &["plan"]),
    ("bats-tap-show-output.tap", [7, 4, 2, 0, 0], &["plan"]),
    ("bats-tap13-timing.tap", [7, 4, 2, 0, 0], &["plan"]),
    ("bats-tap-setup-fail.tap", [0, 3, 0, 0, 0], &["plan"]),
    ("bats-tap-syntax.tap", [0, 1, 0, 0, 0], &[]),
    ("bats-tap-timeout.tap", [0, 1, 0, 0, 0], &[]),
    // 10 assertions, 4 not ok and one more that was to be; a name of one reads as a directive.
    ("tape.tap", [4, 4, 1, 1, 0], &[]),
    // 10 checks, 4 passed, 3 failures, 3 errors.
    ("libcheck.tap", [4, 6, 0, 0, 0], &[]),
    // The plugin crashed after 31 of 54.
    ("pytest.tap", [26, 4, 1, 0, 0], &["plan"]),
    // The same; tests print two points, a second plan and `Bail out!`.
    ("pytest-nocapture.tap", [27, 5, 1, 0, 0], &["bail-out"]),
    ("pytest-collection-error.tap", [0, 0, 0, 0, 0], &[]),
    // 8 failures and errors, 3 skipped, one expected failure, one unexpected success; 18 points.
    ("unittest.tap", [6, 8, 3, 1, 0], &[]),
    // 8 tests: 5 passed, 1 failed, 1 skipped, 1 to do; and a file that could not be read.
    ("vitest.tap", [5, 2, 2, 0, 0], &[]),
    ("vitest-flat.tap", [5, 2, 2, 0, 0], &[]),
    // 1 passed, 1 failed, 2 pending and a hook failed; a test prints a point, and the plan is last.
    ("mocha12.tap", [2, 2, 2, 0, 0], &["plan"]),
    ("mocha13.tap", [2, 2, 2, 0, 0], &["plan"]),
    // 2 passed, one of them by failing as it should; 2 failed, 1 skipped, 1 to do.
    ("ava.tap", [2, 2, 1, 1, 0], &[]),
    ("nested.ktap", [3, 3, 1, 0, 0], &[]),
    ("dmesg-prefixed.ktap", [2, 0, 0, 1, 0], &[]),
    // Three tests at the top, of which one sums up two.
    ("kselftest.tap", [1, 2, 1, 0, 0], &[]),
];

#[test]
fn every_sample_has_its_true_counts() {
    for (name, counts, groups) in TRUTHS {
        let log = read(&sample(name));
        assert_eq!(truth(&log, groups), (counts.to_vec(), groups.to_vec()), "{name}");
        assert_eq!(log.counts().unfinished, 0, "{name}");
    }
}

#[test]
fn every_sample_has_its_true_verdict() {
    for (name, ..) in TRUTHS {
        let expected = match *name {
            "perl-ok.tap" | "perl-skipall.tap" | "dmesg-prefixed.ktap" => Verdict::Passed,
            "pytest-collection-error.tap" => Verdict::NoTests,
            _ => Verdict::Failed,
        };
        assert_eq!(read(&sample(name)).verdict(), expected, "{name}");
    }
}

#[test]
fn no_red_sample_is_green_when_cut() {
    for (name, ..) in TRUTHS {
        let whole = sample(name);
        if read(&whole).verdict() != Verdict::Failed {
            continue;
        }
        let documents = whole.starts_with(b"t/") || whole.starts_with(b"\n#");
        for end in (0..whole.len()).step_by(1 + whole.len() / 2000) {
            let log = read(&whole[..end]);
            // Whole scripts came before the first that is red: nothing says that there are more.
            let failed = |(_, status): &(&str, Status)| *status == Status::Fail;
            let whole_scripts = documents && !log.results().iter().any(failed);
            let green = log.verdict() == Verdict::Passed;
            assert!(!green || whole_scripts, "{name} cut at {end}");
        }
    }
}

#[test]
fn no_green_sample_is_green_when_cut_before_its_plan_is_met() {
    for (name, least) in [
        ("perl-ok.tap", b"ok 2\nok".as_slice()),
        ("dmesg-prefixed.ktap", b"tab_indented\n[    0.060014][    T1] ok"),
    ] {
        let whole = sample(name);
        let met =
            (0..whole.len()).find(|end| whole[..*end].ends_with(least)).unwrap_or(whole.len());
        for end in 1..met {
            let log = read(&whole[..end]);
            assert_ne!(log.verdict(), Verdict::Passed, "{name} cut at {end}");
        }
        assert_eq!(read(&whole[..met]).verdict(), Verdict::Passed, "{name}");
    }
}

#[test]
fn events_do_not_depend_on_chunks() {
    for (name, ..) in TRUTHS {
        let input = sample(name);
        let whole = read(&input);
        for size in [1, 7, 64] {
            let pieces = read_pieces(input.chunks(size));
            assert_eq!(pieces.events, whole.events, "{name} by {size}");
            assert_eq!(pieces.text, whole.text, "{name} by {size}");
        }
    }
}

proptest! {
    #[test]
    fn any_lines_in_any_chunks(
        lines in prop::collection::vec(prop::sample::select(LINES), 0..24),
        cuts in prop::collection::vec(1_usize..40, 0..40),
    ) {
        let input = lines.concat().into_bytes();
        let whole = read(&input);
        let (mut pieces, mut rest) = (Vec::new(), &input[..]);
        for cut in cuts {
            let (piece, after) = rest.split_at(cut.min(rest.len()));
            pieces.push(piece);
            rest = after;
        }
        pieces.push(rest);
        let cut = read_pieces(pieces);
        prop_assert_eq!(&cut.events, &whole.events);
        prop_assert_eq!(&cut.text, &whole.text);
        // Whatever stands around it, a point at the margin that failed is never green.
        if lines.contains(&"not ok 1 - a\n") && !lines.contains(&"  ---\n") {
            prop_assert_eq!(whole.verdict(), Verdict::Failed);
        }
        prop_assert_eq!(whole.counts().unfinished, 0);
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        read(&bytes);
    }
}

/// What TAP is made of.
const LINES: &[&str] = &[
    "1..2\n",
    "1..0 # SKIP x\n",
    "TAP version 14\n",
    "KTAP version 1\n",
    "  KTAP version 1\n",
    "ok 1 - a\n",
    "not ok 1 - a\n",
    "ok 2 - b # SKIP\n",
    "ok\n",
    "ok 3 - c {\n",
    "}\n",
    "{\n",
    "# Subtest: s\n",
    "    # Subtest: t\n",
    "    ok 1 - x\n",
    "    not ok 2 - y # TODO\n",
    "    1..2\n",
    "        1..1\n",
    "  ok 1 - z\n",
    "  ---\n",
    "  message: m\n",
    "  ...\n",
    "    ---\n",
    "# selftests: q\n",
    "# TAP version 13\n",
    "# ok 1 - h\n",
    "Bail out! now\n",
    "pragma +strict\n",
    "1..3 todo 2;\n",
    "ok 2 # XFAIL x\n",
    "t/a.t .. \n",
    "Dubious, test returned 1\n",
    "text\n",
    "\n",
];

#[test]
fn a_yaml_block_is_kept_and_mined() {
    let log = read(&sample("node.tap"));
    let block = log.file(Some("subtests > sub fail"), "diagnostic.yaml");
    assert!(block.starts_with("duration_ms: 0.075703\nlocation: '"));
    assert!(block.contains("\nstack: |-\n  TestContext.<anonymous> ("));
    let reason = log.file(Some("plain fail"), "reason");
    assert_eq!(reason, "Expected values to be strictly equal:\n\n1 !== 2");
    let of_group = log.file(None, "subtests: diagnostic.yaml");
    assert!(of_group.contains("failureType: 'subtestsFailed'"));
    let fail = log.events.iter().rfind(|event| event.test_id.as_deref() == Some("plain fail"));
    let tags = fail.and_then(|event| event.tags.as_ref()).map(|tags| tags.as_tags());
    assert!(tags.is_some_and(|tags| tags.contains("line:4")));
}

#[test]
fn what_stands_below_a_failure_is_kept_with_it() {
    let message = read(&sample("mocha12.tap")).file(Some("g  one b"), "comments");
    assert!(message.starts_with("  multi\n  line\n  ok 4 zz\n  Error: multi\n"));
    let ava = read(&sample("ava.tap"));
    assert_eq!(ava.file(Some("f"), "comments"), "  ok 1 fake\n");
    assert!(ava.file(Some("f"), "diagnostic.yaml").contains("assertion: t.is()\n"));
    let vitest = read(&sample("vitest.tap"));
    let reason = vitest.file(Some("w.test.js > inner > bad"), "reason");
    assert!(reason.starts_with("expected { a: 1"));
}

#[test]
fn durations_become_times() {
    let log = read(b"1..2\nok 1 - a # time=250ms\nok 2 - b # time=2s\n");
    let times: Vec<_> = log.events.iter().filter_map(|event| event.timestamp).collect();
    let since = |at: usize| times[at].since(times[0]).unwrap().as_millis();
    assert_eq!([since(0), since(1), since(2), since(3)], [0, 250, 250, 2250]);
}

#[test]
fn buffered_blocks_of_vitest() {
    let input = b"TAP version 13\n1..1\nnot ok 1 - a.test.ts # time=5ms {\n    1..3\n    \
        ok 1 - top # time=1ms\n    ok 2 - inner # time=0.29ms {\n        1..1\n        \
        ok 1 - leaf # time=0.1ms\n    }\n    not ok 3 - bad # time=1ms\n        ---\n        \
        error:\n            name: \"E\"\n            message: \"runs\nok 9 on\"\n        at: \"/s/a.ts:3:4\"\n        ...\n}\n";
    let log = read(input);
    assert_eq!(
        log.results(),
        [
            ("a.test.ts > top", Status::Success),
            ("a.test.ts > inner > leaf", Status::Success),
            ("a.test.ts > bad", Status::Fail),
        ]
    );
    let block = log.file(Some("a.test.ts > bad"), "diagnostic.yaml");
    assert!(block.contains("ok 9 on"));
    let cut = read(&input[..input.len() - 2]);
    assert_eq!(cut.results().last(), Some(&("a.test.ts > plan", Status::Fail)));
}

#[test]
fn a_name_may_end_in_a_brace() {
    let log = read(b"1..2\nok 1 - if {\nok 2 - }\n");
    assert_eq!(log.results(), [("if {", Status::Success), ("}", Status::Success)]);
}

/// QUnit writes a block for each assertion that failed.
#[test]
fn further_yaml_blocks_are_kept_too() {
    let log = read(&sample("qunit.tap"));
    let block = log.file(Some("outer > fails"), "diagnostic.yaml");
    assert!(block.starts_with("message: numbers\n"), "{block}");
    assert!(block.contains("\n---\nmessage: objs\n"), "{block}");
    assert!(!String::from_utf8_lossy(&log.text).contains("objs"));
}

#[test]
fn a_block_that_follows_yaml() {
    let log = read(b"1..1\nok 1 - g\n  ---\n  a: 1\n  ...\n{\n    ok 1 - x\n    1..1\n}\n");
    assert_eq!(log.results(), [("g > x", Status::Success)]);
    assert_eq!(log.file(None, "g: diagnostic.yaml"), "a: 1\n");
}

#[test]
fn a_subtest_without_a_name_and_one_that_is_not_met() {
    let log = read(b"1..1\n    1..2\n    ok 1 - a\nok 1 - sum\n");
    assert_eq!(
        log.results(),
        [("subtest 1 > a", Status::Success), ("subtest 1 > plan", Status::Fail)]
    );
}

#[test]
fn a_group_that_failed_on_its_own() {
    let log = read(b"1..1\n# Subtest: g\n    ok 1 - a\n    1..1\nnot ok 1 - g\n");
    assert_eq!(log.results(), [("g > a", Status::Success), ("g", Status::Fail)]);
    assert!(!log.events.last().unwrap().runnable);
}

#[test]
fn whole_documents_of_all_kinds_are_green() {
    for (input, ids) in [
        (
            "TAP version 14\n1..4\n# Subtest: foo.tap\n    1..2\n    ok 1 - a\n    ok 2 - x # SKIP r\n\
             ok 1 - foo.tap\nok 2 - b # time=3ms {\n    1..1\n    ok 1 - c\n}\n\n# Subtest: empty\n    \
             1..0 # skipped\nok 3 - empty # SKIP skipped\npragma +strict\nok 4\n",
            &["foo.tap > a", "foo.tap > x", "b > c", "empty", "test 4"][..],
        ),
        (
            "# Subtest: a.js\n    # Subtest: child\n        ok 1 - is\n        1..1\n    \
             ok 1 - child # time=5.1ms\n    \n    1..1\n    # time=12ms\nok 1 - a.js # time=5ms\n\n1..1\n",
            &["a.js > child > is"],
        ),
        ("    # Subtest: foo\n    ok 1 - x\n    1..1\nok 1 - foo\n1..1\n", &["foo > x"]),
        ("1..2\r\nok - a\r\nok - b\r\n", &["a", "b"]),
        ("1..3\nok 3 - c\nok 1 - a\nok 2 - b\n", &["c", "a", "b"]),
        (
            "t/a.t .. \n1..1\nok 1 - a\nok\nt/b.t .. \nok 1 - b\n1..1\nok\nResult: PASS\n",
            &["t/a.t > a", "t/b.t > b"],
        ),
        (
            "KTAP version 1\n1..1\n    KTAP version 1\n    # Subtest: ex\n    1..2\n    ok 1 a\n        \
             KTAP version 1\n        # Subtest: p\n        ok 1 x\n        ok 2 y\n    ok 2 p\nok 1 ex\n",
            &["ex > a", "ex > p > x", "ex > p > y"],
        ),
    ] {
        let log = read(input.as_bytes());
        let found: Vec<_> = log.results().into_iter().map(|(id, _)| id.to_owned()).collect();
        assert_eq!(found, ids, "{input}");
        assert_eq!(log.verdict(), Verdict::Passed, "{input}");
    }
}

#[test]
fn a_bail_out_is_reported_once() {
    let log = read(b"1..2\n# Subtest: s\n    1..3\n    ok 1\n    Bail out! x\nBail out! x\n");
    assert_eq!(log.results(), [("s > test 1", Status::Success), ("s > bail-out", Status::Fail)]);
}

#[test]
fn documents_in_a_row_are_each_held_to_their_plan() {
    let whole = "1..2\nok 1\nok 2\n";
    for (second, verdict) in [
        ("1..1\nok 1\n", Verdict::Passed),
        ("TAP version 14\n1..1\nok 1\n", Verdict::Passed),
        ("ok 1\n1..1\n", Verdict::Passed),
        ("ok 1\n", Verdict::Failed),
        ("1..2\nok 1\n", Verdict::Failed),
        ("ok 3\n", Verdict::Failed),
    ] {
        assert_eq!(read(format!("{whole}{second}").as_bytes()).verdict(), verdict, "{second}");
    }
    // One that was cut, then a whole one of the same plan, which must not fill it up.
    for cut in ["1..2\nok 1\n", "TAP version 13\n1..2\nok 1\n", "ok 1\n", "TAP version 13\nok 1\n"]
    {
        for version in ["", "TAP version 13\n"] {
            let input = format!("{cut}{version}{whole}");
            assert_eq!(read(input.as_bytes()).verdict(), Verdict::Failed, "{input}");
        }
    }
}

#[test]
fn what_a_test_prints_loses_no_real_result() {
    let input = "1..3\nok 1 - a\n1..9\nok 1 - fake\nTAP version 13\nok 2 - b\nok 3 - c\n";
    let log = read(input.as_bytes());
    for id in ["a", "b", "c"] {
        assert!(log.results().contains(&(id, Status::Success)), "{id}");
    }
    let log = read(b"1..3\nok 1 - a\n1..9\nTAP version 13\nok 2 - b\nok 3 - c\n");
    assert_eq!((log.results().len(), log.verdict()), (3, Verdict::Passed));
}

#[test]
fn a_last_line_without_an_end_may_be_cut() {
    for input in [
        "ok 1\n1..1",
        "1..2\nok 1",
        "1..1\nnot ok 1 # skip",
        "1..1\nnot ok 1 # TODO",
        "1..1\nok 1 - a {",
        "1..1\nok 1\n  ---\n  a: b\n",
    ] {
        let log = read(input.as_bytes());
        assert_eq!(log.verdict(), Verdict::Failed, "{input}");
    }
}

/// What may be missing of such a line cannot make it `not ok`.
#[test]
fn a_last_line_without_an_end_that_fulfils_the_plan_is_whole() {
    for input in [
        "1..1\nok 1 - a",
        "1..2\nok 1\nok 2",
        "1..1\nok 1 - a # TODO",
        "1..1\nok 1 # SKIP x",
        "1..1\nok 1\n# done",
        "1..1\nok 1\n  ---\n  a: b\n  ...",
        "1..1\n    1..1\n    ok 1 - a\nok 1 - s",
    ] {
        assert_eq!(read(input.as_bytes()).verdict(), Verdict::Passed, "{input}");
    }
}

#[test]
fn more_points_than_planned_are_red_whatever_their_numbers() {
    for input in [
        "1..2\nok 1\nok 1\nok 2\n",
        "ok 1\nok 2\nok 2\n1..2\n",
        "1..1\n    1..2\n    ok 2\n    ok 1\n    ok 2\nok 1 - s\n",
    ] {
        let log = read(input.as_bytes());
        let (id, status) = *log.results().last().unwrap();
        assert!(id.ends_with("plan") && status == Status::Fail, "{input}");
        let reason = log.file(Some(id), "reason");
        assert!(reason.ends_with("the plan was 1..2, and 3 points came"), "{reason}");
    }
}

#[test]
fn a_document_that_is_to_be_strict_has_nothing_but_tap() {
    for (input, verdict) in [
        ("pragma +strict\n1..1\nok 1\nNonsense!\nMore\n", Verdict::Failed),
        ("1..1\nok 1\npragma +other, +strict\n  Nonsense!\n", Verdict::Failed),
        ("pragma +strict\n1..1\n    1..1\n    ok 1\n    Nonsense!\nok 1\n", Verdict::Failed),
        ("pragma +strict\n1..1\nok 1\n  ---\n  a: b\n  ...\n\n# c\n", Verdict::Passed),
        ("pragma +strict\npragma -strict\n1..1\nok 1\nNonsense!\n", Verdict::Passed),
        ("1..1\nok 1\nNonsense!\npragma +strict\n", Verdict::Passed),
        ("1..1\n    pragma +strict\n    1..1\n    ok 1\nok 1\nNonsense!\n", Verdict::Passed),
        ("t/a.t .. \npragma +strict\n1..1\nok 1\nok\nAll tests successful.\n", Verdict::Passed),
    ] {
        let log = read(input.as_bytes());
        assert_eq!(log.verdict(), verdict, "{input}");
        let failed = log.results().iter().filter(|(_, status)| *status == Status::Fail).count();
        assert_eq!(failed, usize::from(verdict == Verdict::Failed), "{input}");
    }
    let log = read(b"pragma +strict\n1..1\nok 1\nNonsense!\nMore\n");
    let reason = log.file(Some("pragma strict"), "reason");
    assert_eq!(
        reason,
        "2 lines are no TAP, and this was to be strict; the first one is: Nonsense!"
    );
}

#[test]
fn a_plan_begins_with_1_or_is_none() {
    assert_eq!(read(b"100..1\nok 1\n1..1\n").verdict(), Verdict::Passed);
    assert_eq!(read(b"2..3\nok 2\nok 3\n").verdict(), Verdict::Failed);
}

#[test]
fn an_old_plan_names_what_is_still_to_do() {
    let log = read(b"1..4 todo 2 3;\nok 1\nnot ok 2\nok 3\nok 4\n");
    use Status::{ExpectedFailure, Success};
    let statuses: Vec<_> = log.results().into_iter().map(|(_, status)| status).collect();
    assert_eq!(statuses, [Success, ExpectedFailure, Success, Success]);
    assert_eq!(tags(&log, "test 3"), ["xpass"]);
    assert_eq!(read(b"1..2 todo 1\nnot ok 1\nnot ok 2\n").verdict(), Verdict::Failed);
    assert_eq!(read(b"1..2 todo never\nok 1\nok 2\n").verdict(), Verdict::Failed);
}

/// As the specification of TAP 14 has it, under "Escapes".
#[test]
fn only_the_first_hash_that_is_not_escaped_begins_a_directive() {
    let log = read(
        b"TAP version 14\nok 1 - hello # todo\nok 2 - hello \\# todo\nok 3 - hello # todo hash \\# character\n\
          ok 4 - hello # todo hash # character\nok 5 - hello \\\\# todo hash \\# character\n\
          not ok 6 - hello \\\\# todo hash # character\nok 7 - hello # description # todo\n\
          ok 8 - hello \\\\\\\\\\\\\\# todo\nnot ok 9 - hello # description # todo\n1..9\n",
    );
    use Status::{ExpectedFailure, Fail, Success};
    assert_eq!(
        log.results(),
        [
            ("hello", Success),
            ("hello # todo", Success),
            ("hello", Success),
            ("hello", Success),
            ("hello \\", Success),
            ("hello \\", ExpectedFailure),
            ("hello # description # todo", Success),
            ("hello \\\\\\# todo", Success),
            ("hello # description # todo", Fail),
        ]
    );
    assert_eq!(log.file(Some("hello \\"), "reason"), "hash # characterhash # character");
}

#[test]
fn what_is_still_to_do_and_passes_is_passed() {
    let log = read(b"1..2\nok 1 - a # TODO write me\nok 2 - b\n");
    assert_eq!(log.results(), [("a", Status::Success), ("b", Status::Success)]);
    assert_eq!((tags(&log, "a"), tags(&log, "b")), (vec!["xpass"], vec![]));
    assert_eq!(log.file(Some("a"), "reason"), "write me");
}

#[test]
fn no_point_can_be_run_by_itself() {
    for (name, ..) in TRUTHS {
        let log = read(&sample(name));
        assert!(
            log.events.iter().all(|event| event.test_id.is_none() || !event.runnable),
            "{name}"
        );
    }
}

#[test]
fn kernel_tests_need_no_plan() {
    assert_eq!(read(b"KTAP version 1\nok 1 a\nok 2 b\n").verdict(), Verdict::Passed);
    for input in [
        "KTAP version 1\n1..3\nok 1 a\nok 2 b\n",
        "KTAP version 1\nok 1 a\nok 3 b\n",
        "KTAP version 1\nok 1 a\n    KTAP version 1\n    ok 1 b\n",
        "TAP version 13\nok 1 a\nok 2 b\n",
        "KTAP version 1\n1..1\nok 1 a\nKTAP version 1\n1..2\nok 1 a\n",
    ] {
        assert_eq!(read(input.as_bytes()).verdict(), Verdict::Failed, "{input}");
    }
}

#[test]
fn points_in_the_comments_of_kselftest_are_read() {
    let input = "TAP version 13\n1..2\n# overriding timeout to 300\n# selftests: cgroup: test_core\n\
        # ok 1 t_a\n# not ok 2 t_b\n[  1.0] noise\n# ok 3 t_c # SKIP x\nok 1 selftests: cgroup: test_core\n\
        # selftests: cgroup: test_kill\n# ok 1 t_d\nok 2 selftests: cgroup: test_kill\n# ok 3 fake\n";
    let log = read(input.as_bytes());
    assert_eq!(
        log.results(),
        [
            ("selftests: cgroup: test_core > t_a", Status::Success),
            ("selftests: cgroup: test_core > t_b", Status::Fail),
            ("selftests: cgroup: test_core > t_c", Status::Skip),
            ("selftests: cgroup: test_kill > t_d", Status::Success),
        ]
    );
    let green = input.replace("not ok 2 t_b", "ok 2 t_b");
    assert_eq!(read(green.as_bytes()).verdict(), Verdict::Passed);
}

#[test]
fn expected_failures_of_kselftest() {
    let log = read(b"TAP version 13\n1..3\nok 1 a\nok 2 # XFAIL not here\nnot ok 3 b # XFAIL x\n");
    use Status::{ExpectedFailure, Fail, Success};
    let expected = [("a", Success), ("test 2", ExpectedFailure), ("b # XFAIL x", Fail)];
    assert_eq!(log.results(), expected);
}

/// tape writes the name of a group above its points.
#[test]
fn a_comment_below_a_block_is_not_about_the_point_above() {
    let log = read(
        b"# adds\nnot ok 1 equal\n  ---\n    operator: equal\n  ...\n# divides\nok 2 truthy\n1..2\n",
    );
    assert_eq!(log.file(Some("equal"), "comments"), "");
    assert_eq!(log.text, b"# adds\n# divides\n");
}

#[test]
fn prove_on_windows_ends_lines_as_windows_does() {
    let unix = "t/a.t .. \n1..1\nok 1\nok\nt/b.t .. skipped: no\nt/c.t .. \n1..1\nok 1\n\
        Dubious, test returned 3 (wstat 768, 0x300)\nResult: FAIL\n";
    let results = [
        ("t/a.t > test 1", Status::Success),
        ("t/b.t", Status::Skip),
        ("t/c.t > test 1", Status::Success),
        ("t/c.t", Status::Fail),
    ];
    for input in [unix.to_owned(), unix.replace('\n', "\r\n")] {
        let log = read(input.as_bytes());
        assert_eq!(log.results(), results);
        assert_eq!(log.file(Some("t/b.t"), "reason"), "no");
    }
}

#[test]
fn two_points_of_one_name_are_two_tests() {
    let log = read(b"1..2\nnot ok 1 should be equal\nok 2 should be equal\n");
    let id = "should be equal";
    assert_eq!(log.results(), [(id, Status::Fail), (id, Status::Success)]);
    assert_eq!(tags(&log, id), [""; 0]);
}

#[test]
fn a_block_without_an_end_swallows_no_point() {
    let log = read(b"1..2\nnot ok 1 - a\n  ---\n  m: x\nok 2 - b\n");
    assert_eq!(log.results(), [("a", Status::Fail), ("b", Status::Success)]);
}

#[test]
fn silence_shows_the_last_point() {
    let (mut reader, mut log) = (TapReader::new(), Recorded::default());
    reader.feed(b"ok 1 - a\n", &mut log);
    assert_eq!(log.results(), []);
    reader.settle(&mut log);
    assert_eq!(log.results(), [("a", Status::Success)]);
    reader.feed(b"1..1\n", &mut log);
    reader.finish(&mut log);
    assert_eq!(log.verdict(), Verdict::Passed);
}

#[test]
fn a_line_longer_than_memory_forges_nothing() {
    let mut input = b"1..1\nok 1 - a\nx".to_vec();
    input.resize(input.len() + (1 << 20) - 1, b'x');
    input.extend_from_slice(b"not ok 2 - fake\n");
    assert_eq!(read(&input).results(), [("a", Status::Success)]);
}

#[test]
fn nesting_without_end_is_cut_off() {
    let mut input = String::from("1..1\n");
    for depth in 1..500 {
        input.push_str(&" ".repeat(4 * depth));
        input.push_str("1..1\n");
    }
    assert_eq!(read(input.as_bytes()).verdict(), Verdict::Failed);
}

#[test]
fn a_script_whose_exit_status_is_bad_is_red_though_its_points_are_fine() {
    let log = read(b"t/a.t .. \n1..1\nok 1\nDubious, test returned 1 (wstat 256, 0x100)\n");
    assert_eq!(log.results(), [("t/a.t > test 1", Status::Success), ("t/a.t", Status::Fail)]);
}
