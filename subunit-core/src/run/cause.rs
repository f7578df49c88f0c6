//! Why a test failed: which of its files say it, which line is the message, and what of a file is text.

use std::borrow::Cow;

pub use super::source_location::SourceLocation;
use crate::{
    Status,
    conventions::{STDERR, STDOUT},
    sink::{Attachment, TestRecord},
    text::ansi::plain,
};

/// The files that say why a test failed, the best one first.
const CAUSES: [&str; 6] = ["failure", "error", "traceback", "details", "message", "reason"];

/// The files that say it in a few words, the best one first.
const BRIEF: [&str; 2] = ["message", "reason"];

/// The message of an unexpected success that has none.
pub const UNEXPECTED_SUCCESS: &str = "the test passed, and was expected to fail";

/// The longest message, in bytes.
const LONGEST: usize = 1024;

/// How many bytes at each end of a file are searched for the message and the place.
pub(super) const LOOKED_AT: usize = 32 << 10;

/// The files of a test that are not empty. Those that say why it failed come first, output comes last.
pub fn files(record: &TestRecord) -> Vec<&Attachment> {
    let mut files: Vec<_> =
        record.attachments.iter().filter(|file| !file.bytes.is_empty()).collect();
    files.sort_by_key(|file| rank(&file.name));
    files
}

/// The best first. Python's testtools calls the second traceback of a test `traceback-1`.
fn rank(name: &str) -> usize {
    if is_output(name) {
        return CAUSES.len() + 1;
    }
    let digits = |end: &str| !end.is_empty() && end.bytes().all(|byte| byte.is_ascii_digit());
    let name = name.rsplit_once('-').filter(|(_, end)| digits(end)).map_or(name, |(stem, _)| stem);
    CAUSES.iter().position(|cause| *cause == name).unwrap_or(CAUSES.len())
}

/// Output of the test is not what its runner says about it.
pub(super) fn is_output(name: &str) -> bool {
    name == STDOUT || name == STDERR
}

/// Whether the file is text: see [`is_text_bytes`].
pub fn is_text(file: &Attachment) -> bool {
    is_text_bytes(&file.bytes, file.omitted > 0)
}

/// Whether bytes are text. Content decides, whatever its MIME type says: UTF-8 without control characters
/// other than newline, CR, tab and ESC. One odd byte in 16 is allowed: output with a bell, or with a name in
/// another encoding, is still worth reading. `is_cut` says that the bytes may end within a character.
pub fn is_text_bytes(bytes: &[u8], is_cut: bool) -> bool {
    let mut odd = 0;
    for chunk in bytes.utf8_chunks() {
        let control =
            |byte: &&u8| matches!(byte, 0..=8 | 0x0b | 0x0c | 0x0e..=0x1a | 0x1c..=0x1f | 0x7f);
        odd += chunk.valid().as_bytes().iter().filter(control).count() + chunk.invalid().len();
    }
    if is_cut {
        odd = odd.saturating_sub(3);
    }
    odd <= bytes.len() / 16
}

/// Why the test ended as it did, on one line of at most 1 KiB, without control characters except tabs. May be
/// empty.
pub fn message(record: &TestRecord) -> String {
    let file = |name: &&str| record.attachment(name).filter(|file| is_text(file));
    let named = BRIEF.iter().chain(&CAUSES).filter_map(file);
    let line = named.map(|file| line_of(file, telling_line)).find(|line| !line.is_empty());
    if let Some(line) = line.or_else(|| unnamed_message(record)) {
        return line;
    }
    match record.status {
        Some(Status::UnexpectedSuccess) => UNEXPECTED_SUCCESS.to_owned(),
        None | Some(Status::InProgress) => "no result: the test started and never ended".to_owned(),
        Some(_) => String::new(),
    }
}

/// The message of diagnostics of any name, else of the output of a failed test, as far as its runner wrote
/// that.
fn unnamed_message(record: &TestRecord) -> Option<String> {
    if record.status != Some(Status::Fail) {
        return None;
    }
    let files = || files(record).into_iter().filter(|file| is_text(file));
    let said = |file: &Attachment| match file {
        file if is_output(&file.name) => line_of(file, output_line),
        file if is_yaml(file) => line_of(file, yaml_line),
        file if file.name == "comments" => line_of(file, telling_line),
        file => line_of(file, output_line),
    };
    files().map(said).find(|line| !line.is_empty())
}

fn line_of(file: &Attachment, choose: fn(&str) -> Cow<'_, str>) -> String {
    let text = plain(&ends(&file.bytes, LOOKED_AT / 2));
    cut(&choose(&text), LONGEST).to_owned()
}

fn is_yaml(file: &Attachment) -> bool {
    let mime_type = file.mime_type.as_deref().unwrap_or_default();
    mime_type.contains("yaml") || file.name.ends_with(".yaml") || file.name.ends_with(".yml")
}

/// The first line that is not empty; of a traceback of Python or of what pytest says, the one with the exception;
/// of a panic of Rust, what it says.
fn telling_line(text: &str) -> Cow<'_, str> {
    let first = || text.lines().map(str::trim).find(|line| !line.is_empty());
    let begins_with_traceback = text.trim_start().starts_with(TRACEBACK);
    let exception = begins_with_traceback.then(|| python_exception(text)).flatten();
    let panic = || first().filter(|line| line.contains("panicked at ")).and_then(|_| panic(text));
    let line = python_group(text).or(exception).or_else(|| pytest_error(text));
    let line = line.or_else(panic).or_else(first);
    line.unwrap_or_default().into()
}

/// The line of output in which a runner, not the test, says what went wrong.
fn output_line(text: &str) -> Cow<'_, str> {
    let go_panic = || text.lines().find(|line| line.starts_with("panic: "));
    let error = || {
        let is_error = |line: &&str| {
            line.contains("Error: ") || line.starts_with("error: ") || line.starts_with("Error: ")
        };
        text.lines().map(str::trim).find(is_error)
    };
    let line = python_group(text)
        .or_else(|| python_exception(text))
        .or_else(|| pytest_error(text))
        .or_else(|| panic(text))
        .or_else(|| go_error(text))
        .or_else(go_panic)
        .or_else(error);
    line.unwrap_or_default().into()
}

const TRACEBACK: &str = "Traceback (most recent call last):";

/// The exception of Python's last traceback.
fn python_exception(text: &str) -> Option<&str> {
    let (_, frames) = text.rsplit_once(TRACEBACK)?;
    frames.lines().find(|line| !line.is_empty() && !line.starts_with(' ')).map(str::trim)
}

/// `  | ExceptionGroup: several (2 sub-exceptions)`
fn python_group(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once(GROUP)?;
    let mut lines = rest.lines().filter_map(|line| line.trim_start().strip_prefix("| "));
    lines.find(|line| !line.starts_with(' ')).map(str::trim)
}

/// What Python writes above a group of exceptions.
pub(super) const GROUP: &str = "+ Exception Group Traceback (most recent call last):";

/// What Python writes between an exception and the one that it caused.
const CAME_OF_IT: [&str; 2] = [
    "The above exception was the direct cause of the following exception:",
    "During handling of the above exception, another exception occurred:",
];

/// The part about the last exception of a chain.
pub(super) fn last_of_chain(text: &str) -> &str {
    let last = CAME_OF_IT.iter().filter_map(|words| Some(text.rsplit_once(words)?.1));
    last.min_by_key(|rest| rest.len()).unwrap_or(text)
}

/// `E   assert 1 == 2`. Before a mistake of the syntax, Python says where it is.
fn pytest_error(text: &str) -> Option<&str> {
    let mut lines = last_of_chain(text).lines().filter_map(|line| line.strip_prefix(ERROR));
    let line = match lines.next()? {
        place if is_place(place) => lines.find(|line| !line.starts_with(' ')).unwrap_or(place),
        line => line,
    };
    Some(line.trim()).filter(|line| !line.is_empty())
}

/// How pytest begins a line of an error.
const ERROR: &str = "E   ";

/// Whether a line of an error is `  File "a.py", line 1`.
fn is_place(line: &str) -> bool {
    line.trim_start().starts_with("File \"")
}

/// Where Python says that a mistake of the syntax is, in what pytest says.
pub(super) fn place_of_syntax(text: &str) -> Option<&str> {
    last_of_chain(text)
        .lines()
        .find_map(|line| line.strip_prefix(ERROR))
        .filter(|line| is_place(line))
}

/// What follows `thread 'a' panicked at src/lib.rs:7:5:`, or before Rust 1.73 in that line.
fn panic(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("panicked at ")?;
    let mut lines = rest.lines();
    let line = lines.next()?;
    if let Some((said, _)) = line.strip_prefix('\'').and_then(|line| line.rsplit_once("', ")) {
        return Some(said);
    }
    lines.map(str::trim).find(|line| !line.is_empty()).filter(|line| !line.starts_with("note: "))
}

/// `    x_test.go:44: what is wrong`; testify writes it further down, after `Error:`.
fn go_error(text: &str) -> Option<&str> {
    let mut lines = text.lines();
    let said = lines.find_map(|line| {
        let (place, said) = line.strip_prefix("    ")?.split_once(": ").unwrap_or((line, ""));
        let place = place.trim().trim_end_matches(':');
        let (file, number) = place.rsplit_once(':')?;
        let is_place = file.ends_with(".go")
            && !file.contains(char::is_whitespace)
            && number.bytes().all(|byte| byte.is_ascii_digit());
        is_place.then_some(said.trim())
    })?;
    if !said.is_empty() {
        return Some(said);
    }
    let mut behind = lines.map(str::trim).filter(|line| !line.is_empty());
    let first = behind.clone().next();
    behind.find_map(|line| line.strip_prefix("Error:")).map(str::trim).or(first)
}

/// The value of `error` or `message`, else the top level, on one line.
fn yaml_line(text: &str) -> Cow<'_, str> {
    let lines = || text.lines().filter(|line| !line.trim().is_empty());
    let indent = |line: &str| line.len() - line.trim_start().len();
    let top = lines().map(indent).min().unwrap_or_default();
    let entries = || {
        lines().filter(|line| indent(line) == top).filter_map(|line| line.trim().split_once(':'))
    };
    let value = |key: &str| {
        let at = lines().position(|line| {
            indent(line) == top && line.trim().split_once(':').is_some_and(|(name, _)| name == key)
        })?;
        let (_, value) = lines().nth(at)?.trim().split_once(':')?;
        let value = value.trim();
        if !value.is_empty() && !value.starts_with(['|', '>']) {
            return Some(unquoted(value));
        }
        lines().nth(at + 1).filter(|line| indent(line) > top).map(str::trim)
    };
    if let Some(said) =
        ["error", "message"].iter().find_map(|key| value(key)).filter(|it| !it.is_empty())
    {
        return said.into();
    }
    let words: Vec<String> = entries()
        .map(|(name, value)| (name, value.trim()))
        .filter(|(name, value)| {
            !value.is_empty() && !value.starts_with(['|', '>']) && !PLACES.contains(name)
        })
        .map(|(name, value)| format!("{name}: {}", unquoted(value)))
        .collect();
    words.join(", ").into()
}

/// Keys of YAML whose values are no message.
const PLACES: [&str; 8] =
    ["at", "file", "line", "column", "location", "stack", "duration_ms", "type"];

fn unquoted(value: &str) -> &str {
    let within = |quote| value.strip_prefix(quote).and_then(|value| value.strip_suffix(quote));
    within('\'').or_else(|| within('"')).unwrap_or(value)
}

/// The beginning and the last whole lines of a text that is longer than twice `length`.
pub(super) fn ends(bytes: &[u8], length: usize) -> Cow<'_, [u8]> {
    let tail_from = bytes.len().saturating_sub(length);
    match (bytes.get(..length), bytes.get(tail_from..)) {
        (Some(head), Some(tail)) if bytes.len() > 2 * length => {
            let newline = memchr::memchr(b'\n', tail).map_or(0, |newline| newline + 1);
            Cow::Owned([head, b"\n", tail.get(newline..).unwrap_or(tail)].concat())
        }
        _ => Cow::Borrowed(bytes),
    }
}

/// `text` up to `longest` bytes, cut between characters.
pub fn cut(text: &str, longest: usize) -> &str {
    let end = (0..=longest.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    text.get(..end.unwrap_or_default()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
