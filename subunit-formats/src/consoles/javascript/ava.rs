//! What AVA prints.
//!
//! * Ids are titles, with the file in front where there are several. The title of a test that failed ends where its block says.
//! * Where something failed, it does not say how many passed: those are counted by their lines.
//! * Hooks, and what goes wrong in a file, are failures that are no tests.

use std::collections::VecDeque;

use subunit_core::Status;

use crate::{
    Format,
    consoles::machine::{
        self, ConsoleRun, Grammar, ResultNumbers, SummaryCounts, count_of, seconds, strip_last,
    },
    format::{Row, Signs},
};

/// What AVA prints.
pub(crate) const ROW: Row = Row {
    name: "ava",
    title: "the output of AVA",
    signs: Signs { line: Some(tells), ..Signs::NONE },
    ..Row::console(machine::reader::<Ava>)
};

/// What the run is called where it fails on its own.
const SESSION: &str = "ava [session]";

/// So many tests that failed are kept until their blocks come.
const MOST_NAMES: usize = 100_000;

const PASSED_UNEXPECTEDLY: &str =
    " Test was expected to fail, but succeeded, you should stop marking the test as failing";

#[derive(Default)]
struct Ava {
    /// Titles of tests that failed, each with its message; their blocks come in the same order.
    failed: VecDeque<String>,
    /// Rules so far: blocks come after the first one, the summary after the last one.
    rules: u32,
    block: String,
    /// What the lines of the summary say so far; how many passed, where they say so.
    numbers: Option<ResultNumbers>,
    passed: Option<u64>,
    hooks: u64,
    /// Tests that were to fail and have passed.
    unexpected: u64,
    blamed: bool,
}

impl Grammar for Ava {
    const FORMAT: Format = Format::Ava;
    const TRAILERS: &'static [&'static str] = &["-----", "File ", "All files", "====="];

    fn line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        let Some(text) = line.strip_prefix("  ") else {
            return if line.is_empty() { run.in_block(&self.block) } else { false };
        };
        if text == "\u{2500}" {
            self.block.clear();
            self.rules += 1;
            run.text();
            return true;
        }
        if self.rules > 0
            && let Some((count, what)) = count_of(text)
            && self.count(count, what)
        {
            self.sums_up(run);
            return true;
        }
        let Some((mark, rest)) = text.split_once(' ') else {
            return self.block_line(text, run);
        };
        match mark {
            "\u{2714}" | "\u{2718}" | "-" if self.result(mark, rest, run) => true,
            _ if text.starts_with("Uncaught exception in ")
                || text.starts_with("Unhandled rejection in ") =>
            {
                self.blame(text, run);
                true
            }
            _ => self.block_line(text, run),
        }
    }

    fn holds(&self) -> bool {
        !self.failed.is_empty()
    }

    fn end(&mut self, run: &mut ConsoleRun<'_, '_>) {
        self.rest_failed(run);
    }
}

impl Ava {
    fn result(&mut self, mark: &str, rest: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if self.rules > 0 && (mark != "-" || rest.starts_with('[')) {
            self.begin_again(run);
        }
        if mark == "-" {
            let title = rest.strip_prefix("[skip] ").or_else(|| rest.strip_prefix("[todo] "));
            let Some(title) = title else { return false };
            run.result(title, Status::Skip);
        } else if let Some(failed) = rest.strip_prefix("[fail]: ") {
            self.failed(failed, run);
        } else if let Some(title) = rest.strip_prefix("[unexpected pass]: ") {
            self.unexpected += 1;
            let title = title.strip_suffix(PASSED_UNEXPECTEDLY).unwrap_or(title);
            run.explained(title, Status::UnexpectedSuccess, PASSED_UNEXPECTEDLY.trim_start());
        } else if mark == "\u{2714}" {
            let (title, status) = match rest.strip_prefix("[expected fail] ") {
                Some(title) => (title, Status::ExpectedFailure),
                None => (rest, Status::Success),
            };
            let timed = strip_last(title, " (", ")");
            let timed = timed.and_then(|(title, time)| Some((title, seconds(time)?)));
            run.took(timed.map(|(_, took)| took));
            run.result(timed.map_or(title, |(title, _)| title), status);
        } else if is_blame(rest) {
            self.blame(rest, run);
        } else {
            // Before version 4 a failure has no tag.
            self.failed(rest.trim_end(), run);
        }
        true
    }

    fn failed(&mut self, title: &str, run: &mut ConsoleRun<'_, '_>) {
        run.go_on();
        if self.failed.len() < MOST_NAMES {
            self.failed.push_back(title.to_owned());
        }
        run.text();
    }

    /// A result after a rule: another run has begun, or a test has printed that rule and what looked like a summary.
    fn begin_again(&mut self, run: &mut ConsoleRun<'_, '_>) {
        let said = self.said(run).total();
        if run.has_ended() && said == run.named().total() {
            run.start();
            return *self = Self::default();
        }
        run.take_back();
        (self.rules, self.numbers, self.passed) = (0, None, None);
        self.block.clear();
    }

    fn blame(&mut self, why: &str, run: &mut ConsoleRun<'_, '_>) {
        self.blamed = true;
        run.beside(SESSION, why);
    }

    /// The title of a test that failed, or more of its block.
    fn block_line(&mut self, text: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        let is_next = |failed: &String| {
            let rest = failed.strip_prefix(text);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        };
        if self.rules == 1
            && !text.is_empty()
            && self.failed.front().is_some_and(is_next)
            && self.failed.pop_front().is_some()
        {
            self.block.clear();
            if is_hook(text) {
                self.hooks += 1;
                self.blamed = true;
                run.beside(text, "a hook failed");
            } else {
                self.block.push_str(text);
                run.hold(text, Status::Fail);
            }
            return true;
        }
        run.in_block(&self.block)
    }

    /// Tests that failed and have no block.
    fn rest_failed(&mut self, run: &mut ConsoleRun<'_, '_>) {
        for failed in self.failed.drain(..) {
            run.hold(&failed, Status::Fail);
        }
    }

    /// Whether a line of the summary says so.
    fn count(&mut self, count: u64, what: &str) -> bool {
        let numbers = self.numbers.get_or_insert_default();
        match what {
            "test passed" | "tests passed" => self.passed = Some(count),
            "test failed" | "tests failed" => numbers.fail = count,
            "known failure" | "known failures" => numbers.xfail = count,
            "test skipped" | "tests skipped" | "test todo" | "tests todo" => {
                numbers.add(Status::Skip, count);
            }
            _ => {
                let is_failure = ["hook", "uncaught exception", "unhandled rejection", "previous"];
                return is_failure.iter().any(|word| what.starts_with(word));
            }
        }
        true
    }

    fn sums_up(&mut self, run: &mut ConsoleRun<'_, '_>) {
        self.rest_failed(run);
        let numbers = self.said(run);
        let failed = numbers.fail + numbers.uxsuccess > 0;
        run.amend(SummaryCounts { numbers, failed, ..SummaryCounts::default() });
    }

    /// What the lines of the summary say so far.
    fn said(&self, run: &ConsoleRun<'_, '_>) -> ResultNumbers {
        let mut numbers = self.numbers.unwrap_or_default();
        let named = run.named();
        numbers.uxsuccess = self.unexpected.min(numbers.fail);
        numbers.fail -= numbers.uxsuccess;
        // Before version 4 a test that failed as expected has the line of one that passed.
        let untold = numbers.xfail.saturating_sub(named.xfail);
        numbers.xfail -= untold;
        let passed = self.passed.map(|passed| passed.saturating_add(untold));
        numbers.success = passed.unwrap_or(named.success);
        numbers
    }
}

/// What AVA says of a file or the run, in the place of a test.
fn is_blame(text: &str) -> bool {
    let begins = ["Exiting due to ", "Couldn\u{2019}t find ", "No tests found", "Timed out while "];
    begins.iter().any(|begin| text.starts_with(begin))
        || text.contains(" remaining in ")
        || text.contains(" exited with a non-zero exit code: ")
        || text.contains(" exited due to ")
}

/// `before hook`, `hook › afterEach hook for adds`
fn is_hook(title: &str) -> bool {
    let title = title.rsplit_once(" \u{203a} ").map_or(title, |(_, title)| title);
    ["before", "beforeEach", "after", "afterEach", "after.always", "afterEach.always"]
        .iter()
        .filter_map(|kind| title.strip_prefix(kind)?.strip_prefix(" hook"))
        .any(|rest| rest.is_empty() || rest.starts_with(" for "))
}

/// What no other runner prints: `  ✘ [fail]: title`, `  - [skip] title`, a short rule, a file in front of a title.
fn tells(line: &[u8]) -> bool {
    if !line.starts_with(b"  ") && line.first() != Some(&0x1b) {
        return false;
    }
    std::str::from_utf8(line).is_ok_and(|line| {
        let line = crate::ansi::plain_line(line);
        let Some(text) = line.strip_prefix("  ") else { return false };
        let Some((mark, rest)) = text.split_once(' ') else { return text == "\u{2500}" };
        match mark {
            "-" => rest.starts_with("[skip] ") || rest.starts_with("[todo] "),
            "\u{2714}" => rest.starts_with("[expected fail] ") || rest.contains(" \u{203a} "),
            "\u{2718}" | "\u{2716}" => {
                rest.starts_with("[fail]: ")
                    || rest.starts_with("[unexpected pass]: ")
                    || rest.starts_with("Exiting due to process.exit() when running ")
            }
            _ => false,
        }
    })
}
