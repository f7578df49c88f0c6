//! What `node --test` prints with its reporter `spec`.
//!
//! * Ids are `group > title`. What closes a group is told only if it failed, and cannot be run by itself: it may be a suite or a
//!   test with subtests.
//! * A test that is to do counts as an expected failure, unless it passed.

use subunit_core::Status;

use crate::{
    Format,
    consoles::machine::{
        self, ConsoleRun, Grammar, ResultNumbers, SummaryCounts, number, seconds, strip_last,
    },
    format::{Row, Signs},
};

/// What `node --test` prints with its reporter `spec`.
pub(crate) const ROW: Row = Row {
    name: "node",
    title: "the output of `node --test`",
    signs: Signs { begins: &["\u{25b6} "], line: Some(tells), ..Signs::NONE },
    ..Row::console(machine::reader::<NodeTest>)
};

#[derive(Default)]
struct NodeTest {
    groups: Vec<String>,
    id: String,
    /// Whose block this is.
    block: String,
    /// Groups that failed, and tests to do that passed.
    failed_groups: u64,
    todo_passed: u64,
    /// Counted by the summary so far: tests, pass, fail, cancelled, skipped, todo.
    counts: [Option<u64>; 6],
    /// The failures are told again.
    repeats: bool,
}

const COUNTS: [&str; 6] = ["tests ", "pass ", "fail ", "cancelled ", "skipped ", "todo "];

impl Grammar for NodeTest {
    const FORMAT: Format = Format::Node;
    const TRAILERS: &'static [&'static str] = &["\u{2139} "];

    fn line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if self.repeats && !is_mark(line) || line == "\u{2716} failing tests:" {
            self.repeats = true;
            run.text();
            return true;
        }
        if self.repeats && run.has_ended() && !line.ends_with("ms)") {
            run.text();
            return true;
        }
        if let Some(count) = line.strip_prefix("\u{2139} ") {
            self.count(count, run);
            return true;
        }
        if self.repeats {
            run.text();
            return true;
        }
        let text = line.trim_start_matches(' ');
        let depth = (line.len() - text.len()) / 2;
        if let Some(name) = text.strip_prefix("\u{25b6} ") {
            run.go_on();
            self.block.clear();
            self.groups.truncate(depth);
            self.groups.push(name.to_owned());
            return true;
        }
        if let Some((mark, rest)) = text.split_once(' ')
            && let Some(status) = status(mark)
        {
            return self.result(depth, status, rest, run);
        }
        run.in_block(&self.block)
    }
}

impl NodeTest {
    fn result(
        &mut self,
        depth: usize,
        status: Status,
        rest: &str,
        run: &mut ConsoleRun<'_, '_>,
    ) -> bool {
        // A reason stands after the time: `(0.2ms) # later`.
        let (rest, reason) = rest.rsplit_once(" # ").unwrap_or((rest, ""));
        let (name, took) = match strip_last(rest, " (", ")") {
            Some((name, time)) if seconds(time).is_some() => (name, seconds(time)),
            _ => (rest, None),
        };
        let closes = self.groups.get(depth).is_some_and(|group| group == name);
        self.groups.truncate(depth);
        self.id.clear();
        for part in self.groups.iter().map(String::as_str).chain([name]) {
            if !self.id.is_empty() {
                self.id.push_str(" > ");
            }
            self.id.push_str(part);
        }
        self.block.clear();
        if closes {
            if status == Status::Fail && reason.is_empty() {
                self.failed_groups += 1;
                run.beside(&self.id, "something in it failed, or its hooks");
            }
            return true;
        }
        run.took(took);
        match status {
            Status::Fail if !reason.is_empty() => {
                run.explained(&self.id, Status::ExpectedFailure, reason);
            }
            Status::Fail => {
                run.hold(&self.id, status);
                self.block.push_str(&self.id);
            }
            _ => {
                self.todo_passed += u64::from(status == Status::Success && !reason.is_empty());
                run.explained(&self.id, status, reason);
            }
        }
        true
    }

    /// `ℹ tests 21`, and in the end `ℹ duration_ms 483.5`
    fn count(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) {
        for (word, counted) in COUNTS.iter().zip(&mut self.counts) {
            if let Some(count) = line.strip_prefix(word).and_then(number) {
                *counted = Some(count);
            }
        }
        let [Some(tests), Some(pass), Some(fail), Some(cancelled), Some(skip), Some(todo)] =
            self.counts
        else {
            return run.text();
        };
        if !line.starts_with("duration_ms ") {
            return run.text();
        }
        let failed = fail.saturating_add(cancelled);
        let named = run.named().fail;
        // Groups that are tests are among the failures.
        let groups = failed.saturating_sub(named).min(self.failed_groups);
        let numbers = ResultNumbers {
            success: pass.saturating_add(self.todo_passed),
            fail: failed - groups,
            skip,
            xfail: todo.saturating_sub(self.todo_passed),
            uxsuccess: 0,
        };
        let total = Some(tests.saturating_sub(groups));
        self.counts = [None; 6];
        self.block.clear();
        run.summary(SummaryCounts {
            numbers,
            failed: failed > 0,
            total,
            ..SummaryCounts::default()
        });
    }
}

fn status(mark: &str) -> Option<Status> {
    Some(match mark {
        "\u{2714}" => Status::Success,
        "\u{2716}" => Status::Fail,
        "\u{fe63}" => Status::Skip,
        _ => return None,
    })
}

/// Whether a line may begin a run after the end of another.
fn is_mark(line: &str) -> bool {
    line.starts_with("\u{25b6} ") || line.starts_with("\u{2139} ")
}

fn tells(line: &[u8]) -> bool {
    if !matches!(line, [0xe2 | 0xef | 0x1b, ..]) {
        return false;
    }
    std::str::from_utf8(line).is_ok_and(|line| {
        let line = crate::ansi::plain_line(line);
        if let Some(count) = line.strip_prefix("\u{2139} tests ") {
            return number(count).is_some();
        }
        let Some((mark, rest)) = line.split_once(' ') else { return false };
        let rest = rest.rsplit_once(" # ").map_or(rest, |(rest, _)| rest);
        let is_timed = rest.ends_with("ms)") && rest.contains(" (") && rest.contains('.');
        mark == "\u{25b6}" && !rest.is_empty() || status(mark).is_some() && is_timed
    })
}
