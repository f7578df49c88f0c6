//! Which results are stale, by what runs said of their inputs.

use std::collections::BTreeSet;

use subunit_core::{
    Event, FileChunk, Writer,
    conventions::{INPUTS, MIME_TYPE},
};
use subunit_history::{
    NewRun,
    query::{ChangedInput, DeclaredTests, IdMatcher, InputChange, StaleReason, TestInputs},
};

use crate::support::{Place, Run};

/// What tests of this letter depend on: files and what is in them, `x1` each.
fn inputs(tests: &str, configuration: &str, files: &str) -> TestInputs {
    let file = |word: &str| (word[..1].to_owned(), word[1..].to_owned());
    TestInputs {
        tests: tests.to_owned(),
        configuration: configuration.to_owned(),
        files: files.split_whitespace().map(file).collect(),
    }
}

/// Loads a run that says this of its tests.
fn load(place: &Place, run: Run<'_>, said: &[TestInputs]) {
    let mut writer = Writer::new(Vec::new());
    for inputs in said {
        let content = serde_json::to_vec(inputs).unwrap();
        let file = Some(FileChunk { name: INPUTS, bytes: &content });
        let aside = Event { file, mime_type: Some(MIME_TYPE), eof: true, ..Event::default() };
        writer.event(&Event { runnable: false, ..aside }).unwrap();
    }
    let mut stream = writer.close().unwrap();
    stream.extend(run.stream());
    let new = NewRun { partial: run.partial, ..NewRun::default() };
    place.store().take(new, &stream[..]).unwrap();
}

fn declared(inputs: TestInputs, needs: &'static [&'static str]) -> DeclaredTests<'static> {
    let tests = inputs.tests.clone();
    DeclaredTests {
        inputs,
        is_of: Box::new(move |id| id.starts_with(&tests)),
        needs: needs
            .iter()
            .map(|one| Box::new(move |id: &str| id == *one) as IdMatcher<'_>)
            .collect(),
    }
}

/// The stale tests, each with its run and why.
fn stale(place: &Place, declared: &[DeclaredTests<'_>]) -> Vec<(String, i64, String)> {
    let said = |reason: StaleReason| match reason {
        StaleReason::Unknown => "unknown".to_owned(),
        StaleReason::Changed(InputChange { first, more }) => match first {
            ChangedInput::Changed(path) => format!("changed {path} {more}"),
            ChangedInput::New(path) => format!("new {path} {more}"),
            ChangedInput::Gone(path) => format!("gone {path} {more}"),
            ChangedInput::Configuration => format!("configuration {more}"),
        },
        StaleReason::NeedsChanged(test) => format!("other {}", test.id),
        StaleReason::NeedsStale(test) => format!("stale {}", test.id),
    };
    let found = place.history().stale(None, declared).unwrap();
    found.into_iter().map(|one| (one.test.id, one.run, said(one.reason))).collect()
}

fn told(expected: &[(&str, i64, &str)]) -> Vec<(String, i64, String)> {
    expected.iter().map(|(id, run, why)| ((*id).to_owned(), *run, (*why).to_owned())).collect()
}

#[test]
fn a_result_is_stale_when_what_it_depends_on_is_another_than_when_its_run_began() {
    let place = Place::new();
    let then = || [inputs("a", "c", "x1 y1"), inputs("b", "c", "z1")];
    load(&place, Run { tests: "a1. ab! b. c.", ..Run::default() }, &then());
    let now = |a: TestInputs| [declared(a, &[]), declared(inputs("b", "c", "z1"), &[])];
    assert!(place.history().knows_inputs().unwrap());
    assert_eq!(stale(&place, &now(inputs("a", "c", "x1 y1"))), []);
    for (a, why) in [
        (inputs("a", "c", "x1 y2"), "changed y 0"),
        (inputs("a", "d", "x2 y1"), "changed x 1"),
        (inputs("a", "c", "x1 y1 z1"), "new z 0"),
        (inputs("a", "c", "y1"), "gone x 0"),
        (inputs("a", "d", "x1 y1"), "configuration 0"),
    ] {
        assert_eq!(stale(&place, &now(a)), told(&[("a", 1, why), ("ab", 1, why)]), "{why}");
    }
    // A test that runs again is fresh, and the others stay what they are; one that is skipped has a result as well.
    let again = [inputs("a", "c", "x2 y1"), inputs("b", "c", "z1")];
    load(&place, Run { tests: "ab- b.", day: 1, partial: true, ..Run::default() }, &again);
    let changed = now(inputs("a", "c", "x2 y1"));
    assert_eq!(stale(&place, &changed), told(&[("a", 1, "changed x 0")]));
    // A run that says nothing is one of which nobody knows.
    load(&place, Run { tests: "b.", day: 2, partial: true, ..Run::default() }, &[]);
    let expected = [("a", 1, "changed x 0"), ("b", 3, "unknown")];
    assert_eq!(stale(&place, &changed), told(&expected));
    assert_eq!(place.problems(), [""; 0]);
    let before = place.tables();
    place.store().reindex().unwrap();
    assert_eq!(place.tables(), before);
}

#[test]
fn a_test_that_needs_another_one_is_stale_with_it_or_when_that_has_come_to_something_else() {
    let place = Place::new();
    let said = [inputs("i", "c", "x1"), inputs("m", "c", ""), inputs("z", "c", "")];
    load(&place, Run { tests: "i. m. z. y.", ..Run::default() }, &said);
    let now = |content: &str| {
        [
            declared(inputs("i", "c", content), &[]),
            declared(inputs("m", "c", ""), &["i", "m"]),
            declared(inputs("z", "c", ""), &["m", "z"]),
        ]
    };
    assert_eq!(stale(&place, &now("x1")), []);
    let all = [("i", 1, "changed x 0"), ("m", 1, "stale i"), ("z", 1, "stale m")];
    assert_eq!(stale(&place, &now("x2")), told(&all));
    let again = [inputs("i", "c", "x2"), inputs("m", "c", ""), inputs("z", "c", "")];
    let run = |tests, day, said: &[TestInputs]| {
        load(&place, Run { tests, day, partial: true, ..Run::default() }, said);
    };
    // The same again: all are fresh.
    run("i.", 1, &again);
    assert_eq!(stale(&place, &now("x2")), []);
    run("i!", 2, &again);
    let other = [("m", 1, "other i"), ("z", 1, "stale m")];
    assert_eq!(stale(&place, &now("x2")), told(&other));
    // It is what it was when they ran.
    run("i.", 3, &again);
    assert_eq!(stale(&place, &now("x2")), []);
    let ids = |ids: &[&str]| -> BTreeSet<String> { ids.iter().map(|id| (*id).into()).collect() };
    let downstream = |of: &[&str]| {
        let found = place.history().downstream(None, &now("x2"), &ids(of)).unwrap();
        found.into_iter().map(|test| test.id).collect::<Vec<_>>()
    };
    assert_eq!(downstream(&["i"]), ["i", "m", "z"]);
    assert_eq!(downstream(&["z", "y"]), ["z", "y"]);
}

#[test]
fn what_runs_said_of_their_inputs_is_stored_once_and_stays_as_long_as_it_counts() {
    let place = Place::new();
    let said = [inputs("a", "c", "x1"), inputs("b", "c", "x1")];
    for day in 0..4 {
        load(&place, Run { tests: "a. b.", day, ..Run::default() }, &said);
    }
    let rows_of = |place: &Place, table: &str| {
        let tables = place.tables();
        tables.into_iter().find(|(name, _)| name == table).unwrap().1.len()
    };
    let rows = |table: &str| rows_of(&place, table);
    assert_eq!((rows("snapshot"), rows("input")), (2, 8));
    let now = [declared(inputs("a", "c", "x2"), &[])];
    // The last run is packed, and comes to another history as it is.
    let mut packed = Vec::new();
    place.history().pack(2, |_| true, &mut packed).unwrap();
    let other = Place::new();
    let file = other.root().with_file_name("packed");
    std::fs::write(&file, &packed).unwrap();
    other.store().unpack(&file).unwrap();
    assert_eq!(stale(&other, &now), told(&[("a", 2, "changed x 0")]));
    // Both runs say it, also the one of which few tests are packed.
    assert_eq!(rows_of(&other, "input"), 4);
    assert_eq!(other.problems(), [""; 0]);
    // A test keeps its last result when the run of it is pruned.
    load(&place, Run { tests: "b.", day: 4, partial: true, ..Run::default() }, &said);
    let mut store = place.store();
    let old: Vec<_> = store
        .to_prune(subunit_history::Keep { runs: Some(1), ..Default::default() }, |_| true)
        .unwrap()
        .into_iter()
        .filter(|one| one.run.id == 4)
        .collect();
    assert_eq!(old.len(), 1);
    store.prune(&old).unwrap();
    assert_eq!(stale(&place, &now), told(&[("a", 4, "changed x 0")]));
    let run = place.history().run(3).unwrap().unwrap();
    store.remove(&run).unwrap();
    assert_eq!(rows("input"), 8);
    drop(store);
    place.change("DELETE FROM input WHERE run = 5");
    let problems = place.problems();
    assert!(problems.iter().any(|one| one.contains("inputs or packages")), "{problems:?}");
}
