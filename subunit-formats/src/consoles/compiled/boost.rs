//! What a program of Boost.Test prints.
//!
//! * Ids are `suite/case`. By default it names the cases that failed; with `--log_level=test_suite` all.
//! * Failures that a case expects are printed like others, and no line tells which they are. Where there are some, a case that
//!   may have failed as it should is a number.
//! * A case that is disabled is no result. Why another one did not run is told with `--log_level=test_suite` only.

use std::collections::HashMap;

use subunit_core::Status;

use crate::{
    Format,
    consoles::machine::{
        self, ConsoleRun, Grammar, NamesOf, ResultNumbers, SummaryCounts, count_of, seconds,
    },
    format::{Row, Signs},
};

/// What a program of Boost.Test prints.
pub(crate) const ROW: Row = Row {
    name: "boost",
    title: "the output of a program of Boost.Test",
    signs: Signs { begins: &["Running "], line: Some(tells), ..Signs::NONE },
    ..Row::console(machine::reader::<BoostTest>)
};

/// So many names of cases that failed are kept.
const MOST_NAMES: usize = 100_000;

/// So much is kept of why a case failed.
const MOST_REASON: usize = 4096;

#[derive(Default)]
struct BoostTest {
    /// How many cases are to run.
    planned: Option<u64>,
    /// Suites that have begun and not ended.
    suites: Vec<String>,
    /// The case that runs.
    case: String,
    /// Cases with errors, in their order.
    failed: Vec<String>,
    errors: HashMap<String, Errors>,
    /// Cases have lines where they begin and end.
    verbose: bool,
    /// Some did not run, without a line of their own.
    lost: bool,
    disabled: u64,
    /// The last line said that there are no errors: those that were printed are expected.
    no_errors: bool,
    /// The report that stands in place of the last line.
    report: Option<ResultNumbers>,
}

/// What is known of the errors of a case.
#[derive(Default)]
struct Errors {
    count: u64,
    /// One of them ended the case, so that it has failed whatever it expects.
    fatal: bool,
    reason: String,
}

impl Grammar for BoostTest {
    const FORMAT: Format = Format::Boost;
    const TRAILERS: &'static [&'static str] = &["  "];

    fn line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if self.report.is_some() && self.case.is_empty() && self.report_goes_on(line, run) {
            return true;
        }
        if let Some(planned) = plan(line)
            && (self.planned.is_none() || run.has_ended())
        {
            self.settle_rest(run);
            run.start();
            *self = Self { planned: Some(planned), ..Self::default() };
            run.text();
            return true;
        }
        if self.planned.is_none() {
            return false;
        }
        if self.case.is_empty()
            && let Some(expected) = end(line)
        {
            return self.sums_up(expected, run);
        }
        if self.case.is_empty() && line.starts_with("Test module \"") && line.ends_with(" with:") {
            self.report = Some(ResultNumbers::default());
            return false;
        }
        self.error(line, run) || self.frame(line, run)
    }

    fn holds(&self) -> bool {
        !self.failed.is_empty() || !self.case.is_empty()
    }

    fn end(&mut self, run: &mut ConsoleRun<'_, '_>) {
        self.settle_rest(run);
        if !self.case.is_empty() && !run.has_ended() {
            run.begin(&self.case);
        }
    }
}

impl BoostTest {
    /// `bt.cpp(11): error: in "suite/case": check a == b has failed`
    fn error(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        let found = [("): fatal error: in \"", true), ("): error: in \"", false)];
        let found = found.iter().find_map(|(mark, fatal)| Some((line.split_once(mark)?.1, *fatal)));
        let Some((rest, fatal)) = found else { return false };
        let Some((id, why)) = rest.split_once("\": ") else { return false };
        if !self.case.is_empty() && self.case != id {
            return false;
        }
        // A test has printed what looked like the last line.
        run.take_back();
        if !self.errors.contains_key(id) {
            if self.failed.len() >= MOST_NAMES {
                return false;
            }
            self.failed.push(id.to_owned());
        }
        let errors = self.errors.entry(id.to_owned()).or_default();
        errors.count += 1;
        errors.fatal |= fatal;
        if errors.reason.is_empty() && why.len() < MOST_REASON {
            errors.reason.push_str(why);
        }
        run.text();
        true
    }

    /// Where cases and suites begin and end, and what is skipped.
    fn frame(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if let Some((_, rest)) =
            line.split_once("): Entering test ").filter(|_| self.case.is_empty())
        {
            if let Some(suite) = quoted(rest, "suite \"", "\"") {
                self.suites.push(suite.to_owned());
            } else if let Some(case) = quoted(rest, "case \"", "\"") {
                self.verbose = true;
                self.case = self.path(case);
            } else {
                return false;
            }
        } else if let Some((_, rest)) = line.split_once("): Leaving test ") {
            if let Some(suite) = quoted(rest, "suite \"", "\"; testing time: ")
                && self.case.is_empty()
                && self.suites.last().is_some_and(|last| last == suite)
            {
                self.suites.pop();
            } else if let Some(case) = quoted(rest, "case \"", "\"; testing time: ")
                && self.case == self.path(case)
            {
                self.case_ends(rest, run);
            } else {
                return false;
            }
        } else if let Some((case, why)) = skipped(line, "case").filter(|_| self.case.is_empty()) {
            if why == "disabled" {
                self.disabled += 1;
            } else {
                let id = self.path(case);
                run.take_back();
                run.explained(&id, Status::Skip, why);
                return true;
            }
        } else if let Some((_, why)) = skipped(line, "suite").filter(|_| self.case.is_empty()) {
            self.lost |= why != "disabled";
        } else {
            return false;
        }
        run.text();
        true
    }

    fn case_ends(&mut self, rest: &str, run: &mut ConsoleRun<'_, '_>) {
        let took = rest.rsplit_once("testing time: ").and_then(|(_, took)| seconds(took));
        let id = std::mem::take(&mut self.case);
        if !self.errors.contains_key(&id) {
            run.take_back();
            run.took(took);
            run.result(&id, Status::Success);
        }
    }

    /// Tells the cases that have failed for sure, where so many failures are expected. How many may have failed as they should,
    /// and how many did fail.
    fn settle(&mut self, expected: u64, run: &mut ConsoleRun<'_, '_>) -> (u64, u64) {
        let (mut unsure, mut sure) = (0, 0);
        for id in self.failed.drain(..) {
            let Some(errors) = self.errors.remove(&id) else { continue };
            if !errors.fatal && errors.count <= expected {
                unsure += 1;
                continue;
            }
            sure += 1;
            run.list(&id, &errors.reason);
        }
        (unsure, sure)
    }

    /// The run is over: tells what failed and is not told.
    fn settle_rest(&mut self, run: &mut ConsoleRun<'_, '_>) {
        if !(self.no_errors && run.has_ended()) {
            self.settle(0, run);
        }
    }

    /// The last line, which says how many failures are expected.
    fn sums_up(&mut self, expected: Option<u64>, run: &mut ConsoleRun<'_, '_>) -> bool {
        let Some(planned) = self.planned else { return false };
        let skip = run.named().skip;
        let Some(expected) = expected else {
            // Where a case has failed for sure, a test has printed this. Otherwise all failures were expected.
            if self.errors.values().any(|errors| errors.fatal) {
                return false;
            }
            self.no_errors = true;
            let numbers = ResultNumbers {
                success: planned.saturating_sub(skip),
                skip,
                ..ResultNumbers::default()
            };
            // Where errors were printed, a test may have printed this.
            let agrees = self.failed.is_empty();
            run.amend(SummaryCounts { numbers, agrees, ..SummaryCounts::default() });
            return true;
        };
        self.no_errors = false;
        let (unsure, sure) = self.settle(expected, run);
        let fail = (run.named().fail).saturating_add(unsure.saturating_sub(expected));
        let success = planned.saturating_sub(fail).saturating_sub(skip);
        let all = self.verbose && unsure == 0 && !self.lost && sure > 0;
        let names = if all { NamesOf::All } else { NamesOf::Some };
        let numbers = ResultNumbers { success, fail, skip, ..ResultNumbers::default() };
        run.amend(SummaryCounts { numbers, failed: true, names, ..SummaryCounts::default() });
        true
    }

    /// `  7 test cases out of 21 passed`, `  1 expected failure`
    fn report_goes_on(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if let Some((expected, what)) = line.strip_prefix("  ").and_then(count_of)
            && what.starts_with("expected failure")
        {
            self.settle(expected, run);
            return false;
        }
        let Some(mut numbers) = self.report.and_then(|numbers| counts(line, numbers)) else {
            return false;
        };
        self.report = Some(numbers);
        numbers.skip = numbers.skip.saturating_sub(self.disabled);
        let failed = numbers.fail > 0;
        run.amend(SummaryCounts { numbers, failed, ..SummaryCounts::default() });
        true
    }

    fn path(&self, case: &str) -> String {
        let mut path = self.suites.join("/");
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(case);
        path
    }
}

fn quoted<'l>(text: &'l str, open: &str, close: &str) -> Option<&'l str> {
    let rest = text.strip_prefix(open)?;
    Some(rest.rsplit_once(close)?.0)
}

/// `bt.cpp(14): Test case "disabled" is skipped because disabled`
fn skipped<'l>(line: &'l str, what: &str) -> Option<(&'l str, &'l str)> {
    let (_, rest) = line.split_once("): Test ")?;
    rest.strip_prefix(what)?.strip_prefix(" \"")?.split_once("\" is skipped because ")
}

/// `Running 18 test cases...`
fn plan(line: &str) -> Option<u64> {
    let (count, what) = count_of(line.strip_prefix("Running ")?)?;
    matches!(what, "test case..." | "test cases...").then_some(count)
}

/// `*** No errors detected`, or how many failures are expected: `*** 10 failures are detected (1 failure is expected) in the
/// test module "weird module"`.
fn end(line: &str) -> Option<Option<u64>> {
    let line = line.strip_prefix("*** ")?;
    if line == "No errors detected" {
        return Some(None);
    }
    if line.starts_with("Errors were detected in the test ") || line.starts_with("The test ") {
        return Some(Some(0));
    }
    let (_, what) = count_of(line)?;
    if !what.starts_with("failure") || !what.contains(" in the test ") {
        return None;
    }
    let expected = what.split_once(" (").and_then(|(_, expected)| count_of(expected));
    Some(Some(expected.map_or(0, |(expected, _)| expected)))
}

/// `  7 test cases out of 21 passed` of the whole module.
fn counts(line: &str, mut numbers: ResultNumbers) -> Option<ResultNumbers> {
    let (count, rest) = count_of(line.strip_prefix("  ")?)?;
    let rest = rest.strip_prefix("test cases").or_else(|| rest.strip_prefix("test case"))?;
    let (_, word) = count_of(rest.strip_prefix(" out of ")?)?;
    match word {
        "passed" | "passed with warnings" => numbers.add(Status::Success, count),
        "failed" => numbers.fail = count,
        "skipped" => numbers.skip = count,
        "aborted" | "timed out" => {}
        _ => return None,
    }
    Some(numbers)
}

fn tells(line: &[u8]) -> bool {
    line.starts_with(b"Running ")
        && std::str::from_utf8(line).is_ok_and(|line| plan(line).is_some())
}
