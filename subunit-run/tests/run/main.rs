//! Runs of a suite whose worker is `examples/worker.rs`: what its tests do is in their ids.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod adapters;
mod artifacts;
mod at_changes;
mod batches;
mod beside;
mod broken_places;
mod coverage;
mod detached;
mod instances;
mod isolation;
mod kept;
mod keys;
mod killed;
mod list;
mod mute;
mod options;
mod outside;
mod pager;
mod policy;
mod project;
#[cfg(feature = "python-tests")]
mod python;
mod quarantine;
mod repeat;
mod running;
#[path = "../schema_support/mod.rs"]
mod schema_support;
mod select;
mod series;
mod setup;
mod terminal;
mod unlisted;

use std::{
    io::{BufRead, BufReader, Read},
    process::Stdio,
};

use project::{End, Project};
use rustix::process::{Pid, Signal, kill_process};
use subunit_core::Status;

/// The ways in which a worker takes tests.
const WAYS: [bool; 2] = [true, false];

#[test]
fn every_test_has_one_result() {
    for incremental in WAYS {
        let project = Project::new("a.pass\na.fail\nb.skip\nb.print\nc.sleep-20\n", incremental);
        let run = project.run(&["--jobs", "2"]);
        assert_eq!(run.exit, Some(1), "{run:?}");
        let expected = [
            ("a.pass", Status::Success),
            ("a.fail", Status::Fail),
            ("b.skip", Status::Skip),
            ("b.print", Status::Success),
            ("c.sleep-20", Status::Success),
        ];
        run.assert_results(&expected);
        assert!(run.text("stdout").contains("printed by b.print"), "{run:?}");
    }
}

#[test]
fn a_crash_blames_the_test_that_ran_and_the_rest_goes_on() {
    for incremental in WAYS {
        let project = Project::new("a.pass\na.kill\nb.exit-3\nb.pass\nc.pass\n", incremental);
        let run = project.run(&["--jobs", "1"]);
        run.assert_results(&[
            ("a.pass", Status::Success),
            ("a.kill", Status::Fail),
            ("b.exit-3", Status::Fail),
            ("b.pass", Status::Success),
            ("c.pass", Status::Success),
        ]);
        assert!(run.reason("a.kill").contains("SIGKILL"), "{run:?}");
        assert!(run.reason("b.exit-3").starts_with("exit status 3 while this test was running"));
        assert_eq!(run.exit, Some(1));
    }
}

#[test]
fn a_worker_that_never_runs_a_test_is_given_up() {
    for incremental in WAYS {
        let project = Project::new("a.pass\nb.pass\n", incremental);
        project
            .configure("test_command=case '$LISTOPT' in --list) WORKER --list;; *) exit 7;; esac");
        let run = project.run(&["--jobs", "1"]);
        assert_eq!(run.exit, Some(1));
        let status =
            |test_id| run.results.iter().find(|end| end.test_id == test_id).unwrap().status;
        assert_eq!((status("a.pass"), status("b.pass")), (Status::Fail, Status::Fail), "{run:?}");
        assert!(run.reason("b.pass").contains("never run"), "{run:?}");
    }
}

#[test]
fn a_test_that_takes_too_long_is_stopped_by_name() {
    for incremental in WAYS {
        let project = Project::new("a.hang\nb.pass\nc.pass\n", incremental);
        let run = project.run(&["--jobs", "2", "--test-timeout", "0.2s"]);
        run.assert_results(&[
            ("a.hang", Status::Fail),
            ("b.pass", Status::Success),
            ("c.pass", Status::Success),
        ]);
        let reason = run.reason("a.hang");
        assert!(reason.starts_with("timeout: `a.hang` has been running for 0.2 s: "), "{reason}");
    }
}

#[test]
fn a_process_that_does_not_end_after_its_tests_is_stopped_by_name() {
    for incremental in WAYS {
        let project = Project::new("a.linger\nb.pass\n", incremental);
        let run = project.run(&["--jobs", "1", "--no-output-timeout", "0.3s"]);
        let failed: Vec<_> = run.results.iter().filter(|end| end.status == Status::Fail).collect();
        assert_eq!((run.exit, failed.len()), (Some(1), 1), "{run:?}");
        let told = "timeout: it did not end for 0.3 s after its last test: ";
        assert!(failed[0].reason.starts_with(told), "{run:?}");
    }
}

#[test]
fn a_test_that_failed_runs_again() {
    for incremental in WAYS {
        let project = Project::new("a.flaky-2\nb.fail\nc.pass\n", incremental);
        let run = project.run(&["--jobs", "2", "--retries", "2"]);
        let of = |test_id: &str| -> Vec<&End> {
            run.results.iter().filter(|end| end.test_id == test_id).collect()
        };
        let attempts: Vec<_> =
            of("a.flaky-2").iter().map(|end| (end.attempt, end.status)).collect();
        let flaky = [(Some(1), Status::Fail), (Some(2), Status::Fail), (Some(3), Status::Success)];
        assert_eq!(attempts, flaky, "{run:?}");
        assert_eq!(of("b.fail").len(), 3);
        assert_eq!(of("c.pass")[0].attempt, Some(1), "every attempt is marked");
        let project = Project::new("a.flaky-2\nc.pass\n", incremental);
        assert_eq!(project.run(&["--retries", "2"]).exit, Some(0));
        let project = Project::new("a.flaky-2\nc.pass\n", incremental);
        assert_eq!(project.run(&["--retries", "2", "--flaky", "fail"]).exit, Some(1));
    }
}

#[test]
fn only_what_is_selected_runs() {
    for incremental in WAYS {
        let project = Project::new("a.pass\na.fail\nb.pass\nb.skip\n", incremental);
        let ids = |arguments: &[&str]| project.run(arguments).sorted_ids();
        assert_eq!(ids(&["^a", "skip"]), ["a.fail", "a.pass", "b.skip"]);
        assert_eq!(ids(&["--exclude", "fail|skip"]), ["a.pass", "b.pass"]);
        project.write("list", "b.skip\nb.pass\n");
        assert_eq!(ids(&["--load-list", "list"]), ["b.pass", "b.skip"]);
        assert_eq!(ids(&["--exclude-list", "list"]), ["a.fail", "a.pass"]);
        // The last run failed there.
        assert_eq!(ids(&["--failing"]), ["a.fail"]);
        let none = project.run(&["nothing"]);
        assert_eq!((none.exit, none.results.len()), (Some(4), 0));
        assert_eq!(project.run(&["("]).exit, Some(2));
    }
}

/// The last line that is shown of a run.
fn last_line(project: &Project, arguments: &[&str]) -> String {
    let output = project.command().args(arguments).output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    shown.lines().last().unwrap_or_default().to_owned()
}

#[test]
fn the_last_line_says_how_to_run_the_failures_again() {
    let project = Project::new("a.pass\na.fail\nb.fail\n", true);
    project.write("list", "a.fail\n");
    let again = "run again: subunit run --failing";
    assert_eq!(last_line(&project, &[]), again);
    assert_eq!(last_line(&project, &["--failing"]), again);
    assert_eq!(last_line(&project, &["--brief"]), again);
    assert!(!last_line(&project, &["--brief", "--budget", "90"]).contains("again"));
    assert_eq!(
        last_line(&project, &["--exclude", "it's", "--load-list", "list", "^a", "f.*"]),
        format!(r"{again} '--exclude=it'\''s' --load-list=list ^a 'f.*'")
    );
    assert!(!last_line(&project, &["pass"]).contains("again"));
    assert_eq!(last_line(&project, &["--", "false"]), "false: exit status 1");
}

#[test]
fn a_signal_asks_what_runs() {
    for shown in [&["--jobs", "1"][..], &["--jobs", "1", "--subunit"]] {
        let project = Project::new("a.pass\nb.hang\n", true);
        let mut command = project.command();
        command.args(shown).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
        // From the first output on questions are heard.
        assert!(!stdout.fill_buf().unwrap().is_empty());
        let process = Pid::from_child(&child);
        let mut asked = || {
            kill_process(process, Signal::USR1).unwrap();
            said.next().unwrap().unwrap()
        };
        // The test may not have begun.
        let mut answers = std::iter::repeat_with(&mut asked);
        assert!(answers.any(|line| line.starts_with("[0] b.hang ")));
        kill_process(process, Signal::INT).unwrap();
        stdout.read_to_end(&mut Vec::new()).unwrap();
        assert!(!child.wait().unwrap().success());
    }
}

#[test]
fn a_listing_that_fails_is_red_and_what_it_listed_runs() {
    for incremental in WAYS {
        let project = Project::new("a.pass\n", incremental);
        project.configure("test_command=WORKER $LISTOPT $IDOPTION; test -z '$LISTOPT' || exit 5");
        let run = project.run(&[]);
        assert_eq!(run.exit, Some(1));
        let listing = run.results.iter().find(|end| end.test_id == "(listing)").unwrap();
        assert!(listing.reason.contains("exit status 5, after 1 test"), "{run:?}");
        let passed = run.results.iter().find(|end| end.test_id == "a.pass").unwrap();
        assert_eq!(passed.status, Status::Success);
    }
}

#[test]
fn a_worker_may_have_a_terminal() {
    for incremental in WAYS {
        let project = Project::new("a.terminal\nb.print\n", incremental);
        assert_eq!(project.run(&[]).reason("a.terminal"), "no terminal");
        let run = project.run(&["--pty"]);
        run.assert_results(&[("a.terminal", Status::Success), ("b.print", Status::Success)]);
        assert_eq!(run.text("stdout"), "printed by b.print\n");
    }
}

#[test]
fn a_run_ends_after_so_many_failures() {
    let project = Project::new("a.fail\nb.fail\nc.fail\nd.fail\n", true);
    let run = project.run(&["--jobs", "1", "--fail-fast=2"]);
    assert_eq!((run.exit, run.sorted_ids()), (Some(1), vec!["a.fail".to_owned(), "b.fail".into()]));
}

#[test]
fn ids_that_no_list_can_hold_are_refused_by_name() {
    let project = Project::new("a.pass\n", false);
    project.write("list", "a.pass\n");
    let long = "x".repeat(100_000) + ".pass";
    project.write("tests.list", &format!("a.pass\n{long}\n"));
    let run = project.run(&[]);
    assert_eq!(run.sorted_ids(), ["a.pass", &long]);
    assert_eq!(run.exit, Some(0));
}
