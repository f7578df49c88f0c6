//! Which runner is found, and what is said of it.

use std::fs;

use crate::project::Project;

#[test]
fn a_configuration_says_what_was_found_and_is_taken_as_it_says() {
    let project = Project::of_files(&[("pytest.ini", "")]);
    let init = || project.command().arg("--init").output().unwrap();
    let output = init();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("subunit.toml is written: pytest (pytest.ini), `"), "{said}");
    let text = fs::read_to_string(project.folder().join("subunit.toml")).unwrap();
    assert!(text.contains("\nrunner = \"pytest\"\n"), "{text}");
    let shown = project.command().arg("--show-config").output().unwrap();
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.starts_with("runner = \"pytest\" "), "{shown}");
    assert!(shown.contains("-p subunit_pytest $LISTOPT\""), "{shown}");
    // What is there is not written over.
    assert_eq!(init().status.code(), Some(2));
}

#[test]
fn a_runner_that_a_configuration_names_wrongly_is_told_with_its_line() {
    let said = |toml: &str| {
        let project = Project::of_files(&[("subunit.toml", toml)]);
        let output = project.command().output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    let unknown = said("version = 1\nrunner = 'pytst'\n");
    assert!(unknown.contains("subunit.toml:2: runner: there is no runner `pytst`"), "{unknown}");
    let other = said("runner = 'pytest'\ntest_command = 'make check'\n");
    assert!(other.contains("subunit.toml:2: test_command: this is not known as a"), "{other}");
}

#[test]
fn a_command_can_be_run_as_it_stands() {
    let project = Project::of_files(&[("pytest", "#!/bin/sh\necho \"$#\" arguments >> said\n")]);
    let pytest = project.folder().join("pytest");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&pytest, mode).unwrap();
    let arguments = |option: &[&str]| {
        let mut command = project.command();
        command.args(option).args(["--", "./pytest", "-q"]).output().unwrap();
        let said = project.folder().join("said");
        let arguments = fs::read_to_string(&said).unwrap();
        fs::remove_file(said).unwrap();
        arguments
    };
    assert_eq!(arguments(&["--as-is"]), "1 arguments\n");
    assert_eq!(arguments(&["--exit-status", "runner"]), "1 arguments\n");
    // `-p`, the plugin, and `-q`.
    let said = arguments(&[]);
    assert!(said.lines().all(|one| one == "3 arguments"), "{said}");
}

#[test]
fn a_program_that_is_not_there_is_told_in_one_line() {
    let project = Project::of_files(&[("a.bats", "@test \"one\" {\n}\n@test \"two\" {\n}\n")]);
    let run = |arguments: &[&str]| {
        let output = project.command().args(arguments).env("PATH", "/nowhere").output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap(), output.stdout)
    };
    for (arguments, program) in [
        (&[][..], "bats (a.bats): there is no program `bats`: install it, or name the command"),
        (&["--", "./bin/pytest", "-q"], "there is no program `./bin/pytest`: install it"),
    ] {
        let (exit, said, shown) = run(arguments);
        assert_eq!((exit, shown.len()), (Some(2), 0), "{said}");
        assert_eq!(said.lines().filter(|line| line.contains(program)).count(), 1, "{said}");
    }
    // What would be in force can be shown.
    assert_eq!(run(&["--show-config"]).0, Some(0));
}

#[test]
fn a_module_that_is_not_there_is_told_once() {
    let project = Project::of_files(&[("pytest.ini", "")]);
    project.script("python3", "#!/bin/sh\necho No module named pytest >&2\nexit 1\n");
    let run = project.run(&["--jobs", "2", "--", "python3", "-m", "pytest"]);
    assert_eq!((run.exit, run.results.len()), (Some(1), 1), "{run:?}");
    let told =
        "the listing of tests failed: exit status 1, after 0 tests: No module named pytest\n";
    assert!(run.reason("(listing)").starts_with(told), "{run:?}");
}
