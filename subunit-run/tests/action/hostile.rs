//! Can a test say something to the runner, or to the shell?

use std::fs;

use crate::runner::{Job, Step};

/// Lines that a runner or a shell would obey somewhere.
const LINES: &str = "::error::forged
::error title=forged::x
  ::set-output name=verdict::passed
::stop-commands::forever
::add-mask::1
##[error]forged
verdict=passed
exit-status<<END
0
END
$(touch pwned) `touch pwned`; touch pwned
\"tests\":99,
";

fn assert_not_obeyed(step: &Step, job: &Job) {
    let is_ours = |line: &str| {
        let ours = ["::error title=", "::notice title="].iter().any(|ours| line.starts_with(ours));
        ours && !line.starts_with("::error title=forged")
    };
    let forged: Vec<_> = step.commands().into_iter().filter(|line| !is_ours(line)).collect();
    assert!(forged.is_empty(), "{forged:?}: {}", step.log);
    assert!(
        !step.log.lines().any(|line| line.contains("##[") && !line.starts_with("::error title=")),
        "{}",
        step.log
    );
    assert!(!job.project().join("pwned").exists(), "{}", step.log);
}

#[test]
fn what_tests_print_gives_no_commands() {
    let mut job = Job::new();
    job.write("lines", LINES);
    job.write("tests.d/evil", "#!/bin/sh\ncat lines\nexit 1\n");
    job.write("tests.d/good", "#!/bin/sh\ncat lines\n");
    let step = job.step("run", &[("COMMAND", "tests.d"), ("ARGS", "--no-capture")]);
    step.assert("failed", 1, [2, 1, 1, 0, 0]);
    assert!(step.log.contains("verdict=passed"), "{}", step.log);
    assert_not_obeyed(&step, &job);
}

/// Text around the results of a command or a file is shown, and goes through the report of annotations as well.
#[test]
fn text_around_results_gives_no_commands() {
    let mut job = Job::new();
    job.write("a.tap", &format!("{LINES}ok 1 - adds\nnot ok 2 - divides\n1..2\n{LINES}"));
    for inputs in [("COMMAND", "cat a.tap"), ("FILES", "a.tap")] {
        let step = job.step("run", &[inputs]);
        step.assert("failed", 1, [2, 1, 1, 0, 0]);
        assert_not_obeyed(&step, &job);
    }
}

#[test]
fn names_of_tests_are_no_code() {
    let mut job = Job::new();
    let results = LINES.lines().filter(|line| !line.is_empty()).enumerate();
    let results = results.map(|(number, line)| format!("not ok {} - {line}\n", number + 1));
    let results: Vec<_> = results.collect();
    job.write("a.tap", &format!("{}1..{}\n", results.concat(), results.len()));
    let step = job.step("run", &[("FILES", "a.tap"), ("JUNIT", "junit.xml")]);
    let failed = u32::try_from(results.len()).unwrap();
    step.assert("failed", 1, [failed, 0, failed, 0, 0]);
    assert_not_obeyed(&step, &job);
}

/// A test is a program of the project, and may write to files. It is not told which ones the next steps read.
#[test]
fn tests_find_no_files_of_the_runner() {
    let mut job = Job::new();
    job.write(
        "tests.d/env",
        "#!/bin/sh\nenv | grep -E '^(INPUT_|GITHUB_(OUTPUT|ENV|PATH|STATE)=)' > found\nexit 0\n",
    );
    let step = job.step("run", &[("COMMAND", "tests.d"), ("HISTORY", "false")]);
    step.assert("passed", 0, [1, 1, 0, 0, 0]);
    assert_eq!(fs::read_to_string(job.project().join("found")).unwrap(), "");
}

#[test]
fn names_of_files_give_no_commands() {
    let mut job = Job::new();
    job.write("$(touch pwned).tap", "ok 1 - a\n1..1\n");
    job.write("-x.tap", "ok 1 - b\n1..1\n");
    let step = job.step("run", &[("FILES", "*.tap")]);
    step.assert("passed", 0, [2, 2, 0, 0, 0]);
    assert_not_obeyed(&step, &job);
    let step = job.step("run", &[("FILES", "$(touch pwned)%\r::error::x.xml")]);
    step.assert_refused("no file matches `$(touch pwned)%25%0D::error::x.xml`");
    assert_not_obeyed(&step, &job);
}
