//! The block after a point that is written: YAML, of the kind that perl's TAP::Parser reads too.

use std::fmt::Write as _;

use crate::controls;

/// Lines of a block, each with the block's indent of two columns.
#[derive(Debug, Default)]
pub(super) struct Block {
    text: String,
}

impl Block {
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// A key and a word or number that needs no quotes.
    pub(super) fn plain(&mut self, key: &str, value: impl std::fmt::Display) {
        let _ = writeln!(self.text, "  {key}: {value}");
    }

    /// A key and any text, below `depth` other keys.
    pub(super) fn text(&mut self, depth: usize, key: &str, value: &str) {
        let indent = 2 + 2 * depth;
        let _ = write!(self.text, "{:indent$}{}: ", "", name(key));
        if !fits_block(value) {
            let _ = writeln!(self.text, "{}", quoted(value));
            return;
        }
        self.text.push_str("|\n");
        for line in value.lines() {
            let _ = writeln!(self.text, "{:indent$}  {line}", "");
        }
    }

    /// A key whose values follow, one level deeper.
    pub(super) fn open(&mut self, key: &str) {
        let _ = writeln!(self.text, "  {key}:");
    }

    /// A member of a list, one level deeper.
    pub(super) fn member(&mut self, value: &str) {
        let _ = writeln!(self.text, "    - {}", quoted(value));
    }

    /// The content of a block that was read, as it stands.
    pub(super) fn verbatim(&mut self, content: &str) {
        for line in content.lines() {
            let _ = writeln!(self.text, "  {line}");
        }
    }

    /// Appends the block to `out`, unless it is empty.
    pub(super) fn finish(self, out: &mut String) {
        if !self.is_empty() {
            let _ = write!(out, "  ---\n{}  ...\n", self.text);
        }
    }
}

/// Whether content that was read as a block is nothing but keys with simple values, which every
/// reader of TAP understands. TAP::Parser gives up on a document at the first block that it does not.
pub(super) fn is_verbatim(content: &str) -> bool {
    let simple = |value: &str| match value.strip_prefix('\'') {
        Some(quoted) => {
            quoted.strip_suffix('\'').is_some_and(|inner| !inner.contains(['\'', '\\']))
        }
        None => {
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+' | '_');
            value.starts_with(|c: char| c.is_ascii_alphanumeric()) && value.chars().all(plain)
        }
    };
    let is_pair = |line: &str| {
        line.split_once(": ").is_some_and(|(key, value)| {
            key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
                && !key.is_empty()
                && simple(value)
                && !value.chars().any(is_special)
        })
    };
    content.ends_with('\n') && content.lines().all(is_pair) && !content.contains('\r')
}

/// Whether a text is the same when written as a block of lines: several lines, each with its end, the
/// first without indent, and nothing in them that YAML forbids.
fn fits_block(value: &str) -> bool {
    let body = value.strip_suffix('\n').unwrap_or_default();
    body.contains('\n')
        && !body.ends_with('\n')
        && !body.starts_with([' ', '\n', '\t'])
        && body.chars().all(|c| c == '\n' || c == '\t' || !is_special(c))
}

/// What some reader takes for the end of a line, or YAML forbids.
fn is_special(c: char) -> bool {
    controls::is_control(c) || matches!(c, '\u{fffe}' | '\u{ffff}')
}

fn name(key: &str) -> String {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if !key.is_empty() && key.bytes().all(word) { key.to_owned() } else { quoted(key) }
}

/// A text in double quotes, on one line.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if is_special(c) && u32::from(c) < 0x100 => {
                let _ = write!(quoted, "\\x{:02x}", u32::from(c));
            }
            c if is_special(c) && u32::from(c) < 0x1_0000 => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c if is_special(c) => {
                let _ = write!(quoted, "\\U{:08x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
