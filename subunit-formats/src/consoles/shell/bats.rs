//! What bats prints with its formatter `pretty`.
//!
//! * Ids are `file: name`. Each test has a line, after cursor movements that overwrite another.

use subunit_core::Status;

use crate::{
    Format,
    consoles::machine::{
        self, ConsoleRun, Grammar, ResultNumbers, SummaryCounts, count_of, number, strip_last,
    },
    format::{Row, Signs},
};

/// What bats prints with its formatter `pretty`.
pub(crate) const ROW: Row = Row {
    name: "bats",
    title: "the output of bats",
    signs: Signs { line: Some(tells), ..Signs::NONE },
    ..Row::console(machine::reader::<Bats>)
};

/// What the run is called where it fails on its own.
const SESSION: &str = "bats [session]";

#[derive(Default)]
struct Bats {
    file: String,
    id: String,
    /// The test that has failed last: its block may come.
    failed: bool,
    /// The test that runs, where the terminal is told so.
    running: String,
    tells_running: bool,
    /// A warning has told that tests did not run.
    warned: bool,
}

impl Grammar for Bats {
    const FORMAT: Format = Format::Bats;
    const TRAILERS: &'static [&'static str] = &[];

    fn line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if let Some((numbers, all, not_run)) = counts(line) {
            self.sums_up(numbers, all, not_run, run);
            return true;
        }
        if let Some(warning) = line.strip_prefix("   bats warning: ") {
            self.warned = true;
            run.beside(SESSION, warning);
            return true;
        }
        if line.ends_with(".bats") && !line.starts_with(' ') {
            self.file.clear();
            self.file.push_str(line);
            run.text();
            return true;
        }
        if let Some(name) = running(run.raw()) {
            self.tells_running = true;
            self.running.clear();
            self.running.push_str(&name);
        }
        let text = line.trim_start();
        let status = text.chars().next().and_then(status);
        let Some(status) = status.filter(|_| line.starts_with(' ') && !line.starts_with("  "))
        else {
            if self.failed && line.starts_with("   ") {
                run.detail(&self.id);
                return true;
            }
            return false;
        };
        let Some((_, name)) = text.split_once(' ') else { return false };
        self.result(status, name, run)
    }
}

impl Bats {
    fn sums_up(
        &self,
        mut numbers: ResultNumbers,
        all: u64,
        not_run: u64,
        run: &mut ConsoleRun<'_, '_>,
    ) {
        if not_run > 0 && !self.warned {
            run.beside(SESSION, &format!("{not_run} not run"));
        }
        numbers.success = all.saturating_sub(numbers.total()).saturating_sub(not_run);
        run.summary(SummaryCounts { numbers, failed: not_run > 0, ..SummaryCounts::default() });
    }

    fn result(&mut self, status: Status, name: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        // `-T` adds how many milliseconds it took.
        let (name, took) = match strip_last(name, " [", "]") {
            Some((name, ms)) if number(ms).is_some() || ms.is_empty() => (name, number(ms)),
            _ => (name, None),
        };
        let (name, reason) = match status {
            Status::Skip => strip_last(name, " (skipped", ")").unwrap_or((name, "")),
            _ => (name, ""),
        };
        // A line of another test was printed by the one that runs.
        if self.tells_running && self.running != name {
            return false;
        }
        self.running.clear();
        self.failed = false;
        self.id.clear();
        if !self.file.is_empty() {
            self.id.push_str(&self.file);
            self.id.push_str(": ");
        }
        self.id.push_str(name);
        run.took(took.map(|ms| ms as f64 / 1000.0));
        if status == Status::Fail {
            run.hold(&self.id, status);
            self.failed = true;
        } else {
            run.explained(&self.id, status, reason.trim_start_matches(": "));
        }
        true
    }
}

/// The name of the test that runs now: the last one that is written, to be overwritten by its result.
fn running(raw: &[u8]) -> Option<String> {
    const BEGIN: &[u8] = b"\x1b[1G   ";
    let at = memchr::memmem::rfind(raw, BEGIN)? + BEGIN.len();
    let name = &raw[at..];
    let end = memchr::memmem::find(name, b"\x1b[K")?;
    Some(String::from_utf8_lossy(&name[..end]).into_owned())
}

fn status(mark: char) -> Option<Status> {
    Some(match mark {
        '\u{2713}' => Status::Success,
        '\u{2717}' => Status::Fail,
        '-' => Status::Skip,
        _ => return None,
    })
}

/// `9 tests, 2 failures, 2 skipped, 1 not run in 3 seconds`: the results, all tests, and those that did not run.
fn counts(line: &str) -> Option<(ResultNumbers, u64, u64)> {
    let line = line.split_once(" in ").map_or(line, |(counts, _)| counts);
    let (mut numbers, mut all, mut not_run, mut failures) =
        (ResultNumbers::default(), None, 0, None);
    for part in line.split(", ") {
        let (count, word) = count_of(part)?;
        match word {
            "test" | "tests" => all = Some(count),
            "failure" | "failures" => failures = Some(count),
            "skipped" => numbers.skip = count,
            "not run" => not_run = count,
            _ => return None,
        }
    }
    numbers.fail = failures?;
    Some((numbers, all?, not_run))
}

fn tells(line: &[u8]) -> bool {
    // Cursor movements in front of a name, or the file in colours. The counts alone are those of ExUnit, too.
    if line.first() != Some(&0x1b) {
        return false;
    }
    let plain = crate::ansi::plain(line);
    plain.trim_end().ends_with(".bats") && !plain.starts_with(' ')
}
