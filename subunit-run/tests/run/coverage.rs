//! `[coverage]` of a configuration: what workers write, and the command that joins it.

use std::fs;

use subunit_core::Status;

use crate::project::{Project, Ran, worker};

/// A worker that writes its number into a file of its own before it runs tests.
fn project(list: &str, lines: &str) -> Project {
    let project = Project::new(list, true);
    project.script(
        "measured",
        "#!/bin/sh\necho \"${SUBUNIT_WORKER-list}\" > \"$OUT.$$\"\nexec \"$@\"\n",
    );
    project.write(
        "subunit.toml",
        &format!(
            "test_command = 'measured {} $LISTOPT'\ntest_list_option = '--list'\nincremental = true\n\
             setup = 'echo s $OUT >> ran'\nteardown = 'echo t $OUT >> ran'\n{lines}\n",
            worker().display()
        ),
    );
    project
}

const OUT: &str = "environment = { OUT = '$SUBUNIT_COVERAGE/of' }\n";

/// The merge leaves what the workers have written, and where.
fn merging() -> String {
    format!(
        "[coverage]\n{OUT}merge = 'sort -u $SUBUNIT_COVERAGE/of.* | tr \"\\n\" \" \" >> ran; \
         echo $SUBUNIT_COVERAGE > folder; echo joined'"
    )
}

fn ran(project: &Project) -> String {
    fs::read_to_string(project.folder().join("ran")).unwrap_or_default()
}

#[test]
fn what_all_workers_wrote_is_joined_once_before_the_teardown() {
    let project = project("a.pass\nb.pass\nc.fail\n", &merging());
    let run = project.run(&["--jobs", "2"]);
    assert_eq!((run.exit, run.results.len()), (Some(1), 3), "{run:?}");
    // The setup and the teardown measure nothing.
    assert_eq!(ran(&project), "s\n0 1 list t\n");
    assert_eq!(run.text("stdout"), "joined\n");
    let folder = fs::read_to_string(project.folder().join("folder")).unwrap();
    assert!(!std::path::Path::new(folder.trim_end()).exists(), "{folder}");
    // To list tests joins nothing.
    assert!(project.verb("list").output().unwrap().status.success());
    assert_eq!(ran(&project), "s\n0 1 list t\n");
}

#[test]
fn a_merge_that_fails_is_red_by_name() {
    let lines = format!("[coverage]\n{OUT}merge = 'echo too little >&2; exit 4'");
    let project = project("a.pass\n", &lines);
    let run = project.run(&[]);
    run.assert_results(&[("a.pass", Status::Success), ("(coverage)", Status::Fail)]);
    let reason = run.reason("(coverage)");
    assert!(reason.starts_with("the merge of coverage failed: exit status 4\n"), "{reason}");
    assert!(reason.contains("too little"), "{reason}");
    assert_eq!((run.exit, ran(&project).as_str()), (Some(1), "s\nt\n"));
}

#[test]
fn nothing_is_joined_where_no_test_ran_and_all_the_same_after_the_first_failure() {
    for (list, options, setup, expected) in [
        ("a.pass\n", &["nothing"][..], "", "s\nt\n"),
        ("a.pass\n", &[], "[profiles.bad]\nsetup = 'exit 1'\n", "t\n"),
        ("a.fail\nb.pass\n", &["--fail-fast", "--jobs", "1"], "", "s\n0 list t\n"),
        ("a.hang\n", &["--max-duration", "0.5s", "--jobs", "1"], "", "s\n0 list t\n"),
    ] {
        let project = project(list, &format!("{}\n{setup}", merging()));
        let profile: &[&str] = if setup.is_empty() { &[] } else { &["--profile", "bad"] };
        let run = project.run(&[options, profile].concat());
        assert_eq!(ran(&project), expected, "{run:?}");
    }
}

#[test]
fn nothing_is_joined_after_an_interrupt() {
    let project = project("a.pass\nb.hang\n", &merging());
    let ended_by = project.interrupted(|said| Ran::begun(said, "b.hang"));
    assert_eq!((ended_by, ran(&project).as_str()), (Some(2), "s\nt\n"));
}

#[test]
fn coverage_without_a_merge_is_a_mistake_with_its_place() {
    let project = project("a.pass\n", &format!("[coverage]\n{OUT}"));
    let run = project.run(&[]);
    assert_eq!(run.exit, Some(2));
    let expected =
        "subunit.toml:7: coverage: there is no `merge`, which joins what the workers wrote";
    assert!(run.stderr.contains(expected), "{run:?}");
}
