//! Files that tests leave, and what else a worker finds in its environment.

use std::fs;

use subunit_core::{Item, Status, items};

use crate::{
    WAYS,
    project::{Project, Ran},
};

/// Attachments: of which test, name, text.
type Attached = Vec<(Option<String>, String, String)>;

fn run(project: &Project, arguments: &[&str]) -> (Ran, Attached) {
    let temporary = project.folder().join("temporary");
    fs::create_dir_all(&temporary).unwrap();
    let mut command = project.command();
    command.arg("--subunit").args(arguments).env("TMPDIR", &temporary);
    command.env("XDG_RUNTIME_DIR", project.folder());
    let output = command.output().unwrap();
    let left: Vec<_> = fs::read_dir(temporary).unwrap().flatten().collect();
    assert!(left.is_empty(), "{left:?}");
    let attached = items(&output.stdout).filter_map(|item| {
        let Item::Packet(packet) = item else { return None };
        let event = packet.event();
        let file = event.file.filter(|file| file.name.ends_with(".log"))?;
        let text = String::from_utf8_lossy(file.bytes).into_owned();
        Some((event.test_id.map(str::to_owned), file.name.to_owned(), text))
    });
    let attached = attached.collect();
    (Ran::of(&output), attached)
}

#[test]
fn files_are_attachments_of_their_test_or_of_none() {
    for incremental in WAYS {
        let project = Project::new("a.file\nb.after\nc.pass\nd.file\n", incremental);
        let (run, attached) = run(&project, &["--jobs", "1"]);
        assert_eq!(run.exit, Some(0), "{run:?}");
        let of = |test_id: &str| {
            let (name, text) = (format!("{test_id}.log"), format!("left by {test_id}"));
            (Some(test_id.to_owned()), name, text)
        };
        let after = (None, "after.log".to_owned(), "after all".to_owned());
        assert_eq!(attached, [of("a.file"), of("d.file"), after]);
    }
}

#[test]
fn the_environment_is_as_documented() {
    for incremental in WAYS {
        let project = Project::new("a.variables\n", incremental);
        let (run, _) = run(&project, &["--jobs", "3"]);
        let said = run.reason("a.variables");
        let value = |name: &str| {
            let start = format!("{name}=");
            said.split(' ').find_map(|word| word.strip_prefix(&start)).unwrap_or_default()
        };
        assert_eq!((value("WORKERS"), value("ATTEMPT")), ("3", "1"), "{said}");
        assert_eq!(value("WORKER"), value("ROUTE"), "{said}");
        assert!(value("WORKER").parse::<u8>().unwrap() < 3, "{said}");
        assert_eq!(value("RUN_ID").len(), 36, "{said}");
        assert!(value("ARTIFACTS").contains(value("RUN_ID")), "{said}");
        assert!(["3", "4", "5", "6", "7", "8", "9"].contains(&value("RESULT_FD")), "{said}");
    }
}

#[test]
fn a_command_on_an_instance_finds_what_the_run_tells() {
    // Another machine knows nothing of our environment.
    let project = Project::new("a.variables\n", false);
    project.toml(
        "instance_provision = 'echo one'\ninstance_execute = 'env -i PATH=\"$PATH\" $COMMAND'\n",
    );
    let run = project.run(&["--jobs", "1"]);
    let said = run.reason("a.variables");
    assert!(said.contains(" WORKER=0 WORKERS=1 ROUTE=0 ATTEMPT=1 "), "{said}");
}

#[test]
fn a_process_knows_for_which_attempt_it_was_started() {
    for (incremental, options) in
        [(false, &["--retries", "2"][..]), (true, &["--retries", "2", "--isolated"])]
    {
        let project = Project::new("a.attempt-3\n", incremental);
        let (run, _) = run(&project, options);
        let ends: Vec<_> = run.results.iter().map(|end| (end.attempt, end.status)).collect();
        let expected = [(1, Status::Fail), (2, Status::Fail), (3, Status::Success)];
        assert_eq!(ends, expected.map(|(attempt, status)| (Some(attempt), status)), "{run:?}");
    }
}

#[test]
fn a_command_that_is_run_as_it_stands_is_the_one_worker() {
    let project = Project::new("a.variables\n", false);
    let worker = crate::project::worker().display().to_string();
    let mut command = project.command();
    let output = command.args(["--subunit", "--"]).arg(worker).env("SUBUNIT_ROUTE", "7").output();
    let run = Ran::of(&output.unwrap());
    let said = run.reason("a.variables");
    assert!(said.contains(" WORKER=0 WORKERS=1 ROUTE=7 "), "{said}");
    let uuid = said.strip_prefix("RUN_ID=").and_then(|said| said.split(' ').next()).unwrap();
    assert!(!uuid.is_empty() && run.text("run").contains(uuid), "{uuid}: {}", run.text("run"));
}
