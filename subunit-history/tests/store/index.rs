//! What comes in is found again, and the index follows from the run files.

use std::{fs, io::Read};

use subunit_core::run::Verdict;
use subunit_history::{Keep, OutcomeCode};

use crate::support::{Place, Run};

const ONE: &str = "0f0f0f0f-0000-4000-8000-00000000000a";

#[test]
fn a_run_comes_back_as_it_was() {
    let place = Place::new();
    let run = Run { tests: "a. b! c- d? x/a. (l! e+", revision: "r1", uuid: ONE, ..Run::default() };
    let kept = place.load(run);
    assert_eq!((kept.id, &*kept.uuid, &*kept.series), (1, ONE, "default"));
    let history = place.history();
    let row = history.last(None).unwrap().unwrap();
    assert_eq!(row.counts, kept.counts);
    assert_eq!(row.counts.verdict(), Verdict::Failed);
    assert_eq!((row.revision.as_deref(), row.is_dirty), (Some("r1"), Some(false)));
    let mut stream = Vec::new();
    history.stream(&row).unwrap().read_to_end(&mut stream).unwrap();
    assert!(stream == run.stream());
    let failures = history.failures(&row).unwrap();
    let said: Vec<_> =
        failures.iter().map(|one| (&*one.test.id, one.outcome, &*one.message)).collect();
    let expected = [
        ("b", OutcomeCode::FAIL, "b broke at N"),
        ("l", OutcomeCode::FAIL, "l broke at N"),
        ("d", OutcomeCode::UNFINISHED, "unfinished"),
    ];
    assert_eq!(said, expected);
    assert_eq!(place.problems(), [""; 0]);
}

#[test]
fn attempts_are_one_result_and_results_of_one_name_are_several() {
    let place = Place::new();
    place.load(Run { tests: "a1! a2. b. b! c! c2. 0/d. 1/d. e+ e.", ..Run::default() });
    let history = place.history();
    let row = history.last(None).unwrap().unwrap();
    let outcome = |id: &str| history.test(id, None).unwrap()[0].runs[0].outcome;
    let found = ["a", "b", "c", "d", "e"].map(outcome);
    let expected = [
        OutcomeCode::FLAKY,
        OutcomeCode::FAIL,
        OutcomeCode::FLAKY,
        OutcomeCode::SUCCESS,
        OutcomeCode::SUCCESS,
    ];
    assert_eq!(found, expected);
    assert_eq!((row.counts.flaky, row.counts.fail), (2, 1));
    assert_eq!(history.failures(&row).unwrap().len(), 1);
    assert_eq!(place.problems(), [""; 0]);
}

#[test]
fn the_very_same_stream_is_loaded_once_and_another_of_its_name_as_well() {
    let place = Place::new();
    let run = Run { tests: "a.", uuid: ONE, ..Run::default() };
    assert!(!place.load(run).is_known);
    let again = place.load(run);
    assert!(again.is_known);
    assert_eq!((again.id, again.counts.success), (1, 1));
    let other = place.load(Run { tests: "a!", ..run });
    assert!(!other.is_known);
    assert_ne!(other.uuid, ONE);
    assert_eq!(place.history().runs(None).unwrap().len(), 2);
    // Without a name every load is a run.
    let nameless = Run { tests: "a.", ..Run::default() };
    place.load(nameless);
    place.load(nameless);
    assert_eq!(place.history().runs(None).unwrap().len(), 4);
}

/// Runs of two series, late ones, partial ones and one of the infrastructure.
pub(crate) fn fill(place: &Place) {
    let all_bad = "a! b! c! d! e! f! g! h! i! j! k!";
    place.load_all(&[
        Run { tests: "a. b. c. d.", revision: "r1", ..Run::default() },
        Run { tests: "a. b! c1! c2. d. e.", revision: "r2", ..Run::default() },
        Run { tests: "a. b! c.", revision: "r2", series: "other", ..Run::default() },
        Run { tests: all_bad, revision: "r3", ..Run::default() },
        Run { tests: "b. x/a!", partial: true, revision: "r3", ..Run::default() },
        // Late: between the second and the fourth.
        Run { tests: "a! b. f. f!", revision: "r2", day: 2, ..Run::default() },
        Run { tests: "", revision: "r4", ..Run::default() },
        Run { tests: "a. b. c. d- (l! 0/e. 1/e.", revision: "r5", ..Run::default() },
    ]);
}

#[test]
fn the_index_follows_from_the_run_files() {
    let place = Place::new();
    fill(&place);
    assert_eq!(place.problems(), [""; 0]);
    let before = place.tables();
    assert_eq!(place.store().reindex().unwrap(), 8);
    assert_eq!(place.tables(), before);
    assert_eq!(place.problems(), [""; 0]);
}

#[test]
fn a_check_finds_what_is_wrong() {
    for (statement, said) in [
        (
            "UPDATE status_tile SET status = (SELECT o.status FROM status_tile o WHERE o.run = 1) WHERE run = 2",
            "other results than the stream",
        ),
        ("UPDATE run SET fail = fail + 1 WHERE id = 2", "counts other results"),
        ("DELETE FROM failure WHERE run = 2", "other failures"),
        ("DELETE FROM attempt WHERE run = 2", "other attempts"),
        ("DELETE FROM change WHERE run = 2", "the changes of the tests"),
        ("UPDATE state SET fast = seen", "the state of the tests"),
        ("UPDATE run SET broke = 7 WHERE id = 2", "what run @2 broke"),
        ("UPDATE run SET kept = 0 WHERE id = 2", "of runs that are gone"),
        ("DELETE FROM test_hash", "without a number"),
    ] {
        let place = Place::new();
        fill(&place);
        place.change(statement);
        let problems = place.problems();
        assert!(problems.iter().any(|problem| problem.contains(said)), "{statement}: {problems:?}");
    }
    let place = Place::new();
    place.load(Run { tests: "a.", uuid: ONE, ..Run::default() });
    let run = place.root().join(format!("runs/{ONE}.sub.zst"));
    let bytes = fs::read(&run).unwrap();
    fs::write(&run, &bytes[..bytes.len() - 1]).unwrap();
    assert!(place.problems()[0].contains("no end"), "{:?}", place.problems());
    fs::remove_file(&run).unwrap();
    assert_eq!(place.problems().len(), 1);
}

#[test]
fn what_is_pruned_stays_known() {
    let place = Place::new();
    fill(&place);
    let failing = |place: &Place| {
        let all = place.history().failing(Some("default")).unwrap();
        all.into_iter().map(|one| (one.test, one.since)).collect::<Vec<_>>()
    };
    let before = failing(&place);
    let mut store = place.store();
    store.pin(&store_uuid(&place, 2), true).unwrap();
    let keep = Keep { runs: Some(2), ..Keep::default() };
    let pruned = store.to_prune(keep, |_| true).unwrap();
    // Of the series `other` the only run is the last one; run 2 is pinned; the runs 7 and 8 are the last two.
    assert_eq!(pruned.iter().map(|one| one.run.id).collect::<Vec<_>>(), [6, 4, 5]);
    store.prune(&pruned).unwrap();
    assert_eq!(failing(&place), before);
    assert_eq!(place.problems(), [""; 0]);
    let left: Vec<i64> = place.history().runs(None).unwrap().iter().map(|run| run.id).collect();
    assert_eq!(left, [8, 7, 3, 2, 1]);
    // They do not come back.
    assert_eq!(place.store().take_notes(), [""; 0]);
    assert_eq!(place.history().runs(None).unwrap().len(), 5);
}

fn store_uuid(place: &Place, id: i64) -> String {
    place.history().run(id).unwrap().unwrap().uuid
}

#[test]
fn a_run_that_is_removed_has_never_been() {
    let place = Place::new();
    let runs = [
        Run { tests: "a. b.", ..Run::default() },
        Run { tests: "a! b.", ..Run::default() },
        Run { tests: "a. b!", ..Run::default() },
    ];
    place.load_all(&runs);
    let row = place.history().run(2).unwrap().unwrap();
    let mut store = place.store();
    store.remove(&row).unwrap();
    assert_eq!(place.problems(), [""; 0]);
    let last = place.history().last(None).unwrap().unwrap();
    assert_eq!((last.broke, last.fixed), (1, 0));
    assert!(!place.root().join(format!("runs/{}.sub.zst", row.uuid)).exists());
}

#[test]
fn runs_are_found_by_what_people_type() {
    let place = Place::new();
    place.load_all(&[
        Run { tests: "a.", uuid: ONE, ..Run::default() },
        Run { tests: "a!", ..Run::default() },
    ]);
    let history = place.history();
    for (meant, id) in [
        ("@1", Some(1)),
        ("2", Some(2)),
        ("@last", Some(2)),
        ("@last-green", Some(1)),
        ("0f0f0f0f", Some(1)),
        ("0f0", None),
        ("@3", None),
        ("main", None),
    ] {
        let found = history.find(meant, |_| true).unwrap();
        assert_eq!(found.map(|run| run.id), id, "{meant}");
    }
}
