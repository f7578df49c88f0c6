//! What a program of GoogleTest prints.
//!
//! * Ids are `Suite.Test`. What stands between `[ RUN      ]` and the result is the test's output.
//! * Failures of the set-up or tear-down of a suite are failures that are no tests.

use subunit_core::Status;

use crate::{
    Format,
    consoles::machine::{
        self, ConsoleRun, Grammar, NamesOf, ResultNumbers, SummaryCounts, count_of, seconds,
    },
    format::{Row, Signs},
};

/// What a program of GoogleTest prints.
pub(crate) const ROW: Row = Row {
    name: "gtest",
    title: "the output of a program of GoogleTest",
    signs: Signs { begins: &["[====="], line: Some(tells), ..Signs::NONE },
    ..Row::console(machine::reader::<GoogleTest>)
};

const RESULTS: [(&str, Status); 3] = [
    ("[       OK ] ", Status::Success),
    ("[  FAILED  ] ", Status::Fail),
    ("[  SKIPPED ] ", Status::Skip),
];

#[derive(Default)]
struct GoogleTest {
    /// Every test has a line where it begins.
    verbose: bool,
    /// How many tests the summary says ran, and what its lines say so far.
    ran: Option<u64>,
    numbers: ResultNumbers,
    /// The suite whose tests come.
    suite: String,
    /// A suite whose set-up or tear-down failed, which is told.
    blamed: String,
}

impl Grammar for GoogleTest {
    const FORMAT: Format = Format::Gtest;
    const TRAILERS: &'static [&'static str] =
        &["[  FAILED  ] ", "[  SKIPPED ] ", " ", "[  PASSED  ] ", "Note: ", "Repeating all tests"];

    fn line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if run.current().is_some() {
            return end_of_test(line, run);
        }
        if let Some(rest) = line.strip_prefix("[==========] ") {
            return self.frame(rest, run);
        }
        if let Some(id) = line.strip_prefix("[ RUN      ] ") {
            self.verbose = true;
            self.ran = None;
            run.begin(id);
            return true;
        }
        if let Some(suite) = line.strip_prefix("[----------] ") {
            self.suite.clear();
            let suite = suite.split_once(" from ").map_or("", |(_, suite)| suite);
            self.suite.push_str(suite.split_once(", where ").map_or(suite, |(suite, _)| suite));
            return false;
        }
        // Outside of a test it is the set-up or tear-down of a suite that fails.
        if self.ran.is_none()
            && self.verbose
            && line.ends_with(": Failure")
            && !self.suite.is_empty()
        {
            if self.blamed != self.suite {
                run.beside(&self.suite, line);
                self.blamed.clone_from(&self.suite);
            }
            return true;
        }
        match self.ran {
            Some(ran) => self.sums_up(line, ran, run),
            // Without the lines where tests begin, only failures are told.
            None if !self.verbose => brief(line, run),
            None => false,
        }
    }
}

impl GoogleTest {
    fn frame(&mut self, rest: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if rest.starts_with("Running ") {
            *self = Self::default();
            run.start();
        } else if let Some((ran, what)) = count_of(rest)
            && what.contains(" ran.")
        {
            self.ran = Some(ran);
        }
        run.text();
        true
    }

    /// `[  PASSED  ] 12 tests.`, `[  SKIPPED ] 1 test, listed below:`, `[  FAILED  ] 9 tests, listed below:`
    fn sums_up(&mut self, line: &str, ran: u64, run: &mut ConsoleRun<'_, '_>) -> bool {
        let counted = |mark| count_of(str::strip_prefix(line, mark)?).map(|(count, _)| count);
        if let Some(count) = counted("[  PASSED  ] ") {
            self.numbers = ResultNumbers { success: count, ..ResultNumbers::default() };
        } else if let Some(count) = counted("[  SKIPPED ] ") {
            self.numbers.skip = count;
        } else if let Some(count) = counted("[  FAILED  ] ").filter(|count| *count > 0) {
            self.numbers.fail = count;
        } else {
            let failed = line.strip_prefix("[  FAILED  ] ");
            if let Some((suite, why)) = failed.and_then(|failed| failed.split_once(": "))
                && why.contains("TestSuite")
            {
                if self.blamed != suite {
                    run.beside(suite, why);
                }
                return true;
            }
            return false;
        }
        let names = if self.verbose { NamesOf::All } else { NamesOf::Failures };
        let (numbers, failed) = (self.numbers, self.numbers.fail > 0);
        let total = Some(ran);
        run.amend(SummaryCounts { numbers, failed, total, names, ..SummaryCounts::default() });
        true
    }
}

/// `[       OK ] Sum.Ok (0 ms)`, perhaps after output without a line end. Only of the test that runs.
fn end_of_test(line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
    let found = RESULTS.iter().find_map(|(mark, status)| {
        let at = line.rfind(mark)?;
        Some((at, &line[at + mark.len()..], *status))
    });
    let Some((at, rest, status)) = found else { return false };
    let (id, took) = id_and_time(rest);
    if took.is_none() || run.current() != Some(id) {
        return false;
    }
    run.before(&line[..at]);
    run.took(took);
    run.result(id, status);
    true
}

fn brief(line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
    let Some(rest) = line.strip_prefix("[  FAILED  ] ") else { return false };
    let (id, took) = id_and_time(rest);
    if took.is_none() {
        return false;
    }
    run.took(took);
    run.result(id, Status::Fail);
    true
}

/// `Ty/1.Works, where TypeParam = int (0 ms)`
fn id_and_time(rest: &str) -> (&str, Option<f64>) {
    let (before, took) = match machine::strip_last(rest, " (", ")") {
        Some((before, time)) => (before, seconds(time)),
        None => (rest, None),
    };
    (before.split_once(", where ").map_or(before, |(id, _)| id), took)
}

fn tells(line: &[u8]) -> bool {
    // Colours may stand before it.
    line.starts_with(b"[==========] ")
        || line.starts_with(b"\x1b") && memchr::memmem::find(line, b"[==========] ").is_some()
}
