//! The verbs of runs as a person sees them: the `console` blocks of `tests/cmd/*.md`.
//!
//! A block is one session of a shell, in an empty folder; what stands behind each `$ ` line is all that the
//! line prints. After a change that is meant, `SNAPSHOTS=overwrite cargo test -p subunit-run --test
//! transcripts` writes what the program says now; read the difference.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Stands between the outputs of two commands.
const SEPARATOR: char = '\u{1e}';

fn documents() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd")
}

/// The document with the outputs that its commands have now.
fn replayed(document: &str) -> String {
    let mut replayed = String::new();
    let mut rest = document;
    while let Some((before, block)) = rest.split_once("```console\n") {
        let (block, after) = block.split_once("```").unwrap();
        replayed.push_str(before);
        replayed.push_str("```console\n");
        replayed.push_str(&session(block));
        replayed.push_str("```");
        rest = after;
    }
    replayed + rest
}

fn session(block: &str) -> String {
    let commands: Vec<&str> = block.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
    let outputs = run(&commands);
    let transcript = commands.iter().zip(outputs.split(SEPARATOR));
    transcript.map(|(command, output)| format!("$ {command}\n{output}")).collect()
}

fn run(commands: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut script = "exec 2>&1\n".to_owned();
    for command in commands {
        script += command;
        script += &format!("\nstatus=$?; printf '{SEPARATOR}'; (exit $status)\n");
    }
    let program = Path::new(env!("CARGO_BIN_EXE_subunit-run")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(folder.path())
        .env("PATH", path)
        .env("HOME", folder.path())
        .env("XDG_RUNTIME_DIR", folder.path())
        .env_remove("XDG_CONFIG_HOME")
        .env_remove("NO_COLOR")
        .env("COLUMNS", "100")
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn commands() {
    let mut transcripts = 0;
    for entry in fs::read_dir(documents()).unwrap() {
        let path = entry.unwrap().path();
        let document = fs::read_to_string(&path).unwrap();
        let expected = snapbox::Data::read_from(&path, None);
        snapbox::assert_data_eq!(replayed(&document), expected.raw());
        transcripts += 1;
    }
    assert!(transcripts > 0);
}
