//! What the words mean: series that are made for it, and the expected answers.

use subunit_core::{Event, FileChunk, Status, Timestamp, Writer};
use subunit_history::{
    History, NewRun,
    query::{FlakyProof, NoticePolicy},
};

use crate::support::{DAY, Place, Run};

/// What a history says, in words: `failing`, `broken` with the first bad and the last good run, `flaky`.
fn answers(history: &History) -> (String, String, String) {
    let number = |run: Option<&subunit_history::query::RunRow>| {
        run.map_or_else(|| "-".into(), |run| run.id.to_string())
    };
    let failing = history.failing(None).unwrap();
    let failing: Vec<_> = failing.into_iter().map(|one| one.test.id).collect();
    let broken = history.broken(None).unwrap();
    let broken: Vec<_> = broken
        .iter()
        .map(|one| {
            format!(
                "{} {}<{}",
                one.test.id,
                number(one.last_good.as_ref()),
                number(one.first_bad.as_ref())
            )
        })
        .collect();
    let flaky = history.flaky(None).unwrap();
    let flaky: Vec<_> = flaky
        .iter()
        .map(|one| {
            let how = if one.proof == FlakyProof::Proved { "proved" } else { "suspected" };
            format!("{} {how}", one.test.id)
        })
        .collect();
    (failing.join(", "), broken.join(", "), flaky.join(", "))
}

/// Runs that are words apart by `|`, two days apart, on the revisions 1, 2, 3 ... Before a run `=` says that it is on the
/// revision of the one before, `p` that it is partial, `<` that it is late: between the two before it.
fn series(text: &str) -> Place {
    let place = Place::new();
    let (mut revision, mut store) = (0, place.store());
    for (word, day) in text.split('|').zip(1..) {
        let word = word.trim();
        let (mark, tests) = match word.split_at_checked(2) {
            Some((mark @ ("= " | "p " | "< "), tests)) => (mark, tests),
            _ => ("", word),
        };
        revision += u32::from(mark != "= ");
        let revision = revision.to_string();
        let day = if mark == "< " { 2 * day - 3 } else { 2 * day };
        let run = Run { tests, day, revision: &revision, partial: mark == "p ", ..Run::default() };
        crate::support::load(&mut store, run);
    }
    place
}

#[test]
fn what_is_failing_broken_and_flaky() {
    let many = "a. b. c. d. e. f. g. h. i. j. k.";
    let all_bad = "a! b! c! d! e! f! g! h! i! j! k!";
    for (name, runs, failing, broken, flaky) in [
        ("passed", "a. | a.", "", "", ""),
        ("broken", "a. b. | a. b! | a. b!", "b", "b 1<2", ""),
        ("fixed", "a! | a.", "", "", ""),
        ("born broken", "a. | a. b!", "b", "b -<2", ""),
        ("in the first run", "a!", "a", "a -<1", ""),
        ("flaky by disagreement", "a. | a! | = a. | a!", "a", "", "a proved"),
        ("flaky by retry", "a. | a1! a2.", "", "", "a proved"),
        ("flaky by rate", "a. | a! | a. | a! | a. | a!", "a", "", "a suspected"),
        ("not yet flaky", "a. | a! | a. | a!", "a", "a 3<4", ""),
        ("broken after it was flaky", "a. | a! | = a. | a! | a! | a! | a! | a!", "a", "a 3<4", ""),
        ("skipped since", "a. b. | a. b! | a. b-", "", "", ""),
        ("skipped between", "a. | a- | a!", "a", "a 1<3", ""),
        ("never ended", "a. | a?", "a", "a 1<2", ""),
        ("passed unexpectedly", "ax | au", "a", "a 1<2", ""),
        ("gone", "a. b! | a. | a. | a.", "", "", ""),
        ("not yet gone", "a. b! | a. | a.", "b", "b -<1", ""),
        ("no test: gone at once", "(f! a. | a.", "", "", ""),
        ("no test: a partial run does not show it", "(f! a. | p a.", "f", "f -<1", ""),
        ("no test: still there", "(f! a. | a. (f!", "f", "f -<1", ""),
        ("renamed", "old! z. | new! z. | new! z. | new! z.", "new", "new -<2", ""),
        ("partial: others stay", "a! b! | p a.", "b", "b -<1", ""),
        ("partial runs make nobody gone", "a! b. | p b. | p b. | p b.", "a", "a -<1", ""),
        ("partial: all that ran failed", "a. b. | p a!", "a", "a 1<2", ""),
        ("late: it was broken before", "a. | a. | a! | < a!", "a", "a 2<4", ""),
        ("late: it is fixed since", "a! | a! | a. | < a!", "", "", ""),
        ("nobody ran", "a. | ", "", "", ""),
    ] {
        let place = series(runs);
        let found = answers(&place.history());
        assert_eq!(found, (failing.into(), broken.into(), flaky.into()), "{name}: {runs}");
        assert_eq!(place.problems(), [""; 0], "{name}");
    }
    // A run in which nearly all failed is shown, and breaks nothing.
    let place = series(&format!("{many} | {all_bad} | {many}"));
    let runs = place.history().runs(None).unwrap();
    assert_eq!(
        runs.iter().map(|run| (run.is_infrastructure, run.broke)).collect::<Vec<_>>(),
        [(false, 0), (true, 0), (false, 0)]
    );
    assert_eq!(answers(&place.history()), (String::new(), String::new(), String::new()));
    let place = series(&format!("{many} | {all_bad}"));
    let (failing, broken, _) = answers(&place.history());
    assert_eq!((failing.split(", ").count(), &*broken), (11, ""));
}

#[test]
fn what_differs_between_two_runs() {
    let place = series("a. b! c! d. e. x/a. | a! b! c. f! x/a- g.");
    let history = place.history();
    let run = |id| history.run(id).unwrap().unwrap();
    let diff = history.diff(&run(1), &run(2)).unwrap();
    let names =
        |tests: &[(subunit_history::query::TestIdentity, subunit_history::OutcomeCode)]| {
            let mut names: Vec<_> = tests.iter().map(|(test, _)| test.id.clone()).collect();
            names.sort();
            names.join(" ")
        };
    let found = [&diff.newly_failing, &diff.still_failing, &diff.fixed, &diff.added, &diff.removed]
        .map(|tests| names(tests));
    assert_eq!(found, ["a f", "b", "c", "f g", "d e"]);
}

#[test]
fn series_do_not_mix() {
    let place = Place::new();
    place.load_all(&[
        Run { tests: "a!", series: "one", ..Run::default() },
        Run { tests: "a.", series: "two", ..Run::default() },
    ]);
    let history = place.history();
    assert_eq!(history.failing(Some("one")).unwrap().len(), 1);
    assert_eq!(history.failing(Some("two")).unwrap().len(), 0);
    assert_eq!(history.failing(None).unwrap().len(), 0);
    assert_eq!(history.failing(Some("three")).unwrap().len(), 0);
    let runs = history.runs(None).unwrap();
    assert_eq!(runs.iter().map(|run| (run.broke, run.fixed)).collect::<Vec<_>>(), [(0, 0), (1, 0)]);
}

#[test]
fn percentiles_are_of_good_results() {
    let place = Place::new();
    place.load_all(&[Run { tests: "a.", ..Run::default() }, Run { tests: "a!", ..Run::default() }]);
    let tests = place.history().test("a", None).unwrap();
    assert_eq!(tests[0].runs.len(), 2);
    assert_eq!(tests[0].percentile(95).map(|time| time.get() / 1000), Some(999));
    assert_eq!(place.history().search("a", 5).unwrap().len(), 1);
}

#[test]
fn a_run_is_judged_by_what_was_known_when_it_came_in() {
    let place = Place::new();
    let runs: Vec<Run<'_>> = ["b.", "b!", "b!", "b."]
        .into_iter()
        .zip(0..)
        .map(|(tests, day)| Run { tests, day, ..Run::default() })
        .collect();
    place.load_all(&runs);
    let history = place.history();
    let policy = NoticePolicy { bad: 2, of: 2, clear: 0 };
    let mut runs = history.runs(None).unwrap();
    runs.sort_by_key(|run| run.id);
    let changes = runs.iter().map(|run| {
        let changes = history.changes_by(run, |_| policy).unwrap();
        (changes.began.len(), changes.ceased.len())
    });
    assert_eq!(changes.collect::<Vec<_>>(), [(0, 0), (0, 0), (1, 0), (0, 1)]);
}

/// The stream of a run in which `b` is said to have been interrupted, and that says that it was stopped, or does not.
fn interrupted(day: u32, says_so: bool) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new());
    let timestamp = Some(Timestamp::new(1_700_000_000 + day * DAY, 0));
    let reason = |bytes| Some(FileChunk { name: "reason", bytes });
    let fail =
        |id, bytes| Event { file: reason(bytes), timestamp, ..Event::status(id, Status::Fail) };
    let of_the_run = |id, bytes| Event { runnable: false, ..fail(id, bytes) };
    let events = [
        Event { timestamp, ..Event::status("a", Status::Success) },
        Event { timestamp, ..Event::status("b", Status::InProgress) },
        fail("c", b"broken"),
        of_the_run("plan", b"there is no plan"),
        fail("b", b"interrupted: killed by signal 2 (SIGINT) while this test was running\n"),
        of_the_run("(interrupted)", b"SIGINT: stopped before the end"),
    ];
    for event in &events[..if says_so { 6 } else { 5 }] {
        writer.event(event).unwrap();
    }
    writer.close().unwrap()
}

#[test]
fn a_run_that_was_stopped_says_nothing_of_what_it_cut_off() {
    let place = Place::new();
    place.load(Run { tests: "a. b! c. d!", ..Run::default() });
    let before = place.history().failing(None).unwrap();
    let kept = place.store().take(NewRun::default(), &interrupted(1, true)[..]).unwrap();
    assert_eq!((kept.counts.fail, kept.counts.unfinished, kept.counts.tests()), (1, 1, 2));
    let history = place.history();
    let row = history.last(None).unwrap().unwrap();
    assert_eq!((row.id, row.word()), (2, "interrupted"));
    let failing = history.failing(None).unwrap();
    let ids: Vec<_> = failing.iter().map(|one| &*one.test.id).collect();
    assert_eq!(ids, ["b", "c", "d"]);
    // What was known of the test that was cut off is known still.
    assert_eq!((&failing[0].message, failing[0].run), (&before[0].message, 1));
    assert_eq!(history.run(2).unwrap().unwrap().counts.fail, 1);
    // The same events of a run that nobody stopped are failures of it.
    place.store().take(NewRun::default(), &interrupted(2, false)[..]).unwrap();
    let failing = place.history().failing(None).unwrap();
    assert_eq!(failing.len(), 4, "{failing:?}");
    assert_eq!(place.problems(), [""; 0]);
}
