//! What Robot Framework prints.
//!
//! * Ids are `Suite.Sub.Test`. The name of a test comes when it begins, in a column of its own; its status follows what it has
//!   printed to the console. Which status was the test's is known by the rule below it.
//! * The totals are those of the outermost suite.
//! * With `--console dotted` only tests that failed have names.
//! * The tear-down of a suite fails tests that have passed: the suite has failed, which is no test.

mod line;

use subunit_core::Status;

use self::line::{
    columns, is_any_rule, is_dotted, is_name, name_and_output, status, totals,
    without_documentation,
};
use crate::{
    Format,
    consoles::machine::{self, ConsoleRun, Grammar, NamesOf, ResultNumbers, SummaryCounts},
    format::{Row, Signs},
};

/// What Robot Framework prints.
pub(crate) const ROW: Row = Row {
    name: "robot",
    title: "the output of Robot Framework",
    signs: Signs {
        begins: &["Running suite '"],
        line: Some(line::tells),
        opens: Some(line::opens),
        ..Signs::NONE
    },
    ..Row::console(machine::reader::<Robot>)
};

/// How many columns of a line are for a status.
const STATUS: usize = 8;

/// So much of the message of a test is kept until it is known whose it is.
const MOST_MESSAGE: usize = 64 * 1024;

#[derive(Default)]
struct Robot {
    /// How many columns a line has, as the first rule says.
    width: usize,
    /// Only marks are told while it runs.
    dotted: Option<Dotted>,
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

/// What is known where only marks are told.
#[derive(Default)]
struct Dotted {
    /// The line before was a rule: what failed is named.
    after_rule: bool,
    /// Whose block this is.
    block: String,
    /// All have ended: the totals follow.
    ended: bool,
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
    standing: Standing,
}

/// How a status stands in its line.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Standing {
    /// With the name, as nothing else does.
    Named,
    /// Alone.
    Alone,
    /// After what may be output of the test, all of it included.
    Printed,
}

impl Grammar for Robot {
    const FORMAT: Format = Format::Robot;
    const TRAILERS: &'static [&'static str] =
        &["Output: ", "Log: ", "Report: ", "XUnit: ", "Debug: ", "[ WARN ] ", "==="];

    fn line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if is_dotted(line) {
            if run.has_ended() {
                run.start();
            }
            *self = Self { dotted: Some(Dotted::default()), ..Self::default() };
            run.text();
            return true;
        }
        if let Some(dotted) = &mut self.dotted {
            return dotted.line(line, run);
        }
        if let Some(ended) = self.ended.take() {
            return self.below_status(ended, line, run);
        }
        if run.current().is_some() {
            return self.within_test(line, run);
        }
        match std::mem::take(&mut self.next) {
            Next::Suite if is_any_rule(line, b'=') => {
                self.width = line.len();
                run.text();
            }
            Next::Suite if is_name(line, self.width) => {
                self.next = Next::Rule(without_documentation(line).to_owned());
                run.text();
            }
            Next::Rule(name) if self.is_rule(line, b'=') => {
                self.suite_begins(name, run);
                run.text();
            }
            Next::Test if self.is_rule(line, b'=') => run.text(),
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
            *self = Self { top: name.clone(), width: self.width, ..Self::default() };
        }
        self.suite = name;
        self.next = Next::Test;
    }

    /// A whole line of a test or a suite, or the name of a test that begins.
    fn status_or_name(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if let Some((field, status)) = status(line)
            && columns(field) >= self.name_width()
        {
            let (name, output) = name_and_output(field, self.name_width());
            if !output.is_empty() {
                run.begin(&self.id_of(name));
                run.before(output);
            }
            let name = name.to_owned();
            let standing = if output.is_empty() { Standing::Named } else { Standing::Printed };
            self.ended = Some(StatusSeen::new(name, status, standing));
            return true;
        }
        if matches!(self.next, Next::Test) && columns(line) >= self.name_width() {
            let (name, output) = name_and_output(line, self.name_width());
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
        let standing = if output.is_empty() { Standing::Alone } else { Standing::Printed };
        self.ended = Some(StatusSeen::new(name, status, standing));
        true
    }

    /// A line below a status: more of its message, or the rule that tells what it was of.
    fn below_status(
        &mut self,
        mut ended: StatusSeen,
        line: &str,
        run: &mut ConsoleRun<'_, '_>,
    ) -> bool {
        if self.is_rule(line, b'-') {
            self.test(ended, run);
            self.next = Next::Test;
            run.text();
            return true;
        }
        if self.is_rule(line, b'=')
            && ended.standing == Standing::Named
            && let Some(numbers) = ended.totals
        {
            self.suite_ends(&ended, numbers, run);
            return true;
        }
        // What looked like the status of the test that runs was printed by it.
        if ended.standing == Standing::Printed && status(line).is_some() {
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

    /// How many columns a name has.
    fn name_width(&self) -> usize {
        self.width.saturating_sub(STATUS)
    }

    fn is_rule(&self, line: &str, mark: u8) -> bool {
        line.len() == self.width && is_any_rule(line, mark)
    }

    fn id_of(&self, name: &str) -> String {
        let name = without_documentation(name);
        if self.suite.is_empty() { name.to_owned() } else { format!("{}.{name}", self.suite) }
    }
}

impl Dotted {
    fn line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        let after_rule = std::mem::replace(&mut self.after_rule, is_any_rule(line, b'-'));
        if self.after_rule || is_any_rule(line, b'=') {
            self.block.clear();
        } else if line.starts_with("Run suite '") {
            self.ended = true;
        } else if let Some(numbers) = totals(line).filter(|_| self.ended) {
            self.ended = false;
            let names = NamesOf::Failures;
            let failed = numbers.fail > 0;
            run.summary(SummaryCounts { numbers, failed, names, ..SummaryCounts::default() });
            return true;
        } else if let Some(id) = line.strip_prefix("FAIL: ").filter(|_| after_rule) {
            run.hold(id, Status::Fail);
            self.block.push_str(id);
            return true;
        } else {
            return run.in_block(&self.block);
        }
        false
    }
}

impl StatusSeen {
    fn new(name: String, status: Status, standing: Standing) -> Self {
        Self { name, status, message: String::new(), totals: None, standing }
    }

    fn word(&self) -> &'static str {
        let known = line::STATUSES.iter().find(|(_, status)| *status == self.status);
        known.map_or("", |(word, _)| word)
    }
}
