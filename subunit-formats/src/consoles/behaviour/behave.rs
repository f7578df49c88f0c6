//! What behave prints.
//!
//! * Ids are `file > scenario`. Only those that failed are named, in lists at the end; the rest is a number.
//! * A scenario with an undefined or pending step has failed. Scenarios that were not chosen are skipped.

use subunit_core::Status;

use crate::{
    Format,
    consoles::machine::{
        self, ConsoleRun, Grammar, NamesOf, ResultNumbers, SummaryCounts, count_of, number,
    },
    format::{Row, Signs},
};

/// What behave prints.
pub(crate) const ROW: Row = Row {
    name: "behave",
    title: "the output of behave",
    signs: Signs {
        begins: &["USING RUNNER: behave"],
        midst: &[" passed, "],
        line: Some(tells),
        ..Signs::NONE
    },
    ..Row::console(machine::reader::<Behave>)
};

#[derive(Default)]
struct Behave {
    /// The scenarios that failed are listed.
    lists: bool,
}

impl Grammar for Behave {
    const FORMAT: Format = Format::Behave;
    const TRAILERS: &'static [&'static str] = &[
        "Took ",
        "You can implement step definitions",
        "from behave",
        "@",
        "def step_impl",
        "    raise ",
    ];

    fn line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if line.starts_with("USING RUNNER: behave") {
            run.start();
        } else if matches!(line, "Failing scenarios:" | "Errored scenarios:") {
            self.lists = true;
        } else if let Some(id) = listed(line).filter(|_| self.lists) {
            run.hold(&id, Status::Fail);
        } else if let Some(numbers) = counts(line, "scenario") {
            self.lists = false;
            // What was not chosen is called skipped: where there is nothing else, nothing ran.
            let ran = numbers.total() > numbers.skip;
            let numbers = if ran { numbers } else { ResultNumbers::default() };
            let names = NamesOf::Failures;
            run.summary(SummaryCounts { numbers, names, ..SummaryCounts::default() });
            return true;
        } else if counts(line, "step").is_none() {
            self.lists &= line.is_empty();
            return false;
        }
        run.text();
        true
    }
}

/// `  features/w.feature:9  fails <b>`: the id.
fn listed(line: &str) -> Option<String> {
    let (place, name) = line.strip_prefix("  ")?.split_once("  ")?;
    let (file, row) = place.rsplit_once(':')?;
    number(row)?;
    Some(format!("{file} > {}", name.trim_end()))
}

/// `4 scenarios passed, 2 failed, 2 error, 1 skipped`
fn counts(line: &str, what: &str) -> Option<ResultNumbers> {
    let mut numbers = ResultNumbers::default();
    for (nth, part) in line.split(", ").enumerate() {
        let (count, words) = count_of(part)?;
        let word = if nth == 0 {
            let word = words.strip_prefix(what)?;
            word.strip_prefix('s').unwrap_or(word).strip_prefix(' ')?
        } else {
            words
        };
        let status = match word {
            "passed" => Status::Success,
            "skipped" | "untested" => Status::Skip,
            _ => Status::Fail,
        };
        numbers.add(status, count);
    }
    line.contains(" passed, ").then_some(numbers)
}

/// Whether a line is behave's own.
fn tells(line: &[u8]) -> bool {
    line.starts_with(b"USING RUNNER: behave")
        || line.first().is_some_and(u8::is_ascii_digit)
            && memchr::memmem::find(line, b" passed, ").is_some()
            && std::str::from_utf8(line).is_ok_and(|line| {
                ["feature", "scenario"].iter().any(|what| counts(line, what).is_some())
            })
}
