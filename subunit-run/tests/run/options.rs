//! What options and the configuration say of tests.

use subunit_core::Status;

use crate::{
    WAYS,
    project::{Project, Ran},
};

/// The ids of the results, in their order.
fn order(run: &Ran) -> Vec<&str> {
    run.results.iter().map(|end| end.test_id.as_str()).collect()
}

#[test]
fn an_override_counts_for_its_tests() {
    for incremental in WAYS {
        let project = Project::new("a.hang\nb.flaky-1\nc.fail\n", incremental);
        project.toml(
            "[[override]]\ntests = 'hang'\ntest_timeout = '200ms'\n\
             [[override]]\ntests = 'flaky'\nretries = 1\n",
        );
        let run = project.run(&["--jobs", "1"]);
        let ends: Vec<_> =
            run.results.iter().map(|end| (&*end.test_id, end.status, end.attempt)).collect();
        let expected = [
            ("a.hang", Status::Fail, None),
            ("b.flaky-1", Status::Fail, Some(1)),
            ("b.flaky-1", Status::Success, Some(2)),
            ("c.fail", Status::Fail, None),
        ];
        for end in expected {
            assert!(ends.contains(&end), "{end:?} {run:?}");
        }
        assert_eq!(ends.len(), expected.len());
        assert!(run.reason("a.hang").contains("timeout: `a.hang`"), "{run:?}");
    }
}

#[test]
fn an_override_may_set_variables() {
    for incremental in WAYS {
        for jobs in ["1", "2"] {
            let list = "a1.env-a\nb1.env-b\na2.env-a\nb2.env-b\na3.kill\na4.env-a\n";
            let project = Project::new(list, incremental);
            project.toml(
                "environment = { FLAVOUR = 'a' }\n\
                 [[override]]\ntests = '^b'\nenvironment = { FLAVOUR = 'b' }\n",
            );
            let run = project.run(&["--jobs", jobs]);
            run.assert_results(&[
                ("a1.env-a", Status::Success),
                ("a2.env-a", Status::Success),
                ("a3.kill", Status::Fail),
                ("a4.env-a", Status::Success),
                ("b1.env-b", Status::Success),
                ("b2.env-b", Status::Success),
            ]);
        }
    }
}

#[test]
fn options_go_over_overrides() {
    let project = Project::new("a.flaky-1\n", true);
    project.toml("[[override]]\ntests = 'a'\nretries = 1\n");
    assert_eq!(project.run(&["--retries", "0"]).results.len(), 1);
    let project = Project::new("a.hang\n", true);
    project.toml("[[override]]\ntests = 'a'\ntest_timeout = 'disabled'\n");
    let run = project.run(&["--test-timeout", "0.2s"]);
    assert!(run.reason("a.hang").contains("timeout"), "{run:?}");
}

#[test]
fn priorities_and_orders_count_for_lists_too() {
    for incremental in WAYS {
        let project = Project::new("b.pass\nc.pass\na.pass\n", incremental);
        project.toml("[[override]]\ntests = 'c'\npriority = 1\n");
        let run = project.run(&["--jobs", "1", "--order", "alphabetical"]);
        assert_eq!(order(&run), ["c.pass", "a.pass", "b.pass"], "{incremental}");
    }
}

#[test]
fn a_seed_is_told_and_taken_back() {
    for incremental in WAYS {
        let list: String = (0..20).map(|n| format!("t{n}.pass\n")).collect();
        let project = Project::new(&list, incremental);
        let run = project.run(&["--jobs", "1", "--order", "shuffle"]);
        let option = run.stderr.trim().strip_prefix("subunit run: ").unwrap();
        assert!(option.starts_with("--order=shuffle:"), "{run:?}");
        let again = project.run(&["--jobs", "1", option]);
        assert_eq!((order(&run), again.stderr.as_str()), (order(&again), ""));
        assert_ne!(order(&run), list.lines().collect::<Vec<_>>());
    }
}

#[test]
fn tests_that_may_not_run_at_once_do_not() {
    for incremental in WAYS {
        // Each passes only if no other one is there.
        let list = "a.alone\nb.alone\nc.alone\nd.alone\n";
        let project = Project::new(list, incremental);
        project.toml("[[group]]\nmatch = 'alone'\nmax = 1\n");
        let run = project.run(&["--jobs", "4"]);
        assert_eq!((run.exit, run.results.len()), (Some(0), 4), "{run:?}");
    }
}

#[test]
fn limited_tests_of_a_list_runner_have_processes_of_their_own_and_the_others_share() {
    let list = "a.alone\nb.pass\nc.first\nd.pass\ne.alone\nf.first\n";
    let project = Project::new(list, false);
    let limits = "[[group]]\nmatch = 'alone'\nexclusive = true\n";
    project.toml(limits);
    let run = project.run(&["--jobs", "1", "--order", "discovery"]);
    // The second `first` is in the process of the first one.
    assert_eq!(run.exit, Some(1), "{run:?}");
    assert_eq!(run.reason("f.first"), "not the first");
    assert_eq!(order(&run), ["a.alone", "b.pass", "c.first", "d.pass", "f.first", "e.alone"]);
}

#[test]
fn an_override_may_be_for_a_tag_of_the_last_run() {
    let project = Project::new("a.tag-x.flaky-2\nb.flaky-1\n", true);
    project.toml("[[override]]\ntag = 'x'\nretries = 1\n");
    assert_eq!(project.run(&["--jobs", "1"]).results.len(), 2);
    let run = project.run(&["--jobs", "1"]);
    let ends: Vec<_> = run.results.iter().map(|end| (&*end.test_id, end.status)).collect();
    let flaky = "a.tag-x.flaky-2";
    for end in [(flaky, Status::Fail), (flaky, Status::Success), ("b.flaky-1", Status::Success)] {
        assert!(ends.contains(&end), "{run:?}");
    }
}
