//! `subunit list`, and what a configuration is.

use std::{
    io::{BufRead, BufReader},
    process::Stdio,
};

use subunit_core::{Item, Status, items};

use crate::{WAYS, project::Project};

/// The exit status of a verb, what it wrote, and what it said.
fn said(project: &Project, verb: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = project.verb(verb).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn list(project: &Project, arguments: &[&str]) -> (Option<i32>, String) {
    let (exit, ids, stderr) = said(project, "list", arguments);
    assert_eq!(stderr, "");
    (exit, ids)
}

#[test]
fn a_listing_takes_the_tests_of_a_run_and_runs_none() {
    for incremental in WAYS {
        let project = Project::new("a.pass\na.flaky-1\nb.fail\n", incremental);
        let all = "a.pass\na.flaky-1\nb.fail\n";
        assert_eq!(list(&project, &[]), (Some(0), all.to_owned()));
        assert_eq!(list(&project, &["^a", "--exclude=flaky"]), (Some(0), "a.pass\n".to_owned()));
        let (exit, ids, why) = said(&project, "list", &["nothing"]);
        assert_eq!((exit, ids.as_str()), (Some(4), ""));
        assert_eq!(why, "subunit list: no test matches `nothing`\n");
        let names = project.folder().read_dir().unwrap().flatten().map(|entry| entry.file_name());
        let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        assert_eq!(names, [".testr.conf", "tests.list"], "nothing ran, and nothing is kept");
        project.run(&[]);
        let (exit, failing) = list(&project, &["--failing"]);
        let mut failing: Vec<_> = failing.lines().collect();
        failing.sort_unstable();
        assert_eq!((exit, failing), (Some(0), vec!["a.flaky-1", "b.fail"]));
        assert_eq!(list(&project, &["--failing", "^b"]), (Some(0), "b.fail\n".to_owned()));
    }
}

#[test]
fn a_listing_may_be_a_stream() {
    let project = Project::new("a.pass\nb.fail\n", true);
    let output = project.verb("list").arg("--subunit").output().unwrap();
    let tests: Vec<_> = items(&output.stdout)
        .map(|item| match item {
            Item::Packet(packet) => {
                (packet.event().test_id.unwrap().to_owned(), packet.event().status)
            }
            other => panic!("{other:?}"),
        })
        .collect();
    let exists = Some(Status::Exists);
    assert_eq!(tests, [("a.pass".to_owned(), exists), ("b.fail".to_owned(), exists)]);
}

#[test]
fn ids_are_written_as_they_come() {
    let project = Project::new("a.pass\nslow-listing.60000.pass\n", true);
    let mut list = project.verb("list").stdout(Stdio::piped()).spawn().unwrap();
    let first = BufReader::new(list.stdout.take().unwrap()).lines().next().unwrap();
    assert_eq!(first.unwrap(), "a.pass");
    rustix::process::kill_process(
        rustix::process::Pid::from_child(&list),
        rustix::process::Signal::INT,
    )
    .unwrap();
    assert!(!list.wait().unwrap().success());
}

#[test]
fn a_listing_that_fails_says_why() {
    let project = Project::new("a.pass\n", true);
    project.configure("test_command=WORKER $LISTOPT; echo no module >&2; exit 5");
    let (exit, ids, stderr) = said(&project, "list", &[]);
    assert_eq!((exit, ids.as_str()), (Some(2), "a.pass\n"));
    assert!(stderr.contains("subunit list: no module\n"), "{stderr}");
    let last = "subunit list: the listing of tests failed: exit status 5, after 1 test\n";
    assert!(stderr.ends_with(last), "{stderr}");
    project.configure("test_command=WORKER");
    let (exit, _, stderr) = said(&project, "list", &[]);
    assert_eq!(exit, Some(2));
    assert!(stderr.contains("test_command has no $LISTOPT"), "{stderr}");
}

#[test]
fn the_configuration_is_shown_with_where_it_is_from() {
    let project = Project::new("a.pass\n", true);
    project.toml("retries = 3\n[[override]]\ntests = '^db'\ntest_timeout = '5s'");
    let shown = |arguments: &[&str]| {
        let (exit, shown, stderr) = said(&project, "run", arguments);
        assert_eq!((exit, stderr.as_str()), (Some(0), ""));
        let line = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        shown.lines().map(line).collect::<Vec<_>>()
    };
    let suite = shown(&["--show-config", "--jobs=3", "--test-timeout=1m"]);
    for line in [
        "concurrency = 3 # --jobs",
        "test_timeout = \"60s\" # --test-timeout",
        "retries = 3 # subunit.toml:5",
    ] {
        assert!(suite.contains(&line.to_owned()), "{suite:?}");
    }
    let test = shown(&["--show-config=db.one"]);
    for line in
        ["# db.one", "test_timeout = \"5s\" # subunit.toml:8", "retries = 3 # subunit.toml:5"]
    {
        assert!(test.contains(&line.to_owned()), "{test:?}");
    }
    let test = shown(&["--show-config=db.one", "--test-timeout=1m"]);
    assert!(test.contains(&"test_timeout = \"60s\" # --test-timeout".to_owned()), "{test:?}");
    assert!(!project.folder().join(".subunit").exists(), "nothing ran");
}

#[test]
fn a_listing_that_hangs_ends_with_the_time_of_the_run() {
    for incremental in WAYS {
        let project = Project::new("a.pass\n", incremental);
        project
            .configure("test_command=case '$LISTOPT' in --list) exec sleep 60;; *) WORKER;; esac");
        let run = project.run(&["--max-duration", "0.3s"]);
        run.assert_results(&[("(run)", Status::Fail)]);
        assert_eq!(run.exit, Some(1));
    }
}
