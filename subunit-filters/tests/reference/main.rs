//! The traditional tools against recorded runs of python-subunit 1.4.6: every run that requires something
//! is repeated through a link of the tool's name, and its result compared.
//!
//! `cases.json` was made by `collect.py`, which says what is in it.

#![allow(clippy::unwrap_used, clippy::print_stdout)] // a failed run ends the test; it prints a table

mod cases;
mod compare;
mod junit;
mod names;
mod view;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use cases::Case;

/// The tools that do not exist yet. A tool that is here and has all its runs right is an error, and so is
/// one that is not here and has a run wrong.
const MISSING: &[&str] = &[];

/// What a run left behind.
struct Run {
    status: Option<i32>,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    place: PathBuf,
}

/// A fresh directory for this test's use.
fn fresh(name: &str) -> PathBuf {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&place);
    fs::create_dir_all(&place).unwrap();
    place
}

/// A directory with a link of each name to the command.
fn links<'n>(names: impl IntoIterator<Item = &'n str>, folder: &str) -> PathBuf {
    let place = fresh(folder);
    for name in names {
        let link = place.join(name).with_extension(std::env::consts::EXE_EXTENSION);
        fs::hard_link(env!("CARGO_BIN_EXE_subunit"), &link).unwrap();
    }
    place
}

fn run(case: &Case, links: &Path) -> Run {
    let place = fresh(&format!("reference-runs/{}-{:?}", case.name, std::thread::current().id()));
    for (name, content) in &case.files {
        fs::write(place.join(name), content).unwrap();
    }
    let mut child = Command::new(links.join(&case.argv[0]))
        .args(&case.argv[1..])
        .current_dir(&place)
        // Nobody's desktop is to be told.
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .env_remove("DISPLAY")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = case.stdin.clone();
    // A tool need not read its input.
    let feeder = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap();
    let Some(status) = output.status.code() else { panic!("{}: killed", case.name) };
    Run { status: Some(status), stdout: output.stdout, stderr: output.stderr, place }
}

#[test]
fn the_recorded_runs() {
    let cases = cases::load(include_str!("cases.json"));
    let names: BTreeSet<&str> = cases.iter().map(|case| case.argv[0].as_str()).collect();
    let links = links(names.iter().copied(), "reference-links");
    let mut passed: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut wrong = String::new();
    for case in &cases {
        let tool = case.argv[0].as_str();
        let (right, of) = passed.entry(tool).or_default();
        *of += 1;
        match compare::check(case, &run(case, &links)) {
            Ok(()) => *right += 1,
            Err(why) if !MISSING.contains(&tool) => {
                wrong.push_str(&format!("{}: {why}\n", case.name));
            }
            Err(_) => {}
        }
    }
    for (tool, (right, of)) in &passed {
        println!("{tool:<18} {right:>3} of {of:>3}");
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert_eq!((passed.len(), cases.len()), (15, 288), "no run has got lost");
    for tool in MISSING {
        let (right, of) = passed[tool];
        assert!(right < of, "{tool} is there now; take it from the list");
    }
}
