//! A suite whose tests cannot be listed.

use subunit_core::Status;

use crate::project::Project;

fn project(list: &str, command: &str) -> Project {
    let project = Project::new(list, false);
    project.configure(&format!("test_command={command}"));
    project
}

#[test]
fn one_worker_runs_all() {
    let project = project("a.pass\nb.fail\nc.file\nd.skip\n", "WORKER");
    let run = project.run(&["--jobs", "4"]);
    run.assert_results(&[
        ("a.pass", Status::Success),
        ("b.fail", Status::Fail),
        ("c.file", Status::Success),
        ("d.skip", Status::Skip),
    ]);
    assert_eq!(run.exit, Some(1));
    assert!(run.stderr.contains("one worker runs all: "), "{run:?}");
    assert!(!project.run(&[]).stderr.contains("one worker"));
    // Each run of several is the same.
    assert_eq!(project.run(&["--repeat", "2"]).results.len(), 8);
}

#[test]
fn a_crash_and_a_hung_test_are_blamed_by_name() {
    let run = project("a.pass\nb.kill\nc.pass\n", "WORKER").run(&[]);
    run.assert_results(&[("a.pass", Status::Success), ("b.kill", Status::Fail)]);
    assert!(run.reason("b.kill").contains("SIGKILL"), "{run:?}");
    let run = project("a.pass\nb.hang\n", "WORKER").run(&["--test-timeout", "0.2s"]);
    assert!(run.reason("b.hang").starts_with("timeout: `b.hang`"), "{run:?}");
    assert_eq!(run.exit, Some(1));
}

#[test]
fn what_needs_to_know_the_tests_is_refused() {
    let plain = project("a.pass\n", "WORKER");
    for (options, asked) in [
        (&["^a"][..], "a FILTER"),
        (&["--isolated"], "--isolated"),
        (&["--shard", "1/2"], "--shard"),
    ] {
        let run = plain.run(options);
        let told = format!("{asked} needs a listing of the tests");
        assert_eq!((run.exit, run.stderr.contains(&told)), (Some(2), true), "{run:?}");
    }
    let run = plain.run(&["--retries", "1"]);
    assert!(run.exit == Some(2) && run.stderr.contains("retries need to choose"), "{run:?}");
    // Where the command takes ids, one can run again.
    let run = project("a.flaky-1\nb.pass\n", "WORKER $IDOPTION").run(&["--retries", "1"]);
    assert_eq!((run.exit, run.results.len()), (Some(0), 3), "{run:?}");
}
