//! What jasmine prints.
//!
//! * Ids are names of specs, with their suites in front. Specs that passed are a number.
//! * Errors of suites, such as those of `beforeAll`, are counted as failures and are no specs: they are told beside them.

use subunit_core::Status;

use crate::{
    Format,
    consoles::machine::{
        self, ConsoleRun, Grammar, NamesOf, ResultNumbers, SummaryCounts, count_of, number,
    },
    format::{Preamble, Row, Signs},
};

/// What jasmine prints.
pub(crate) const ROW: Row = Row {
    name: "jasmine",
    title: "the output of jasmine",
    signs: Signs {
        midst: &[" specs, ", "1 spec, "],
        line: Some(tells),
        opens: Some(opens),
        ..Signs::NONE
    },
    ..Row::console(machine::reader::<Jasmine>)
};

/// So many blanks may stand between the first line and the marks.
const MOST_BLANK: usize = 16;

#[derive(Default)]
struct Jasmine {
    section: Section,
    /// Whose block this is.
    block: String,
    /// Errors of suites.
    suites: u64,
    /// Specs that failed were named.
    named: bool,
    /// The numbers have come: how long all took ends them.
    said: Option<ResultNumbers>,
}

#[derive(Clone, Copy, Default, Eq, PartialEq)]
enum Section {
    #[default]
    Marks,
    Failures,
    Pending,
}

impl Grammar for Jasmine {
    const FORMAT: Format = Format::Jasmine;
    const TRAILERS: &'static [&'static str] = &[
        "Finished in ",
        "Randomized with seed ",
        "Incomplete: ",
        "-----",
        "File ",
        "All files",
        " ",
        "=====",
    ];

    fn line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if line == "Started" {
            if run.has_ended() {
                run.start();
            }
            *self = Self::default();
            run.text();
            return true;
        }
        if let Some(numbers) = self.said.take()
            && line.starts_with("Finished in ")
        {
            self.summary(numbers, run);
            return true;
        }
        self.said = sums_up(line);
        if self.said.is_some() {
            run.text();
            return true;
        }
        if run.has_ended()
            && let Some(why) = line.strip_prefix("Incomplete: ")
        {
            run.beside("jasmine [session]", why);
            return true;
        }
        if line == "No specs found" {
            run.summary(SummaryCounts::default());
            return true;
        }
        match line {
            "Failures:" => return self.begin(Section::Failures, run),
            "Pending:" => return self.begin(Section::Pending, run),
            _ => {}
        }
        if let Some(suite) = line.strip_prefix("Suite error: ").filter(|_| !run.has_ended()) {
            self.block.clear();
            self.suites += 1;
            run.beside(suite, "an error of the suite, outside of its specs");
            return true;
        }
        match self.section {
            Section::Marks => false,
            Section::Failures => self.failure(line, run),
            Section::Pending => match numbered(line) {
                Some(id) => {
                    run.result(id, Status::Skip);
                    true
                }
                None => false,
            },
        }
    }
}

impl Jasmine {
    fn begin(&mut self, section: Section, run: &mut ConsoleRun<'_, '_>) -> bool {
        self.section = section;
        self.block.clear();
        run.text();
        true
    }

    fn failure(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if let Some(id) = numbered(line) {
            self.block.clear();
            self.block.push_str(id);
            self.named = true;
            run.hold(id, Status::Fail);
            return true;
        }
        if line.is_empty() || line.starts_with(' ') {
            return run.in_block(&self.block);
        }
        self.block.clear();
        false
    }

    fn summary(&mut self, mut numbers: ResultNumbers, run: &mut ConsoleRun<'_, '_>) {
        // All failures are counted, also those that are no specs.
        let failures = numbers.fail;
        numbers.fail = failures.saturating_sub(self.suites);
        let all = numbers.success;
        numbers.success = all.saturating_sub(numbers.fail).saturating_sub(numbers.skip);
        let names = if self.named { NamesOf::Failures } else { NamesOf::Some };
        run.summary(SummaryCounts {
            numbers,
            failed: failures > 0,
            names,
            ..SummaryCounts::default()
        });
        *self = Self::default();
    }
}

/// `3) group / one fails`
fn numbered(line: &str) -> Option<&str> {
    let (count, name) = line.split_once(") ")?;
    number(count)?;
    Some(name)
}

/// `9 specs, 5 failures, 2 pending specs`: all specs stand for those that passed.
fn sums_up(line: &str) -> Option<ResultNumbers> {
    let mut parts = line.split(", ");
    let (all, what) = count_of(parts.next()?)?;
    let (fail, failures) = count_of(parts.next()?)?;
    let known = matches!(what, "spec" | "specs") && matches!(failures, "failure" | "failures");
    let skip = match parts.next() {
        Some(pending) => {
            count_of(pending)
                .filter(|(_, what)| matches!(*what, "pending spec" | "pending specs"))?
                .0
        }
        None => 0,
    };
    let is_whole = known && parts.next().is_none();
    is_whole.then_some(ResultNumbers { success: all, fail, skip, ..ResultNumbers::default() })
}

fn tells(line: &[u8]) -> bool {
    line.first().is_some_and(|first| first.is_ascii_digit() || *first == 0x1b)
        && memchr::memmem::find(line, b" spec").is_some()
        && std::str::from_utf8(line)
            .is_ok_and(|line| sums_up(&crate::ansi::plain_line(line)).is_some())
}

/// `Started` and a line of marks, or none: there are no specs then.
fn opens(lines: &[u8]) -> Preamble {
    let Some(rest) = lines.strip_prefix(b"Started") else { return Preamble::None };
    let blank = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    if blank == rest.len() {
        return if blank <= MOST_BLANK { Preamble::Maybe } else { Preamble::None };
    }
    if !rest[..blank].contains(&b'\n') {
        return Preamble::None;
    }
    let text = crate::text::verbatim::lossy(&rest[blank..]);
    let line = crate::ansi::plain_line(text.lines().next().unwrap_or_default());
    let marks = line.bytes().take(3).all(|mark| b".F*".contains(&mark));
    if marks && !line.is_empty() || line.trim_end() == "No specs found" {
        return Preamble::Is;
    }
    Preamble::None
}
