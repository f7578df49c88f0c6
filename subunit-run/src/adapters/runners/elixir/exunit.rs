//! ExUnit, by Mix: batches; where modules of tests run side by side in one process, that keeps the parallel part. A file of ours,
//! which Elixir loads first, is a formatter beside the others, and leaves out what is not asked for.

use std::{env, fs};

use serde::Deserialize;
use subunit_formats::Format;

use crate::adapters::{
    adapter::{Adapter, RunnerSign},
    programs::is_called,
    project::Project,
    runner_commands::RunnerCommands,
    words::{CommandWords, option_name, option_value, options_and_others},
    worker::{
        Invoked, ListedTest, ResultSource, RunnerProcess, RunnerWorker, TestListing, TestProgram,
        WorkerNumber, command, failed, output,
    },
};

pub(in crate::adapters) const ADAPTER: Adapter = Adapter {
    name: "exunit",
    looks_for: "mix.exs with *_test.exs",
    detect,
    recognise,
    commands,
    worker: Some(&RunnerWorker::new(Some(list), processes)),
};

/// With one of these it runs for ever, or decides by more than a batch.
const NO_RUN: &[&str] = &[
    "--failed",
    "--stale",
    "--listen-on-stdin",
    "--repeat-until-failure",
    "--dry-run",
    "--profile-require",
];

/// They belong to all tests.
const OF_WHOLE_RUN: &[&str] =
    &["--cover", "--export-coverage", "--slowest", "--slowest-modules", "--partitions"];

/// Ends a run after so many failures.
const MAX_FAILURES: &str = "--max-failures";

/// Options whose next word is their value.
const WITH_VALUE: &[&str] = &[
    "--only",
    "--include",
    "--exclude",
    "--formatter",
    "--seed",
    "--max-cases",
    MAX_FAILURES,
    "--timeout",
    "--partitions",
    "--slowest",
    "--slowest-modules",
    "--export-coverage",
    "--exit-status",
    "--name-pattern",
];

const FORMATTER: &str = "--formatter";

fn detect(project: &Project) -> Option<RunnerSign> {
    let mix = "mix.exs";
    let is_own = |path: &std::path::PathBuf| !path.starts_with("deps");
    let has_tests = || project.files(is_test).iter().any(is_own);
    let words = ["mix", "test"].map(str::to_owned).to_vec();
    let found = (project.has(mix) && has_tests()).then(|| mix.to_owned())?;
    Some(RunnerSign { is_certain: true, found, words })
}

fn is_test(name: &str) -> bool {
    name.ends_with("_test.exs")
}

fn recognise(words: &[&str]) -> Option<usize> {
    let length = match words {
        [mix, "test", ..] if is_called(mix, "mix") => 2,
        [elixir, "-S", "mix", "test", ..] if is_called(elixir, "elixir") => 4,
        _ => return None,
    };
    let runs = !words[length..].iter().any(|word| NO_RUN.contains(&option_name(word)));
    runs.then_some(length)
}

fn commands(line: &CommandWords, project: &Project) -> RunnerCommands {
    let given = line.arguments().iter().map(|word| option_name(word));
    let commands = match given.into_iter().find(|name| OF_WHOLE_RUN.contains(name)) {
        Some(option) => RunnerCommands::whole(ADAPTER.name, line)
            .noted(format!("{option} is about the whole run, so one mix runs all tests")),
        None if has_async(project) => RunnerCommands::whole(ADAPTER.name, line)
            .noted("one mix runs all tests: modules with `async: true` run side by side there"),
        None => RunnerCommands::batches(ADAPTER.name, line),
    };
    RunnerCommands { fail_fast: max_failures(line.arguments()), ..commands }
}

/// Whether tests, or what they use, run side by side in one process.
fn has_async(project: &Project) -> bool {
    let files = project.files(|name| is_test(name) || name.ends_with("_case.ex"));
    files.iter().any(|file| !file.starts_with("deps") && project.text(file).contains("async: true"))
}

fn max_failures(arguments: &[String]) -> Option<u64> {
    option_value(arguments, MAX_FAILURES)?.parse().ok()
}

/// The command, of these files if they are not its own. How many failures are too many is decided for the run, and not in one
/// batch.
fn words(line: &CommandWords, files: Option<Vec<String>>) -> Vec<String> {
    let (options, own) = options_and_others(line.arguments(), WITH_VALUE);
    let mut words = line.before_arguments().to_vec();
    let mut options = options.into_iter().peekable();
    while let Some(option) = options.next() {
        if option_name(&option) != MAX_FAILURES {
            words.push(option);
        } else if option == MAX_FAILURES {
            options.next();
        }
    }
    if line.arguments().iter().any(|word| option_name(word) == FORMATTER) {
        words.extend([FORMATTER, "SubunitExUnit"].map(str::to_owned));
    }
    words.extend(files.unwrap_or(own));
    words
}

/// The options of Erlang, which Elixir passes on. It divides them at blanks, whatever stands around these.
const OPTIONS: &str = "ELIXIR_ERL_OPTIONS";
const LOADS: &str = "-eval {ok,_}=application:ensure_all_started(elixir),\
                     'Elixir.Code':require_file('Elixir.System':get_env(<<\"SUBUNIT_KIT\">>))";

/// What makes Elixir load our file.
fn environment(invoked: &Invoked) -> Vec<(&'static str, String)> {
    let given = env::var(OPTIONS).unwrap_or_default();
    vec![
        ("SUBUNIT_KIT", invoked.kit("subunit_exunit.exs").display().to_string()),
        (OPTIONS, format!("{LOADS} {given}").trim_end().to_owned()),
        ("SUBUNIT_OPTIONS", given),
    ]
}

fn list(invoked: &Invoked) -> Result<TestListing, String> {
    let path = invoked.own_file("listing");
    let mut command = command(&words(&invoked.line, None));
    command.env("SUBUNIT_LISTING", &path).envs(environment(invoked));
    let output = output(&mut command)?;
    let text = fs::read_to_string(&path).unwrap_or_default();
    let _ = fs::remove_file(&path);
    // With `--only` its status says that no test ran.
    read(&text).ok_or_else(|| failed(&command, &output))
}

#[derive(Deserialize)]
#[serde(untagged)]
enum ListedLine {
    Test { id: String, file: String },
    End { end: bool },
}

/// A listing, if it has come to its end. Modules come in any order.
fn read(text: &str) -> Option<TestListing> {
    let mut tests = Vec::new();
    let mut has_ended = false;
    for line in text.lines() {
        match serde_json::from_str(line).ok()? {
            ListedLine::Test { id, file } => tests.push((file, id)),
            // An umbrella has one of each application.
            ListedLine::End { end } => has_ended = end,
        }
    }
    tests.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut listing = TestListing::default();
    for (file, id) in tests {
        if listing.programs.last().is_none_or(|program| program.name != file) {
            listing.programs.push(TestProgram { name: file, ..TestProgram::default() });
        }
        let program = listing.programs.len() - 1;
        listing.tests.push(ListedTest { name: id.clone(), id, program, ..ListedTest::default() });
    }
    has_ended.then_some(listing)
}

fn processes(invoked: &Invoked, ids: Option<&[String]>) -> Result<Vec<RunnerProcess>, String> {
    let files = ids.map(|ids| files(invoked, ids)).transpose()?.flatten();
    let process =
        RunnerProcess::new(words(&invoked.line, files), ResultSource::Pipe(Format::Jsonl));
    let process = process.with_all(environment(invoked)).told_apart(partition);
    Ok(vec![process.with_id_file(ids, &invoked.own_file("ids"))?])
}

/// The files of these tests, if they are not all.
fn files(invoked: &Invoked, ids: &[String]) -> Result<Option<Vec<String>>, String> {
    let listing = invoked.listing()?;
    let divides = invoked.line.arguments().iter().any(|word| option_name(word) == "--partitions");
    if listing.is_all(ids) || divides {
        return Ok(None);
    }
    let files = listing.by_program(ids).into_iter();
    Ok(Some(files.map(|(program, _)| listing.programs[program].name.clone()).collect()))
}

/// As with `mix test --partitions`.
fn partition(number: WorkerNumber) -> Vec<(&'static str, String)> {
    vec![("MIX_TEST_PARTITION", (number.worker + 1).to_string())]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(words: &str) -> CommandWords {
        CommandWords::of_line(words, 0..2)
    }

    #[test]
    fn modules_that_run_side_by_side_and_options_of_the_whole_run_are_left_to_one_mix() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("test")).unwrap();
        let project = Project::new(folder.path());
        let note = |words: &str| commands(&line(words), &project).note.unwrap_or_default();
        fs::write(folder.path().join("test/a_test.exs"), "use ExUnit.Case\n").unwrap();
        assert_eq!(note("mix test --seed 0 test"), "");
        assert!(note("mix test --cover").starts_with("--cover is about the whole run"));
        fs::write(folder.path().join("test/b_test.exs"), "use ExUnit.Case, async: true").unwrap();
        assert!(note("mix test").starts_with("one mix runs all tests: modules with"));
    }

    #[test]
    fn files_of_a_batch_take_the_place_of_those_of_the_command() {
        let batch =
            |command: &str| words(&line(command), Some(vec!["b_test.exs".to_owned()])).join(" ");
        assert_eq!(
            batch("mix test a_test.exs:3 --only slow --max-failures 2 --seed=1"),
            "mix test --only slow --seed=1 b_test.exs"
        );
        let given = line("mix test --max-failures=3 a_test.exs --formatter Own");
        assert_eq!(
            words(&given, None).join(" "),
            "mix test --formatter Own --formatter SubunitExUnit a_test.exs"
        );
        assert_eq!(max_failures(given.arguments()), Some(3));
        assert_eq!(recognise(&["mix", "test", "--failed"]), None);
        assert_eq!(recognise(&["elixir", "-S", "mix", "test", "--stale"]), None);
    }

    #[test]
    fn a_listing_that_has_no_end_is_none() {
        let test = "{\"id\": \"A: test a\", \"file\": \"test/a_test.exs\"}\n";
        assert!(read(test).is_none());
        let listing = read(&format!("{test}{{\"end\": true}}\n")).unwrap();
        assert_eq!((listing.tests[0].id.as_str(), listing.programs.len()), ("A: test a", 1));
    }
}
