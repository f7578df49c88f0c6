//! Where outputs go: what is there is kept, and what cannot be written is named.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use subunit_core::{Event, FileChunk, Status};

const SUBUNIT: &str = env!("CARGO_BIN_EXE_subunit");

/// Runs the command in a folder: exit status, standard output and standard error.
fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(SUBUNIT);
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    let output = command.env("TMPDIR", folder.join("none")).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// A stream that no report keeps in memory.
fn large(folder: &Path) {
    let content = vec![b'x'; 64 << 10];
    let file = Some(FileChunk { name: "log", bytes: &content });
    let mut stream = Vec::new();
    for nth in 0..300 {
        let id = format!("t{nth}");
        Event { file, ..Event::status(&id, Status::Fail) }.encode(&mut stream).unwrap();
    }
    fs::write(folder.join("large.subunit"), stream).unwrap();
}

#[test]
fn a_folder_for_temporary_files_that_is_missing_is_named() {
    let folder = tempfile::tempdir().unwrap();
    large(folder.path());
    fs::write(folder.path().join("c.yaml"), "commands: [{argv: [cat, large.subunit]}]").unwrap();
    let place = format!("temporary file in {}: ", folder.path().join("none").display());
    for arguments in [
        &["to-junit", "large.subunit"][..],
        &["report", "--junit", "a.xml", "large.subunit"],
        &["split", "--shard", "1/2", "large.subunit"],
        &["combine", "c.yaml", "t1"],
    ] {
        let (status, _, errors) = run(folder.path(), arguments);
        assert_eq!(status, 2, "{arguments:?}: {errors}");
        assert!(errors.contains(&place) && errors.contains("TMPDIR"), "{arguments:?}: {errors}");
        assert!(!errors.contains("the output"), "{arguments:?}: {errors}");
    }
}
