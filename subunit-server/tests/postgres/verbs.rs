//! The verbs of runs, with a history in PostgreSQL.

use std::{
    path::Path,
    process::{Command, Output},
};

use crate::support::{Place, Run};

/// Runs the program in a folder, with the history of a place.
fn server(folder: &Path, place: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_subunit-server"));
    command.args(words).current_dir(folder).env("SUBUNIT_HISTORY", place);
    command.output().unwrap()
}

/// What it prints, and its exit status.
fn said(output: &Output) -> (String, Option<i32>) {
    (String::from_utf8_lossy(&output.stdout).into_owned(), output.status.code())
}

#[test]
fn verbs_of_runs_ask_the_database() {
    let place = Place::new();
    let folder = tempfile::tempdir().unwrap();
    let stream = Run { tests: "a. b! c.", ..Run::default() }.stream();
    std::fs::write(folder.path().join("one.subunit"), stream).unwrap();
    let address = place.address();
    let ask = |words: &[&str]| said(&server(folder.path(), &address, words));
    assert_eq!(ask(&["load", "one.subunit"]).1, Some(1));
    let (failing, status) = ask(&["failing"]);
    assert!(failing.contains('b') && status == Some(1), "{failing}");
    assert!(ask(&["last"]).0.contains('b'));
    let tap = "printf '1..2\\nok 1 - a\\nok 2 - b\\n'";
    assert_eq!(ask(&["run", "--", "sh", "-c", tap]).1, Some(0));
    assert_eq!(place.history().runs(None).unwrap().len(), 2);
    assert_eq!(place.problems(), [""; 0]);
    assert!(!folder.path().join(".subunit").exists());
    let (moved, status) = ask(&["history", "move", "@1", "old"]);
    assert!(moved.contains("@1 moved") && status == Some(0), "{moved}");
    assert_eq!(place.history().runs(None).unwrap().len(), 1);
    assert!(folder.path().join("old/history.db").exists());
}

#[test]
fn a_database_that_is_not_there_is_told_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let address = Path::new("postgres://me:secret@127.0.0.1:1/d?project=p&files=.");
    for words in [&["last"][..], &["load", "none"]] {
        let output = server(folder.path(), address, words);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains("postgres://me@127.0.0.1:1/d?project=p: "), "{error}");
        assert!(!error.contains("secret") && error.lines().count() == 1, "{error}");
    }
}
