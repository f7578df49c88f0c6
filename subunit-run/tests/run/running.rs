//! `subunit running`.

use std::{
    io::{BufRead, BufReader},
    os::unix::{fs::PermissionsExt, net::UnixListener},
    process::{Child, Stdio},
};

use serde_json::Value;

use crate::{
    project::Project,
    schema_support::{check, schema},
};

/// A run that is killed when its test ends.
struct Going(Child);

impl Drop for Going {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn running(project: &Project, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = project.verb("running");
    command.args(arguments).env("XDG_RUNTIME_DIR", project.folder());
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn runs_say_what_they_do() {
    let project = Project::new("a.fail\nb.ask\nc.hang\n", true);
    project.toml("debug_prompt_regex = '^\\(b\\.ask\\)'\ntest_order = 'discovery'");
    let (exit, shown, said) = running(&project, &[]);
    assert_eq!((exit, shown.as_str()), (Some(0), ""));
    assert_eq!(said, "subunit running: no run goes on here\n");

    let mut command = project.command();
    command.args(["--jobs=2", "--debug"]).env("XDG_RUNTIME_DIR", project.folder());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut going = Going(command.spawn().unwrap());
    let first = BufReader::new(going.0.stdout.take().unwrap()).lines().next();
    assert!(first.unwrap().unwrap().ends_with("a.fail"));
    // Both workers have begun their tests soon.
    let shown = std::iter::repeat_with(|| running(&project, &[]).1)
        .find(|shown| shown.contains("c.hang") && shown.contains("waits"))
        .unwrap();
    let lines: Vec<&str> = shown.lines().collect();
    assert!(lines[0].contains("1 of 3 tests, 1 failed, "), "{shown}");
    assert!(lines[0].ends_with("examples/worker $LISTOPT $IDOPTION"), "{shown}");
    assert!(lines.iter().any(|line| line.starts_with("  [") && line.contains("] b.ask ")));
    assert!(lines[3].ends_with("] waits for an answer: (b.ask) "), "{shown}");

    let (exit, json, _) = running(&project, &["--json"]);
    assert_eq!(exit, Some(0));
    let value: Value = serde_json::from_str(&json).unwrap();
    check(&schema("running.json"), &value, "");
    let run = &value["runs"][0];
    assert_eq!((&run["tests"], &run["done"], &run["failed"]), (&3.into(), &1.into(), &1.into()));
    assert_eq!(run["asking"][0]["asks"], "(b.ask) ");
    assert_eq!(run["running"].as_array().unwrap().len(), 2);
}

#[test]
fn a_run_that_does_not_answer_is_said_so() {
    let project = Project::new("", true);
    let folder = project.folder().join("subunit");
    std::fs::create_dir(&folder).unwrap();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).unwrap();
    let listener = UnixListener::bind(folder.join("silent.sock")).unwrap();
    // One that ends is as silent as one that is late, and sooner.
    let gone = std::thread::spawn(move || drop(listener.accept()));
    let (exit, shown, _) = running(&project, &[]);
    assert_eq!((exit, shown.as_str()), (Some(0), "silent  does not answer\n"));
    gone.join().unwrap();
}
