//! What jest prints, of one file and of several.
//!
//! * Ids are `file > group > title`. Of one file, or with `--verbose`, each test has a line; of several files only those
//!   have names that failed.
//! * A file that could not run is a failure that is no test.

use subunit_core::Status;

use crate::{
    Format,
    consoles::machine::{
        self, ConsoleRun, Grammar, NamesOf, ResultNumbers, SummaryCounts, count_of, strip_last,
    },
    format::{Row, Signs},
};

/// What jest prints.
pub(crate) const ROW: Row = Row {
    name: "jest",
    title: "the output of jest",
    signs: Signs {
        begins: &["PASS ", "FAIL ", "Test Suites: ", "No tests found, "],
        line: Some(tells),
        ..Signs::NONE
    },
    ..Row::console(machine::reader::<Jest>)
};

/// What the run is called where it fails on its own.
const SESSION: &str = "jest [session]";

#[derive(Default)]
struct Jest {
    /// The file whose results come.
    file: String,
    files: u64,
    /// The groups that are open, and the id that is made of them.
    groups: Vec<String>,
    id: String,
    /// Whether lines are those of the file's tests; else they are blocks.
    in_tree: bool,
    /// The tests of the file that failed by their lines: as blocks call them, and their ids.
    failed: Vec<(String, String)>,
    /// Whose block this is.
    block: String,
    /// All is told again.
    repeats: bool,
    /// `Test Suites:` of the summary that comes, and `Tests:`.
    suites: Option<(u64, u64)>,
    tests: Option<(ResultNumbers, u64)>,
}

impl Grammar for Jest {
    const FORMAT: Format = Format::Jest;
    const TRAILERS: &'static [&'static str] = &[
        "Ran all test suites",
        "Jest did not exit",
        "'This usually means",
        "This usually means",
        "Force exiting Jest",
        "A worker process has failed to exit",
        "Active timers can also cause this",
        "Run with `--passWithNoTests`",
        "In /",
        "  ",
        "Pattern: ",
    ];

    fn line(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if let Some((before, failed, file)) = file_line(line)
            && !self.repeats
        {
            run.before(before);
            self.file(failed, file, run);
            return true;
        }
        if self.in_tree {
            if self.tree(line, run) {
                return true;
            }
            self.in_tree = false;
        }
        if let Some(title) = line.strip_prefix("  \u{25cf} ") {
            return self.begin_block(title, run);
        }
        if (line.is_empty() || line.starts_with("    ")) && run.in_block(&self.block) {
            return true;
        }
        self.block.clear();
        self.sums_up(line, run)
    }
}

impl Jest {
    /// `FAIL ./w.test.js (5.1 s)`
    fn file(&mut self, _failed: bool, file: &str, run: &mut ConsoleRun<'_, '_>) {
        run.go_on();
        self.file.clear();
        self.file.push_str(file.strip_prefix("./").unwrap_or(file));
        self.files += 1;
        self.in_tree = true;
        self.groups.clear();
        self.failed.clear();
        self.block.clear();
        run.text();
    }

    /// `  ✓ title (2 ms)`, or the title of a group, below a file.
    fn tree(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        let text = line.trim_start_matches(' ');
        let indent = line.len() - text.len();
        if indent < 2 || text.is_empty() || text.starts_with('\u{25cf}') {
            return false;
        }
        let depth = indent / 2 - 1;
        self.groups.truncate(depth);
        let Some((status, title)) = test_line(text) else {
            self.groups.push(text.to_owned());
            return true;
        };
        let (title, seconds) = title_and_time(title);
        self.make_id(title);
        run.took(seconds);
        if status != Status::Fail {
            run.result(&self.id, status);
            return true;
        }
        let mut joined = self.groups.join(" \u{203a} ");
        if !joined.is_empty() {
            joined.push_str(" \u{203a} ");
        }
        joined.push_str(title);
        run.hold(&self.id, status);
        self.failed.push((joined, self.id.clone()));
        true
    }

    fn make_id(&mut self, title: &str) {
        self.id.clear();
        self.id.push_str(&self.file);
        for part in self.groups.iter().map(String::as_str).chain([title]) {
            self.id.push_str(" > ");
            self.id.push_str(part);
        }
    }

    /// `  ● group › title`
    fn begin_block(&mut self, title: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        self.block.clear();
        if self.repeats || title == "Console" {
            return false;
        }
        if let Some(why) = title.strip_prefix(" process.exit called with ") {
            run.beside(SESSION, &format!("process.exit called with {why}"));
            return true;
        }
        if title == "Test suite failed to run" {
            run.beside(&self.file, title);
            return true;
        }
        let title = title.trim_end();
        if let Some(at) = self.failed.iter().position(|(joined, _)| joined == title) {
            self.block = self.failed.swap_remove(at).1;
        } else {
            self.groups.clear();
            self.make_id(&title.replace(" \u{203a} ", " > "));
            run.hold(&self.id, Status::Fail);
            self.block.push_str(&self.id);
        }
        run.detail(&self.block);
        true
    }

    fn sums_up(&mut self, line: &str, run: &mut ConsoleRun<'_, '_>) -> bool {
        if line == "Summary of all failing tests" {
            self.repeats = true;
            return false;
        }
        if line.starts_with("No tests found, exiting with code ") {
            run.summary(SummaryCounts::default());
            return true;
        }
        if line.starts_with("Jest: ") && line.contains(" threshold ") {
            run.beside(SESSION, line);
            return true;
        }
        if let Some(counts) = line.strip_prefix("Test Suites: ") {
            let parts = parts(counts);
            self.suites = parts.map(|(numbers, total)| (numbers.fail, total));
        } else if let Some(counts) = line.strip_prefix("Tests: ") {
            self.tests = parts(counts).filter(|_| self.suites.is_some());
        } else if line.starts_with("Time: ")
            && let (Some((failed, files)), Some((numbers, total))) =
                (self.suites.take(), self.tests.take())
        {
            run.summary(SummaryCounts {
                numbers,
                failed: failed > 0,
                total: Some(total),
                agrees: self.files == files,
                names: NamesOf::Failures,
            });
            (self.files, self.repeats) = (0, false);
            return true;
        }
        false
    }
}

/// A file that has ended, wherever it stands in a line: what is before it, whether it failed, and its name.
fn file_line(line: &str) -> Option<(&str, bool, &str)> {
    let (at, failed) = match (line.rfind("PASS "), line.rfind("FAIL ")) {
        (Some(at), None) => (at, false),
        (None, Some(at)) => (at, true),
        _ => return None,
    };
    let file = &line[at + "PASS ".len()..];
    let file = strip_last(file, " (", " s)").map_or(file, |(file, _)| file);
    // Where there are several projects, the name of the project comes first.
    let file = file.rsplit(' ').next().unwrap_or(file);
    let (_, extension) = file.rsplit_once('.')?;
    let known = ["js", "jsx", "ts", "tsx", "mjs", "cjs", "mts", "cts", "vue"];
    known.contains(&extension).then_some((&line[..at], failed, file))
}

/// `✓ title (2 ms)`
fn test_line(text: &str) -> Option<(Status, &str)> {
    let (mark, title) = text.split_once(' ')?;
    Some(match mark {
        "\u{2713}" | "\u{221a}" => (Status::Success, title),
        "\u{2715}" | "\u{d7}" => (Status::Fail, title),
        "\u{25cb}" => (Status::Skip, title.strip_prefix("skipped ").unwrap_or(title)),
        "\u{270e}" => (Status::Skip, title.strip_prefix("todo ").unwrap_or(title)),
        _ => return None,
    })
}

fn title_and_time(title: &str) -> (&str, Option<f64>) {
    if let Some((before, ms)) = strip_last(title, " (", " ms)") {
        if let Ok(ms) = ms.parse::<f64>() {
            return (before, Some(ms / 1000.0));
        }
    } else if let Some((before, seconds)) = strip_last(title, " (", " s)")
        && let Ok(seconds) = seconds.parse::<f64>()
    {
        return (before, Some(seconds));
    }
    (title, None)
}

/// `8 failed, 1 skipped, 1 todo, 7 passed, 17 total`
fn parts(counts: &str) -> Option<(ResultNumbers, u64)> {
    let (mut numbers, mut total) = (ResultNumbers::default(), None);
    for part in counts.trim().split(", ") {
        let (count, word) = count_of(part)?;
        match word {
            "failed" => numbers.add(Status::Fail, count),
            "passed" => numbers.add(Status::Success, count),
            "skipped" | "todo" | "pending" => numbers.add(Status::Skip, count),
            "total" => total = Some(count),
            // `1 of 3 total`, where some files were not run.
            _ => total = word.strip_prefix("of ").map(|_| count),
        }
    }
    Some((numbers, total?))
}

/// Whether a line is jest's own.
fn tells(line: &[u8]) -> bool {
    if line.starts_with(b"No tests found, exiting with code ") {
        return true;
    }
    let may = memchr::memmem::find(line, b"PASS ").is_some()
        || memchr::memmem::find(line, b"FAIL ").is_some()
        || memchr::memmem::find(line, b"process.exit called with").is_some()
        || line.starts_with(b"Test Suites: ");
    may && std::str::from_utf8(line).is_ok_and(|line| {
        let line = crate::ansi::plain_line(line);
        file_line(&line).is_some()
            || line.starts_with("  \u{25cf}  process.exit called with ")
            || line.strip_prefix("Test Suites: ").is_some_and(|counts| parts(counts).is_some())
    })
}
