//! What `deno test` prints.
//!
//! * Ids are `file > name`. A test's steps are its output, as they count apart.
//! * What a test prints stands between two lines, and nothing there is believed.
//! * `--reporter=dot` names failed tests only.

use subunit_core::Status;

use crate::{
    Format,
    consoles::machine::{
        self, ConsoleRun, Grammar, NamesOf, ResultNumbers, SummaryCounts, count_of, number,
        seconds, strip_last,
    },
    format::{Row, Signs},
};

/// What `deno test` prints.
pub(crate) const ROW: Row = Row {
    name: "deno",
    title: "the output of `deno test`",
    signs: Signs {
        begins: &["running ", "ok | ", "FAILED | "],
        midst: &[" => ./"],
        line: Some(tells),
        ..Signs::NONE
    },
    ..Row::console(machine::reader::<Deno>)
};

/// What stands around the output of a test.
const OUTPUT: &str = "------- output -------";
const OUTPUT_END: &str = "----- output end -----";

#[derive(Default)]
struct Deno {
    /// The file whose tests run.
    file: String,
    /// How many tests of it are to come, and how many tests there are in all files so far.
    left: u64,
    planned: u64,
    /// Lines are output of the test that runs.
    in_output: bool,
    /// Whose error this is.
    block: String,
    section: Section,
}

/// Which part of the output comes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Section {
    #[default]
    Tests,
    /// What went wrong in each test.
    Errors,
    /// Their names once more.
    Failures,
}

impl Grammar for Deno {
    const FORMAT: Format = Format::Deno;
    const TRAILERS: &'static [&'static str] = &["error: Test failed", "Stack backtrace:", "   "];

    fn line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if self.in_output {
            return self.output(line, run);
        }
        if line == OUTPUT {
            self.in_output = true;
            return true;
        }
        if let Some((count, file)) = announces(line) {
            self.file(count, file, run);
            return true;
        }
        if self.left > 0 && self.test(line, run) {
            return true;
        }
        if let Some(says) = summary(line) {
            let names = if self.planned > 0 { NamesOf::All } else { NamesOf::Failures };
            run.summary(SummaryCounts { names, ..says });
            *self = Self::default();
            return true;
        }
        self.between(line, run)
    }
}

impl Deno {
    fn file(&mut self, count: u64, file: &str, run: &mut ConsoleRun<'_, '_>) {
        run.go_on();
        self.file.clear();
        self.file.push_str(without_dot(file));
        self.left = count;
        self.planned = self.planned.saturating_add(count);
        run.plan(self.planned);
        run.text();
    }

    /// `half----- output end -----`
    fn output(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        let Some(last) = line.strip_suffix(OUTPUT_END) else { return false };
        self.in_output = false;
        run.before(last);
        true
    }

    /// `name ... ok (12ms)`, or `name ...` where output or steps come before that.
    fn test(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if let Some(name) = line.strip_suffix(" ...")
            && run.current().is_none()
            && !name.starts_with(' ')
        {
            run.begin(&self.id(name));
            return true;
        }
        let Some((name, status, why, took)) = result(line) else { return false };
        let id = self.id(name);
        if run.current().is_some_and(|current| current != id) {
            return false;
        }
        self.left -= 1;
        run.took(took);
        if status == Status::Fail {
            run.hold(&id, status);
            run.reason(&id, why);
        } else {
            run.result(&id, status);
        }
        true
    }

    fn id(&self, name: &str) -> String {
        format!("{} > {name}", self.file)
    }

    /// The errors, and the list of failures after them.
    fn between(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        match line.trim() {
            "ERRORS" => self.section = Section::Errors,
            "FAILURES" => (self.section, self.block) = (Section::Failures, String::new()),
            _ => {
                if let Some((name, file)) = origin(line) {
                    return self.failure(name, file, run);
                }
                if let Some(file) = line.strip_suffix(" (uncaught error)")
                    && self.section == Section::Errors
                {
                    run.group(&format!("{} [file]", without_dot(file)), Status::Fail);
                    return true;
                }
                return self.section == Section::Errors && run.in_block(&self.block);
            }
        }
        run.text();
        true
    }

    /// `name => ./file.ts:2:6`, `name ... step => ./file.ts:2:6`
    fn failure(&mut self, name: &str, file: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if self.planned == 0 && self.section == Section::Tests {
            // The line above, of blanks and one word, is no sign of deno.
            self.section = Section::Errors;
        }
        let name = name.split(" ... ").next().unwrap_or(name);
        let id = format!("{file} > {name}");
        if !run.is_held(&id) {
            if self.planned > 0 || self.section != Section::Errors {
                return false;
            }
            run.hold(&id, Status::Fail);
        }
        if self.section == Section::Errors {
            run.detail(&id);
            self.block = id;
        } else {
            run.text();
        }
        true
    }
}

fn without_dot(file: &str) -> &str {
    file.strip_prefix("./").unwrap_or(file)
}

/// `running 8 tests from ./w_test.ts`
fn announces(line: &str) -> Option<(u64, &str)> {
    let (count, rest) = count_of(line.strip_prefix("running ")?)?;
    let file = rest.strip_prefix("tests from ").or_else(|| rest.strip_prefix("test from "))?;
    Some((count, file))
}

/// `name ... FAILED (due to 1 failed step) (1ms)`: the name, the status, why, and how long it took.
fn result(line: &str) -> Option<(&str, Status, &str, Option<f64>)> {
    let (line, time) = strip_last(line, " (", ")")?;
    let took = seconds(time)?;
    let (line, why) = strip_last(line, " (", ")")
        .filter(|(line, _)| line.ends_with(" FAILED"))
        .unwrap_or((line, ""));
    let (name, word) = line.rsplit_once(" ... ")?;
    let status = match word {
        "ok" => Status::Success,
        "FAILED" => Status::Fail,
        "ignored" => Status::Skip,
        _ => return None,
    };
    (!name.starts_with(' ')).then_some((name, status, why, Some(took)))
}

/// `name => ./w_test.ts:2:6`: the name, and the file.
fn origin(line: &str) -> Option<(&str, &str)> {
    let (name, place) = line.rsplit_once(" => ")?;
    let (place, column) = place.rsplit_once(':')?;
    let (file, row) = place.rsplit_once(':')?;
    number(column)?;
    number(row)?;
    let file = file.strip_prefix("./")?;
    Some((name, file))
}

/// `FAILED | 5 passed (1 step) | 2 failed (1 step) | 1 ignored (273ms)`
fn summary(line: &str) -> Option<SummaryCounts> {
    let (word, counts) = line.split_once(" | ")?;
    let failed = match word {
        "ok" => false,
        "FAILED" => true,
        _ => return None,
    };
    let (counts, time) = strip_last(counts, " (", ")")?;
    seconds(time)?;
    let mut numbers = ResultNumbers::default();
    for part in counts.split(" | ") {
        let (count, what) = count_of(part)?;
        match what.split(" (").next()? {
            "passed" => numbers.add(Status::Success, count),
            "failed" => numbers.add(Status::Fail, count),
            "ignored" => numbers.add(Status::Skip, count),
            _ => {}
        }
    }
    Some(SummaryCounts { numbers, failed, ..SummaryCounts::default() })
}

/// Whether a line is deno's own.
fn tells(line: &[u8]) -> bool {
    let may = match line {
        [b'r', b'u', b'n', ..] | [b'o', b'k', ..] | [b'F', b'A', ..] => true,
        _ => memchr::memmem::find(line, b" => ./").is_some(),
    };
    may && std::str::from_utf8(line).is_ok_and(|line| {
        announces(line).is_some() || summary(line).is_some() || origin(line).is_some()
    })
}
