//! What vitest prints: by default, `--reporter=verbose` and `--reporter=tree`.
//!
//! * Ids are `file > group > title`. With `verbose` each test has a line; by default those have names that failed, and those
//!   that stand directly below a file.
//! * A suite that failed by its hooks, a file that could not run and unhandled errors are failures that are no tests.

use subunit_core::Status;

use crate::{
    Format,
    consoles::machine::{
        self, ConsoleRun, Grammar, NamesOf, ResultNumbers, SummaryCounts, count_of, number,
        seconds, strip_last,
    },
    format::{Row, Signs},
};

/// What vitest prints.
pub(crate) const ROW: Row = Row {
    name: "vitest",
    title: "the output of vitest",
    signs: Signs { begins: &[" RUN  v"], line: Some(tells), ..Signs::NONE },
    ..Row::console(machine::reader::<Vitest>)
};

/// What the run is called where it fails on its own.
const SESSION: &str = "vitest [session]";

/// The part of the output that a line is in.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Part {
    #[default]
    Tests,
    FailedSuites,
    FailedTests,
    Errors,
}

#[derive(Default)]
struct Vitest {
    part: Part,
    /// The file whose tests have lines below it, and how many files there were.
    file: String,
    files: u64,
    id: String,
    /// Whose block this is.
    block: String,
    /// `Test Files` of the summary that comes, and `Tests`.
    failed_files: Option<(u64, u64)>,
    tests: Option<(ResultNumbers, u64)>,
}

impl Grammar for Vitest {
    const FORMAT: Format = Format::Vitest;
    const TRAILERS: &'static [&'static str] = &[
        "filter: ",
        "include: ",
        "exclude: ",
        " % Coverage report",
        "JUNIT report written",
        " HTML ",
    ];

    fn line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if line.starts_with(" RUN  v") {
            *self = Self::default();
            run.start();
            run.text();
            return true;
        }
        if let Some(title) = rule(line) {
            self.begin_part(title);
            run.text();
            return true;
        }
        if let Some(name) = line.strip_prefix(" FAIL  ") {
            return self.begin_block(name, run);
        }
        if self.sums_up(line, run) {
            return true;
        }
        if self.part == Part::Tests {
            return self.test_line(line, run);
        }
        run.in_block(&self.block)
    }
}

impl Vitest {
    fn begin_part(&mut self, title: &str) {
        self.block.clear();
        if title.starts_with("Failed Suites ") {
            self.part = Part::FailedSuites;
        } else if title.starts_with("Failed Tests ") {
            self.part = Part::FailedTests;
        } else if title.starts_with("Unhandled Error") {
            self.part = Part::Errors;
        }
    }

    /// ` FAIL  w.test.js > group > title`, ` FAIL  b/imp.test.js [ b/imp.test.js ]`
    fn begin_block(&mut self, name: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        self.block.clear();
        match self.part {
            Part::FailedTests => {
                run.hold(name, Status::Fail);
                self.block.push_str(name);
            }
            Part::FailedSuites => {
                let file = name.split_once(" [ ").map_or(name, |(file, _)| file);
                run.beside(file, "the suite failed");
            }
            Part::Tests | Part::Errors => return false,
        }
        true
    }

    /// ` ✓ FILE (2 tests) 2ms`, ` ✓ FILE > title 1ms`, `   ✓ title 1ms`
    fn test_line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        let text = line.trim_start_matches(' ');
        let indent = line.len() - text.len();
        let Some((mark, rest)) = text.split_once(' ') else { return false };
        let status = match mark {
            "\u{2713}" | "\u{221a}" => Some(Status::Success),
            "\u{d7}" => Some(Status::Fail),
            "\u{2193}" | "\u{25a1}" => Some(Status::Skip),
            "\u{276f}" => None,
            _ => return false,
        };
        let (name, took, reason) = name_time_and_note(rest.trim_start());
        if indent == 1
            && let Some((file, counts)) = strip_last(name, " (", ")")
            && counts
                .split_once(' ')
                .is_some_and(|(count, what)| number(count).is_some() && what.starts_with("test"))
        {
            self.files += 1;
            self.file.clear();
            self.file.push_str(file);
            run.go_on();
            run.text();
            return true;
        }
        self.id.clear();
        match indent {
            1 if name.contains(" > ") => self.id.push_str(name),
            3 if !self.file.is_empty() && !is_group(name) => {
                self.id.push_str(&self.file);
                self.id.push_str(" > ");
                self.id.push_str(name);
            }
            // Its groups are not told.
            _ => return false,
        }
        match status {
            // Those that failed are named again, with all their groups and the reason.
            Some(Status::Fail) | None => return false,
            Some(status) => {
                run.took(took);
                run.explained(&self.id, status, reason);
            }
        }
        true
    }

    fn sums_up(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        let text = line.trim_start();
        if text.starts_with("No test files found, exiting with code ") {
            run.summary(SummaryCounts::default());
            return true;
        }
        if let Some(counts) = text.strip_prefix("Test Files  ") {
            let parts = parts(counts);
            self.failed_files = parts.map(|(numbers, total)| (numbers.fail, total));
            self.block.clear();
        } else if let Some(counts) = text.strip_prefix("Tests  ") {
            let none = (counts == "no tests").then_some((ResultNumbers::default(), 0));
            self.tests = parts(counts).or(none).filter(|_| self.failed_files.is_some());
        } else if let Some(counts) = text.strip_prefix("Errors  ")
            && self.tests.is_some()
        {
            run.beside(SESSION, &format!("{counts} beside tests"));
        } else if text.starts_with("Duration  ")
            && let (Some((failed, files)), Some((numbers, total))) =
                (self.failed_files.take(), self.tests.take())
        {
            run.summary(SummaryCounts {
                numbers,
                failed: failed > 0,
                total: Some(total),
                agrees: self.files == files,
                names: NamesOf::Failures,
            });
            self.files = 0;
            self.part = Part::Tests;
            return true;
        }
        false
    }
}

/// `⎯⎯⎯ Failed Tests 6 ⎯⎯⎯`, or a line between two blocks.
fn rule(line: &str) -> Option<&str> {
    let inner = line.strip_prefix('\u{23af}')?;
    Some(inner.trim_matches('\u{23af}').trim())
}

/// `group (3)`, in a tree.
fn is_group(name: &str) -> bool {
    strip_last(name, " (", ")").is_some_and(|(_, count)| number(count).is_some())
}

/// `title 12ms (retry x1)`, `title 0ms [decided inside]`
fn name_time_and_note(text: &str) -> (&str, Option<f64>, &str) {
    let (text, note) = strip_last(text, " [", "]").unwrap_or((text, ""));
    let text = strip_last(text, " (retry x", ")").map_or(text, |(text, _)| text);
    match text.rsplit_once(' ') {
        Some((name, time)) if seconds(time).is_some() => (name.trim_end(), seconds(time), note),
        _ => (text, None, note),
    }
}

/// `6 failed | 9 passed | 1 expected fail | 4 skipped | 1 todo (21)`
fn parts(counts: &str) -> Option<(ResultNumbers, u64)> {
    let (counts, total) = strip_last(counts, " (", ")")?;
    let mut numbers = ResultNumbers::default();
    for part in counts.split(" | ") {
        let (count, word) = count_of(part)?;
        let status = match word {
            "failed" => Status::Fail,
            "passed" | "expected fail" => Status::Success,
            "skipped" | "todo" => Status::Skip,
            _ => return None,
        };
        numbers.add(status, count);
    }
    Some((numbers, number(total)?))
}

fn tells(line: &[u8]) -> bool {
    if memchr::memmem::find(line, b" RUN ").is_none()
        && memchr::memmem::find(line, b"Test Files ").is_none()
    {
        return false;
    }
    std::str::from_utf8(line).is_ok_and(|line| {
        let line = crate::ansi::plain_line(line);
        line.starts_with(" RUN  v")
            || line
                .trim_start()
                .strip_prefix("Test Files  ")
                .is_some_and(|counts| parts(counts).is_some())
    })
}
