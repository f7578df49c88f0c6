//! What `bun test` prints.
//!
//! * Ids are `file > group > title`. Each test has a line; where there are many, those that failed are told again.
//! * What a test prints is not told from bun's lines: a result that a test has printed is red by the counts.

use subunit_core::Status;

use crate::{
    Format,
    consoles::machine::{
        self, ConsoleRun, Grammar, NamesOf, ResultNumbers, SummaryCounts, count_of, seconds,
        strip_last,
    },
    format::{Row, Signs},
};

/// What `bun test` prints.
pub(crate) const ROW: Row = Row {
    name: "bun",
    title: "the output of `bun test`",
    signs: Signs { begins: &["bun test v"], line: Some(tells), ..Signs::NONE },
    ..Row::console(machine::reader::<Bun>)
};

/// What the run is called where it fails on its own.
const SESSION: &str = "bun [session]";

#[derive(Default)]
struct Bun {
    /// The file whose tests run.
    file: String,
    /// The test that failed last.
    failed: String,
    /// What failed is told again.
    repeats: bool,
    numbers: ResultNumbers,
    errors: u64,
}

impl Grammar for Bun {
    const FORMAT: Format = Format::Bun;
    const TRAILERS: &'static [&'static str] =
        &["Bailed out", "error: script", "-", "File", "All files", " "];

    fn line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if tells(line.as_bytes()) {
            run.start();
            *self = Self::default();
            run.text();
            return true;
        }
        if let Some(file) = line.strip_suffix(':')
            && is_file(file)
        {
            run.go_on();
            self.file.clear();
            self.file.push_str(file);
            run.text();
            return true;
        }
        if line.ends_with(" tests failed:") || line == "1 tests failed:" || line == "1 test failed:"
        {
            self.repeats = true;
        }
        if let Some((before, status, name, took)) = result(line)
            && !self.repeats
            && !self.file.is_empty()
        {
            run.before(before);
            self.result(status, name, took, run);
            return true;
        }
        if let Some(why) = line.strip_prefix("  ^ ")
            && run.is_held(&self.failed)
        {
            run.reason(&self.failed, why);
            return true;
        }
        self.sums_up(line, run)
    }
}

impl Bun {
    fn result(
        &mut self,
        status: Status,
        name: &str,
        took: Option<f64>,
        run: &mut ConsoleRun<'_, '_>,
    ) {
        let id = format!("{} > {name}", self.file);
        (self.numbers, self.errors) = (ResultNumbers::default(), 0);
        run.took(took);
        if status == Status::Fail {
            run.hold(&id, status);
            self.failed = id;
        } else {
            run.result(&id, status);
            self.failed.clear();
        }
    }

    /// ` 6 pass`, and what follows it up to `Ran 14 tests across 1 file. [514.00ms]`.
    fn sums_up(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if let Some(total) = ran(line) {
            if self.errors > 0 {
                run.beside(SESSION, &format!("{} errors beside tests", self.errors));
            }
            run.summary(SummaryCounts {
                numbers: self.numbers,
                total: Some(total),
                names: NamesOf::Failures,
                ..SummaryCounts::default()
            });
            *self = Self::default();
            return true;
        }
        match line.strip_prefix(' ').map(str::trim_start).and_then(count_of) {
            Some((count, "pass")) => {
                self.numbers = ResultNumbers { success: count, ..ResultNumbers::default() };
            }
            Some((count, "fail")) => self.numbers.fail = count,
            Some((count, "skip" | "todo")) => self.numbers.add(Status::Skip, count),
            Some((count, "error" | "errors")) => self.errors = count,
            _ => return false,
        }
        run.text();
        true
    }
}

/// `w.test.ts`, `src/a.spec.jsx`
fn is_file(text: &str) -> bool {
    let name = text.rsplit('/').next().unwrap_or(text);
    let is_test = [".test.", ".spec.", "_test.", "_spec."].iter().any(|part| name.contains(part));
    is_test && !text.starts_with(' ')
}

/// `stdout(pass) group > title [0.03ms]`: what stands before it, the status, the name, and the seconds.
fn result(line: &str) -> Option<(&str, Status, &str, Option<f64>)> {
    let marks = [
        ("(pass) ", Status::Success),
        ("(fail) ", Status::Fail),
        ("(skip) ", Status::Skip),
        ("(todo) ", Status::Skip),
    ];
    let (at, status) = marks.iter().find_map(|(mark, status)| Some((line.find(mark)?, *status)))?;
    let name = line.get(at + "(pass) ".len()..)?;
    let timed = strip_last(name, " [", "]").and_then(|(name, time)| Some((name, seconds(time)?)));
    let (name, took) = timed.map_or((name, None), |(name, took)| (name, Some(took)));
    Some((line.get(..at)?, status, name, took))
}

/// `Ran 14 tests across 1 file. [514.00ms]`
fn ran(line: &str) -> Option<u64> {
    let (count, rest) = count_of(line.strip_prefix("Ran ")?)?;
    let is_whole = rest.starts_with("tests across ") || rest.starts_with("test across ");
    (is_whole && line.contains(" file")).then_some(count)
}

/// Whether a line is the first of bun.
fn tells(line: &[u8]) -> bool {
    line.strip_prefix(b"bun test v")
        .is_some_and(|rest| rest.first().is_some_and(u8::is_ascii_digit))
}
