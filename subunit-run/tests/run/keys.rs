//! Runs on a terminal: what is seen, and what keys do.

use std::{fs, process::Command};

use crate::{
    project::Project,
    terminal::{Terminal, shell},
};

const KEYS: &str = "t now  f failures  p pause  0-9 / worker  q stop  ? help";

/// A run that hangs, as soon as it shows how to press keys.
fn hanging(line: &str) -> Terminal {
    let project = Project::new("a.fail\nb.hang\nc.hang\n", true);
    let mut terminal = shell(&project, line);
    terminal.until(|screen| screen.contains("  b.hang\n") && screen.contains("c.hang\n"));
    terminal
}

#[test]
fn keys_say_what_runs_and_what_failed_and_stop_the_run() {
    let mut terminal = hanging("$RUN --jobs 2; exit $?");
    assert!(terminal.screen().ends_with(KEYS), "{}", terminal.screen());
    assert!(!terminal.is_a_shells());
    terminal.press("t");
    terminal.until(|screen| screen.contains("running:\n[") && screen.contains("] b.hang "));
    terminal.press("f");
    terminal.until(|screen| screen.contains("\nfailures:\n      fail "));
    terminal.press("?");
    terminal.until(|screen| screen.contains("\nkeys:\n  t    which tests"));
    terminal.press("q");
    let (exit, screen) = terminal.end();
    assert_eq!(exit, Some(130), "{screen}");
    assert!(screen.trim_end().ends_with("run again: subunit run --failing"), "{screen}");
}

#[test]
fn while_it_is_paused_no_test_begins() {
    for batch in [None, Some("batch = 1")] {
        let project = Project::new("a.gate\nb.pass\n", batch.is_none());
        if let Some(batch) = batch {
            project.toml(batch);
        }
        let gate = project.folder().join("gate");
        assert!(Command::new("mkfifo").arg(&gate).status().unwrap().success());
        let mut terminal = shell(&project, "$RUN --jobs 1 --order discovery; exit $?");
        terminal.until(|screen| screen.ends_with(KEYS) && screen.contains("  a.gate\n"));
        terminal.press("p");
        terminal.until(|screen| screen.contains("\npaused, what runs ends  p go on  "));
        // The test that runs goes on, to its end, and nothing comes after it.
        fs::write(&gate, "").unwrap();
        terminal.until(|screen| screen.contains("1/2  0:"));
        terminal.press("p");
        let (exit, screen) = terminal.end();
        assert_eq!(exit, Some(0), "{screen}");
        assert!(screen.contains("2 success"), "{screen}");
    }
}

#[test]
fn while_it_is_paused_no_other_run_begins() {
    let project = Project::new("a.gate\n", true);
    let gate = project.folder().join("gate");
    assert!(Command::new("mkfifo").arg(&gate).status().unwrap().success());
    let mut terminal = shell(&project, "$RUN --jobs 1 --repeat 2; exit $?");
    terminal.until(|screen| screen.ends_with(KEYS) && screen.contains("  a.gate\n"));
    terminal.press("p");
    terminal.until(|screen| screen.contains("\npaused, what runs ends  p go on  "));
    fs::write(&gate, "").unwrap();
    terminal.until(|screen| screen.contains("1/1  0:"));
    terminal.press("t");
    terminal.until(|screen| screen.contains("no test is running"));
    terminal.press("p");
    terminal.until(|screen| screen.contains("run 2 of 2") && screen.contains("  a.gate\n"));
    fs::write(&gate, "").unwrap();
    assert_eq!(terminal.end().0, Some(0));
}

#[test]
fn the_output_of_one_worker_scrolls_alone() {
    let list = "a.hang\nb.print\nc.print\nd.hang\n";
    let project = Project::new(list, true);
    let mut terminal = shell(&project, "trap : INT; $RUN --jobs 2; exit $?");
    terminal.until(|screen| screen.contains("  d.hang\n") && screen.contains("printed by c.print"));
    let shown = terminal.screen();
    let line = shown.lines().find(|line| line.ends_with("| printed by b.print")).unwrap();
    let worker = line.split('|').next().unwrap();
    terminal.press(worker);
    terminal.until(|screen| screen.contains(&format!("output of worker {worker}  Esc all")));
    terminal.press("9");
    terminal.until(|screen| screen.ends_with("no worker is called 9"));
    terminal.press("\u{1b}");
    terminal.until(|screen| screen.ends_with(KEYS));
    terminal.press("\u{3}");
    assert_eq!(terminal.end().0, Some(130));
}

#[test]
fn the_terminal_is_given_back_whatever_ends_the_run() {
    for (keys, exit) in [("q", 130), ("\u{3}", 130), ("\u{1c}", 131)] {
        let line = "ulimit -c 0; trap : INT QUIT; $RUN --jobs 2; status=$?; echo over; read line; exit $status";
        let mut terminal = hanging(line);
        assert!(!terminal.is_a_shells());
        terminal.press(keys);
        terminal.until(|screen| screen.contains("over"));
        assert!(terminal.is_a_shells(), "after {}", keys.escape_debug());
        terminal.press("\n");
        assert_eq!(terminal.end().0, Some(exit));
    }
}

#[test]
fn while_it_is_stopped_the_shell_has_the_terminal() {
    let project = Project::new("a.gate\n", true);
    let gate = project.folder().join("gate");
    assert!(Command::new("mkfifo").arg(&gate).status().unwrap().success());
    let line = "trap : INT; set -m; $RUN --repeat 2; echo stopped; read line; fg; exit $?";
    let mut terminal = shell(&project, line);
    // It is stopped once, also in the second run of the same process.
    terminal.until(|screen| screen.contains("  a.gate\n"));
    fs::write(&gate, "").unwrap();
    terminal.until(|screen| screen.contains("PASSED") && screen.contains("  a.gate\n"));
    terminal.press("\u{1a}");
    terminal.until(|screen| screen.contains("stopped"));
    assert!(terminal.is_a_shells());
    terminal.press("\n");
    terminal.press("t");
    terminal.until(|screen| screen.contains("running:\n[0] a.gate"));
    assert!(!terminal.is_a_shells());
    terminal.press("q");
    let (exit, screen) = terminal.end();
    assert_eq!(exit, Some(130), "{screen}");
}

#[test]
fn while_a_worker_asks_the_terminal_shows_what_is_typed() {
    let project = Project::new("a.ask\n", true);
    project.configure("debug_prompt_regex=^\\(a\\.ask\\)\ntest_command=WORKER $LISTOPT $IDOPTION");
    let mut terminal = shell(&project, "trap : INT; $RUN; exit $?");
    terminal.until(|screen| screen.trim_end().ends_with("0| (a.ask)"));
    terminal.press("q");
    terminal.until(|screen| screen.trim_end().ends_with("(a.ask) q"));
    assert!(terminal.is_a_shells());
    terminal.press("\u{3}");
    assert_eq!(terminal.end().0, Some(130));
}
