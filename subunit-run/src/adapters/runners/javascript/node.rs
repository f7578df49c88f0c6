//! `node --test`: it runs files side by side itself; a reporter of ours stands beside the others.

use subunit_formats::Format;

use super::package::{divided, escaped, files, options};
use crate::adapters::{
    adapter::{Adapter, RunnerSign},
    programs::is_called,
    project::Project,
    runner_commands::RunnerCommands,
    words::{CommandWords, looked_through},
    worker::{Invoked, ResultSource, RunnerProcess, RunnerWorker},
};

pub(in crate::adapters) const ADAPTER: Adapter = Adapter {
    name: "node",
    looks_for: "package.json whose script `test` has `node --test`, *.test.js with node:test",
    detect,
    recognise,
    commands,
    worker: Some(&RunnerWorker::new(None, processes)),
};

fn detect(project: &Project) -> Option<RunnerSign> {
    if let Some(seen) = looked_through(&["npm", "test"], &project.path("")) {
        let words: Vec<&str> = seen.all[seen.runner..].iter().map(String::as_str).collect();
        let found = "package.json: its script `test`".to_owned();
        return recognise(&words).map(|_| RunnerSign { is_certain: true, found, words: seen.all });
    }
    let is_test = |name: &str| {
        [".test.js", ".test.mjs", ".test.cjs", "-test.js", "-test.mjs"]
            .iter()
            .any(|end| name.ends_with(end))
    };
    let tests = project.files(is_test);
    let test = tests.into_iter().find(|path| project.text(path).contains("node:test"))?;
    let words = ["node", "--test"].map(str::to_owned).to_vec();
    Some(RunnerSign { is_certain: false, found: test.display().to_string(), words })
}

fn recognise(words: &[&str]) -> Option<usize> {
    let [program, arguments @ ..] = words else { return None };
    let is_none = |word: &&str| matches!(*word, "--watch" | "-h" | "--help" | "-v" | "--version");
    let is_run = arguments.contains(&"--test") && !arguments.iter().any(is_none);
    (is_called(program, "node") && is_run).then_some(1)
}

fn commands(line: &CommandWords, _: &Project) -> RunnerCommands {
    RunnerCommands::unlisted(ADAPTER.name, line)
}

const REPORTER: &str = "--test-reporter";
const DESTINATION: &str = "--test-reporter-destination";

fn processes(invoked: &Invoked, ids: Option<&[String]>) -> Result<Vec<RunnerProcess>, String> {
    let line = &invoked.line;
    let count = |option: &str| {
        let is_it = |word: &&String| *word == option || word.starts_with(&format!("{option}="));
        line.arguments().iter().filter(is_it).count()
    };
    let (reporters, destinations) = (count(REPORTER), count(DESTINATION));
    let mut added = Vec::new();
    if reporters == 0 {
        added.push(format!("{REPORTER}=spec"));
    }
    // Its first option belongs to its first reporter.
    if destinations == 0 {
        added.push(format!("{DESTINATION}=stdout"));
    }
    let ours = [
        format!("{REPORTER}={}", invoked.kit("subunit_node.cjs").display()),
        // It writes where its variable says.
        format!("{DESTINATION}=stdout"),
    ];
    let mut words = line.before_arguments().to_vec();
    let source = ResultSource::Pipe(Format::Jsonl);
    let Some(ids) = ids else {
        let (options, rest) = before_files(line.arguments());
        words.extend(options);
        words.extend(added.into_iter().chain(ours));
        words.extend(rest);
        return Ok(vec![RunnerProcess::new(words, source).whole()]);
    };
    let flags = ["--test", "--test-only", "--enable-source-maps", "--experimental-test-coverage"];
    words.extend(options(line.arguments(), &flags, &["--test-name-pattern"]));
    words.extend(added.into_iter().chain(ours));
    // A pattern is compared with the title alone, and takes all that is in what it takes.
    for title in ids.iter().filter_map(|id| divided(id).1.pop()) {
        words.push(format!("--test-name-pattern=/^{}$/", escaped(title)));
    }
    words.extend(files(ids).into_iter().map(str::to_owned));
    Ok(vec![RunnerProcess::new(words, source).with_ids(Some(ids)).whole()])
}

/// The options before the files, which end them.
fn before_files(arguments: &[String]) -> (Vec<String>, Vec<String>) {
    let mut end = 0;
    for (at, word) in arguments.iter().enumerate() {
        if word.starts_with('-') {
            end = at + 1;
        }
    }
    let (options, files) = arguments.split_at(end);
    (options.to_vec(), files.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_that_run_tests_once_are_recognised() {
        assert_eq!(recognise(&["node", "--test", "test/"]), Some(1));
        assert_eq!(recognise(&["node", "--test", "--watch"]), None);
        assert_eq!(recognise(&["node", "x.js"]), None);
    }
}
