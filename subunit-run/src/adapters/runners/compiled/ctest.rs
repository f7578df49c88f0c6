//! CTest: batches, by a pattern of names. Tests that share fixtures or locks, which CTest knows of in one process only,
//! are left to one.

use std::{fs, path::Path, time::SystemTime};

use subunit_formats::Format;

use crate::adapters::{
    adapter::{Adapter, RunnerSign},
    programs::is_called,
    project::Project,
    runner_commands::RunnerCommands,
    words::CommandWords,
    worker::{
        Invoked, ResultSource, RunnerProcess, RunnerWorker, TestListing, asked, command, escaped,
        has_limits, in_parts,
    },
};

pub(in crate::adapters) const ADAPTER: Adapter = Adapter {
    name: "ctest",
    looks_for: "CTestTestfile.cmake here, in build*, cmake-build-* or out/*",
    detect,
    recognise,
    commands,
    worker: Some(&RunnerWorker::new(Some(list), processes)),
};

const FILE: &str = "CTestTestfile.cmake";

/// With one of these it runs no test, or does more than that.
const NO_RUN: &[&str] = &[
    "-N",
    "--show-only",
    "-D",
    "--dashboard",
    "-S",
    "--script",
    "-SP",
    "--script-new-process",
    "-M",
    "--test-model",
    "-T",
    "--test-action",
    "--build-and-test",
    "--print-labels",
    "--version",
    "--help",
    "-h",
];

/// What divides the tests, or belongs to all of them.
const OF_WHOLE_RUN: &[&str] = &[
    "-j",
    "--parallel",
    "-I",
    "--tests-information",
    "--rerun-failed",
    "--output-junit",
    "--repeat",
    "--stop-on-failure",
];

/// Properties of tests that belong together.
const SHARED: &[&str] =
    &["FIXTURES_", "DEPENDS", "RESOURCE_LOCK", "RUN_SERIAL", "PROCESSORS", "RESOURCE_GROUPS"];

fn detect(project: &Project) -> Option<RunnerSign> {
    let folders = project.folders(&["build", "cmake-build-"], "out");
    let folders = std::iter::once(".".to_owned()).chain(folders);
    let dated = folders.filter_map(|folder| {
        let file = if folder == "." { FILE.to_owned() } else { format!("{folder}/{FILE}") };
        Some((project.modified(&file)?, folder, file))
    });
    let (_, folder, file) = dated.max_by_key(|(time, ..): &(SystemTime, _, _)| *time)?;
    let mut words = vec!["ctest".to_owned()];
    if folder != "." {
        words.extend(["--test-dir".to_owned(), folder]);
    }
    Some(RunnerSign { is_certain: true, found: file, words })
}

fn recognise(words: &[&str]) -> Option<usize> {
    let [program, arguments @ ..] = words else { return None };
    let is_none = |word: &&str| NO_RUN.iter().any(|option| is_option(word, option));
    (is_called(program, "ctest") && !arguments.iter().any(is_none)).then_some(1)
}

/// `--parallel=2` is `--parallel`, and `-j2` is `-j`.
fn is_option(word: &str, option: &str) -> bool {
    match word.strip_prefix(option) {
        Some("") => true,
        Some(rest) if option.starts_with("--") => rest.starts_with('='),
        Some(rest) => option.len() == 2 && rest.chars().all(|letter| letter.is_ascii_digit()),
        None => false,
    }
}

fn commands(line: &CommandWords, project: &Project) -> RunnerCommands {
    match about_all(line, &project.path(".")) {
        None => RunnerCommands::batches(ADAPTER.name, line),
        Some(why) => RunnerCommands::whole(ADAPTER.name, line)
            .noted(format!("{why} is about the whole run, so one ctest runs all tests")),
    }
}

/// What makes the tests one whole: an option, or what they share.
fn about_all(line: &CommandWords, root: &Path) -> Option<&'static str> {
    let option = |word: &String| OF_WHOLE_RUN.iter().find(|option| is_option(word, option));
    let given = line.arguments().iter().find_map(option).copied();
    let folder = folder_of(line.arguments()).unwrap_or(".");
    given.or_else(|| shares(&root.join(folder)))
}

/// The build folder that a command names.
fn folder_of(arguments: &[String]) -> Option<&str> {
    let at = arguments.iter().position(|word| word == "--test-dir")?;
    arguments.get(at + 1).map(String::as_str)
}

/// A property of the tests of a build folder by which they belong together.
fn shares(folder: &Path) -> Option<&'static str> {
    let mut folders = vec![folder.to_owned()];
    let mut looked_at = 0;
    while let Some(folder) = folders.pop() {
        looked_at += 1;
        let Ok(text) = fs::read_to_string(folder.join(FILE)) else { continue };
        if looked_at > 1000 {
            return None;
        }
        for line in text.lines() {
            if let Some(below) = line.strip_prefix("subdirs(\"") {
                folders.push(folder.join(below.trim_end_matches("\")")));
            }
            let properties = line.starts_with("set_tests_properties(").then_some(line);
            let found =
                properties.and_then(|line| SHARED.iter().find(|name| line.contains(**name)));
            if let Some(name) = found {
                return Some(name.trim_end_matches('_'));
            }
        }
    }
    None
}

fn list(invoked: &Invoked) -> Result<TestListing, String> {
    let words = invoked.line.with_words([], ["--show-only=json-v1"]);
    let text = asked(&mut command(&words))?;
    let start = text.find('{').unwrap_or_default();
    let shown: serde_json::Value = serde_json::from_str(&text[start..])
        .map_err(|error| format!("`{}`: {error}\n", words.join(" ")))?;
    let mut listing = TestListing::default();
    let tests = shown["tests"].as_array().map(Vec::as_slice).unwrap_or_default();
    tests.iter().filter_map(|test| test["name"].as_str()).for_each(|name| listing.add(name));
    Ok(listing)
}

/// How long a pattern is at most: CMake's regexes have room for no more than some 32,000 bytes.
const PATTERN: usize = 8 * 1024;

/// What means something in a regex of CMake.
const SPECIAL: &str = "\\^$.[]()*+?|";

fn processes(invoked: &Invoked, ids: Option<&[String]>) -> Result<Vec<RunnerProcess>, String> {
    let process = |pattern: Option<&str>, ids: Option<&[String]>| {
        let more = pattern.iter().flat_map(|pattern| ["-R", *pattern]);
        // It shows what tests print, and changes nothing else.
        let words = invoked.line.with_words([], ["--output-on-failure"].into_iter().chain(more));
        RunnerProcess::new(words, ResultSource::Output(Format::Ctest)).with_ids(ids)
    };
    let Some(ids) = ids else { return Ok(vec![process(None, None)]) };
    // It says what has failed together with the next result, so nobody would know which test runs for too long.
    let is_apart = has_limits() && about_all(&invoked.line, Path::new(".")).is_none();
    if invoked.listing()?.is_all(ids) && !is_apart {
        // What depends on others may be left out, as CTest says.
        return Ok(vec![process(None, Some(ids)).whole()]);
    }
    let part = |now: &[String]| {
        let names: Vec<String> = now.iter().map(|id| escaped(id, SPECIAL)).collect();
        process(Some(&format!("^({})$", names.join("|"))), Some(now))
    };
    Ok(in_parts(ids, if is_apart { 0 } else { PATTERN }).map(part).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_that_run_tests_are_recognised() {
        for (words, is) in [
            ("ctest", true),
            ("/usr/bin/ctest --test-dir build -R a", true),
            ("ctest -N", false),
            ("ctest --show-only=json-v1", false),
            ("ctest -D Nightly", false),
            ("cmake", false),
        ] {
            let words: Vec<&str> = words.split(' ').collect();
            assert_eq!(recognise(&words).is_some(), is, "{words:?}");
        }
        assert!(is_option("-j2", "-j") && is_option("-j", "-j") && !is_option("-jobs", "-j"));
        assert_eq!(escaped("a.b[1]+c", SPECIAL), r"a\.b\[1\]\+c");
    }

    #[test]
    fn tests_that_share_something_are_left_to_one_process() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("sub");
        fs::create_dir(&below).unwrap();
        fs::write(folder.path().join(FILE), "add_test(a \"a\")\nsubdirs(\"sub\")\n").unwrap();
        fs::write(below.join(FILE), "add_test(b \"b\")\n").unwrap();
        assert_eq!(shares(folder.path()), None);
        let text = "set_tests_properties(b PROPERTIES  FIXTURES_REQUIRED \"db\")\n";
        fs::write(below.join(FILE), text).unwrap();
        assert_eq!(shares(folder.path()), Some("FIXTURES"));
    }
}
