//! What does a step say of a run that is green, red, flaky or empty, or that cannot be?

use std::fs;

use crate::runner::Job;

fn title(summary: &str) -> &str {
    summary.lines().next().unwrap_or_default()
}

#[test]
fn a_green_run_has_a_notice_and_no_error() {
    let mut job = Job::of("shop");
    fs::remove_file(job.project().join("tests.d/checkout")).unwrap();
    let step = job.step("run", &[("COMMAND", "tests.d")]);
    step.assert("passed", 0, [3, 2, 0, 1, 0]);
    let commands = step.commands();
    assert!(
        commands.len() == 1 && commands[0].starts_with("::notice title=tests passed::"),
        "{commands:?}"
    );
    assert!(title(&step.summary).starts_with("## ✅ PASSED: 3 tests"), "{}", step.summary);
}

#[test]
fn a_red_run_names_its_failures_and_writes_its_reports() {
    let mut job = Job::of("shop");
    let inputs = [
        ("COMMAND", "tests.d"),
        ("JUNIT", "out/junit.xml"),
        ("HTML", "report.html"),
        ("ARTIFACT", "reports"),
    ];
    let step = job.step("run", &inputs);
    step.assert("failed", 1, [4, 2, 1, 1, 0]);
    let commands = step.commands();
    let expected =
        "::error title=failed%3A tests.d/checkout::exit status 1%0Atotal: 41, expected 42";
    assert_eq!(commands[0], expected);
    assert!(
        commands.len() == 2
            && commands[1].starts_with("::notice title=tests failed::FAILED: 4 tests"),
        "{commands:?}"
    );
    assert!(
        title(&step.summary).starts_with("## ❌ FAILED: 4 tests, 2 passed, 1 failed, 1 skipped"),
        "{}",
        step.summary
    );
    for (name, file, sign) in
        [("junit", "out/junit.xml", "<testsuite"), ("html", "report.html", "<html")]
    {
        let path = job.project().canonicalize().unwrap().join(file);
        assert_eq!(step.outputs[name], path.display().to_string());
        assert!(fs::read_to_string(path).unwrap().contains(sign), "{name}");
    }
}

#[test]
fn a_flaky_test_is_a_warning_and_a_number() {
    let mut job = Job::of("flaky");
    let step = job.step("run", &[("ARGS", "--retries 2")]);
    step.assert("passed", 0, [3, 3, 0, 0, 1]);
    let warnings =
        step.commands().into_iter().filter(|line| line.starts_with("::warning ")).count();
    assert_eq!(warnings, 1, "{}", step.log);
    assert!(step.log.contains("::warning title=flaky%3A tests.d/network::"), "{}", step.log);
    assert!(title(&step.summary).contains("1 flaky"), "{}", step.summary);
}

#[test]
fn a_run_without_tests_is_red_unless_that_is_allowed() {
    let mut job = Job::new();
    let step = job.step("run", &[("COMMAND", "true")]);
    step.assert("no-tests", 4, [0; 5]);
    assert!(step.log.contains("::error title=subunit::there was no test"), "{}", step.log);
    assert!(title(&step.summary).contains("NO TESTS"), "{}", step.summary);
    let step = job.step("run", &[("COMMAND", "true"), ("ALLOW_EMPTY", "true")]);
    step.assert("no-tests", 0, [0; 5]);
    assert!(!step.log.contains("::error"), "{}", step.log);
}

#[test]
fn a_command_that_is_not_there_is_an_error() {
    let step = Job::new().step("run", &[("COMMAND", "no-such-command --fast")]);
    assert_eq!(
        (step.status, &*step.outputs["verdict"], &*step.outputs["exit-status"]),
        (2, "error", "2")
    );
    assert!(step.log.contains("no-such-command: command not found"), "{}", step.log);
    assert!(
        step.log.contains("::error title=subunit::the tests could not be run (exit status 2)"),
        "{}",
        step.log
    );
    assert!(step.summary.contains("no-such-command: command not found"), "{}", step.summary);
    assert!(!step.summary.contains("ERROR"), "{}", step.summary);
}

#[test]
fn options_that_are_none_are_an_error_with_a_summary() {
    let step = Job::new().step("run", &[("ARGS", "--no-such-option")]);
    step.assert("error", 2, [0; 5]);
    assert!(title(&step.summary).contains("ERROR"), "{}", step.summary);
}

#[test]
fn what_was_not_expected_or_never_ended_has_failed() {
    let mut job = Job::new();
    let statuses = ["inprogress", "uxsuccess", "fail", "xfail", "success", "skip"];
    let lines = statuses.map(|status| format!("subunit output --{status} {status}.test\n"));
    job.write("suite", &format!("#!/bin/sh\n{}", lines.concat()));
    job.step("run", &[("COMMAND", "./suite")]).assert("failed", 1, [6, 2, 3, 1, 0]);
    job.write("a.jsonl", "{\"type\":\"event\",\"test_id\":\"a\",\"status\":\"inprogress\"}\n");
    job.step("run", &[("FILES", "a.jsonl")]).assert("failed", 1, [0, 0, 1, 0, 0]);
}

/// A command that ends with another status than 0 and names no failed test is red.
#[test]
fn the_exit_status_of_the_command_is_heard() {
    let step =
        Job::new().step("run", &[("COMMAND", "sh -c 'echo \"ok 1 - a\"; echo 1..1; exit 3'")]);
    assert_eq!((step.status, &*step.outputs["verdict"]), (1, "failed"), "{}", step.log);
}

#[test]
fn reports_that_are_there_are_read_as_one_run() {
    let mut job = Job::new();
    job.write("one/target/reports/a b.tap", "ok 1 - adds\n1..1\n");
    job.write("target/reports/x[1].tap", "not ok 1 - divides\nok 2 - counts # SKIP\n1..2\n");
    job.write("elsewhere/y.tap", "not ok 1 - other\n1..1\n");
    let step = job.step("run", &[("FILES", "  **/target/**/*.tap\n\n"), ("JUNIT", "junit.xml")]);
    step.assert("failed", 1, [3, 1, 1, 1, 0]);
    assert!(step.log.contains("::error title=failed%3A divides::"), "{}", step.log);
    assert!(step.outputs["junit"].ends_with("/junit.xml"));
    let step = job
        .step("run", &[("FILES", "one/*/reports/a b.tap\ne*/?.tap"), ("WORKING_DIRECTORY", ".")]);
    step.assert("failed", 1, [2, 1, 1, 0, 0]);
    let step =
        job.step("run", &[("FILES", "reports/a b.tap"), ("WORKING_DIRECTORY", "one/target")]);
    step.assert("passed", 0, [1, 1, 0, 0, 0]);
}

#[test]
fn a_pattern_without_files_is_an_error_unless_that_is_allowed() {
    let mut job = Job::new();
    job.write("a.tap", "ok 1 - adds\n1..1\n");
    let step = job.step("run", &[("FILES", "a.tap\n**/*.xml")]);
    step.assert_refused("no file matches `**/*.xml`");
    assert_eq!((&*step.outputs["verdict"], &*step.outputs["exit-status"]), ("error", "2"));
    assert!(title(&step.summary).contains("ERROR"), "{}", step.summary);
    let step = job.step("run", &[("FILES", "a.tap\n**/*.xml"), ("ALLOW_EMPTY", "true")]);
    step.assert("passed", 0, [1, 1, 0, 0, 0]);
    let step = job.step("run", &[("FILES", "none.xml"), ("ALLOW_EMPTY", "true")]);
    step.assert("no-tests", 0, [0; 5]);
}

#[test]
fn annotations_and_summary_can_be_left_out() {
    let inputs = [("COMMAND", "tests.d"), ("ANNOTATIONS", "false"), ("SUMMARY", "false")];
    let step = Job::of("shop").step("run", &inputs);
    step.assert("failed", 1, [4, 2, 1, 1, 0]);
    assert!(step.commands().is_empty() && step.summary.is_empty(), "{}", step.log);
}
