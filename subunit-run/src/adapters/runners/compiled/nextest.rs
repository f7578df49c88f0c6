//! cargo nextest: its own workers keep the parallel part; what it lists and does not run is red.

use subunit_formats::Format;

use super::nextest_report::{OPTION, configuration, unfinished};
use crate::adapters::{
    adapter::{Adapter, RunnerSign},
    project::Project,
    runner_commands::RunnerCommands,
    words::{CommandWords, option_name},
    worker::{Invoked, ResultSource, RunnerProcess, RunnerWorker, TestListing, asked, command},
};

pub(in crate::adapters) const ADAPTER: Adapter = Adapter {
    name: "nextest",
    looks_for: "Cargo.toml and .config/nextest.toml",
    detect,
    recognise,
    commands,
    worker: Some(&RunnerWorker {
        unfinished: Some(unfinished),
        ..RunnerWorker::new(Some(list), processes)
    }),
};

/// Options of a run that a listing does not have, and whether a value follows.
const OF_RUN: &[(&str, bool)] = &[
    ("--no-fail-fast", false),
    ("--nff", false),
    ("--fail-fast", false),
    ("--ff", false),
    ("--max-fail", true),
    ("--no-capture", false),
    ("--nocapture", false),
    ("--hide-progress-bar", false),
    ("--retries", true),
    ("-j", true),
    ("--jobs", true),
    ("--test-threads", true),
    ("--failure-output", true),
    ("--success-output", true),
    ("--status-level", true),
    ("--final-status-level", true),
    ("--show-progress", true),
    ("--no-tests", true),
];

/// Filters that are joined by "or", so that others take nothing away from them.
const FILTERS: &[(&str, bool)] = &[("-E", true), ("--filterset", true), ("--filter-expr", true)];

fn detect(project: &Project) -> Option<RunnerSign> {
    let names_it = project.has("Cargo.toml") && project.has(".config/nextest.toml");
    let words = ["cargo", "nextest", "run"].map(str::to_owned).to_vec();
    names_it.then(|| RunnerSign { is_certain: true, found: ".config/nextest.toml".into(), words })
}

fn recognise(words: &[&str]) -> Option<usize> {
    let is_none = |word: &&str| {
        ["-h", "--help", "--no-run", "--stress-count", "--message-format"].contains(word)
    };
    match words {
        ["cargo", "nextest", "run" | "r", arguments @ ..] if !arguments.iter().any(is_none) => {
            Some(3)
        }
        _ => None,
    }
}

fn commands(line: &CommandWords, _: &Project) -> RunnerCommands {
    RunnerCommands::whole(ADAPTER.name, line)
}

fn list(invoked: &Invoked) -> Result<TestListing, String> {
    let mut words =
        invoked.after_wrappers(["cargo", "nextest", "list", "--message-format", "json"]);
    words.extend(without(invoked.line.arguments(), OF_RUN));
    let text = asked(&mut command(&words))?;
    let shown: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| format!("`{}`: {error}\n", words.join(" ")))?;
    Ok(listed(&shown))
}

fn listed(shown: &serde_json::Value) -> TestListing {
    let mut listing = TestListing::default();
    for (binary, suite) in shown["rust-suites"].as_object().into_iter().flatten() {
        for (name, case) in suite["testcases"].as_object().into_iter().flatten() {
            let matched = &case["filter-match"];
            // It counts these, and names them nowhere.
            let is_left_out = matched["reason"] == "ignored";
            if is_left_out || matched["status"] == "matches" {
                listing.add(format!("{binary}::{name}"));
                if let Some(test) = listing.tests.last_mut() {
                    test.name =
                        format!("binary_id(={}) & test(={})", escaped(binary), escaped(name));
                    test.is_left_out = is_left_out;
                }
            }
        }
    }
    listing
}

fn escaped(name: &str) -> String {
    name.replace('\\', "\\\\").replace(')', "\\)").replace(',', "\\,")
}

fn processes(invoked: &Invoked, ids: Option<&[String]>) -> Result<Vec<RunnerProcess>, String> {
    let source = ResultSource::Output(Format::Nextest);
    let report = configuration(invoked)?;
    let with_report = || invoked.line.with_words([OPTION, &report], []);
    let Some(ids) = ids else {
        return Ok(vec![RunnerProcess::new(with_report(), source).whole()]);
    };
    let listing = invoked.listing()?;
    let is_all = listing.is_all(ids);
    let (ids, left_out) = listing.without_left_out(ids);
    if is_all {
        let process = RunnerProcess::new(with_report(), source).with_ids(Some(&ids)).whole();
        return Ok(vec![RunnerProcess { left_out, ..process }]);
    }
    let arguments = without(invoked.line.arguments(), FILTERS);
    // A word of a command line has room for so many.
    const TESTS: usize = 400;
    let process = |ids: &[String]| {
        let parts = listing.by_program(ids);
        let tests = parts.iter().flat_map(|(_, tests)| tests);
        let tests: Vec<String> = tests.map(|test| format!("({})", test.name)).collect();
        let chosen = ["-E", &tests.join(" + "), OPTION, &report];
        let mut words =
            invoked.after_wrappers(["cargo", "nextest", "run"].into_iter().chain(chosen));
        words.extend(arguments.iter().cloned());
        RunnerProcess::new(words, source).with_ids(Some(ids)).whole()
    };
    let left_out =
        RunnerProcess { left_out, ..RunnerProcess::new(Vec::new(), source).with_ids(Some(&[])) };
    Ok(ids.chunks(TESTS).map(process).chain([left_out]).collect())
}

/// Arguments without some options and their values. What stands after `--` is the tests' own.
fn without(arguments: &[String], options: &[(&str, bool)]) -> Vec<String> {
    let mut kept = Vec::new();
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        if word == "--" {
            kept.push(word.clone());
            kept.extend(words.by_ref().cloned());
            break;
        }
        let name = option_name(word);
        match options.iter().find(|(option, _)| *option == name) {
            None => kept.push(word.clone()),
            Some((_, true)) if name == word => _ = words.next(),
            Some(_) => {}
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_is_read_and_its_tests_can_be_chosen() {
        let text = r#"{"rust-suites": {"shop::it": {"testcases": {
            "a, b": {"ignored": false, "filter-match": {"status": "matches"}},
            "ign": {"ignored": true, "filter-match": {"status": "mismatch", "reason": "ignored"}},
            "out": {"ignored": false, "filter-match": {"status": "mismatch", "reason": "string"}}}}}}"#;
        let listing = listed(&serde_json::from_str(text).unwrap());
        let tests: Vec<_> =
            listing.tests.iter().map(|test| (test.id.as_str(), test.name.as_str())).collect();
        let names = ["binary_id(=shop::it) & test(=a\\, b)", "binary_id(=shop::it) & test(=ign)"];
        assert_eq!(tests, [("shop::it::a, b", names[0]), ("shop::it::ign", names[1])]);
        let ids: Vec<String> = listing.tests.iter().map(|test| test.id.clone()).collect();
        let (runs, left_out) = listing.without_left_out(&ids);
        assert_eq!((runs, left_out), (ids[..1].to_vec(), ids[1..].to_vec()));
    }

    #[test]
    fn options_of_a_run_are_none_of_a_listing() {
        let words = ["-p", "x", "--retries", "2", "-j=4", "--nff", "name", "--", "--retries"];
        let words = words.map(str::to_owned);
        assert_eq!(without(&words, OF_RUN), ["-p", "x", "name", "--", "--retries"]);
    }
}
