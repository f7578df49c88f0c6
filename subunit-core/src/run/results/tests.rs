use proptest::prelude::*;

use super::*;
use crate::{
    RouteCode, TagsBuf,
    run::{Counts, Summary},
    sink::Sink,
};

/// What is said of one test: where, which one, how it ended, which attempt, whether it is a test.
type Said = (Option<&'static str>, &'static str, Option<Status>, u32, bool);

const FAIL: Option<Status> = Some(Status::Fail);
const PASS: Option<Status> = Some(Status::Success);
const SKIP: Option<Status> = Some(Status::Skip);
const BEGIN: Option<Status> = Some(Status::InProgress);

/// The results of a stream as `id status earlier`, with `!` where one was taken back; and its counts.
fn results(said: &[Said]) -> (Vec<String>, Counts) {
    let (mut results, mut summary, mut lines) = (Results::default(), Summary::new(), Vec::new());
    let line = |result: TestResult<TestRecord>| {
        let status = result.last.status.map_or("none", Status::name);
        let earlier = result.earlier.len();
        let flaky = if result.is_flaky() { " flaky" } else { "" };
        let back = if result.takes_back { "!" } else { "" };
        format!("{back}{} {status} {earlier}{flaky}", result.last.test_id)
    };
    for (route, test_id, status, number, runnable) in said {
        let tag = crate::conventions::attempt_tag(*number);
        let tags: TagsBuf = [tag.as_str()].into_iter().filter(|_| *number > 0).collect();
        let event = Event {
            status: *status,
            runnable: *runnable,
            route_code: route.map(RouteCode::new),
            tags: (*number > 0).then(|| tags.as_tags()),
            test_id: (!test_id.is_empty()).then_some(test_id),
            ..Event::default()
        };
        summary.event(&event);
        lines.extend(results.note(&event).map(|result| line(result.take())));
    }
    lines.extend(results.finish().into_iter().map(line));
    (lines, summary.counts())
}

#[test]
fn attempts_are_one_result_where_the_source_marks_them_and_else_are_two() {
    for (name, said, expected) in [
        (
            "unmarked",
            &[(None, "a", FAIL, 0, true), (None, "a", PASS, 0, true)][..],
            &["a fail 0", "a success 0"][..],
        ),
        (
            "marked",
            &[(None, "a", FAIL, 1, true), (None, "a", PASS, 2, true)],
            &["a success 1 flaky"],
        ),
        (
            "failed thrice",
            &[(None, "a", FAIL, 1, true), (None, "a", FAIL, 2, true), (None, "a", FAIL, 3, true)],
            &["a fail 2"],
        ),
        (
            "without a successor",
            &[(None, "a", FAIL, 1, true), (None, "b", PASS, 0, true)],
            &["b success 0", "a fail 0"],
        ),
        ("passed at once", &[(None, "a", PASS, 1, true)], &["a success 0"]),
        (
            "passed, then failed",
            &[(None, "a", PASS, 1, true), (None, "a", FAIL, 2, true)],
            &["a success 0", "a fail 0"],
        ),
        (
            "failed as expected in the end",
            &[(None, "a", FAIL, 1, true), (None, "a", Some(Status::ExpectedFailure), 2, true)],
            &["a xfail 1"],
        ),
        (
            "skipped in the end",
            &[(None, "a", FAIL, 1, true), (None, "a", SKIP, 2, true)],
            &["a skip 1 flaky"],
        ),
        (
            "on another worker",
            &[(Some("0"), "a", FAIL, 1, true), (Some("1"), "a", PASS, 2, true)],
            &["a success 1 flaky"],
        ),
        (
            "in another browser",
            &[(Some("x"), "a", FAIL, 1, true), (Some("y"), "a", PASS, 2, true)],
            &["a success 0", "a fail 0"],
        ),
        (
            "taken back",
            &[(None, "a", FAIL, 0, true), (None, "a", PASS, 2, true)],
            &["a fail 0", "!a success 0 flaky"],
        ),
        (
            "taken back and failed",
            &[(None, "a", FAIL, 0, true), (None, "a", FAIL, 2, true)],
            &["a fail 0", "!a fail 0"],
        ),
        (
            "nothing to take back",
            &[(None, "a", PASS, 0, true), (None, "a", FAIL, 2, true)],
            &["a success 0", "a fail 0"],
        ),
        (
            "two at once",
            &[
                (Some("0"), "a", FAIL, 1, true),
                (Some("1"), "a", FAIL, 1, true),
                (Some("0"), "a", PASS, 2, true),
                (Some("1"), "a", FAIL, 2, true),
            ],
            &["a success 1 flaky", "a fail 1"],
        ),
        (
            "never ended",
            &[(Some("0"), "a", FAIL, 1, true), (Some("1"), "a", BEGIN, 2, true)],
            &["a inprogress 1"],
        ),
        (
            "a number is no name",
            &[(Some("1/2"), "a", FAIL, 0, true), (Some("3"), "a", PASS, 2, true)],
            &["a fail 0", "!a success 0 flaky"],
        ),
    ] {
        assert_eq!(results(said).0, expected, "{name}");
    }
}

#[test]
fn what_cannot_be_run_by_itself_counts_once_for_all_places_and_the_worst_counts() {
    for (said, expected, tests, others) in [
        (
            &[
                (Some("0"), "L", PASS, 0, false),
                (Some("1"), "L", FAIL, 0, false),
                (Some("0"), "a", PASS, 0, true),
            ][..],
            &["a success 0", "L fail 0"][..],
            1,
            1,
        ),
        (
            &[(Some("0"), "L", FAIL, 0, false), (Some("1"), "L", PASS, 0, false)],
            &["L fail 0"],
            1,
            0,
        ),
        (
            &[(Some("0"), "L", FAIL, 0, false), (Some("1"), "L", FAIL, 0, false)],
            &["L fail 1"],
            1,
            0,
        ),
        // One place tells of two.
        (
            &[(None, "p", PASS, 0, false), (None, "p", FAIL, 0, false)],
            &["p success 0", "p fail 0"],
            2,
            0,
        ),
        (
            &[
                (Some("0"), "p", PASS, 0, false),
                (Some("0"), "p", FAIL, 0, false),
                (Some("1"), "p", PASS, 0, false),
            ],
            &["p success 0", "p fail 0"],
            2,
            0,
        ),
        (
            &[(None, "p", PASS, 0, false), (None, "a", PASS, 0, true), (None, "b", FAIL, 0, true)],
            &["p success 0", "a success 0", "b fail 0"],
            2,
            1,
        ),
    ] {
        let (lines, counts) = results(said);
        assert_eq!(lines, expected);
        assert_eq!((counts.tests(), counts.others()), (tests, others), "{lines:?}");
    }
}

#[test]
fn a_status_without_an_id_is_no_test_and_red_only_if_it_failed() {
    let (lines, counts) = results(&[(None, "", PASS, 0, true)]);
    assert_eq!((lines.len(), counts.results()), (0, 0));
    let (lines, counts) = results(&[(None, "", FAIL, 0, true), (None, "a", PASS, 0, true)]);
    assert_eq!(lines, ["(no test id) fail 0", "a success 0"]);
    assert_eq!((counts.tests(), counts.others(), counts.fail), (1, 1, 1));
}

#[test]
fn what_is_held_takes_no_more_room_than_there_is() {
    let mut results = Results { attempts: Attempts::with_limit(1000), ..Results::default() };
    let tags: TagsBuf = ["attempt-1"].into_iter().collect();
    for test_id in ["a", "b", "c", "d"] {
        let file = Some(crate::FileChunk { name: "log", bytes: &[b'x'; 300] });
        let event =
            Event { file, tags: Some(tags.as_tags()), ..Event::status(test_id, Status::Fail) };
        assert!(results.note(&event).is_none());
    }
    assert_eq!(results.attempts.shed(), 3);
    let omitted: Vec<u64> = results.finish().iter().map(|result| result.last.omitted).collect();
    assert_eq!(omitted, [0, 300, 300, 300]);
}

#[test]
fn two_attempts_that_never_ended_are_one_result() {
    let (lines, counts) =
        results(&[(Some("0"), "a", BEGIN, 1, true), (Some("1"), "a", BEGIN, 2, true)]);
    assert_eq!((lines, counts.unfinished), (vec!["a inprogress 1".to_owned()], 1));
}

#[test]
fn a_flaky_test_fails_where_it_is_not_good_enough() {
    for (flaky_tests, status, fail) in
        [(FlakyTests::Pass, Status::Success, 0), (FlakyTests::Fail, Status::Fail, 1)]
    {
        let mut results = Results::default().with_flaky(flaky_tests);
        let mut summary = Summary::new().with_flaky(flaky_tests);
        let mut last = None;
        for (tag, status) in [("attempt-1", Status::Fail), ("attempt-2", Status::Success)] {
            let tags: TagsBuf = [tag].into_iter().collect();
            let event = Event { tags: Some(tags.as_tags()), ..Event::status("a", status) };
            summary.event(&event);
            last = results.note(&event).map(TestResult::take);
        }
        let last = last.unwrap();
        assert_eq!((last.last.status, last.earlier.len()), (Some(status), 1));
        assert_eq!(last.last.attachment(REASON).is_some(), fail == 1);
        let counts = summary.counts();
        assert_eq!((counts.tests(), counts.fail, counts.flaky), (1, fail, 1));
    }
}

fn counted(lines: &[String]) -> Counts {
    let mut counts = Counts::default();
    for line in lines {
        let words: Vec<&str> = line.split(' ').collect();
        let taken_back = u64::from(line.starts_with('!'));
        counts.fail -= taken_back;
        *match words[1] {
            "success" => &mut counts.success,
            "fail" => &mut counts.fail,
            "skip" => &mut counts.skip,
            "uxsuccess" => &mut counts.uxsuccess,
            _ => &mut counts.unfinished,
        } += 1;
        counts.flaky += u64::from(words.contains(&"flaky"));
    }
    counts
}

proptest! {
    /// The summary, which keeps no records, counts what reports get.
    #[test]
    fn the_summary_counts_the_results(
        said in prop::collection::vec((
            prop::sample::select(vec![None, Some("0"), Some("1"), Some("go"), Some("0/go")]),
            prop::sample::select(vec!["a", "b"]),
            prop::sample::select(vec![FAIL, PASS, SKIP, BEGIN, Some(Status::UnexpectedSuccess)]),
            0u32..4,
            prop::sample::select(vec![true, true, true, false]),
        ), 0..24),
    ) {
        let (lines, counts) = results(&said);
        let Counts { success, fail, skip, uxsuccess, unfinished, flaky, .. } = counts;
        let found = Counts { success, fail, skip, uxsuccess, unfinished, flaky, ..Counts::default() };
        prop_assert_eq!(found, counted(&lines), "{:?}", lines);
    }
}
