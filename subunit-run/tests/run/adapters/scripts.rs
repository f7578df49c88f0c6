//! Folders of scripts, and the template of a worker.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use subunit_core::Status;

use crate::project::Project;

/// A project with these scripts, and no configuration.
fn project(scripts: &[(&str, &str)]) -> Project {
    let project = Project::new("", true);
    fs::remove_file(project.folder().join(".testr.conf")).unwrap();
    for (name, text) in scripts {
        let path = project.folder().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    project
}

#[test]
fn each_executable_of_a_folder_is_a_test() {
    let project = project(&[
        ("t/pass", "echo fine"),
        ("t/skip", "exit 77"),
        ("t/fail", "echo went wrong >&2; exit 3"),
        ("t/killed", "kill -9 $$"),
        ("t/in/tap", "printf 'TAP version 13\\n1..2\\nok 1 - one\\nnot ok 2 - two\\n'"),
        ("t/.hidden", "exit 1"),
        ("t/own", "test -z \"${SUBUNIT_TEST_FD-}\" && test -n \"$SUBUNIT_RUN_ID\""),
        ("t/no-program", ""),
    ]);
    fs::write(project.folder().join("t/README"), "not executable").unwrap();
    fs::write(project.folder().join("t/no-program"), "#!/nowhere/sh\n").unwrap();
    let run = project.run(&["--jobs", "2", "--", "t"]);
    run.assert_results(&[
        ("t/pass", Status::Success),
        ("t/skip", Status::Skip),
        ("t/fail", Status::Fail),
        ("t/killed", Status::Fail),
        ("t/in/tap", Status::Fail),
        ("t/in/tap: one", Status::Success),
        ("t/in/tap: two", Status::Fail),
        ("t/own", Status::Success),
        ("t/no-program", Status::Fail),
    ]);
    assert_eq!(run.reason("t/fail"), "exit status 3\n");
    assert_eq!(run.reason("t/killed"), "killed by signal 9\n");
    assert!(run.reason("t/no-program").starts_with("it could not be run: "), "{run:?}");
    assert_eq!(run.exit, Some(1));
    let output = project.command().args(["--show", "all", "fail", "--", "t"]).output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.contains("went wrong"), "{shown}");
}

#[test]
fn a_configuration_may_name_the_folder() {
    let project = project(&[("t/pass", "")]);
    project.write("subunit.toml", "runner = 'scripts'\ntest_command = 't'\n");
    project.run(&[]).assert_results(&[("t/pass", Status::Success)]);
}

#[test]
fn the_template_of_a_worker_is_one() {
    let project = project(&[("test-a.sh", "echo out"), ("test-b.sh", "exit 1")]);
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let template = fs::read_to_string(docs.join("worker.sh")).unwrap();
    let lines: Vec<&str> = template.lines().filter_map(|line| line.strip_prefix("#   ")).collect();
    assert_eq!(lines.len(), 4, "its configuration");
    project.write("worker.sh", &template);
    project.write("subunit.toml", &lines.join("\n"));
    let run = project.run(&["--jobs", "2"]);
    run.assert_results(&[("test-a.sh", Status::Success), ("test-b.sh", Status::Fail)]);
    assert_eq!(run.text("stdout"), "out\n");
}
