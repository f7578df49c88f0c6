//! What is in a line of Robot Framework, and which first lines tell it?

use subunit_core::Status;

use crate::{
    consoles::machine::{ResultNumbers, count_of},
    format::Preamble,
};

/// How many columns a line has at least.
const LEAST_WIDTH: usize = 30;

pub(super) const STATUSES: [(&str, Status); 3] =
    [("| PASS |", Status::Success), ("| FAIL |", Status::Fail), ("| SKIP |", Status::Skip)];

/// What a line ends with, and what is before it.
pub(super) fn status(line: &str) -> Option<(&str, Status)> {
    STATUSES.iter().find_map(|(word, status)| Some((line.strip_suffix(word)?, *status)))
}

/// The name at the beginning of a line, and what was printed after the column of names. No name has two blanks.
pub(super) fn name_and_output(field: &str, width: usize) -> (&str, &str) {
    let mut columns = 0;
    let beyond = field.char_indices().find(|(_, it)| {
        columns += columns_of(*it);
        columns > width
    });
    let (column, output) = field.split_at(beyond.map_or(field.len(), |(at, _)| at));
    let end = column.find("  ").unwrap_or(column.len());
    let output = if output.trim_ascii().is_empty() { "" } else { output };
    (column[..end].trim_end(), output)
}

/// `Cart :: What a cart does` is a suite or a test and its documentation.
pub(super) fn without_documentation(name: &str) -> &str {
    let name = name.trim_end();
    name.split_once(" :: ").map_or(name, |(name, _)| name)
}

/// The name of a suite, which fills a line.
pub(super) fn is_name(line: &str, width: usize) -> bool {
    columns(line) == width && !line.starts_with(' ') && status(line).is_none()
}

/// A line across the console, of any width.
pub(super) fn is_any_rule(line: &str, mark: u8) -> bool {
    line.len() >= LEAST_WIDTH && line.bytes().all(|byte| byte == mark)
}

/// How many columns a text takes.
pub(super) fn columns(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().map(columns_of).sum() }
}

/// Two columns for a wide character, none for one that combines.
fn columns_of(character: char) -> usize {
    match u32::from(character) {
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
    }
}

/// `Running suite 'Cart' with 7 tests.`
pub(super) fn is_dotted(line: &str) -> bool {
    let counts = line.strip_prefix("Running suite '").and_then(|rest| rest.rsplit_once("' with "));
    counts
        .and_then(|(_, counts)| count_of(counts))
        .is_some_and(|(_, what)| matches!(what, "test." | "tests." | "task." | "tasks."))
}

pub(super) fn tells(line: &[u8]) -> bool {
    line.starts_with(b"Running suite '") && std::str::from_utf8(line).is_ok_and(is_dotted)
}

/// `14 tests, 5 passed, 6 failed, 3 skipped`, `3 tests total, 1 passed, 2 failed`
pub(super) fn totals(line: &str) -> Option<ResultNumbers> {
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
pub(super) fn opens(lines: &[u8]) -> Preamble {
    if lines.first() != Some(&b'=') {
        return Preamble::None;
    }
    let text = crate::text::verbatim::lossy(lines);
    let first = text.lines().next().is_some_and(|line| is_any_rule(line.trim_end(), b'='));
    let mut lines = text.lines();
    let width = lines.next().unwrap_or_default().trim_end().len();
    let name = lines.next().map(|name| is_name(name, width));
    let second = lines
        .next()
        .map(|line| line.trim_end().len() == width && is_any_rule(line.trim_end(), b'='));
    match (first, name, second) {
        (true, Some(true), Some(true)) => Preamble::Is,
        (true, None | Some(true), None) => Preamble::Maybe,
        _ => Preamble::None,
    }
}
