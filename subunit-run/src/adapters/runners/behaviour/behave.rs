//! behave: batches. A formatter of ours, which prints nothing, stands beside the others; with it comes what listens to scenarios
//! and leaves out those that are not asked for.

use std::{env, fs};

use subunit_formats::Format;

use crate::adapters::{
    adapter::{Adapter, RunnerSign},
    programs::{is_called, is_python},
    project::Project,
    runner_commands::RunnerCommands,
    words::{CommandWords, option_name},
    worker::{
        Invoked, ResultSource, RunnerProcess, RunnerWorker, TestListing, command, failed, output,
    },
};

pub(in crate::adapters) const ADAPTER: Adapter = Adapter {
    name: "behave",
    looks_for: "features/*.feature with features/steps/*.py",
    detect,
    recognise,
    commands,
    worker: Some(&RunnerWorker::new(Some(list), processes)),
};

/// With one of these it runs no scenario.
const NO_RUN: &[&str] = &[
    "-d",
    "--dry-run",
    "--steps-catalog",
    "--lang-list",
    "--lang-help",
    "--tags-help",
    "-h",
    "--help",
    "--version",
];

/// They belong to all scenarios, or divide the formatters otherwise.
const OF_WHOLE_RUN: &[&str] = &[
    "-o",
    "--outfile",
    "--junit",
    "--junit-directory",
    "--stop",
    "-w",
    "--wip",
    "-j",
    "--jobs",
    "--parallel",
];

const FORMAT: &[&str] = &["-f", "--format"];

/// Where behave is configured.
const CONFIGURATIONS: &[&str] =
    &["behave.ini", ".behaverc", "setup.cfg", "tox.ini", "pyproject.toml"];

fn detect(project: &Project) -> Option<RunnerSign> {
    let features = project.files(|name| name.ends_with(".feature"));
    let feature = features.into_iter().find(|path| path.starts_with("features"))?;
    let steps = project.files(|name| name.ends_with(".py"));
    steps.iter().find(|path| path.starts_with("features/steps"))?;
    let program = project.python_program("behave").unwrap_or_else(|| "behave".to_owned());
    let found = feature.display().to_string();
    Some(RunnerSign { is_certain: false, found, words: vec![program] })
}

fn recognise(words: &[&str]) -> Option<usize> {
    let length = match words {
        [program, ..] if is_called(program, "behave") => 1,
        [python, "-m", "behave", ..] if is_python(python) => 3,
        _ => return None,
    };
    let runs = !words[length..].iter().any(|word| NO_RUN.contains(word));
    runs.then_some(length)
}

fn commands(line: &CommandWords, _: &Project) -> RunnerCommands {
    let given = line.arguments().iter().map(|word| option_name(word));
    match given.into_iter().find(|name| OF_WHOLE_RUN.contains(name)) {
        None => RunnerCommands::batches(ADAPTER.name, line),
        Some(option) => RunnerCommands::whole(ADAPTER.name, line)
            .noted(format!("{option} is about the whole run, so one behave runs all scenarios")),
    }
}

/// The formatters that are added: what behave prints without any, and ours.
fn formatters(line: &CommandWords, project: &Project) -> Vec<&'static str> {
    let is_given = line.arguments().iter().any(|word| FORMAT.contains(&option_name(word)));
    let says_format = |file: &&str| {
        let text = project.text(file);
        let is_behaves = file.contains("behave") || text.contains("behave]");
        is_behaves && text.lines().any(|line| line.trim_start().starts_with("format"))
    };
    let ours = ["--format", "subunit_behave:Beside"];
    match is_given || CONFIGURATIONS.iter().any(says_format) {
        true => ours.to_vec(),
        false => [["--format", "pretty"], ours].concat(),
    }
}

/// Where Python finds the files of ours.
fn python_path(invoked: &Invoked) -> String {
    let kit = invoked.kit("").display().to_string();
    let kit = kit.trim_end_matches('/');
    match env::var("PYTHONPATH") {
        Ok(before) if !before.is_empty() => format!("{kit}:{before}"),
        _ => kit.to_owned(),
    }
}

fn words(invoked: &Invoked) -> Vec<String> {
    invoked.line.with_words(formatters(&invoked.line, &Project::new("".as_ref())), [])
}

fn list(invoked: &Invoked) -> Result<TestListing, String> {
    let path = invoked.own_file("listing");
    let mut command = command(&words(invoked));
    command.env("SUBUNIT_LISTING", &path).env("PYTHONPATH", python_path(invoked));
    let output = output(&mut command)?;
    let text = fs::read_to_string(&path).unwrap_or_default();
    let _ = fs::remove_file(&path);
    if !output.status.success() {
        return Err(failed(&command, &output));
    }
    let mut listing = TestListing::default();
    text.lines().for_each(|id| listing.add(id));
    Ok(listing)
}

fn processes(invoked: &Invoked, ids: Option<&[String]>) -> Result<Vec<RunnerProcess>, String> {
    let process = RunnerProcess::new(words(invoked), ResultSource::Pipe(Format::Jsonl));
    let process = process.with("PYTHONPATH", python_path(invoked));
    Ok(vec![process.with_id_file(ids, &invoked.own_file("ids"))?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_formatter_that_is_used_without_one_stays() {
        let folder = tempfile::tempdir().unwrap();
        let added = |line: &str| {
            let project = Project::new(folder.path());
            formatters(&CommandWords::of_line(line, 0..1), &project).join(" ")
        };
        let (with_pretty, ours) =
            ("--format pretty --format subunit_behave:Beside", "--format subunit_behave:Beside");
        assert_eq!(
            (added("behave -t x"), added("behave --format=plain")),
            (with_pretty.to_owned(), ours.to_owned())
        );
        fs::write(folder.path().join("behave.ini"), "[behave]\nformat = progress\n").unwrap();
        assert_eq!(added("behave"), ours);
    }
}
