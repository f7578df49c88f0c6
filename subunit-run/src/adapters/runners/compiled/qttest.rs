//! Programs of QtTest: batches, by functions and rows. Our log stands beside that of the console. A program with several
//! classes ends at a function that its first class does not have, so it is one test.

use subunit_formats::Format;

use super::program::{KnownOptions, name_of, recognised};
use crate::adapters::{
    adapter::Adapter,
    project::Project,
    runner_commands::RunnerCommands,
    words::CommandWords,
    worker::{
        Invoked, ListedTest, RESULTS, ResultSource, RunnerProcess, RunnerWorker, TestListing,
        TestProgram, asked, command, in_parts_by,
    },
};

pub(in crate::adapters) const ADAPTER: Adapter = Adapter {
    name: "qttest",
    looks_for: "nothing by itself: name the program, as in `subunit run -- build/tests`",
    detect: |_| None,
    recognise,
    commands,
    worker: Some(&RunnerWorker::new(Some(list), processes)),
};

/// What only its programs have.
const SIGNS: &[&[u8]] = &[b"5QTest5qExec", b"5QTest4qRun"];

/// With one of these it runs no test, or writes its log otherwise.
const NO_RUN: &[&str] = &[
    "-functions",
    "-datatags",
    "-o",
    "-txt",
    "-csv",
    "-xml",
    "-lightxml",
    "-xunitxml",
    "-junitxml",
    "-teamcity",
    "-tap",
    "-help",
    "--help",
    "-h",
];

const OPTIONS: KnownOptions = KnownOptions {
    with_value: &[
        "-maxwarnings",
        "-eventdelay",
        "-keydelay",
        "-mousedelay",
        "-iterations",
        "-median",
        "-minimumvalue",
        "-minimumtotal",
        "-perfcounter",
        "-platform",
        "-style",
        "-seed",
    ],
    alone: &[
        "-silent",
        "-v1",
        "-v2",
        "-vs",
        "-random",
        "-nocrashhandler",
        "-callgrind",
        "-perf",
        "-tickcounter",
        "-eventcounter",
        "-vb",
    ],
};

/// A row of the whole class, which every function is run with.
const GLOBAL: &str = "__global__";

fn recognise(words: &[&str]) -> Option<usize> {
    recognised(words, SIGNS, |word| NO_RUN.contains(&name_of(word)))
}

fn commands(line: &CommandWords, _: &Project) -> RunnerCommands {
    let divided = OPTIONS.divide(line.arguments());
    let why = match (&divided.unknown, divided.others.first()) {
        (Some(option), _) => format!("`{option}` is none of QtTest's options"),
        (None, Some(function)) => format!("`{function}` chooses tests, and QtTest lists all"),
        (None, None) => return RunnerCommands::batches(ADAPTER.name, line),
    };
    RunnerCommands::unlisted(ADAPTER.name, line)
        .noted(format!("{why}, so one process runs all tests"))
}

fn list(invoked: &Invoked) -> Result<TestListing, String> {
    let words = invoked.line.with_words([], ["-datatags"]);
    let text = asked(&mut command(&words))?;
    let program = invoked.line.runner().first().map_or("", String::as_str);
    Ok(listed(&text, program))
}

/// Lines of a class, a function, and maybe a row: all of one class, or the program as a whole.
fn listed(text: &str, program: &str) -> TestListing {
    let mut listing = TestListing::default();
    let mut classes: Vec<&str> = Vec::new();
    for line in text.lines() {
        let mut words = line.splitn(3, ' ');
        let (Some(class), Some(function)) = (words.next(), words.next()) else { continue };
        let tag = words.next();
        if !classes.contains(&class) {
            classes.push(class);
        }
        let id = format!("{class}::{function}({})", tag.unwrap_or_default());
        let name = tag.map_or_else(|| function.to_owned(), |tag| format!("{function}:{tag}"));
        listing.tests.push(ListedTest { id, name, ..ListedTest::default() });
    }
    let has_global = text.lines().any(|line| line.split(' ').any(|word| word == GLOBAL));
    if classes.len() > 1 || has_global {
        listing.tests.clear();
        listing.add(program);
        listing.programs.push(TestProgram { is_test: true, ..TestProgram::default() });
    }
    listing
}

/// Functions in one command line.
const FUNCTIONS: usize = 64 * 1024;

fn processes(invoked: &Invoked, ids: Option<&[String]>) -> Result<Vec<RunnerProcess>, String> {
    let process = |part: &[&ListedTest]| {
        let names = part.iter().map(|test| test.name.as_str());
        let out = format!("{RESULTS},xml");
        let ours = ["-o", &out, "-o", "-,txt"];
        let words = invoked.line.with_words([], ours.into_iter().chain(names));
        RunnerProcess::new(words, ResultSource::Pipe(Format::QttestXml)).serial().around(is_around)
    };
    let Some(ids) = ids else { return Ok(vec![process(&[])]) };
    let listing = invoked.listing()?;
    if listing.programs.iter().any(|program| program.is_test) {
        let whole = RunnerProcess::new(invoked.line.with_words([], []), ResultSource::Status);
        return Ok(vec![whole.with_ids(Some(ids))]);
    }
    let tests: Vec<&ListedTest> =
        listing.by_program(ids).into_iter().flat_map(|(_, tests)| tests).collect();
    let part = |part: &[&ListedTest]| {
        let mut process = process(part);
        process.tests = Some(part.iter().map(|test| (test.id.clone(), test.id.clone())).collect());
        process
    };
    Ok(in_parts_by(&tests, FUNCTIONS, |test| test.name.len() + 1).map(part).collect())
}

/// What runs before the functions of a class and after them.
fn is_around(id: &str) -> bool {
    id.ends_with("::initTestCase()") || id.ends_with("::cleanupTestCase()")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_has_functions_and_rows() {
        let listing = listed("Shop passes\nShop data a b\nShop data x:y\n", "./tests");
        let tests: Vec<_> =
            listing.tests.iter().map(|test| (test.id.as_str(), test.name.as_str())).collect();
        assert_eq!(
            tests,
            [
                ("Shop::passes()", "passes"),
                ("Shop::data(a b)", "data:a b"),
                ("Shop::data(x:y)", "data:x:y")
            ]
        );
    }

    #[test]
    fn a_program_of_several_classes_or_with_rows_of_a_class_is_one_test() {
        for text in ["Shop a\nStore a\n", "Shop a __global__ one\nShop a b __global__ one\n"] {
            let listing = listed(text, "./tests");
            assert_eq!((listing.tests.len(), listing.tests[0].id.as_str()), (1, "./tests"));
            assert!(listing.programs[0].is_test);
        }
    }
}
