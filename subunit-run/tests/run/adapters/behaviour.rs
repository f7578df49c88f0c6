//! The adapters of runners of behaviour.

use subunit_core::Status::{Fail, Skip, Success as Pass};

use super::runners::{project, run};

#[test]
fn robot_runs_batches_and_a_tear_down_of_a_suite_is_red() {
    let project = project("robot");
    let expected = [
        ("Suites.A.Passes", Pass),
        ("Suites.A.Fails [x] * and ?", Fail),
        ("Suites.A.Skipped", Skip),
        ("Suites.A.Ends Its Process", Fail),
        ("Suites.A.After", Pass),
        ("Suites.B.Other", Pass),
        ("Suites.B [teardown]", Fail),
    ];
    run(&project, &["--jobs", "2"]).assert_results(&expected);
    assert!(!project.folder().join("output.xml").exists());
    let some = run(&project, &["A.Fails", "--", "robot", "suites"]);
    some.assert_results(&expected[1..2]);
    assert_eq!(some.reason("Suites.A.Fails [x] * and ?"), "");
    // What writes files of the whole run is left to one process.
    let whole = run(&project, &["--", "robot", "-d", "out", "--test", "*.passes", "suites"]);
    whole.assert_results(&expected[..1]);
    assert!(whole.stderr.contains("-d is about the whole run"), "{whole:?}");
    assert!(project.folder().join("out/output.xml").is_file());
}

#[test]
fn behave_runs_batches_of_scenarios() {
    let project = project("behave");
    let expected = [
        ("features/a.feature > passes", Pass),
        ("features/a.feature > fails", Fail),
        ("features/a.feature > undefined", Fail),
        ("features/a.feature > skipped", Skip),
        ("features/a.feature > ends its process", Fail),
        ("features/a.feature > counts 1 -- @1.1", Pass),
        ("features/a.feature > counts 3 -- @1.2", Fail),
        ("features/b.feature > after", Pass),
        ("features/b.feature:5 > after", Fail),
    ];
    run(&project, &["--jobs", "2"]).assert_results(&expected);
    let some = run(&project, &["--jobs", "1", "--", "behave", "-n", "after"]);
    some.assert_results(&expected[7..]);
    assert!(some.stderr.is_empty() || !some.stderr.contains("subunit_behave"), "{some:?}");
}
