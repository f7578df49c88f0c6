//! What PHPUnit prints.
//!
//! * Ids are `Class::test`, with the name of its data. Tests that passed are a number.
//! * Risky tests have passed, as PHPUnit's exit status says.

use subunit_core::Status;

use crate::{
    Format,
    consoles::machine::{
        self, ConsoleRun, Grammar, NamesOf, ResultNumbers, SummaryCounts, count_of, number,
        strip_last,
    },
    format::{Row, Signs},
};

/// What PHPUnit prints.
pub(crate) const ROW: Row = Row {
    name: "phpunit",
    title: "the output of PHPUnit",
    signs: Signs { begins: &["PHPUnit "], line: Some(tells), ..Signs::NONE },
    ..Row::console(machine::reader::<Phpunit>)
};

#[derive(Default)]
struct Phpunit {
    /// The time was told: what follows are the blocks and the summary.
    timed: bool,
    /// Blocks are of errors or failures, not of what is skipped or risky.
    failures: bool,
    /// Whose block this is.
    block: String,
    /// `OK` or `FAILURES!` was said: the numbers follow.
    word: bool,
}

impl Grammar for Phpunit {
    const FORMAT: Format = Format::Phpunit;
    const TRAILERS: &'static [&'static str] =
        &[" - ", "Generating code coverage", "Legacy ", "Remaining ", "Other deprecation"];

    fn line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if is_header(line) {
            *self = Self::default();
            run.start();
            run.text();
            return true;
        }
        if line == "No tests executed!" || line == "Available test(s):" {
            run.summary(SummaryCounts::default());
            return true;
        }
        if !self.timed {
            self.timed = line.starts_with("Time: ") && line.contains(", Memory: ");
            if let Some(planned) = planned(line) {
                run.plan(planned);
            }
            return false;
        }
        if let Some(says) = self.sums_up(line) {
            run.summary(says);
            return true;
        }
        self.block_line(line, run)
    }
}

impl Phpunit {
    /// `OK (3 tests, 3 assertions)`, or `Tests: 16, Assertions: 10, Errors: 2, Skipped: 2.` after a word.
    fn sums_up(&mut self, line: &str) -> Option<SummaryCounts> {
        if let Some((count, _)) = line.strip_prefix("OK (").and_then(count_of) {
            let numbers = ResultNumbers { success: count, ..ResultNumbers::default() };
            return Some(SummaryCounts { numbers, ..SummaryCounts::default() });
        }
        let is_word =
            line.starts_with("OK, but ") || matches!(line, "FAILURES!" | "ERRORS!" | "WARNINGS!");
        if !std::mem::replace(&mut self.word, is_word) {
            if is_word {
                self.block.clear();
            }
            return None;
        }
        let counts = line.strip_suffix('.')?.strip_prefix("Tests: ")?;
        let mut parts = counts.split(", ");
        let all = number(parts.next()?)?;
        let mut numbers = ResultNumbers::default();
        for part in parts {
            let (word, count) = part.split_once(": ")?;
            match word {
                "Errors" | "Failures" => numbers.add(Status::Fail, number(count)?),
                "Skipped" | "Incomplete" => numbers.add(Status::Skip, number(count)?),
                _ => {}
            }
        }
        numbers.success = all.saturating_sub(numbers.total());
        Some(SummaryCounts { numbers, names: NamesOf::Failures, ..SummaryCounts::default() })
    }

    fn block_line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if line.starts_with("There w") && line.ends_with(':') {
            self.failures = ["error", "errors", "failure", "failures"]
                .iter()
                .any(|word| line.trim_end_matches(':').ends_with(&format!(" {word}")));
            self.block.clear();
        } else if line == "--" {
            self.block.clear();
        } else if let Some((count, test)) = line.split_once(") ")
            && number(count).is_some()
            && test.contains("::")
        {
            self.block.clear();
            if self.failures {
                self.block.push_str(id(test));
                run.hold(&self.block, Status::Fail);
                return true;
            }
        } else if run.in_block(&self.block) {
            return true;
        }
        false
    }
}

/// `C::m with data set "x" ('x')` without its values.
fn id(test: &str) -> &str {
    match test.split_once(" with data set ") {
        Some(_) => strip_last(test, " (", ")").map_or(test, |(id, _)| id),
        None => test,
    }
}

/// The number of tests that `.F.S   63 / 100 ( 63%)` announces.
fn planned(line: &str) -> Option<u64> {
    let (before, percent) = strip_last(line, " (", "%)")?;
    number(percent.trim())?;
    let (_, all) = before.rsplit_once(" / ")?;
    number(all)
}

fn is_header(line: &str) -> bool {
    line.starts_with("PHPUnit ") && line.contains(" by Sebastian Bergmann")
}

fn tells(line: &[u8]) -> bool {
    line.starts_with(b"PHPUnit ") && std::str::from_utf8(line).is_ok_and(is_header)
}
