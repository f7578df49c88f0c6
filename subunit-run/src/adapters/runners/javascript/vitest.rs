//! vitest: its own workers keep the parallel part; a reporter of ours stands beside the others.

use std::{fs, path::PathBuf};

use subunit_formats::Format;

use super::package::{PROGRAMS, PackageRunner, divided, escaped, files, options};
use crate::adapters::{
    adapter::Adapter,
    programs::is_called,
    project::Project,
    runner_commands::RunnerCommands,
    words::CommandWords,
    worker::{
        Invoked, ResultSource, RunnerProcess, RunnerWorker, TestListing, command, failed, output,
    },
};

pub(in crate::adapters) const ADAPTER: Adapter = Adapter {
    name: "vitest",
    looks_for: "vitest.config.*, package.json with vitest",
    detect: |project| PACKAGE.sign(project),
    recognise,
    commands,
    worker: Some(&RunnerWorker::new(Some(list), processes)),
};

const PACKAGE: PackageRunner = PackageRunner {
    package: "vitest",
    configurations: &["vitest.config.", "vitest.workspace."],
    command: &["vitest"],
    recognise,
};

/// With one of these it runs no test, or runs for ever.
const NO_RUN: &[&str] = &[
    "watch",
    "dev",
    "list",
    "bench",
    "init",
    "related",
    "--watch",
    "-w",
    "--ui",
    "--help",
    "-h",
    "--version",
    "-v",
    "--standalone",
];

/// Options without a value.
const FLAGS: &[&str] = &[
    "--run",
    "--coverage",
    "--silent",
    "--passWithNoTests",
    "--globals",
    "--dom",
    "--no-color",
    "--isolate",
    "--no-isolate",
    "--allowOnly",
    "--no-file-parallelism",
    "--typecheck",
    "--update",
    "-u",
];

fn recognise(words: &[&str]) -> Option<usize> {
    let [program, arguments @ ..] = words else { return None };
    let is_none = |word: &&str| NO_RUN.contains(word);
    let is_run = usize::from(arguments.first() == Some(&"run"));
    (is_called(program, "vitest") && !arguments.iter().any(is_none)).then_some(1 + is_run)
}

fn commands(line: &CommandWords, _: &Project) -> RunnerCommands {
    RunnerCommands {
        programs: Some(PROGRAMS),
        ..RunnerCommands::listed_if_needed(ADAPTER.name, line)
    }
}

/// Lists them, as far as all files can be loaded.
fn list(invoked: &Invoked) -> Result<TestListing, String> {
    let path = invoked.own_file("listing");
    let line = &invoked.line;
    let mut words = line.before_arguments()[..line.wrappers().len() + 1].to_vec();
    words.extend(["list".to_owned(), format!("--json={}", path.display())]);
    words.extend(line.arguments().iter().cloned());
    let mut command = command(&words);
    let output = output(&mut command)?;
    let text = fs::read_to_string(&path);
    let _ = fs::remove_file(&path);
    let text = text.map_err(|_| failed(&command, &output))?;
    let listed: Vec<Listed> = serde_json::from_str(&text).map_err(|_| failed(&command, &output))?;
    let here = std::env::current_dir().unwrap_or_default();
    let mut listing = TestListing::default();
    for Listed { name, file } in listed {
        let file = file.strip_prefix(&here).unwrap_or(&file).display();
        listing.add(format!("{file} > {name}"));
    }
    Ok(listing)
}

#[derive(serde::Deserialize)]
struct Listed {
    name: String,
    file: PathBuf,
}

fn processes(invoked: &Invoked, ids: Option<&[String]>) -> Result<Vec<RunnerProcess>, String> {
    let line = &invoked.line;
    // On a terminal it would wait for changes.
    let mut words = line.before_arguments().to_vec();
    if line.runner().len() == 1 {
        words.push("run".to_owned());
    }
    let is_given = line.arguments().iter().any(|word| word.starts_with("--reporter"));
    let source = if !is_given && is_configured() {
        ResultSource::Output(Format::Vitest)
    } else {
        if !is_given {
            words.push("--reporter=default".to_owned());
        }
        words.push(format!("--reporter={}", invoked.kit("subunit_vitest.mjs").display()));
        ResultSource::Pipe(Format::Jsonl)
    };
    let Some(ids) = ids else {
        words.extend(line.arguments().iter().cloned());
        return Ok(vec![RunnerProcess::new(words, source).whole()]);
    };
    words.extend(options(line.arguments(), FLAGS, &["-t", "--testNamePattern"]));
    let names: Vec<String> = ids.iter().map(|id| escaped(&divided(id).1.join(" "))).collect();
    words.push(format!("--testNamePattern=^({})$", names.join("|")));
    words.extend(files(ids).into_iter().map(str::to_owned));
    Ok(vec![RunnerProcess::new(words, source).with_ids(Some(ids)).whole()])
}

/// Whether a configuration has reporters, in whose place one of the command line would come.
fn is_configured() -> bool {
    let project = Project::new(".".as_ref());
    let is_configuration = |name: &String| {
        ["vitest.config.", "vite.config.", "vitest.workspace."]
            .iter()
            .any(|begin| name.starts_with(begin))
    };
    project
        .entries()
        .iter()
        .filter(|name| is_configuration(name))
        .any(|file| project.says(file, "reporters"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_that_run_tests_once_are_recognised() {
        assert_eq!(recognise(&["vitest"]), Some(1));
        assert_eq!(recognise(&["vitest", "run", "--coverage"]), Some(2));
        assert_eq!(recognise(&["vitest", "bench"]), None);
        assert_eq!(recognise(&["vitest", "--ui"]), None);
    }
}
