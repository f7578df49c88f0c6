//! What `go test` prints, with `-v` and without.
//!
//! * Ids are those of [`gojson`](crate::json::gojson): `<import path>.<Test/sub>`. A package's name comes after its tests,
//!   which are told then. Without `-v` a package that passed is one result, which cannot be run by itself: nobody says how
//!   many tests it has.
//! * A package that failed without a failed test is `<import path> [build]`.
//! * There is no total: each package ends by itself. With `-v`, lines are believed of tests that run.

use subunit_core::Status;

use crate::{
    Format,
    consoles::machine::{self, ConsoleRun, Grammar},
    format::{Row, Signs},
};

/// What `go test` prints.
pub(crate) const ROW: Row = Row {
    name: "go",
    title: "the output of `go test`",
    signs: Signs {
        begins: &["=== RUN   ", "--- FAIL: ", "ok  \t", "FAIL\t"],
        midst: &["\t[no test files]"],
        line: Some(tells),
        ..Signs::NONE
    },
    ..Row::console(machine::reader::<Go>)
};

/// So much output of tests is kept until their package is known; the rest is text.
const MOST_OUTPUT: usize = 4 << 20;

/// A test of the package that runs.
#[derive(Default)]
struct GoTest {
    name: String,
    /// How it ended, and how long it took.
    ended: Option<(Status, Option<f64>)>,
    paused: bool,
    output: Vec<u8>,
}

#[derive(Default)]
struct Go {
    tests: Vec<GoTest>,
    /// Whose output comes: its place among the tests.
    printing: Option<usize>,
    /// The places of those that run, in the order in which they began.
    running: Vec<usize>,
    /// Bytes of output that are kept.
    kept: usize,
    /// There are lines of tests that begin.
    verbose: bool,
    /// A panic was printed: all up to the end of the package belongs to it.
    panics: bool,
    /// It is that the tests took too long, and names those that run.
    hangs: bool,
    /// Lines since the last package, and those of them that name a test and nothing else.
    lines: u64,
    names: u64,
}

impl Grammar for Go {
    const FORMAT: Format = Format::Go;
    const TRAILERS: &'static [&'static str] = &[];

    fn line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if let Some((package, said)) = package(line)
            && self.may_end(said)
        {
            self.package(package, said, run);
            return true;
        }
        if let Some(rest) = line.strip_prefix("=== ") {
            return self.frame(rest, run);
        }
        if self.end_of_test(line, run) {
            return true;
        }
        if matches!(line, "PASS" | "FAIL") && self.running.is_empty() {
            run.text();
            return true;
        }
        self.output(line, run)
    }

    fn holds(&self) -> bool {
        !self.tests.is_empty()
    }

    fn end(&mut self, run: &mut ConsoleRun<'_, '_>) {
        let has_tests = !self.tests.is_empty();
        self.tell(None, run);
        if has_tests {
            run.go_on();
        }
    }
}

impl Go {
    /// Whether a package may end now: one that passed leaves no test running, and none that failed.
    fn may_end(&self, said: Package<'_>) -> bool {
        let failed = |test: &GoTest| matches!(test.ended, Some((Status::Fail, _)));
        matches!(said, Package::Failed(_))
            || self.running.is_empty() && !self.tests.iter().any(failed)
    }

    /// `RUN   TestA`, `PAUSE TestA`, `CONT  TestA`, `NAME  TestA`
    fn frame(&mut self, frame: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        let Some((word, name)) = frame.split_once(' ') else { return false };
        let name = name.trim_start();
        match (word, self.running(name)) {
            ("RUN", _) if self.may_begin(name) => {
                run.go_on();
                self.verbose = true;
                self.running.push(self.tests.len());
                self.printing = Some(self.tests.len());
                self.tests.push(GoTest { name: name.to_owned(), ..GoTest::default() });
            }
            ("PAUSE", Some(at)) => self.tests[at].paused = true,
            ("CONT" | "NAME", Some(at)) => {
                self.tests[at].paused = false;
                self.printing = Some(at);
            }
            _ => return false,
        }
        true
    }

    /// The place of the test of this name that runs.
    fn running(&self, name: &str) -> Option<usize> {
        self.running.iter().copied().rev().find(|at| self.tests[*at].name == name)
    }

    /// Whether a test of this name may begin: below one that runs, or where none runs that is not paused.
    fn may_begin(&self, name: &str) -> bool {
        if !self.verbose && !self.tests.is_empty() {
            return false;
        }
        let mut running = self.running.iter().filter_map(|at| self.tests.get(*at));
        match name.rsplit_once('/') {
            Some(_) => running.any(|test| {
                name.strip_prefix(&*test.name).is_some_and(|rest| rest.starts_with('/'))
            }),
            None => running.all(|test| test.paused || test.name.contains('/')),
        }
    }

    /// `--- PASS: TestA (0.00s)`, indented for subtests, perhaps after output without a line end.
    fn end_of_test(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        let Some(at) = line.find("--- ") else { return false };
        let Some((status, name, seconds)) = end_line(&line[at + 4..]) else { return false };
        let ended = Some((status, seconds));
        match self.running(name) {
            Some(at) => {
                self.running.retain(|running| *running != at);
                self.tests[at].ended = ended;
                self.printing = Some(at);
            }
            None if self.verbose => return false,
            None => {
                self.printing = Some(self.tests.len());
                self.tests.push(GoTest { name: name.to_owned(), ended, ..GoTest::default() });
            }
        }
        run.go_on();
        run.before(line[..at].trim_start_matches(' '));
        true
    }

    fn output(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        self.lines += 1;
        self.names += u64::from(is_name(line));
        self.panics |= line.starts_with("panic: ");
        self.hangs |= line.starts_with("panic: test timed out after ");
        if self.hangs
            && let Some((name, _)) =
                line.strip_prefix("\t\t").and_then(|line| line.split_once(" ("))
            && !self.tests.iter().any(|test| test.name == name)
        {
            self.tests.push(GoTest { name: name.to_owned(), ..GoTest::default() });
        }
        let Some(test) = self.printing.and_then(|at| self.tests.get_mut(at)) else { return false };
        let is_its = self.verbose && test.ended.is_none() || line.starts_with(' ') || self.panics;
        let raw = run.raw();
        if !is_its || self.kept + raw.len() > MOST_OUTPUT {
            return false;
        }
        self.kept += raw.len();
        test.output.extend_from_slice(raw);
        true
    }

    fn package(&mut self, package: &str, said: Package<'_>, run: &mut ConsoleRun<'_, '_>) {
        let is_list = self.lines > 0 && self.lines == self.names && self.tests.is_empty();
        run.go_on();
        let (told, failed) = self.tell(Some(package), run);
        match said {
            Package::Passed if told == 0 && !is_list && !self.verbose => {
                run.group(package, Status::Success);
            }
            Package::Passed | Package::None => {}
            Package::Failed(_) if failed => {}
            Package::Failed(why) => {
                let why = if is_time(why) { "it failed without a failed test" } else { why };
                run.beside(&format!("{package} [build]"), why);
            }
        }
        run.part_ends();
        *self = Self::default();
    }

    /// Tells the tests of a package: how many, and whether one failed.
    fn tell(&mut self, package: Option<&str>, run: &mut ConsoleRun<'_, '_>) -> (usize, bool) {
        let (told, mut failed) = (self.tests.len(), false);
        let mut id = String::new();
        for test in std::mem::take(&mut self.tests) {
            id.clear();
            if let Some(package) = package {
                id.push_str(package);
                id.push('.');
            }
            id.push_str(&test.name);
            run.printed(&id, &test.output);
            match test.ended {
                Some((status, seconds)) => {
                    failed |= status == Status::Fail;
                    run.took(seconds);
                    run.result(&id, status);
                }
                None => {
                    failed = true;
                    run.unfinished(&id, "no result: its package ended");
                }
            }
        }
        (told, failed)
    }
}

/// What is said of a package.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Package<'l> {
    Passed,
    Failed(&'l str),
    /// It has no tests, or none was chosen.
    None,
}

/// `ok  \tex/p\t0.01s`, `FAIL\tex/p [build failed]`, `?   \tex/p\t[no test files]`
fn package(line: &str) -> Option<(&str, Package<'_>)> {
    let (word, rest) = line.split_once('\t')?;
    let (package, after) = rest.split_once(['\t', ' '])?;
    if package.is_empty() {
        return None;
    }
    let said = match word {
        "ok  " if after.contains("[no tests to run]") => Package::None,
        "ok  " if is_time(after) => Package::Passed,
        "FAIL" => Package::Failed(after),
        "?   " if after.starts_with("[no test files]") => Package::None,
        _ => return None,
    };
    Some((package, said))
}

/// `0.01s`, `(cached)`, and what may follow.
fn is_time(text: &str) -> bool {
    let time = text.split(['\t', ' ']).next().unwrap_or_default();
    time == "(cached)" || time.strip_suffix('s').is_some_and(|time| time.parse::<f64>().is_ok())
}

/// `PASS: TestA (0.00s)`
fn end_line(text: &str) -> Option<(Status, &str, Option<f64>)> {
    let (word, rest) = text.split_once(": ")?;
    let status = match word {
        "PASS" => Status::Success,
        "FAIL" => Status::Fail,
        "SKIP" => Status::Skip,
        _ => return None,
    };
    let (name, seconds) = machine::strip_last(rest, " (", "s)")?;
    Some((status, name, seconds.parse().ok()))
}

/// `TestA`, as `go test -list` prints it.
fn is_name(line: &str) -> bool {
    ["Test", "Benchmark", "Fuzz", "Example"].iter().any(|word| line.starts_with(word))
        && line.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80)
}

/// Whether a line is of `go test`.
fn tells(line: &[u8]) -> bool {
    match line {
        [b'=', b'=', b'=', b' ', b'R', b'U', b'N', b' ', ..] => true,
        [b'o', b'k', ..] | [b'F', ..] | [b'?', ..] | [b'-', b'-', b'-', ..] => {
            std::str::from_utf8(line).is_ok_and(|line| {
                let end = line.strip_prefix("--- ").and_then(end_line);
                package(line).is_some() || end.is_some_and(|(status, ..)| status == Status::Fail)
            })
        }
        _ => false,
    }
}
