//! The command as a person sees it: the `console` blocks of `tests/cmd/*.md` and of the README.
//!
//! A block is one session of a shell, in a folder that holds the streams of `tests/data`; what stands
//! behind each `$ ` line is all that the line prints. After a change that is meant,
//! `SNAPSHOTS=overwrite cargo test -p subunit-filters --test transcripts` writes what the command says
//! now; read the difference.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Stands between the outputs of two commands.
const SEPARATOR: char = '\u{1e}';

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
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
    let data = root().join("tests/data");
    fs::create_dir_all(folder.path().join("tests/data")).unwrap();
    for entry in fs::read_dir(&data).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), folder.path().join("tests/data").join(entry.file_name())).unwrap();
    }
    let mut script = "exec 2>&1\n".to_owned();
    for command in commands {
        script += command;
        script += &format!("\nstatus=$?; printf '{SEPARATOR}'; (exit $status)\n");
    }
    let program = Path::new(env!("CARGO_BIN_EXE_subunit")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(folder.path())
        .env("PATH", path)
        .env_remove("NO_COLOR")
        .env("COLUMNS", "100")
        .output()
        .unwrap();
    // Whether other programs are there depends on what was built before.
    String::from_utf8(output.stdout).unwrap().replace(" (not installed)", "")
}

fn check(path: &Path) {
    let document = fs::read_to_string(path).unwrap();
    let expected = snapbox::Data::read_from(path, None);
    snapbox::assert_data_eq!(replayed(&document), expected.raw());
}

#[test]
fn commands() {
    let folder = root().join("subunit-filters/tests/cmd");
    let mut transcripts = 0;
    for entry in fs::read_dir(folder).unwrap() {
        check(&entry.unwrap().path());
        transcripts += 1;
    }
    assert!(transcripts > 0);
}

#[test]
fn readme() {
    check(&root().join("README.md"));
    check(&root().join("subunit-filters/README.md"));
}
