//! Bazel: it runs its tests itself, and its build events are the results.

use std::fs;

use subunit_formats::Format;

use crate::adapters::{
    adapter::{Adapter, RunnerSign},
    programs::is_called,
    project::{Project, is_in_path},
    runner_commands::RunnerCommands,
    words::CommandWords,
    worker::{Invoked, RESULTS, ResultSource, RunnerProcess, RunnerWorker},
};

pub(in crate::adapters) const ADAPTER: Adapter = Adapter {
    name: "bazel",
    looks_for: "MODULE.bazel, WORKSPACE or WORKSPACE.bazel",
    detect,
    recognise,
    commands,
    worker: Some(&RunnerWorker::new(None, processes)),
};

const FILES: &[&str] = &["MODULE.bazel", "WORKSPACE", "WORKSPACE.bazel"];

const EVENTS: &str = "--build_event_json_file";

/// With one of these it runs no test.
const NO_RUN: &[&str] = &["--help", "--nobuild", "--build_tests_only=false", EVENTS];

fn detect(project: &Project) -> Option<RunnerSign> {
    let file = FILES.iter().find(|file| project.has(file))?;
    let is_wrapped = !is_in_path("bazel") && is_in_path("bazelisk");
    let program = if is_wrapped { "bazelisk" } else { "bazel" };
    let words = [program, "test", "//..."].map(str::to_owned).to_vec();
    Some(RunnerSign { is_certain: true, found: (*file).to_owned(), words })
}

fn recognise(words: &[&str]) -> Option<usize> {
    let [program, rest @ ..] = words else { return None };
    let startup = rest.iter().take_while(|word| word.starts_with('-')).count();
    let [verb, arguments @ ..] = &rest[startup..] else { return None };
    let is_bazel = ["bazel", "bazelisk"].iter().any(|name| is_called(program, name));
    let is_none = |word: &&str| NO_RUN.iter().any(|option| word.starts_with(option));
    let runs = matches!(*verb, "test" | "coverage") && !arguments.iter().any(is_none);
    (is_bazel && runs).then_some(startup + 2)
}

fn commands(line: &CommandWords, _: &Project) -> RunnerCommands {
    RunnerCommands::unlisted(ADAPTER.name, line)
}

fn processes(invoked: &Invoked, ids: Option<&[String]>) -> Result<Vec<RunnerProcess>, String> {
    let events = format!("{EVENTS}={RESULTS}");
    let mut words = invoked.line.before_arguments().to_vec();
    words.push(events);
    match ids {
        None => words.extend(invoked.line.arguments().iter().cloned()),
        Some(ids) => {
            words.extend(options(invoked.line.arguments()));
            let file = invoked.own_file("targets");
            fs::write(&file, labels(ids).join("\n"))
                .map_err(|error| format!("{}: {error}\n", file.display()))?;
            words.push(format!("--target_pattern_file={}", file.display()));
            // One that is gone does not keep the others from running.
            words.push("--keep_going".to_owned());
        }
    }
    let process = RunnerProcess::new(words, ResultSource::Pipe(Format::Bazel)).with_ids(ids);
    Ok(vec![RunnerProcess { output: Some("test.log"), ..process.whole() }])
}

/// The arguments without the targets. A word after an option may be its value.
fn options(arguments: &[String]) -> Vec<String> {
    let before = std::iter::once("").chain(arguments.iter().map(String::as_str));
    let kept = before.zip(arguments).filter(|(before, word)| {
        let is_value = before.starts_with('-') && !before.contains('=');
        let is_label = word.contains("//") || word.starts_with(':') || word.ends_with("...");
        let is_option = word.starts_with('-') && !word.starts_with("-//") && *word != "--";
        is_option || is_value && !is_label
    });
    kept.map(|(_, word)| word.clone()).collect()
}

/// The labels of tests: that of `//a:b [shard 2]` is `//a:b`.
fn labels(ids: &[String]) -> Vec<&str> {
    let mut labels: Vec<&str> =
        ids.iter().map(|id| id.split_once(" [").map_or(id.as_str(), |(label, _)| label)).collect();
    labels.dedup();
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_that_run_tests_are_recognised() {
        assert_eq!(recognise(&["bazel", "test", "//..."]), Some(2));
        assert_eq!(recognise(&["bazelisk", "--output_base=x", "test", "-k", "//a"]), Some(3));
        for words in [
            &["bazel", "build", "//..."][..],
            &["bazel", "test", "--build_event_json_file=x"],
            &["bazel"],
        ] {
            assert_eq!(recognise(words), None, "{words:?}");
        }
    }

    #[test]
    fn targets_give_way_to_those_that_are_chosen() {
        let words = ["-k", "--config", "ci", "--jobs=2", "//a:b", "c/...", "--", "-//d"];
        assert_eq!(options(&words.map(str::to_owned)), ["-k", "--config", "ci", "--jobs=2"]);
        let ids = ["//a:b", "//a:b [shard 2]", "//c:d"].map(str::to_owned);
        assert_eq!(labels(&ids), ["//a:b", "//c:d"]);
    }
}
