//! mocha: batches. A file of ours listens beside the reporter, and leaves out what is not asked for.

use std::fs;

use subunit_formats::Format;

use super::package::{PROGRAMS, PackageRunner};
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
    name: "mocha",
    looks_for: ".mocharc*, package.json with mocha",
    detect: |project| PACKAGE.sign(project),
    recognise,
    commands,
    worker: Some(&RunnerWorker::new(Some(list), processes)),
};

const PACKAGE: PackageRunner = PackageRunner {
    package: "mocha",
    configurations: &[".mocharc"],
    command: &["mocha"],
    recognise,
};

/// With one of these it runs no test, or runs for ever.
const NO_RUN: &[&str] = &[
    "--dry-run",
    "-w",
    "--watch",
    "-h",
    "--help",
    "-V",
    "--version",
    "--list-files",
    "--list-reporters",
    "--list-interfaces",
    "init",
];

/// These end a run after a failure.
const BAIL: &[&str] = &["-b", "--bail"];

fn recognise(words: &[&str]) -> Option<usize> {
    let [program, arguments @ ..] = words else { return None };
    let is_none = |word: &&str| NO_RUN.contains(word);
    let is_it = is_called(program, "mocha") || is_called(program, "_mocha");
    (is_it && !arguments.iter().any(is_none)).then_some(1)
}

fn commands(line: &CommandWords, project: &Project) -> RunnerCommands {
    let fail_fast = line.has_argument(BAIL).then_some(1);
    let commands = match is_parallel(line, project) {
        // Its own workers have one file each.
        true => RunnerCommands::unlisted(ADAPTER.name, line).noted("mocha has workers of its own"),
        false => RunnerCommands::batches(ADAPTER.name, line),
    };
    RunnerCommands { programs: Some(PROGRAMS), fail_fast, ..commands }
}

fn is_parallel(line: &CommandWords, project: &Project) -> bool {
    let given = line.has_argument(&["-p", "--parallel"]);
    let configurations = project.entries().into_iter().filter(|name| name.starts_with(".mocharc"));
    given || configurations.into_iter().any(|file| project.says(&file, "parallel"))
}

/// The words of mocha with our file. How many failures are too many is decided for the run, and not in one batch.
fn words(invoked: &Invoked, more: &[&str]) -> Vec<String> {
    let kit = invoked.kit("subunit_mocha.cjs").display().to_string();
    let added = ["--require", &kit].into_iter().chain(more.iter().copied());
    let words = invoked.line.with_words(added, []);
    words.into_iter().filter(|word| !BAIL.contains(&word.as_str())).collect()
}

fn list(invoked: &Invoked) -> Result<TestListing, String> {
    let results = invoked.own_file("listing");
    let mut command = command(&words(invoked, &["--dry-run"]));
    command.env("SUBUNIT_LIST", &results);
    let output = output(&mut command)?;
    let text = fs::read_to_string(&results).unwrap_or_default();
    let _ = fs::remove_file(&results);
    // A file that cannot be loaded ends it, and tests can have a status of their own.
    if text.is_empty() && !output.status.success() {
        return Err(failed(&command, &output));
    }
    let mut listing = TestListing::default();
    let ids = text.lines().filter_map(|line| serde_json::from_str::<String>(line).ok());
    ids.for_each(|id| listing.add(id));
    Ok(listing)
}

fn processes(invoked: &Invoked, ids: Option<&[String]>) -> Result<Vec<RunnerProcess>, String> {
    let source = ResultSource::Pipe(Format::Jsonl);
    let process = RunnerProcess::new(words(invoked, &[]), source);
    Ok(vec![process.with_id_file(ids, &invoked.own_file("ids"))?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_own_workers_keep_the_parallel_part() {
        let folder = tempfile::tempdir().unwrap();
        let project = Project::new(folder.path());
        let made = |words: &str| commands(&CommandWords::of_line(words, 0..1), &project);
        assert!(made("mocha --parallel").list_option.is_empty());
        let serial = made("mocha -b test");
        assert_eq!((serial.list_option.as_str(), serial.fail_fast), ("--list", Some(1)));
        assert_eq!(recognise(&["mocha", "--watch"]), None);
    }
}
