//! What `dotnet test` prints, by VSTest and by the testing platform, in English.
//!
//! * Ids are the names as they stand. Which results have names is a matter of verbosity; by default those that failed.
//! * Each project has counts of its own, and several may run at once: they are added up at the end. A project that began and
//!   did not end is red.

use subunit_core::Status;

use crate::{
    Format,
    consoles::machine::{
        self, ConsoleRun, Grammar, ResultNumbers, SummaryCounts, number, seconds, strip_last,
    },
    format::{Row, Signs},
};

/// What `dotnet test` prints.
pub(crate) const ROW: Row = Row {
    name: "dotnet",
    title: "the output of `dotnet test`",
    signs: Signs {
        begins: &["Test run for ", "Running tests from ", "Passed!  - ", "Failed!  - "],
        line: Some(tells),
        ..Signs::NONE
    },
    ..Row::console(machine::reader::<Dotnet>)
};

/// What the run is called where it fails on its own.
const SESSION: &str = "dotnet [session]";

#[derive(Default)]
struct Dotnet {
    /// How many projects have begun, and ended.
    begun: u64,
    ended: u64,
    numbers: ResultNumbers,
    /// A project says that it failed.
    failed: bool,
    /// The counts come line by line.
    counts: bool,
    /// The test whose error this is.
    block: String,
}

impl Grammar for Dotnet {
    const FORMAT: Format = Format::Dotnet;
    const TRAILERS: &'static [&'static str] = &[];

    fn line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        self.failed |= ["Failed!  - ", "Test Run Failed.", "Test run summary: Failed!"]
            .iter()
            .any(|word| line.starts_with(word));
        if begins(line) {
            self.begun += 1;
        } else if let Some(numbers) = of_project(line) {
            self.numbers.add_all(&numbers);
            self.ended += 1;
        } else if line.starts_with("Total tests: ") || line.starts_with("Test run summary: ") {
            self.counts = true;
            // The platform sums up all projects at once.
            let all = line.starts_with("Test run summary: ");
            self.ended = if all { self.begun } else { self.ended + 1 };
        } else if line.starts_with("No test is available in ") {
            self.ended += 1;
        } else if line.starts_with("The active test run was aborted") || line == "Test Run Aborted."
        {
            run.beside(SESSION, line);
        } else if let Some((status, count)) = count(line).filter(|_| self.counts) {
            self.numbers.add(status, count);
        } else if let Some((name, status, took)) = result(line) {
            self.counts = false;
            self.result(name, status, took, run);
            return true;
        } else if !line.is_empty() && run.in_block(&self.block) {
            return true;
        } else {
            self.block.clear();
            return false;
        }
        self.block.clear();
        run.text();
        true
    }

    fn end(&mut self, run: &mut ConsoleRun<'_, '_>) {
        if self.ended == 0 {
            return;
        }
        if self.ended < self.begun {
            let missing = self.begun - self.ended;
            run.beside(SESSION, &format!("{missing} of {} projects did not end", self.begun));
        }
        let (numbers, failed) = (self.numbers, self.failed);
        run.summary(SummaryCounts { numbers, failed, ..SummaryCounts::default() });
    }
}

impl Dotnet {
    fn result(
        &mut self,
        name: &str,
        status: Status,
        took: Option<f64>,
        run: &mut ConsoleRun<'_, '_>,
    ) {
        self.block.clear();
        run.took(took);
        if status == Status::Fail {
            run.hold(name, status);
            self.block.push_str(name);
        } else {
            run.result(name, status);
        }
    }
}

/// `Test run for /src/Shop.Tests.dll (.NETCoreApp,Version=v8.0)`, `Running tests from ...`
fn begins(line: &str) -> bool {
    let rest =
        line.strip_prefix("Test run for ").or_else(|| line.strip_prefix("Running tests from "));
    rest.is_some_and(|rest| rest.contains(".dll (") || rest.contains(".exe ("))
}

/// `Failed!  - Failed:     1, Passed:     1, Skipped:     1, Total:     3, Duration: 16 ms - Shop.Tests.dll (net8.0)`
fn of_project(line: &str) -> Option<ResultNumbers> {
    let (word, rest) = line.split_once("!  - ")?;
    if !matches!(word, "Passed" | "Failed" | "Skipped") {
        return None;
    }
    let mut numbers = ResultNumbers::default();
    for part in rest.split(", ").take(3) {
        let (what, count) = part.split_once(':')?;
        let status = match what {
            "Failed" => Status::Fail,
            "Passed" => Status::Success,
            "Skipped" => Status::Skip,
            _ => return None,
        };
        numbers.add(status, number(count.trim())?);
    }
    Some(numbers)
}

/// `     Passed: 1`, `  succeeded: 1`
fn count(line: &str) -> Option<(Status, u64)> {
    let (what, count) = line.strip_prefix(' ')?.trim_start().split_once(": ")?;
    let status = match what {
        "Passed" | "succeeded" => Status::Success,
        "Failed" | "failed" => Status::Fail,
        "Skipped" | "skipped" => Status::Skip,
        _ => return None,
    };
    Some((status, number(count.trim())?))
}

/// `  Passed Shop.CartTest.Adds [3 ms]`, `failed Shop.CartTest.Fails (12ms)`: the name, the status, and the seconds.
fn result(line: &str) -> Option<(&str, Status, Option<f64>)> {
    let (rest, open, close) = match line.strip_prefix("  ") {
        Some(rest) => (rest, " [", "]"),
        None => (line, " (", ")"),
    };
    let (word, rest) = rest.split_once(' ')?;
    let status = match word {
        "Passed" | "passed" => Status::Success,
        "Failed" | "failed" => Status::Fail,
        "Skipped" | "skipped" => Status::Skip,
        _ => return None,
    };
    let (name, time) = strip_last(rest, open, close)?;
    let took = seconds(time.trim_start_matches("< "))?;
    (word.starts_with(char::is_lowercase) == (open == " (")).then_some((name, status, Some(took)))
}

/// Whether a line is of `dotnet test`.
fn tells(line: &[u8]) -> bool {
    matches!(line.first(), Some(b'T' | b'R' | b'P' | b'F' | b'S'))
        && std::str::from_utf8(line).is_ok_and(|line| begins(line) || of_project(line).is_some())
}
