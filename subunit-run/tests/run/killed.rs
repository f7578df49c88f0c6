//! A supervisor or a worker that is killed, and processes that are left behind.

use std::{
    fs,
    io::Read,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use subunit_core::Status;

use crate::{
    WAYS,
    project::{Project, Ran, worker},
};

/// Processes that have this folder in their environment: those of a project, as its `HOME`.
fn processes_of(project: &Project) -> Vec<(i32, String)> {
    let home = format!("HOME={}", project.folder().display());
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse() else { continue };
        let environment = fs::read(entry.path().join("environ")).unwrap_or_default();
        let command = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let is_its = environment.split(|byte| *byte == 0).any(|one| one == home.as_bytes());
        if is_its && !command.is_empty() {
            found.push((pid, String::from_utf8_lossy(&command).replace('\0', " ")));
        }
    }
    found
}

#[test]
fn a_supervisor_that_is_killed_leaves_no_process_behind_and_a_readable_run() {
    for incremental in [true, false] {
        let list = "a.pass\nb.leak\nc.hang\nd.hang\n";
        let project = Project::new(list, incremental);
        project.write(
            "subunit.toml",
            &format!(
                "test_command = '{} $LISTOPT $IDOPTION'\ntest_list_option = '--list'\n\
                 test_id_option = '--load-list $IDFILE'\nincremental = {incremental}\n",
                worker().display()
            ),
        );
        let temporary = project.folder().join("temporary");
        fs::create_dir(&temporary).unwrap();
        let mut run = project
            .command()
            .args(["--subunit", "--jobs", "2"])
            .env("TMPDIR", &temporary)
            .env("XDG_RUNTIME_DIR", project.folder())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = Vec::new();
        let has_both = |said: &[u8]| Ran::begun(said, "c.hang") && Ran::ended(said, "b.leak");
        read_until(&mut run, &mut said, has_both);
        // It has been started, and may not have become its program yet.
        let is_left = |(_, command): &(i32, String)| command.starts_with("sleep");
        let begun = Instant::now();
        while !processes_of(&project).iter().any(is_left) {
            assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", processes_of(&project));
            std::thread::yield_now();
        }
        run.kill().unwrap();
        run.wait().unwrap();
        let begun = Instant::now();
        while !processes_of(&project).is_empty() {
            assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", processes_of(&project));
            std::thread::yield_now();
        }
        let left = || fs::read_dir(&temporary).unwrap().count();
        while left() > 0 {
            assert!(begun.elapsed() < Duration::from_secs(10), "{} files are left", left());
            std::thread::yield_now();
        }
        // What was said was kept before.
        let kept = fs::read_dir(project.folder().join(".subunit/runs")).unwrap().flatten();
        let kept = kept.map(|entry| fs::read(entry.path()).unwrap_or_default());
        let said = &said[..];
        assert!(kept.into_iter().any(|kept| kept.windows(said.len()).any(|part| part == said)));
    }
}

#[test]
fn what_a_worker_leaves_running_is_named_and_killed() {
    let project = Project::new("a.leak\nb.pass\n", true);
    let run = project.run(&["--jobs", "1"]);
    run.assert_results(&[("a.leak", Status::Success), ("b.pass", Status::Success)]);
    let told = run.text("stderr");
    assert!(told.contains("left running: process ") && told.contains(": sleep 1000"), "{told}");
    assert_eq!(processes_of(&project), []);
    assert_eq!(run.exit, Some(0));
}

#[test]
fn a_process_that_holds_outputs_open_does_not_hold_the_run() {
    for incremental in [true, false] {
        let project = Project::new("a.daemon\nb.pass\n", incremental);
        let run = project.run(&["--jobs", "1"]);
        run.assert_results(&[("a.daemon", Status::Success), ("b.pass", Status::Success)]);
        let told = run.text("stderr");
        assert!(told.contains("holds its output open"), "{told}");
        assert!(told.contains("left running: process ") && told.contains(": sleep 1000"), "{told}");
        assert_eq!(processes_of(&project), []);
        assert_eq!(run.exit, Some(0));
    }
}

#[test]
fn a_worker_that_is_killed_at_any_time_costs_no_result() {
    let ids: Vec<String> = (0..40).map(|n| format!("t{n:02}.sleep-5")).collect();
    let mut hits = 0;
    for incremental in [true, false] {
        for nth in [0, 7, 13, 20, 25] {
            let project = Project::new(&(ids.join("\n") + "\n"), incremental);
            let mut run = project
                .command()
                .args(["--subunit", "--jobs", "2"])
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let mut said = Vec::new();
            read_until(&mut run, &mut said, |said| Ran::begun(said, &ids[nth]));
            let worker = processes_of(&project).into_iter().find(|(_, command)| {
                let is_worker = command.contains("examples/worker");
                is_worker && !command.contains("sh -c") && !command.contains("--list ")
            });
            // Where the machine is busy, it has ended by now.
            if let Some((pid, _)) = worker {
                let pid = Pid::from_raw(pid).unwrap();
                hits += u32::from(kill_process(pid, Signal::KILL).is_ok());
            }
            run.stdout.as_mut().unwrap().read_to_end(&mut said).unwrap();
            let mut output = run.wait_with_output().unwrap();
            output.stdout = said;
            let run = Ran::of(&output);
            let tests = || run.results.iter().filter(|end| end.test_id.starts_with('t'));
            let mut results: Vec<_> = tests().map(|end| end.test_id.clone()).collect();
            results.sort();
            assert_eq!(results, ids, "{run:?}");
            let failed: Vec<_> = tests().filter(|end| end.status == Status::Fail).collect();
            assert!(failed.len() <= 1, "{run:?}");
            assert!(failed.iter().all(|end| end.reason.contains("SIGKILL")), "{run:?}");
        }
    }
    assert!(hits > 0);
}

/// Reads what a run says until it has said something.
#[test]
fn a_run_that_was_interrupted_goes_on_with_what_it_cut_off() {
    for incremental in WAYS {
        let project = Project::new("a.pass\nb.gate\nc.pass\n", incremental);
        project.toml("");
        let gate = project.folder().join("gate");
        assert!(Command::new("mkfifo").arg(&gate).status().unwrap().success());
        let mut command = project.command();
        command.args(["--subunit", "--jobs=1", "--order=discovery", "--isolated"]);
        let mut run = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        read_until(&mut run, &mut Vec::new(), |said| Ran::begun(said, "b.gate"));
        kill_process(Pid::from_child(&run), Signal::INT).unwrap();
        run.stdout.as_mut().unwrap().read_to_end(&mut Vec::new()).unwrap();
        assert!(!run.wait().unwrap().success());
        fs::remove_file(&gate).unwrap();
        project.write("gate", "");
        let run = project.run(&["--resume"]);
        run.assert_results(&[
            ("a.pass", Status::Success),
            ("b.gate", Status::Success),
            ("c.pass", Status::Success),
        ]);
        assert_eq!(run.exit, Some(0), "{run:?}");
    }
}

fn read_until(run: &mut Child, said: &mut Vec<u8>, has: impl Fn(&[u8]) -> bool) {
    let stdout = run.stdout.as_mut().unwrap();
    let mut bytes = [0; 4096];
    while !has(said) {
        let length = stdout.read(&mut bytes).unwrap();
        assert!(length > 0);
        said.extend_from_slice(&bytes[..length]);
    }
}
