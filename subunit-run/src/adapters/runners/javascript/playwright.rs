//! Playwright Test: its own workers keep the parallel part; a reporter of ours, which a variable names, stands beside those of
//! the command and the configuration.

use std::fs;

use serde::Deserialize;
use subunit_formats::Format;

use super::package::{PROGRAMS, PackageRunner, escaped};
use crate::adapters::{
    adapter::Adapter,
    programs::is_called,
    project::Project,
    runner_commands::RunnerCommands,
    words::{CommandWords, option_name},
    worker::{
        Invoked, ListedTest, ResultSource, RunnerProcess, RunnerWorker, TestListing, TestProgram,
        command, failed, output,
    },
};

pub(in crate::adapters) const ADAPTER: Adapter = Adapter {
    name: "playwright",
    looks_for: "playwright.config.*, package.json with @playwright/test",
    detect: |project| PACKAGE.sign(project),
    recognise,
    commands,
    worker: Some(&RunnerWorker::new(Some(list), processes)),
};

const PACKAGE: PackageRunner = PackageRunner {
    package: "@playwright/test",
    configurations: &["playwright.config."],
    command: &["playwright", "test"],
    recognise,
};

/// With one of these it runs no test, or waits for a person.
const NO_RUN: &[&str] = &["--list", "--ui", "--ui-host", "--ui-port", "--debug", "-h", "--help"];

/// These end a run after failures, and one has a number.
const BAIL: &str = "-x";
const MAX_FAILURES: &str = "--max-failures";

const PROJECT: &str = "--project";
const SHARD: &str = "--shard";

/// Options whose next word is their value.
const WITH_VALUE: &[&str] = &[
    "--add-reporter",
    "--browser",
    "-c",
    "--config",
    "-g",
    "--grep",
    "-G",
    "--grep-invert",
    "--global-timeout",
    "-j",
    "--workers",
    "--last-failed-file",
    MAX_FAILURES,
    "--output",
    PROJECT,
    "--repeat-each",
    "--reporter",
    "--retries",
    "--run-agents",
    SHARD,
    "--test-list",
    "--test-list-invert",
    "--timeout",
    "--trace",
    "--tsconfig",
    "--update-source-method",
];

fn recognise(words: &[&str]) -> Option<usize> {
    let [program, "test", arguments @ ..] = words else { return None };
    let is_none = |word: &&str| NO_RUN.contains(&option_name(word));
    (is_called(program, "playwright") && !arguments.iter().any(is_none)).then_some(2)
}

fn commands(line: &CommandWords, _: &Project) -> RunnerCommands {
    RunnerCommands {
        programs: Some(PROGRAMS),
        fail_fast: max_failures(line.arguments()),
        ..RunnerCommands::whole(ADAPTER.name, line)
    }
}

fn max_failures(arguments: &[String]) -> Option<u64> {
    let at = arguments.iter().position(|word| [BAIL, MAX_FAILURES].contains(&option_name(word)))?;
    match arguments[at].split_once('=') {
        _ if arguments[at] == BAIL => Some(1),
        Some((_, value)) => value.parse().ok(),
        None => arguments.get(at + 1)?.parse().ok(),
    }
}

/// The options of the command, each with its values, and the patterns of files. How many failures are too many is decided for
/// the run.
fn divided(arguments: &[String]) -> (Vec<Vec<String>>, Vec<String>) {
    let (mut options, mut patterns) = (Vec::new(), Vec::new());
    let mut words = arguments.iter().peekable();
    while let Some(word) = words.next() {
        if !word.starts_with('-') {
            patterns.push(word.clone());
            continue;
        }
        let mut option = vec![word.clone()];
        if WITH_VALUE.contains(&word.as_str()) {
            option.extend(words.next().cloned());
        }
        // It takes all that follow.
        while word == PROJECT && words.peek().is_some_and(|next| !next.starts_with('-')) {
            option.extend(words.next().cloned());
        }
        if ![BAIL, MAX_FAILURES].contains(&option_name(word)) {
            options.push(option);
        }
    }
    (options, patterns)
}

/// The variable that names a reporter, which joins the others.
const REPORTER: &str = "PW_TEST_REPORTER";

fn kit(invoked: &Invoked) -> String {
    invoked.kit("subunit_playwright.cjs").display().to_string()
}

/// Lists them. The reporters of the configuration, which may write files, are left out.
fn list(invoked: &Invoked) -> Result<TestListing, String> {
    let path = invoked.own_file("listing");
    let mut command = command(&invoked.line.with_words([], ["--list", "--reporter=list"]));
    command.env("SUBUNIT_LISTING", &path).env(REPORTER, kit(invoked));
    let output = output(&mut command)?;
    let text = fs::read_to_string(&path).unwrap_or_default();
    let _ = fs::remove_file(&path);
    if !output.status.success() {
        return Err(failed(&command, &output));
    }
    read(&text).map_err(|error| format!("{}: {error}", path.display()))
}

#[derive(Deserialize)]
struct Listed {
    id: String,
    file: String,
    /// Its line and column.
    place: String,
    project: String,
}

/// A listing, by projects; what a test is called is the pattern that chooses it.
fn read(text: &str) -> serde_json::Result<TestListing> {
    let mut listing = TestListing::default();
    for line in text.lines() {
        let Listed { id, file, place, project } = serde_json::from_str(line)?;
        let known = listing.programs.iter().position(|program| program.name == project);
        let program = known.unwrap_or(listing.programs.len());
        if known.is_none() {
            listing.programs.push(TestProgram { name: project, ..TestProgram::default() });
        }
        let name = format!("^{}$:{place}", escaped(&file));
        listing.tests.push(ListedTest { id, name, program, ..ListedTest::default() });
    }
    Ok(listing)
}

fn processes(invoked: &Invoked, ids: Option<&[String]>) -> Result<Vec<RunnerProcess>, String> {
    let chosen = match ids {
        Some(ids) => {
            let listing = invoked.listing()?;
            (!listing.is_all(ids)).then_some((listing, ids))
        }
        None => None,
    };
    let words = words(&invoked.line, chosen);
    let process = RunnerProcess::new(words, ResultSource::Pipe(Format::Jsonl));
    Ok(vec![process.with_ids(ids).with(REPORTER, kit(invoked)).whole()])
}

/// The command, of these tests of a listing, or of all.
fn words(line: &CommandWords, chosen: Option<(&TestListing, &[String])>) -> Vec<String> {
    let (options, patterns) = divided(line.arguments());
    let mut words = line.before_arguments().to_vec();
    let Some((listing, ids)) = chosen else {
        words.extend(patterns);
        words.extend(options.into_iter().flatten());
        return words;
    };
    let parts = listing.by_program(ids);
    let mut places: Vec<&str> = Vec::new();
    for test in parts.iter().flat_map(|(_, tests)| tests) {
        if !places.contains(&test.name.as_str()) {
            places.push(&test.name);
        }
    }
    words.extend(places.into_iter().map(str::to_owned));
    // The listing has shared them out.
    let is_left_out = |option: &Vec<String>| [PROJECT, SHARD].contains(&option_name(&option[0]));
    words.extend(options.into_iter().filter(|option| !is_left_out(option)).flatten());
    let projects = parts.iter().map(|(program, _)| &listing.programs[*program].name);
    words.extend(projects.filter(|name| !name.is_empty()).map(|name| format!("{PROJECT}={name}")));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(words: &str) -> CommandWords {
        CommandWords::of_line(words, 0..2)
    }

    #[test]
    fn commands_that_run_tests_once_are_recognised() {
        assert_eq!(recognise(&["playwright", "test", "--headed"]), Some(2));
        for words in [&["playwright", "install"][..], &["playwright", "test", "--ui"]] {
            assert_eq!(recognise(words), None);
        }
        assert_eq!(max_failures(&["-x".to_owned()]), Some(1));
        assert_eq!(max_failures(&["--max-failures=3".to_owned()]), Some(3));
    }

    #[test]
    fn tests_are_chosen_by_their_places_and_projects() {
        let listed = |id: &str, project: &str| {
            format!(
                "{{\"id\": \"{id}\", \"file\": \"/w/[a].spec.ts\", \"place\": \"3:1\", \"project\": \"{project}\"}}\n"
            )
        };
        let text = format!("{}{}", listed("one", "chromium"), listed("two", "firefox"));
        let listing = read(&text).unwrap();
        let given = line("playwright test --project chromium firefox -x --shard 1/2 -g x");
        let chosen = |ids: &[&str]| {
            let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
            words(&given, Some((&listing, &ids))).join(" ")
        };
        let place = r"^\/w\/\[a\]\.spec\.ts$:3:1";
        assert_eq!(chosen(&["two"]), format!("playwright test {place} -g x --project=firefox"));
        let both = format!("playwright test {place} -g x --project=chromium --project=firefox");
        assert_eq!(chosen(&["one", "two"]), both);
        let all = "playwright test --project chromium firefox --shard 1/2 -g x";
        assert_eq!(words(&given, None).join(" "), all);
    }
}
