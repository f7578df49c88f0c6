//! Any bytes as text of XML 1.0.

use std::borrow::Cow;

use crate::text::verbatim::Verbatim;

/// What happens to the escape sequences by which terminals are told of colours.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Ansi {
    /// They are left out.
    #[default]
    Strip,
    /// They stay, ESC as its picture U+241B: XML has no room for the character.
    Keep,
}

/// Where text stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Position {
    Text,
    /// Newlines and tabs have to be references, or readers make them spaces.
    Attribute,
}

/// As [`escape_into`], without a look at what is UTF-8.
pub(super) fn escape_str(out: &mut Vec<u8>, text: &str, ansi: Ansi, place: Position) {
    if PLAIN.are_all(text.as_bytes()) {
        return out.extend_from_slice(text.as_bytes());
    }
    escape_into(out, text.as_bytes(), ansi, place);
}

/// Appends `bytes` to `out` as text that every XML reader takes: what is not UTF-8 is U+FFFD, control
/// characters are their pictures, markup is escaped.
pub(super) fn escape_into(out: &mut Vec<u8>, bytes: &[u8], ansi: Ansi, place: Position) {
    if ASCII.are_all(bytes) {
        return out.extend_from_slice(bytes);
    }
    if PLAIN.are_all(bytes) && std::str::from_utf8(bytes).is_ok() {
        return out.extend_from_slice(bytes);
    }
    let stripped = if ansi == Ansi::Strip { strip(bytes) } else { Cow::Borrowed(bytes) };
    for chunk in stripped.utf8_chunks() {
        escape_text(out, chunk.valid(), place);
        if !chunk.invalid().is_empty() {
            push_char(out, char::REPLACEMENT_CHARACTER);
        }
    }
}

/// Characters that begin with another byte may not stand as they are: markup, control characters, and
/// U+FFFE and U+FFFF, which begin with 0xEF.
const PLAIN: Verbatim<5> = Verbatim { from: b' ', to: 0xff, but: *b"&<>\"\xEF" };
/// Text of these is UTF-8.
const ASCII: Verbatim<4> = Verbatim { from: b' ', to: b'~', but: *b"&<>\"" };

fn escape_text(out: &mut Vec<u8>, text: &str, place: Position) {
    let mut rest = text;
    while let Some((plain, special)) = rest.split_at_checked(PLAIN.length(rest.as_bytes()))
        && let Some(character) = special.chars().next()
    {
        out.extend_from_slice(plain.as_bytes());
        escape_char(out, character, place);
        rest = &special[character.len_utf8()..];
    }
    out.extend_from_slice(rest.as_bytes());
}

fn escape_char(out: &mut Vec<u8>, character: char, place: Position) {
    let reference: &[u8] = match character {
        '&' => b"&amp;",
        '<' => b"&lt;",
        '>' => b"&gt;",
        '"' if place == Position::Attribute => b"&quot;",
        '\n' if place == Position::Attribute => b"&#10;",
        '\t' if place == Position::Attribute => b"&#9;",
        '\r' if place == Position::Attribute => b"&#13;",
        // In text a CR stays: not every reader knows references to it there.
        '\n' | '\t' | '\r' => return push_char(out, character),
        '\0'..='\x1f' => return push_char(out, picture(character)),
        '\u{fffe}' | '\u{ffff}' => return push_char(out, char::REPLACEMENT_CHARACTER),
        _ => return push_char(out, character),
    };
    out.extend_from_slice(reference);
}

fn push_char(out: &mut Vec<u8>, character: char) {
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}

/// The picture of a control character below 32.
fn picture(control: char) -> char {
    char::from_u32(0x2400 + u32::from(control)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// `bytes` without sequences that begin with ESC and `[`, or ESC and `]`. What does not end is text.
fn strip(bytes: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(0x1b, bytes).is_none() {
        return Cow::Borrowed(bytes);
    }
    let (mut kept, mut rest) = (Vec::with_capacity(bytes.len()), bytes);
    while let Some(at) = memchr::memchr(0x1b, rest) {
        kept.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        let length = sequence(rest);
        if length == 0 {
            kept.push(0x1b);
        }
        rest = &rest[length.max(1)..];
    }
    kept.extend_from_slice(rest);
    Cow::Owned(kept)
}

/// How long the sequence is that `bytes` begin with; 0 where it is none. ECMA-48 section 5.4: after
/// ESC `[` parameters from 0x20 to 0x3f and one byte from 0x40 to 0x7e.
fn sequence(bytes: &[u8]) -> usize {
    /// No sequence is longer, or looking for ends would take time without bound.
    const LONGEST: usize = 4096;
    let within = &bytes[..bytes.len().min(LONGEST)];
    let found = match within.get(1) {
        Some(b'[') => {
            let end = within.iter().skip(2).position(|byte| !(0x20..0x40).contains(byte));
            end.map(|end| end + 2).filter(|end| (0x40..0x7f).contains(&within[*end]))
        }
        Some(b']') => {
            let end = within.iter().skip(2).position(|byte| matches!(byte, 7 | 0x1b));
            let end = end.map(|end| end + 2);
            end.map(|end| if within[end] == 7 { end } else { end + 1 })
                .filter(|end| *end < within.len())
        }
        _ => None,
    };
    found.map_or(0, |end| end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(bytes: &[u8], ansi: Ansi, place: Position) -> String {
        let mut out = Vec::new();
        escape_into(&mut out, bytes, ansi, place);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn whatever_tests_print_is_xml() {
        let input = b"a<b>&\"\x00\x07\xff]]>\r\n\t\x7f\xef\xbf\xbf";
        let text = escaped(input, Ansi::Strip, Position::Text);
        assert_eq!(text, "a&lt;b&gt;&amp;\"␀␇\u{fffd}]]&gt;\r\n\t\u{7f}\u{fffd}");
        let attribute = escaped(b"\"\r\n\t", Ansi::Strip, Position::Attribute);
        assert_eq!(attribute, "&quot;&#13;&#10;&#9;");
    }

    #[test]
    fn colours_are_left_out_or_shown() {
        let input = b"\x1b[1;31mred\x1b[0m \x1b]8;;http://x\x1b\\link\x1b]8;;\x07 \x1b[";
        assert_eq!(escaped(input, Ansi::Strip, Position::Text), "red link ␛[");
        assert_eq!(escaped(b"\x1b[0m", Ansi::Keep, Position::Text), "␛[0m");
    }
}
