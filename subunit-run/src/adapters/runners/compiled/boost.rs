//! Programs of Boost.Test, from 1.62: batches, by paths of tests. Our log stands beside that of the console; the report, which
//! alone says what was expected to fail, is ours, so its last line is not printed.

use std::env;

use subunit_formats::Format;

use super::program::{Divided, KnownOptions, name_of, recognised};
use crate::adapters::{
    adapter::Adapter,
    project::Project,
    runner_commands::RunnerCommands,
    words::CommandWords,
    worker::{
        Invoked, RESULTS, ResultSource, RunnerProcess, RunnerWorker, TestListing, command, failed,
        in_parts_by, output,
    },
};

pub(in crate::adapters) const ADAPTER: Adapter = Adapter {
    name: "boost",
    looks_for: "nothing by itself: name the program, as in `subunit run -- build/tests`",
    detect: |_| None,
    recognise,
    commands,
    worker: Some(&RunnerWorker::new(Some(list), processes)),
};

/// What only its programs have: linked to the library, or with it in them.
const SIGNS: &[&[u8]] = &[b"5boost9unit_test14unit_test_main", b"BOOST_TEST_LOG_LEVEL"];

/// With one of these it runs no test, or writes its log or its report otherwise.
const NO_RUN: &[&str] = &[
    "--list_content",
    "-j",
    "--list_labels",
    "--help",
    "-h",
    "--usage",
    "-?",
    "--version",
    "-v",
    "--build_info",
    "-i",
    "--logger",
    "-E",
    "--log_format",
    "-f",
    "--log_sink",
    "-k",
    "--output_format",
    "-o",
    "--report_format",
    "-m",
    "--report_level",
    "-r",
    "--report_sink",
    "-e",
    "--wait_for_debugger",
    "-w",
];

const OPTIONS: KnownOptions = KnownOptions {
    with_value: &["--log_level", "-l", "--run_test", "-t"],
    alone: &[
        "--auto_start_dbg",
        "-d",
        "--break_exec_path",
        "--catch_system_errors",
        "-s",
        "--no_catch_system_errors",
        "--color_output",
        "-x",
        "--no_color_output",
        "--detect_fp_exceptions",
        "--detect_memory_leaks",
        "--random",
        "--result_code",
        "-c",
        "--no_result_code",
        "--save_pattern",
        "--show_progress",
        "-p",
        "--use_alt_stack",
        "--",
    ],
};

const LEVEL: &[&str] = &["--log_level", "-l"];
const CHOICE: &[&str] = &["--run_test", "-t"];

fn recognise(words: &[&str]) -> Option<usize> {
    recognised(words, SIGNS, |word| NO_RUN.contains(&name_of(word)))
}

fn commands(line: &CommandWords, _: &Project) -> RunnerCommands {
    let divided = OPTIONS.divide(line.arguments());
    let why = match divided.value_of(CHOICE) {
        Some(_) => Some("Boost.Test lists all tests, whatever is chosen".to_owned()),
        None => not_its_own(&divided),
    };
    match why {
        Some(why) => RunnerCommands::unlisted(ADAPTER.name, line)
            .noted(format!("{why}, so one process runs all tests")),
        None => RunnerCommands::batches(ADAPTER.name, line),
    }
}

fn not_its_own(divided: &Divided) -> Option<String> {
    let word = divided.unknown.as_ref().or_else(|| divided.others.first())?;
    Some(format!("`{word}` is none of Boost.Test's options"))
}

fn list(invoked: &Invoked) -> Result<TestListing, String> {
    let words = invoked.line.with_words([], ["--list_content"]);
    let mut command = command(&words);
    let output = output(&mut command)?;
    if !output.status.success() {
        return Err(failed(&command, &output));
    }
    let mut listing = TestListing::default();
    tests(&String::from_utf8_lossy(&output.stderr)).into_iter().for_each(|id| listing.add(id));
    Ok(listing)
}

/// The enabled tests of a tree of suites, each level four blanks further in: `name*`, or `name ` where it is disabled. A
/// description may follow.
fn tests(text: &str) -> Vec<String> {
    let nodes: Vec<(usize, &str, bool)> = text.lines().filter_map(node).collect();
    let mut path: Vec<&str> = Vec::new();
    let mut tests = Vec::new();
    for (at, &(depth, name, is_enabled)) in nodes.iter().enumerate() {
        path.truncate(depth);
        path.push(name);
        let is_suite = nodes.get(at + 1).is_some_and(|next| next.0 > depth);
        if !is_suite && is_enabled {
            tests.push(path.join("/"));
        }
    }
    tests
}

fn node(line: &str) -> Option<(usize, &str, bool)> {
    let name = line.trim_start_matches(' ');
    let depth = (line.len() - name.len()) / 4;
    if let Some((name, _)) = name.split_once("*: ") {
        return Some((depth, name, true));
    }
    let name = name.split_once(" : ").map_or(name, |(name, _)| name);
    match name.strip_suffix('*') {
        Some(name) => Some((depth, name, true)),
        None => Some((depth, name.trim_end(), false)).filter(|(_, name, _)| !name.is_empty()),
    }
}

/// Paths of tests in one command line.
const PATHS: usize = 64 * 1024;

fn processes(invoked: &Invoked, ids: Option<&[String]>) -> Result<Vec<RunnerProcess>, String> {
    let divided = OPTIONS.divide(invoked.line.arguments());
    let by_environment = env::var("BOOST_TEST_LOG_LEVEL").ok();
    let level = divided.value_of(LEVEL).or(by_environment.as_deref()).unwrap_or("error");
    let ours = [
        format!("--logger=HRF,{level},stdout:XML,test_suite,{RESULTS}"),
        "--report_format=XML".to_owned(),
        "--report_level=detailed".to_owned(),
        format!("--report_sink={RESULTS}"),
    ];
    let process = |ids: Option<&[String]>| {
        let mut words = invoked.line.before_arguments().to_vec();
        words.extend(ours.iter().cloned());
        words.extend(ids.into_iter().flatten().map(|id| format!("--run_test={id}")));
        words.extend(divided.options_but(LEVEL).map(str::to_owned));
        words.extend(divided.others.iter().cloned());
        RunnerProcess::new(words, ResultSource::Pipe(Format::BoostXml)).with_ids(ids)
    };
    match ids {
        None => Ok(vec![process(None)]),
        Some(ids) => Ok(in_parts_by(ids, PATHS, |id| id.len() + "--run_test=".len() + 1)
            .map(|part| process(Some(part)))
            .collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_is_a_tree_of_suites() {
        let text = "passes*\nnever \ninner*: what is inside\n    data*\n        _0*\n        _1*\n    typed<char*>*\n    off : not now\n\
                    after*\n";
        assert_eq!(
            tests(text),
            ["passes", "inner/data/_0", "inner/data/_1", "inner/typed<char*>", "after"]
        );
    }

    #[test]
    fn what_divides_or_is_not_known_is_left_to_one_process() {
        let is_whole = |line: &str| {
            let line = CommandWords::of_line(line, 0..1);
            commands(&line, &Project::new(std::path::Path::new("."))).note.is_some()
        };
        assert!(!is_whole("./t --log_level=all --random"));
        assert!(is_whole("./t --run_test=a/b") && is_whole("./t -t a") && is_whole("./t -- mine"));
    }
}
