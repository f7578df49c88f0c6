//! What cucumber prints: of JavaScript, Ruby and Java, with its summary.
//!
//! * Ids are `file > scenario`. Only those that failed, or were run again, are named; the rest is a number.
//! * Undefined, pending and ambiguous scenarios have failed.

use std::collections::BTreeSet;

use subunit_core::Status;

use crate::{
    Format,
    consoles::machine::{
        self, ConsoleRun, Grammar, NamesOf, ResultNumbers, SummaryCounts, count_of, number,
        strip_last,
    },
    format::{Row, Signs},
};

/// What cucumber prints.
pub(crate) const ROW: Row = Row {
    name: "cucumber",
    title: "the output of cucumber",
    signs: Signs {
        midst: &[") Scenario: ", " scenario", " Scenario"],
        line: Some(tells),
        ..Signs::NONE
    },
    ..Row::console(machine::reader::<Cucumber>)
};

#[derive(Default)]
struct Cucumber {
    /// Whose block this is.
    block: String,
    /// Scenarios that were run again and have not failed in the end.
    flaky: BTreeSet<String>,
    /// The scenarios that failed are listed, without blocks.
    lists: bool,
}

impl Grammar for Cucumber {
    const FORMAT: Format = Format::Cucumber;
    const TRAILERS: &'static [&'static str] = &[];

    fn line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if let Some(item) = item(line) {
            self.item(&item, run);
            return true;
        }
        if matches!(line, "Failing Scenarios:" | "Failed scenarios:" | "Failed Scenarios:") {
            self.lists = true;
            return false;
        }
        if let Some(id) = listed(line).filter(|_| self.lists) {
            run.hold(&id, Status::Fail);
            run.text();
            return true;
        }
        if let Some(numbers) = counts(line) {
            for id in std::mem::take(&mut self.flaky) {
                run.result(&id, Status::Success);
            }
            let names = NamesOf::Failures;
            run.summary(SummaryCounts { numbers, names, ..SummaryCounts::default() });
            *self = Self::default();
            return true;
        }
        if run.has_ended() && is_behind(line) {
            run.text();
            return true;
        }
        if (line.is_empty() || line.starts_with("   ")) && run.in_block(&self.block) {
            return true;
        }
        self.block.clear();
        false
    }
}

impl Cucumber {
    fn item(&mut self, item: &Item, run: &mut ConsoleRun<'_, '_>) {
        self.block.clear();
        if item.is_retried {
            run.retried(&item.id);
            if !run.is_held(&item.id) {
                self.flaky.insert(item.id.clone());
            }
            run.text();
            return;
        }
        self.flaky.remove(&item.id);
        run.hold(&item.id, Status::Fail);
        run.detail(&item.id);
        self.block.push_str(&item.id);
    }
}

/// A scenario that is told at the end.
struct Item {
    id: String,
    /// It was run again after this.
    is_retried: bool,
}

/// `1) Scenario: fails <b> (attempt 1, retried) # features/w.feature:9`
fn item(line: &str) -> Option<Item> {
    let (nth, rest) = line.split_once(") Scenario: ")?;
    number(nth)?;
    let (name, place) = rest.rsplit_once(" # ")?;
    let (file, row) = place.rsplit_once(':')?;
    number(row)?;
    let (name, attempt) = strip_last(name, " (attempt ", ")").unwrap_or((name, ""));
    Some(Item { id: format!("{file} > {name}"), is_retried: attempt.ends_with(", retried") })
}

/// `cucumber features/w.feature:9 # Scenario: fails`, `file:///src/w.feature:9 # fails`
fn listed(line: &str) -> Option<String> {
    let (place, name) = line.split_once(" # ")?;
    let place = place.rsplit(' ').next()?;
    let (file, row) = place.rsplit_once(':')?;
    number(row)?;
    Some(format!("{file} > {}", name.strip_prefix("Scenario: ").unwrap_or(name)))
}

/// `9 scenarios (2 failed, 1 undefined, 1 pending, 1 skipped, 4 passed)`
fn counts(line: &str) -> Option<ResultNumbers> {
    let (count, rest) = count_of(line)?;
    let mut numbers = ResultNumbers::default();
    let rest = rest.strip_prefix("scenario").or_else(|| rest.strip_prefix("Scenario"))?;
    let rest = rest.strip_prefix('s').unwrap_or(rest);
    if rest.is_empty() && count == 0 {
        return Some(numbers);
    }
    for part in rest.strip_prefix(" (")?.strip_suffix(')')?.split(", ") {
        let (count, word) = count_of(part)?;
        let status = match word {
            "passed" => Status::Success,
            "skipped" => Status::Skip,
            "failed" | "undefined" | "pending" | "ambiguous" | "unknown" => Status::Fail,
            _ => return None,
        };
        numbers.add(status, count);
    }
    (numbers.total() == count).then_some(numbers)
}

/// `19 steps (2 failed, 17 passed)`, `0m00.018s (executing steps: 0m00.002s)`
fn is_behind(line: &str) -> bool {
    let of_steps = count_of(line).is_some_and(|(_, what)| {
        what.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("step"))
    });
    let minutes = line.split_once('m').is_some_and(|(minutes, rest)| {
        number(minutes).is_some() && rest.starts_with(|it: char| it.is_ascii_digit())
    });
    of_steps || minutes
}

/// Whether a line is cucumber's own.
fn tells(line: &[u8]) -> bool {
    line.first().is_some_and(u8::is_ascii_digit)
        && memchr::memmem::find(line, b"cenario").is_some()
        && std::str::from_utf8(line)
            .is_ok_and(|line| item(line).is_some() || counts(line).is_some())
}
