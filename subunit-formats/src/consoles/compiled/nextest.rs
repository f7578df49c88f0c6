//! What `cargo nextest run` prints.
//!
//! * Ids are `binary::test`, as with `cargo test`. Attempts are told where a test was tried more than once.
//! * What is indented is output of the tests that failed, and is text.

use subunit_core::{Status, run::counted};

use crate::{
    Format,
    consoles::machine::{
        self, ConsoleRun, Grammar, NamesOf, ResultNumbers, SummaryCounts, count_of, number, seconds,
    },
    format::{Row, Signs},
};

/// What `cargo nextest run` prints.
pub(crate) const ROW: Row = Row {
    name: "nextest",
    title: "the output of cargo nextest",
    signs: Signs { begins: &[" Nextest run ID "], line: Some(tells), ..Signs::NONE },
    ..Row::console(machine::reader::<Nextest>)
};

/// What the run is called where it fails on its own.
const SESSION: &str = "nextest [session]";

#[derive(Default)]
struct Nextest {
    id: String,
}

impl Grammar for Nextest {
    const FORMAT: Format = Format::Nextest;
    const TRAILERS: &'static [&'static str] = &["warning: ", "error: ", " "];

    fn line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if line.starts_with(" Nextest run ID ") {
            run.start();
            run.text();
            return true;
        }
        if run.has_ended() {
            // The failures are told again.
            if result(line).is_some() {
                run.text();
                return true;
            }
            return false;
        }
        if let Some(rest) = line.strip_prefix("     Summary [") {
            let Some((says, cut_short)) = sums_up(rest) else { return false };
            if let Some(why) = cut_short {
                run.beside(SESSION, &why);
            }
            run.summary(says);
            return true;
        }
        let Some((word, seconds, id)) = result(line) else { return false };
        self.id.clear();
        let (binary, name) = id.split_once(' ').unwrap_or(("", id));
        self.id.push_str(binary);
        self.id.push_str("::");
        self.id.push_str(name);
        self.result(word, seconds, run)
    }
}

impl Nextest {
    fn result(&mut self, word: &str, took: Option<f64>, run: &mut ConsoleRun<'_, '_>) -> bool {
        if let Some(attempt) = word.strip_prefix("TRY ") {
            let Some((attempt, word)) = attempt.split_once(' ') else { return false };
            if number(attempt).is_none() || word == "SLOW" {
                return false;
            }
            if matches!(word, "PASS" | "LEAK") {
                run.took(took);
                run.result(&self.id, Status::Success);
            } else {
                run.retried(&self.id);
            }
            return true;
        }
        let status = match word {
            "PASS" | "LEAK" => Status::Success,
            "FAIL" | "TIMEOUT" | "ABORT" | "LEAK-FAIL" | "XFAIL" => Status::Fail,
            _ if word.starts_with("SIG") => Status::Fail,
            _ => return false,
        };
        run.took(took);
        let reason = if matches!(word, "PASS" | "FAIL") { "" } else { word };
        let reason = if status == Status::Fail { reason } else { "" };
        run.explained(&self.id, status, reason);
        true
    }
}

/// `        PASS [   0.011s] ( 3/11) shop tests::passes`: the word, the time, and the id.
fn result(line: &str) -> Option<(&str, Option<f64>, &str)> {
    // Words end in column 12; what is indented otherwise is output.
    let (word, rest) = line.split_once(" [")?;
    if word.chars().count() != 12 {
        return None;
    }
    let (time, rest) = rest.split_once("] ")?;
    let id = match rest.strip_prefix('(') {
        Some(rest) => rest.split_once(") ")?.1,
        None => rest,
    };
    let took = seconds(time.trim().trim_start_matches('>'));
    let word = word.trim_start();
    (took.is_some() && word.starts_with(|first: char| first.is_ascii_uppercase())).then_some((
        word,
        took,
        id.trim_start(),
    ))
}

/// `0.335s] 11 tests run: 5 passed (1 flaky, 1 leaky), 5 failed, 1 timed out, 1 skipped`
fn sums_up(rest: &str) -> Option<(SummaryCounts, Option<String>)> {
    let (_, counts) = rest.split_once("] ")?;
    let (run, parts) = counts.split_once(" run: ")?;
    let (of, what) = run.split_once(' ')?;
    if !what.starts_with("test") {
        return None;
    }
    let (ran, all) = of.split_once('/').unwrap_or((of, of));
    let (ran, all) = (number(ran)?, number(all)?);
    let mut numbers = ResultNumbers::default();
    let mut depth = 0_u32;
    let split = parts.split(|character| {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        character == ',' && depth == 0
    });
    for part in split {
        let (count, word) = count_of(part.trim())?;
        let word = word.split_once(" (").map_or(word, |(word, _)| word);
        match word {
            "passed" => numbers.success = count,
            "failed" | "timed out" | "exec failed" => numbers.add(Status::Fail, count),
            // They were not chosen.
            "skipped" => {}
            _ => return None,
        }
    }
    let cut_short = (ran < all).then(|| format!("{ran} of {} ran", counted(all, "test")));
    let names = NamesOf::All;
    let says = SummaryCounts { numbers, total: Some(ran), names, ..SummaryCounts::default() };
    Some((says, cut_short))
}

fn tells(line: &[u8]) -> bool {
    line.starts_with(b" Nextest run ID ")
        || line.starts_with(b"\x1b") && memchr::memmem::find(line, b"Nextest run ID ").is_some()
}
