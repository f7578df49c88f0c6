//! Workers that read a test, say nothing of it, and wait for the next one.

use subunit_core::Status;

use crate::project::Project;

#[test]
fn a_test_that_its_worker_says_nothing_of_fails_by_name_and_the_others_run() {
    let project = Project::new("a.mute\nb.pass\nc.pass\n", true);
    let run = project.run(&["--jobs=1"]);
    run.assert_results(&[
        ("a.mute", Status::Fail),
        ("b.pass", Status::Success),
        ("c.pass", Status::Success),
    ]);
    assert_eq!(run.reason("a.mute"), "never run: its worker read it, and said nothing of it\n");
    assert_eq!(run.exit, Some(1));
}

#[test]
fn a_last_test_that_its_worker_says_nothing_of_fails_by_name() {
    for arguments in [&["--jobs=1"][..], &["--jobs=2", "--retries=1"]] {
        let project = Project::new("a.pass\nb.mute\n", true);
        let run = project.run(arguments);
        run.assert_results(&[("a.pass", Status::Success), ("b.mute", Status::Fail)]);
        assert_eq!(run.exit, Some(1), "{run:?}");
    }
}

#[test]
fn a_slow_test_that_does_not_say_that_it_begins_is_waited_for() {
    let project = Project::new("a.quiet-11000\nb.pass\nc.quiet-11000\nd.pass\n", true);
    let run = project.run(&["--jobs=2"]);
    assert_eq!((run.exit, run.results.len()), (Some(0), 4), "{run:?}");
}
