//! What a program of Catch2 prints.
//!
//! * It names the test cases that failed only; ids are their names. All others are a number. Where some failed as expected,
//!   nothing tells them from the others, and all are a number.

use subunit_core::Status;

use crate::{
    Format,
    consoles::machine::{self, ConsoleRun, Grammar, ResultNumbers, SummaryCounts, count_of},
    format::{Row, Signs},
};

/// What a program of Catch2 prints.
pub(crate) const ROW: Row = Row {
    name: "catch2",
    title: "the output of a program of Catch2",
    signs: Signs { line: Some(tells), ..Signs::NONE },
    ..Row::console(machine::reader::<Catch2>)
};

/// So many names of test cases that failed are kept.
const MOST_NAMES: usize = 100_000;

#[derive(Default)]
struct Catch2 {
    /// The line before was a rule of dashes, or of equal signs.
    after_dashes: bool,
    after_equals: bool,
    /// The test case whose block comes, and those that failed.
    case: String,
    failed: Vec<String>,
    /// `test cases:` of the summary that comes.
    cases: Option<ResultNumbers>,
    /// A line has come: a rule may stand before the first one.
    has_line: bool,
}

impl Grammar for Catch2 {
    const FORMAT: Format = Format::Catch2;
    const TRAILERS: &'static [&'static str] = &[];

    fn line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        let dashes = std::mem::replace(&mut self.after_dashes, is_rule(line, b'-'));
        let equals = std::mem::replace(&mut self.after_equals, is_rule(line, b'='));
        let equals = equals || !std::mem::replace(&mut self.has_line, true);
        if let Some(numbers) = sums_up(line, equals) {
            self.summary(numbers, run);
            return true;
        }
        if let Some(numbers) = line.strip_prefix("test cases: ").and_then(cases) {
            self.cases = Some(numbers).filter(|_| equals);
        } else if line.starts_with("assertions: ")
            && let Some(numbers) = self.cases.take()
        {
            self.summary(numbers, run);
            return true;
        } else if dashes && !line.is_empty() && !line.starts_with([' ', '-', '.']) {
            // The second rule of a block stands before the place of the test case.
            if !is_place(line) {
                self.case.clear();
                self.case.push_str(line);
            }
        } else if line.ends_with(": FAILED:") && self.failed.last() != Some(&self.case) {
            let is_known = self.case.is_empty() || self.failed.len() >= MOST_NAMES;
            if !is_known {
                self.failed.push(self.case.clone());
            }
        }
        false
    }
}

impl Catch2 {
    fn summary(&mut self, numbers: ResultNumbers, run: &mut ConsoleRun<'_, '_>) {
        let failed = std::mem::take(&mut self.failed);
        run.summary(SummaryCounts {
            numbers,
            failed: numbers.fail > 0,
            ..SummaryCounts::default()
        });
        if failed.len() as u64 == numbers.fail {
            for id in failed {
                run.list(&id, "");
            }
        }
    }
}

/// `c2.cpp:7`
fn is_place(line: &str) -> bool {
    let number = |text: &str| machine::number(text).is_some();
    line.rsplit_once(':').is_some_and(|(file, line)| !file.contains(' ') && number(line))
}

fn is_rule(line: &str, mark: u8) -> bool {
    line.len() == 79 && line.bytes().all(|byte| byte == mark)
}

/// `All tests passed (1 assertion in 1 test case)` and `No tests ran` after a rule; `Passed all 3 test cases with 5 assertions.`
/// and `Failed 9 test cases, failed 10 assertions.` without.
fn sums_up(line: &str, after_rule: bool) -> Option<ResultNumbers> {
    let mut numbers = ResultNumbers::default();
    if after_rule {
        if line == "No tests ran" {
            return Some(numbers);
        }
        let counts = line.strip_prefix("All tests passed (")?.strip_suffix(')')?;
        numbers.success = count_of(counts.split_once(" in ")?.1)?.0;
        return Some(numbers);
    }
    let cases = |rest| count_of(rest).filter(|(_, what)| what.starts_with("test case"));
    if let Some(rest) = line.strip_prefix("Passed all ") {
        numbers.success = cases(rest)?.0;
    } else {
        let (fail, rest) = cases(line.strip_prefix("Failed ")?)?;
        if !rest.contains("assertion") {
            return None;
        }
        numbers.fail = fail;
    }
    line.ends_with('.').then_some(numbers)
}

/// `17 | 6 passed |  9 failed | 2 failed as expected`
fn cases(counts: &str) -> Option<ResultNumbers> {
    let mut numbers = ResultNumbers::default();
    for part in counts.split('|').skip(1) {
        let (count, word) = count_of(part.trim())?;
        let status = match word {
            "passed" => Status::Success,
            "failed" => Status::Fail,
            "failed as expected" => Status::ExpectedFailure,
            "skipped" => Status::Skip,
            _ => return None,
        };
        numbers.add(status, count);
    }
    Some(numbers)
}

fn tells(line: &[u8]) -> bool {
    let has = |part: &[u8]| memchr::memmem::find(line, part).is_some();
    match line {
        [b'=', ..] => line.len() == 79 && line.iter().all(|byte| *byte == b'='),
        [b'P' | b'F', ..] => {
            std::str::from_utf8(line).is_ok_and(|line| sums_up(line, false).is_some())
        }
        _ => has(b" is a Catch") && has(b" host application"),
    }
}
