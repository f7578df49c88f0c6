//! What is of SQLite alone: the index is a file, which may be gone, damaged, older or newer.

use std::fs;

use subunit_history::{Error, History, Store};

use crate::{
    index::fill,
    support::{Place, Run, load},
};

#[test]
fn an_index_that_is_gone_is_made_anew() {
    let place = Place::new();
    fill(&place);
    let before = place.tables();
    // Without the old one the runs come in the order in which they were loaded, which is the same here.
    fs::remove_file(place.root().join("history.db")).unwrap();
    let notes = place.store().take_notes();
    assert_eq!(notes, ["8 runs that the index did not know: read again"]);
    assert_eq!(place.tables(), before);
}

#[test]
fn a_damaged_index_is_made_anew_and_told() {
    let place = Place::new();
    fill(&place);
    let before = place.tables();
    let index = place.root().join("history.db");
    let noise: Vec<u8> = (0..9000_u32).map(|at| (at * at / 7 % 251) as u8).collect();
    for content in [&b"this is no database"[..], &noise] {
        for end in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(place.root().join(format!("history.db{end}")));
        }
        fs::write(&index, content).unwrap();
        let notes = place.store().take_notes();
        assert!(notes[0].ends_with("the index is made anew from the runs"), "{notes:?}");
        assert_eq!(place.tables(), before);
    }
}

#[test]
fn a_newer_history_is_refused_with_both_versions() {
    let place = Place::new();
    place.load(Run { tests: "a.", ..Run::default() });
    place.change("PRAGMA user_version = 99");
    for error in
        [Store::open(&place.root()).unwrap_err(), History::open(&place.root()).unwrap_err()]
    {
        assert!(matches!(error, Error::Newer { found: 99, known: 5, .. }), "{error}");
        let said = error.to_string();
        assert!(said.contains("of version 99") && said.contains("knows version 5"), "{said}");
    }
}

#[test]
fn reading_writes_nothing() {
    let place = Place::new();
    assert!(History::open(&place.root()).unwrap().is_none());
    assert!(!place.root().exists());
    fill(&place);
    let bytes = |path: std::path::PathBuf| fs::read(path).unwrap();
    let files = || {
        (
            bytes(place.root().join("history.db")),
            fs::read_dir(place.root().join("runs")).unwrap().count(),
        )
    };
    let before = files();
    let history = place.history();
    history.failing(None).unwrap();
    history.flaky(None).unwrap();
    history.broken(None).unwrap();
    drop(history);
    assert!(files() == before);
}

#[test]
fn an_older_index_is_brought_up_to_date_when_it_is_written_and_refused_where_it_says_too_little() {
    let place = Place::new();
    fill(&place);
    let before = place.tables();
    let failing = place.history().failing(None).unwrap().len();
    place.change(
            "DROP TABLE package; DROP TABLE package_week; DROP TABLE fingerprint_week; \
             DROP TABLE settled_week; ALTER TABLE test DROP COLUMN package; \
             DROP TABLE input; DROP TABLE installed; DROP TABLE snapshot; DROP TABLE metric; DROP TABLE metric_name; ALTER TABLE run DROP COLUMN environment; \
             ALTER TABLE run DROP COLUMN configuration; PRAGMA user_version = 1",
        );
    let history = place.history();
    assert_eq!(history.failing(None).unwrap().len(), failing);
    for refused in [history.trends(None, 1, 1).err(), history.clusters(None, 1, 1).err()] {
        assert!(matches!(refused, Some(Error::Older { found: 1, needed: 2, .. })), "{refused:?}");
    }
    drop(history);
    drop(place.store());
    assert_eq!(place.tables(), before);
    assert_eq!(place.problems(), [""; 0]);
}

#[test]
fn a_stamp_is_another_one_after_a_write_within_one_tick_of_the_clock() {
    let place = Place::new();
    fill(&place);
    let history = place.history();
    let files = ["history.db", "history.db-wal"].map(|name| place.root().join(name));
    let facts = || files.each_ref().map(|file| fs::metadata(file).unwrap());
    let times = || facts().map(|file| file.modified().unwrap());
    let lengths = || facts().map(|file| file.len());
    for day in [80, 81] {
        load(&mut place.store(), Run { tests: "a. b. c!", day, ..Run::default() });
    }
    // What is written next stands at the beginning of the log, which stays as long as it is.
    place.change("PRAGMA wal_checkpoint(RESTART)");
    let long = lengths();
    let (before, was) = (history.stamp().unwrap(), times());
    assert_eq!(history.stamp().unwrap(), before);
    let mut store = place.store();
    load(&mut store, Run { tests: "a.", day: 90, ..Run::default() });
    for (file, time) in files.iter().zip(was) {
        fs::File::options().append(true).open(file).unwrap().set_modified(time).unwrap();
    }
    assert_eq!((times(), lengths()), (was, long));
    assert!(history.stamp().unwrap() != before);
}
