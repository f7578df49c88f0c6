//! What the console launcher of the JUnit Platform prints.
//!
//! * Ids are `Class > test()`, without the engine. A tree has all names; where `--details` asks for none, all tests are a number.
//! * What has children in the tree is a container, and so is a class without any. Containers that failed are failures that are no
//!   tests.
//! * A test that was aborted is skipped: an assumption of it did not hold.

use subunit_core::{Status, run::counted};

use crate::{
    Format,
    consoles::machine::{
        self, ConsoleRun, Grammar, NamesOf, ResultNumbers, SummaryCounts, count_of,
    },
    format::{Row, Signs},
};

/// What the console launcher of the JUnit Platform prints.
pub(crate) const ROW: Row = Row {
    name: "junit-console",
    title: "the output of the console launcher of JUnit",
    signs: Signs { begins: &["Test run finished after "], line: Some(tells), ..Signs::NONE },
    ..Row::console(machine::reader::<JunitConsole>)
};

/// What the run is called where it fails on its own.
const SESSION: &str = "junit-console [session]";

/// So many names of what failed are kept.
const MOST_NAMES: usize = 100_000;

/// So much is kept of why a node failed.
const MOST_REASON: usize = 64 * 1024;

/// How deep the first tests of a tree are, below an engine and a class.
const FIRST_TESTS: usize = 2;

const MARKS: [(&str, Status); 8] = [
    ("[OK]", Status::Success),
    ("[X]", Status::Fail),
    ("[S]", Status::Skip),
    ("[A]", Status::Skip),
    ("\u{2714}", Status::Success),
    ("\u{2718}", Status::Fail),
    ("\u{21b7}", Status::Skip),
    ("\u{25a0}", Status::Skip),
];

#[derive(Default)]
struct JunitConsole {
    /// The names above the node in hand; the first one is the engine.
    path: Vec<String>,
    /// The last node of the tree: what comes below it tells whether it is a test.
    node: Option<Node>,
    has_tree: bool,
    /// Tests that failed, in the order of the tree, in which their blocks come.
    failed: std::collections::VecDeque<String>,
    /// Failures are told again, with their traces; whose block this is.
    repeats: bool,
    block: String,
    /// What the lines of the summary say so far; those of containers.
    tests: Counts,
    containers: Counts,
    blamed: bool,
}

/// A node of the tree.
struct Node {
    depth: usize,
    status: Status,
    reason: String,
}

/// `found`, `skipped`, `started`, `aborted`, `successful`, `failed`
#[derive(Clone, Copy, Default)]
struct Counts {
    found: u64,
    skipped: u64,
    started: u64,
    aborted: u64,
    successful: u64,
    failed: u64,
}

impl Grammar for JunitConsole {
    const FORMAT: Format = Format::JunitConsole;
    const TRAILERS: &'static [&'static str] = &["WARNING: ", "Thanks for using JUnit"];

    fn line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if let Some((count, what)) = count_line(line) {
            self.node_ends(0, run);
            return self.count(count, what, run);
        }
        if line.starts_with("Test run finished after ") {
            self.node_ends(0, run);
            self.block.clear();
            self.repeats = false;
            run.text();
            return true;
        }
        if self.repeats {
            return self.block_line(line, run);
        }
        if let Some((depth, text)) = branch(line) {
            return self.branch(depth, text, run);
        }
        if line.starts_with("Failures (") && line.ends_with("):") {
            self.node_ends(0, run);
            self.repeats = true;
            run.text();
            return true;
        }
        if let Some(node) = &mut self.node
            && let Some(more) = continued(line)
            && node.reason.len() + more.len() < MOST_REASON
        {
            node.reason.push('\n');
            node.reason.push_str(more);
            return true;
        }
        false
    }

    fn holds(&self) -> bool {
        self.node.is_some()
    }

    fn end(&mut self, run: &mut ConsoleRun<'_, '_>) {
        if self.node.is_some() {
            self.node_ends(0, run);
        }
    }
}

impl JunitConsole {
    /// A node of the tree begins; the one before has no children unless this one is deeper.
    fn branch(&mut self, depth: usize, text: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        let Some((name, status, reason)) = node(text) else { return false };
        if depth > self.path.len() {
            return false;
        }
        if depth == 0 && run.has_ended() {
            run.start();
            *self = Self::default();
        }
        self.node_ends(depth, run);
        self.has_tree = true;
        self.path.truncate(depth);
        self.path.push(name.to_owned());
        self.node = Some(Node { depth, status, reason: reason.to_owned() });
        true
    }

    /// What the last node was, now that one of this depth comes.
    fn node_ends(&mut self, depth: usize, run: &mut ConsoleRun<'_, '_>) {
        let Some(node) = self.node.take() else { return };
        let id = self.path.get(1..).unwrap_or_default().join(" > ");
        if depth > node.depth || node.depth < FIRST_TESTS {
            if node.status == Status::Fail {
                self.blamed = true;
                run.beside(if id.is_empty() { SESSION } else { &id }, &node.reason);
                self.remember(&id);
            }
        } else if node.status == Status::Fail {
            if run.is_held(&id) {
                return run.explained(&id, Status::Fail, &node.reason);
            }
            run.hold(&id, Status::Fail);
            run.reason(&id, &node.reason);
            self.remember(&id);
        } else {
            run.explained(&id, node.status, &node.reason);
        }
    }

    fn remember(&mut self, id: &str) {
        if self.failed.len() < MOST_NAMES {
            self.failed.push_back(id.to_owned());
        }
    }

    /// `  JUnit Jupiter:DownTest:ran()`, and below it where it is and why it failed.
    fn block_line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if let Some(path) = line.strip_prefix("  ").filter(|path| !path.starts_with(' '))
            && let Some((_, path)) = path.split_once(':')
            && self.failed.front().is_some_and(|id| id.replace(" > ", ":") == path)
            && let Some(id) = self.failed.pop_front()
        {
            self.block = id;
            run.text();
            return true;
        }
        if run.is_held(&self.block) {
            return run.in_block(&self.block);
        }
        run.text();
        true
    }

    fn count(&mut self, count: u64, what: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        let Some((kind, word)) = what.split_once(' ') else { return false };
        let counts = match kind {
            "tests" => &mut self.tests,
            "containers" => &mut self.containers,
            _ => return false,
        };
        let counted = match word {
            "found" => &mut counts.found,
            "skipped" => &mut counts.skipped,
            "started" => &mut counts.started,
            "aborted" => &mut counts.aborted,
            "successful" => &mut counts.successful,
            "failed" => &mut counts.failed,
            _ => return false,
        };
        *counted = count;
        if (kind, word) == ("tests", "failed") {
            self.sums_up(run);
        } else {
            run.text();
        }
        true
    }

    fn sums_up(&mut self, run: &mut ConsoleRun<'_, '_>) {
        let (tests, containers) = (self.tests, self.containers);
        let numbers = ResultNumbers {
            success: tests.successful,
            fail: tests.failed,
            skip: tests.skipped.saturating_add(tests.aborted),
            ..ResultNumbers::default()
        };
        let names = if self.has_tree { NamesOf::All } else { NamesOf::Some };
        let failed = numbers.fail > 0 || containers.failed > 0;
        run.summary(SummaryCounts { numbers, failed, names, ..SummaryCounts::default() });
        let lost = tests.found.saturating_sub(tests.skipped).saturating_sub(tests.started);
        if containers.failed > 0 && !self.blamed {
            run.beside(SESSION, &format!("{} failed", counted(containers.failed, "container")));
        } else if lost > 0 && containers.failed == 0 && containers.skipped == 0 {
            run.beside(
                SESSION,
                &format!("it found {} more than it started", counted(lost, "test")),
            );
        }
        *self = Self::default();
    }
}

/// `[        21 tests found           ]`
fn count_line(line: &str) -> Option<(u64, &str)> {
    let counts = line.strip_prefix("[ ")?.strip_suffix(']')?.trim();
    count_of(counts)
        .filter(|(_, what)| what.starts_with("tests ") || what.starts_with("containers "))
}

/// How deep a node is, and what it says: `  | '-- both() [X] body`, `   │  └─ both() ✘ body`
fn branch(line: &str) -> Option<(usize, &str)> {
    for (mark, width) in
        [("+-- ", 2), ("'-- ", 2), ("\u{251c}\u{2500} ", 3), ("\u{2514}\u{2500} ", 3)]
    {
        let Some((before, text)) = line.split_once(mark) else { continue };
        let columns = before.chars().count();
        if before.chars().all(|it| matches!(it, ' ' | '|' | '\u{2502}')) && columns % width == 0 {
            return Some((columns / width, text));
        }
    }
    None
}

/// More of what is said of a node: `    |     second`
fn continued(line: &str) -> Option<&str> {
    let text = line.trim_start_matches([' ', '|', '\u{2502}']);
    (text.len() < line.len() && line.starts_with(' ')).then_some(text)
}

/// The name, how it ended, and why: `b() [S] why`
fn node(text: &str) -> Option<(&str, Status, &str)> {
    let found = MARKS.iter().filter_map(|(mark, status)| {
        let at = text.find(&format!(" {mark}"))?;
        let after = &text[at + 1 + mark.len()..];
        let reason = if after.is_empty() { after } else { after.strip_prefix(' ')? };
        Some((at, *status, reason))
    });
    let (at, status, reason) = found.min_by_key(|(at, ..)| *at)?;
    Some((&text[..at], status, reason))
}

/// An engine at the root of a tree, or the first lines of the summary.
fn tells(line: &[u8]) -> bool {
    match line {
        [b'T', ..] => line.starts_with(b"Test run finished after ") && line.ends_with(b" ms"),
        [b'+' | b'\'' | 0x1b | 0xe2, ..] => std::str::from_utf8(line).is_ok_and(|line| {
            let line = crate::ansi::plain_line(line);
            branch(&line).is_some_and(|(depth, text)| depth == 0 && node(text).is_some())
        }),
        _ => false,
    }
}
