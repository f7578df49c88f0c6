//! What is known of weeks: which packages break, which messages many tests fail with, what grows slow.

use subunit_history::{History, Keep, OutcomeCode, query::GridKind};

use crate::support::{Place, Run, Tables};

/// A run of a day; the first one is a Tuesday.
fn run(tests: &str, day: u32) -> Run<'_> {
    Run { tests, day, revision: "r1", ..Run::default() }
}

/// Two weeks: `p.a` breaks twice, `q.b` once.
fn two_weeks() -> Place {
    let place = Place::new();
    for (tests, day) in [
        ("p.a. p.c. q.b.", 0),
        ("p.a! p.c. q.b.", 1),
        ("p.a. p.c. q.b.", 7),
        ("p.a! p.c! q.b!", 8),
        ("z+", 9),
    ] {
        place.load(run(tests, day));
    }
    place
}

/// What trends say of weeks and packages, in words.
fn said(history: &History) -> (Vec<String>, Vec<String>) {
    let trends = history.trends(None, 26, 10).unwrap();
    let week = |week: &subunit_history::query::WeekTrend| {
        format!(
            "{} runs {} failed {}/{} bad {} broke {} infra",
            week.runs,
            week.failed_runs,
            week.failures,
            week.results,
            week.broke,
            week.infrastructure
        )
    };
    let package = |one: &subunit_history::query::PackageTrend| {
        format!("{} {} {}", one.package, one.broke, one.failures)
    };
    (trends.weeks.iter().map(week).collect(), trends.packages.iter().map(package).collect())
}

#[test]
fn weeks_and_packages() {
    let place = two_weeks();
    let (weeks, packages) = said(&place.history());
    assert_eq!(
        weeks,
        ["2 runs 1 failed 1/6 bad 1 broke 0 infra", "2 runs 1 failed 3/6 bad 3 broke 1 infra"]
    );
    assert_eq!(packages, ["p 3 3", "q 1 1"]);
    let last_week = place.history().trends(None, 1, 10).unwrap();
    assert_eq!(last_week.weeks.len(), 1);
    assert_eq!(last_week.packages[0].broke, 2);
    // Monday, 20 November 2023.
    assert_eq!(last_week.weeks[0].start, 1_700_438_400_000_000);
}

#[test]
fn one_message_and_its_tests() {
    let place = Place::new();
    place.load(run("a! b. c. d. e. f.", 0));
    place.load(run("a! b! c! x? d. e. f. g. h.", 1));
    let clusters = |weeks| place.history().clusters(None, weeks, 10).unwrap();
    let found: Vec<_> =
        clusters(4).iter().map(|one| (one.message.clone(), one.failures, one.tests)).collect();
    let message = |id: &str| format!("{id} broke at N");
    assert_eq!(
        found,
        [
            (message("a"), 2, 1),
            (message("b"), 1, 1),
            (message("c"), 1, 1),
            ("unfinished".into(), 1, 1)
        ]
    );
    assert_eq!((clusters(4)[0].first_run, clusters(4)[0].last_run), (1, 2));
    let last = place.history().last(None).unwrap().unwrap();
    let of_run = place.history().clusters_of(&last, 2).unwrap();
    assert_eq!(of_run.len(), 2);
    assert_eq!(of_run[0].examples[0].id, "a");
}

#[test]
fn late_runs_and_removed_ones_change_their_weeks() {
    let place = two_weeks();
    place.load(run("p.a! p.c. q.b.", 2));
    assert_eq!(place.problems(), [""; 0]);
    let (weeks, packages) = said(&place.history());
    assert_eq!(weeks[0], "3 runs 2 failed 2/9 bad 1 broke 0 infra");
    assert_eq!(packages, ["p 3 4", "q 1 1"]);
    let history = place.history();
    let removed = history.run(2).unwrap().unwrap();
    place.store().remove(&removed).unwrap();
    assert_eq!(place.problems(), [""; 0]);
    let (weeks, packages) = said(&place.history());
    assert_eq!(weeks[0], "2 runs 1 failed 1/6 bad 1 broke 0 infra");
    assert_eq!(packages, ["p 3 3", "q 1 1"]);
    let before = place.tables();
    place.store().reindex().unwrap();
    // Only the row of the run that is gone is gone.
    let weeks = |tables: &Tables| {
        tables.iter().filter(|(name, _)| name.ends_with("week")).cloned().collect::<Vec<_>>()
    };
    assert_eq!(weeks(&place.tables()), weeks(&before));
}

#[test]
fn weeks_of_runs_that_were_pruned_stay_known() {
    let place = two_weeks();
    let before = said(&place.history());
    let mut store = place.store();
    let pruned = store.to_prune(Keep { runs: Some(1), ..Keep::default() }, |_| true).unwrap();
    assert!(pruned.len() > 1);
    store.prune(&pruned).unwrap();
    drop(store);
    assert_eq!(said(&place.history()), before);
    assert_eq!(place.problems(), [""; 0]);
    place.load(run("p.a. p.c. q.b.", 10));
    place.load(run("p.a! p.c. q.b.", 11));
    assert_eq!(place.problems(), [""; 0]);
    assert_eq!(said(&place.history()).1, ["p 4 4", "q 1 1"]);
}

#[test]
fn a_check_finds_weeks_that_are_wrong() {
    for statement in [
        "UPDATE package_week SET broke = broke + 1",
        "DELETE FROM fingerprint_week",
        "UPDATE fingerprint_week SET tests = 7",
    ] {
        let place = two_weeks();
        place.change(statement);
        let problems = place.problems();
        let said = "series default: what failed in each week is not what its runs say";
        assert_eq!(problems, [said], "{statement}");
    }
}

#[test]
fn a_grid_has_what_broke_last_on_top() {
    let place = Place::new();
    for (tests, day) in [
        ("old. new. ok. mended! retried. gone!", 0),
        ("old! new. ok. mended. retried1! retried2.", 1),
        ("old! new! ok. mended. retried. extra!", 2),
    ] {
        place.load(run(tests, day));
    }
    let grid = place.history().grid(None, 50, None).unwrap();
    let row = |row: &subunit_history::query::GridRow| {
        let word = |outcome: &OutcomeCode| outcome.word();
        (row.test.id.clone(), row.kind, row.outcomes.iter().map(word).collect::<Vec<_>>().join(" "))
    };
    let rows: Vec<_> = grid.rows.iter().map(row).collect();
    let expected = [
        ("extra", GridKind::Failing, "fail absent absent"),
        ("gone", GridKind::Failing, "absent absent fail"),
        ("new", GridKind::Failing, "fail success success"),
        ("old", GridKind::Failing, "fail fail success"),
        ("retried", GridKind::Flaky, "success flaky success"),
        ("mended", GridKind::Fixed, "success success fail"),
    ];
    let expected = expected.map(|(id, kind, words)| (id.to_owned(), kind, words.to_owned()));
    assert_eq!(rows, expected);
    let runs: Vec<i64> = grid.runs.iter().map(|run| run.id).collect();
    assert_eq!(runs, [3, 2, 1]);
    let asked = place.history().grid(None, 2, Some("ok")).unwrap();
    assert_eq!((asked.runs.len(), asked.rows.len()), (2, 1));
    assert_eq!(asked.rows[0].kind, GridKind::Passed);
}
