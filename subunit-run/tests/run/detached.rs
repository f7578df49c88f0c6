//! Runs in the background.

use std::{
    io::Read,
    os::unix::net::UnixStream,
    time::{Duration, Instant},
};

use subunit_core::{Item, Status, items};

use crate::project::Project;

#[test]
fn a_run_in_the_background_can_be_joined_and_is_kept() {
    let project = Project::new("a.sleep-500\nb.fail\n", true);
    let mut command = project.command();
    command.args(["--detach", "--jobs", "1"]).env("XDG_RUNTIME_DIR", project.folder());
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    let name = said.strip_prefix("run ").unwrap().split(' ').next().unwrap();
    let socket = project.folder().join("subunit").join(format!("{name}.sock"));
    let mut stream = Vec::new();
    UnixStream::connect(socket).unwrap().read_to_end(&mut stream).unwrap();
    let failed = items(&stream).any(|item| match item {
        Item::Packet(packet) => {
            packet.event().test_id == Some("b.fail") && packet.event().status == Some(Status::Fail)
        }
        _ => false,
    });
    assert!(failed);
    let begun = Instant::now();
    while !project.folder().join(".testrepository/0").exists() {
        assert!(begun.elapsed() < Duration::from_secs(10));
        std::thread::yield_now();
    }
}

#[test]
fn a_run_that_subunit_has_started_goes_into_the_background() {
    let project = Project::new("a.pass\n", true);
    let version = concat!("--of-subunit=", env!("CARGO_PKG_VERSION"));
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_subunit-run"));
    command.args([version, "run", "--detach"]).current_dir(project.folder());
    command.env("HOME", project.folder()).env("XDG_RUNTIME_DIR", project.folder());
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.starts_with("run ") && said.contains(" goes on: "), "{said}");
}

#[test]
fn why_a_run_in_the_background_cannot_begin_is_told() {
    let project = Project::new("a.pass\n", true);
    project.configure("test_comand=x");
    let mut command = project.command();
    command.arg("--detach").env("XDG_RUNTIME_DIR", project.folder());
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("No test_command option present in .testr.conf"), "{said}");
}
