//! Tests that run more than once, alone, or in two parts.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::Stdio,
};

use rustix::process::{Pid, Signal, kill_process};
use subunit_core::Status;

use crate::{WAYS, project::Project};

/// How many runs are kept.
fn runs(project: &Project) -> String {
    fs::read_to_string(project.folder().join(".testrepository/next-stream")).unwrap()
}

#[test]
fn each_repetition_is_a_run_and_the_worst_counts() {
    for incremental in WAYS {
        let project = Project::new("a.flaky-1\nb.pass\n", incremental);
        let run = project.run(&["--repeat=3", "^a"]);
        let ends: Vec<_> = run.results.iter().map(|end| (end.status, end.attempt)).collect();
        let expected = [(Status::Fail, None), (Status::Success, None), (Status::Success, None)];
        assert_eq!((run.exit, ends), (Some(1), expected.to_vec()), "{run:?}");
        assert_eq!(runs(&project), "3\n");
        assert_eq!(
            run.stderr,
            "subunit run: run 1 of 3\nsubunit run: run 2 of 3\nsubunit run: run 3 of 3\n"
        );
        assert_eq!(project.run(&["--repeat=2"]).exit, Some(0));
    }
}

#[test]
fn the_tests_stay_those_that_were_chosen_first() {
    let project = Project::new("a.flaky-2\nb.pass\n", true);
    project.run(&[]);
    let run = project.run(&["--failing", "--repeat=3"]);
    assert_eq!((run.exit, run.results.len()), (Some(1), 3), "{run:?}");
}

#[test]
fn a_run_repeats_until_something_fails() {
    let project = Project::new("a.tires-2\n", true);
    let run = project.run(&["--until-failure"]);
    assert_eq!((run.exit, run.results.len(), &*runs(&project)), (Some(1), 3, "3\n"), "{run:?}");
    let project = Project::new("a.tires-2\n", true);
    let run = project.run(&["--until-failure", "--repeat=2"]);
    assert_eq!((run.exit, run.results.len()), (Some(0), 2));
    assert_eq!(project.run(&["--until-failure", "nothing"]).exit, Some(4));
}

#[test]
fn a_repetition_is_stopped_for_good() {
    let project = Project::new("a.sleep-60000\n", true);
    let mut command = project.command();
    command.args(["--until-failure", "--order=discovery"]).stdout(Stdio::null());
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
    assert_eq!(said.next().unwrap().unwrap(), "subunit run: run 1");
    // The signal is caught before the test can have begun.
    while !project.folder().join("a.sleep-60000.begun").exists() {
        std::thread::yield_now();
    }
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    assert!(!child.wait().unwrap().success());
    assert!(!said.any(|line| line.unwrap().contains("run 2")));
}

#[test]
fn an_isolated_test_has_a_process_of_its_own() {
    for incremental in WAYS {
        let list = "a.first\nb.first\nc.first\nd.first\n";
        let project = Project::new(list, incremental);
        let run = project.run(&["--jobs=2"]);
        assert_eq!(run.exit, Some(1), "two of them are second");
        let run = project.run(&["--jobs=2", "--isolated"]);
        assert_eq!((run.exit, run.results.len()), (Some(0), 4), "{run:?}");
        let project = Project::new("a.kill\nb.first\nc.flaky-1\n", incremental);
        let run = project.run(&["--jobs=1", "--isolated", "--retries=1"]);
        let failed = run.results.iter().filter(|end| end.status == Status::Fail);
        assert_eq!(failed.count(), 3, "{run:?}");
        assert_eq!((run.exit, run.results.len()), (Some(1), 5), "{run:?}");
    }
}

#[test]
fn a_stopped_run_goes_on() {
    for incremental in WAYS {
        let project = Project::new("a.pass\nb.fail\nc.pass\nd.skip\n", incremental);
        project.toml("");
        project.run(&["--jobs=1", "--fail-fast", "--order=discovery", "--isolated"]);
        let run = project.run(&["--resume"]);
        run.assert_results(&[
            ("a.pass", Status::Success),
            ("b.fail", Status::Fail),
            ("c.pass", Status::Success),
            ("d.skip", Status::Skip),
        ]);
        assert_eq!(run.exit, Some(1));
        assert!(run.text("plan").starts_with("{\"tests\":4,"), "{run:?}");
        // It is one run now.
        assert_eq!(project.run(&["--resume"]).results.len(), 4);
        assert_eq!(project.run(&["--failing"]).sorted_ids(), ["b.fail"]);
    }
}

#[test]
fn what_cannot_go_on_says_so() {
    let project = Project::new("a.pass\n", true);
    let said = |arguments: &[&str]| {
        let run = project.run(arguments);
        assert_eq!((run.exit, run.results.len()), (Some(2), 0), "{run:?}");
        run.stderr
    };
    assert!(said(&["--resume"]).contains("there is no run to go on with"));
    project.run(&[]);
    // A repository of testr does not keep it.
    assert!(said(&["--resume"]).contains("does not say which tests there were"));
    assert!(said(&["--resume", "--failing"]).contains("--failing does not go with --resume"));
}
