//! What Python's unittest prints, with `-v` and without.
//!
//! * Ids are `module.Class.test`. With `-v` every test has a line; without, those have names that failed.
//! * Errors of set-ups and tear-downs of classes and modules are failures that are no tests, and so are subtests.
//! * `Ran 16 tests` counts neither these, nor the tests of a class whose set-up failed.

use subunit_core::Status;

use crate::{
    Format,
    consoles::machine::{
        self, ConsoleRun, Grammar, NamesOf, ResultNumbers, SummaryCounts, count_of, number,
    },
    format::{Row, Signs},
};

/// What unittest prints.
pub(crate) const ROW: Row = Row {
    name: "unittest",
    title: "the output of Python's unittest",
    signs: Signs { line: Some(tells), begins: &["Ran "], midst: &[") ... "], ..Signs::NONE },
    ..Row::console(machine::reader::<Unittest>)
};

/// What frames a class or a module; an error there is no test's.
const HOOKS: [&str; 4] = ["setUpClass", "tearDownClass", "setUpModule", "tearDownModule"];

/// A test whose line has begun.
#[derive(Default)]
struct Current {
    id: String,
    /// What its output ends with may be its end: the next line tells.
    may_end: Option<Status>,
    /// A subtest was skipped, or something in it failed: then it has no end of its own.
    subtests: bool,
}

#[derive(Default)]
struct Unittest {
    /// `Ran 16 tests` of the summary that may follow.
    ran: Option<u64>,
    current: Option<Current>,
    /// The id of a test whose docstring stands on the next line.
    documented: Option<String>,
    /// Tests that failed by their lines, whose blocks will come.
    failed_lines: Vec<String>,
    /// A line has come. The first one may be that of a block.
    has_line: bool,
    /// Whether a block's first line comes next, and whose block this is.
    block_begins: bool,
    block: Option<String>,
    /// How many blocks there were, and how many tests failed by them.
    blocks: u64,
    failed: u64,
    /// What `Ran` counts and is no test, and skips of what it does not count.
    not_tests: u64,
    beside_skips: u64,
    verbose: bool,
}

impl Grammar for Unittest {
    const FORMAT: Format = Format::Unittest;
    const TRAILERS: &'static [&'static str] =
        &["Destroying test database", "sys:1: ResourceWarning"];

    fn line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if let Some(ran) = self.ran.filter(|_| !line.is_empty()) {
            self.ran = None;
            if let Some(says) = self.sums_up(line, ran) {
                run.summary(says);
                *self = Self { verbose: self.verbose, has_line: true, ..Self::default() };
                return true;
            }
        }
        if is_rule(line, b'=') {
            self.end_by_output(run);
            (self.block_begins, self.block) = (true, None);
            run.text();
            return true;
        }
        let is_first = !std::mem::replace(&mut self.has_line, true);
        if (std::mem::take(&mut self.block_begins) || is_first) && self.begin_block(line, run) {
            return true;
        }
        if let Some(ran) = ran(line) {
            (self.ran, self.block) = (Some(ran), None);
            run.text();
            return true;
        }
        if let Some(id) = &self.block {
            match is_rule(line, b'-') {
                true => run.text(),
                false => run.detail(id),
            }
            return true;
        }
        self.test_line(line, run)
    }

    fn end(&mut self, run: &mut ConsoleRun<'_, '_>) {
        self.end_by_output(run);
        if run.has_ended() {
            return;
        }
        for id in std::mem::take(&mut self.failed_lines) {
            run.result(&id, Status::Fail);
        }
        if let Some(current) = self.current.take() {
            run.begin(&current.id);
        }
    }
}

impl Unittest {
    /// `FAILED (failures=4, errors=5, skipped=3, expected failures=1, unexpected successes=1)`
    fn sums_up(&self, line: &str, ran: u64) -> Option<SummaryCounts> {
        let (word, parts) = line.split_once(" (").unwrap_or((line, ""));
        let failed = match word {
            "OK" | "NO TESTS RAN" => false,
            "FAILED" => true,
            _ => return None,
        };
        let (mut numbers, mut blocks) = (ResultNumbers::default(), 0);
        for part in
            parts.strip_suffix(')').unwrap_or(parts).split(", ").filter(|part| !part.is_empty())
        {
            let (word, count) = part.split_once('=')?;
            let count = number(count)?;
            match word {
                "failures" | "errors" => blocks += count,
                "skipped" => numbers.skip = count.saturating_sub(self.beside_skips),
                "expected failures" => numbers.xfail = count,
                "unexpected successes" => numbers.uxsuccess = count,
                _ => return None,
            }
        }
        // Where it counts more than there were blocks, some were lost; where it counts less, a test printed one.
        numbers.fail = (self.failed + blocks).saturating_sub(self.blocks);
        let others = numbers.total().saturating_add(self.not_tests);
        numbers.success = ran.saturating_sub(others);
        Some(SummaryCounts {
            numbers,
            failed,
            names: NamesOf::Failures,
            ..SummaryCounts::default()
        })
    }

    /// `ERROR: test_a (module.Class.test_a)`, `FAIL: test_a (module.Class.test_a) [message] (i=1)`
    fn begin_block(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        let Some((word, rest)) = line.split_once(": ") else { return false };
        let Some(test) = Test::of(rest) else { return false };
        let is_failure = matches!(word, "ERROR" | "FAIL");
        if word == "UNEXPECTED SUCCESS" {
            if !self.verbose {
                run.result(&test.id(), Status::UnexpectedSuccess);
            }
            return true;
        }
        if !is_failure {
            return false;
        }
        self.blocks += 1;
        if test.is_hook() || test.is_import() {
            self.not_tests += u64::from(test.is_import());
            let id = if test.is_import() { test.name.to_owned() } else { rest.to_owned() };
            run.beside(&id, line);
            self.block = Some(String::new());
            return true;
        }
        let id = test.id();
        if !test.after.is_empty() {
            run.beside(&format!("{id}{}", test.after), line);
        }
        if !run.is_held(&id) {
            self.failed += 1;
            run.hold(&id, Status::Fail);
        }
        self.block = Some(id);
        true
    }

    fn test_line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if let Some(id) = self.documented.take()
            && let Some((_, rest)) = line.split_once(" ... ")
        {
            return self.begin(id, rest, run);
        }
        if let Some(test) = Test::of(line)
            && !line.starts_with(' ')
        {
            match test.after.strip_prefix(" ... ") {
                Some(rest) if test.is_hook() => {
                    self.end_by_output(run);
                    self.beside_skips += u64::from(
                        ending(rest).is_some_and(|(_, status, _)| status == Status::Skip),
                    );
                }
                Some(rest) => {
                    self.end_by_output(run);
                    return self.begin(test.id(), rest, run);
                }
                None if test.after.is_empty() && self.current.is_none() => {
                    self.documented = Some(test.id());
                    run.text();
                    return true;
                }
                None => {}
            }
            return false;
        }
        let Some(current) = &mut self.current else { return self.marks(line, run) };
        if let Some(sub) = line.strip_prefix("  ")
            && let Some(test) = Test::of(sub)
            && test.after.contains(" ... ")
        {
            current.subtests = true;
            self.beside_skips +=
                u64::from(ending(sub).is_some_and(|(_, status, _)| status == Status::Skip));
            return false;
        }
        match ending(line) {
            Some(("", status, reason)) => {
                let id = std::mem::take(&mut current.id);
                self.current = None;
                self.result(&id, status, reason, run);
                return true;
            }
            Some((_, status, _)) => current.may_end = Some(status),
            None if !line.is_empty() => current.may_end = None,
            None => {}
        }
        false
    }

    /// A test's line, with what follows ` ... `.
    fn begin(&mut self, id: String, rest: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        self.verbose = true;
        match ending(rest) {
            Some((output, status, reason)) => {
                run.before(output);
                self.result(&id, status, reason, run);
            }
            None => {
                self.current = Some(Current { id, ..Current::default() });
                run.text();
            }
        }
        true
    }

    /// The next test begins, or the tests are over: what the one before has printed may have been its end.
    fn end_by_output(&mut self, run: &mut ConsoleRun<'_, '_>) {
        let Some(Current { id, may_end, subtests }) =
            self.current.take_if(|current| current.may_end.is_some() || current.subtests)
        else {
            return;
        };
        match may_end {
            Some(status) => self.result(&id, status, "", run),
            None if subtests => self.failed_lines.push(id),
            None => {}
        }
    }

    fn result(&mut self, id: &str, status: Status, reason: &str, run: &mut ConsoleRun<'_, '_>) {
        // A failure has a block; a line that looks so and has none was printed by a test.
        if status == Status::Fail {
            self.failed_lines.push(id.to_owned());
            run.text();
        } else {
            run.explained(id, status, reason);
        }
    }

    /// `..sx`
    fn marks(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if self.verbose || line.is_empty() || !line.bytes().all(|mark| b".sxuEF".contains(&mark)) {
            return false;
        }
        for mark in line.bytes() {
            run.mark(match mark {
                b'.' => Status::Success,
                b's' => Status::Skip,
                b'x' => Status::ExpectedFailure,
                b'u' => Status::UnexpectedSuccess,
                _ => Status::Fail,
            });
        }
        run.text();
        true
    }
}

/// `test_a (module.Class.test_a)`, before Python 3.11 `test_a (module.Class)`, and what follows it.
struct Test<'l> {
    name: &'l str,
    within: &'l str,
    after: &'l str,
}

impl<'l> Test<'l> {
    fn of(line: &'l str) -> Option<Self> {
        let (name, rest) = line.split_once(" (")?;
        let (within, after) = rest.split_once(')')?;
        let is_dotted = |text: &str| !text.is_empty() && !text.contains([' ', '(', '/', ',']);
        let test = Self { name, within, after };
        (is_dotted(name) && is_dotted(within) && (within.contains('.') || test.is_hook()))
            .then_some(test)
    }

    fn is_hook(&self) -> bool {
        HOOKS.contains(&self.name)
    }

    fn is_import(&self) -> bool {
        self.within.starts_with("unittest.loader._FailedTest")
    }

    fn id(&self) -> String {
        let is_whole = self.within.strip_suffix(self.name).is_some_and(|rest| rest.ends_with('.'));
        if is_whole { self.within.to_owned() } else { format!("{}.{}", self.within, self.name) }
    }
}

const WORDS: [(&str, Status); 5] = [
    ("ok", Status::Success),
    ("FAIL", Status::Fail),
    ("ERROR", Status::Fail),
    ("expected failure", Status::ExpectedFailure),
    ("unexpected success", Status::UnexpectedSuccess),
];

/// What a line ends with: the output before it, how the test ended, and why.
fn ending(text: &str) -> Option<(&str, Status, &str)> {
    if let Some(inner) = text.strip_suffix('\'').or_else(|| text.strip_suffix('"'))
        // The quote at the end is another one than that at the beginning.
        && let Some(at) = inner.find("skipped '").or_else(|| inner.find("skipped \""))
    {
        return Some((&text[..at], Status::Skip, &inner[at + "skipped '".len()..]));
    }
    // `unexpected success` comes after `expected failure`: no word is the end of another.
    WORDS.iter().find_map(|(word, status)| Some((text.strip_suffix(word)?, *status, "")))
}

/// `Ran 16 tests in 0.212s`
fn ran(line: &str) -> Option<u64> {
    let (count, rest) = count_of(line.strip_prefix("Ran ")?)?;
    let time = rest.strip_prefix("tests in ").or_else(|| rest.strip_prefix("test in "))?;
    time.strip_suffix('s')?.parse::<f64>().ok().map(|_| count)
}

/// A line across the page.
fn is_rule(line: &str, mark: u8) -> bool {
    line.len() == 70 && line.bytes().all(|byte| byte == mark)
}

/// Whether a line is unittest's own.
fn tells(line: &[u8]) -> bool {
    if line.starts_with(b"Ran ") {
        return std::str::from_utf8(line).is_ok_and(|line| ran(line).is_some());
    }
    let names_test = line.starts_with(b"ERROR: ") || line.starts_with(b"FAIL: ");
    if !names_test && memchr::memmem::find(line, b") ... ").is_none() {
        return false;
    }
    let Ok(line) = std::str::from_utf8(line) else { return false };
    let rest = line.strip_prefix("ERROR: ").or_else(|| line.strip_prefix("FAIL: "));
    Test::of(rest.unwrap_or(line)).is_some_and(|test| match rest {
        Some(_) => test.after.is_empty() || test.after.starts_with([' ', '[']),
        None => test.after.starts_with(" ... "),
    })
}
