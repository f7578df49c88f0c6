//! TAP as python-subunit's `tap2subunit` reads it, for the tool of that name.

use subunit_core::{
    Event, FileChunk, Status,
    sink::{Flow, Sink},
};

use super::words::number;
use crate::{events::emit, reader::FormatReader, text::lines::Lines};

const MIME_TYPE: &str = "text/plain; charset=UTF8";

/// Comments beyond this are text.
const MOST_COMMENTS: usize = 1 << 20;

/// So many missing tests are reported one by one; python-subunit has no limit.
const MOST_MISSING: u64 = 10_000;

/// Reads TAP the way of python-subunit 1.4.6: ids are `test N description`, nothing is runnable, no
/// event has a time, a plan that is not met is a failure of each missing test, `# TODO` is `xfail` even on
/// `ok`, and what its patterns do not match is text: subtests, YAML, versions, and points with a `#` in the
/// description or without a line end.
///
/// Memory: a line and the comments of one test, at most 1 MiB each.
#[derive(Clone, Debug, Default)]
pub struct PythonTapReader {
    lines: Lines,
    state: State,
}

#[derive(Clone, Debug, Default)]
struct State {
    planned: bool,
    /// The last number of the plan; 0 without one.
    last: u64,
    /// How many numbers have been used or reported missing.
    used: u64,
    test: Option<(String, Status)>,
    log: Vec<u8>,
}

impl PythonTapReader {
    /// At the start of the input.
    pub fn new() -> Self {
        Self::default()
    }
}

impl FormatReader for PythonTapReader {
    fn feed(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Flow {
        let state = &mut self.state;
        self.lines.feed(bytes, |line| state.line(line, sink))
    }

    fn finish(&mut self, sink: &mut dyn Sink) -> Flow {
        if let Some(line) = self.lines.finish()
            && sink.text(&line).is_break()
        {
            return Flow::Break;
        }
        self.state
            .push_test(sink)
            .and_then(|| self.state.push_missing(self.state.last.saturating_add(1), sink))
    }
}

impl State {
    fn line(&mut self, line: &[u8], sink: &mut dyn Sink) -> Flow {
        let Some(body) = line.strip_suffix(b"\n") else { return sink.text(line) };
        if !self.planned
            && let Some((last, comment)) = plan(body)
        {
            self.planned = true;
            self.last = last;
            return if self.used >= last && last == 0 {
                skip_file(comment, sink)
            } else {
                Flow::Continue
            };
        }
        if let Some(point) = point(body) {
            return self.point(&point, sink);
        }
        if let Some(reason) = body.strip_prefix(b"Bail out!") {
            if self.push_test(sink).is_break() {
                return Flow::Break;
            }
            let reason = reason.trim_ascii_start();
            self.test = Some((format!("Bail out! {}", emit::id(reason)), Status::Fail));
            return Flow::Continue;
        }
        if body.starts_with(b"#") && self.log.len() + body.len() < MOST_COMMENTS {
            self.log_line(body);
            return Flow::Continue;
        }
        sink.text(line)
    }

    fn point(&mut self, point: &Point<'_>, sink: &mut dyn Sink) -> Flow {
        if self.push_test(sink).is_break() {
            return Flow::Break;
        }
        if let Some(comment) = point.comment {
            self.log_line(comment);
        }
        if let Some(number) = point.number
            && self.push_missing(number, sink).is_break()
        {
            return Flow::Break;
        }
        self.used = self.used.saturating_add(1);
        let id = match point.description {
            [] => format!("test {}", self.used),
            description => format!("test {} {}", self.used, emit::id(description)),
        };
        self.test = Some((id, point.status));
        Flow::Continue
    }

    fn log_line(&mut self, line: &[u8]) {
        if !self.log.is_empty() {
            self.log.push(b'\n');
        }
        self.log.extend_from_slice(line);
    }

    fn push_test(&mut self, sink: &mut dyn Sink) -> Flow {
        let Some((id, status)) = self.test.take() else { return Flow::Continue };
        let log = std::mem::take(&mut self.log);
        let file = FileChunk { name: "tap comment", bytes: &log };
        push(&id, status, Some(file).filter(|_| !log.is_empty()), sink)
    }

    /// Reports the tests before the one of this number that have not come.
    fn push_missing(&mut self, number: u64, sink: &mut dyn Sink) -> Flow {
        let mut left = MOST_MISSING;
        while self.used.saturating_add(1) < number {
            self.used += 1;
            let (mut id, mut bytes) =
                (format!("test {}", self.used), "test missing from TAP output");
            if left == 0 {
                id = format!("tests {} to {}", self.used, number - 1);
                bytes = "tests missing from TAP output";
                self.used = number - 1;
            }
            left = left.saturating_sub(1);
            let file = FileChunk { name: "tap meta", bytes: bytes.as_bytes() };
            if push(&id, Status::Fail, Some(file), sink).is_break() {
                return Flow::Break;
            }
        }
        Flow::Continue
    }
}

fn push(id: &str, status: Status, file: Option<FileChunk<'_>>, sink: &mut dyn Sink) -> Flow {
    sink.event(&Event {
        runnable: false,
        file,
        mime_type: file.map(|_| MIME_TYPE),
        eof: true,
        ..Event::status(id, status)
    })
}

fn skip_file(comment: Option<&[u8]>, sink: &mut dyn Sink) -> Flow {
    let file = comment.map(|bytes| FileChunk { name: "tap comment", bytes });
    sink.event(&Event { file, eof: true, ..Event::status("file skip", Status::Skip) })
}

fn plan(body: &[u8]) -> Option<(u64, Option<&[u8]>)> {
    let (_, rest) = number(body)?;
    let (last, rest) = number(rest.strip_prefix(b"..")?)?;
    match rest.trim_ascii_start() {
        [] => Some((last, None)),
        [b'#', comment @ ..] if comment.first().is_some_and(u8::is_ascii_whitespace) => {
            Some((last, Some(comment.trim_ascii_start())))
        }
        _ => None,
    }
}

struct Point<'a> {
    status: Status,
    number: Option<u64>,
    description: &'a [u8],
    comment: Option<&'a [u8]>,
}

fn point(body: &[u8]) -> Option<Point<'_>> {
    let (mut status, rest) = match body.strip_prefix(b"not ok") {
        Some(rest) => (Status::Fail, rest),
        None => (Status::Success, body.strip_prefix(b"ok")?),
    };
    if rest.first().is_some_and(|byte| !byte.is_ascii_whitespace()) {
        return None;
    }
    let mut comment = None;
    let rest = match memchr::memchr(b'#', rest) {
        Some(at) => {
            let (before, after) = (&rest[..at], &rest[at + 1..]);
            if ![before.last(), after.first()]
                .iter()
                .all(|byte| byte.is_some_and(u8::is_ascii_whitespace))
            {
                return None;
            }
            (status, comment) = directive(after.trim_ascii_start())?;
            before
        }
        None => rest,
    };
    let rest = rest.trim_ascii();
    let (number, description) = match number(rest) {
        Some((number, after)) if after.first().is_none_or(u8::is_ascii_whitespace) => {
            (Some(number), after.trim_ascii_start())
        }
        _ => (None, rest),
    };
    Some(Point { status, number, description, comment })
}

fn directive(text: &[u8]) -> Option<(Status, Option<&[u8]>)> {
    let (word, rest) = text.split_at_checked(4)?;
    let status = match word {
        b"TODO" | b"todo" => Status::ExpectedFailure,
        b"SKIP" | b"skip" => Status::Skip,
        _ => return None,
    };
    match rest {
        [] => Some((status, None)),
        [byte, ..] if byte.is_ascii_whitespace() => {
            Some((status, Some(rest.trim_ascii_start()).filter(|comment| !comment.is_empty())))
        }
        _ => None,
    }
}
