//! `-o FILE` of every verb that writes one thing: the same as on standard output, put in place when it is whole.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};

use subunit_core::{Event, Status};
use subunit_filters::{
    commands::{TOOLS, VERBS},
    files::destination::Writes,
};

/// Runs the command in the folder.
fn subunit(folder: &Path, words: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_subunit"))
        .args(words.split(' '))
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// The words with which a verb reads `run`.
fn words(verb: &str) -> String {
    let words = match verb {
        "split" => "--shard 1/2 run",
        "rename" => "a b run",
        "known-failures" => "list run",
        "combine" => "combine.yaml",
        "diff" => "run other",
        "completions" => "bash",
        "from-jsonl" => "jsonl",
        "from-log" => "--rules rules.toml run",
        "to-otlp" => "run --start 2024-01-02T03:04:05Z",
        _ => "run",
    };
    format!("{verb} {words}")
}

/// A folder with a stream `run` of one test, and what the verbs take besides.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut run = Vec::new();
    let time = "2024-01-02T03:04:05Z".parse::<jiff::Timestamp>().unwrap();
    let timestamp = subunit_core::Timestamp::try_from(std::time::SystemTime::from(time)).ok();
    for status in [Status::InProgress, Status::Success] {
        Event { timestamp, ..Event::status("a", status) }.encode(&mut run).unwrap();
    }
    let jsonl = b"{\"type\":\"event\",\"test_id\":\"a\",\"status\":\"success\"}\n";
    let yaml = b"commands: [{argv: [cat, run]}]";
    let rules = b"[[rule]]\nkind = 'expect'\nid = 'x'\nmatch = ['x']\n";
    let files: [(&str, &[u8]); 6] = [
        ("run", &run),
        ("other", &run),
        ("list", b"a\n"),
        ("jsonl", jsonl),
        ("rules.toml", rules),
        ("combine.yaml", yaml),
    ];
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

fn is_file_verb(writes: Writes) -> bool {
    matches!(writes, Writes::Text | Writes::Stream | Writes::StreamUnless(_))
}

#[test]
fn every_verb_that_writes_one_thing_writes_it_to_a_file_too() {
    let folder = folder();
    let verbs = VERBS.iter().filter(|verb| is_file_verb(verb.writes()));
    let mut known = 0;
    for verb in verbs {
        known += 1;
        let line = words(verb.name);
        let shown = subunit(folder.path(), &line);
        for flag in ["-o new", "--output=new"] {
            let written = subunit(folder.path(), &format!("{line} {flag}"));
            assert_eq!(written.status, shown.status, "{line}: {written:?}");
            assert!(written.stdout.is_empty(), "{line}: {written:?}");
            // Some tell how long reading took, the day, or ids made up.
            if !["to-pyunit", "to-html", "to-otlp"].contains(&verb.name) {
                let new = fs::read(folder.path().join("new")).unwrap();
                // Where nothing failed there are no diagnostics.
                assert!(!new.is_empty() || verb.name == "to-rdjsonl", "{line}");
                assert!(new == shown.stdout, "{line}");
            }
            fs::remove_file(folder.path().join("new")).unwrap();
        }
    }
    assert!(known > 40, "{known}");
    assert!(TOOLS.iter().all(|tool| tool.writes() == Writes::Nothing), "they have their own flags");
}

#[test]
fn every_folder_is_named_alike_and_old_names_are_heard() {
    let folder = folder();
    for (verb, old) in [
        ("man", "out"),
        ("links", "out"),
        ("demux", "--dir out"),
        ("to-disk", "--directory out"),
        ("split --by route", "--directory out"),
    ] {
        let input = if ["man", "links"].contains(&verb) { "" } else { " run" };
        for named in ["-d out", "--directory out", old] {
            let output = subunit(folder.path(), &format!("{verb}{input} {named}"));
            assert_eq!(output.status.code(), Some(0), "{verb} {named}: {output:?}");
            assert!(fs::read_dir(folder.path().join("out")).unwrap().count() > 0, "{verb} {named}");
            fs::remove_dir_all(folder.path().join("out")).unwrap();
        }
    }
    for line in ["man", "links out -d other", "demux run"] {
        assert_eq!(subunit(folder.path(), line).status.code(), Some(2), "{line}");
    }
}

#[test]
fn what_is_read_is_not_written() {
    let folder = folder();
    std::os::unix::fs::symlink("run", folder.path().join("soft")).unwrap();
    let run = fs::read(folder.path().join("run")).unwrap();
    for line in [
        "cat run -o run",
        "cat run -o soft",
        "filter --load-list list run -o list",
        "diff run other -o other",
        "stats other --baseline run -o soft",
        "stats other --expect list -o list",
        "split --shard 1/2 other --times run -o run",
    ] {
        let output = subunit(folder.path(), line);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{line}: {stderr}");
        assert!(
            stderr.contains(" is read, and ") && stderr.lines().count() == 1,
            "{line}: {stderr}"
        );
        assert_eq!(fs::read(folder.path().join("run")).unwrap(), run, "{line}");
    }
}

#[test]
fn the_old_file_stays_until_the_new_one_is_whole() {
    let folder = folder();
    let read = || fs::read_to_string(folder.path().join("out")).unwrap();
    fs::write(folder.path().join("out"), "old").unwrap();
    for line in ["stats missing -o out", "to-junit missing -o out", "filter --id ( run -o out"] {
        let output = subunit(folder.path(), line);
        assert_eq!((output.status.code(), &*read()), (Some(2), "old"), "{line}: {output:?}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 7, "nothing is left over");
    let output = subunit(folder.path(), "ls run -o out");
    assert_eq!((output.status.code(), &*read()), (Some(0), "a\n"), "{output:?}");
    let output = subunit(folder.path(), "ls run -o missing/out");
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    // What came of the first input is not lost for the second one, and does not pass for all.
    let output = subunit(folder.path(), "cat run missing -o out");
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert_eq!(subunit(folder.path(), "stats out").status.code(), Some(1));
    let output = subunit(folder.path(), "split --by tag -d parts run -o out");
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}
