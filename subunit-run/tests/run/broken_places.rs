//! What failed and is no test, such as a file that cannot be imported, runs again with all tests.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::Stdio,
};

use subunit_core::{Event, Status};

use crate::{
    at_changes::Running,
    project::{Project, Ran},
};

/// The listing says that this place is broken.
const PLACE: &str = "test_broken.py";

/// A project whose listing says what the file `broken` says, before its tests.
fn project(list: &str) -> Project {
    let project = Project::bare();
    let worker = crate::project::worker();
    let suite = format!(
        "#!/bin/sh\ncase $1 in --list) [ ! -e broken ] || cat broken;; esac\nexec {} \"$@\"\n",
        worker.display()
    );
    project.script("suite", &suite);
    project.write(
        "subunit.toml",
        "test_command = 'suite $LISTOPT $IDOPTION'\ntest_list_option = '--list'\n\
         test_id_option = '--load-list $IDFILE'\n",
    );
    project.write("tests.list", list);
    project
}

fn broken(project: &Project, places: &[&str]) {
    let mut said = Vec::new();
    for place in places {
        Event { runnable: false, ..Event::status(place, Status::Fail) }.encode(&mut said).unwrap();
    }
    fs::write(project.folder().join("broken"), said).unwrap();
}

/// The file is as it should be.
fn mend(project: &Project) {
    fs::remove_file(project.folder().join("broken")).unwrap();
}

/// The exit status of a verb, and all that it says.
fn said(project: &Project, verb: &str, words: &[&str]) -> (Option<i32>, String) {
    let output = project.verb(verb).args(words).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

fn says_that_all_run(run: &Ran, asked: &str) -> bool {
    run.stderr.contains(&format!("{asked}: {PLACE} is no test, so all tests run\n"))
}

#[test]
fn it_stays_red_until_it_is_mended() {
    for again in ["--failing", "--rerun=fail"] {
        let asked = again.split('=').next().unwrap();
        let project = project("a.pass\n");
        broken(&project, &[PLACE]);
        assert_eq!(project.run(&[]).exit, Some(1));
        for _ in 0..2 {
            let run = project.run(&[again]);
            run.assert_results(&[(PLACE, Status::Fail), ("a.pass", Status::Success)]);
            assert!(run.exit == Some(1) && says_that_all_run(&run, asked), "{run:?}");
        }
        mend(&project);
        project.write("tests.list", "a.pass\nnew.pass\n");
        let run = project.run(&[again]);
        run.assert_results(&[("a.pass", Status::Success), ("new.pass", Status::Success)]);
        assert!(run.exit == Some(0) && says_that_all_run(&run, asked), "{run:?}");
    }
}

#[test]
fn tests_that_pass_again_do_not_hide_it() {
    let project = project("a.pass\nb.flaky-1\n");
    broken(&project, &[PLACE]);
    project.run(&[]).assert_results(&[
        (PLACE, Status::Fail),
        ("a.pass", Status::Success),
        ("b.flaky-1", Status::Fail),
    ]);
    let run = project.run(&["--failing", "^b"]);
    run.assert_results(&[(PLACE, Status::Fail), ("b.flaky-1", Status::Success)]);
    assert_eq!(run.exit, Some(1));
    let why = format!("{PLACE} is no test, so all tests run that other options take");
    assert!(run.stderr.contains(&why), "{run:?}");
}

#[test]
fn after_a_change_all_tests_run_once() {
    let project = project("a.pass\n");
    broken(&project, &[PLACE]);
    project.git(&["init", "-q"]);
    let mut command = project.command();
    command.args(["--watch", "--plain", "--jobs", "1"]).stdout(Stdio::null());
    let mut run = Running(command.stderr(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(run.0.stderr.take().unwrap()).lines();
    let mut until_waiting = || {
        let said = lines.by_ref().map(|line| line.unwrap());
        let said = said.take_while(|line| !line.contains("waiting until a file changes"));
        said.filter_map(|line| Some(line.strip_prefix("subunit run: ")?.to_owned()))
            .collect::<Vec<_>>()
    };
    assert_eq!(until_waiting(), Vec::<String>::new());
    mend(&project);
    let line = format!("--failing: {PLACE} is no test, so all tests run");
    assert_eq!(until_waiting(), ["tests that failed".to_owned(), line]);
}

#[test]
fn a_run_that_is_named_runs_again_with_it() {
    let project = project("a.pass\nb.fail\n");
    broken(&project, &[PLACE]);
    project.run(&[]);
    let (exit, shown) = said(&project, "rerun", &["@1"]);
    assert!(exit == Some(1) && shown.contains("FAILED  2 tests and 1 other"), "{shown}");
    assert!(shown.contains(&format!("@1: {PLACE} is no test, so all tests run\n")), "{shown}");
    let (exit, shown) = said(&project, "rerun", &["--all", "@1"]);
    assert!(exit == Some(1) && !shown.contains("is no test"), "{shown}");
}

#[test]
fn what_is_only_about_a_run_is_named_and_runs_again_where_no_test_failed() {
    let project = project("a.fail\nb.pass\n");
    let mut stream = Vec::new();
    let failure = |test_id, runnable| Event { runnable, ..Event::status(test_id, Status::Fail) };
    failure("a.fail", true).encode(&mut stream).unwrap();
    failure("(listing)", false).encode(&mut stream).unwrap();
    fs::write(project.folder().join("run.subunit"), stream).unwrap();
    assert_eq!(said(&project, "load", &["run.subunit"]).0, Some(1));
    let run = project.run(&["--failing"]);
    run.assert_results(&[("a.fail", Status::Fail)]);
    let line = "--failing: (listing) is no test, and does not run again by itself";
    assert!(run.stderr.contains(line), "{run:?}");
    project.write("tests.list", "a.fail\n");

    let mut stream = Vec::new();
    failure("(listing)", false).encode(&mut stream).unwrap();
    Event::status("a.fail", Status::Success).encode(&mut stream).unwrap();
    fs::write(project.folder().join("run.subunit"), stream).unwrap();
    said(&project, "load", &["run.subunit"]);
    let run = project.run(&["--failing"]);
    run.assert_results(&[("a.fail", Status::Fail)]);
    let line = "--failing: (listing) is no test, so all tests run";
    assert!(run.stderr.contains(line), "{run:?}");
}

#[test]
fn a_list_of_what_fails_says_what_it_leaves_out() {
    let project = project("a.fail\n");
    broken(&project, &[PLACE, "test_other.py"]);
    project.run(&[]);
    let (exit, shown) = said(&project, "failing", &["--list"]);
    assert_eq!(exit, Some(1));
    let left_out = "not listed: test_broken.py, test_other.py are no tests\n";
    assert_eq!(shown, format!("a.fail\nsubunit failing: {left_out}"));
}
