//! The worker of unittest.

use std::{fs, process::Command};

use subunit_core::Status;

use crate::project::{Project, Ran, copy};

/// The suite with all that can come of a test, and no configuration.
fn project() -> Project {
    let project = Project::new("", true);
    fs::remove_file(project.folder().join(".testr.conf")).unwrap();
    copy("adapters/unittest", project.folder());
    project
}

fn run(project: &Project, arguments: &[&str]) -> Ran {
    let mut command = project.command();
    command.env("PYTHONDONTWRITEBYTECODE", "1").env_remove("PYTHONPATH");
    Ran::of(&command.arg("--subunit").args(arguments).output().unwrap())
}

#[test]
fn every_test_ends_under_its_own_name() {
    let project = project();
    let run = run(&project, &["--jobs", "1"]);
    assert!(run.stderr.contains("no configuration; unittest: tests/test_broken.py"), "{run:?}");
    run.assert_results(&[
        ("tests.test_u.A.test_pass", Status::Success),
        ("tests.test_u.A.test_fail", Status::Fail),
        ("tests.test_u.A.test_error", Status::Fail),
        ("tests.test_u.A.test_skip", Status::Skip),
        ("tests.test_u.A.test_xfail", Status::ExpectedFailure),
        ("tests.test_u.A.test_ux", Status::UnexpectedSuccess),
        ("tests.test_u.A.test_subs", Status::Fail),
        ("tests.test_u.A.test_output", Status::Fail),
        ("setUpClass (tests.test_u.B)", Status::Fail),
        ("tests.test_u.B.test_1", Status::Fail),
        ("tests.test_u.B.test_2", Status::Fail),
        ("setUpClass (tests.test_u.S)", Status::Skip),
        ("tests.test_u.S.test_1", Status::Skip),
        ("tests.test_u.S.test_2", Status::Skip),
        ("tests.test_u.T.test", Status::Success),
        ("tearDownClass (tests.test_u.T)", Status::Fail),
        ("setUpModule (tests.test_mod)", Status::Skip),
        ("tests.test_mod.M.test", Status::Skip),
        ("tests.test_mod.N.test", Status::Skip),
        ("unittest.loader._FailedTest.tests.test_broken", Status::Fail),
    ]);
    let order = fs::read_to_string(project.folder().join("order.log")).unwrap();
    assert_eq!(order, "+A\nbody\n-A\n", "a class is set up once");
}

#[test]
fn the_options_of_a_command_stay() {
    let project = project();
    let words = ["--jobs", "1", "--", "python3", "-m", "unittest", "-b", "-k", "output"];
    let output = project.command().args(["--show", "all"]).args(words).output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.contains("  stdout:\n    said here\n"), "{shown}");
    let words = ["--jobs", "1", "--", "python3", "-m", "unittest", "tests.test_u.S"];
    let mut ids = run(&project, &words).sorted_ids();
    ids.retain(|id| !id.starts_with("setUp"));
    assert_eq!(ids, ["tests.test_u.S.test_1", "tests.test_u.S.test_2"]);
}

#[test]
fn a_test_that_ends_its_process_is_red_and_the_others_run() {
    let project = Project::new("", true);
    fs::remove_file(project.folder().join(".testr.conf")).unwrap();
    let tests = "import os, unittest\nclass A(unittest.TestCase):\n  def test_1(self): pass\n  \
                 def test_2(self): os._exit(0)\n  def test_3(self): pass\n";
    project.write("test_x.py", tests);
    let mut plain = Command::new("python3");
    plain.args(["-m", "unittest"]).current_dir(project.folder());
    assert_eq!(plain.output().unwrap().status.code(), Some(0), "unittest does not notice");
    let run = run(&project, &["--jobs", "1"]);
    run.assert_results(&[
        ("test_x.A.test_1", Status::Success),
        ("test_x.A.test_2", Status::Fail),
        ("test_x.A.test_3", Status::Success),
    ]);
}
