//! What runners show people is no format: whoever reads it is told what to type.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{fs, path::Path, process::Command};

/// What is said of a console, and the exit status.
fn said(words: &[&str]) -> (String, Option<i32>) {
    let output = Command::new(env!("CARGO_BIN_EXE_subunit")).args(words).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    (stderr.lines().last().unwrap_or_default().to_owned(), output.status.code())
}

#[test]
fn each_console_is_known_and_the_way_out_is_one_line() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/consoles");
    let known = [
        ("ctest", "ctest's console: run `ctest --output-junit run.xml`"),
        ("dotnet", "dotnet test's console: run `dotnet test --logger trx`"),
        ("go", "go test's console: run `go test -json ./...`"),
        ("gtest", "GoogleTest's console: run the program with `--gtest_output=xml:run.xml`"),
        ("jest", "jest's console: run `jest --reporters=jest-junit`"),
        ("mocha", "mocha's console: run `mocha --reporter json-stream`"),
        (
            "nextest",
            "cargo nextest's console: run `NEXTEST_EXPERIMENTAL_LIBTEST_JSON=1 cargo nextest",
        ),
        ("phpunit", "PHPUnit's console: run `phpunit --log-junit run.xml`"),
        ("pytest", "pytest's console: run `pytest --junit-xml=run.xml` and read run.xml"),
        ("rspec", "RSpec's console: run `rspec --format RspecJunitFormatter"),
        ("surefire", "Maven's console: read its reports, target/surefire-reports/*.xml"),
        ("unittest", "unittest's console: run `python3 -m subunit.run discover`"),
        ("vitest", "vitest's console: run `vitest run --reporter=junit --outputFile=run.xml`"),
    ];
    assert_eq!(fs::read_dir(&folder).unwrap().count(), known.len());
    for (name, wanted) in known {
        let path = folder.join(format!("{name}.txt")).display().to_string();
        for verb in ["stats", "watch", "to-junit"] {
            let (line, status) = said(&[verb, "--no-text", &path]);
            let wanted =
                format!("subunit {verb}: {path}: no test results found; this looks like {wanted}");
            if verb != "watch" {
                assert!(line.starts_with(&wanted), "{line}\n{wanted}");
            }
            assert_eq!(status, Some(4), "{line}");
        }
    }
}

#[cfg(unix)]
#[test]
fn what_a_command_shows_is_known_too() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/consoles/pytest.txt");
    let (line, status) = said(&["stats", "--no-pty", "--", "cat", path]);
    assert!(line.contains("this looks like pytest's console: "), "{line}");
    assert_eq!(status, Some(4));
}
