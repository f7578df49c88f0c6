//! What pytest prints: by default, with `-v`, `-q` and `-r`, and with the workers of pytest-xdist.
//!
//! * Ids are pytest's node ids. With `-v` every test has a line; without, those have names that `short test summary info`
//!   names. Dots are compared with the summary, and so is the number of tests that were collected.
//! * A failed set-up is a failure of its test. A failed tear-down is one more, `ID (teardown)`, and so is a subtest,
//!   `ID (i=1)`, and a file that could not be collected: none of them can be run by itself.
//! * A test that is run again has attempts where lines name it.
//! * Tracebacks are text; the message of the short summary is the reason.

mod line;

use subunit_core::Status;

use self::line::{
    OutcomeWord, ending, id_and_message, letter, letters, planned, take_id, tells, title, with_end,
    without_progress, word_status,
};
use crate::{
    Format,
    consoles::machine::{self, ConsoleRun, Grammar, SummaryCounts, number},
    format::{Row, Signs},
};

/// What pytest prints.
pub(crate) const ROW: Row = Row {
    name: "pytest",
    title: "the output of pytest",
    signs: Signs { line: Some(tells), begins: &["===="], ..Signs::NONE },
    ..Row::console(machine::reader::<Pytest>)
};

/// What the session is called where it fails on its own.
const SESSION: &str = "pytest [session]";

/// So many workers are told apart.
const MOST_WORKERS: usize = 1024;

/// The part of the output that a line is in.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Section {
    /// Tests run.
    #[default]
    Tests,
    /// Errors beside tests, one block each.
    Errors,
    /// Failures and other blocks.
    Blocks,
    /// The names of tests that did not pass.
    Names,
}

/// Where an error happened.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    Setup,
    Teardown,
    Collect,
}

#[derive(Default)]
struct Pytest {
    section: Section,
    /// Every test has a line.
    verbose: bool,
    /// Tests run in workers: lines of several mix.
    workers: bool,
    /// The last test that each worker has ended.
    last: Vec<(String, String)>,
    /// What the blocks of errors say, and how many of them have had their names.
    errors: Vec<Phase>,
    errors_named: usize,
    /// Failures that are no tests, which the summary counts as failures.
    beside: u64,
}

impl Grammar for Pytest {
    const FORMAT: Format = Format::Pytest;
    const TRAILERS: &'static [&'static str] = &[];

    fn line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if let Some(title) = title(line, '=') {
            return self.title(title, line, run);
        }
        if let Some(says) = self.sums_up(line) {
            run.summary(says);
            return true;
        }
        if let Some(why) = title(line, '!') {
            return stopped(why, run);
        }
        if let Some(reason) = line.strip_prefix("ERROR: ")
            && run.has_ended()
        {
            run.beside(SESSION, reason);
            return true;
        }
        match self.section {
            Section::Tests => self.test_line(line, run),
            Section::Names => self.named(line, run),
            Section::Errors => self.error(line, run),
            Section::Blocks => false,
        }
    }
}

impl Pytest {
    fn title(&mut self, title: &str, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if title == "test session starts" {
            *self = Self::default();
            run.start();
            run.text();
            return true;
        }
        self.section = match title {
            "ERRORS" => Section::Errors,
            "FAILURES" | "PASSES" | "XPASSES" | "warnings summary" => Section::Blocks,
            "short test summary info" => Section::Names,
            _ => match self.sums_up(line) {
                Some(says) => {
                    run.summary(says);
                    return true;
                }
                None => return false,
            },
        };
        run.text();
        true
    }

    /// What the line sums up, without the failures that are no tests.
    fn sums_up(&self, line: &str) -> Option<SummaryCounts> {
        let mut says = line::sums_up(line)?;
        says.numbers.fail = says.numbers.fail.saturating_sub(self.beside);
        Some(says)
    }

    fn test_line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if let Some(rest) = line.strip_prefix("[gw") {
            return self.of_worker(rest, run);
        }
        if line.contains("::") && !line.starts_with(' ') || run.current().is_some() {
            return self.verbose_line(line, run);
        }
        if let Some(letters) = letters(line) {
            letters.chars().filter_map(letter).for_each(|status| run.mark(status));
            run.text();
            return true;
        }
        self.workers |= line.starts_with("scheduling tests via ")
            || line.contains(" workers [") && line.ends_with(" items]");
        if let Some(planned) = planned(line) {
            run.plan(planned);
        }
        if let Some(reason) = line.strip_prefix("INTERNALERROR> ")
            && reason.starts_with("Traceback")
        {
            run.beside(SESSION, "INTERNALERROR");
        }
        false
    }

    /// `[gw0] [ 50%] PASSED ID `, without the first three bytes.
    fn of_worker(&mut self, rest: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        let Some((worker, rest)) = rest.split_once("] ") else { return false };
        let rest = match rest.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
            Some((_, rest)) => rest,
            None => rest,
        };
        let Some((word, id)) = rest.trim_end().split_once(' ') else { return false };
        if number(worker).is_none() || !id.contains("::") {
            return false;
        }
        self.workers = true;
        let Some(status) = word_status(word) else { return word.starts_with("SUB") };
        self.result(worker, id, status, "", run);
        true
    }

    /// `ID PASSED [ 9%]`, `ID output that ends withPASSED`, `ID `, or the end of a test whose line was broken by output.
    fn verbose_line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        let line = without_progress(line).trim_end();
        let (named, rest) = take_id(line).unwrap_or(("", line));
        let current = run.current();
        let runs_on = current.is_some();
        let is_current = current.is_some_and(|current| named.is_empty() || named == current);
        let is_other = runs_on && !is_current;
        let rest = if is_other { line } else { rest };
        let Some((output, word, status, reason)) = ending(rest) else {
            if is_other || named.is_empty() || self.workers {
                return false;
            }
            if !runs_on {
                run.begin(named);
            }
            run.before(&with_end(rest.trim_start()));
            return true;
        };
        // A line of another test is output of the one that runs, and so is a word in its midst.
        if is_other || named.is_empty() && !is_current || word.starts_with("SUB") {
            return false;
        }
        run.before(output.trim_start());
        if named.is_empty() {
            let id = run.current().unwrap_or_default().to_owned();
            self.result("", &id, status, reason, run);
        } else {
            self.result("", named, status, reason, run);
        }
        true
    }

    fn result(
        &mut self,
        worker: &str,
        id: &str,
        ended: OutcomeWord,
        reason: &str,
        run: &mut ConsoleRun<'_, '_>,
    ) {
        self.verbose = true;
        let last = self.last.iter().position(|(name, _)| name == worker);
        let last = last.and_then(|at| self.last.get_mut(at));
        let again = last.as_ref().is_some_and(|(_, before)| before == id);
        match ended {
            OutcomeWord::Rerun => run.retried(id),
            OutcomeWord::Error if again => {
                self.beside += 1;
                run.beside(&format!("{id} (teardown)"), "the tear-down failed");
            }
            OutcomeWord::Error | OutcomeWord::As(Status::Fail) => run.hold(id, Status::Fail),
            OutcomeWord::As(status) => run.explained(id, status, reason),
        }
        let now = if ended == OutcomeWord::Rerun { "" } else { id };
        if let Some((_, before)) = last {
            before.clear();
            before.push_str(now);
        } else if self.last.len() < MOST_WORKERS {
            self.last.push((worker.to_owned(), now.to_owned()));
        }
    }

    /// A line of `short test summary info`.
    fn named(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        let Some((word, rest)) = line.split_once(' ') else { return false };
        let (id, reason) = id_and_message(rest);
        match word {
            "FAILED" if run.is_held(id) => run.reason(id, reason),
            "FAILED" => run.explained(id, Status::Fail, reason),
            "ERROR" => self.error_named(id, reason, run),
            "PASSED" | "XPASS" if !self.verbose => run.explained(id, Status::Success, reason),
            "XFAIL" if !self.verbose => run.explained(id, Status::ExpectedFailure, reason),
            _ => match word.strip_prefix("SUBFAILED") {
                Some(of) => {
                    self.beside += 1;
                    run.beside(&format!("{id} {of}"), reason);
                }
                None => return false,
            },
        }
        true
    }

    fn error_named(&mut self, id: &str, reason: &str, run: &mut ConsoleRun<'_, '_>) {
        let phase = self.errors.get(self.errors_named).copied();
        self.errors_named += 1;
        let is_test = id.contains("::");
        match phase {
            _ if !is_test => {
                self.beside += 1;
                run.beside(id, reason);
            }
            Some(Phase::Teardown) if self.verbose => {}
            Some(Phase::Teardown | Phase::Collect) => {
                self.beside += 1;
                run.beside(&format!("{id} (teardown)"), reason);
            }
            _ if run.is_held(id) => run.reason(id, reason),
            _ => run.explained(id, Status::Fail, reason),
        }
    }

    /// A line of the section of errors.
    fn error(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        let Some(title) = title(line, '_') else { return false };
        let phase = match title.strip_prefix("ERROR ") {
            Some(title) if title.starts_with("at setup of ") => Phase::Setup,
            Some(title) if title.starts_with("at teardown of ") => Phase::Teardown,
            Some(title) if title.starts_with("collecting ") => Phase::Collect,
            _ => return false,
        };
        self.errors.push(phase);
        run.text();
        true
    }
}

/// `!!!! KeyboardInterrupt !!!!`
fn stopped(why: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
    if !why.contains("stopping after ") {
        run.beside(SESSION, why);
    }
    run.text();
    true
}
