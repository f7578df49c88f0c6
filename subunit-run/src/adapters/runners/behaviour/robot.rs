//! Robot Framework: batches. Files of ours listen beside its output, and leave out what is not asked for. Batches write no
//! output.xml, log and report, which would be one batch's only: where these are asked for, one robot runs all tests.

use std::fs;

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
    name: "robot",
    looks_for: "*.robot",
    detect,
    recognise,
    commands,
    worker: Some(&RunnerWorker::new(Some(list), processes)),
};

/// With one of these it runs no test.
const NO_RUN: &[&str] = &["--dryrun", "-h", "-?", "--help", "--version"];

/// They belong to all tests.
const OF_WHOLE_RUN: &[&str] = &[
    "-o",
    "--output",
    "-l",
    "--log",
    "-r",
    "--report",
    "-x",
    "--xunit",
    "-d",
    "--outputdir",
    "-b",
    "--debugfile",
    "-X",
    "--exitonfailure",
    "--exitonerror",
    "-A",
    "--argumentfile",
];

fn detect(project: &Project) -> Option<RunnerSign> {
    let test = project.files(|name| name.ends_with(".robot")).into_iter().next()?;
    let program = project.python_program("robot").unwrap_or_else(|| "robot".to_owned());
    // Its tests are what stands in the first folder of the path.
    let first = test.iter().next()?.to_string_lossy().into_owned();
    let place = if test.iter().count() > 1 { first } else { ".".to_owned() };
    let found = test.display().to_string();
    Some(RunnerSign { is_certain: false, found, words: vec![program, place] })
}

fn recognise(words: &[&str]) -> Option<usize> {
    let length = match words {
        [program, ..] if is_called(program, "robot") => 1,
        [python, "-m", "robot", ..] if is_python(python) => 3,
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
            .noted(format!("{option} is about the whole run, so one robot runs all tests")),
    }
}

/// No files of a batch.
const NO_FILES: [&str; 6] = ["--output", "NONE", "--log", "NONE", "--report", "NONE"];

fn kit(invoked: &Invoked) -> [String; 4] {
    let path = |name: &str| invoked.kit(name).display().to_string();
    let (listener, choice) = (path("subunit_robot.py"), path("subunit_robot_choice.py"));
    ["--listener".to_owned(), listener, "--prerunmodifier".to_owned(), choice]
}

fn list(invoked: &Invoked) -> Result<TestListing, String> {
    let path = invoked.own_file("listing");
    let kit = kit(invoked);
    let ours =
        kit.iter().map(String::as_str).chain(NO_FILES).chain(["--dryrun", "--runemptysuite"]);
    let mut command = command(&invoked.line.with_words(ours, []));
    let output = output(command.env("SUBUNIT_LISTING", &path))?;
    let text = fs::read_to_string(&path).unwrap_or_default();
    let _ = fs::remove_file(&path);
    // Up to this it is the number of tests that would fail.
    const MOST_FAILED: i32 = 250;
    if output.status.code().is_none_or(|code| code > MOST_FAILED) {
        return Err(failed(&command, &output));
    }
    let mut listing = TestListing::default();
    text.lines().for_each(|id| listing.add(id));
    Ok(listing)
}

fn processes(invoked: &Invoked, ids: Option<&[String]>) -> Result<Vec<RunnerProcess>, String> {
    let is_whole = ids.is_none_or(|ids| invoked.listing().is_ok_and(|listing| listing.is_all(ids)));
    let no_files: &[&str] = if is_whole { &[] } else { &NO_FILES };
    let kit = kit(invoked);
    let ours = kit.iter().map(String::as_str).chain(no_files.iter().copied());
    let words = invoked.line.with_words(ours, []);
    let process = RunnerProcess::new(words, ResultSource::Pipe(Format::Jsonl));
    Ok(vec![process.with_id_file(ids, &invoked.own_file("ids"))?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_asks_for_files_is_left_to_one_robot() {
        let note = |line: &str| {
            let length = recognise(&line.split(' ').collect::<Vec<_>>())?;
            commands(&CommandWords::of_line(line, 0..length), &Project::new("".as_ref())).note
        };
        assert_eq!(note("robot -t a suites"), None);
        assert!(note("robot --outputdir=out suites").unwrap().starts_with("--outputdir is about"));
        assert!(note("python3 -m robot -d out suites").is_some());
        assert_eq!(recognise(&["robot", "--dryrun", "suites"]), None);
    }
}
