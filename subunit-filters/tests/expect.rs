//! `--expect LIST`: what must run and did not is a failure by name, in every verb that judges.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod command_support;

use std::fs;

use subunit_core::{Event, RouteCode, Status};
use subunit_filters::{commands::VERBS, exit::Exit};

const REASON: &str = "expected and never run";

fn run(words: &[&str], stdin: &[u8]) -> (Exit, String, String) {
    let (exit, stdout, stderr) = command_support::run(VERBS, words, stdin, usize::MAX);
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (exit, text(stdout), text(stderr))
}

fn stream(events: &[(&str, Status)]) -> Vec<u8> {
    let mut stream = Vec::new();
    for (id, status) in events {
        let route_code = Some(RouteCode::new("0"));
        Event { route_code, ..Event::status(id, *status) }.encode(&mut stream).unwrap();
    }
    stream
}

fn passed() -> Vec<u8> {
    use Status::{InProgress, Success};
    stream(&[("pkg.a", InProgress), ("pkg.a", Success), ("pkg.b", InProgress), ("pkg.b", Success)])
}

/// Verbs that judge two runs, or inputs that are streams of their own.
const OTHERS: [&str; 2] = ["diff", "mux"];

/// Verbs that take `--expect`, which is where they take `--allow-empty`.
fn judges() -> Vec<&'static str> {
    let takes = |verb: &&subunit_filters::cli::command::Entry, name: &str| {
        verb.definition().get_arguments().any(|option| option.get_long() == Some(name))
    };
    let judges: Vec<_> = VERBS.iter().filter(|verb| takes(verb, "allow-empty")).collect();
    for judge in &judges {
        assert!(takes(judge, "expect") || OTHERS.contains(&judge.name), "{}", judge.name);
    }
    judges.iter().map(|verb| verb.name).filter(|name| !OTHERS.contains(name)).collect()
}

#[test]
fn every_verb_that_judges_fails_what_was_expected_and_never_ran() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("all"), "pkg.a\npkg.b\n").unwrap();
    fs::write(path("more"), "pkg.b\npkg.lost # of old\npkg.a\n").unwrap();
    let directory = path("directory");
    let judges = judges();
    assert!(judges.len() >= 18, "{judges:?}");
    for verb in judges {
        let options = match verb {
            "report" => &["--html", "-"][..],
            "to-disk" => &["-d", &directory],
            _ => &[],
        };
        let list = |name: &str| format!("--expect={}", path(name));
        let (all, more) = (list("all"), list("more"));
        let words = [&[verb, &all[..]], options].concat();
        let (exit, _, stderr) = run(&words, &passed());
        assert_eq!(exit, Exit::Passed, "{words:?}: {stderr}");
        let words = [&[verb, &more[..]], options].concat();
        let (exit, stdout, _) = run(&words, &passed());
        assert_eq!(exit, Exit::Failed, "{words:?}");
        if matches!(verb, "stats" | "notify" | "to-disk") {
            continue;
        }
        assert!(stdout.contains("pkg.lost"), "{words:?}: {stdout}");
        let is_brief = matches!(verb, "ls" | "to-csv");
        assert!(is_brief || stdout.contains(REASON), "{words:?}: {stdout}");
    }
    let reason = format!("{directory}/pkg.lost/reason");
    assert_eq!(fs::read_to_string(reason).unwrap(), REASON);
}

#[test]
fn all_reports_of_a_pass_have_what_never_ran() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("list"), stream(&[("pkg.a", Status::Exists), ("pkg.lost", Status::Exists)]))
        .unwrap();
    let mut words = vec!["report".to_owned(), "--expect".to_owned(), path("list")];
    let reports = ["junit", "html", "tap", "ctrf", "csv", "jsonl", "markdown", "trace", "otlp"];
    for report in reports.iter().chain(&["teamcity", "github", "gitlab", "summary"]) {
        words.push(format!("--{report}={}", path(report)));
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    assert_eq!(run(&words, &passed()).0, Exit::Failed);
    for report in reports {
        let text = fs::read_to_string(path(report)).unwrap();
        assert!(text.contains("pkg.lost"), "{report}: {text}");
        assert!(report == "csv" || text.contains(REASON), "{report}: {text}");
    }
}

#[test]
fn what_began_is_unfinished_and_what_ran_anywhere_ran() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("list");
    fs::write(&list, "pkg.begun\npkg.skipped\npkg.failed\n").unwrap();
    let words = ["stats", "--json", "--expect", list.to_str().unwrap()];
    let input = stream(&[
        ("pkg.begun", Status::InProgress),
        ("pkg.skipped", Status::Skip),
        ("pkg.failed", Status::Fail),
    ]);
    let (exit, stdout, _) = run(&words, &input);
    assert_eq!(exit, Exit::Failed);
    assert!(stdout.contains("\"fail\":1,") && stdout.contains("\"unfinished\":1,"), "{stdout}");
    let (exit, stdout, _) = run(&words, b"");
    assert_eq!(exit, Exit::Failed, "nothing ran at all");
    assert!(stdout.contains("\"fail\":3,"), "{stdout}");
}

#[test]
fn tests_that_a_listing_announced_and_nobody_ran_are_named() {
    use Status::{Exists, Success};
    let listing = [("pkg.a", Exists), ("pkg.b", Exists), ("pkg.c", Exists)];
    let ran = [("pkg.b", Success)];
    let (exit, _, stderr) = run(&["stats"], &stream(&[&listing[..], &ran].concat()));
    assert_eq!(exit, Exit::Passed);
    assert_eq!(stderr, "stats: 2 tests were listed and have no result: pkg.a, pkg.c\n");
    let (exit, _, stderr) = run(&["stats"], &stream(&listing));
    assert_eq!((exit, &stderr[..]), (Exit::NoTests, ""), "a listing alone says nothing");
    let (_, _, stderr) = run(&["cat"], &stream(&[&listing[..], &ran].concat()));
    assert_eq!(stderr, "", "a stream is not judged");
}
