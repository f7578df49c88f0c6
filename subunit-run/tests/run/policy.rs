//! `subunit run --policy`: failures count when it takes no more of them.

use std::process::Output;

use crate::{
    project::Project,
    schema_support::{check, schema},
};

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
fn a_command_is_told_what_begins_and_ceases_to_fail() {
    let project = project(
        "a.pass\nb.fail\n",
        "[history]\non_change = 'cat > told; echo mailed'\n[[policy]]\nfail = '2 of 3'\nclear = 1\n",
    );
    let told = || -> Option<serde_json::Value> {
        let path = project.folder().join("told");
        let told = std::fs::read(&path).ok()?;
        std::fs::remove_file(path).unwrap();
        let told = serde_json::from_slice(&told).unwrap();
        check(&schema("history.json"), &told, "told");
        Some(told)
    };
    assert_eq!(project.run(&[]).stderr, "");
    assert_eq!(told(), None, "once is not enough");
    let second = project.run(&[]);
    assert_eq!(second.stderr, "subunit run: on_change: mailed\n");
    let began = told().unwrap();
    assert_eq!(began["began"][0]["test"], "b.fail");
    assert_eq!(began["ceased"].as_array().map(Vec::len), Some(0));
    assert_eq!(began["runs"][0]["id"], 2);
    project.run(&[]);
    assert_eq!(told(), None, "it fails as before");
    // A stream that is loaded is a run as any other.
    let mut passes = Vec::new();
    subunit_core::Event::status("b.fail", subunit_core::Status::Success)
        .encode(&mut passes)
        .unwrap();
    std::fs::write(project.folder().join("passes"), passes).unwrap();
    let load = project.verb("load").args(["--partial", "passes"]).output().unwrap();
    assert_eq!(load.status.code(), Some(0), "{load:?}");
    assert_eq!(told().unwrap()["ceased"][0]["test"], "b.fail");
    // A command that fails is told, and changes no verdict.
    project.toml("[history]\non_change = 'exit 3'\n");
    let failing = project.run(&[]);
    assert!(failing.stderr.contains("on_change: `exit 3`: exit status 3"), "{failing:?}");
    assert_eq!(failing.exit, Some(1));
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
