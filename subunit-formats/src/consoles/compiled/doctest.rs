//! What a program of doctest (C++) prints.
//!
//! * It names the test cases whose assertions failed; ids are `suite: name`. Where there are more of them than failed, since some
//!   may fail, all are a number. Test cases that passed are a number.

use crate::{
    Format,
    consoles::machine::{self, ConsoleRun, Grammar, ResultNumbers, SummaryCounts, count_of},
    format::{Row, Signs},
};

/// What a program of doctest prints.
pub(crate) const ROW: Row = Row {
    name: "doctest",
    title: "the output of a program of doctest (C++)",
    signs: Signs { begins: &["[doctest] "], line: Some(tells), ..Signs::NONE },
    ..Row::console(machine::reader::<Doctest>)
};

/// So many names of test cases that failed are kept.
const MOST_NAMES: usize = 100_000;

#[derive(Default)]
struct Doctest {
    suite: String,
    case: String,
    failed: Vec<String>,
    /// The line before was a rule: the numbers follow it.
    after_rule: bool,
    /// It lists its test cases and runs none.
    lists: bool,
    cases: Option<ResultNumbers>,
}

impl Grammar for Doctest {
    const FORMAT: Format = Format::Doctest;
    const TRAILERS: &'static [&'static str] = &[];

    fn line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if self.lists {
            run.text();
            return true;
        }
        if line.starts_with("[doctest] listing ") {
            self.lists = true;
            run.summary(SummaryCounts::default());
            return true;
        }
        let is_rule = line.len() == 79 && line.bytes().all(|byte| byte == b'=');
        let after_rule = std::mem::replace(&mut self.after_rule, is_rule);
        if is_rule {
            self.suite.clear();
            self.case.clear();
        } else if line.starts_with("[doctest] doctest version is ") {
            run.start();
            *self = Self::default();
        } else if let Some(suite) = line.strip_prefix("TEST SUITE: ") {
            self.suite.push_str(suite.trim());
        } else if let Some(case) = line.strip_prefix("TEST CASE: ") {
            if !self.suite.is_empty() {
                self.case.push_str(&self.suite);
                self.case.push_str(": ");
            }
            self.case.push_str(case.trim());
        } else if is_failure(line)
            && !self.case.is_empty()
            && self.failed.last() != Some(&self.case)
        {
            if self.failed.len() < MOST_NAMES {
                self.failed.push(self.case.clone());
            }
        } else if let Some(counts) = line.strip_prefix("[doctest] test cases: ") {
            self.cases = cases(counts).filter(|_| after_rule);
        } else if let Some(status) = line.strip_prefix("[doctest] Status: ")
            && let Some(numbers) = self.cases.take()
        {
            return self.summary(numbers, status, run);
        }
        false
    }
}

impl Doctest {
    fn summary(
        &mut self,
        numbers: ResultNumbers,
        status: &str,
        run: &mut ConsoleRun<'_, '_>,
    ) -> bool {
        let failed = std::mem::take(&mut self.failed);
        let is_failure = status != "SUCCESS!";
        run.summary(SummaryCounts { numbers, failed: is_failure, ..SummaryCounts::default() });
        if failed.len() as u64 == numbers.fail {
            for id in failed {
                run.list(&id, "");
            }
        }
        true
    }
}

/// `dt.cpp:8: ERROR: CHECK( 1 == 2 ) is NOT correct!`, `FATAL ERROR`
fn is_failure(line: &str) -> bool {
    line.contains(": ERROR: ") || line.contains(": FATAL ERROR: ")
}

/// `15 | 8 passed | 7 failed | 3 skipped`. What is skipped was not chosen, and is no result.
fn cases(counts: &str) -> Option<ResultNumbers> {
    let mut numbers = ResultNumbers::default();
    for part in counts.split('|').skip(1).map(str::trim).filter(|part| !part.is_empty()) {
        let (count, word) = count_of(part)?;
        match word {
            "passed" => numbers.success = count,
            "failed" => numbers.fail = count,
            "skipped" => {}
            _ => return None,
        }
    }
    Some(numbers)
}

fn tells(line: &[u8]) -> bool {
    line.starts_with(b"[doctest] ")
        || line.starts_with(b"\x1b") && memchr::memmem::find(line, b"[doctest] ").is_some()
}
