//! jest: its own workers keep the parallel part; a reporter of ours stands beside the others.

use subunit_formats::Format;

use super::package::{PROGRAMS, PackageRunner, divided, escaped, files, options};
use crate::adapters::{
    adapter::Adapter,
    programs::is_called,
    project::Project,
    runner_commands::RunnerCommands,
    words::{CommandWords, option_name},
    worker::{Invoked, ResultSource, RunnerProcess, RunnerWorker, asked, command},
};

pub(in crate::adapters) const ADAPTER: Adapter = Adapter {
    name: "jest",
    looks_for: "jest.config.*, package.json with jest",
    detect: |project| PACKAGE.sign(project),
    recognise,
    commands,
    worker: Some(&RunnerWorker { files: Some(list_files), ..RunnerWorker::new(None, processes) }),
};

const PACKAGE: PackageRunner = PackageRunner {
    package: "jest",
    configurations: &["jest.config."],
    command: &["jest"],
    recognise,
};

/// With one of these it runs no test, runs for ever, or writes another report to its output.
const NO_RUN: &[&str] = &[
    "--listTests",
    "--showConfig",
    "--watch",
    "--watchAll",
    "--help",
    "-h",
    "--version",
    "-v",
    "--init",
    "--clearCache",
    "--json",
];

/// Options without a value.
const FLAGS: &[&str] = &[
    "--ci",
    "--verbose",
    "--coverage",
    "--silent",
    "--runInBand",
    "-i",
    "--bail",
    "-b",
    "--passWithNoTests",
    "--detectOpenHandles",
    "--forceExit",
    "--no-cache",
    "--colors",
    "--expand",
    "-e",
    "--logHeapUsage",
    "--randomize",
];

const CHOOSE: &[&str] = &[
    "-t",
    "--testNamePattern",
    "--testPathPattern",
    "--testPathPatterns",
    "--runTestsByPath",
    "--onlyChanged",
    "-o",
    "--onlyFailures",
    "-f",
    "--findRelatedTests",
];

pub(super) fn recognise(words: &[&str]) -> Option<usize> {
    let [program, arguments @ ..] = words else { return None };
    let is_none = |word: &&str| NO_RUN.contains(&option_name(word));
    (is_called(program, "jest") && !arguments.iter().any(is_none)).then_some(1)
}

fn commands(line: &CommandWords, _: &Project) -> RunnerCommands {
    RunnerCommands { programs: Some(PROGRAMS), ..RunnerCommands::unlisted(ADAPTER.name, line) }
}

fn list_files(invoked: &Invoked) -> Result<Vec<String>, String> {
    let text = asked(&mut command(&invoked.line.with_words([], ["--listTests"])))?;
    let here = std::env::current_dir().unwrap_or_default();
    let relative = |line: &str| {
        let path = std::path::Path::new(line);
        path.strip_prefix(&here).unwrap_or(path).display().to_string()
    };
    Ok(text.lines().filter(|line| line.starts_with('/')).map(relative).collect())
}

fn processes(invoked: &Invoked, ids: Option<&[String]>) -> Result<Vec<RunnerProcess>, String> {
    let mut added = Vec::new();
    let source = match reporters(invoked) {
        Reporters::Configured => ResultSource::Output(Format::Jest),
        given => {
            if given == Reporters::Usual {
                added.push("--reporters=default".to_owned());
            }
            added.push(format!("--reporters={}", invoked.kit("subunit_jest.cjs").display()));
            ResultSource::Pipe(Format::Jsonl)
        }
    };
    let added = added.iter().map(String::as_str);
    let Some(ids) = ids else {
        return Ok(vec![RunnerProcess::new(invoked.line.with_words(added, []), source).whole()]);
    };
    let mut words = invoked.line.before_arguments().to_vec();
    words.extend(added.map(str::to_owned));
    words.extend(options(invoked.line.arguments(), FLAGS, CHOOSE));
    let names: Vec<String> = ids.iter().map(|id| escaped(&divided(id).1.join(" "))).collect();
    words.push(format!("--testNamePattern=^({})$", names.join("|")));
    words.push("--runTestsByPath".to_owned());
    words.extend(files(ids).into_iter().map(str::to_owned));
    Ok(vec![RunnerProcess::new(words, source).with_ids(Some(ids)).whole()])
}

/// Which reporters a run has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Reporters {
    Usual,
    /// Of its command line: another one joins them.
    Given,
    /// Of its configuration: one of the command line would take their place.
    Configured,
}

fn reporters(invoked: &Invoked) -> Reporters {
    if invoked.line.arguments().iter().any(|word| word.starts_with("--reporters")) {
        return Reporters::Given;
    }
    let project = Project::new(".".as_ref());
    let files = project
        .entries()
        .into_iter()
        .filter(|name| name.starts_with("jest.config.") || name == "package.json");
    let named = options(invoked.line.arguments(), FLAGS, &[]);
    let named =
        named.iter().skip_while(|word| *word != "--config" && *word != "-c").nth(1).cloned();
    let is_configured = files.chain(named).any(|file| project.says(&file, "reporters"));
    if is_configured { Reporters::Configured } else { Reporters::Usual }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_that_run_tests_once_are_recognised() {
        assert_eq!(recognise(&["jest", "--ci"]), Some(1));
        assert_eq!(recognise(&["node_modules/.bin/jest"]), Some(1));
        for option in ["--watch", "--listTests", "--json"] {
            assert_eq!(recognise(&["jest", option]), None, "{option}");
        }
    }
}
