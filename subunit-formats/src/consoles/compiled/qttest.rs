//! What a program of QtTest prints.
//!
//! * Ids are `Class::function(data)`. Each class is a run; what sets it up and tears it down counts, as QtTest does.
//! * A function that failed as expected has passed, and is told so once. One that passed unexpectedly has failed.
//! * A result of the blacklist has not failed.

use subunit_core::Status;

use crate::{
    Format,
    consoles::machine::{
        self, ConsoleRun, Grammar, NamesOf, ResultNumbers, SummaryCounts, count_of,
    },
    format::{Row, Signs},
};

/// What a program of QtTest prints.
pub(crate) const ROW: Row = Row {
    name: "qttest",
    title: "the output of a program of QtTest",
    signs: Signs { begins: &["********* Start"], line: Some(tells), ..Signs::NONE },
    ..Row::console(machine::reader::<QtTest>)
};

const RESULTS: [(&str, Status); 6] = [
    ("PASS   : ", Status::Success),
    ("FAIL!  : ", Status::Fail),
    ("SKIP   : ", Status::Skip),
    ("XPASS  : ", Status::UnexpectedSuccess),
    ("BPASS  : ", Status::Success),
    ("BFAIL  : ", Status::ExpectedFailure),
];

#[derive(Default)]
struct QtTest {
    class: String,
    /// The function that runs, where it is told that it begins; whether it has a result.
    running: String,
    told: bool,
    /// Whose block this is.
    block: String,
    /// Results of the blacklist, as they are told.
    blacklisted: ResultNumbers,
    unexpected: u64,
    /// What the line before said of all: the end of the class follows.
    totals: Option<Totals>,
}

#[derive(Clone, Copy)]
struct Totals {
    passed: u64,
    failed: u64,
    skipped: u64,
    blacklisted: u64,
}

impl Grammar for QtTest {
    const FORMAT: Format = Format::Qttest;
    const TRAILERS: &'static [&'static str] = &[];

    fn line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        let said = self.totals.take();
        if let Some(class) = framed(line, "Start testing of ") {
            run.start();
            *self = Self { class: class.to_owned(), ..Self::default() };
            run.text();
            return true;
        }
        if let Some(totals) = said
            && framed(line, "Finished testing of ") == Some(&self.class)
        {
            self.sums_up(totals, run);
            return true;
        }
        if let Some(totals) = totals(line) {
            self.totals = Some(totals);
            self.block.clear();
            return false;
        }
        if let Some(rest) = line.strip_prefix("INFO   : ")
            && let Some(id) = rest.strip_suffix(" entering")
            && self.is_ours(id)
        {
            self.block.clear();
            self.running.clear();
            self.running.push_str(id);
            self.told = false;
            run.go_on();
            run.text();
            return true;
        }
        if self.result(line, run) {
            return true;
        }
        if line.starts_with("   ") {
            return run.in_block(&self.block);
        }
        self.block.clear();
        false
    }

    fn end(&mut self, run: &mut ConsoleRun<'_, '_>) {
        if !self.running.is_empty() && !self.told && !run.has_ended() {
            run.begin(&self.running);
        }
    }
}

impl QtTest {
    /// `FAIL!  : Weird::verify() 'false' returned FALSE.`, perhaps after output without a line end.
    fn result(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        let found = RESULTS.iter().filter_map(|(mark, status)| {
            let at = line.find(mark)?;
            Some((at, &line[at + mark.len()..], *status, mark.starts_with('B')))
        });
        let ours = found.filter(|(_, rest, ..)| self.is_ours(rest)).min_by_key(|(at, ..)| *at);
        let Some((at, rest, status, is_blacklisted)) = ours else { return false };
        let (id, why) = match rest.find(") ") {
            Some(end) if status != Status::Success => rest.split_at(end + 1),
            _ => (rest, ""),
        };
        if !self.running.is_empty() && self.running != id && !is_row_of(id, &self.running) {
            return false;
        }
        self.told = true;
        run.before(&line[..at]);
        self.block.clear();
        if is_blacklisted {
            self.blacklisted.add(status, 1);
        }
        self.unexpected += u64::from(status == Status::UnexpectedSuccess);
        if status == Status::Fail {
            run.hold(id, status);
            run.reason(id, why.trim_start());
            self.block.push_str(id);
        } else {
            run.explained(id, status, why.trim_start());
        }
        true
    }

    /// Whether a text begins with a function of the class that is tested.
    fn is_ours(&self, text: &str) -> bool {
        let function = text.strip_prefix(self.class.as_str());
        let function = function.and_then(|rest| rest.strip_prefix("::"));
        !self.class.is_empty() && function.is_some_and(|rest| rest.contains('('))
    }

    fn sums_up(&mut self, totals: Totals, run: &mut ConsoleRun<'_, '_>) {
        let uxsuccess = self.unexpected.min(totals.failed);
        let mut numbers = ResultNumbers {
            success: totals.passed,
            fail: totals.failed - uxsuccess,
            skip: totals.skipped,
            xfail: 0,
            uxsuccess,
        };
        let untold = totals.blacklisted.saturating_sub(self.blacklisted.total());
        numbers.add_all(&self.blacklisted);
        numbers.add(Status::Skip, untold);
        let failed = totals.failed > 0;
        let names = NamesOf::All;
        run.summary(SummaryCounts { numbers, failed, names, ..SummaryCounts::default() });
        *self = Self::default();
    }
}

/// Whether `C::data(a b)` is a row of `C::data()`, which was told to begin.
fn is_row_of(id: &str, function: &str) -> bool {
    function.strip_suffix(')').is_some_and(|function| id.starts_with(function))
}

/// The class in `********* Start testing of Weird *********`
fn framed<'l>(line: &'l str, words: &str) -> Option<&'l str> {
    let line = line.strip_prefix("********* ")?.strip_suffix(" *********")?;
    line.strip_prefix(words).filter(|class| !class.is_empty())
}

/// `Totals: 12 passed, 5 failed, 1 skipped, 0 blacklisted, 204ms`
fn totals(line: &str) -> Option<Totals> {
    let mut totals = Totals { passed: 0, failed: 0, skipped: 0, blacklisted: 0 };
    let mut known = 0;
    for part in line.strip_prefix("Totals: ")?.split(", ") {
        let Some((count, word)) = count_of(part) else { continue };
        let counted = match word {
            "passed" => &mut totals.passed,
            "failed" => &mut totals.failed,
            "skipped" => &mut totals.skipped,
            "blacklisted" => &mut totals.blacklisted,
            _ => return None,
        };
        *counted = count;
        known += 1;
    }
    (known >= 3).then_some(totals)
}

fn tells(line: &[u8]) -> bool {
    line.starts_with(b"********* Start testing of ") && line.ends_with(b" *********")
}
