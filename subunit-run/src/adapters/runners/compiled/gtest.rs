//! Programs of GoogleTest: batches, by a file of flags.

use std::fs;

use subunit_formats::Format;

use super::program::recognised;
use crate::adapters::{
    adapter::Adapter,
    project::Project,
    runner_commands::RunnerCommands,
    words::CommandWords,
    worker::{Invoked, ResultSource, RunnerProcess, RunnerWorker, TestListing, asked, command},
};

pub(in crate::adapters) const ADAPTER: Adapter = Adapter {
    name: "gtest",
    looks_for: "nothing by itself: name the program, as in `subunit run -- build/tests`",
    detect: |_| None,
    recognise,
    commands,
    worker: Some(&RunnerWorker::new(Some(list), processes)),
};

/// What only its programs have, whether the library is in them or beside them.
const SIGNS: &[&[u8]] = &[b"gtest_list_tests", b"InitGoogleTest"];

/// A program that asks for no list, but would run tests.
fn recognise(words: &[&str]) -> Option<usize> {
    let is_none = |word: &str| {
        word.starts_with("--gtest_list_tests") || word.starts_with("--help") || word == "-h"
    };
    recognised(words, SIGNS, is_none)
}

fn commands(line: &CommandWords, _: &Project) -> RunnerCommands {
    RunnerCommands::batches("gtest", line)
}

fn list(invoked: &Invoked) -> Result<TestListing, String> {
    let words = invoked.line.with_words([], ["--gtest_list_tests"]);
    let runs_disabled =
        words.iter().any(|word| word.starts_with("--gtest_also_run_disabled_tests"));
    let text = asked(&mut command(&words))?;
    let mut listing = TestListing::default();
    tests(&text, runs_disabled).for_each(|id| listing.add(id));
    Ok(listing)
}

/// `Suite.` and below it `  Test  # GetParam() = 1`, after what the program prints itself.
fn tests(text: &str, runs_disabled: bool) -> impl Iterator<Item = String> {
    let mut suite = None;
    let names = text.lines().filter_map(move |line| {
        let name = line.split("  # ").next().unwrap_or(line).trim_end();
        match name.strip_prefix("  ") {
            Some(test) => Some(format!("{}{test}", suite?)),
            None => {
                suite = Some(name).filter(|name| name.ends_with('.'));
                None
            }
        }
    });
    let is_disabled = |id: &String| {
        let (suite, test) = id.split_once('.').unwrap_or((id, ""));
        let part = |part: &str| part.starts_with("DISABLED_");
        suite.split('/').any(part) || part(test)
    };
    names.filter(move |id| runs_disabled || !is_disabled(id))
}

fn processes(invoked: &Invoked, ids: Option<&[String]>) -> Result<Vec<RunnerProcess>, String> {
    let mut words = invoked.line.with_words([], []);
    if let Some(ids) = ids {
        let path = invoked.own_file("flags");
        let flags = format!("--gtest_filter={}\n", ids.join(":"));
        fs::write(&path, flags).map_err(|error| format!("{}: {error}\n", path.display()))?;
        words.push(format!("--gtest_flagfile={}", path.display()));
    }
    Ok(vec![RunnerProcess::new(words, ResultSource::Output(Format::Gtest)).with_ids(ids)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_is_read_without_comments_and_what_is_disabled() {
        let text = "Running main() from x.cc\nSum.\n  Ok\n  DISABLED_No\nA/Par.\n  Is/0  # GetParam() = 1\n\
                    DISABLED_S.\n  T\n";
        let ids = |runs_disabled| tests(text, runs_disabled).collect::<Vec<_>>();
        assert_eq!(ids(false), ["Sum.Ok", "A/Par.Is/0"]);
        assert_eq!(ids(true).len(), 4);
    }

    #[test]
    fn programs_are_known_by_what_is_in_them() {
        let folder = tempfile::tempdir().unwrap();
        let is = |bytes: &[u8]| {
            let path = folder.path().join("program");
            fs::write(&path, bytes).unwrap();
            let path = path.display().to_string();
            recognise(&[&path]).is_some() && recognise(&[&path, "--gtest_list_tests"]).is_none()
        };
        assert!(is(b"\x7fELF...\0gtest_list_tests\0"));
        assert!(is(b"\x7fELF...\0_ZN7testing14InitGoogleTestEPiPPc\0"));
        assert!(!is(b"\x7fELF...\0main\0"));
        assert!(!is(b"#!/bin/sh\necho gtest_list_tests\n"));
    }
}
