//! Programs of doctest, for C++: batches, by a filter of names. It has one reporter only, and prints nothing but what its tests
//! print.

use std::fs;

use quick_xml::{Reader, XmlVersion, events::Event};
use subunit_formats::Format;

use super::program::{name_of, recognised};
use crate::adapters::{
    adapter::Adapter,
    project::Project,
    runner_commands::RunnerCommands,
    words::CommandWords,
    worker::{
        Invoked, ListedTest, RESULTS, ResultSource, RunnerProcess, RunnerWorker, TestListing,
        asked, command, escaped, in_parts_by,
    },
};

pub(in crate::adapters) const ADAPTER: Adapter = Adapter {
    name: "doctest",
    looks_for: "nothing by itself: name the program, as in `subunit run -- build/tests`",
    detect: |_| None,
    recognise,
    commands,
    worker: Some(&RunnerWorker::new(Some(list), processes)),
};

/// What only its programs have.
const SIGNS: &[&[u8]] = &[b"dt-list-test-cases"];

/// With one of these it runs no test, or has another reporter.
const NO_RUN: &[&str] = &[
    "?",
    "help",
    "h",
    "v",
    "version",
    "c",
    "count",
    "ltc",
    "list-test-cases",
    "lts",
    "list-test-suites",
    "lr",
    "list-reporters",
    "r",
    "reporters",
    "o",
    "out",
    "nr",
    "no-run",
];

/// They divide the tests.
const OF_WHOLE_RUN: &[&str] = &["f", "first", "l", "last"];

const ABORT_AFTER: &[&str] = &["aa", "abort-after"];

/// An option without its dashes, its prefix and its value.
fn option(word: &str) -> Option<&str> {
    let name = name_of(word).strip_prefix('-')?.trim_start_matches('-');
    Some(name.strip_prefix("dt-").unwrap_or(name))
}

fn recognise(words: &[&str]) -> Option<usize> {
    recognised(words, SIGNS, |word| option(word).is_some_and(|name| NO_RUN.contains(&name)))
}

fn is_one_of(word: &str, names: &[&str]) -> bool {
    option(word).is_some_and(|name| names.contains(&name))
}

fn commands(line: &CommandWords, _: &Project) -> RunnerCommands {
    let given = line.arguments().iter().find(|word| is_one_of(word, OF_WHOLE_RUN));
    if let Some(given) = given {
        return RunnerCommands::unlisted(ADAPTER.name, line).noted(format!(
            "{} is about the whole run, so one process runs all tests",
            name_of(given)
        ));
    }
    let most = line.arguments().iter().rev().find(|word| is_one_of(word, ABORT_AFTER));
    let most = most.and_then(|word| word.split_once('=')?.1.parse().ok()).filter(|most| *most > 0);
    RunnerCommands { fail_fast: most, ..RunnerCommands::batches(ADAPTER.name, line) }
}

fn list(invoked: &Invoked) -> Result<TestListing, String> {
    let path = invoked.own_file("listing");
    let out = format!("--dt-out={}", path.display());
    let words = invoked.line.with_words([], ["--dt-list-test-cases", "--dt-reporters=xml", &out]);
    asked(&mut command(&words))?;
    let text =
        fs::read_to_string(&path).map_err(|error| format!("{}: {error}\n", path.display()))?;
    let _ = fs::remove_file(&path);
    Ok(TestListing { tests: listed(&text)?, ..TestListing::default() })
}

/// The test cases of a listing in XML.
fn listed(text: &str) -> Result<Vec<ListedTest>, String> {
    let mut reader = Reader::from_str(text);
    let mut tests = Vec::new();
    loop {
        let event = reader.read_event();
        match event.map_err(|error| format!("the listing of doctest: {error}\n"))? {
            Event::Empty(element) if element.name().as_ref() == "TestCase" => {
                let attribute = |name: &str| {
                    let attribute = element.try_get_attribute(name).ok()??;
                    Some(attribute.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned())
                };
                let name = attribute("name").unwrap_or_default();
                let id = match attribute("testsuite") {
                    Some(suite) => format!("{suite}: {name}"),
                    None => name.clone(),
                };
                tests.push(ListedTest { id, name, ..ListedTest::default() });
            }
            Event::Eof => return Ok(tests),
            _ => {}
        }
    }
}

/// Names of tests in one argument.
const NAMES: usize = 64 * 1024;

fn processes(invoked: &Invoked, ids: Option<&[String]>) -> Result<Vec<RunnerProcess>, String> {
    let process = |more: &[String]| {
        let mut words = invoked.line.before_arguments().to_vec();
        let given = invoked.line.arguments().iter();
        // How many failures are too many is decided for the run, and not in one batch.
        let given = given.filter(|word| more.is_empty() || !is_one_of(word, ABORT_AFTER));
        words.extend(given.cloned());
        words.extend(["--dt-reporters=xml".to_owned(), format!("--dt-out={RESULTS}")]);
        words.extend(more.iter().cloned());
        RunnerProcess::new(words, ResultSource::Pipe(Format::DoctestXml)).serial()
    };
    let Some(ids) = ids else { return Ok(vec![process(&[])]) };
    let listing = invoked.listing()?;
    let tests: Vec<&ListedTest> =
        listing.by_program(ids).into_iter().flat_map(|(_, tests)| tests).collect();
    let part = |part: &[&ListedTest]| {
        let names: Vec<String> = part.iter().map(|test| escaped(&test.name, ",\\")).collect();
        // The last filter counts. It takes these names in all suites, and what is like them; other results are left out.
        let mut process = process(&[format!("--dt-test-case={}", names.join(","))]);
        process.tests = Some(part.iter().map(|test| (test.id.clone(), test.id.clone())).collect());
        process
    };
    Ok(in_parts_by(&tests, NAMES, |test| test.name.len() + 2).map(part).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_has_suites_and_names() {
        let text = "<?xml version=\"1.0\"?>\n<doctest binary=\"./dt\" version=\"2.4.9\">\n\
                    <TestCase name=\"typed&lt;int>\" skipped=\"false\"/>\n\
                    <TestCase name=\"a\" testsuite=\"s / 1\" skipped=\"false\"/>\n</doctest>\n";
        let tests = listed(text).unwrap();
        let ids: Vec<_> = tests.iter().map(|test| (test.id.as_str(), test.name.as_str())).collect();
        assert_eq!(ids, [("typed<int>", "typed<int>"), ("s / 1: a", "a")]);
        assert!(listed("<doctest><TestCase name=\"a\"").is_err());
    }

    #[test]
    fn options_are_known_with_their_prefix_and_without() {
        assert_eq!(option("--dt-test-case=a"), Some("test-case"));
        assert_eq!((option("-tc=a"), option("a")), (Some("tc"), None));
        assert!(is_one_of("-aa=1", ABORT_AFTER) && is_one_of("--dt-abort-after=1", ABORT_AFTER));
    }
}
