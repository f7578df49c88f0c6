//! Files of tests in Ruby whose library has no program of its own: which command runs them, and how do they find what we add?

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use subunit_formats::Format;

use crate::adapters::{
    adapter::RunnerSign,
    programs::is_called,
    project::{Project, is_in_path},
    runner_commands::RunnerCommands,
    words::CommandWords,
    worker::{
        Invoked, ResultSource, RunnerProcess, TestListing, WorkerNumber, command, failed, output,
    },
};

/// Runs all files of tests below `test`.
const ALL: &str = "Dir[\"test/**/{test_*,*_test}.rb\"].sort.each { |file| require \"./#{file}\" }";

/// With one of these, before its file, Ruby runs no test.
const NO_RUN: &[&str] = &["-c", "-h", "--help", "--version"];

/// Whether a file holds tests, by its name.
fn is_test(name: &str) -> bool {
    name.strip_suffix(".rb")
        .is_some_and(|name| name.ends_with("_test") || name.starts_with("test_"))
}

/// The first file of tests of a project, if one, or what they have in common, names the library.
pub(super) fn file_of(project: &Project, library: fn(&str) -> bool) -> Option<PathBuf> {
    let files = project.files(|name| is_test(name) || name == "helper.rb");
    let files: Vec<PathBuf> = files.into_iter().filter(|path| path.starts_with("test")).collect();
    files.iter().find(|path| library(&project.text(path)))?;
    files
        .into_iter()
        .find(|path| path.file_name().is_some_and(|name| is_test(&name.to_string_lossy())))
}

/// The sign of a library, and the command that runs its tests: Rails, Rake or Ruby.
pub(super) fn sign(project: &Project, library: fn(&str) -> bool) -> Option<RunnerSign> {
    let found = file_of(project, library)?.display().to_string();
    let mut words = match () {
        () if project.has("bin/rails") => vec!["bin/rails", "test"],
        () if project.says("Rakefile", "TestTask") && is_in_path("rake") => vec!["rake", "test"],
        () => vec!["ruby", "-Ilib", "-Itest", "-e", ALL],
    };
    if project.has("Gemfile.lock") && is_in_path("bundle") && words[0] != "bin/rails" {
        words.splice(..0, ["bundle", "exec"]);
    }
    let words = words.into_iter().map(str::to_owned).collect();
    Some(RunnerSign { is_certain: false, found, words })
}

/// How many words of a command run tests of the library.
pub(super) fn recognised(words: &[&str], library: fn(&str) -> bool) -> Option<usize> {
    let [program, arguments @ ..] = words else { return None };
    let project = Project::new(Path::new(""));
    let uses = || file_of(&project, library).is_some();
    if is_called(program, "rake") || is_called(program, "rails") {
        let runs =
            arguments.first().is_some_and(|task| *task == "test" || task.starts_with("test:"));
        return (runs && uses()).then_some(1);
    }
    if !is_called(program, "ruby") {
        return None;
    }
    let is_file = |word: &str| is_test(word.rsplit('/').next().unwrap_or(word)) || word == ALL;
    let at = arguments.iter().position(|word| is_file(word))?;
    let runs = !arguments[..at].iter().any(|word| NO_RUN.contains(word));
    let says = library(&project.text(arguments[at]));
    (runs && (says || uses())).then_some(1)
}

/// With one of these Rails and test-unit end a run after a failure.
const FAIL_FAST: &[&str] = &["-f", "--fail-fast", "--stop-on-failure"];

/// Batches of a command that takes no ids.
pub(super) fn commands(runner: &str, line: &CommandWords) -> RunnerCommands {
    match line.has_argument(FAIL_FAST) {
        false => RunnerCommands::batches(runner, line),
        true => RunnerCommands::whole(runner, line)
            .noted("its tests end after a failure, so one process runs them all"),
    }
}

/// The value of a variable of the environment with something in front of what it has.
pub(super) fn in_front(variable: &str, ours: &str, separator: &str) -> String {
    match env::var(variable) {
        Ok(before) if !before.is_empty() => format!("{ours}{separator}{before}"),
        _ => ours.to_owned(),
    }
}

/// What the tests list that find a file of ours by this variable.
pub(super) fn listing(
    invoked: &Invoked,
    variable: &str,
    value: &str,
) -> Result<TestListing, String> {
    let path = invoked.own_file("listing");
    let mut command = command(&invoked.line.with_words([], []));
    command.env("SUBUNIT_LISTING", &path).env(variable, value);
    // Rails would list in processes that it forks.
    let output = output(command.env("PARALLEL_WORKERS", "1"))?;
    let text = fs::read_to_string(&path).unwrap_or_default();
    let _ = fs::remove_file(&path);
    if !output.status.success() {
        return Err(failed(&command, &output));
    }
    let mut ids: Vec<&str> = text.lines().collect();
    // Tests come in any order.
    ids.sort_unstable();
    let mut listing = TestListing::default();
    ids.into_iter().for_each(|id| listing.add(id));
    Ok(listing)
}

/// The process that runs these tests, which find a file of ours by this variable.
pub(super) fn processes(
    invoked: &Invoked,
    ids: Option<&[String]>,
    variable: &str,
    value: String,
) -> Result<Vec<RunnerProcess>, String> {
    let words = invoked.line.with_words([], []);
    let process = RunnerProcess::new(words, ResultSource::Pipe(Format::Jsonl));
    let process = process.with(variable, value).told_apart(as_parallel_tests);
    Ok(vec![process.with_id_file(ids, &invoked.own_file("ids"))?])
}

/// As the gem parallel_tests does: databases of Rails have the number in their names, and the first one has none.
pub(super) fn as_parallel_tests(number: WorkerNumber) -> Vec<(&'static str, String)> {
    let own = match number.worker {
        0 => String::new(),
        worker => (worker + 1).to_string(),
    };
    vec![("TEST_ENV_NUMBER", own), ("PARALLEL_TEST_GROUPS", number.workers.to_string())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_recognised_where_files_name_the_library() {
        assert!(is_test("a_test.rb") && is_test("test_a.rb") && !is_test("test_helper.py"));
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("test")).unwrap();
        let project = Project::new(folder.path());
        let library: fn(&str) -> bool = |text| text.contains("minitest");
        assert_eq!(sign(&project, library), None);
        fs::write(folder.path().join("test/a_test.rb"), "require 'test_helper'\n").unwrap();
        fs::write(folder.path().join("test/test_helper.rb"), "require 'minitest/autorun'\n")
            .unwrap();
        let found = sign(&project, library).unwrap();
        assert_eq!((found.found.as_str(), found.words[0].as_str()), ("test/a_test.rb", "ruby"));
        fs::create_dir(folder.path().join("bin")).unwrap();
        fs::write(folder.path().join("bin/rails"), "").unwrap();
        assert_eq!(sign(&project, library).unwrap().words, ["bin/rails", "test"]);
    }
}
