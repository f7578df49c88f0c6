//! Tests that run again when files change.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::project::Project;

/// A run that is killed if its test fails.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_change_ends_the_run_and_a_new_one_begins() {
    for incremental in crate::WAYS {
        let project = Project::new("a.gate\nb.pass\n", incremental);
        let gate = project.folder().join("gate");
        assert!(Command::new("mkfifo").arg(&gate).status().unwrap().success());
        project.git(&["init", "-q"]);
        project.git(&["add", "tests.list"]);
        let mut command = project.command();
        command.args(["--watch", "--plain", "--jobs", "1"]).stdout(Stdio::null());
        let mut run = Running(command.stderr(Stdio::piped()).spawn().unwrap());
        let lines = BufReader::new(run.0.stderr.take().unwrap()).lines();
        // The test has begun when somebody reads from the pipe.
        let open = || {
            use std::os::unix::fs::OpenOptionsExt;
            let flags = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
            std::fs::OpenOptions::new().write(true).custom_flags(flags).open(&gate).ok()
        };
        let held = std::iter::repeat_with(open).find_map(|held| held).unwrap();
        std::fs::remove_file(&gate).unwrap();
        project.write("gate", "open");
        project.write("tests.list", "a.gate\nb.pass\nc.pass\n");
        let said = lines.map(|line| line.unwrap());
        let said = said.take_while(|line| !line.contains("waiting until a file changes"));
        let said = said.filter_map(|line| Some(line.strip_prefix("subunit run: ")?.to_owned()));
        let said: Vec<_> = said.collect();
        let begins = "files changed: the run ended, and a new one begins";
        let not_run = "1 test was listed and has no result: b.pass";
        assert_eq!(said, [not_run, begins, "tests that failed", "all tests"]);
        drop(held);
    }
}

#[test]
fn what_failed_runs_first_and_all_tests_when_it_passes() {
    let project = Project::new("a.flaky-1\nb.pass\n", true);
    // Only what Git knows is looked at: the worker writes files.
    project.git(&["init", "-q"]);
    project.write(".gitignore", "*.runs\n.testrepository\n");
    let mut command = project.command();
    command.args(["--watch", "--plain", "--jobs", "1"]).stdout(Stdio::null());
    let mut run = Running(command.stderr(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(run.0.stderr.take().unwrap()).lines();
    let mut until_waiting = || {
        let said = lines.by_ref().map(|line| line.unwrap());
        let said = said.take_while(|line| !line.contains("waiting until a file changes"));
        said.filter_map(|line| Some(line.strip_prefix("subunit run: ")?.to_owned()))
            .collect::<Vec<_>>()
    };
    assert_eq!(until_waiting(), Vec::<String>::new());
    project.write("edited", "1");
    assert_eq!(until_waiting(), ["tests that failed", "all tests"]);
    project.write("edited", "22");
    assert_eq!(until_waiting(), ["all tests"], "nothing fails any more");
    kill_process(Pid::from_child(&run.0), Signal::INT).unwrap();
    let status = run.0.wait().unwrap();
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(2), "{status:?}");
}

#[test]
fn an_interrupt_ends_the_wait_while_git_lists_the_files() {
    let project = Project::new("a.pass\n", true);
    // What ^C does: it reaches us, and git with us, which then has nothing to say.
    let git = "#!/bin/sh\nif [ -e hit ]; then rm hit; kill -INT $PPID; exit 130; fi\n\
               while IFS= read -r file; do printf '%s\\0' \"$file\"; done < tests.list\n";
    project.script("git", git);
    let mut command = project.command();
    command.args(["--watch", "--plain", "--jobs", "1"]).stdout(Stdio::null());
    let mut run = Running(command.stderr(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(run.0.stderr.take().unwrap()).lines();
    let waits = |line: &String| line.contains("waiting until a file changes");
    assert!(lines.by_ref().map(|line| line.unwrap()).any(|line| waits(&line)));
    project.write("hit", "");
    let more: Vec<String> = lines.map(|line| line.unwrap()).collect();
    let status = run.0.wait().unwrap();
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(2), "{more:?}");
    assert_eq!(more, Vec::<String>::new());
}
