//! Several runners that have tests in one folder: all run, each below its name. Of Python and Perl, which any system has.

use std::fs;

use subunit_core::Status;

use crate::project::{Project, Ran};

const TESTS: &str = "import unittest\n\nclass A(unittest.TestCase):\n    def test_pass(self): pass\n    \
                     def test_fail(self): self.fail()\n";

/// Tests of unittest and of prove, and no configuration.
fn project() -> Project {
    let project = Project::bare();
    for folder in ["tests", "t"] {
        fs::create_dir(project.folder().join(folder)).unwrap();
    }
    project.write("tests/test_a.py", TESTS);
    project.write("t/a.t", "print qq(1..1\\nok 1\\n);\n");
    project.write("t/b.t", "print qq(1..1\\nnot ok 1\\n);\n");
    project
}

/// The results of programs of prove, without those of their points.
fn results(ran: &Ran) -> Vec<(String, Option<&str>, Status)> {
    let of_program = |id: &str| !id.contains(".t: ");
    let ends = ran.results.iter().filter(|end| of_program(&end.test_id));
    let first = |route: &'_ str| route.split('/').next().map(str::len).unwrap_or_default();
    let mut results: Vec<_> = ends
        .map(|end| {
            let route = end.route.as_deref().map(|route| &route[..first(route)]);
            (end.test_id.clone(), route, end.status)
        })
        .collect();
    results.sort();
    results
}

fn expected<'r>(all: &[(&str, &'r str, Status)]) -> Vec<(String, Option<&'r str>, Status)> {
    let mut all: Vec<_> =
        all.iter().map(|(id, route, status)| ((*id).to_owned(), Some(*route), *status)).collect();
    all.sort();
    all
}

const PASS: (&str, &str, Status) = ("test_a.A.test_pass", "unittest", Status::Success);
const FAIL: (&str, &str, Status) = ("test_a.A.test_fail", "unittest", Status::Fail);

#[test]
fn all_run_below_their_names_and_what_failed_runs_again_there() {
    let project = project();
    let all = project.run(&[]);
    let programs = [("t/a.t", "prove", Status::Success), ("t/b.t", "prove", Status::Fail)];
    assert_eq!(results(&all), expected(&[&[FAIL, PASS][..], &programs].concat()), "{all:?}");
    assert_eq!(all.exit, Some(1));
    // What is said of the run is said once, and of each runner what is its own.
    let said = |name: &str| all.output.iter().filter(|(file, _)| file == name).count();
    assert_eq!((said("run"), said("environment"), said("configuration")), (1, 1, 2), "{all:?}");
    assert!(all.text("run").contains("; prove"), "{all:?}");
    for again in [&["--failing"][..], &["--rerun=fail"]] {
        let failing = project.run(again);
        assert_eq!(results(&failing), expected(&[FAIL, programs[1]]), "{again:?} {failing:?}");
    }
    let output = project.verb("rerun").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("[prove/") && said.contains("[unittest/"), "{said}");
    // One of them is no other test than in the run of all.
    let one = project.run(&["--runner=unittest", "--failing"]);
    assert_eq!(results(&one), expected(&[FAIL]), "{one:?}");
    project.write("tests/test_a.py", &TESTS.replace("self.fail()", "pass"));
    assert_eq!(project.run(&["--runner=unittest"]).exit, Some(0));
    let failing = project.verb("failing").arg("--list").output().unwrap();
    let failing = String::from_utf8(failing.stdout).unwrap();
    assert!(failing.starts_with("t/b.t\n") && !failing.contains("test_a"), "{failing}");
}

#[test]
fn after_enough_failures_the_next_one_does_not_begin_and_is_named() {
    let project = project();
    let run = project.run(&["--fail-fast", "--jobs=1", "test_fail|a.t|b.t"]);
    assert_eq!(results(&run), expected(&[FAIL]), "{run:?}");
    assert!(run.text("stderr").contains("prove did not run: the run ended before"), "{run:?}");
    let run = project.run(&["--fail-fast=2", "--jobs=1", "test_fail|b.t"]);
    assert_eq!(results(&run).len(), 2, "{run:?}");
}

#[test]
fn what_cannot_be_divided_is_refused() {
    let project = project();
    project.write("list", "test_a.A.test_pass\n");
    for option in ["--resume", "--load-list=list"] {
        let run = project.run(&[option]);
        assert_eq!(run.exit, Some(2));
        assert!(run.stderr.contains("unittest, prove; name one: --runner=unittest"), "{run:?}");
    }
    let run = project.run(&["--load-list=list", "--runner=unittest"]);
    assert_eq!(results(&run), expected(&[PASS]), "{run:?}");
}

#[test]
fn a_listing_has_the_tests_of_all() {
    let output = project().verb("list").output().unwrap();
    let listed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(listed, "test_a.A.test_fail\ntest_a.A.test_pass\nt/a.t\nt/b.t\n");
}
