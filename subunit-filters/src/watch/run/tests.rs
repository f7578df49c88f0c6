//! What a run knows, event by event.

use proptest::prelude::*;
use subunit_core::{FileChunk, TagsBuf, Timestamp};

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn at<'a>(seconds: u32, test_id: &'a str, status: Status) -> Event<'a> {
    Event { timestamp: Some(Timestamp::new(seconds, 0)), ..Event::status(test_id, status) }
}

/// What is shown as it comes, and at the end: what failed, and what is flaky.
fn watched(events: &[Event<'_>]) -> (Run, Vec<(Option<Duration>, String)>) {
    let mut run = Run::new(2);
    let ended = events.iter().filter_map(|event| run.note(event, Duration::ZERO));
    let seen = ended.map(|end| (end.time, end.note())).collect();
    (run, seen)
}

#[test]
fn a_test_that_failed_and_passed_in_a_later_attempt_is_flaky_and_done_once() {
    let tags: Vec<TagsBuf> = ["attempt-1", "attempt-2", "attempt-3"]
        .iter()
        .map(|tag| [*tag].into_iter().collect())
        .collect();
    let tagged = |nth: usize, event| Event { tags: Some(tags[nth].as_tags()), ..event };
    let (mut run, seen) = watched(&[
        tagged(0, at(1, "a", Status::InProgress)),
        at(3, "a", Status::Fail),
        at(3, "b", Status::Fail),
        tagged(1, at(4, "a", Status::InProgress)),
        tagged(1, at(5, "a", Status::Fail)),
        tagged(2, at(5, "a", Status::InProgress)),
        tagged(2, at(9, "a", Status::Success)),
        tagged(0, at(9, "c", Status::Fail)),
    ]);
    let expected = [
        (Some(2 * SECOND), "attempt 1".into()),
        (None, String::new()),
        (Some(SECOND), "attempt 2".into()),
        (Some(4 * SECOND), "had failed 2 times".into()),
        (None, "attempt 1".into()),
    ];
    assert_eq!(seen, expected);
    assert_eq!((run.done(), run.failures().kept().len()), (2, 1));
    assert!(run.finish().is_empty());
    let failures = run.failures();
    let flaky: Vec<_> = failures.flaky().iter().map(|(name, n)| (name.to_string(), *n)).collect();
    assert_eq!(flaky, [("a".into(), 2)]);
    let failed: Vec<_> = failures.kept().iter().map(|end| end.name.to_string()).collect();
    assert_eq!((failed, run.done()), (vec!["b".into(), "c".into()], 3));
    assert_eq!(run.slowest().in_order(), [(4 * SECOND, "a"), (2 * SECOND, "a")]);
}

#[test]
fn a_failure_has_the_place_that_its_tags_or_its_files_name() {
    let tags: TagsBuf = ["file:a.rs", "line:4", "slow"].into_iter().collect();
    let tagged = |event| Event { tags: Some(tags.as_tags()), ..event };
    let mut run = Run::new(0);
    let mut place = |event: Event<'_>| {
        let ended = run.note(&event, Duration::ZERO);
        ended.and_then(|ended| ended.place).map_or_else(String::new, |place| place.to_string())
    };
    assert_eq!(place(tagged(at(1, "a", Status::InProgress))), "");
    assert_eq!(place(at(2, "a", Status::Fail)), "a.rs:4");
    assert_eq!(place(tagged(at(2, "b", Status::Fail))), "a.rs:4");
    assert_eq!(place(tagged(at(2, "c", Status::Success))), "");
    let bytes = b"Traceback (most recent call last):\n  File \"b.py\", line 7, in t\nE: no";
    let file = Some(FileChunk { name: "traceback", bytes });
    assert_eq!(place(Event { file, ..at(2, "d", Status::Fail) }), "b.py:7");
    place(Event { file, ..at(2, "e", Status::InProgress) });
    let unfinished = run.finish();
    assert_eq!(unfinished[0].place.as_ref().unwrap().to_string(), "b.py:7");
}

#[test]
fn what_is_not_marked_is_no_attempt() {
    let (run, seen) = watched(&[at(1, "a", Status::Fail), at(2, "a", Status::Success)]);
    assert_eq!(seen, [(None, String::new()), (None, String::new())]);
    assert_eq!((run.done(), run.failures().kept().len()), (2, 1));
    assert!(run.failures().flaky().is_empty());
    let tags: TagsBuf = ["attempt-2"].into_iter().collect();
    let second = Event { tags: Some(tags.as_tags()), ..at(2, "a", Status::Success) };
    let (run, seen) = watched(&[at(1, "a", Status::Fail), second]);
    assert_eq!(seen[1].1, "had failed once");
    assert_eq!((run.done(), run.failures().kept().len(), run.failures().flaky().len()), (1, 0, 1));
}

#[test]
fn tests_of_one_id_under_two_routes_are_two() {
    let mut run = Run::new(0);
    let routed = |status, route| Event {
        route_code: Some(RouteCode::new(route)),
        ..Event::status("a", status)
    };
    run.note(&routed(Status::Fail, "0"), SECOND);
    let other = run.note(&routed(Status::Success, "1"), SECOND).unwrap();
    assert_eq!((other.failed_before, other.name.to_string()), (0, "[1] a".into()));
    assert!(run.failures().flaky().is_empty());
    assert_eq!(run.done(), 2);
}

#[test]
fn what_runs_is_known_by_worker_and_time_the_oldest_first() {
    let mut run = Run::new(0);
    let tags: TagsBuf = ["slow", "worker-2"].into_iter().collect();
    run.note(&Event::status("z", Status::InProgress), SECOND);
    let tagged =
        Event { tags: Some(tags.as_tags()), ..Event::status("tagged", Status::InProgress) };
    run.note(&tagged, 2 * SECOND);
    let route_code = Some(RouteCode::new("0/1"));
    run.note(&Event { route_code, ..tagged }, 3 * SECOND);
    run.note(&Event::status("z", Status::Success), 3 * SECOND);
    let running =
        |worker, time| Running { worker: Some(worker), test_id: "tagged", time, usual: None };
    let expected = [running("worker-2", 2 * SECOND), running("0/1", SECOND)];
    assert_eq!(run.running(9, 4 * SECOND), expected);
    assert_eq!(run.running(1, 4 * SECOND), expected[..1]);
    assert_eq!(run.open_tests(), 2);
}

#[test]
fn the_rest_is_what_was_listed_at_the_speed_so_far() {
    let mut run = Run::new(0);
    run.note(&Event::status("a", Status::Success), SECOND);
    assert_eq!((run.total(), run.rest(9 * SECOND)), (None, None));
    let mut run = Run::new(0);
    for test_id in ["a", "b", "c", "d"] {
        run.note(&Event::status(test_id, Status::Exists), Duration::ZERO);
    }
    assert_eq!((run.total(), run.rest(SECOND)), (Some(4), None));
    // The clock starts with the first test, not with the listing.
    run.note(&Event::status("a", Status::InProgress), 10 * SECOND);
    run.note(&Event::status("a", Status::Success), 12 * SECOND);
    assert_eq!(run.rest(12 * SECOND), Some(6 * SECOND));
    for test_id in ["b", "c", "d", "not listed"] {
        run.note(&Event::status(test_id, Status::Success), 12 * SECOND);
    }
    assert_eq!((run.total(), run.rest(12 * SECOND)), (Some(5), None));
}

#[test]
fn a_test_runs_below_the_route_that_it_was_listed_at() {
    for (listed, runs, total) in [
        (None, "0", 1),
        (None, "pytest/0", 1),
        (Some("pytest"), "pytest/0", 1),
        (Some("host/pytest"), "host/pytest/0/1", 1),
        (Some("pytest"), "prove/0", 2),
        (Some("p"), "pytest/0", 2),
    ] {
        let mut run = Run::new(0);
        let under = |route_code, status| Event { route_code, ..Event::status("a", status) };
        run.note(&under(listed.map(RouteCode::new), Status::Exists), SECOND);
        run.note(&under(Some(RouteCode::new(runs)), Status::Success), SECOND);
        assert_eq!(run.total(), Some(total), "{listed:?} {runs}");
    }
}

#[test]
fn a_test_that_is_listed_again_is_still_one() {
    let mut run = Run::new(0);
    let routed = |test_id, status, route| Event {
        route_code: Some(RouteCode::new(route)),
        ..Event::status(test_id, status)
    };
    for test_id in ["a", "b", "c"] {
        run.note(&Event::status(test_id, Status::Exists), SECOND);
        run.note(&Event::status(test_id, Status::Exists), SECOND);
    }
    run.note(&routed("a", Status::Exists, "0"), SECOND);
    run.note(&routed("b", Status::Exists, "0"), SECOND);
    run.note(&routed("b", Status::Exists, "1"), SECOND);
    assert_eq!(run.total(), Some(4), "a and b on 0, b on 1, c anywhere");
    for (done, (test_id, route)) in
        [("a", "0"), ("b", "1"), ("b", "0"), ("c", "1")].iter().enumerate()
    {
        assert_eq!((run.done(), run.total()), (done as u64, Some(4)));
        run.note(&routed(test_id, Status::InProgress, route), SECOND);
        run.note(&routed(test_id, Status::Success, route), SECOND);
    }
    assert_eq!((run.done(), run.total()), (4, Some(4)));
}

#[test]
fn groups_are_results_but_not_tests() {
    let mut run = Run::new(0);
    let group = Event { runnable: false, ..Event::status("suite", Status::Fail) };
    assert!(run.note(&group, SECOND).is_some());
    let nameless = Event { status: Some(Status::Fail), ..Event::default() };
    let ended = run.note(&nameless, SECOND).unwrap();
    assert_eq!(ended.name.to_string(), "(no test id)");
    assert_eq!((run.done(), run.failures().kept().len()), (2, 2));
}

#[test]
fn where_nothing_can_be_run_by_itself_the_parts_are_done() {
    let mut run = Run::new(0);
    for id in ["a", "b"] {
        run.note(&Event { runnable: false, ..Event::status(id, Status::Success) }, SECOND);
    }
    assert_eq!(run.done(), 2);
    run.note(&Event::status("c", Status::Success), SECOND);
    assert_eq!(run.done(), 1);
}

#[test]
fn what_never_ended_comes_last_with_what_it_left() {
    let mut run = Run::new(0);
    let file = Some(FileChunk { name: "stdout", bytes: b"last words" });
    run.note(&Event { file, ..Event::status("b", Status::InProgress) }, SECOND);
    run.note(&Event { test_id: Some("a"), file, ..Event::default() }, SECOND);
    run.note(&Event { test_id: Some("listed"), file, ..Event::default() }, SECOND);
    run.note(&Event::status("listed", Status::Exists), SECOND);
    run.note(&Event::status("b", Status::Exists), SECOND);
    let left: Vec<_> = run.finish().into_iter().map(|end| (end.name.to_string(), end)).collect();
    assert_eq!((left[0].0.as_str(), left[1].0.as_str(), left.len()), ("b", "a", 2));
    assert_eq!(left[0].1.status, None);
    assert_eq!(left[0].1.details.ranked()[0].lines(9), [b"last words"]);
}

#[test]
fn of_too_many_failures_the_first_are_kept_and_the_rest_counted() {
    let mut run = Run::new(0);
    for index in 0..Failures::KEPT + 7 {
        run.note(&Event::status(&format!("test {index}"), Status::Fail), SECOND);
    }
    assert_eq!((run.failures().kept().len(), run.failures().more()), (Failures::KEPT, 7));
    for index in 0..Failures::KEPT + 5 {
        run.note(&Event::status(&format!("open {index}"), Status::InProgress), SECOND);
    }
    assert_eq!((run.finish().len(), run.failures().more()), (Failures::KEPT, 7 + 5));
}

#[test]
fn long_names_and_files_of_failures_have_a_bound() {
    let mut run = Run::new(0);
    let long = "x".repeat(1 << 20);
    let file = Some(FileChunk { name: "log", bytes: long.as_bytes() });
    for index in 0..20 {
        run.note(&Event { file, ..Event::status(&format!("{long}{index}"), Status::Fail) }, SECOND);
    }
    let failures = run.failures();
    assert_eq!((failures.kept().len(), failures.more()), (15, 5));
}

proptest! {
    /// However tests come and go, the room of those that ended is given back.
    #[test]
    fn room_is_given_back(steps in prop::collection::vec((0..5usize, 0..4usize, 0..60_000usize), 0..60)) {
        let mut run = Run::new(3);
        let bytes = vec![b'x'; 60_000];
        for (test, what, size) in steps {
            let test_id = format!("test {test}");
            let file = Some(FileChunk { name: "log", bytes: &bytes[..size] });
            let status = [None, Some(Status::InProgress), Some(Status::Success), Some(Status::Fail)][what];
            run.note(&Event { test_id: Some(&test_id), status, file, ..Event::default() }, SECOND);
            let kept: usize = run.open.values().map(|open| open.details.size()).sum();
            prop_assert_eq!(run.room + kept, Run::ROOM);
            prop_assert_eq!(run.order.len(), run.open.len());
        }
    }
}

#[test]
fn the_times_of_earlier_runs_say_how_long_the_rest_takes() {
    let times = [("a", 2), ("b", 10), ("c", 10), ("d", 30)];
    let times = times.map(|(test_id, seconds)| (test_id.to_owned(), SECOND * seconds));
    let mut run = Run::new(0).with_times(HashMap::from(times));
    let plan = FileChunk { name: conventions::PLAN, bytes: b"{\"tests\":4,\"workers\":2}" };
    let mime_type = Some(conventions::MIME_TYPE);
    run.note(&Event { file: Some(plan), mime_type, eof: true, ..Event::default() }, SECOND);
    for test_id in ["a", "b", "c", "d"] {
        run.note(&at(0, test_id, Status::Exists), SECOND);
    }
    assert_eq!(run.rest(SECOND), Some(SECOND * 26), "nothing has ended yet");
    for test_id in ["a", "d"] {
        run.note(&at(0, test_id, Status::InProgress), SECOND);
    }
    run.note(&at(2, "a", Status::Success), SECOND * 3);
    assert_eq!(run.rest(SECOND * 3), Some(SECOND * 28), "that is how long `d` still runs");
    assert_eq!(run.rest(SECOND * 29), Some(SECOND * 11), "`b` and `c`, and the rest of `d`");
    assert_eq!(run.running(1, SECOND)[0].usual, Some(SECOND * 30));
    for test_id in ["b", "c", "d"] {
        run.note(&at(0, test_id, Status::Success), SECOND * 40);
    }
    assert_eq!(run.rest(SECOND * 40), None);
}
