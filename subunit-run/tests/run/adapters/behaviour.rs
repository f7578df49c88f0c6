//! The adapters of runners of behaviour.

use std::fs;

use subunit_core::Status::{self, Fail, Skip, Success as Pass};

use super::runners::{command, project, run};

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

const CUCUMBER: &[(&str, Status)] = &[
    ("features/a.feature > passes", Pass),
    ("features/a.feature > fails", Fail),
    ("features/a.feature > undefined", Fail),
    ("features/a.feature > skipped", Skip),
    ("features/a.feature > pending", Fail),
    ("features/a.feature > ends its process", Fail),
    ("features/a.feature > counts", Pass),
    ("features/a.feature:27 > counts", Fail),
    ("features/b.feature > after", Pass),
    ("features/b.feature:5 > after", Fail),
];

#[test]
fn cucumber_runs_batches_of_scenarios_beside_its_formatters() {
    let project = project("cucumber");
    let all = run(&project, &["--jobs", "2"]);
    assert!(all.stderr.contains("subunit run: cucumber (there is package.json)"), "{all:?}");
    all.assert_results(CUCUMBER);
    let reason = all.reason("features/a.feature > ends its process");
    assert!(reason.starts_with("exit status 0 while this test was running"), "{all:?}");
    let some = run(&project, &["--jobs", "1", "--", "npx", "cucumber-js", "--name", "after"]);
    some.assert_results(&CUCUMBER[8..]);
    let shown = command(&project)
        .args([
            "--no-capture",
            "--no-history",
            "--",
            "cucumber-js",
            "--no-strict",
            "--name",
            "pending",
        ])
        .output()
        .unwrap();
    let text = String::from_utf8(shown.stderr).unwrap();
    assert!(text.contains("1 scenario (1 pending)"), "{text}");
    // One that is skipped is no failure.
    assert_eq!(shown.status.code(), Some(0), "{text}");
}

#[test]
fn cucumber_chooses_by_names_where_its_configuration_has_paths_and_marks_attempts() {
    let project = project("cucumber");
    project.write("cucumber.json", r#"{"default": {"paths": ["features/*.feature"], "retry": 1}}"#);
    let some = run(&project, &["a.feature > passes|a.feature:27"]);
    assert!(some.stderr.contains("cucumber: cucumber.json"), "{some:?}");
    let attempts = some.results.iter().map(|end| (end.test_id.as_str(), end.attempt));
    let mut attempts: Vec<_> = attempts.collect();
    attempts.sort_unstable();
    let again = "features/a.feature:27 > counts";
    let passes = "features/a.feature > passes";
    assert_eq!(attempts, [(passes, None), (again, Some(1)), (again, Some(2))]);
    assert_eq!(some.exit, Some(1));
}

#[test]
fn reports_and_workers_of_cucumber_are_left_to_one_process() {
    let project = project("cucumber");
    let whole = run(&project, &["--", "cucumber-js", "--parallel", "2", "features/b.feature"]);
    whole.assert_results(&CUCUMBER[8..]);
    assert!(whole.stderr.contains("`parallel` is cucumber's own"), "{whole:?}");
    let all = run(&project, &["--", "cucumber-js", "--parallel", "2"]);
    all.assert_results(CUCUMBER);
    let words = ["--", "cucumber-js", "-f", "message:out.ndjson", "features/b.feature"];
    run(&project, &words).assert_results(&CUCUMBER[8..]);
    let report = fs::read_to_string(project.folder().join("out.ndjson")).unwrap();
    assert_eq!(report.matches("{\"testCaseFinished\":").count(), 2, "{report}");
}
