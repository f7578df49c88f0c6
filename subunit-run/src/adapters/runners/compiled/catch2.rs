//! Programs of Catch2, versions 2 and 3: batches, by a file of names. Version 3 has our reporter beside that of the console;
//! version 2 has one reporter only, and prints nothing but what its tests print.

use std::{fs, path::Path};

use quick_xml::{Reader, escape::unescape, events::Event};
use subunit_formats::Format;

use super::program::{Divided, KnownOptions, holds, name_of, recognised};
use crate::adapters::{
    adapter::Adapter,
    project::Project,
    runner_commands::RunnerCommands,
    words::CommandWords,
    worker::{
        Invoked, RESULTS, ResultSource, RunnerProcess, RunnerWorker, TestListing, asked, command,
        escaped, failed, output,
    },
};

pub(in crate::adapters) const ADAPTER: Adapter = Adapter {
    name: "catch2",
    looks_for: "nothing by itself: name the program, as in `subunit run -- build/tests`",
    detect: |_| None,
    recognise,
    commands,
    worker: Some(&RunnerWorker::new(Some(list), processes)),
};

/// An option that version 3 has no more.
const NAMES_OF_2: &str = "--list-test-names-only";

/// What only its programs have: version 2, and version 3.
const SIGNS: &[&[u8]] = &[SIGN_OF_2, b"Catch2TestRun"];
const SIGN_OF_2: &[u8] = b"list-test-names-only";

/// With one of these it runs no test, has another reporter, or waits for a person.
const NO_RUN: &[&str] = &[
    "-l",
    "--list-tests",
    NAMES_OF_2,
    "-t",
    "--list-tags",
    "--list-reporters",
    "--list-listeners",
    "-r",
    "--reporter",
    "-o",
    "--out",
    "-b",
    "--break",
    "--wait-for-keypress",
    "--libidentify",
    "-h",
    "-?",
    "--help",
];

const OPTIONS: KnownOptions = KnownOptions {
    with_value: &[
        "-n",
        "--name",
        "-x",
        "--abortx",
        "-w",
        "--warn",
        "-d",
        "--durations",
        "-D",
        "--min-duration",
        "-f",
        "--input-file",
        "-c",
        "--section",
        "-v",
        "--verbosity",
        "--order",
        "--rng-seed",
        "--use-colour",
        "--colour-mode",
        "--benchmark-samples",
        "--benchmark-resamples",
        "--benchmark-confidence-interval",
        "--benchmark-warmup-time",
    ],
    alone: &[
        "-s",
        "--success",
        "-e",
        "--nothrow",
        "-i",
        "--invisibles",
        "-a",
        "--abort",
        "-#",
        "--filenames-as-tags",
        "--benchmark-no-analysis",
        "--skip-benchmarks",
        "--allow-running-no-tests",
    ],
};

/// A file of names, of the user or of ours.
const FILE: &[&str] = &["-f", "--input-file"];
const ABORT: &[&str] = &["-a", "--abort"];
const ABORT_AFTER: &[&str] = &["-x", "--abortx"];

fn recognise(words: &[&str]) -> Option<usize> {
    recognised(words, SIGNS, |word| NO_RUN.contains(&name_of(word)))
}

fn commands(line: &CommandWords, _: &Project) -> RunnerCommands {
    let divided = OPTIONS.divide(line.arguments());
    if let Some(option) = &divided.unknown {
        return RunnerCommands::unlisted(ADAPTER.name, line).noted(format!(
            "`{option}` is none of Catch2's options, so one process runs all tests"
        ));
    }
    RunnerCommands {
        fail_fast: most_failures(&divided),
        ..RunnerCommands::batches(ADAPTER.name, line)
    }
}

fn most_failures(divided: &Divided) -> Option<u64> {
    let one = line_has(divided, ABORT).then_some(1);
    divided.value_of(ABORT_AFTER).and_then(|count| count.parse().ok()).or(one)
}

fn line_has(divided: &Divided, names: &[&str]) -> bool {
    divided.options.iter().any(|option| names.contains(&name_of(&option[0])))
}

fn is_version_2(invoked: &Invoked) -> bool {
    let program = invoked.line.runner().first().map_or("", String::as_str);
    holds(Path::new(program), &[SIGN_OF_2])
}

fn list(invoked: &Invoked) -> Result<TestListing, String> {
    let mut listing = TestListing::default();
    if is_version_2(invoked) {
        let words = invoked.line.with_words([], [NAMES_OF_2]);
        let mut command = command(&words);
        let output = output(&mut command)?;
        let text = String::from_utf8_lossy(&output.stdout);
        // Its status is the number of tests.
        let has_failed = output.status.code().is_none_or(|code| code != 0 && text.is_empty());
        if has_failed {
            return Err(failed(&command, &output));
        }
        names(&text).for_each(|name| listing.add(name));
        return Ok(listing);
    }
    let path = invoked.own_file("listing");
    let reporter = format!("xml::out={}", path.display());
    let words = invoked.line.with_words([], ["--list-tests", "--reporter", &reporter]);
    asked(&mut command(&words))?;
    let text =
        fs::read_to_string(&path).map_err(|error| format!("{}: {error}\n", path.display()))?;
    let _ = fs::remove_file(&path);
    listed(&text)?.into_iter().for_each(|name| listing.add(name));
    Ok(listing)
}

/// Names, one a line. Those that begin with `#` stand in quotes.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.is_empty()).map(|line| {
        let quoted = line.strip_prefix('"').filter(|name| name.starts_with('#'));
        quoted.and_then(|name| name.strip_suffix('"')).unwrap_or(line)
    })
}

/// The names in a listing in XML.
fn listed(text: &str) -> Result<Vec<String>, String> {
    let wrong = |error: &dyn std::fmt::Display| format!("the listing of Catch2: {error}\n");
    let mut reader = Reader::from_str(text);
    let mut names = Vec::new();
    loop {
        match reader.read_event().map_err(|error| wrong(&error))? {
            Event::Start(start) if start.name().as_ref() == "Name" => {
                let name = reader.read_text(start.name()).map_err(|error| wrong(&error))?;
                names.push(unescape(&name).map_err(|error| wrong(&error))?.into_owned());
            }
            Event::Eof => return Ok(names),
            _ => {}
        }
    }
}

/// What means something in a file of names.
const SPECIAL: &str = "\\,\"[*";

fn processes(invoked: &Invoked, ids: Option<&[String]>) -> Result<Vec<RunnerProcess>, String> {
    let reporter = match is_version_2(invoked) {
        true => ["--reporter", "xml", "--out", RESULTS].map(str::to_owned),
        false => ["--reporter", "console", "--reporter", &format!("xml::out={RESULTS}")]
            .map(str::to_owned),
    };
    let source = ResultSource::Pipe(Format::Catch2Xml);
    let Some(ids) = ids else {
        let words = invoked.line.with_words([], reporter.iter().map(String::as_str));
        return Ok(vec![RunnerProcess::new(words, source).serial()]);
    };
    let path = invoked.own_file("names");
    let names: Vec<String> =
        ids.iter().map(|id| format!("\"{}\"\n", escaped(id, SPECIAL))).collect();
    fs::write(&path, names.concat()).map_err(|error| format!("{}: {error}\n", path.display()))?;
    let divided = OPTIONS.divide(invoked.line.arguments());
    // How many failures are too many is decided for the run, and not in one batch.
    let left_out: Vec<&str> = [FILE, ABORT, ABORT_AFTER].concat();
    let mut words = invoked.line.before_arguments().to_vec();
    words.extend(divided.options_but(&left_out).map(str::to_owned));
    words.extend(reporter);
    words.extend(["--input-file".to_owned(), path.display().to_string()]);
    Ok(vec![RunnerProcess::new(words, source).serial().with_ids(Some(ids))])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_listings_are_read() {
        let text = "passes\na, b\n\"#c\"\n\"d\" and \"\n";
        assert_eq!(names(text).collect::<Vec<_>>(), ["passes", "a, b", "#c", "\"d\" and \""]);
        let text = "<?xml version=\"1.0\"?>\n<MatchingTests>\n<TestCase><Name>a &lt; b &amp;amp;</Name><Tags/></TestCase>\
                    <TestCase><Name>c</Name></TestCase>\n</MatchingTests>";
        assert_eq!(listed(text).unwrap(), ["a < b &amp;", "c"]);
        assert!(listed("<a><Name>b</a>").unwrap_err().starts_with("the listing of Catch2: "));
    }

    #[test]
    fn how_many_failures_end_a_run_is_the_runs_to_know() {
        let most = |line: &str| {
            most_failures(&OPTIONS.divide(&line.split(' ').map(str::to_owned).collect::<Vec<_>>()))
        };
        assert_eq!((most("-a [quick]"), most("--abortx 3"), most("-s")), (Some(1), Some(3), None));
    }
}
