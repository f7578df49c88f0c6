//! Runners that take lists and get them in batches.

use subunit_core::Status;

use crate::project::Project;

/// A project whose worker says in the file `processes` how many tests each process got, and where.
fn project(list: &str, lines: &str) -> Project {
    let project = Project::new(list, false);
    project.script(
        "counted",
        "#!/bin/sh\nfor file; do :; done\ntest \"$file\" = --list || wc -l < \"$file\" >> processes\nexec \"$@\"\n",
    );
    let worker = crate::project::worker();
    project.write(
        "subunit.toml",
        &format!(
            "test_command = 'counted {} $LISTOPT $IDOPTION'\ntest_list_option = '--list'\n\
             test_id_option = '--load-list $IDFILE'\n{lines}\n",
            worker.display()
        ),
    );
    project
}

fn sizes(project: &Project) -> Vec<usize> {
    let text = std::fs::read_to_string(project.folder().join("processes")).unwrap();
    text.lines().map(|line| line.trim().parse().unwrap()).collect()
}

fn passing(count: usize) -> String {
    (0..count).map(|nth| format!("t{nth:02}.pass\n")).collect()
}

#[test]
fn a_worker_gets_one_list_unless_batches_are_asked_for() {
    for (lines, least, most) in [
        ("", 20, 20),
        ("batch = 'list'", 20, 20),
        ("batch = 3", 1, 3),
        ("batch = 'auto'", 1, 10),
        ("batch = '5s'", 1, 10),
        ("batch = '1ms'", 1, 10),
    ] {
        let project = project(&passing(20), lines);
        let run = project.run(&["--jobs", "1"]);
        assert_eq!((run.exit, run.results.len()), (Some(0), 20), "{lines}: {run:?}");
        let sizes = sizes(&project);
        assert_eq!(sizes.iter().sum::<usize>(), 20);
        assert!(sizes.iter().all(|size| (least..=most).contains(size)), "{lines}: {sizes:?}");
    }
}

#[test]
fn ids_of_a_command_line_are_below_its_limit() {
    let long = "x".repeat(10_000);
    let list: String = (0..30).map(|nth| format!("{long}{nth}.pass\n")).collect();
    let project = Project::new(&list, false);
    project.script(
        "counted",
        "#!/bin/sh\ntest $1 = --list && exec \"$WORKER\" --list\necho $# >> processes\n\
         for id; do echo \"$id\"; done > ids\nexec \"$WORKER\" --load-list ids\n",
    );
    project.write(
        "subunit.toml",
        &format!(
            "test_command = 'counted $LISTOPT $IDLIST'\ntest_list_option = '--list'\n\
             batch = 1000\n[environment]\nWORKER = '{}'\n",
            crate::project::worker().display()
        ),
    );
    let run = project.run(&["--jobs", "1"]);
    assert_eq!((run.exit, run.results.len()), (Some(0), 30), "{}", run.stderr);
    assert!(sizes(&project).iter().all(|size| (1..=10).contains(size)), "{:?}", sizes(&project));
}

#[test]
fn a_crash_of_a_batch_blames_the_test_that_ran() {
    let list = "a.pass\na.kill\nb.exit-3\nb.pass\nc.pass\nd.pass\n";
    for jobs in ["1", "2"] {
        let project = project(list, "batch = 4");
        let run = project.run(&["--jobs", jobs]);
        run.assert_results(&[
            ("a.pass", Status::Success),
            ("a.kill", Status::Fail),
            ("b.exit-3", Status::Fail),
            ("b.pass", Status::Success),
            ("c.pass", Status::Success),
            ("d.pass", Status::Success),
        ]);
        assert!(run.reason("a.kill").contains("SIGKILL"), "{run:?}");
    }
}

#[test]
fn a_test_of_a_batch_that_takes_too_long_is_stopped_by_name() {
    let project = project("a.pass\nb.hang\nc.pass\nd.pass\n", "batch = 4");
    let run = project.run(&["--jobs", "1", "--test-timeout", "0.2s"]);
    run.assert_results(&[
        ("a.pass", Status::Success),
        ("b.hang", Status::Fail),
        ("c.pass", Status::Success),
        ("d.pass", Status::Success),
    ]);
    assert!(run.reason("b.hang").starts_with("timeout: `b.hang` has been running"), "{run:?}");
}

#[test]
fn a_test_of_a_batch_that_failed_runs_again() {
    let project = project("a.flaky-1\nb.pass\nc.attempt-1\nd.flaky-2\n", "batch = 4");
    let run = project.run(&["--jobs", "2", "--retries", "2"]);
    assert_eq!((run.exit, run.results.len()), (Some(0), 7), "{run:?}");
}

#[test]
fn no_batch_begins_after_so_many_failures() {
    let project = project("a.fail\nb.fail\nc.fail\nd.fail\n", "batch = 1");
    let run = project.run(&["--jobs", "1", "--fail-fast=2"]);
    assert_eq!((run.exit, run.results.len()), (Some(1), 2), "{run:?}");
}

#[test]
fn a_stopped_run_of_batches_goes_on() {
    let project = project("a.pass\nb.fail\nc.pass\nd.skip\ne.pass\n", "batch = 2");
    project.run(&["--jobs=1", "--fail-fast"]);
    let run = project.run(&["--jobs=1", "--resume"]);
    run.assert_results(&[
        ("a.pass", Status::Success),
        ("b.fail", Status::Fail),
        ("c.pass", Status::Success),
        ("d.skip", Status::Skip),
        ("e.pass", Status::Success),
    ]);
    assert_eq!(run.exit, Some(1));
    assert_eq!(sizes(&project), [2, 2, 1]);
}

#[test]
fn batches_of_a_runner_that_takes_tests_one_by_one_are_told() {
    let project = Project::new("a.pass\nb.pass\n", true);
    project.toml("batch = 2\n");
    let run = project.run(&["--jobs=1"]);
    assert_eq!((run.exit, run.results.len()), (Some(0), 2), "{run:?}");
    assert!(run.stderr.contains("`batch` does not count"), "{run:?}");
}

#[test]
fn a_batch_has_tests_of_one_environment() {
    let list = "a.env-x\nb.env-y\nc.env-x\nd.env-y\n";
    let lines = "batch = 4\n[environment]\nFLAVOUR = 'x'\n[[override]]\ntests = 'y$'\n\
        environment.FLAVOUR = 'y'\n";
    let project = project(list, lines);
    let run = project.run(&["--jobs", "1"]);
    assert_eq!((run.exit, run.results.len()), (Some(0), 4), "{run:?}");
}

#[test]
fn a_test_that_its_process_leaves_out_fails_by_name() {
    // It runs the first test of each list only, and ends well or not.
    for (status, reason) in
        [(0, "its worker ended (exit status 0) without it"), (1, "workers ended")]
    {
        let project = Project::new("a.pass\nb.pass\nc.pass\n", false);
        let worker = crate::project::worker();
        project.script(
            "some",
            &format!(
                "#!/bin/sh\ntest $1 = --list && exec {0} --list\ngrep -v b.pass $2 > some.$$\n\
                 {0} --load-list some.$$\nexit {status}\n",
                worker.display()
            ),
        );
        project.write(
            "subunit.toml",
            "test_command = 'some $LISTOPT $IDOPTION'\ntest_list_option = '--list'\n\
             test_id_option = '--load-list $IDFILE'\nbatch = 'auto'\n",
        );
        let run = project.run(&["--jobs", "2"]);
        assert_eq!(run.exit, Some(1), "{run:?}");
        let status =
            |test_id| run.results.iter().find(|end| end.test_id == test_id).unwrap().status;
        assert_eq!((status("a.pass"), status("c.pass")), (Status::Success, Status::Success));
        assert_eq!(status("b.pass"), Status::Fail);
        assert!(run.reason("b.pass").contains(reason), "{run:?}");
    }
}
