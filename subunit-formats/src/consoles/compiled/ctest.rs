//! What CTest prints.
//!
//! * Ids are the names of tests. Results are believed of tests that have started, in the order in which they did.
//! * What a test printed after its result is its output, with `--output-on-failure`.
//! * `out of N` leaves out disabled tests, and counts skipped ones as passed.

use subunit_core::Status;

use crate::{
    Format,
    consoles::machine::{
        self, ConsoleRun, Grammar, NamesOf, ResultNumbers, SummaryCounts, number, seconds,
    },
    format::{Row, Signs},
};

/// What CTest prints.
pub(crate) const ROW: Row = Row {
    name: "ctest",
    title: "the output of CTest",
    signs: Signs { begins: &["Test project "], line: Some(tells), ..Signs::NONE },
    ..Row::console(machine::reader::<CTest>)
};

#[derive(Default)]
struct CTest {
    /// The tests that run, by their numbers.
    running: Vec<(u64, String)>,
    /// Results so far.
    skipped: u64,
    disabled: u64,
    /// The last test that failed: its output may follow.
    failed: String,
}

impl Grammar for CTest {
    const FORMAT: Format = Format::Ctest;
    const TRAILERS: &'static [&'static str] = &[
        "Errors while running CTest",
        "Output from these tests are in: ",
        "Use \"--rerun-failed",
        "Total Test time",
        "Label Time Summary",
        "The following tests",
        "\t",
    ];

    fn line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if line.starts_with("Test project ") {
            *self = Self::default();
            run.start();
            run.text();
            return true;
        }
        let text = line.trim_start();
        if let Some((number, name)) = started(text) {
            self.failed.clear();
            run.run_again(name);
            self.running.push((number, name.to_owned()));
            run.text();
            return true;
        }
        if let Some(result) = CTestResult::of(text)
            && let Some(at) = self.running.iter().position(|(number, _)| *number == result.number)
            && self.running[at].1 == result.name
        {
            self.running.swap_remove(at);
            self.result(&result, run);
            return true;
        }
        if let Some(says) = self.sums_up(line) {
            run.summary(says);
            self.failed.clear();
            return true;
        }
        if line == "No tests were found!!!" || line.starts_with("Total Tests: ") {
            run.summary(SummaryCounts::default());
            return true;
        }
        run.in_block(&self.failed)
    }

    fn end(&mut self, run: &mut ConsoleRun<'_, '_>) {
        if !run.has_ended() {
            for (_, name) in std::mem::take(&mut self.running) {
                run.unfinished(&name, "no result: the run ended");
            }
        }
    }
}

impl CTest {
    fn result(&mut self, result: &CTestResult<'_>, run: &mut ConsoleRun<'_, '_>) {
        run.took(result.seconds);
        match result.word {
            "Passed" => run.result(result.name, Status::Success),
            "Skipped" => {
                self.skipped += 1;
                run.result(result.name, Status::Skip);
            }
            "Not Run (Disabled)" => {
                self.disabled += 1;
                run.explained(result.name, Status::Skip, "disabled");
            }
            word => {
                run.hold(result.name, Status::Fail);
                if word != "Failed" {
                    run.reason(result.name, word);
                }
                self.failed.clear();
                self.failed.push_str(result.name);
            }
        }
    }

    /// `46% tests passed, 7 tests failed out of 13`
    fn sums_up(&self, line: &str) -> Option<SummaryCounts> {
        let (percent, rest) = line.split_once("% tests passed, ")?;
        number(percent)?;
        let (failed, all) = rest.split_once(" tests failed out of ")?;
        let (fail, all) = (number(failed)?, number(all)?);
        let mut numbers = ResultNumbers { fail, ..ResultNumbers::default() };
        numbers.skip = self.skipped + self.disabled;
        numbers.success = all.saturating_sub(fail).saturating_sub(self.skipped);
        Some(SummaryCounts { numbers, names: NamesOf::All, ..SummaryCounts::default() })
    }
}

/// `Start  1: passes`
fn started(text: &str) -> Option<(u64, &str)> {
    let (count, name) = text.strip_prefix("Start ")?.trim_start().split_once(": ")?;
    Some((number(count)?, name))
}

/// ` 3/14 Test  #3: fails ............................***Failed    0.01 sec`
struct CTestResult<'l> {
    number: u64,
    name: &'l str,
    word: &'l str,
    seconds: Option<f64>,
}

impl<'l> CTestResult<'l> {
    fn of(text: &'l str) -> Option<Self> {
        let text = match text.split_once(' ') {
            Some((of, rest)) if of.contains('/') => rest.trim_start(),
            _ => text,
        };
        let (count, rest) =
            text.strip_prefix("Test ")?.trim_start().strip_prefix('#')?.split_once(": ")?;
        let (before, time) = rest.rsplit_once("  ")?;
        let (name, word) = before.rsplit_once("***").or_else(|| before.rsplit_once("   "))?;
        let name = name.trim_end_matches('.').trim_end();
        Some(Self { number: number(count)?, name, word: word.trim(), seconds: seconds(time) })
    }
}

fn tells(line: &[u8]) -> bool {
    line.starts_with(b"Test project /")
        || line.starts_with(b"Test project ") && line.get(14) == Some(&b':')
        || memchr::memmem::find(line, b" tests failed out of ").is_some()
            && memchr::memmem::find(line, b"% tests passed, ").is_some_and(|at| at <= 3)
}
