//! prove: each `.t` file is a test, in a process of its own that a prove forks which stays; its points are parts of it.

use std::env;

use crate::adapters::{
    adapter::{Adapter, RunnerSign},
    programs::is_called,
    project::Project,
    runner_commands::RunnerCommands,
    words::{CommandWords, options_and_others},
    worker::{Invoked, ResultSource, RunnerProcess, RunnerWorker, TestListing, asked, command},
};

pub(in crate::adapters) const ADAPTER: Adapter = Adapter {
    name: "prove",
    looks_for: "t/*.t",
    detect,
    recognise,
    commands,
    worker: Some(&RunnerWorker::new(Some(list), processes)),
};

/// With one of these it runs no test, or needs all of them.
const NO_RUN: &[&str] =
    &["-h", "-?", "-H", "--help", "--man", "-V", "--version", "-D", "--dry", "-a", "--archive"];
/// These choose by earlier runs, or take files from elsewhere.
const CHOOSE: &[&str] = &["--state", "-"];

fn detect(project: &Project) -> Option<RunnerSign> {
    let test = project
        .files(|name| name.ends_with(".t"))
        .into_iter()
        .find(|path| path.starts_with("t"))?;
    let mut words = vec!["prove".to_owned()];
    // As `make test` does for modules of Perl.
    if project.has_folder("blib") {
        words.push("-b".to_owned());
    } else if project.has_folder("lib") {
        words.push("-l".to_owned());
    }
    if test.components().count() > 2 {
        words.push("-r".to_owned());
    }
    words.push("t".to_owned());
    Some(RunnerSign { is_certain: false, found: test.display().to_string(), words })
}

fn recognise(words: &[&str]) -> Option<usize> {
    let [program, arguments @ ..] = words else { return None };
    let is_none = |word: &&str| {
        NO_RUN.contains(word) || CHOOSE.contains(word) || word.starts_with("--state=")
    };
    (is_called(program, "prove") && !arguments.iter().any(is_none)).then_some(1)
}

fn commands(line: &CommandWords, _: &Project) -> RunnerCommands {
    let jobs = jobs(line.arguments());
    RunnerCommands { jobs, ..RunnerCommands::one_by_one(ADAPTER.name, line) }
}

/// The number of `-j 2` or `--jobs=2`.
fn jobs(arguments: &[String]) -> Option<usize> {
    let at =
        arguments.iter().position(|word| word.starts_with("-j") || word.starts_with("--jobs"))?;
    let word = &arguments[at];
    let value = match word.as_str() {
        "-j" | "--jobs" => arguments.get(at + 1)?.as_str(),
        word => word.trim_start_matches("--jobs=").trim_start_matches("-j"),
    };
    value.parse().ok().filter(|jobs| *jobs > 0)
}

fn list(invoked: &Invoked) -> Result<TestListing, String> {
    let text = asked(&mut command(&invoked.line.with_words(["--dry"], [])))?;
    let mut listing = TestListing::default();
    text.lines().filter(|line| !line.is_empty()).for_each(|file| listing.add(file));
    Ok(listing)
}

/// Its files are the last words of a command, and `t` if there are none.
fn processes(invoked: &Invoked, ids: Option<&[String]>) -> Result<Vec<RunnerProcess>, String> {
    let (options, for_tests) = divided(invoked.line.arguments());
    let words = |own: &[&str]| {
        let mut words = invoked.line.before_arguments().to_vec();
        // What a test says is part of its result; the summary below it changes with that alone.
        words.push("--verbose".to_owned());
        words.extend(options.iter().cloned());
        words.extend(own.iter().map(|&word| word.to_owned()));
        words.extend(for_tests.iter().cloned());
        words
    };
    let plugin = &["-P", "SubunitRun"];
    let process = |id: &String| {
        let forker = RunnerProcess::new(words(plugin), ResultSource::Status)
            .with("PERL5LIB", perl_libraries(invoked));
        let process = RunnerProcess::new(words(&[id]), ResultSource::Status);
        process.with_ids(Some(std::slice::from_ref(id))).forked_by(forker)
    };
    Ok(ids.unwrap_or_default().iter().map(process).collect())
}

/// The folder of the plugin, and those that there are.
fn perl_libraries(invoked: &Invoked) -> String {
    let folder = invoked.kit("perl").display().to_string();
    match env::var("PERL5LIB") {
        Ok(others) if !others.is_empty() => format!("{folder}:{others}"),
        _ => folder,
    }
}

/// The options of a command, without the files, and the arguments of the tests, from `::` on.
fn divided(arguments: &[String]) -> (Vec<String>, &[String]) {
    const WITH_VALUE: &[&str] = &[
        "-I",
        "-P",
        "-M",
        "-e",
        "--exec",
        "--ext",
        "--harness",
        "--formatter",
        "--source",
        "-j",
        "--jobs",
        "--rc",
        "--rules",
    ];
    let end = arguments.iter().position(|word| word == "::").unwrap_or(arguments.len());
    let (arguments, for_tests) = arguments.split_at(end);
    let (options, _) = options_and_others(arguments, WITH_VALUE);
    (options, for_tests)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn options_stay_and_files_are_those_of_the_listing() {
        let given = words("-I lib -lr -j 2 t/a.t t :: --own");
        let (options, for_tests) = divided(&given);
        assert_eq!((options, for_tests), (words("-I lib -lr -j 2"), &words(":: --own")[..]));
        assert_eq!(jobs(&words("-j 3 t")), Some(3));
        assert_eq!(jobs(&words("--jobs=4")), Some(4));
        assert_eq!(jobs(&words("-l t")), None);
        assert_eq!(recognise(&["prove", "-l"]), Some(1));
        assert_eq!(recognise(&["prove", "--state=failed"]), None);
    }
}
