//! What mocha prints, with the reporters that people read.
//!
//! * It is known by its summary, or by the first test of a group that failed: tests that passed are a number. Those that
//!   failed are named after the summary; ids are `group > title`.
//! * Hooks that failed are failures that are no tests.

use subunit_core::Status;

use crate::{
    Format,
    consoles::machine::{
        self, ConsoleRun, Grammar, ResultNumbers, SummaryCounts, count_of, number,
    },
    format::{Row, Signs},
};

/// What mocha prints.
pub(crate) const ROW: Row = Row {
    name: "mocha-console",
    title: "the output of mocha",
    signs: Signs { line: Some(tells), ..Signs::NONE },
    ..Row::console(machine::reader::<Mocha>)
};

#[derive(Default)]
struct Mocha {
    /// What the summary says so far.
    numbers: Option<ResultNumbers>,
    /// How many failures there were in front of it.
    failed: u64,
    /// How many blocks of failures are to come, and whether they do.
    blocks: u64,
    /// The title of a block, of which more lines may come.
    title: Option<String>,
    /// Whose block this is.
    block: String,
}

impl Grammar for Mocha {
    const FORMAT: Format = Format::MochaConsole;
    const TRAILERS: &'static [&'static str] = &["-----", "File ", "All files", " ", "====="];

    fn line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        let text = line.trim_start();
        if let Some((count, rest)) = count_of(text)
            && line.starts_with("  ")
            && let Some((says, title)) = self.sums_up(count, rest)
        {
            cut_off(title, run);
            run.summary(says);
            return true;
        }
        if self.title.is_some() {
            return self.title_goes_on(text, run);
        }
        if self.blocks > 0
            && let Some((count, title)) = text.split_once(") ")
            && number(count).is_some()
            && line.starts_with("  ")
        {
            self.blocks -= 1;
            self.title = Some(title.to_owned());
            return true;
        }
        if run.in_block(&self.block) {
            return true;
        }
        if self.blocks == 0 && self.next_failure(line) {
            run.mark(Status::Fail);
            self.failed += 1;
            self.numbers = None;
            run.text();
            return true;
        }
        // A result after what looked like a summary: a test printed that.
        let is_result = ["\u{2714} ", "\u{2713} ", "- "].iter().any(|mark| text.starts_with(mark))
            || text.split_once(") ").is_some_and(|(count, _)| number(count).is_some());
        if is_result && run.has_ended() && self.blocks == 0 {
            run.go_on();
            self.numbers = None;
        }
        false
    }

    fn end(&mut self, run: &mut ConsoleRun<'_, '_>) {
        cut_off(self.title.take(), run);
    }
}

/// A title whose end has not come: what failed is not known.
fn cut_off(title: Option<String>, run: &mut ConsoleRun<'_, '_>) {
    if let Some(title) = title {
        run.beside(&title, "what mocha says of this failure is cut off");
    }
}

impl Mocha {
    /// `    3) title`, perhaps after output without a line end: failures are counted.
    fn next_failure(&self, line: &str) -> bool {
        let Some((before, _)) = line.split_once(") ") else { return false };
        let digits = before.trim_end_matches(|digit: char| digit.is_ascii_digit());
        number(&before[digits.len()..]) == Some(self.failed + 1) && digits.ends_with("  ")
    }

    /// What a line says of the counts, and the title that it has cut off.
    fn sums_up(&mut self, count: u64, rest: &str) -> Option<(SummaryCounts, Option<String>)> {
        let mut title = None;
        match rest {
            "pending" => self.numbers.as_mut()?.skip = count,
            "failing" => {
                self.numbers.as_mut()?.fail = count;
                self.blocks = count;
            }
            _ if rest.starts_with("passing (") => {
                title = self.title.take();
                let numbers = ResultNumbers { success: count, ..ResultNumbers::default() };
                *self = Self { numbers: Some(numbers), failed: self.failed, ..Self::default() };
            }
            _ => return None,
        }
        let numbers = self.numbers?;
        let says = SummaryCounts { numbers, failed: numbers.fail > 0, ..SummaryCounts::default() };
        Some((says, title))
    }

    /// The lines of a title: one for each group, and the last one ends with a colon.
    fn title_goes_on(&mut self, text: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        let Some(mut title) = self.title.take() else { return false };
        let (part, is_last) = match text.strip_suffix(':') {
            Some(part) => (part, true),
            None => (text, text.is_empty()),
        };
        if !part.is_empty() {
            title.push_str(" > ");
            title.push_str(part);
        }
        if !is_last {
            self.title = Some(title);
            return true;
        }
        self.block.clear();
        if part.contains("\" hook") {
            run.not_a_test();
            run.beside(&title, "a hook failed");
        } else {
            run.list(&title, "");
            self.block = title;
        }
        true
    }
}

/// `  8 passing (385ms)`, `    1) title`
fn tells(line: &[u8]) -> bool {
    if memchr::memmem::find(line, b" passing")
        .or_else(|| memchr::memmem::find(line, b" 1) "))
        .is_none()
    {
        return false;
    }
    std::str::from_utf8(line).is_ok_and(|line| {
        let line = crate::ansi::plain_line(line);
        let counts = line.strip_prefix("  ").and_then(count_of);
        line.starts_with("    1) ")
            || counts.is_some_and(|(_, rest)| rest.starts_with("passing (") && rest.ends_with(')'))
    })
}
