//! Escape sequences of terminals in text, for colours and more.

use std::borrow::Cow;

use super::controls;

/// A piece of text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Piece<'a> {
    /// Text without sequences. An ESC that begins none is text.
    Text(&'a str),
    /// What is between `ESC [` and `m`: the colours from here on.
    Colours(&'a str),
}

/// Cuts text at its sequences; those that set no colours are left out.
pub fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            if !rest.starts_with('\x1b') {
                let end = rest.find('\x1b').unwrap_or(rest.len());
                let (before, behind) = rest.split_at(end);
                rest = behind;
                return Some(Piece::Text(before));
            }
            let length = sequence(rest.as_bytes());
            let (found, behind) = rest.split_at(length.max(1));
            rest = behind;
            if length == 0 {
                return Some(Piece::Text(found));
            }
            let colours = found.strip_prefix("\x1b[").and_then(|found| found.strip_suffix('m'));
            if let Some(colours) = colours {
                return Some(Piece::Colours(colours));
            }
        }
        None
    })
}

/// The length of the sequence that `bytes` begin with; 0 if there is none. ECMA-48 section 5.4: after ESC `[`
/// come parameters from 0x20 to 0x3f and one byte from 0x40 to 0x7e. ESC `]` ends with BEL or ESC `\`.
fn sequence(bytes: &[u8]) -> usize {
    /// The longest sequence. Without a limit, looking for its end would take unbounded time.
    const LONGEST: usize = 4096;
    let within = bytes.get(..LONGEST).unwrap_or(bytes);
    let found = match within {
        [_, b'[', parameters @ ..] => {
            let end = parameters.iter().position(|byte| !(0x20..0x40).contains(byte));
            end.filter(|end| parameters.get(*end).is_some_and(|byte| (0x40..0x7f).contains(byte)))
        }
        [_, b']', content @ ..] => {
            let end = content.iter().position(|byte| matches!(byte, 7 | 0x1b));
            end.and_then(|end| match content.get(end..) {
                Some([7, ..]) => Some(end),
                Some([0x1b, b'\\', ..]) => Some(end + 1),
                _ => None,
            })
        }
        _ => None,
    };
    found.map_or(0, |end| end + 3)
}

/// Turns any bytes into text that no terminal and no reader of a log obeys. Sequences are left out, and all
/// other control characters except newline and tab are replaced by their pictures. A CR at the end of a line
/// is removed.
pub fn plain(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut plain = String::with_capacity(text.len());
    for piece in pieces(&text) {
        if let Piece::Text(text) = piece {
            push_visible(&mut plain, text);
        }
    }
    plain
}

/// The same on one line.
pub fn plain_line(text: &str) -> String {
    plain(text.as_bytes()).chars().map(picture).collect()
}

/// Appends text to `out` with control characters replaced by their pictures, as [`plain`] does.
pub fn push_visible(out: &mut String, text: &str) {
    let without_cr =
        if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n")) } else { text.into() };
    out.extend(without_cr.chars().map(|character| match character {
        '\n' | '\t' => character,
        _ => picture(character),
    }));
}

/// The picture of a control character; other characters as they are. A control character without a picture
/// becomes U+FFFD.
fn picture(character: char) -> char {
    match character {
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(character)).unwrap_or('\u{fffd}'),
        '\x7f' => '\u{2421}',
        _ if controls::is_control(character) => '\u{fffd}',
        _ => character,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_at_colours_and_leaves_out_all_other_sequences() {
        let text = "a\x1b[1;31mred\x1b[0m\x1b[2Kb\x1b]8;;x\x1b\\l\x1b]0;t\x07c\x1b[\x1b";
        let (text_of, colours) = (Piece::Text, Piece::Colours);
        let expected = [
            text_of("a"),
            colours("1;31"),
            text_of("red"),
            colours("0"),
            text_of("b"),
            text_of("l"),
            text_of("c"),
            text_of("\x1b"),
            text_of("["),
            text_of("\x1b"),
        ];
        assert_eq!(pieces(text).collect::<Vec<_>>(), expected);
        assert_eq!(pieces("\x1b[31é").last(), Some(text_of("[31é")));
    }

    #[test]
    fn what_is_plain_moves_no_cursor() {
        assert_eq!(
            plain(b"a\r\nb\rc\0\x1b[31md\xff\x7f\t\xe2\x80\xae"),
            "a\nb␍c␀d\u{fffd}␡\t\u{fffd}"
        );
        assert_eq!(plain_line("a\nb"), "a␊b");
    }
}
