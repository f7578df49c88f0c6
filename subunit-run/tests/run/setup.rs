//! The commands `setup` and `teardown` of a configuration.

use std::fs;

use subunit_core::Status;

use crate::{
    WAYS,
    project::{Project, Ran},
};

/// Writes down what runs: `s` the setup, `t` the teardown.
const BOTH: &str = "setup = 'echo s >> ran; echo setting up'\nteardown = 'echo t >> ran'\n";

fn ran(project: &Project) -> String {
    fs::read_to_string(project.folder().join("ran")).unwrap_or_default().replace('\n', "")
}

#[test]
fn they_run_once_around_all_tests_and_are_no_tests() {
    for incremental in WAYS {
        let project = Project::new("a.pass\nb.fail\n", incremental);
        project.toml(BOTH);
        let run = project.run(&["--jobs", "2"]);
        run.assert_results(&[("a.pass", Status::Success), ("b.fail", Status::Fail)]);
        assert_eq!((ran(&project).as_str(), run.text("stdout").as_str()), ("st", "setting up\n"));
        // What they print looks like results, and is output.
        project.toml("setup = 'echo ok 1 - x'\nteardown = 'echo not ok 1 - x'\n");
        let run = project.run(&["a.pass"]);
        assert_eq!((run.exit, run.results.len()), (Some(0), 1), "{run:?}");
        assert_eq!(run.text("stdout"), "ok 1 - x\nnot ok 1 - x\n");
        // To list tests needs neither.
        project.toml(BOTH);
        assert!(project.verb("list").output().unwrap().status.success());
        assert_eq!(ran(&project), "st");
    }
}

#[test]
fn after_a_setup_that_fails_nothing_else_runs_but_the_teardown() {
    for incremental in WAYS {
        let project = Project::new("a.pass\n", incremental);
        project.toml("setup = 'echo no database >&2; exit 3'\nteardown = 'echo t >> ran'\n");
        let run = project.run(&[]);
        run.assert_results(&[("(setup)", Status::Fail)]);
        let reason = run.reason("(setup)");
        assert!(reason.starts_with("setup failed: exit status 3; no test runs\n"), "{reason}");
        assert!(reason.contains("no database"), "{reason}");
        assert_eq!((run.exit, ran(&project).as_str()), (Some(1), "t"));
    }
}

#[test]
fn a_teardown_that_fails_is_red_by_name() {
    let project = Project::new("a.pass\n", true);
    project.toml("teardown = 'echo still there; exit 4'\n");
    let run = project.run(&[]);
    run.assert_results(&[("a.pass", Status::Success), ("(teardown)", Status::Fail)]);
    assert!(run.reason("(teardown)").starts_with("teardown failed: exit status 4\n"), "{run:?}");
    assert_eq!(run.exit, Some(1));
}

#[test]
fn the_teardown_runs_whatever_ends_the_run() {
    for (list, options, more) in [
        ("a.pass\n", &["nothing"][..], ""),
        ("a.fail\nb.pass\n", &["--fail-fast", "--jobs", "1"], ""),
        ("a.hang\n", &["--max-duration", "0.3s"], ""),
        ("a.pass\n", &["--max-duration", "0.3s"], "setup = 'exec sleep 60'\n"),
    ] {
        let project = Project::new(list, true);
        project.toml(&format!("teardown = 'echo t >> ran'\n{more}"));
        let run = project.run(options);
        assert_eq!(ran(&project), "t", "{run:?}");
        assert_ne!(run.exit, Some(0));
    }
}

#[test]
fn the_teardown_runs_after_an_interrupt_of_tests_and_of_the_setup() {
    for setup in ["", "setup = 'echo ready; exec sleep 60'\n"] {
        let project = Project::new("a.hang\n", true);
        project.toml(&format!("teardown = 'echo t >> ran'\n{setup}"));
        let is_there = |said: &[u8]| match setup {
            "" => Ran::begun(said, "a.hang"),
            _ => said.windows(5).any(|bytes| bytes == b"ready"),
        };
        // It ends as by the signal itself.
        let ended_by = project.interrupted(is_there);
        assert_eq!((ended_by, ran(&project).as_str()), (Some(2), "t"));
    }
}

#[test]
fn the_teardown_ends_what_the_setup_has_left_running() {
    let project = Project::new("a.pass\n", true);
    project.toml(
        "setup = 'sleep 60 & echo $! > pid'\nteardown = 'kill $(cat pid) && echo t >> ran'\n",
    );
    let run = project.run(&[]);
    run.assert_results(&[("a.pass", Status::Success)]);
    assert_eq!((run.exit, ran(&project).as_str()), (Some(0), "t"), "{run:?}");
    assert!(!run.text("stderr").contains("left running"), "{run:?}");
}
