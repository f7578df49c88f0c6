//! Which tests run.

use std::process::Command;

use subunit_core::{Event, Status, Timestamp};

use crate::{WAYS, project::Project};

#[test]
fn a_list_is_selected_from_too() {
    for incremental in WAYS {
        let project = Project::new("a.pass\na.fail\nb.fail\n", incremental);
        project.run(&[]);
        assert_eq!(project.run(&["--failing", "^b"]).sorted_ids(), ["b.fail"]);
        project.write("list", "a.pass\na.fail\n");
        assert_eq!(project.run(&["--failing", "--load-list=list"]).sorted_ids(), ["a.fail"]);
    }
}

#[test]
fn a_filter_that_is_an_id_takes_its_test() {
    for incremental in WAYS {
        let project = Project::new("a[1].pass\na[2].pass\na.fail\n", incremental);
        assert_eq!(project.run(&["a[1].pass"]).sorted_ids(), ["a[1].pass"]);
        assert_eq!(project.run(&["a[1].pass", "fail$"]).sorted_ids(), ["a.fail", "a[1].pass"]);
    }
}

#[test]
fn filters_that_match_nothing_are_named_with_what_may_have_been_meant() {
    let project = Project::new("a.pass\n", true);
    project.write("run-tests", "#!/bin/sh\n");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(project.folder().join("run-tests"), mode).unwrap();
    for (arguments, why) in [
        (&["nothing"][..], "no test matches `nothing`"),
        (&["x", "y z"], "no test matches `x` or `y z`"),
        (&["b", "--exclude=a"], "no test matches `b` and --exclude"),
        (&["pytest"], "no test matches `pytest`; did you mean `subunit run -- pytest`?"),
        (
            &["cargo", "test"],
            "no test matches `cargo` or `test`; did you mean `subunit run -- cargo test`?",
        ),
        (&["./run-tests"], "; did you mean `subunit run -- ./run-tests`?"),
        (&["./tests.list"], "no test matches `./tests.list`"),
    ] {
        let run = project.run(arguments);
        let lines: Vec<_> = run.stderr.lines().filter(|line| line.contains("no test ")).collect();
        assert_eq!((run.exit, lines.len()), (Some(4), 1), "{run:?}");
        assert!(lines[0].ends_with(why), "{run:?}");
    }
    // Without a filter, nothing is said of one.
    let run = project.run(&["--exclude=a"]);
    assert!(run.exit == Some(4) && !run.stderr.contains("no test matches"), "{run:?}");
}

#[test]
fn tests_run_again_by_how_they_ended() {
    let project = Project::new("a.pass\nb.fail\nc.skip\nd.flaky-1\n", true);
    project.toml("");
    let ids = |status: &str| {
        project.run(&["--retries=1"]);
        let _ = std::fs::remove_file(project.folder().join("d.flaky-1.runs"));
        project.run(&["--rerun", status]).sorted_ids()
    };
    assert_eq!(ids("fail"), ["b.fail"]);
    let _ = std::fs::remove_file(project.folder().join("d.flaky-1.runs"));
    assert_eq!(ids("skip,flaky"), ["c.skip", "d.flaky-1"]);
    assert_eq!(ids("xfail").len(), 0);
}

#[test]
fn what_a_stopped_run_has_not_reached_is_unfinished() {
    let project = Project::new("a.pass\nb.fail\nc.pass\nd.pass\n", true);
    project.toml("");
    project.run(&["--jobs=1", "--fail-fast", "--order=discovery"]);
    assert_eq!(project.run(&["--rerun=unfinished"]).sorted_ids(), ["c.pass", "d.pass"]);
}

#[test]
fn tags_are_those_of_the_last_runs() {
    for ours in [false, true] {
        let project = Project::new("a.tag-x.pass\nb.tag-y.pass\nc.tag-x.fail\n", true);
        if ours {
            project.toml("");
        }
        let run = project.run(&["--tag=x"]);
        assert_eq!(run.exit, Some(4), "nothing is known yet");
        assert!(run.stderr.contains("no run is kept that knows tags"), "{run:?}");
        project.run(&["--retries=1"]);
        let expected = ["a.tag-x.pass", "c.tag-x.fail"];
        assert_eq!(project.run(&["--tag=x"]).sorted_ids(), expected);
        // That run was of some tests only.
        assert_eq!(project.run(&["--tag=y"]).sorted_ids(), ["b.tag-y.pass"]);
        assert_eq!(project.run(&["--tag=x", "--tag=y", "^[ab]"]).results.len(), 2);
        assert_eq!(project.run(&["--failing", "--tag=x"]).sorted_ids(), ["c.tag-x.fail"]);
        assert_eq!(project.run(&["--tag=attempt-1"]).exit, Some(4));
    }
}

#[test]
fn shards_are_the_listing_and_nothing_twice() {
    for incremental in WAYS {
        let list: String = (0..10).map(|n| format!("t{n}.pass\n")).collect();
        let project = Project::new(&list, incremental);
        let mut all = Vec::new();
        for shard in ["1/3", "2/3", "3/3"] {
            // What one machine knows and others do not changes nothing.
            let ids = project.run(&["--shard", shard]).sorted_ids();
            assert!((3..=4).contains(&ids.len()), "{ids:?}");
            all.extend(ids);
        }
        all.sort();
        assert_eq!(all, list.lines().collect::<Vec<_>>());
    }
}

/// Keeps a run in which these tests took so many seconds.
fn remember(project: &Project, times: &[(&str, u32)]) {
    let (mut stream, mut now) = (Vec::new(), 1_700_000_000);
    for (test_id, seconds) in times {
        for (status, after) in [(Status::InProgress, 0), (Status::Success, *seconds)] {
            now += after;
            let timestamp = Some(Timestamp::new(now, 0));
            Event { timestamp, ..Event::status(test_id, status) }.encode(&mut stream).unwrap();
        }
    }
    std::fs::write(project.folder().join("run.subunit"), stream).unwrap();
    assert!(project.verb("load").arg("run.subunit").output().unwrap().status.success());
}

#[test]
fn shards_by_time_take_equally_long_and_say_their_plan() {
    let project = Project::new("a.pass\nb.pass\nc.pass\nd.pass\n", true);
    project.toml("");
    remember(&project, &[("a.pass", 30), ("b.pass", 10), ("c.pass", 10), ("d.pass", 10)]);
    let shard = |number: &str| project.run(&["--shard", number, "--by-time", "--no-history"]);
    let (one, two) = (shard("1/2"), shard("2/2"));
    assert_eq!(one.sorted_ids(), ["a.pass"]);
    assert_eq!(two.sorted_ids(), ["b.pass", "c.pass", "d.pass"]);
    let plan = |said: &str| {
        let plan = said.split("plan ").nth(1).and_then(|rest| rest.split(':').next());
        plan.unwrap_or_default().to_owned()
    };
    assert_eq!(plan(&one.text("stderr")).len(), 8, "{one:?}");
    assert_eq!(plan(&one.text("stderr")), plan(&two.text("stderr")));
    // Another machine knows other times.
    remember(&project, &[("a.pass", 31), ("b.pass", 10), ("c.pass", 10), ("d.pass", 10)]);
    assert_ne!(plan(&shard("2/2").text("stderr")), plan(&one.text("stderr")));
}

#[test]
fn a_command_says_which_tests_belong_to_what_changed() {
    let project = Project::new("a.pass\nb.pass\nc.pass\n", true);
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=x", "-c", "user.email=x@example.org"]).args(arguments);
        assert!(git.current_dir(project.folder()).output().unwrap().status.success());
    };
    project.write("a", "");
    project.write("c", "");
    project.write(".gitignore", "*\n!/a\n!/c\n!/b\n");
    project.toml("");
    let run = project.run(&["--changed-since=HEAD"]);
    assert_eq!(run.exit, Some(2));
    assert!(run.stderr.contains("`changed_tests`"), "{run:?}");
    project.toml(r"changed_tests = 'sed s/^/^/\;s/$/[.]/'");
    git(&["init", "-q"]);
    git(&["add", "a", "c"]);
    git(&["commit", "-q", "-m", "x"]);
    assert_eq!(project.run(&["--changed-since=HEAD"]).exit, Some(4));
    project.write("a", "changed");
    project.write("b", "new");
    assert_eq!(project.run(&["--changed-since=HEAD"]).sorted_ids(), ["a.pass", "b.pass"]);
    let run = project.run(&["--changed-since=nothing"]);
    assert_eq!(run.exit, Some(2), "{run:?}");
}

#[test]
fn a_sample_is_what_fails_what_is_new_and_what_there_is_time_for() {
    let project = Project::new("a.fail\nb.sleep-30\nc.sleep-31\n", true);
    project.toml("");
    project.run(&[]);
    project.write("tests.list", "a.fail\nb.sleep-30\nc.sleep-31\nd.sleep-32\n");
    let little = project.run(&["--sample=100s:7", "--jobs=1"]);
    assert_eq!(little.sorted_ids().len(), 4, "{little:?}");
    assert!(
        little.text("stderr").contains("--sample=100s:7: 4 of 4 tests, 0 left out"),
        "{little:?}"
    );
    let least = project.run(&["--sample=1ms", "--jobs=1"]);
    assert_eq!(least.sorted_ids(), ["a.fail"], "{least:?}");
    assert!(least.text("stderr").contains(": 1 of 4 tests, 3 left out"), "{least:?}");
    // The history knows that others were left out.
    let last = project.verb("history").args(["list", "--json"]).output().unwrap();
    let last: serde_json::Value = serde_json::from_slice(&last.stdout).unwrap();
    assert_eq!(last["runs"][0]["partial"], true);
    let wrong = project.run(&["--sample=soon"]);
    assert_eq!(wrong.exit, Some(2));
    assert!(wrong.stderr.contains("such as 5m, or with a seed 5m:42"), "{wrong:?}");
}

#[test]
fn where_nothing_failed_that_is_said() {
    let project = Project::new("a.pass\n", true);
    project.run(&[]);
    let run = project.run(&["--failing"]);
    assert_eq!((run.exit, run.sorted_ids()), (Some(4), vec![]));
    assert!(run.stderr.contains("--failing: no test is known to fail, so none runs"), "{run:?}");
}
