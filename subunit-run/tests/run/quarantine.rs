//! Tests that are known to fail: apart, only they, or none of them.

use subunit_core::Status;

use crate::project::Project;

fn project(list: &str) -> Project {
    let project = Project::new("a.pass\nb.fail\nc.fail\n", true);
    project.toml("quarantine = 'known'");
    project.write("known", list);
    project
}

#[test]
fn tests_in_quarantine_run_only_or_not_at_all() {
    let project = project("b.fail # issue 12 owner=ann\nc.fail # until=2999-01-01\n");
    let run = project.run(&["--quarantined=skip"]);
    assert_eq!((run.exit, run.sorted_ids()), (Some(0), vec!["a.pass".to_owned()]), "{run:?}");
    let run = project.run(&["--quarantined=only"]);
    run.assert_results(&[("b.fail", Status::Fail), ("c.fail", Status::Fail)]);
    assert_eq!(run.exit, Some(1));
}

#[test]
fn a_pass_of_their_own_has_a_verdict_of_its_own() {
    let project = project("b.fail\nc.fail\n");
    let output = project.command().args(["--quarantined=apart", "--plain"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.ends_with("subunit run: tests in quarantine: failed\n"), "{said}");
    let shown = String::from_utf8(output.stdout).unwrap();
    let verdicts =
        shown.lines().filter(|line| line.starts_with("PASSED") || line.starts_with("FAILED"));
    let verdicts: Vec<_> = verdicts.filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(verdicts, ["PASSED", "FAILED"], "{shown}");
    // A failure outside of the quarantine counts.
    project.write("known", "c.fail\n");
    let output = project.command().args(["--quarantined=apart", "--plain"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn an_entry_whose_last_day_is_over_is_red_by_name() {
    let project = project("a.pass # issue 12 owner=ann until=2020-01-31\nb.fail\nc.fail\n");
    let run = project.run(&["--quarantined=skip"]);
    run.assert_results(&[("a.pass", Status::Success), ("a.pass (known failure)", Status::Fail)]);
    let told = "known:1: a.pass: was a known failure until 2020-01-31, owner ann: issue 12";
    assert!(run.reason("a.pass (known failure)").ends_with(told), "{run:?}");
    assert!(run.stderr.trim_end().ends_with(told), "{run:?}");
    assert_eq!(run.exit, Some(1));
    let only = project.run(&["--quarantined=only"]);
    assert_eq!(only.sorted_ids(), ["b.fail", "c.fail"]);
    assert!(only.stderr.contains(told), "it runs with the others, and is named here too: {only:?}");
    let apart = project.command().args(["--quarantined=apart", "--plain"]).output().unwrap();
    let said = String::from_utf8(apart.stderr).unwrap();
    assert_eq!(said.matches(told).count(), 1, "{said}");
}

#[test]
fn without_a_list_there_is_no_quarantine() {
    let project = Project::new("a.pass\n", true);
    project.toml("");
    let run = project.run(&["--quarantined=skip"]);
    assert_eq!(run.exit, Some(2));
    assert!(run.stderr.contains("the configuration has no `quarantine`"), "{run:?}");
    project.toml("quarantine = 'known'");
    project.write("known", "a.pass # until=soon\n");
    let run = project.run(&["--quarantined=skip"]);
    assert_eq!(run.exit, Some(2));
    assert!(run.stderr.contains("known:1: until=soon: use a day"), "{run:?}");
}
