//! What Robot Framework prints.
//!
//! * Ids are `Suite.Sub.Test`. The name of a test comes when it begins, in a column of its own; its status follows what it has
//!   printed to the console. Which status was the test's is known by the rule below it.
//! * The totals are those of the outermost suite.
//! * The tear-down of a suite fails tests that have passed: the suite has failed, which is no test.

use subunit_core::Status;

use crate::{
    Format,
    consoles::machine::{
        self, ConsoleRun, Grammar, NamesOf, ResultNumbers, SummaryCounts, count_of,
    },
    format::{Preamble, Row, Signs},
};

/// What Robot Framework prints.
pub(crate) const ROW: Row = Row {
    name: "robot",
    title: "the output of Robot Framework",
    signs: Signs { opens: Some(opens), ..Signs::NONE },
    ..Row::console(machine::reader::<Robot>)
};

/// How many columns a line has, and of them a name.
const WIDTH: usize = 78;
const NAME: usize = 70;

/// So much of the message of a test is kept until it is known whose it is.
const MOST_MESSAGE: usize = 64 * 1024;

const STATUSES: [(&str, Status); 3] =
    [("| PASS |", Status::Success), ("| FAIL |", Status::Fail), ("| SKIP |", Status::Skip)];

#[derive(Default)]
struct Robot {
    /// The outermost suite, and the one whose tests run.
    top: String,
    suite: String,
    next: Next,
    /// The test that runs, where more than its name has come.
    id: String,
    ended: Option<StatusSeen>,
    /// The tear-down of a suite failed.
    torn: bool,
}

/// What the next line may be, where no test runs.
#[derive(Default)]
enum Next {
    /// The name of a suite, or the end of the run.
    #[default]
    Suite,
    /// The rule below the name of a suite.
    Rule(String),
    /// A test, or the end of a suite.
    Test,
}

/// What has a status; a rule tells whether it is a test or a suite.
struct StatusSeen {
    name: String,
    status: Status,
    /// Lines below it: of a test the message, of a suite the totals as well.
    message: String,
    totals: Option<ResultNumbers>,
    /// It stood alone in its line with its name, as nothing else does.
    is_sure: bool,
}

impl Grammar for Robot {
    const FORMAT: Format = Format::Robot;
    const TRAILERS: &'static [&'static str] =
        &["Output: ", "Log: ", "Report: ", "XUnit: ", "Debug: ", "[ WARN ] ", "==="];

    fn line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if let Some(ended) = self.ended.take() {
            return self.below_status(ended, line, run);
        }
        if run.current().is_some() {
            return self.within_test(line, run);
        }
        match std::mem::take(&mut self.next) {
            Next::Suite if is_rule(line, b'=') => run.text(),
            Next::Suite if is_name(line) => {
                self.next = Next::Rule(without_documentation(line).to_owned());
                run.text();
            }
            Next::Rule(name) if is_rule(line, b'=') => {
                self.suite_begins(name, run);
                run.text();
            }
            Next::Test if is_rule(line, b'=') => run.text(),
            next @ (Next::Suite | Next::Test) => {
                self.next = next;
                return self.status_or_name(line, run);
            }
            next @ Next::Rule(_) => {
                self.next = next;
                return false;
            }
        }
        true
    }

    fn holds(&self) -> bool {
        self.ended.is_some()
    }

    fn end(&mut self, run: &mut ConsoleRun<'_, '_>) {
        if let Some(ended) = self.ended.take() {
            self.test(ended, run);
        }
    }
}

impl Robot {
    fn suite_begins(&mut self, name: String, run: &mut ConsoleRun<'_, '_>) {
        let again = run.has_ended();
        if again {
            run.start();
        }
        if again || self.top.is_empty() {
            *self = Self { top: name.clone(), ..Self::default() };
        }
        self.suite = name;
        self.next = Next::Test;
    }

    /// A whole line of a test or a suite, or the name of a test that begins.
    fn status_or_name(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if let Some((field, status)) = status(line)
            && columns(field) >= NAME
        {
            let (name, output) = name_and_output(field);
            if !output.is_empty() {
                run.begin(&self.id_of(name));
                run.before(output);
            }
            let name = name.to_owned();
            self.ended = Some(StatusSeen::new(name, status, output.is_empty()));
            return true;
        }
        if matches!(self.next, Next::Test) && columns(line) >= NAME {
            let (name, output) = name_and_output(line);
            if name.is_empty() || line.starts_with(' ') {
                return false;
            }
            self.id = without_documentation(name).to_owned();
            run.begin(&self.id_of(name));
            if !output.is_empty() {
                run.before(output);
                run.before("\n");
            }
            return true;
        }
        false
    }

    /// A line while a test runs that has printed something: its status may be the last of it.
    fn within_test(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        let Some((output, status)) = status(line) else { return false };
        run.before(output);
        let name = std::mem::take(&mut self.id);
        self.ended = Some(StatusSeen::new(name, status, false));
        true
    }

    /// A line below a status: more of its message, or the rule that tells what it was of.
    fn below_status(
        &mut self,
        mut ended: StatusSeen,
        line: &str,
        run: &mut ConsoleRun<'_, '_>,
    ) -> bool {
        if is_rule(line, b'-') {
            self.test(ended, run);
            self.next = Next::Test;
            run.text();
            return true;
        }
        if is_rule(line, b'=')
            && ended.is_sure
            && let Some(numbers) = ended.totals
        {
            self.suite_ends(&ended, numbers, run);
            return true;
        }
        // What looked like the status of the test that runs was printed by it.
        if !ended.is_sure && status(line).is_some() {
            let printed = format!("{}\n{}", ended.word(), ended.message);
            run.before(&printed);
            self.id = ended.name;
            return self.within_test(line, run);
        }
        ended.totals = totals(line);
        if ended.message.len() + line.len() < MOST_MESSAGE {
            ended.message.push_str(line);
            ended.message.push('\n');
        } else {
            run.text();
        }
        self.ended = Some(ended);
        true
    }

    fn test(&self, ended: StatusSeen, run: &mut ConsoleRun<'_, '_>) {
        let id = self.id_of(&ended.name);
        run.explained(&id, ended.status, ended.message.trim_end());
    }

    fn suite_ends(
        &mut self,
        ended: &StatusSeen,
        mut numbers: ResultNumbers,
        run: &mut ConsoleRun<'_, '_>,
    ) {
        let name = without_documentation(&ended.name);
        let message = ended.message.trim_end();
        if message.contains("eardown failed:") {
            self.torn = true;
            let why = message.rsplit_once('\n').map_or(message, |(why, _)| why);
            run.beside(name, why.trim_end());
        }
        run.before(&ended.message);
        self.next = Next::Suite;
        if name != self.top {
            return run.text();
        }
        if self.torn {
            // Tests that had passed before are told as such; what failed them is told beside them.
            let turned = run.named().success.saturating_sub(numbers.success).min(numbers.fail);
            numbers.success += turned;
            numbers.fail -= turned;
        }
        let failed = ended.status == Status::Fail;
        let names = NamesOf::All;
        run.summary(SummaryCounts { numbers, failed, names, ..SummaryCounts::default() });
    }

    fn id_of(&self, name: &str) -> String {
        let name = without_documentation(name);
        if self.suite.is_empty() { name.to_owned() } else { format!("{}.{name}", self.suite) }
    }
}

impl StatusSeen {
    fn new(name: String, status: Status, is_sure: bool) -> Self {
        Self { name, status, message: String::new(), totals: None, is_sure }
    }

    fn word(&self) -> &'static str {
        let known = STATUSES.iter().find(|(_, status)| *status == self.status);
        known.map_or("", |(word, _)| word)
    }
}

fn status(line: &str) -> Option<(&str, Status)> {
    STATUSES.iter().find_map(|(word, status)| Some((line.strip_suffix(word)?, *status)))
}

/// The name at the beginning of a line, and what was printed after the column of names. No name has two blanks.
fn name_and_output(field: &str) -> (&str, &str) {
    let output = field.char_indices().nth(NAME).map_or(field.len(), |(at, _)| at);
    let end = field[..output].find("  ");
    let name = field[..end.unwrap_or(output)].trim_end();
    if columns(field) <= NAME {
        return (name, "");
    }
    // Wide characters take two columns.
    let wide = columns(&field[..output]).saturating_sub(NAME);
    let early = field[..output].char_indices().rev().nth(wide.saturating_sub(1));
    let output = if wide > 0 { early.map_or(output, |(at, _)| at) } else { output };
    let output = &field[output..];
    (name, if output.trim_ascii().is_empty() { "" } else { output })
}

/// `Cart :: What a cart does` is a suite or a test and its documentation.
fn without_documentation(name: &str) -> &str {
    let name = name.trim_end();
    name.split_once(" :: ").map_or(name, |(name, _)| name)
}

/// The name of a suite, which fills a line.
fn is_name(line: &str) -> bool {
    columns(line) == WIDTH && !line.starts_with(' ') && status(line).is_none()
}

fn is_rule(line: &str, mark: u8) -> bool {
    line.len() == WIDTH && line.bytes().all(|byte| byte == mark)
}

/// How many columns a text takes: two for a wide character, none for one that combines.
fn columns(text: &str) -> usize {
    let width = |it: char| match u32::from(it) {
        0x300..=0x36f => 0,
        0x1100..=0x115f
        | 0x2e80..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1faff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    };
    if text.is_ascii() { text.len() } else { text.chars().map(width).sum() }
}

/// `14 tests, 5 passed, 6 failed, 3 skipped`, `3 tests total, 1 passed, 2 failed`
fn totals(line: &str) -> Option<ResultNumbers> {
    let (all, counts) = line.split_once(", ")?;
    let (all, what) = count_of(all)?;
    if !matches!(what, "test" | "tests" | "task" | "tasks" | "test total" | "tests total") {
        return None;
    }
    let mut numbers = ResultNumbers::default();
    for part in counts.split(", ") {
        let (count, word) = count_of(part)?;
        let status = match word {
            "passed" => Status::Success,
            "failed" => Status::Fail,
            "skipped" => Status::Skip,
            _ => return None,
        };
        numbers.add(status, count);
    }
    (numbers.total() == all).then_some(numbers)
}

/// The name of the outermost suite between two rules.
fn opens(lines: &[u8]) -> Preamble {
    if lines.first() != Some(&b'=') {
        return Preamble::None;
    }
    let text = crate::text::verbatim::lossy(lines);
    let mut lines = text.lines();
    let is_rule = |line: Option<&str>| line.map(|line| is_rule(line.trim_end(), b'='));
    let (first, name, second) = (is_rule(lines.next()), lines.next(), is_rule(lines.next()));
    match (first, name.map(is_name), second) {
        (Some(true), Some(true), Some(true)) => Preamble::Is,
        (Some(true), None | Some(true), None) => Preamble::Maybe,
        _ => Preamble::None,
    }
}
