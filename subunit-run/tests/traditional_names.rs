//! What testr and stestr survive, by the links to our program and workers in shell.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    fs,
    os::unix::fs::symlink,
    path::Path,
    process::{Command, Output, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};
use subunit_core::{Event, Status};

/// A folder with a `.testr.conf`, a repository, and two files with a packet: of a test that passes, and of one
/// that fails.
struct Project(tempfile::TempDir);

impl Project {
    fn new(configuration: &str) -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        symlink(env!("CARGO_BIN_EXE_subunit-run"), project.path().join("testr")).unwrap();
        fs::write(project.path().join(".testr.conf"), format!("[DEFAULT]\n{configuration}"))
            .unwrap();
        for (name, status) in [("passes", Status::Success), ("fails", Status::Fail)] {
            let mut packet = Vec::new();
            Event::status("a.one", status).encode(&mut packet).unwrap();
            fs::write(project.path().join(name), packet).unwrap();
        }
        assert!(project.testr(&["init"]).status.success());
        project
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.path().join("testr"));
        command.args(arguments).current_dir(self.path()).stdin(Stdio::null());
        command
    }

    fn testr(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap_or_default()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn an_interrupt_stops_workers_keeps_the_run_and_ends_instances() {
    let project = Project::new(
        "test_command=cat passes; echo ready > fifo; exec sleep 1000\n\
         instance_provision=echo here\n\
         instance_dispose=echo $INSTANCE_IDS > disposed\n",
    );
    let fifo = project.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let mut child = project.command(&["run"]).stdout(Stdio::null()).spawn().unwrap();
    assert_eq!(fs::read_to_string(&fifo).unwrap(), "ready\n");
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(project.read("disposed"), "here\n");
    assert_eq!(text(&project.testr(&["stats"]).stdout), "runs=1\n");
    assert!(text(&project.testr(&["last"]).stdout).starts_with("Ran 1 tests"));
}

#[test]
#[cfg(target_os = "linux")]
fn what_a_worker_leaves_does_not_hold_the_run_and_is_killed() {
    let project =
        Project::new("test_command=sleep 1000 2>/dev/null & echo $! > left; cat passes\n");
    let output = project.testr(&["run"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stderr).starts_with("worker-0: something it started holds its output"));
    // One that was killed and has no parent may still be there, without a command line.
    let command = format!("/proc/{}/cmdline", project.read("left").trim());
    assert_eq!(fs::read_to_string(command).unwrap_or_default(), "");
}

#[test]
fn a_run_is_kept_that_nobody_reads() {
    let project = Project::new("test_command=read go < fifo; cat fails\n");
    let fifo = project.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let mut child = project.command(&["run"]).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    fs::write(&fifo, "go\n").unwrap();
    child.wait().unwrap();
    assert_eq!(text(&project.testr(&["failing", "--list"]).stdout), "a.one\n");
}

#[test]
fn the_file_of_ids_is_found_from_any_folder() {
    let configuration = "test_command=from=$PWD; cd /; cp $IDFILE $from/ids; cat $from/passes\n";
    let project = Project::new(configuration);
    fs::write(project.path().join("some"), "a one\nb.two\n").unwrap();
    project.testr(&["run", "--load-list", "some"]);
    assert_eq!(project.read("ids"), "a one\nb.two\n");
}

#[test]
fn too_many_ids_for_a_command_line_are_told_with_the_way_out() {
    let project = Project::new("test_command=true $IDLIST\n");
    let ids: String = (0..20_000).map(|nth| format!("package.module.test_{nth}\n")).collect();
    fs::write(project.path().join("some"), ids).unwrap();
    let output = project.testr(&["run", "--load-list", "some"]);
    let expected = "[Errno 7] Argument list too long: '/bin/sh'; use $IDFILE instead of $IDLIST\n";
    assert_eq!((output.status.code(), text(&output.stderr).as_str()), (Some(3), expected));
}

#[test]
fn an_id_that_no_file_can_hold_is_refused_in_the_listing() {
    let project = Project::new("test_command=cat bad; true $LISTOPT\ntest_list_option=--list\n");
    let mut packet = Vec::new();
    Event::status("a\nb", Status::Exists).encode(&mut packet).unwrap();
    fs::write(project.path().join("bad"), packet).unwrap();
    let output = project.testr(&["list-tests"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).starts_with("test id 'a\\nb' contains a newline"));
}
