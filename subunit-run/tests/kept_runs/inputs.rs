//! Runs that are read where a verb of `subunit` takes a file.

use std::{
    ffi::OsString,
    fs,
    path::Path,
    process::{Command, Stdio},
};

use crate::support::{Place, Said, two_runs};

/// What a verb of `subunit` says in the folder.
fn subunit(place: &Place, line: &str, path: OsString) -> Said {
    let program = Path::new(env!("CARGO_BIN_EXE_subunit-run")).parent().unwrap();
    let command = program.join("examples/command");
    assert!(command.is_file(), "build it: cargo build -p subunit-run --examples");
    let mut command = Command::new(command);
    command.args(line.split(' ')).current_dir(place.path(".")).stdin(Stdio::null());
    let output = command.env("PATH", path).env_remove("SUBUNIT_HISTORY").output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn beside() -> OsString {
    Path::new(env!("CARGO_BIN_EXE_subunit-run")).parent().unwrap().into()
}

#[test]
fn a_run_is_read_like_a_file() {
    let place = two_runs();
    for (line, exit, wanted) in [
        ("stats --no-text @1", 0, "PASSED  3 tests"),
        ("stats --no-text @last", 1, "FAILED  3 tests"),
        ("ls @2", 1, "a\nb\nd\n"),
        ("diff @1 @2", 1, "newly failing: b (success, now fail)"),
        ("stats --no-text --baseline @1 @2", 1, "1 new failure"),
        ("to-tap @2", 1, "not ok "),
    ] {
        let (found, text, said) = subunit(&place, line, beside());
        assert_eq!((found, &*said), (Some(exit), ""), "{line}: {text}");
        assert!(text.contains(wanted), "{line}: {text}");
    }
}

#[test]
fn a_file_of_that_name_is_a_file() {
    let place = two_runs();
    fs::write(place.path("@1"), "1..1\nok 1 of-the-file\n").unwrap();
    let (exit, text, _) = subunit(&place, "ls @1", beside());
    assert_eq!((exit, &*text), (Some(0), "of-the-file\n"));
}

#[test]
fn what_is_no_run_is_told_in_a_line() {
    let place = two_runs();
    let uuid = "0b6c1f4e-6f0a-4d5e-9f3a-1c2d3e4f5a6b";
    for (line, wanted) in [
        ("stats @9", "subunit stats: @9: there is no run @9: use a number such as @12"),
        ("diff @1 @nope", "subunit diff: @nope: there is no run @nope"),
        (&format!("ls {uuid}"), &format!("subunit ls: {uuid}: there is no run {uuid}")),
    ] {
        let (exit, _, said) = subunit(&place, line, beside());
        assert_eq!((exit, said.lines().count()), (Some(2), 1), "{line}: {said}");
        assert!(said.starts_with(wanted), "{line}: {said}");
    }
    let (exit, _, said) = subunit(&Place::new(), "stats @1", beside());
    assert_eq!(exit, Some(2));
    assert!(said.contains("there is no history"), "{said}");
    let (exit, _, said) = subunit(&place, "stats @1", "/nonexistent".into());
    assert_eq!((exit, said.lines().count()), (Some(2), 1), "{said}");
    assert!(said.contains("the program subunit-run is not installed"), "{said}");
}
