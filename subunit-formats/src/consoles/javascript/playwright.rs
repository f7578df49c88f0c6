//! What Playwright Test prints with its reporters `list`, `line` and `dot`.
//!
//! * What stands before a test is what happened, not whether that was expected: only the lists at the end tell. Ids are as
//!   these write them, `file:line:column › title`; tests that passed are a number.
//! * A flaky test has an attempt that failed. What did not run counts as skipped.

use subunit_core::Status;

use crate::{
    Format,
    consoles::machine::{
        self, ConsoleRun, Grammar, ResultNumbers, SummaryCounts, count_of, number,
    },
    format::{Row, Signs},
};

/// What Playwright Test prints.
pub(crate) const ROW: Row = Row {
    name: "playwright",
    title: "the output of Playwright Test",
    signs: Signs { begins: &["Running "], line: Some(tells), ..Signs::NONE },
    ..Row::console(machine::reader::<Playwright>)
};

/// What the run is called where it fails on its own.
const SESSION: &str = "playwright [session]";

/// The words of the summary, in their order.
const COUNTS: [(&str, Status); 6] = [
    ("failed", Status::Fail),
    ("interrupted", Status::Fail),
    ("flaky", Status::Success),
    ("skipped", Status::Skip),
    ("did not run", Status::Skip),
    ("passed", Status::Success),
];

#[derive(Default)]
struct Playwright {
    numbers: ResultNumbers,
    /// The place of the last word of the summary, after which tests may be listed.
    word: Option<usize>,
}

impl Grammar for Playwright {
    const FORMAT: Format = Format::Playwright;
    const TRAILERS: &'static [&'static str] = &[
        "To open last HTML report run:",
        "  npx playwright",
        "Slow test file:",
        "  Slow test file",
    ];

    fn line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if let Some(tests) = planned(line) {
            *self = Self::default();
            run.start();
            run.plan(tests);
            run.text();
            return true;
        }
        let Some(text) = line.strip_prefix("  ") else { return false };
        if let Some(listed) = text.strip_prefix("  ") {
            return self.listed(listed, run);
        }
        if let Some((count, what)) = count_of(text) {
            if what.starts_with("error was not a part of any test")
                || what.starts_with("errors were not a part of any test")
            {
                run.beside(SESSION, text);
                return true;
            }
            if let Some(word) = COUNTS.iter().position(|(word, _)| is_word(what, word)) {
                self.count(count, word, run);
                return true;
            }
        }
        // A result after what looked like a summary: a test printed that.
        let is_result = ["\u{2713} ", "\u{2718} ", "-  "].iter().any(|mark| text.starts_with(mark));
        if is_result && self.word.take().is_some() {
            self.numbers = ResultNumbers::default();
            run.go_on();
        }
        false
    }
}

impl Playwright {
    fn count(&mut self, count: u64, word: usize, run: &mut ConsoleRun<'_, '_>) {
        let goes_on = self.word.is_some_and(|before| before < word);
        if !goes_on {
            self.numbers = ResultNumbers::default();
        }
        self.word = Some(word);
        self.numbers.add(COUNTS[word].1, count);
        let numbers = self.numbers;
        let failed = numbers.fail > 0;
        let says = SummaryCounts { numbers, failed, ..SummaryCounts::default() };
        if goes_on {
            run.amend(says);
        } else {
            run.summary(says);
        }
    }

    /// `w.spec.ts:3:1 › fails ─────` below `6 failed`
    fn listed(&mut self, listed: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        let Some(word) = self.word.filter(|_| run.has_ended() && listed.contains(" \u{203a} "))
        else {
            return false;
        };
        let id = listed.trim_end_matches('\u{2500}').trim_end();
        match COUNTS[word].0 {
            "failed" | "interrupted" => run.list(id, ""),
            "flaky" => run.list_flaky(id),
            _ => return false,
        }
        true
    }
}

/// `passed (53.6s)`
fn is_word(what: &str, word: &str) -> bool {
    what.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with(" ("))
}

/// `Running 16 tests using 1 worker, shard 1 of 2`
fn planned(line: &str) -> Option<u64> {
    let (count, rest) = line.strip_prefix("Running ")?.split_once(" test")?;
    let rest = rest.strip_prefix('s').unwrap_or(rest);
    number(count).filter(|_| rest.starts_with(" using ") && rest.contains(" worker"))
}

fn tells(line: &[u8]) -> bool {
    line.starts_with(b"Running ")
        && std::str::from_utf8(line).is_ok_and(|line| planned(line).is_some())
}
