//! What ExUnit prints, also with `--trace`.
//!
//! * Ids are `Module: test`. Tests that failed have names; with `--trace` all have. Tests that were not chosen are no results.
//! * Where the set-up of a module failed, its tests are invalid: they have failed, and so has the module, which is no test.

use subunit_core::Status;

use crate::{
    Format,
    consoles::machine::{
        self, ConsoleRun, Grammar, ResultNumbers, SummaryCounts, count_of, number, strip_last,
    },
    format::{Preamble, Row, Signs},
};

/// What ExUnit prints.
pub(crate) const ROW: Row = Row {
    name: "exunit",
    title: "the output of ExUnit",
    signs: Signs {
        begins: &["Running ExUnit with seed: ", "Finished in "],
        line: Some(tells),
        opens: Some(opens),
        ..Signs::NONE
    },
    ..Row::console(machine::reader::<Exunit>)
};

/// What the run is called where it fails on its own.
const SESSION: &str = "exunit [session]";

/// So many bytes of tests of a module are kept until it ends.
const MOST_BYTES: usize = 16 << 20;

#[derive(Default)]
struct Exunit {
    /// How long all took was told: the summary follows, perhaps after the slowest tests.
    finished: bool,
    /// Marks of results that passed or were skipped.
    marks: u64,
    /// Whose block this is.
    block: String,
    /// With `--trace`: the module, and the tests that have ended so far, whose failures may follow.
    module: String,
    ended: Vec<TracedTest>,
    kept: usize,
}

/// A line of a test with `--trace`.
struct TracedTest {
    id: String,
    seconds: Option<f64>,
}

impl Grammar for Exunit {
    const FORMAT: Format = Format::Exunit;
    const TRAILERS: &'static [&'static str] = &[
        "Randomized with seed ",
        "Generating cover results",
        "Generated HTML coverage",
        "Percentage ",
        "-----",
        " ",
        "100.",
        "|",
    ];

    fn line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if is_finish(line) {
            self.finished = true;
            self.block.clear();
            return false;
        }
        if self.finished
            && let Some(says) = self.sums_up(line)
        {
            self.module_ends(run);
            run.summary(says);
            *self = Self::default();
            return true;
        }
        if line.starts_with("Running ExUnit with seed: ")
            || run.has_ended() && line.starts_with("==> ")
        {
            run.start();
            *self = Self::default();
            run.text();
            return true;
        }
        if run.has_ended()
            && (line.starts_with("ERROR! Test suite aborted")
                || line.starts_with("Coverage test failed"))
        {
            run.beside(SESSION, line);
            return true;
        }
        if let Some(header) = header(line) {
            self.finished = false;
            self.failure(header, run);
            return true;
        }
        if !self.block.is_empty() && (line.is_empty() || line.starts_with("     ")) {
            return run.in_block(&self.block);
        }
        self.block.clear();
        if is_marks(line) {
            self.finished = false;
            self.marks = self.marks.saturating_add(line.len() as u64);
            run.go_on();
            return false;
        }
        self.trace(line, run)
    }

    fn holds(&self) -> bool {
        !self.ended.is_empty()
    }

    fn end(&mut self, run: &mut ConsoleRun<'_, '_>) {
        if !run.has_ended() {
            self.module_ends(run);
        }
    }
}

/// The first line of a block: of a test, or of a module whose set-up failed.
enum Header<'l> {
    Test(&'l str, &'l str),
    Module(&'l str, &'l str),
}

impl Exunit {
    fn failure(&mut self, header: Header<'_>, run: &mut ConsoleRun<'_, '_>) {
        self.block.clear();
        match header {
            Header::Test(name, module) => {
                self.block.push_str(module);
                self.block.push_str(": ");
                self.block.push_str(name);
                if self.ended.last().is_some_and(|ended| ended.id == self.block)
                    && let Some(ended) = self.ended.pop()
                {
                    run.took(ended.seconds);
                }
                run.hold(&self.block, Status::Fail);
            }
            Header::Module(module, why) => {
                if self.module == module {
                    for ended in self.ended.drain(..) {
                        run.explained(&ended.id, Status::Fail, why);
                    }
                }
                run.go_on();
                run.beside(module, why);
            }
        }
    }

    /// `Module [file]`, `  * test name (0.00ms) [L#28]`
    fn trace(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if let Some((module, file)) = strip_last(line, " [", "]")
            && !module.contains(' ')
            && (file.ends_with(".exs") || file.ends_with(".ex"))
        {
            self.module_ends(run);
            self.module.clear();
            self.module.push_str(module);
            run.text();
            return true;
        }
        let Some(test) = line.strip_prefix("  * ").filter(|_| !self.module.is_empty()) else {
            return false;
        };
        let Some((test, row)) = strip_last(test, " [L#", "]") else { return false };
        let Some((name, said)) = strip_last(test, " (", ")").filter(|_| number(row).is_some())
        else {
            return false;
        };
        let id = format!("{}: {name}", self.module);
        match said {
            "excluded" => run.text(),
            "skipped" => run.result(&id, Status::Skip),
            _ => {
                let Some(seconds) = machine::seconds(said) else { return false };
                run.go_on();
                if self.kept + id.len() < MOST_BYTES {
                    self.kept += id.len() + size_of::<TracedTest>();
                    self.ended.push(TracedTest { id, seconds: Some(seconds) });
                }
            }
        }
        true
    }

    /// The tests of a module that have not failed have passed.
    fn module_ends(&mut self, run: &mut ConsoleRun<'_, '_>) {
        self.kept = 0;
        for ended in self.ended.drain(..) {
            run.took(ended.seconds);
            run.result(&ended.id, Status::Success);
        }
    }

    /// `1 doctest, 17 tests, 8 failures, 1 excluded, 2 invalid, 1 skipped`
    fn sums_up(&self, line: &str) -> Option<SummaryCounts> {
        let (mut all, mut excluded, mut failures) = (0_u64, 0, None);
        let mut numbers = ResultNumbers::default();
        for part in line.split(", ") {
            let (count, word) = count_of(part)?;
            match word {
                "failure" | "failures" => failures = Some(count),
                "excluded" => excluded = count,
                "invalid" => numbers.add(Status::Fail, count),
                "skipped" => numbers.skip = count,
                // Tests, properties, doctests: a kind of test has any name.
                _ if failures.is_none() => all = all.saturating_add(count),
                _ => return None,
            }
        }
        numbers.add(Status::Fail, failures?);
        numbers.success = all.saturating_sub(numbers.total()).saturating_sub(excluded);
        let failed = numbers.fail > 0;
        // Each result has a mark or a block.
        let agrees = self.marks.saturating_add(failures?) == numbers.total();
        Some(SummaryCounts { numbers, failed, agrees, ..SummaryCounts::default() })
    }
}

/// `  3) test fails with a diff (WeirdTest)`, `  1) SetupAllTest: failure on setup_all callback, all tests have been
/// invalidated`
fn header(line: &str) -> Option<Header<'_>> {
    let (count, rest) = line.strip_prefix("  ")?.split_once(") ")?;
    number(count)?;
    if let Some((module, why)) = rest.split_once(": ")
        && !module.contains(' ')
        && why.starts_with("failure on setup_all callback")
    {
        return Some(Header::Module(module, why));
    }
    let (name, module) = strip_last(rest, " (", ")")?;
    (is_module(module) && name.contains(' ')).then_some(Header::Test(name, module))
}

/// `Shop.CartTest`
fn is_module(name: &str) -> bool {
    name.starts_with(|first: char| first.is_uppercase())
        && name.chars().all(|it| it.is_alphanumeric() || matches!(it, '.' | '_'))
}

/// `..*?`
fn is_marks(line: &str) -> bool {
    !line.is_empty() && line.bytes().all(|mark| b".*?".contains(&mark))
}

/// `Finished in 0.4 seconds (0.1s on load, 0.00s async, 0.2s sync)`
fn is_finish(line: &str) -> bool {
    line.starts_with("Finished in ") && (line.contains("s async, ") || line.contains("s on load, "))
}

fn tells(line: &[u8]) -> bool {
    match line {
        [b'R', ..] => line.starts_with(b"Running ExUnit with seed: "),
        [b'F', ..] => std::str::from_utf8(line).is_ok_and(is_finish),
        _ => false,
    }
}

/// The first line of a block, and the place of the test below it.
fn opens(lines: &[u8]) -> Preamble {
    if !lines.starts_with(b"  ") && lines.first() != Some(&0x1b) {
        return Preamble::None;
    }
    let text = crate::text::verbatim::lossy(lines);
    let mut lines = text.lines().map(crate::ansi::plain_line);
    match (lines.next().as_deref().and_then(header), lines.next()) {
        (Some(_), None) => Preamble::Maybe,
        (Some(Header::Test(..)), Some(place)) if is_place(&place) => Preamble::Is,
        (Some(Header::Module(..)), Some(_)) => Preamble::Is,
        _ => Preamble::None,
    }
}

/// `     test/cart_test.exs:33`
fn is_place(line: &str) -> bool {
    let place = line.strip_prefix("     ").and_then(|place| place.rsplit_once(':'));
    place.is_some_and(|(file, row)| {
        (file.ends_with(".exs") || file.ends_with(".ex")) && number(row.trim_end()).is_some()
    })
}
