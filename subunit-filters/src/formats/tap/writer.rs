//! Writes TAP 14 that other readers of TAP read too.

use std::{
    collections::HashMap,
    fmt::Write as _,
    io::{self, Write},
};

use subunit_core::{
    Damage, Event, Status, Timestamp,
    sink::{Flow, Sink},
};

use super::{
    line::Line,
    yaml_out::{Block, is_verbatim, quoted},
};
use crate::formats::emit::REASON;

/// So much of each attachment is kept until its test ends.
const MOST_OF_A_FILE: usize = 256 * 1024;

/// So much of all attachments of a test is kept.
const MOST_OF_A_TEST: usize = 1 << 20;

/// So much text without a line end is kept before it is given one.
const LONGEST_TEXT: usize = 64 * 1024;

/// Writes what it is pushed as TAP 14.
///
/// * Each final status is a point; a test that never ends is a failed one at the end. `skip` has the
///   directive `SKIP`, `xfail` and `uxsuccess` have `TODO`.
/// * The plan stands last: more tests may run than were listed, and a point beyond a plan is none.
/// * A YAML block has the duration, the reason, the tags and the attachments; one that was read from TAP
///   and is simple is written as it was. Ids that TAP has no room for, such as those with newlines, stand there as
///   `subunit_id`, where [`TapReader`](super::TapReader) finds them.
/// * Text is written as comments that begin with `#|`. Nothing that a test prints is read as TAP.
/// * Damage is told by `Bail out!` at the end.
///
/// Errors of the output are kept for [`TapWriter::into_result`]; the first one ends the writing.
///
/// Memory: attachments of tests that are open, at most 1 MiB each; longer ones are cut.
#[derive(Debug)]
pub struct TapWriter<W> {
    output: W,
    version: TapVersion,
    error: Option<io::Error>,
    tests: HashMap<(Option<String>, String), Test>,
    opened: u64,
    begun: bool,
    points: u64,
    text: Vec<u8>,
    damage: u64,
}

/// The version that the first line names. All else is the same: nothing is written that only 14 has.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum TapVersion {
    /// For readers that refuse what is later. One is perl's TAP::Parser, and so `prove`: up to 3.44 at least
    /// it has a highest version, 13, and reports 14 as an error of the file.
    V13,
    /// The latest.
    #[default]
    V14,
}

impl TapVersion {
    const fn line(self) -> &'static str {
        match self {
            Self::V13 => "TAP version 13",
            Self::V14 => "TAP version 14",
        }
    }
}

/// What is known of a test that has not ended.
#[derive(Debug, Default)]
struct Test {
    ordinal: u64,
    started: bool,
    start: Option<Timestamp>,
    files: Vec<File>,
    tags: Vec<String>,
}

#[derive(Debug)]
struct File {
    name: String,
    mime_type: String,
    bytes: Vec<u8>,
    /// How many bytes were left out.
    cut: usize,
}

impl<W: Write> TapWriter<W> {
    /// Writes to `output`, one write for each point.
    pub fn new(output: W) -> Self {
        Self {
            output,
            version: TapVersion::default(),
            error: None,
            tests: HashMap::new(),
            opened: 0,
            begun: false,
            points: 0,
            text: Vec::new(),
            damage: 0,
        }
    }

    /// Names another version than 14 in the first line.
    #[must_use]
    pub fn with_version(self, version: TapVersion) -> Self {
        Self { version, ..self }
    }

    /// The output, once all is written.
    ///
    /// # Errors
    ///
    /// The first error that writing met.
    pub fn into_result(self) -> io::Result<W> {
        match self.error {
            Some(error) => Err(error),
            None => Ok(self.output),
        }
    }

    fn write(&mut self, text: &str) -> Flow {
        if self.error.is_none()
            && let Err(error) = self.output.write_all(text.as_bytes())
        {
            self.error = Some(error);
        }
        if self.error.is_some() { Flow::Break(()) } else { Flow::Continue(()) }
    }

    /// What stands in front of everything, if it has not been written.
    fn begin(&mut self, out: &mut String) {
        if !std::mem::replace(&mut self.begun, true) {
            let _ = writeln!(out, "{}", self.version.line());
        }
    }

    fn open(&mut self, event: &Event<'_>, test_id: &str) -> &mut Test {
        let route = event.route_code.map(|route| route.as_str().to_owned());
        self.opened += 1;
        let new = || Test { ordinal: self.opened, start: event.timestamp, ..Test::default() };
        let test = self.tests.entry((route, test_id.to_owned())).or_insert_with(new);
        test.started |= event.status == Some(Status::InProgress);
        test.start = test.start.or(event.timestamp);
        test.note(event);
        test
    }

    fn close(&mut self, event: &Event<'_>, status: Status) -> Flow {
        let test_id = event.test_id.unwrap_or_default();
        let route = event.route_code.map(|route| route.as_str().to_owned());
        let mut test = self.tests.remove(&(route.clone(), test_id.to_owned())).unwrap_or_default();
        test.note(event);
        let duration = match (test.start, event.timestamp) {
            (Some(start), Some(stop)) => stop.since(start),
            _ => None,
        };
        let milliseconds = duration.map(|duration| duration.as_secs_f64() * 1e3);
        self.point(test_id, route.as_deref(), status, &test, milliseconds)
    }

    fn point(
        &mut self,
        test_id: &str,
        route: Option<&str>,
        status: Status,
        test: &Test,
        milliseconds: Option<f64>,
    ) -> Flow {
        let mut out = String::new();
        self.begin(&mut out);
        self.end_text(&mut out);
        let name = Name::new(test_id);
        self.points += 1;
        let ok = matches!(status, Status::Success | Status::Skip | Status::UnexpectedSuccess);
        out.push_str(if ok { "ok " } else { "not ok " });
        let _ = write!(out, "{} - {}", self.points, name.text);
        let directive = match status {
            Status::Skip => Some("SKIP"),
            Status::ExpectedFailure | Status::UnexpectedSuccess => Some("TODO"),
            _ => None,
        };
        if let Some(directive) = directive {
            let reason = escape(&test.text(REASON).unwrap_or_default());
            let _ = write!(out, " # {directive} {}", reason.trim());
            out.truncate(out.trim_end().len());
            if out.ends_with('{') {
                // It would open a block of subtests.
                out.push('.');
            }
        }
        out.push('\n');
        let mut block = Block::default();
        if !name.exact {
            block.plain("subunit_id", quoted(test_id));
        }
        if let Some(route) = route {
            block.text(0, "route", route);
        }
        test.describe(milliseconds, directive.is_some(), &mut block);
        block.finish(&mut out);
        test.comments(&mut out);
        self.write(&out)
    }

    fn unfinished(&mut self) -> Flow {
        let mut tests: Vec<_> = std::mem::take(&mut self.tests).into_iter().collect();
        tests.sort_unstable_by_key(|(_, test)| test.ordinal);
        for ((route, test_id), mut test) in tests {
            let reason = if test.started { "it started and never ended" } else { "it never ended" };
            test.file(REASON, "text/plain").bytes = reason.as_bytes().to_vec();
            self.point(&test_id, route.as_deref(), Status::Fail, &test, None)?;
        }
        Flow::Continue(())
    }

    /// Writes text that has no line end as a comment all the same.
    fn end_text(&mut self, out: &mut String) {
        if !self.text.is_empty() {
            push_comment(out, &String::from_utf8_lossy(&self.text));
            self.text.clear();
        }
    }
}

impl<W: Write> Sink for TapWriter<W> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        match (event.test_id, event.status) {
            (_, Some(status)) if status.is_final() => return self.close(event, status),
            (Some(test_id), Some(Status::Exists)) => {
                let route = event.route_code.map(|route| route.as_str().to_owned());
                let key = (route, test_id.to_owned());
                if self.tests.get(&key).is_some_and(|test| !test.started) {
                    self.tests.remove(&key);
                }
            }
            (Some(test_id), _) => {
                self.open(event, test_id);
            }
            (None, _) => {
                if let Some(file) = event.file {
                    return self.text(file.bytes);
                }
            }
        }
        if self.error.is_some() { Flow::Break(()) } else { Flow::Continue(()) }
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        self.text.extend_from_slice(bytes);
        let whole = match memchr::memrchr(b'\n', &self.text) {
            Some(newline) => newline + 1,
            None if self.text.len() > LONGEST_TEXT => self.text.len(),
            None => return Flow::Continue(()),
        };
        let rest = self.text.split_off(whole);
        let mut out = String::new();
        self.begin(&mut out);
        self.end_text(&mut out);
        self.text = rest;
        self.write(&out)
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.damage += 1;
        let mut out = String::new();
        self.begin(&mut out);
        self.end_text(&mut out);
        push_comment(&mut out, &damage.to_string());
        self.write(&out)
    }

    fn finish(&mut self) {
        let _ = self.unfinished();
        let mut out = String::new();
        self.begin(&mut out);
        self.end_text(&mut out);
        let _ = writeln!(out, "1..{}", self.points);
        if self.damage > 0 {
            out.push_str("Bail out! The stream is damaged\n");
        }
        let _ = self.write(&out);
        if self.error.is_none()
            && let Err(error) = self.output.flush()
        {
            self.error = Some(error);
        }
    }
}

impl Test {
    /// Takes what an event says besides its status.
    fn note(&mut self, event: &Event<'_>) {
        if let Some(tags) = event.tags {
            self.tags = tags.iter().map(str::to_owned).collect();
        }
        let Some(chunk) = event.file else { return };
        let held: usize = self.files.iter().map(|file| file.bytes.len()).sum();
        let file = self.file(chunk.name, event.mime_type.unwrap_or("application/octet-stream"));
        let room = MOST_OF_A_FILE
            .saturating_sub(file.bytes.len())
            .min(MOST_OF_A_TEST.saturating_sub(held));
        let (kept, cut) = chunk.bytes.split_at(chunk.bytes.len().min(room));
        file.bytes.extend_from_slice(kept);
        file.cut += cut.len();
    }

    fn file(&mut self, name: &str, mime_type: &str) -> &mut File {
        let at = self.files.iter().position(|file| file.name == name).unwrap_or_else(|| {
            let (name, mime_type) = (name.to_owned(), mime_type.to_owned());
            self.files.push(File { name, mime_type, bytes: Vec::new(), cut: 0 });
            self.files.len() - 1
        });
        &mut self.files[at]
    }

    /// The attachment of this name, if it is whole.
    fn text(&self, name: &str) -> Option<String> {
        let file = self.files.iter().find(|file| file.name == name && file.cut == 0)?;
        Some(String::from_utf8_lossy(&file.bytes).into_owned())
    }

    /// The block that was read from TAP, if it can be written again.
    fn verbatim(&self) -> Option<String> {
        self.text("diagnostic.yaml").filter(|content| is_verbatim(content))
    }

    fn describe(&self, milliseconds: Option<f64>, reason_told: bool, block: &mut Block) {
        if let Some(content) = self.verbatim() {
            return block.verbatim(&content);
        }
        if let Some(milliseconds) = milliseconds {
            block.plain("duration_ms", milliseconds);
        }
        let told = |file: &&File| file.name == REASON && (reason_told || file.cut == 0);
        if let Some(reason) = self.text(REASON).filter(|_| !reason_told) {
            block.text(0, "message", &reason);
        }
        for key in ["file", "line"] {
            let value = |tag: &String| Some(tag.strip_prefix(key)?.strip_prefix(':')?.to_owned());
            if let Some(value) = self.tags.iter().find_map(value) {
                block.text(0, key, &value);
            }
        }
        if !self.tags.is_empty() {
            block.open("tags");
            self.tags.iter().for_each(|tag| block.member(tag));
        }
        let files = || self.files.iter().filter(|file| !told(file) && file.name != COMMENTS);
        if files().next().is_some() {
            block.open("attachments");
            files().for_each(|file| block.text(1, &file.name, &file.content()));
        }
    }

    /// Comments that were read below the point, and what has no place in a block that was read.
    fn comments(&self, out: &mut String) {
        for file in &self.files {
            let known = [REASON, "diagnostic.yaml"].contains(&&*file.name);
            if file.name == COMMENTS {
                file.content().lines().for_each(|line| push_own_comment(out, line));
            } else if self.verbatim().is_some() && !known {
                push_comment(out, &format!("{}:\n{}", file.name, file.content()));
            }
        }
    }
}

/// The name of the attachment that the reader makes of comments.
const COMMENTS: &str = "comments";

impl File {
    fn content(&self) -> String {
        let text = String::from_utf8_lossy(&self.bytes);
        let known = ["text/", "application/yaml", "application/json", "application/xml"];
        let is_text = known.iter().any(|known| self.mime_type.starts_with(known))
            || !text.contains(['\u{fffd}', '\0']);
        let mut content = match is_text {
            true => text.into_owned(),
            false => return format!("{}, {} bytes", self.mime_type, self.bytes.len() + self.cut),
        };
        if self.cut > 0 {
            let _ = write!(content, "\n... {} bytes left out\n", self.cut);
        }
        content
    }
}

/// A test id as a description.
struct Name {
    text: String,
    /// Whether the id can be read back from it.
    exact: bool,
}

impl Name {
    fn new(test_id: &str) -> Self {
        let mut text = escape(test_id);
        let mut exact =
            text.trim_ascii() == text && !text.is_empty() && !test_id.contains(is_line_like);
        // `{` at the end would begin a block of children.
        if text.ends_with(" {") || text == "{" {
            text.push('.');
            exact = false;
        }
        text.truncate(text.trim_end().len());
        Self { text, exact }
    }
}

/// A text on one line, without anything that has a meaning in a point.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '#' => escaped.extend(['\\', c]),
            c if is_line_like(c) => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Whether a character could be taken for the end of a line, or does something to a terminal.
fn is_line_like(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Writes text as comments that no reader takes for more.
fn push_comment(out: &mut String, text: &str) {
    for line in text.lines() {
        out.push_str("#| ");
        push_line(out, line);
    }
}

/// Writes a comment that was one, unless a reader would take it for more.
fn push_own_comment(out: &mut String, line: &str) {
    let inner = Line::new(line.trim_start().as_bytes(), true);
    let whole = format!("# {line}");
    let is_plain = matches!(inner, Line::Other | Line::Blank)
        && matches!(Line::new(whole.as_bytes(), true), Line::Comment(_))
        && !line.starts_with("selftests: ");
    out.push_str(if is_plain { "# " } else { "#| " });
    push_line(out, line);
}

/// A line whose control characters, a carriage return among them, are shown and not sent.
fn push_line(out: &mut String, line: &str) {
    for c in line.chars() {
        match c {
            '\t' | '\u{1b}' => out.push(c),
            c if is_line_like(c) => {
                let _ = write!(out, "{}", c.escape_default());
            }
            c => out.push(c),
        }
    }
    out.push('\n');
}
