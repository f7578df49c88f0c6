//! What RSpec prints, with the formatters `progress` and `documentation`.
//!
//! * It is known by its end: examples that passed are a number. Those that failed are named after the summary, by their
//!   places, which RSpec takes to run them.
//! * Errors outside of examples are failures that are no tests.

use subunit_core::Status;

use crate::{
    Format,
    consoles::machine::{self, ConsoleRun, Grammar, ResultNumbers, SummaryCounts, count_of},
    format::{Row, Signs},
};

/// What RSpec prints.
pub(crate) const ROW: Row = Row {
    name: "rspec",
    title: "the output of RSpec",
    signs: Signs { begins: &["Finished in "], line: Some(tells), ..Signs::NONE },
    ..Row::console(machine::reader::<Rspec>)
};

/// What the run is called where it fails on its own.
const OUTSIDE: &str = "rspec [outside of examples]";

#[derive(Default)]
struct Rspec {
    /// The line before said how long all took: the summary follows.
    finished: bool,
}

impl Grammar for Rspec {
    const FORMAT: Format = Format::Rspec;
    const TRAILERS: &'static [&'static str] = &[
        "Failed examples:",
        "Randomized with seed ",
        "Coverage report generated",
        "Line Coverage",
        "Branch Coverage",
        "Stopped processing SimpleCov",
    ];

    fn line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        let finished = std::mem::replace(&mut self.finished, is_finish(line));
        if finished && let Some((says, outside)) = sums_up(line) {
            run.summary(says);
            if outside > 0 {
                run.beside(OUTSIDE, line);
            }
            return true;
        }
        if run.has_ended()
            && let Some((place, name)) =
                line.strip_prefix("rspec ").and_then(|rest| rest.split_once(" # "))
        {
            run.list(place.trim_matches('\''), name);
            return true;
        }
        false
    }
}

/// `Finished in 0.79441 seconds (files took 1.01 seconds to load)`
fn is_finish(line: &str) -> bool {
    line.starts_with("Finished in ") && line.contains(" (files took ")
}

/// `21 examples, 11 failures, 4 pending, 1 error occurred outside of examples`
fn sums_up(line: &str) -> Option<(SummaryCounts, u64)> {
    let (mut all, mut failures) = (None, None);
    let (mut numbers, mut outside) = (ResultNumbers::default(), 0);
    for part in line.split(", ") {
        let (count, word) = count_of(part)?;
        match word {
            "example" | "examples" => all = Some(count),
            "failure" | "failures" => failures = Some(count),
            "pending" => numbers.add(Status::Skip, count),
            _ if word.ends_with(" outside of examples") => outside = count,
            _ => return None,
        }
    }
    numbers.fail = failures?;
    numbers.success = all?.saturating_sub(numbers.total());
    let failed = numbers.fail + outside > 0;
    Some((SummaryCounts { numbers, failed, ..SummaryCounts::default() }, outside))
}

fn tells(line: &[u8]) -> bool {
    line.starts_with(b"Finished in ") && memchr::memmem::find(line, b" (files took ").is_some()
}
