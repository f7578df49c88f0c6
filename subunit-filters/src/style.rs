//! Colours, and other people's text on terminals.

use std::{
    fmt::{self, Display, Write as _},
    io,
};

use crate::console::Look;

/// What a colour stands for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Tone {
    /// Something failed.
    Bad,
    /// Something was not run, or is not certain.
    Dim,
    /// All is well.
    Good,
}

/// Displays text in a colour where colours are shown.
pub fn toned<T: Display>(look: Look, tone: Tone, text: T) -> Toned<T> {
    Toned { look, tone, text }
}

/// See [`toned`].
#[derive(Clone, Copy, Debug)]
pub struct Toned<T> {
    look: Look,
    tone: Tone,
    text: T,
}

impl<T: Display> Display for Toned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { look, tone, text } = self;
        if !look.colour {
            return text.fmt(f);
        }
        let code = match tone {
            Tone::Bad => 31,
            Tone::Dim => 33,
            Tone::Good => 32,
        };
        write!(f, "\x1b[{code}m{text}\x1b[0m")
    }
}

/// Displays other people's text on one line: on a terminal, control characters of any kind are
/// written as escapes, since the terminal would obey them.
pub fn escaped(look: Look, text: &str) -> Escaped<'_> {
    Escaped { look, text }
}

/// See [`escaped`].
#[derive(Clone, Copy, Debug)]
pub struct Escaped<'t> {
    look: Look,
    text: &'t str,
}

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.look.terminal {
            return f.write_str(self.text);
        }
        self.text.chars().try_for_each(|character| {
            if character.is_control() {
                write!(f, "{}", character.escape_default())
            } else {
                f.write_char(character)
            }
        })
    }
}

/// Writes what [`escaped`] displays, without a detour where nothing is to be escaped.
///
/// # Errors
///
/// Those of the output.
pub fn write_escaped(look: Look, text: &str, out: &mut dyn io::Write) -> io::Result<()> {
    if look.terminal {
        return write!(out, "{}", escaped(look, text));
    }
    out.write_all(text.as_bytes())
}

/// Writes other people's output: on a terminal without what would move the cursor or do worse. Line
/// ends, tabs and colours are let through.
///
/// # Errors
///
/// Those of the output.
pub fn pass_text(look: Look, bytes: &[u8], out: &mut dyn io::Write) -> io::Result<()> {
    if !look.terminal {
        return out.write_all(bytes);
    }
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| byte.is_ascii_control() || *byte == C1) {
        out.write_all(&rest[..at])?;
        rest = &rest[at..];
        let harmless = match rest {
            [b'\n' | b'\t', ..] => 1,
            [b'\r', b'\n', ..] => 2,
            [C1, 0xA0..=0xBF, ..] => 2,
            _ => colour_sequence(rest),
        };
        if harmless == 0 {
            write!(out, "\\x{:02x}", rest[0])?;
            rest = &rest[1..];
            continue;
        }
        out.write_all(&rest[..harmless])?;
        rest = &rest[harmless..];
    }
    out.write_all(rest)
}

/// Begins the characters U+0080 to U+00BF in UTF-8; terminals obey those below U+00A0. At the end of
/// what is passed on at once it is not known which it begins, so there it is escaped.
const C1: u8 = 0xC2;

/// How many bytes at the front are a sequence that sets colours: `ESC [ 1 ; 31 m`.
fn colour_sequence(bytes: &[u8]) -> usize {
    let Some(parameters) = bytes.strip_prefix(b"\x1b[") else { return 0 };
    let length = parameters.iter().take_while(|byte| matches!(byte, b'0'..=b';')).count();
    if parameters.get(length) == Some(&b'm') { length + 3 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMINAL: Look = Look { colour: false, terminal: true };

    fn passed(look: Look, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        pass_text(look, bytes, &mut out).unwrap();
        out
    }

    #[test]
    fn a_terminal_is_not_commanded_by_what_tests_print() {
        let text = b"a\tb\r\n\x1b[1;31mred\x1b[0m \x1b]0;title\x07\x1b[2J";
        assert_eq!(
            passed(TERMINAL, text),
            b"a\tb\r\n\x1b[1;31mred\x1b[0m \\x1b]0;title\\x07\\x1b[2J"
        );
        assert_eq!(passed(TERMINAL, "50\u{b0}\u{9b}2J".as_bytes()), b"50\xc2\xb0\\xc2\x9b2J");
        assert_eq!(passed(TERMINAL, b"\xc2"), b"\\xc2");
        assert_eq!(passed(Look::default(), text), text);
        assert_eq!(escaped(TERMINAL, "id\n\x1b[31m\u{9b}").to_string(), "id\\n\\u{1b}[31m\\u{9b}");
        assert_eq!(escaped(Look::default(), "id\n").to_string(), "id\n");
    }

    #[test]
    fn colour_is_a_matter_of_the_output() {
        let look = Look { colour: true, terminal: false };
        assert_eq!(toned(look, Tone::Bad, 7).to_string(), "\x1b[31m7\x1b[0m");
        assert_eq!(toned(Look::default(), Tone::Bad, 7).to_string(), "7");
    }
}
