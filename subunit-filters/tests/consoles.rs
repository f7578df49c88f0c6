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
        ("bazel", "Bazel's console: read the files test.xml below bazel-testlogs"),
        ("cypress", "Cypress' console: run `cypress run --reporter junit`"),
        ("dart", "dart test's console: run `dart test --reporter json`"),
        ("karma", "Karma's console: run `karma start --reporters junit`"),
        ("sbt", "sbt's console: read target/test-reports/*.xml"),
        ("xcodebuild", "xcodebuild's console: pipe it through `xcbeautify --report junit`"),
        ("xctest", "XCTest's console: run `swift test --parallel --xunit-output run.xml`"),
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
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/consoles/dart.txt");
    let (line, status) = said(&["stats", "--no-pty", "--", "cat", path]);
    assert!(line.contains("this looks like dart test's console: "), "{line}");
    assert_eq!(status, Some(4));
}

/// A pipe does not carry the runner's exit status: who reads one is told so where the text is green.
#[cfg(unix)]
#[test]
fn the_status_of_a_runner_is_unknown_unless_we_run_it() {
    let console = "==== test session starts ====\ncollected 1 item\n\na.py . [100%]\n\n==== 1 passed in 0.01s ====\n";
    let folder = std::env::temp_dir().join(format!("subunit-consoles-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join("run.txt").display().to_string();
    fs::write(&path, console).unwrap();
    let (line, status) = said(&["stats", "--no-text", &path]);
    let wanted = format!(
        "subunit stats: {path}: the exit status of pytest is unknown: `subunit run -- COMMAND` judges by it as well"
    );
    assert_eq!((line, status), (wanted, Some(0)));
    let cat = format!("cat {path}; exit 3");
    let (line, status) = said(&["stats", "--no-text", "--no-pty", "--", "sh", "-c", &cat]);
    assert!(!line.contains("unknown"), "{line}");
    assert_eq!(status, Some(1));
    fs::write(&path, console.replace("1 passed", "1 failed")).unwrap();
    let (line, status) = said(&["stats", "--no-text", &path]);
    assert_eq!((line.as_str(), status), ("", Some(1)));
    fs::remove_dir_all(folder).unwrap();
}
