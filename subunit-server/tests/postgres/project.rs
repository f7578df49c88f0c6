//! What is of PostgreSQL alone: projects, a database that goes away, several writers, histories that go there and back.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
};

use subunit_history::{Error, History, Keep, NewRun, Store, query::RunRow};

use crate::{
    engine::{client, server},
    support::{Place, Run, load},
};

fn run(tests: &str) -> Run<'_> {
    Run { tests, revision: "r1", ..Run::default() }
}

/// The address with something more in its query.
fn with(place: &Place, more: &str) -> PathBuf {
    format!("{}&{more}", place.address().display()).into()
}

#[test]
fn a_project_has_its_own_numbers_and_is_in_the_list() {
    let (one, other) = (Place::new(), Place::new());
    one.load_all(&[run("a. b."), run("a! b.")]);
    assert_eq!(other.load(run("b!")).id, 1);
    assert_eq!(other.history().runs(None).unwrap().len(), 1);
    let mut client = client(&one.address());
    for place in [&one, &other] {
        let address = place.address().display().to_string();
        let name = address.split_once("project=").unwrap().1.split('&').next().unwrap().to_owned();
        let count = "SELECT count(*) FROM subunit.project WHERE name = $1";
        assert_eq!(client.query_one(count, &[&name]).unwrap().get::<_, i64>(0), 1);
    }
}

#[test]
fn nothing_is_made_for_those_who_only_read() {
    let place = Place::new();
    assert!(History::open(&place.address()).unwrap().is_none());
    let schemas = "SELECT current_schema() IS NULL";
    assert!(client(&place.address()).query_one(schemas, &[]).unwrap().get::<_, bool>(0));
    assert!(!place.root().exists());
}

#[test]
fn questions_need_no_run_files_and_what_needs_them_says_so() {
    let place = Place::new();
    place.load_all(&[run("a. b."), run("a! b.")]);
    let address = place.address().display().to_string();
    let bare = PathBuf::from(address.split_once("&files=").unwrap().0);
    let history = History::open(&bare).unwrap().unwrap();
    assert_eq!(history.failing(None).unwrap().len(), 1);
    let run = history.last(None).unwrap().unwrap();
    for said in [
        history.stream(&run).map(drop).unwrap_err().to_string(),
        Store::open(&bare).map(drop).unwrap_err().to_string(),
    ] {
        assert!(said.ends_with("this needs the run files: add `&files=FOLDER` to the address"));
        assert!(said.starts_with("postgres://"), "{said}");
    }
}

#[test]
fn a_newer_history_is_refused_with_both_versions() {
    let place = Place::new();
    place.load(run("a."));
    place.change("UPDATE store SET version = 99");
    let address = place.address();
    for error in [Store::open(&address).unwrap_err(), History::open(&address).unwrap_err()] {
        assert!(matches!(error, Error::Newer { found: 99, known: 5, .. }), "{error}");
    }
}

#[test]
fn a_database_that_goes_away_loses_nothing() {
    let place = Place::new();
    place.load(run("a. b."));
    let named = with(&place, "application_name=gone");
    let mut store = Store::open(&named).unwrap();
    let mut writer = store.begin(NewRun::default()).unwrap();
    let stream = run("a! b. c.").stream();
    writer.write(&stream).unwrap();
    let mut admin = client(&place.address());
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'gone'";
    assert_eq!(admin.query_one(end, &[]).unwrap().get::<_, i64>(0), 1);
    let said = writer.finish(&mut store).unwrap_err().to_string();
    assert!(
        said.starts_with("postgres://subunit@") && said.contains("/postgres?project="),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1, "{said}");
    drop(store);
    // Not even a part of it is there, until somebody opens the history to write.
    assert_eq!(place.history().runs(None).unwrap().len(), 1);
    assert!(!place.store().take_notes().is_empty());
    let runs = place.history().runs(None).unwrap();
    assert_eq!(runs.len(), 2);
    let mut kept = Vec::new();
    place.history().stream(&runs[0]).unwrap().read_to_end(&mut kept).unwrap();
    assert!(kept == stream);
    assert_eq!(place.problems(), [""; 0]);
}

#[test]
fn nobody_answers_and_the_password_is_not_told() {
    let address = "postgres://me:secret@127.0.0.1:1/d?project=p&files=/tmp";
    let _ = crate::engine::address(Path::new("/tmp"));
    for said in [
        Store::open(Path::new(address)).unwrap_err().to_string(),
        History::open(Path::new(address)).unwrap_err().to_string(),
    ] {
        assert!(said.starts_with("postgres://me@127.0.0.1:1/d?project=p: "), "{said}");
        assert!(!said.contains("secret") && said.lines().count() == 1, "{said}");
    }
}

#[test]
fn several_write_at_once_and_each_run_is_there() {
    let place = Place::new();
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let place = &place;
            scope.spawn(move || {
                let mut store = place.store();
                for nth in 0..4 {
                    // Some of the tests are new to all of them.
                    let tests = format!("a. b! w{writer}n. x{nth}n.");
                    load(&mut store, Run { day: writer * 4 + nth, ..run(&tests) });
                }
            });
        }
    });
    let runs = place.history().runs(None).unwrap();
    let mut numbers: Vec<i64> = runs.iter().map(|run| run.id).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=16).collect::<Vec<_>>());
    assert_eq!(place.problems(), [""; 0]);
}

#[test]
fn a_part_without_runs_is_dropped() {
    let place = Place::new();
    place.load_all(&[run("a! b."), run("a. b.")]);
    // As if there had been more of them.
    place.change("SELECT setval('run_id_seq', 205)");
    place.load(Run { day: 9, ..run("a. b.") });
    let parts = || {
        let parts = "SELECT count(*) FROM pg_class WHERE relispartition AND relkind = 'r' AND \
                     relnamespace = current_schema()::regnamespace";
        client(&place.address()).query_one(parts, &[]).unwrap().get::<_, i64>(0)
    };
    assert_eq!(parts(), 6);
    let mut store = place.store();
    let old = store.to_prune(Keep { runs: Some(1), ..Keep::default() }, |_| true).unwrap();
    assert_eq!(old.len(), 2);
    store.prune(&old).unwrap();
    assert_eq!(parts(), 3);
    assert_eq!(place.problems(), [""; 0]);
}

/// What is said of runs, but for their numbers.
fn said(history: &History) -> Vec<(String, i64, u64, u64)> {
    let runs = history.runs(None).unwrap();
    runs.into_iter().map(|run| (run.uuid, run.seq, run.counts.fail, run.broke)).collect()
}

#[test]
fn runs_move_from_sqlite_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let (from, back) = (folder.path().join("from"), folder.path().join("back"));
    let mut sqlite = Store::open(&from).unwrap();
    for (tests, day) in [("a. b.", 0), ("a! b.", 1), ("a! b! c.", 2)] {
        load(&mut sqlite, Run { day, ..run(tests) });
    }
    let before = said(&History::open(&from).unwrap().unwrap());
    let all = |history: History| -> Vec<RunRow> {
        let mut runs = history.runs(None).unwrap();
        runs.reverse();
        runs
    };
    let runs = all(History::open(&from).unwrap().unwrap());
    sqlite.pin(&runs[0].uuid, true).unwrap();
    let place = Place::new();
    let mut postgres = place.store();
    sqlite.move_to(&runs, &mut postgres).unwrap();
    assert_eq!(said(&place.history()), before);
    assert_eq!(place.problems(), [""; 0]);
    assert!(postgres.is_pinned(&runs[0].uuid));
    assert_eq!(History::open(&from).unwrap().unwrap().runs(None).unwrap().len(), 0);
    let mut other = Store::open(&back).unwrap();
    postgres.move_to(&all(place.history()), &mut other).unwrap();
    let back = History::open(&back).unwrap().unwrap();
    assert_eq!(said(&back), before);
    assert_eq!(back.check(|_| true).unwrap().problems, [""; 0]);
    assert_eq!(place.history().runs(None).unwrap().len(), 0);
}

#[test]
fn roles_may_do_what_they_are_for() {
    let place = Place::new();
    let mut admin = client(&place.address());
    let roles = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/postgres-roles.sql");
    admin.batch_execute(&std::fs::read_to_string(roles).unwrap()).unwrap();
    admin
        .batch_execute(
            "CREATE ROLE ann LOGIN IN ROLE subunit_admin; ALTER ROLE ann SET role = subunit_admin; \
             CREATE ROLE wim LOGIN IN ROLE subunit_writer; CREATE ROLE rea LOGIN IN ROLE subunit_reader",
        )
        .unwrap();
    let as_user = |user: &str| -> PathBuf {
        let address = place.address().display().to_string();
        address.replacen("://subunit@", &format!("://{user}@"), 1).into()
    };
    let refused = |said: Error| {
        let said = said.to_string();
        assert!(said.contains("permission denied"), "{said}");
    };
    let (ann, wim, rea) = (as_user("ann"), as_user("wim"), as_user("rea"));
    refused(Store::open(&wim).unwrap_err());
    drop(Store::open(&ann).unwrap());
    let mut store = Store::open(&wim).unwrap();
    load(&mut store, run("a. b."));
    load(&mut store, run("a! b."));
    let history = History::open(&rea).unwrap().unwrap();
    assert_eq!(history.failing(None).unwrap().len(), 1);
    let new = Store::open(&rea)
        .and_then(|mut store| store.take(NewRun::default(), &*run("b!").stream()).map(drop));
    refused(new.unwrap_err());
    refused(store.reindex().unwrap_err());
    // What is made anew is for the same roles.
    drop(store);
    Store::open(&ann).unwrap().reindex().unwrap();
    load(&mut Store::open(&wim).unwrap(), run("a! b."));
    assert_eq!(History::open(&rea).unwrap().unwrap().failing(None).unwrap().len(), 1);
}

#[test]
fn text_that_postgres_cannot_hold_is_held_otherwise() {
    let place = Place::new();
    let mut stream = subunit_core::Writer::new(Vec::new());
    let reason = subunit_core::FileChunk { name: "reason", bytes: b"left\0right broke" };
    let failed = subunit_core::Event::status("odd", subunit_core::Status::Fail);
    let said = subunit_core::Event {
        status: None,
        file: Some(reason),
        mime_type: Some("text/plain;charset=utf8"),
        eof: true,
        ..failed
    };
    stream.event(&said).unwrap();
    stream.event(&failed).unwrap();
    let stream = stream.close().unwrap();
    place.store().take(NewRun::default(), &*stream).unwrap();
    assert!(place.history().failing(None).unwrap()[0].message.contains("left"));
    assert_eq!(place.problems(), [""; 0]);
    assert!(!server().is_empty());
}
