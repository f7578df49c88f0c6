//! Any bytes as text of XML 1.0.

use std::borrow::Cow;

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
pub(super) enum Place {
    Text,
    /// Newlines and tabs have to be references, or readers make them spaces.
    Attribute,
}

/// Puts `bytes` behind `out` as text that every XML reader takes: what is not UTF-8 is U+FFFD, control
/// characters are their pictures, markup is escaped.
pub(super) fn escape_into(out: &mut String, bytes: &[u8], ansi: Ansi, place: Place) {
    let stripped = if ansi == Ansi::Strip { strip(bytes) } else { Cow::Borrowed(bytes) };
    for character in String::from_utf8_lossy(&stripped).chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if place == Place::Attribute => out.push_str("&quot;"),
            '\n' if place == Place::Attribute => out.push_str("&#10;"),
            '\t' if place == Place::Attribute => out.push_str("&#9;"),
            '\r' if place == Place::Attribute => out.push_str("&#13;"),
            // In text a CR stays: not every reader knows references to it there.
            '\n' | '\t' | '\r' => out.push(character),
            '\0'..='\x1f' => out.push(picture(character)),
            '\u{fffe}' | '\u{ffff}' => out.push(char::REPLACEMENT_CHARACTER),
            _ => out.push(character),
        }
    }
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

    fn escaped(bytes: &[u8], ansi: Ansi, place: Place) -> String {
        let mut out = String::new();
        escape_into(&mut out, bytes, ansi, place);
        out
    }

    #[test]
    fn whatever_tests_print_is_xml() {
        let input = b"a<b>&\"\x00\x07\xff]]>\r\n\t\x7f\xef\xbf\xbf";
        let text = escaped(input, Ansi::Strip, Place::Text);
        assert_eq!(text, "a&lt;b&gt;&amp;\"␀␇\u{fffd}]]&gt;\r\n\t\u{7f}\u{fffd}");
        let attribute = escaped(b"\"\r\n\t", Ansi::Strip, Place::Attribute);
        assert_eq!(attribute, "&quot;&#13;&#10;&#9;");
    }

    #[test]
    fn colours_are_left_out_or_shown() {
        let input = b"\x1b[1;31mred\x1b[0m \x1b]8;;http://x\x1b\\link\x1b]8;;\x07 \x1b[";
        assert_eq!(escaped(input, Ansi::Strip, Place::Text), "red link ␛[");
        assert_eq!(escaped(b"\x1b[0m", Ansi::Keep, Place::Text), "␛[0m");
    }
}
