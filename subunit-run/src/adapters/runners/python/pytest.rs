//! pytest: a worker of ours runs its tests one by one, as a plugin that its command loads.

use crate::adapters::{
    adapter::{Adapter, RunnerSign},
    programs::{is_called, is_python},
    project::{Project, is_in_path},
    runner_commands::RunnerCommands,
    words::CommandWords,
};
use crate::config::CoverageSettings;

pub(in crate::adapters) const ADAPTER: Adapter = Adapter {
    name: "pytest",
    looks_for: "pytest.ini, conftest.py, a section of pyproject.toml, tox.ini or setup.cfg, tests \
                that import pytest or are functions",
    detect,
    recognise,
    commands,
    worker: None,
};

/// What loads the plugin.
const PLUGIN: &str = "-p subunit_pytest";

/// With one of these pytest runs no test, or says what only a person reads.
const NO_RUN: &[&str] = &[
    "--collect-only",
    "--co",
    "--collectonly",
    "--fixtures",
    "--funcargs",
    "--fixtures-per-test",
    "--markers",
    "--version",
    "-V",
    "--help",
    "-h",
    "--cache-show",
    "--cache-clear-only",
    "--setup-plan",
    "--setup-only",
    "--looponfail",
    "-f",
];

/// These make one report of the whole run, or decide by it: each process would write its own.
const OF_WHOLE_RUN: &[&str] = &[
    // Whether a test has failed is known to each worker for itself.
    "--no-cov-on-fail",
    "--junitxml",
    "--junit-xml",
    "--report-log",
    "--html",
    "--json-report",
    "--ctrf",
    "--stepwise",
    "--sw",
];

/// The files that configure pytest, and what they say if they do. The first one counts.
const CONFIGURATIONS: [(&str, &str); 5] = [
    ("pytest.ini", ""),
    (".pytest.ini", ""),
    ("pyproject.toml", "[tool.pytest"),
    ("tox.ini", "[pytest]"),
    ("setup.cfg", "[tool:pytest]"),
];

fn detect(project: &Project) -> Option<RunnerSign> {
    let sign = |is_certain, found: &str| {
        Some(RunnerSign { is_certain, found: found.to_owned(), words: command(project) })
    };
    let others = ["conftest.py", "tests/conftest.py", "test/conftest.py"].map(|file| (file, ""));
    for (file, words) in CONFIGURATIONS.iter().copied().chain(others) {
        if project.has(file) && project.says(file, words) {
            return sign(true, file);
        }
    }
    let tests = project.files(|name| {
        name.ends_with(".py") && (name.starts_with("test_") || name.ends_with("_test.py"))
    });
    let test = tests.into_iter().find(|path| is_of_pytest(&project.text(path)))?;
    sign(false, &test.display().to_string())
}

/// Whether a file of tests imports pytest, or has tests that are functions, which unittest does not run.
fn is_of_pytest(text: &str) -> bool {
    let imports = text.contains("import pytest") || text.contains("from pytest");
    let is_test = |line: &str| line.starts_with("def test_") || line.starts_with("async def test_");
    imports || !text.contains("unittest") && text.lines().any(is_test)
}

fn command(project: &Project) -> Vec<String> {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    match project.python_program("pytest") {
        Some(program) if program != "pytest" => vec![program],
        _ if project.has("uv.lock") && is_in_path("uv") => words(&["uv", "run", "pytest"]),
        Some(program) => vec![program],
        None => words(&["python3", "-m", "pytest"]),
    }
}

fn recognise(words: &[&str]) -> Option<usize> {
    let length = match words {
        [program, ..] if is_called(program, "pytest") || is_called(program, "py.test") => 1,
        [python, "-m", "pytest", ..] if is_python(python) => 3,
        _ => return None,
    };
    let is_none = |word: &&str| NO_RUN.contains(word);
    (!words[length..].iter().any(is_none)).then_some(length)
}

/// With this pytest-cov measures. Each worker does it for itself, and one more pytest of the same options reports.
const MEASURES: &str = "--cov";

/// The file that workers measure into. Each puts its own name after it.
const MEASURED: &str = "$SUBUNIT_COVERAGE/.coverage";

fn commands(line: &CommandWords, project: &Project) -> RunnerCommands {
    let whole = option_of(OF_WHOLE_RUN, line.arguments(), project);
    let measures = option_of(&[MEASURES], line.arguments(), project).is_some();
    let base = RunnerCommands {
        command: line.with(&format!("{PLUGIN} $LISTOPT")),
        list_option: if measures { "--collect-only --no-cov" } else { "--collect-only" }.to_owned(),
        incremental: true,
        console: true,
        jobs: workers_of_xdist(line.arguments()),
        fail_fast: most_failures(line.arguments()).or_else(|| most_failures(&added(project))),
        needs_python_path: true,
        lists_first: true,
        ..RunnerCommands::default()
    };
    match whole {
        None if measures => RunnerCommands { coverage: coverage(line), ..base },
        None => base,
        Some(option) => RunnerCommands {
            command: line.with(&format!("{PLUGIN} $LISTOPT $IDOPTION")),
            id_option: Some("--subunit-ids=$IDFILE".to_owned()),
            incremental: false,
            jobs: Some(1),
            fail_fast: None,
            note: Some(format!("{option} is about the whole run, so one pytest runs all tests")),
            ..base
        },
    }
}

/// How what workers have covered is joined, and reported as the command asks.
fn coverage(line: &CommandWords) -> CoverageSettings {
    CoverageSettings {
        environment: [("COVERAGE_FILE".to_owned(), MEASURED.to_owned())].into(),
        merge: Some(line.with(&format!("{PLUGIN} --subunit-merge"))),
        ..CoverageSettings::default()
    }
}

/// The first of these options that the command or a configuration has.
fn option_of(
    options: &[&'static str],
    arguments: &[String],
    project: &Project,
) -> Option<&'static str> {
    let given = |option: &&&'static str| arguments.iter().any(|word| is_option(word, option));
    if let Some(option) = options.iter().find(given) {
        return Some(option);
    }
    let mut added = std::env::var("PYTEST_ADDOPTS").unwrap_or_default();
    for file in ["pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg"] {
        added.push(' ');
        added.push_str(added_options(&project.text(file)));
    }
    let mut words =
        added.split(|letter: char| letter.is_whitespace() || "\"'[],=".contains(letter));
    words.find_map(|word| options.iter().find(|option| is_option(word, option)).copied())
}

/// `--html` is also `--html=a` and `--html-self-contained`. `--cov-report` alone measures nothing.
fn is_option(word: &str, option: &str) -> bool {
    let rest = word.strip_prefix(option);
    let is_more = |rest: &str| rest.starts_with('-') && option != MEASURES;
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('=') || is_more(rest))
}

/// What a file says after `addopts`, up to the next section.
fn added_options(text: &str) -> &str {
    let Some(start) = text.find("addopts") else { return "" };
    let text = &text[start..];
    &text[..text.find("\n[").unwrap_or(text.len())]
}

/// The options that the environment and the configuration that counts add to those of the command.
fn added(project: &Project) -> Vec<String> {
    let files = CONFIGURATIONS
        .iter()
        .filter(|(file, words)| project.has(file) && project.says(file, words));
    let text = files.map(|(file, _)| project.text(file)).next().unwrap_or_default();
    let variable = std::env::var("PYTEST_ADDOPTS").unwrap_or_default();
    let value = value_of_addopts(&text);
    let is_between = |letter: char| letter.is_whitespace() || "\"',[]".contains(letter);
    let words = value.split(is_between).chain(variable.split(is_between));
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The value of `addopts`: a line with those that are indented below it, or a list of TOML up to its end.
fn value_of_addopts(text: &str) -> String {
    let is_key = |line: &&str| {
        let rest = line.trim_start().strip_prefix("addopts");
        rest.is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    let mut lines = text.lines().skip_while(|line| !is_key(line));
    let first = lines.next().and_then(|line| line.split_once('=')).map_or("", |(_, value)| value);
    let mut value = first.to_owned();
    let is_list = first.trim_start().starts_with('[');
    for line in lines {
        let is_over = match is_list {
            true => value.contains(']'),
            false => !line.starts_with([' ', '\t']) || line.contains(" = "),
        };
        if is_over {
            break;
        }
        value.push('\n');
        value.push_str(line.split(" #").next().unwrap_or(line));
    }
    value
}

/// The number of `-n` of xdist. Its own workers are not started.
fn workers_of_xdist(arguments: &[String]) -> Option<usize> {
    value_of(arguments, "-n", "--numprocesses")?.parse().ok().filter(|workers| *workers > 0)
}

fn most_failures(arguments: &[String]) -> Option<u64> {
    if arguments.iter().any(|word| word == "-x" || word == "--exitfirst") {
        return Some(1);
    }
    value_of(arguments, "--maxfail", "--maxfail")?.parse().ok().filter(|failures| *failures > 0)
}

/// The value of an option: `-n 2`, `-n2`, `--numprocesses 2`, `--numprocesses=2`.
fn value_of<'w>(arguments: &'w [String], short: &str, long: &str) -> Option<&'w str> {
    let nth =
        arguments.iter().position(|word| word.starts_with(short) || word.starts_with(long))?;
    let word = &arguments[nth];
    if word == short || word == long {
        return arguments.get(nth + 1).map(String::as_str);
    }
    let long = word.strip_prefix(long).and_then(|rest| rest.strip_prefix('='));
    long.or_else(|| word.strip_prefix(short))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> CommandWords {
        let words: Vec<&str> = text.split(' ').collect();
        let length = recognise(&words).unwrap();
        CommandWords::new(words.iter().map(|word| (*word).to_owned()).collect(), 0..length)
    }

    #[test]
    fn commands_of_pytest_are_recognised() {
        for (words, length) in [
            ("pytest", Some(1)),
            (".venv/bin/pytest -q", Some(1)),
            ("pytest-3 tests", Some(1)),
            ("python3.12 -m pytest -x", Some(3)),
            ("/usr/bin/python -m pytest", Some(3)),
            ("python -m unittest", None),
            ("pytest-watch", None),
            ("pytest --version", None),
            ("pytest a --co", None),
        ] {
            assert_eq!(recognise(&words.split(' ').collect::<Vec<_>>()), length, "{words}");
        }
    }

    #[test]
    fn how_many_failures_are_too_many_may_stand_in_a_configuration() {
        for (file, text, fail_fast) in [
            ("pytest.ini", "[pytest]\naddopts = -q -x\n", Some(1)),
            (
                "pytest.ini",
                "[pytest]\naddopts =\n    -q\n    --maxfail=3\nmarkers =\n    -x\n",
                Some(3),
            ),
            ("pytest.ini", "[pytest]\naddopts = -q\nnorecursedirs = a -x\n", None),
            ("pytest.ini", "[pytest]\n# addopts = -x\n", None),
            (
                "pyproject.toml",
                "[tool.pytest.ini_options]\naddopts = [\n \"-q\",\n \"--maxfail=2\",\n]\nx = \"-x\"\n",
                Some(2),
            ),
            ("pyproject.toml", "[tool.pytest.ini_options]\naddopts = \"-x -q\"\n", Some(1)),
            ("pyproject.toml", "[tool.other]\naddopts = \"-x\"\n", None),
        ] {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join(file), text).unwrap();
            let made = commands(&line("pytest"), &Project::new(folder.path()));
            assert_eq!(made.fail_fast, fail_fast, "{text}");
            let made = commands(&line("pytest --maxfail 7"), &Project::new(folder.path()));
            assert_eq!(made.fail_fast, Some(7), "{text}");
        }
    }

    #[test]
    fn the_options_of_the_command_stay_and_some_say_how_it_runs() {
        let folder = tempfile::tempdir().unwrap();
        let shaped = |text: &str| commands(&line(text), &Project::new(folder.path()));
        let plain = shaped("python -m pytest -q tests");
        assert_eq!(plain.command, "python -m pytest -p subunit_pytest $LISTOPT -q tests");
        assert_eq!((plain.incremental, plain.jobs, plain.fail_fast), (true, None, None));
        for (words, jobs, fail_fast) in [
            ("pytest -n 3", Some(3), None),
            ("pytest -n4 -x", Some(4), Some(1)),
            ("pytest --numprocesses=5 --maxfail=2", Some(5), Some(2)),
            ("pytest -n auto --maxfail 3", None, Some(3)),
        ] {
            let made = shaped(words);
            assert_eq!((made.jobs, made.fail_fast), (jobs, fail_fast), "{words}");
        }
        let whole = shaped("pytest --junitxml=x tests");
        assert!(!whole.incremental && whole.jobs == Some(1), "{whole:?}");
        assert_eq!(whole.command, "pytest -p subunit_pytest $LISTOPT $IDOPTION --junitxml=x tests");
        assert_eq!(whole.coverage.merge, None);
        for words in ["pytest --cov=src tests", "pytest --cov --cov-report=xml"] {
            let made = shaped(words);
            assert!(made.incremental && made.jobs.is_none(), "{made:?}");
            let merge = words.replace("pytest", "pytest -p subunit_pytest --subunit-merge");
            assert_eq!(made.coverage.merge, Some(merge));
            assert_eq!(made.list_option, "--collect-only --no-cov");
        }
        assert_eq!(shaped("pytest --cov-report=xml").coverage.merge, None);
        let kept = shaped("pytest --cov --no-cov-on-fail");
        assert!(!kept.incremental && kept.coverage.merge.is_none(), "{kept:?}");
        let ini = "[tool.other]\nx = '--junitxml'\n[tool.pytest.ini_options]\naddopts = [\n\"-q\", \"--html=a\"\n]\n";
        std::fs::write(folder.path().join("pyproject.toml"), ini).unwrap();
        assert_eq!(shaped("pytest").note.unwrap().split(' ').next(), Some("--html"));
    }
}
