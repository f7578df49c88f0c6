//! `subunit run --policy`: failures count when it takes no more of them.

use std::process::Output;

use crate::project::Project;

fn project(list: &str, policies: &str) -> Project {
    let project = Project::new(list, true);
    project.toml(policies);
    project
}

/// Runs, and gives back the exit status and the line of the verdict.
fn run(project: &Project, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = project.command();
    let output: Output = command.args(["--policy", "--brief"]).args(arguments).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let verdict =
        said.lines().find(|line| line.starts_with("PASSED") || line.starts_with("FAILED"));
    let verdict = verdict.unwrap_or_else(|| panic!("{said}{:?}", output.stderr)).to_owned();
    let numbers = verdict.rsplit_once(": ").map_or("", |(_, numbers)| numbers).to_owned();
    (output.status.code(), numbers)
}

#[test]
fn a_failure_counts_with_the_one_that_makes_its_test_fail() {
    let project = project("a.pass\nb.fail\n", "[[policy]]\nfail = '2 of 3'\n");
    let tolerated = "1 failure tolerated by policy".to_owned();
    let counts = "1 failure by policy".to_owned();
    assert_eq!(run(&project, &[]), (Some(0), tolerated.clone()));
    let failing = project.verb("failing").arg("--policy").output().unwrap();
    assert_eq!(failing.status.code(), Some(0), "the run and the history agree: {failing:?}");
    assert_eq!(run(&project, &[]), (Some(1), counts));
    let failing = project.verb("failing").arg("--policy").output().unwrap();
    assert_eq!(failing.status.code(), Some(1), "{failing:?}");
    // What is kept says that it failed, whatever was tolerated.
    let listed = project.verb("failing").arg("--list").output().unwrap();
    assert_eq!(listed.stdout, b"b.fail\n");
    assert_eq!(run(&project, &["a.pass"]), (Some(0), "no failures".into()));
    // Runs of another series say nothing about this one.
    assert_eq!(run(&project, &["--series=other"]), (Some(0), tolerated));
}

#[test]
fn tests_without_a_policy_fail_as_always() {
    let project = project("b.fail\nc.fail\n", "[[policy]]\ntests = '^b'\nfail = '9 of 10'\n");
    let both = "1 failure by policy, 1 tolerated".to_owned();
    assert_eq!(run(&project, &[]), (Some(1), both));
    let junit = project.folder().join("junit.xml");
    run(&project, &["--junit", "junit.xml", "b"]);
    let junit = std::fs::read_to_string(junit).unwrap();
    assert!(junit.contains("tolerated"), "{junit}");
}

#[test]
fn a_run_by_policy_needs_one() {
    let project = project("a.pass\n", "");
    let run = project.run(&["--policy"]);
    assert_eq!(run.exit, Some(2));
    assert!(run.stderr.contains("--policy: there is no [[policy]]"), "{run:?}");
    let run = project.run(&["--policy", "--no-history"]);
    assert_eq!(run.exit, Some(2), "{run:?}");
}
