//! What TestNG prints, from level 1 of its verbosity on.
//!
//! * Ids are the names as they stand, from level 2 on. They come after the tests, so that they are told only where the totals agree:
//!   else a test has printed some of them, and results are a number.
//! * Configuration methods that failed are failures that are no tests. Attempts before the last one are no results.

use subunit_core::Status;

use crate::{
    Format,
    consoles::machine::{self, ConsoleRun, Grammar, ResultNumbers, SummaryCounts, number},
    format::{Row, Signs},
};

/// What TestNG prints.
pub(crate) const ROW: Row = Row {
    name: "testng",
    title: "the output of TestNG",
    signs: Signs {
        begins: &["Total tests run: "],
        midst: &["[TestNG] "],
        line: Some(tells),
        ..Signs::NONE
    },
    ..Row::console(machine::reader::<Testng>)
};

/// What the run is called where it fails on its own.
const SESSION: &str = "testng [configuration]";

/// So many names of configuration methods are kept, and so many bytes of all names and traces.
const MOST_METHODS: usize = 1000;
const MOST_BYTES: usize = 16 << 20;

const WORDS: [(&str, Option<Status>); 6] = [
    ("PASSED: ", Some(Status::Success)),
    ("FAILED: ", Some(Status::Fail)),
    ("SKIPPED: ", Some(Status::Skip)),
    ("RETRIED: ", None),
    ("FAILED CONFIGURATION: ", None),
    ("SKIPPED CONFIGURATION: ", None),
];

#[derive(Default)]
struct Testng {
    /// What was named, until the totals tell whether that can be.
    named: Vec<NamedResult>,
    numbers: ResultNumbers,
    /// How many bytes of names and traces are kept.
    kept: usize,
    /// Lines belong to the trace of the last one that was named.
    in_trace: bool,
    /// Configuration methods that failed.
    broken: Vec<String>,
    /// The totals have come, and perhaps how many configuration methods failed: a rule ends them.
    totals: Option<(ResultNumbers, u64)>,
}

struct NamedResult {
    id: String,
    status: Status,
    trace: String,
}

impl Grammar for Testng {
    const FORMAT: Format = Format::Testng;
    const TRAILERS: &'static [&'static str] = &[];

    fn line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if let Some(numbers) = totals(line) {
            self.totals = Some((numbers, 0));
            return false;
        }
        if let Some((numbers, failures)) = self.totals.take() {
            if line.starts_with("=====") {
                self.sums_up(numbers, run);
                if failures > 0 {
                    self.blame(failures, run);
                }
                return true;
            }
            if let Some(failures) = configuration(line) {
                self.totals = Some((numbers, failures));
                return false;
            }
        }
        if line.contains("[TestNG] ") {
            if run.has_ended() {
                run.start();
                *self = Self::default();
            }
            run.text();
            return true;
        }
        if let Some((status, name)) = word(line) {
            run.go_on();
            self.names(status, name, line);
            run.text();
            return true;
        }
        if line.is_empty() || line.starts_with("===") {
            self.in_trace = false;
        }
        if self.in_trace
            && let Some(last) = self.named.last_mut()
            && self.kept + line.len() < MOST_BYTES
        {
            self.kept += line.len() + 1;
            last.trace.push_str(line);
            last.trace.push('\n');
            return true;
        }
        false
    }

    fn holds(&self) -> bool {
        !self.named.is_empty()
    }

    fn end(&mut self, run: &mut ConsoleRun<'_, '_>) {
        // There was no total: what failed is told all the same, and no trace is lost.
        for named in self.named.drain(..) {
            if named.status == Status::Fail {
                run.explained(&named.id, named.status, named.trace.trim_end());
            } else {
                run.before(&named.trace);
            }
        }
    }
}

impl Testng {
    fn names(&mut self, status: Option<Status>, name: &str, line: &str) {
        self.in_trace = false;
        let Some(status) = status else {
            if line.starts_with("FAILED CONFIGURATION: ") && self.broken.len() < MOST_METHODS {
                self.broken.push(name.to_owned());
            }
            return;
        };
        self.numbers.add(status, 1);
        if self.kept + name.len() < MOST_BYTES {
            self.kept += name.len() + size_of::<NamedResult>();
            self.in_trace = true;
            self.named.push(NamedResult { id: name.to_owned(), status, trace: String::new() });
        }
    }

    fn sums_up(&mut self, numbers: ResultNumbers, run: &mut ConsoleRun<'_, '_>) {
        run.go_on();
        for named in self.named.drain(..) {
            if self.numbers.of(named.status) <= numbers.of(named.status) {
                run.explained(&named.id, named.status, named.trace.trim_end());
            } else if !named.trace.is_empty() {
                run.before(&named.trace);
            }
        }
        let broken = std::mem::take(&mut self.broken);
        *self = Self { broken, ..Self::default() };
        let failed = numbers.fail > 0;
        run.summary(SummaryCounts { numbers, failed, ..SummaryCounts::default() });
    }

    fn blame(&mut self, failures: u64, run: &mut ConsoleRun<'_, '_>) {
        let broken = std::mem::take(&mut self.broken);
        if broken.len() as u64 != failures {
            return run.beside(SESSION, &format!("{failures} configuration methods failed"));
        }
        for method in broken {
            run.beside(&method, "a configuration method failed");
        }
    }
}

fn word(line: &str) -> Option<(Option<Status>, &str)> {
    WORDS.iter().find_map(|(word, status)| Some((*status, line.strip_prefix(word)?)))
}

/// `Total tests run: 12, Passes: 4, Failures: 4, Skips: 3, Retries: 1`; before 7.0 without the passes.
fn totals(line: &str) -> Option<ResultNumbers> {
    let mut parts = line.strip_prefix("Total tests run: ")?.split(", ");
    let all = number(parts.next()?)?;
    let (mut numbers, mut passes, mut retries) = (ResultNumbers::default(), None, 0);
    let mut known = 0;
    for part in parts {
        let (word, count) = part.split_once(": ")?;
        let count = number(count)?;
        match word {
            "Passes" => passes = Some(count),
            "Failures" => numbers.fail = count,
            "Skips" => numbers.skip = count,
            "Retries" => retries = count,
            _ => return None,
        }
        known += u32::from(matches!(word, "Failures" | "Skips"));
    }
    if known != 2 {
        return None;
    }
    let rest = all.saturating_sub(numbers.total()).saturating_sub(retries);
    numbers.success = passes.unwrap_or(rest);
    Some(numbers)
}

/// `Configuration Failures: 1, Skips: 0`
fn configuration(line: &str) -> Option<u64> {
    number(line.strip_prefix("Configuration Failures: ")?.split_once(", ")?.0)
}

fn tells(line: &[u8]) -> bool {
    memchr::memmem::find(line, b"[TestNG] Running:").is_some()
        || line.starts_with(b"Total tests run: ")
            && std::str::from_utf8(line).is_ok_and(|line| totals(line).is_some())
}
