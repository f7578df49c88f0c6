//! PHPUnit: batches, by a filter of names; results come in a log beside the console.

use std::env;

use subunit_formats::Format;

use crate::adapters::{
    adapter::{Adapter, RunnerSign},
    programs::is_called,
    project::{Project, is_in_path},
    runner_commands::RunnerCommands,
    words::{CommandWords, option_name},
    worker::{
        Invoked, ListedTest, RESULTS, ResultSource, RunnerProcess, RunnerWorker, TestListing,
        WorkerNumber, asked, command, escaped, in_parts,
    },
};

pub(in crate::adapters) const ADAPTER: Adapter = Adapter {
    name: "phpunit",
    looks_for: "phpunit.xml, phpunit.xml.dist, vendor/bin/phpunit",
    detect,
    recognise,
    commands,
    worker: Some(&RunnerWorker::new(Some(list), processes)),
};

/// Options, of which the user may have one already.
const LOG: &str = "--log-teamcity";

/// With one of these it runs no test, or writes one report of all.
const NO_RUN: &[&str] = &[
    "--list-tests",
    "--list-tests-xml",
    "--list-suites",
    "--list-groups",
    "-h",
    "--help",
    "--version",
    "--repeat",
    "--filter",
    LOG,
    "--teamcity",
];
const OF_WHOLE_RUN: &[&str] = &[
    "--coverage-",
    "--log-junit",
    "--testdox-html",
    "--testdox-text",
    "--testdox-xml",
    "--stop-on-",
    "--order-by",
];

fn detect(project: &Project) -> Option<RunnerSign> {
    let files = ["phpunit.xml", "phpunit.xml.dist", "phpunit.dist.xml"];
    let found = files.into_iter().find(|file| project.has(file));
    let own = "vendor/bin/phpunit";
    let program = match project.has(own) {
        true => own,
        false if is_in_path("phpunit") => "phpunit",
        false => own,
    };
    let found = found.or_else(|| project.has(own).then_some(own))?;
    let mut words = vec![program.to_owned()];
    if found == own {
        words.push(if project.has_folder("tests") { "tests" } else { "." }.to_owned());
    }
    Some(RunnerSign { is_certain: true, found: found.to_owned(), words })
}

fn recognise(words: &[&str]) -> Option<usize> {
    let (length, rest) = match words {
        ["php", program, rest @ ..] if is_called(program, "phpunit") => (2, rest),
        [program, rest @ ..]
            if is_called(program, "phpunit") || program.ends_with("phpunit.phar") =>
        {
            (1, rest)
        }
        _ => return None,
    };
    let is_none = |word: &&str| NO_RUN.contains(&option_name(word));
    (!rest.iter().any(is_none)).then_some(length)
}

fn commands(line: &CommandWords, _: &Project) -> RunnerCommands {
    let given = line
        .arguments()
        .iter()
        .find(|word| OF_WHOLE_RUN.iter().any(|option| word.starts_with(option)));
    match given {
        None => RunnerCommands::batches(ADAPTER.name, line),
        Some(option) => RunnerCommands::unlisted(ADAPTER.name, line)
            .noted(format!("{option} is about the whole run, so one phpunit runs all tests")),
    }
}

fn list(invoked: &Invoked) -> Result<TestListing, String> {
    let text = asked(&mut command(&invoked.line.with_words(["--list-tests"], [])))?;
    let mut listing = TestListing::default();
    listing.tests.extend(text.lines().filter_map(listed));
    Ok(listing)
}

/// ` - App\CTest::m`, ` - App\CTest::m"set"`, ` - App\CTest::m#0`; ids are as its log has them.
fn listed(line: &str) -> Option<ListedTest> {
    let name = line.strip_prefix(" - ")?;
    let (class, method) = name.split_once("::")?;
    let end = method.find(['"', '#']).unwrap_or(method.len());
    let set = match &method[end..] {
        "" => String::new(),
        number if number.starts_with('#') => format!(" with data set {number}"),
        name => format!(" with data set {name}"),
    };
    let name = format!("{class}::{}{set}", &method[..end]);
    Some(ListedTest { id: name.clone(), name, ..ListedTest::default() })
}

/// `SUITE: C: m: m with data set "x"`, as the reader of its log says it, becomes `C::m with data set "x"`.
fn renamed(id: &str) -> String {
    const SET: &str = " with data set ";
    let (path, set) = id.find(SET).map_or((id, ""), |at| id.split_at(at));
    let mut parts = path.split(": ").collect::<Vec<_>>().into_iter().rev();
    let method = parts.next().unwrap_or(path);
    match parts.find(|part| *part != method) {
        Some(class) => format!("{class}::{method}{set}"),
        None => id.to_owned(),
    }
}

/// How long a filter is at most: PCRE has room for 64 KiB of a compiled pattern.
const PATTERN: usize = 16 * 1024;

/// What means something in a regex of PCRE between slashes.
const SPECIAL: &str = "\\^$.[]{}()*+?|/#-";

fn processes(invoked: &Invoked, ids: Option<&[String]>) -> Result<Vec<RunnerProcess>, String> {
    let process = |filter: Option<String>, ids: Option<&[String]>| {
        let mut added = vec![LOG.to_owned(), RESULTS.to_owned()];
        added.extend(filter.into_iter().flat_map(|filter| ["--filter".to_owned(), filter]));
        let words = invoked.line.with_words(added.iter().map(String::as_str), []);
        let process = RunnerProcess::new(words, ResultSource::Pipe(Format::Teamcity));
        let process = process.with_ids(ids).told_apart(as_paratest);
        RunnerProcess { renames: Some(renamed), ..process }
    };
    let Some(ids) = ids else { return Ok(vec![process(None, None).whole()]) };
    if invoked.listing()?.is_all(ids) {
        return Ok(vec![process(None, Some(ids))]);
    }
    let part = |now: &[String]| {
        let names: Vec<String> = now.iter().map(|id| escaped(id, SPECIAL)).collect();
        // A data set with a name has its values after it.
        let filter = format!("/^({})( \\(.*\\))?$/s", names.join("|"));
        process(Some(filter), Some(now))
    };
    Ok(in_parts(ids, PATTERN).map(part).collect())
}

/// As ParaTest does. Its second variable is never the same in two runs.
fn as_paratest(number: WorkerNumber) -> Vec<(&'static str, String)> {
    let own = (number.worker + 1).to_string();
    let run = env::var("SUBUNIT_RUN_ID").unwrap_or_default();
    vec![("UNIQUE_TEST_TOKEN", format!("{own}_{run}")), ("TEST_TOKEN", own)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_has_the_ids_of_the_log() {
        let id = |line: &str| listed(line).map(|test| test.id);
        assert_eq!(id(" - A\\CTest::testX").as_deref(), Some("A\\CTest::testX"));
        assert_eq!(
            id(" - CTest::t\"x/y | z\"").as_deref(),
            Some("CTest::t with data set \"x/y | z\"")
        );
        assert_eq!(id(" - CTest::t#0").as_deref(), Some("CTest::t with data set #0"));
        assert_eq!(renamed("all: A\\C: t"), "A\\C::t");
        assert_eq!(renamed("all: C: t: t with data set \"a: b\""), "C::t with data set \"a: b\"");
        assert_eq!(id("Available test(s):"), None);
        assert_eq!(escaped("A\\B::t \"x/y\"", SPECIAL), "A\\\\B::t \"x\\/y\"");
        assert_eq!(recognise(&["phpunit", "--filter=x"]), None);
        assert_eq!(recognise(&["php", "vendor/bin/phpunit"]), Some(2));
    }
}
