//! Colours, and other people's text on terminals.

use std::{
    fmt::{self, Display, Write as _},
    io,
};

use subunit_core::text::controls;

/// How an output shows what is written to it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Look {
    /// Whether colours are shown.
    pub colour: bool,
    /// Whether control characters of other people's text would be obeyed, so they must be escaped.
    pub terminal: bool,
}

/// Colour on standard output and standard error.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, clap::ValueEnum)]
pub enum ColourChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Also where the output is no terminal.
    Always,
    /// Nowhere.
    Never,
}

/// What a colour stands for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Tone {
    /// Something failed.
    Bad,
    /// Something was not run, or is not certain.
    Dim,
    /// All is well.
    Good,
    /// What the eye looks for, such as the name of what failed.
    Strong,
    /// What only says what follows.
    Quiet,
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
            Tone::Strong => 1,
            Tone::Quiet => 2,
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
            if controls::is_control(character) {
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
/// ends, tabs and colours are let through. Characters that come in two pieces are escaped where they might
/// be such.
///
/// # Errors
///
/// Those of the output.
pub fn pass_text(look: Look, bytes: &[u8], out: &mut dyn io::Write) -> io::Result<()> {
    pass(look, bytes, colour_sequence, out)
}

/// As [`pass_text`], for a command that reads what is typed: what edits the line in which the cursor is,
/// and leaves the other lines alone, is let through as well.
///
/// # Errors
///
/// Those of the output.
pub fn pass_edited(look: Look, bytes: &[u8], out: &mut dyn io::Write) -> io::Result<()> {
    pass(look, bytes, edit_sequence, out)
}

fn pass(
    look: Look,
    bytes: &[u8],
    harmless_sequence: fn(&[u8]) -> usize,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    if !look.terminal {
        return out.write_all(bytes);
    }
    for chunk in bytes.utf8_chunks() {
        pass_valid(chunk.valid(), harmless_sequence, out)?;
        let invalid = chunk.invalid();
        let in_question = invalid.first().copied().is_some_and(controls::may_begin);
        for byte in invalid {
            // Terminals of old encodings obey the bytes below A0.
            if in_question || *byte < 0xA0 {
                write!(out, "\\x{byte:02x}")?;
            } else {
                out.write_all(&[*byte])?;
            }
        }
    }
    Ok(())
}

fn pass_valid(
    text: &str,
    harmless_sequence: fn(&[u8]) -> usize,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut rest = text;
    while let Some(at) = rest.find(controls::is_control) {
        let (plain, from) = rest.split_at(at);
        out.write_all(plain.as_bytes())?;
        let harmless = match from.as_bytes() {
            [b'\n' | b'\t', ..] => 1,
            [b'\r', b'\n', ..] => 2,
            bytes => harmless_sequence(bytes),
        };
        if harmless > 0 {
            let (passed, behind) = from.split_at(harmless);
            out.write_all(passed.as_bytes())?;
            rest = behind;
            continue;
        }
        let mut characters = from.chars();
        match characters.next() {
            Some(control) if control.is_ascii() => write!(out, "\\x{:02x}", u32::from(control))?,
            Some(control) => write!(out, "{}", control.escape_default())?,
            None => {}
        }
        rest = characters.as_str();
    }
    out.write_all(rest.as_bytes())
}

/// How many bytes at the front are a sequence that sets colours: `ESC [ 1 ; 31 m`.
fn colour_sequence(bytes: &[u8]) -> usize {
    sequence(bytes, b"m")
}

/// How many bytes at the front set colours, or edit the line: back to its beginning or by one character, the
/// bell, left, right, to a column, erase, insert, delete; and what tells pasted text from typed.
fn edit_sequence(bytes: &[u8]) -> usize {
    const PASTING: [&[u8]; 2] = [b"\x1b[?2004h", b"\x1b[?2004l"];
    match bytes {
        [b'\r' | 0x08 | 0x07, ..] => 1,
        _ if PASTING.iter().any(|sequence| bytes.starts_with(sequence)) => PASTING[0].len(),
        _ => sequence(bytes, b"mCDGKP@"),
    }
}

/// How many bytes at the front are a sequence with numbers and one of these ends.
fn sequence(bytes: &[u8], ends: &[u8]) -> usize {
    let Some(parameters) = bytes.strip_prefix(b"\x1b[") else { return 0 };
    let length = parameters.iter().take_while(|byte| matches!(byte, b'0'..=b';')).count();
    if parameters.get(length).is_some_and(|end| ends.contains(end)) { length + 3 } else { 0 }
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
        assert_eq!(passed(TERMINAL, "50\u{b0}\u{9b}2J".as_bytes()), b"50\xc2\xb0\\u{9b}2J");
        assert_eq!(
            passed(TERMINAL, "a\u{202e}b\u{2066}…\u{e0041}é".as_bytes()),
            "a\\u{202e}b\\u{2066}…\\u{e0041}é".as_bytes()
        );
        assert_eq!(passed(TERMINAL, b"\xc2"), b"\\xc2");
        assert_eq!(passed(Look::default(), text), text);
        assert_eq!(escaped(TERMINAL, "id\n\x1b[31m\u{9b}").to_string(), "id\\n\\u{1b}[31m\\u{9b}");
        assert_eq!(escaped(TERMINAL, "x\u{202e}y\u{2066}").to_string(), "x\\u{202e}y\\u{2066}");
        assert_eq!(escaped(Look::default(), "id\n").to_string(), "id\n");
    }

    /// However other people's output is cut, the terminal gets no control character of the pieces.
    #[test]
    fn no_control_character_comes_through_in_pieces() {
        for control in
            ['\u{9b}', '\u{61c}', '\u{202e}', '\u{2066}', '\u{feff}', '\u{fffa}', '\u{e0041}']
        {
            let text = format!("a{control}b");
            for cut in 0..=text.len() {
                let (front, behind) = text.as_bytes().split_at(cut);
                let shown = [passed(TERMINAL, front), passed(TERMINAL, behind)].concat();
                let shown = String::from_utf8_lossy(&shown).into_owned();
                assert!(!shown.contains(control), "{control:?} cut at {cut}: {shown:?}");
            }
        }
        assert_eq!(passed(TERMINAL, b"5\xb3 \x9b2J"), b"5\xb3 \\x9b2J");
    }

    #[test]
    fn who_reads_what_is_typed_edits_one_line() {
        let edits = b"\x1b[?2004h(Pdb) a\x08\x1b[K\x1b[1P\x1b[3C\r\x07\x1b[?2004l\r\n";
        let mut out = Vec::new();
        pass_edited(TERMINAL, edits, &mut out).unwrap();
        assert_eq!(out, edits);
        for other in [&b"\x1b[A"[..], b"\x1b[2J", b"\x1b[1;1H", b"\x1b[?1049h", b"\x1b]0;title"] {
            out.clear();
            pass_edited(TERMINAL, other, &mut out).unwrap();
            assert!(!out.contains(&0x1b), "{}", String::from_utf8_lossy(&out));
        }
    }

    #[test]
    fn colour_is_a_matter_of_the_output() {
        let look = Look { colour: true, terminal: false };
        assert_eq!(toned(look, Tone::Bad, 7).to_string(), "\x1b[31m7\x1b[0m");
        assert_eq!(toned(Look::default(), Tone::Bad, 7).to_string(), "7");
    }
}
