//! Folders of scripts, and the template of a worker.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use subunit_core::Status;

use crate::project::Project;

/// A project with these scripts, and no configuration.
fn project(scripts: &[(&str, &str)]) -> Project {
    let project = Project::bare();
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
fn words_that_are_folders_are_scripts_where_nothing_else_is_found() {
    let project = project(&[("t/a", ""), ("t/b", "exit 1"), ("u/a", ""), ("bin/x", "")]);
    let (a, b, u) = (("t/a", Status::Success), ("t/b", Status::Fail), ("u/a", Status::Success));
    project.run(&["t"]).assert_results(&[a, b]);
    project.run(&["./t/", "u"]).assert_results(&[a, b, u]);
    project.run(&["t", "u", "a$"]).assert_results(&[a, u]);
    let said = String::from_utf8(project.verb("list").arg("t").output().unwrap().stdout).unwrap();
    assert_eq!(said, "t/a\nt/b\n");
    let said = project.command().arg("t").output().unwrap();
    let shown = String::from_utf8(said.stdout).unwrap();
    assert!(shown.ends_with("run again: subunit run --failing t\n"), "{shown}");
    // Nobody meant all that is executable, and a folder without executables is none.
    fs::create_dir(project.folder().join("empty")).unwrap();
    for word in [".", "./.", "empty", "t2"] {
        let run = project.run(&[word]);
        assert!(run.exit == Some(2) && run.stderr.contains("no configuration"), "{run:?}");
    }
    // Where there is a suite they are filters, as all words are.
    project.write("subunit.toml", "[[script]]\nfiles = ['t/a', 'u/a']\n");
    project.run(&["t"]).assert_results(&[a]);
    let run = project.run(&["bin"]);
    assert_eq!(run.exit, Some(4), "{run:?}");
    assert!(run.stderr.contains("of the folder: subunit run -- bin\n"), "{run:?}");
}

#[test]
fn a_configuration_names_scripts() {
    let project = project(&[
        ("t/a.sh", "test \"$A\" = 1 && test \"$B\" = 2"),
        ("t/b.sh", "exit 77"),
        ("t/in/c.sh", "exit 1"),
        ("t/in/d", "exit 1"),
    ]);
    project.write("data", "plain");
    project.write("with space", "");
    let toml = "[environment]\nA = 1\n[[script]]\nfiles = 't/*.sh'\nenvironment = { B = 2 }\n\
        [[script]]\nfiles = ['t/in/c.sh', 't/a.sh']\n\
        [[script]]\nfiles = ['data', 'with *']\ncommand = 'grep plain'\n\
        [[script]]\nname = 'one: two'\ncommand = 'test -z \"$B\" && echo ran'\n";
    project.write("subunit.toml", toml);
    let run = project.run(&["--jobs", "2"]);
    run.assert_results(&[
        ("t/a.sh", Status::Success),
        ("t/b.sh", Status::Skip),
        ("t/in/c.sh", Status::Fail),
        ("data", Status::Success),
        ("with space", Status::Fail),
        ("one: two", Status::Success),
    ]);
    assert_eq!(run.reason("with space"), "exit status 1\n");
    project.run(&["^one"]).assert_results(&[("one: two", Status::Success)]);
}

#[test]
fn keys_of_a_script_count_for_its_tests() {
    let project =
        project(&[("t/slow", "exec sleep 60"), ("t/fail", "exit 1"), ("u/fail", "exit 1")]);
    let toml = "[[script]]\nfiles = 't/slow'\ntest_timeout = '0.2s'\n\
        [[script]]\nfiles = 't/f*'\nretries = 1\n[[script]]\nfiles = 'u'\n\
        [[script]]\nname = 'c.d'\ncommand = 'exit 1'\nretries = 2\n\
        [[override]]\ntests = 'c.d'\nretries = 1\n";
    project.write("subunit.toml", toml);
    let run = project.run(&["--jobs", "2"]);
    let tries = |id: &str| run.results.iter().filter(|end| end.test_id == id).count();
    assert_eq!((tries("t/fail"), tries("u/fail"), tries("c.d")), (2, 1, 2), "{run:?}");
    assert!(run.reason("t/slow").starts_with("timeout: "), "{run:?}");
}

#[test]
fn names_that_mean_no_script_are_red() {
    let project = project(&[("t/a", ""), ("t/locked/b", "")]);
    project.write("t/plain.sh", "#!/bin/sh\n");
    std::os::unix::fs::symlink("nowhere", project.folder().join("t/gone")).unwrap();
    let toml = "[[script]]\nfiles = ['t/?', 't/*.sh', 'no/such', 't/gone']\n";
    project.write("subunit.toml", toml);
    let run = project.run(&[]);
    run.assert_results(&[
        ("t/a", Status::Success),
        ("t/*.sh", Status::Fail),
        ("no/such", Status::Fail),
        ("t/gone", Status::Fail),
    ]);
    assert!(run.reason("t/*.sh").starts_with("no file of this name is executable"), "{run:?}");
    assert_eq!(run.reason("no/such"), "there is no file of this name\n");
    assert_eq!(run.exit, Some(1));
    // A link that leads nowhere hides no other script of a folder.
    let run = project.run(&["--", "t"]);
    assert_eq!(run.sorted_ids(), ["t/a", "t/gone", "t/locked/b"], "{run:?}");
    assert_eq!(run.exit, Some(1));
}

#[test]
fn scripts_go_with_nothing_else_that_runs_tests() {
    for (file, text, expected) in [
        (
            "subunit.toml",
            "test_command = 'c'\n[[script]]\nfiles = 't'\n",
            "subunit.toml:2: script: does not go with test_command",
        ),
        (
            "subunit.toml",
            "runner = 'go'\n[[script]]\nfiles = 't'\n",
            "subunit.toml:2: script: does not go with another runner",
        ),
        ("subunit.local.toml", "[[script]]\nfiles = 't'\n", "no configuration in "),
    ] {
        let project = project(&[("t/a", "")]);
        project.write(file, text);
        let run = project.run(&[]);
        assert!(run.exit == Some(2) && run.stderr.contains(expected), "{run:?}");
    }
    let project = project(&[("t/a", "")]);
    project.write("subunit.local.toml", "[[script]]\nfiles = 't'\n");
    let run = project.run(&["--", "t"]);
    assert!(
        run.stderr.contains("subunit.local.toml:1: script: goes over a subunit.toml"),
        "{run:?}"
    );
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
