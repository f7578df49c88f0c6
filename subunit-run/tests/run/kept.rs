//! Where runs are kept.

use std::fs;

use crate::project::Project;

#[test]
fn the_configuration_decides_where_runs_are_kept() {
    let project = Project::new("a.pass\nb.fail\n", true);
    project.run(&[]);
    project.run(&["--failing"]);
    let path = |name: &str| project.folder().join(name);
    assert_eq!(fs::read_to_string(path(".testrepository/next-stream")).unwrap(), "2\n");
    assert!(!path(".subunit").exists());

    let project = Project::new("a.pass\nb.fail\n", true);
    project.toml("");
    assert_eq!(project.run(&[]).exit, Some(1));
    let path = |name: &str| project.folder().join(name);
    assert!(path(".subunit/history.db").exists() && !path(".testrepository").exists());
    assert_eq!(project.run(&["--failing"]).sorted_ids(), ["b.fail"]);
}

#[test]
fn runs_are_kept_where_it_is_said_or_not_at_all() {
    let runs = |project: &Project, folder: &str| {
        let runs = fs::read_dir(project.folder().join(folder).join("runs"));
        runs.map_or(0, |runs| {
            runs.filter(|run| {
                run.as_ref().unwrap().path().extension().is_some_and(|end| end == "zst")
            })
            .count()
        })
    };
    let project = Project::new("a.pass\nb.fail\n", true);
    project.toml("");
    project.run(&["--no-history"]);
    assert!(!project.folder().join(".subunit").exists());
    project.run(&["--history", "mine"]);
    project.run(&["--history", "mine", "--failing"]);
    assert_eq!((runs(&project, "mine"), runs(&project, ".subunit")), (2, 0));
    project.run(&[]);
    project.run(&["--", "true"]);
    assert_eq!(runs(&project, ".subunit"), 2);
    // A project of testr, too, if a history is named.
    let project = Project::new("a.pass\n", true);
    project.run(&["--history", "mine"]);
    assert_eq!(runs(&project, "mine"), 1);
    assert!(!project.folder().join(".testrepository").exists());
}

#[test]
fn what_is_wrong_with_a_repository_is_told_and_the_tests_run() {
    let project = Project::new("a.pass\n", true);
    fs::create_dir(project.folder().join(".testrepository")).unwrap();
    project.write(".testrepository/format", "7\n");
    let run = project.run(&[]);
    assert_eq!((run.exit, run.sorted_ids()), (Some(0), vec!["a.pass".to_owned()]));
    assert!(run.stderr.contains("the run is kept in .subunit: "), "{run:?}");
    assert_eq!(run.stderr.lines().count(), 1, "{run:?}");

    let project = Project::new("a.pass\n", true);
    project.run(&[]);
    fs::write(project.folder().join(".testrepository/times.dbm"), "no database").unwrap();
    for name in ["times.dbm.dir", "times.dbm.dat", "times.dbm.bak"] {
        let _ = fs::remove_file(project.folder().join(".testrepository").join(name));
    }
    let run = project.run(&[]);
    assert_eq!(run.exit, Some(0));
    assert!(run.stderr.contains("not all times of earlier runs are known"), "{run:?}");
}

#[test]
fn a_run_reads_its_configuration_once() {
    let project = Project::new("a.pass\n", true);
    project.toml("[history]\nkeep = { command = 'echo x >> read; echo 1' }");
    for _ in 0..2 {
        assert_eq!(project.run(&[]).exit, Some(0));
    }
    let read = fs::read_to_string(project.folder().join("read")).unwrap();
    assert_eq!(read, "x\nx\n");
    // The last one and the last one that passed stay.
    assert_eq!(fs::read_dir(project.folder().join(".subunit/runs")).unwrap().count(), 1);
}
