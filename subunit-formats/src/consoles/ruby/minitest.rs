//! What minitest prints, with `-v` and without.
//!
//! * Ids are `Class#test`. With `-v` every test has a line; without, those have names that failed.

use subunit_core::Status;

use crate::{
    Format,
    consoles::machine::{
        self, ConsoleRun, Grammar, NamesOf, ResultNumbers, SummaryCounts, count_of, number,
        strip_last,
    },
    format::{Row, Signs},
};

/// What minitest prints.
pub(crate) const ROW: Row = Row {
    name: "minitest",
    title: "the output of minitest",
    signs: Signs { line: Some(tells), ..Signs::NONE },
    ..Row::console(machine::reader::<Minitest>)
};

#[derive(Default)]
struct Minitest {
    /// The test whose line has begun.
    current: String,
    verbose: bool,
    /// All have ended: blocks and the summary follow.
    finished: bool,
    /// The next line names the test of a block, whether of one that failed.
    names: Option<bool>,
    block: String,
}

impl Grammar for Minitest {
    const FORMAT: Format = Format::Minitest;
    const TRAILERS: &'static [&'static str] = &[
        "You have skipped tests.",
        "Coverage report generated",
        "Line Coverage",
        "Branch Coverage",
    ];

    fn line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if line == "# Running:" {
            *self = Self::default();
            run.start();
            run.text();
            return true;
        }
        if line.starts_with("Finished in ") && line.contains(" runs/s") {
            self.finished = true;
            return false;
        }
        if !self.finished {
            return self.test_line(line, run);
        }
        if let Some(numbers) = sums_up(line) {
            let names = if self.verbose { NamesOf::All } else { NamesOf::Failures };
            run.summary(SummaryCounts { numbers, names, ..SummaryCounts::default() });
            self.block.clear();
            return true;
        }
        self.block_line(line, run)
    }

    fn end(&mut self, run: &mut ConsoleRun<'_, '_>) {
        if !self.current.is_empty() && !run.has_ended() {
            run.begin(&self.current);
        }
    }
}

impl Minitest {
    fn test_line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        let (started, rest) = match line.split_once(" = ") {
            Some((id, rest)) if is_id(id) && self.current.is_empty() => (Some(id), rest),
            _ => (None, line),
        };
        if let Some(id) = started {
            self.verbose = true;
            self.current.push_str(id);
        } else if !self.verbose {
            return marks(line, run);
        }
        let Some((output, seconds, status)) = ending(rest).filter(|_| !self.current.is_empty())
        else {
            return false;
        };
        // A line of another test in the midst of this one was printed by it.
        if output.contains(" = ") || started.is_none() && !output.is_empty() && output.contains('#')
        {
            return false;
        }
        run.before(output);
        run.took(Some(seconds));
        if status == Status::Fail {
            run.hold(&self.current, status);
        } else {
            run.result(&self.current, status);
        }
        self.current.clear();
        true
    }

    /// `  1) Error:`, then `Class#test [file:line]:`
    fn block_line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if let Some((count, kind)) = line.trim_start().split_once(") ")
            && number(count).is_some()
            && line.starts_with(' ')
        {
            self.names = Some(!kind.starts_with("Skipped"));
            self.block.clear();
            return false;
        }
        if let Some(failed) = self.names.take() {
            let name = line.strip_suffix(':').unwrap_or(line);
            let name = strip_last(name, " [", "]").map_or(name, |(name, _)| name);
            if failed && name.contains('#') {
                self.block.push_str(name);
                if !run.is_held(name) {
                    run.hold(name, Status::Fail);
                }
                return true;
            }
            return false;
        }
        run.in_block(&self.block)
    }
}

/// `Module::Class#test`
fn is_id(id: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || b"_:".contains(&byte) || byte >= 0x80;
    id.split_once('#').is_some_and(|(class, _)| !class.is_empty() && class.bytes().all(word))
}

/// `output0.21 s = .`
fn ending(text: &str) -> Option<(&str, f64, Status)> {
    let (before, mark) = text.rsplit_once(" s = ")?;
    let status = match mark {
        "." => Status::Success,
        "F" | "E" => Status::Fail,
        "S" => Status::Skip,
        _ => return None,
    };
    let digits = before.trim_end_matches(|digit: char| digit.is_ascii_digit() || digit == '.');
    let seconds = before[digits.len()..].trim_start_matches('.').parse().ok()?;
    Some((digits, seconds, status))
}

/// `.F.ES`
fn marks(line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
    if line.is_empty() || !line.bytes().all(|mark| b".FES".contains(&mark)) {
        return false;
    }
    for mark in line.bytes() {
        run.mark(match mark {
            b'.' => Status::Success,
            b'S' => Status::Skip,
            _ => Status::Fail,
        });
    }
    run.text();
    true
}

/// `11 runs, 4 assertions, 2 failures, 3 errors, 1 skips`
fn sums_up(line: &str) -> Option<ResultNumbers> {
    let (mut numbers, mut runs, mut parts) = (ResultNumbers::default(), None, 0);
    for part in line.split(", ") {
        let (count, word) = count_of(part)?;
        match word {
            "runs" | "tests" => runs = Some(count),
            "failures" | "errors" => numbers.add(Status::Fail, count),
            "skips" => numbers.skip = count,
            "assertions" => {}
            _ => return None,
        }
        parts += 1;
    }
    numbers.success = runs?.saturating_sub(numbers.total());
    (parts == 5).then_some(numbers)
}

fn tells(line: &[u8]) -> bool {
    line == b"# Running:"
}
