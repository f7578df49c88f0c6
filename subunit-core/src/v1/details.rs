//! The details of an outcome: files, in brackets or in parts.
//!
//! ```text
//! failure: a [                            failure: a [ multipart
//! any lines; " ]" stands for "]"          Content-Type: text/plain
//! ]                                       NAME
//!                                         5\r\n
//!                                         hello0\r\n
//!                                         ]
//! ```
//!
//! The content of a part comes in chunks, each after its length in hexadecimal, up to one of length 0.
//! Content is passed on piece by piece, so what is kept of it is at most [`PIECE`].

use super::{
    line::{Opening, Outcome, clean, without_end},
    mime,
    out::Files,
};
use crate::FileChunk;

/// Content is passed on in pieces of this many bytes.
const PIECE: usize = 64 * 1024;

/// The report of a test's outcome, as far as it has come.
#[derive(Clone, Debug)]
pub(super) struct Report {
    pub(super) outcome: Outcome,
    state: State,
    file: Option<File>,
}

#[derive(Clone, Debug)]
enum State {
    /// In a file, up to `]`. `cr`: the lines of this report end in CRLF.
    Bracket { cr: bool },
    /// Before the type of the next part, or `]`.
    Header,
    /// Before the name of a part.
    Name { mime_type: String },
    /// Before a chunk's length.
    Length,
    /// In a chunk.
    Chunk { left: u64 },
    /// Something was malformed. Everything up to `]` is text.
    Broken,
}

#[derive(Clone, Debug)]
struct File {
    name: String,
    mime_type: String,
    /// Content that has not been passed on yet.
    pending: Vec<u8>,
    /// How much of it belongs to complete lines and chunks.
    whole: usize,
    /// Whether anything was passed on, and with it the name.
    told: bool,
}

/// What a line was to a report.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Step {
    /// A part of it.
    Taken,
    /// Its end.
    End,
    /// Not part of it.
    Text,
}

impl Report {
    /// A report of which only the outcome is known; `None` if there will be nothing more.
    pub(super) fn open(outcome: Outcome, opening: Opening, cr: bool) -> Option<Self> {
        let (state, file) = match opening {
            Opening::None => return None,
            Opening::Multipart => (State::Header, None),
            Opening::Bracket => {
                let (name, mime_type) = outcome.file();
                (State::Bracket { cr }, Some(File::new(name.to_owned(), mime_type.to_owned())))
            }
        };
        Some(Self { outcome, state, file })
    }

    /// Whether it waits for bytes instead of lines.
    pub(super) fn in_chunk(&self) -> bool {
        matches!(self.state, State::Chunk { .. })
    }

    /// Whether something in it was malformed.
    pub(super) fn is_broken(&self) -> bool {
        matches!(self.state, State::Broken)
    }

    /// Takes bytes of a chunk, and returns those after it.
    pub(super) fn chunk<'b>(&mut self, bytes: &'b [u8], files: &mut Files<'_, '_>) -> &'b [u8] {
        let State::Chunk { left } = &mut self.state else {
            return bytes;
        };
        let length = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
        let (here, behind) = bytes.split_at(length);
        *left -= length as u64;
        let whole = *left == 0;
        if let Some(file) = &mut self.file {
            file.push(here, whole, files);
        }
        if whole {
            self.state = State::Length;
        }
        behind
    }

    /// Takes a line, its line end included. `fresh`: it is not the rest of one that was too long.
    pub(super) fn line(&mut self, line: &[u8], fresh: bool, files: &mut Files<'_, '_>) -> Step {
        if let State::Bracket { cr } = self.state {
            return self.bracketed(line, fresh, cr, files);
        }
        if matches!(self.state, State::Header | State::Broken) && fresh && is_end(line, true) {
            return Step::End;
        }
        let content = without_end(line).filter(|_| fresh);
        let next = match (&mut self.state, content) {
            (State::Header, Some(content)) => part_header(content),
            (State::Name { mime_type }, Some(name)) => {
                self.file = Some(File::new(clean(name).into_owned(), std::mem::take(mime_type)));
                Some(State::Length)
            }
            (State::Length, Some(content)) => chunk_length(content).map(|left| match left {
                0 => State::Header,
                left => State::Chunk { left },
            }),
            _ => None,
        };
        match next {
            Some(State::Header) => self.end_file(true, files),
            None => self.break_file(files),
            Some(_) => {}
        }
        let taken = next.is_some();
        self.state = next.unwrap_or(State::Broken);
        if taken { Step::Taken } else { Step::Text }
    }

    /// Ends a report that is cut off: passes on what is complete, and returns the rest.
    pub(super) fn break_off(&mut self, files: &mut Files<'_, '_>) -> Vec<u8> {
        let torn = self.file.as_mut().map(|file| file.pending.split_off(file.whole));
        self.end_file(false, files);
        torn.unwrap_or_default()
    }

    /// Ends the content: passes on what has come, or the name if there was nothing else.
    fn break_file(&mut self, files: &mut Files<'_, '_>) {
        if let Some(mut file) = self.file.take()
            && !(file.told && file.pending.is_empty())
        {
            file.pass_on(false, files);
        }
    }

    fn bracketed(&mut self, line: &[u8], fresh: bool, cr: bool, files: &mut Files<'_, '_>) -> Step {
        if fresh && is_end(line, cr) {
            self.end_file(true, files);
            return Step::End;
        }
        let content = if fresh && line.starts_with(b" ]") { &line[1..] } else { line };
        if let Some(file) = &mut self.file {
            file.push(content, true, files);
        }
        Step::Taken
    }

    /// Passes on what is left of the file. One without eof is passed on only if something is left.
    fn end_file(&mut self, eof: bool, files: &mut Files<'_, '_>) {
        if let Some(mut file) = self.file.take()
            && (eof || !file.pending.is_empty())
        {
            file.pass_on(eof, files);
        }
    }
}

impl File {
    fn new(name: String, mime_type: String) -> Self {
        Self { name, mime_type, pending: Vec::new(), whole: 0, told: false }
    }

    /// Takes content; `whole`: up to the end of a chunk or a line.
    fn push(&mut self, mut bytes: &[u8], whole: bool, files: &mut Files<'_, '_>) {
        while self.pending.len() + bytes.len() > PIECE {
            let (here, behind) = bytes.split_at(PIECE - self.pending.len());
            self.pending.extend_from_slice(here);
            bytes = behind;
            self.pass_on(false, files);
        }
        self.pending.extend_from_slice(bytes);
        if whole {
            self.whole = self.pending.len();
        }
    }

    fn pass_on(&mut self, eof: bool, files: &mut Files<'_, '_>) {
        let mime_type = Some(self.mime_type.as_str()).filter(|mime_type| !mime_type.is_empty());
        files.push(FileChunk { name: &self.name, bytes: &self.pending }, mime_type, eof);
        self.pending.clear();
        self.whole = 0;
        self.told = true;
    }
}

fn is_end(line: &[u8], cr: bool) -> bool {
    line == b"]\n" || (cr && line == b"]\r\n")
}

/// `Content-Type: text/plain`.
fn part_header(line: &[u8]) -> Option<State> {
    const FIELD: &[u8] = b"content-type:";
    let (field, value) = line.split_at_checked(FIELD.len())?;
    let mime_type = || mime::from_v1(&clean(value));
    field.eq_ignore_ascii_case(FIELD).then(|| State::Name { mime_type: mime_type() })
}

fn chunk_length(line: &[u8]) -> Option<u64> {
    let digits = std::str::from_utf8(line.trim_ascii()).ok()?;
    let all_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    u64::from_str_radix(digits, 16).ok().filter(|_| all_hex)
}
