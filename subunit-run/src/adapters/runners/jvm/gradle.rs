//! Gradle: its own processes run the tests, and an init script of ours listens to them.

use std::fs;

use subunit_formats::Format;

use super::java_names::method;
use crate::adapters::{
    adapter::{Adapter, RunnerSign},
    programs::is_called,
    project::Project,
    runner_commands::RunnerCommands,
    words::CommandWords,
    worker::{Invoked, RESULTS, ResultSource, RunnerProcess, RunnerWorker},
};

pub(in crate::adapters) const ADAPTER: Adapter = Adapter {
    name: "gradle",
    looks_for: "build.gradle, settings.gradle, or the same in Kotlin",
    detect,
    recognise,
    commands,
    worker: Some(&RunnerWorker::new(None, processes)),
};

/// What names a project of Gradle.
const FILES: &[&str] =
    &["build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts"];

/// With one of these it runs no test, or goes on for ever.
const NO_RUN: &[&str] = &[
    "-h",
    "-?",
    "--help",
    "-v",
    "--version",
    "-m",
    "--dry-run",
    "--test-dry-run",
    "-t",
    "--continuous",
    "--stop",
    "--gui",
];

/// Options whose value is the next word.
const WITH_VALUE: &[&str] = &[
    "-x",
    "--exclude-task",
    "-b",
    "--build-file",
    "-c",
    "--settings-file",
    "-p",
    "--project-dir",
    "-g",
    "--gradle-user-home",
    "-I",
    "--init-script",
    "--include-build",
    "--max-workers",
    "--project-cache-dir",
    "--console",
    "--warning-mode",
    "--priority",
    "-D",
    "-P",
    TESTS,
];

const TESTS: &str = "--tests";

/// What keeps a build's configuration, in which our listener cannot be kept.
const CONFIGURATION_CACHE: &[&str] =
    &["org.gradle.configuration-cache", "org.gradle.unsafe.configuration-cache"];

fn detect(project: &Project) -> Option<RunnerSign> {
    let file = FILES.iter().find(|file| project.has(file))?;
    let program = if project.has("gradlew") { "./gradlew" } else { "gradle" };
    let words = [program, "test"].map(str::to_owned).to_vec();
    Some(RunnerSign { is_certain: true, found: (*file).to_owned(), words })
}

fn recognise(words: &[&str]) -> Option<usize> {
    let [program, arguments @ ..] = words else { return None };
    let is_gradle = is_called(program, "gradle") || is_called(program, "gradlew");
    let before = std::iter::once("").chain(arguments.iter().copied());
    let mut tasks = before
        .zip(arguments.iter())
        .filter(|(before, word)| !word.starts_with('-') && !WITH_VALUE.contains(before));
    let runs = tasks.any(|(_, word)| runs_tests(word));
    (is_gradle && runs && !arguments.iter().any(|word| NO_RUN.contains(word))).then_some(1)
}

/// Whether a task runs tests, or those that do: `test`, `:shop:check`, `integrationTest`.
fn runs_tests(task: &str) -> bool {
    let name = task.rsplit(':').next().unwrap_or(task);
    let is_of_all = matches!(name, "test" | "check" | "build" | "buildNeeded" | "allTests");
    is_of_all || name.ends_with("Test") && !name.starts_with("clean")
}

fn commands(line: &CommandWords, _: &Project) -> RunnerCommands {
    RunnerCommands::unlisted(ADAPTER.name, line)
}

fn processes(invoked: &Invoked, ids: Option<&[String]>) -> Result<Vec<RunnerProcess>, String> {
    let mut words = invoked.line.before_arguments().to_vec();
    words.push("--init-script".to_owned());
    words.push(invoked.kit("subunit_gradle.gradle").display().to_string());
    words.push(format!("-Dsubunit.results={RESULTS}"));
    if let Some(ids) = ids {
        let file = invoked.own_file("patterns");
        fs::write(&file, patterns(ids).join("\n"))
            .map_err(|error| format!("{}: {error}\n", file.display()))?;
        words.push(format!("-Dsubunit.ids={}", file.display()));
    }
    if keeps_configuration() {
        words.push("--no-configuration-cache".to_owned());
    }
    words.extend(arguments(invoked.line.arguments(), ids.is_some()));
    let process = RunnerProcess::new(words, ResultSource::Pipe(Format::Jsonl));
    Ok(vec![process.with_ids(ids).whole()])
}

/// Whether the project, or its user, wants the configuration to be kept.
fn keeps_configuration() -> bool {
    let home = std::env::var_os("GRADLE_USER_HOME").map(Into::into);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".gradle")));
    let files = [Some("gradle.properties".into()), home.map(|home| home.join("gradle.properties"))];
    files.into_iter().flatten().any(|file| {
        let text = fs::read_to_string(file).unwrap_or_default();
        text.lines().filter_map(|line| line.split_once('=')).any(|(name, value)| {
            CONFIGURATION_CACHE.contains(&name.trim()) && value.trim() == "true"
        })
    })
}

/// The arguments of a command; where ids choose, without what chooses.
fn arguments(words: &[String], is_chosen: bool) -> Vec<String> {
    let mut kept = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--configuration-cache" => kept.push("--no-configuration-cache".to_owned()),
            TESTS if is_chosen => _ = words.next(),
            word if is_chosen && word.starts_with("--tests=") => {}
            word => kept.push(word.to_owned()),
        }
    }
    kept
}

/// Tests as Gradle chooses them: `shop.CartTest.adds`.
fn patterns(ids: &[String]) -> Vec<String> {
    let mut patterns: Vec<String> = ids
        .iter()
        .map(|id| {
            let (class, name) = id.split_once("::").unwrap_or((id, ""));
            // These are failures of a class.
            let is_of_class = ["", "classMethod", "initializationError", "executionError"];
            match is_of_class.contains(&name) {
                true => class.to_owned(),
                false => format!("{class}.{}", method(name, '*')),
            }
        })
        .collect();
    patterns.sort();
    patterns.dedup();
    patterns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_that_run_tests_are_recognised() {
        for line in
            ["gradle test", "./gradlew :shop:check", "gradle -q build", "gradle integrationTest"]
        {
            let words: Vec<&str> = line.split(' ').collect();
            assert_eq!(recognise(&words), Some(1), "{line}");
        }
        for line in
            ["gradle assemble", "gradle cleanTest", "gradle assemble -x test", "gradle test -m"]
        {
            let words: Vec<&str> = line.split(' ').collect();
            assert_eq!(recognise(&words), None, "{line}");
        }
    }

    #[test]
    fn tests_are_chosen_by_class_and_method() {
        let ids = ["a.B::rows(int)[1]", "a.B::rows(int)[2]", "a.B::adds two", "a.C::classMethod"];
        assert_eq!(patterns(&ids.map(str::to_owned)), ["a.B.adds*two", "a.B.rows", "a.C"]);
    }

    #[test]
    fn what_chooses_goes_and_the_configuration_is_not_kept() {
        let words = ["test", "--tests", "a.B", "--tests=c", "--configuration-cache", "-q"];
        let words = words.map(str::to_owned);
        assert_eq!(arguments(&words, true), ["test", "--no-configuration-cache", "-q"]);
        assert_eq!(arguments(&words, false).len(), 6);
    }
}
