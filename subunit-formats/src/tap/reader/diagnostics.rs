//! Finds what matters in the block of diagnostics after a test point.
//!
//! What is sent there as YAML often is none, so it is not parsed as such: it is kept as it is, and
//! this looks through its lines for keys that the runners use.

use std::time::Duration;

use crate::{
    events::{clock, emit},
    tap::line::indent,
};

/// A message longer than this is cut; it stands in the block as a whole.
const LONGEST_MESSAGE: usize = 4096;

/// More tags than this are left in the block.
const MOST_TAGS: usize = 256;

/// What a block says, as far as its lines have come.
#[derive(Clone, Debug, Default)]
pub(super) struct Diagnostics {
    pub(super) message: Vec<u8>,
    pub(super) file: Option<String>,
    pub(super) line: Option<u64>,
    pub(super) duration: Option<Duration>,
    /// node's word for why a test failed; `subtestsFailed` where it is only because its parts did.
    pub(super) failure_type: Vec<u8>,
    /// The test's id, as our own writer says it where the description has no room for it.
    pub(super) id: Option<String>,
    pub(super) tags: Vec<String>,
    /// Attachments as our own writer says them: name and content.
    pub(super) files: Vec<(String, Vec<u8>)>,
    /// Whether there is something that our own writer does not say.
    foreign: bool,
    /// The indent of the block's first line, which is that of its keys.
    base: Option<usize>,
    within: Within,
}

/// Which key's indented lines are being read.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Within {
    #[default]
    Nothing,
    Message,
    /// vitest's `error`, which is a map.
    Error,
    At,
    Tags,
    /// Whether the lines are those of the last file.
    Files {
        content: bool,
    },
}

impl Diagnostics {
    /// Takes the next line, without its end and without the indent of the block.
    pub(super) fn line(&mut self, line: &[u8]) {
        let (columns, body) = indent(line);
        let body = body.trim_ascii_end();
        if let (Within::Files { content }, Some(base)) = (self.within, self.base)
            && (columns > base || body.is_empty())
        {
            return self.file_line(line, base, content);
        }
        if body.is_empty() {
            if self.within == Within::Message {
                self.message_line(&[]);
            }
            return;
        }
        let base = *self.base.get_or_insert(columns);
        if columns > base {
            match self.within {
                Within::Nothing => {}
                Within::Message => {
                    // By far the most indent their blocks by two.
                    let rest = line.get(base + 2..).filter(|_| columns >= base + 2);
                    self.message_line(rest.unwrap_or(body).trim_ascii_end());
                }
                Within::At | Within::Error => self.key(body, true),
                Within::Tags => match body.strip_prefix(b"- ") {
                    Some(tag) if self.tags.len() < MOST_TAGS => self.tags.extend(text(tag)),
                    _ => self.foreign = true,
                },
                Within::Files { .. } => {}
            }
            return;
        }
        self.within = Within::Nothing;
        if columns == base {
            self.key(body, false);
        }
    }

    fn message_line(&mut self, line: &[u8]) {
        let room = LONGEST_MESSAGE.saturating_sub(self.message.len());
        if !self.message.is_empty() && room > 0 {
            self.message.push(b'\n');
        }
        self.message.extend_from_slice(&line[..line.len().min(room)]);
    }

    /// `nested`: below `at`, where node-tap says file and line.
    fn key(&mut self, body: &[u8], nested: bool) {
        let Some(colon) = memchr::memchr(b':', body) else {
            self.foreign = true;
            return;
        };
        let (key, value) = (body[..colon].trim_ascii_end(), body[colon + 1..].trim_ascii());
        match key {
            b"file" | b"fileName" => self.file = self.file.take().or_else(|| text(value)),
            b"line" | b"lineNumber" => self.line = self.line.or_else(|| text(value)?.parse().ok()),
            b"message" if self.within == Within::Error && self.message.is_empty() => {
                let value = unquote(value);
                self.message_line(&value);
            }
            _ if nested => {}
            b"error" if value.is_empty() && self.message.is_empty() => self.within = Within::Error,
            b"message" | b"error" if self.message.is_empty() => self.message(value),
            b"at" if value.is_empty() => self.within = Within::At,
            b"at" | b"location" => self.place(value),
            b"duration_ms" => {
                let milliseconds = text(value).and_then(|value| value.parse::<f64>().ok());
                self.duration = milliseconds.and_then(|value| clock::seconds(value / 1e3));
            }
            b"subunit_id" => self.id = text(value).or_else(|| Some(String::new())),
            b"tags" if value.is_empty() => self.within = Within::Tags,
            b"attachments" if value.is_empty() => self.within = Within::Files { content: false },
            b"route" => {}
            b"failureType" => {
                self.foreign = true;
                self.failure_type = unquote(value);
            }
            _ => self.foreign = true,
        }
    }

    fn message(&mut self, value: &[u8]) {
        if matches!(value, b"" | [b'|' | b'>'] | [b'|' | b'>', b'-' | b'+']) {
            self.within = Within::Message;
            return;
        }
        let value = unquote(value);
        self.message_line(&value);
    }

    /// A line below `attachments`: a name two columns in, or a line of content four columns in.
    fn file_line(&mut self, line: &[u8], base: usize, content: bool) {
        let indented = |columns: usize| {
            let (indent, rest) = line.split_at_checked(columns)?;
            indent.iter().all(|byte| *byte == b' ').then_some(rest)
        };
        if self.foreign {
            return;
        }
        let blank = line.trim_ascii().is_empty();
        let inner = indented(base + 4).or_else(|| blank.then_some(&[]));
        if content && let (Some((_, bytes)), Some(inner)) = (self.files.last_mut(), inner) {
            bytes.extend_from_slice(inner);
            bytes.push(b'\n');
            return;
        }
        let entry = indented(base + 2).filter(|rest| !rest.starts_with(b" ")).and_then(entry);
        match entry {
            Some((name, value)) => {
                let content = value == b"|";
                self.files.push((name, if content { Vec::new() } else { unquote(value) }));
                self.within = Within::Files { content };
            }
            None => self.foreign = true,
        }
    }

    /// The block is too long for its attachments to be kept.
    pub(super) fn forget_files(&mut self) {
        self.foreign = true;
        self.files = Vec::new();
    }

    /// Whether the block is one of our own writer with attachments, so that it says nothing else.
    pub(super) fn is_own(&self) -> bool {
        !self.foreign && !self.files.is_empty()
    }

    /// `Test.run (/a/b.js:2:52)`, `/a/b.js:2:52`.
    fn place(&mut self, value: &[u8]) {
        let Some(value) = text(value) else { return };
        let inner =
            value.rsplit_once('(').map_or(&*value, |(_, inner)| inner.trim_end_matches(')'));
        let Some((rest, column)) = inner.rsplit_once(':') else { return };
        let Some((file, line)) = rest.rsplit_once(':') else { return };
        if column.parse::<u64>().is_ok() && self.file.is_none() {
            self.line = line.parse().ok();
            self.file = Some(file.to_owned());
        }
    }

    /// The message without the empty lines at its end.
    pub(super) fn message_text(&self) -> &[u8] {
        self.message.trim_ascii_end()
    }
}

/// A name, in quotes or not, and what follows its colon.
fn entry(line: &[u8]) -> Option<(String, &[u8])> {
    let end = match line {
        [b'"', rest @ ..] => {
            let mut escaped = false;
            let closes = |byte: &u8| {
                let closes = *byte == b'"' && !escaped;
                escaped = *byte == b'\\' && !escaped;
                closes
            };
            rest.iter().position(closes)? + 2
        }
        _ => memchr::memchr(b':', line)?,
    };
    let (name, rest) = line.split_at_checked(end)?;
    let value = rest.strip_prefix(b":")?.trim_ascii();
    Some((emit::id(&unquote(name)).into_owned(), value))
}

fn text(value: &[u8]) -> Option<String> {
    let value = unquote(value);
    (!value.is_empty()).then(|| emit::id(&value).into_owned())
}

/// A value without quotes and the escapes that are usual within them.
fn unquote(value: &[u8]) -> Vec<u8> {
    match value {
        [b'\'', inner @ .., b'\''] => {
            let mut plain = inner.to_vec();
            let mut quote = false;
            plain.retain(|byte| {
                quote = *byte == b'\'' && !quote;
                !quote || *byte != b'\''
            });
            plain
        }
        [b'"', inner @ .., b'"'] => unescape(inner),
        _ => value.to_vec(),
    }
}

/// The inside of double quotes, without the escapes that are usual there.
fn unescape(mut rest: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(rest.len());
    while let Some(at) = memchr::memchr(b'\\', rest) {
        plain.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
        let (length, c) = match rest {
            [b'n', ..] => (1, Some('\n')),
            [b't', ..] => (1, Some('\t')),
            [c @ (b'"' | b'\\' | b'/'), ..] => (1, Some(char::from(*c))),
            [b'x', digits @ ..] => (3, code(digits, 2)),
            [b'u', digits @ ..] => (5, code(digits, 4)),
            _ => (0, None),
        };
        match c {
            Some(c) => {
                plain.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                rest = &rest[length..];
            }
            None => plain.push(b'\\'),
        }
    }
    plain.extend_from_slice(rest);
    plain
}

/// The character of this many hexadecimal digits.
fn code(digits: &[u8], length: usize) -> Option<char> {
    let digits = std::str::from_utf8(digits.get(..length)?).ok()?;
    char::from_u32(u32::from_str_radix(digits, 16).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(block: &str) -> Diagnostics {
        let mut diagnostics = Diagnostics::default();
        block.lines().for_each(|line| diagnostics.line(line.as_bytes()));
        diagnostics
    }

    #[test]
    fn node() {
        let diagnostics =
            of("duration_ms: 6.139113\nlocation: '/p/it''s.js:4:1'\nfailureType: 'x'\n\
             error: |-\n  Expected:\n  \n    1 !== 2\n  \ncode: 'E'\nstack: |-\n  line: 9\n");
        assert_eq!(diagnostics.message_text(), b"Expected:\n\n  1 !== 2");
        assert_eq!((diagnostics.file.as_deref(), diagnostics.line), (Some("/p/it's.js"), Some(4)));
        assert_eq!(diagnostics.duration, clock::seconds(0.006_139_113));
        assert_eq!(diagnostics.failure_type, b"x");
    }

    #[test]
    fn tape_indents_once_more() {
        let diagnostics = of("  operator: equal\n  at: Test.<anonymous> (/js/weird.js:2:52)\n");
        assert_eq!(
            (diagnostics.file.as_deref(), diagnostics.line),
            (Some("/js/weird.js"), Some(2))
        );
    }

    #[test]
    fn node_tap_says_where_in_a_map() {
        let diagnostics = of("at:\n  line: 8\n  file: x.js\nmessage: \"a \\\"b\\\"\\nc\\x00d\"\n");
        assert_eq!((diagnostics.file.as_deref(), diagnostics.line), (Some("x.js"), Some(8)));
        assert_eq!(diagnostics.message_text(), b"a \"b\"\nc\0d");
    }

    #[test]
    fn vitest_has_a_map_for_the_error() {
        let diagnostics =
            of("error:\n    name: \"E\"\n    message: \"a {\"\nat: \"/s/w.js:4:124\"\n");
        assert_eq!(diagnostics.message_text(), b"a {");
        assert_eq!((diagnostics.file.as_deref(), diagnostics.line), (Some("/s/w.js"), Some(4)));
    }

    #[test]
    fn what_is_no_yaml_is_no_trouble() {
        let diagnostics = of("error: \"runs on\nat column 0: yes\nline: x\n: : :\nmessage\n");
        assert_eq!(diagnostics.message_text(), b"\"runs on");
    }
}
