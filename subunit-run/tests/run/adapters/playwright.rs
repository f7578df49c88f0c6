//! The adapter of Playwright Test.

use std::fs;

use subunit_core::Status::{self, ExpectedFailure as XFail, Fail, Skip, Success as Pass};

use super::runners::{command, project, run};
use crate::project::Ran;

/// Ids, attempts and statuses, sorted.
fn ends(run: &Ran) -> Vec<(&str, Option<u32>, Status)> {
    let ends = run.results.iter().map(|end| (end.test_id.as_str(), end.attempt, end.status));
    let mut ends: Vec<_> = ends.collect();
    ends.sort_by_key(|(test_id, attempt, _)| (*test_id, *attempt));
    ends
}

#[test]
fn playwright_keeps_its_workers_and_reporters_and_tells_projects_and_attempts_apart() {
    let project = project("playwright");
    let all = run(&project, &[]);
    assert!(
        all.stderr.contains("subunit run: playwright (there is playwright.config.js)"),
        "{all:?}"
    );
    let expected = [
        ("[one] › tests/a.spec.js:4:3 › group › passes", Some(1), Pass),
        ("[one] › tests/a.spec.js:5:3 › group › fails", Some(1), Fail),
        ("[one] › tests/a.spec.js:5:3 › group › fails", Some(2), Fail),
        ("[one] › tests/a.spec.js:6:8 › group › skipped", Some(1), Skip),
        ("[one] › tests/a.spec.js:7:3 › group › flaky", Some(1), Fail),
        ("[one] › tests/a.spec.js:7:3 › group › flaky", Some(2), Pass),
        ("[one] › tests/a.spec.js:9:1 › known", Some(1), XFail),
        ("[one] › tests/b.spec.js:3:1 › ends its process", Some(1), Fail),
        ("[one] › tests/b.spec.js:3:1 › ends its process", Some(2), Fail),
        ("[one] › tests/b.spec.js:4:1 › after", Some(1), Pass),
        ("[two] › tests/b.spec.js:3:1 › ends its process", None, Fail),
        ("[two] › tests/b.spec.js:4:1 › after", None, Pass),
    ];
    assert_eq!((ends(&all), all.exit), (expected.to_vec(), Some(1)), "{all:?}");
    // The reporters of the configuration stay.
    let report = fs::read_to_string(project.folder().join("report.json")).unwrap();
    assert!(report.contains("\"unexpected\": 3,\n    \"flaky\": 1"), "{report}");
}

#[test]
fn playwright_runs_what_was_chosen_in_its_project() {
    let project = project("playwright");
    let shown = command(&project)
        .args(["--no-capture", "--no-history", "two.*after", "--", "npx", "playwright", "test"])
        .arg("--reporter=line")
        .output()
        .unwrap();
    let text = String::from_utf8(shown.stderr).unwrap();
    assert!(text.contains("Running 1 test using 1 worker"), "{text}");
    assert_eq!(shown.status.code(), Some(0), "{text}");
    assert!(!project.folder().join("report.json").exists());
}

#[test]
fn tests_of_playwright_that_cannot_be_loaded_or_prepared_are_told() {
    let project = project("playwright");
    project.write("set-up.js", "module.exports = () => { throw new Error('no set-up'); };\n");
    let config = "module.exports = { testDir: 'tests', globalSetup: './set-up.js' };\n";
    project.write("playwright.config.js", config);
    let unprepared = run(&project, &["b.spec"]);
    let after = "tests/b.spec.js:4:1 › after";
    assert!(unprepared.reason(after).starts_with("never run: exit status 1"), "{unprepared:?}");
    assert_eq!(unprepared.sorted_ids()[0], "playwright [errors]");
    project.write("tests/b.spec.js", "gone();\n");
    let broken = run(&project, &[]);
    assert_eq!(broken.exit, Some(1), "{broken:?}");
    assert!(broken.reason("(listing)").contains("gone is not defined"), "{broken:?}");
}
