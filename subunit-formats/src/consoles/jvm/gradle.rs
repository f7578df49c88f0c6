//! What Gradle prints of the tests that it runs.
//!
//! * Ids are those of its XML reports: `class.method`. Which tests have names is the build's choice (`testLogging`), by default
//!   those that failed. How many a task has run is printed only where one failed.
//! * So a task of tests that passed without naming any is one result, which cannot be run by itself.
//! * The build is over with `BUILD SUCCESSFUL` or `BUILD FAILED`. A task that was up to date ran nothing.

use subunit_core::Status;

use crate::{
    Format,
    consoles::machine::{self, ConsoleRun, Grammar, ResultNumbers, SummaryCounts, count_of},
    format::{Row, Signs},
};

/// What Gradle prints of tests.
pub(crate) const ROW: Row = Row {
    name: "gradle",
    title: "what Gradle prints of tests",
    signs: Signs {
        begins: &["BUILD SUCCESSFUL in ", "BUILD FAILED in "],
        // Not at the beginning: `> ` is a prompt, which nobody may hold back.
        midst: &["> Task :"],
        line: Some(tells),
        ..Signs::NONE
    },
    ..Row::console(machine::reader::<Gradle>)
};

/// What a task did, or did not do, where the line of a task says it.
const STATES: [&str; 5] = ["UP-TO-DATE", "NO-SOURCE", "FROM-CACHE", "SKIPPED", "FAILED"];

/// A task that runs tests.
#[derive(Default)]
struct TestTask {
    path: String,
    named: ResultNumbers,
    /// How many there were by its own count.
    counted: Option<ResultNumbers>,
    has_failed: bool,
}

#[derive(Default)]
struct Gradle {
    tasks: Vec<TestTask>,
    /// The task whose lines come: its place among the tasks of tests.
    current: Option<usize>,
    /// The failed test whose lines come.
    block: String,
}

impl Grammar for Gradle {
    const FORMAT: Format = Format::Gradle;
    const TRAILERS: &'static [&'static str] = &[];

    fn line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if let Some((path, state)) = task(line) {
            self.task(path, state, run);
            return true;
        }
        if line == "BUILD FAILED" || line.starts_with("BUILD FAILED in ") {
            self.build_ends(true, run);
            return true;
        }
        if line == "BUILD SUCCESSFUL" || line.starts_with("BUILD SUCCESSFUL in ") {
            self.build_ends(false, run);
            return true;
        }
        if let Some(task) = line.strip_prefix("Execution failed for task '") {
            return self.task_failed(task.split('\'').next().unwrap_or(task), run);
        }
        if let Some(counted) = completed(line) {
            self.of_task(run).counted = Some(counted);
            self.block.clear();
            run.text();
            return true;
        }
        if let Some((id, status)) = result(line) {
            self.result(&id, status, run);
            return true;
        }
        if (line.is_empty() || line.starts_with("    ")) && run.in_block(&self.block) {
            return true;
        }
        self.block.clear();
        false
    }
}

impl Gradle {
    fn task(&mut self, path: &str, state: &str, run: &mut ConsoleRun<'_, '_>) {
        run.go_on();
        self.block.clear();
        self.current = None;
        if runs_tests(path) && matches!(state, "" | "FAILED") {
            let at = self.tasks.iter().position(|task| task.path == path);
            let at = at.unwrap_or_else(|| {
                self.tasks.push(TestTask { path: path.to_owned(), ..TestTask::default() });
                self.tasks.len() - 1
            });
            if let Some(task) = self.tasks.get_mut(at) {
                task.has_failed |= state == "FAILED";
            }
            self.current = Some(at);
        }
        run.text();
    }

    /// The task whose lines come; with `-q` it has no name.
    fn of_task(&mut self, run: &mut ConsoleRun<'_, '_>) -> &mut TestTask {
        run.go_on();
        if self.tasks.is_empty() {
            self.tasks.push(TestTask::default());
        }
        let last = self.tasks.len() - 1;
        let at = self.current.unwrap_or(last).min(last);
        &mut self.tasks[at]
    }

    fn result(&mut self, id: &str, status: Status, run: &mut ConsoleRun<'_, '_>) {
        self.of_task(run).named.add(status, 1);
        self.block.clear();
        if status == Status::Fail {
            run.hold(id, status);
            self.block.push_str(id);
        } else {
            run.result(id, status);
        }
    }

    /// A task failed: a failure of its own where no test of it has.
    fn task_failed(&mut self, path: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        let task = self.tasks.iter_mut().find(|task| task.path == path);
        let explained = task.is_some_and(|task| {
            task.has_failed = true;
            task.named.fail > 0 || task.counted.is_some_and(|counted| counted.fail > 0)
        });
        if !explained {
            run.beside(&format!("{path} [build]"), "the task failed, and no test of it");
        }
        run.text();
        true
    }

    fn build_ends(&mut self, failed: bool, run: &mut ConsoleRun<'_, '_>) {
        run.go_on();
        let mut numbers = ResultNumbers::default();
        for task in &self.tasks {
            let mut of_task = task.counted.unwrap_or(task.named);
            if of_task.total() == 0 && !task.has_failed && !failed {
                run.group(&task.path, Status::Success);
                of_task.success = 1;
            }
            numbers.add_all(&of_task);
        }
        run.summary(SummaryCounts { numbers, failed, agrees: true, ..SummaryCounts::default() });
        *self = Self::default();
    }
}

/// `> Task :test FAILED`, `:test UP-TO-DATE`: the path of the task, and its state.
fn task(line: &str) -> Option<(&str, &str)> {
    let (modern, rest) = match line.strip_prefix("> Task ") {
        Some(rest) => (true, rest),
        None => (false, line),
    };
    let is_path = |it: char| it.is_alphanumeric() || ":_-.".contains(it);
    let end = rest.find(|it: char| !is_path(it)).unwrap_or(rest.len());
    let (path, state) = rest.split_at(end);
    if !path.starts_with(':') || path.len() < 2 {
        return None;
    }
    let state = state.trim();
    if modern || state.is_empty() || STATES.contains(&state) {
        return Some((path, state));
    }
    // Old versions do not end the line before the JVM prints its warnings.
    Some((path.strip_suffix("WARNING:").filter(|_| line.starts_with(':'))?, ""))
}

/// Whether the last word of a task's path is that of tests, as far as one can know.
fn runs_tests(path: &str) -> bool {
    let name = path.rsplit(':').next().unwrap_or(path);
    name == "test" || name.ends_with("Test")
}

/// `GTest > boom FAILED`, `A > B > c() PASSED`: the id and the status.
fn result(line: &str) -> Option<(String, Status)> {
    let (names, word) = line.rsplit_once(' ')?;
    let status = match word {
        "PASSED" => Status::Success,
        "FAILED" => Status::Fail,
        "SKIPPED" => Status::Skip,
        _ => return None,
    };
    let (class, method) = names.split_once(" > ")?;
    let is_class = class.chars().all(|it| it.is_alphanumeric() || "._$ ".contains(it));
    (is_class && !class.starts_with(' ')).then(|| (format!("{class}.{method}"), status))
}

/// `6 tests completed, 2 failed, 1 skipped`
fn completed(line: &str) -> Option<ResultNumbers> {
    let mut parts = line.split(", ");
    let (count, what) = count_of(parts.next()?)?;
    if !matches!(what, "tests completed" | "test completed") {
        return None;
    }
    let mut numbers = ResultNumbers::default();
    for part in parts {
        match count_of(part)? {
            (failed, "failed") => numbers.fail = failed,
            (skipped, "skipped") => numbers.skip = skipped,
            _ => return None,
        }
    }
    numbers.success = count.saturating_sub(numbers.total());
    Some(numbers)
}

/// Whether a line is Gradle's.
fn tells(line: &[u8]) -> bool {
    match line {
        [b'>', b' ', b'T', ..] | [b'B', b'U', ..] => std::str::from_utf8(line).is_ok_and(|line| {
            line.starts_with("BUILD SUCCESSFUL in ")
                || line.starts_with("BUILD FAILED in ")
                || task(line).is_some()
        }),
        [b':', ..] => std::str::from_utf8(line)
            .is_ok_and(|line| task(line).is_some_and(|(_, state)| !state.is_empty())),
        _ => false,
    }
}
