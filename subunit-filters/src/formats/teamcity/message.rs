//! One service message: its name and attributes, and the escapes in their values.

use std::borrow::Cow;

use crate::formats::{emit, plain::Plain};

/// What every message begins with.
pub(super) const MARK: &[u8] = b"##teamcity[";

/// A message that was read.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Message<'l> {
    pub(super) name: &'l str,
    /// Keys and values, escapes taken out. A message may have one value without a key.
    pub(super) attributes: Vec<(&'l str, Cow<'l, [u8]>)>,
}

impl Message<'_> {
    pub(super) fn bytes(&self, key: &str) -> Option<&[u8]> {
        self.attributes.iter().find(|(name, _)| *name == key).map(|(_, value)| &**value)
    }

    /// The value as text, what is not UTF-8 and NUL replaced.
    pub(super) fn text(&self, key: &str) -> Option<Cow<'_, str>> {
        self.bytes(key).map(emit::id)
    }
}

/// How many marks of a line may have no message behind them. For each the rest of the line may be read, so a
/// line full of them must not be read over and over.
pub(super) const TRIES: usize = 64;

/// The first message in a line: what stands before it, the message, and what stands behind it. `tries` is how many
/// marks may still be tried in vain.
pub(super) fn split<'l>(
    line: &'l [u8],
    tries: &mut usize,
) -> Option<(&'l [u8], Message<'l>, &'l [u8])> {
    for at in memchr::memchr_iter(MARK[0], line) {
        let (before, rest) = line.split_at(at);
        let Some(inside) = rest.strip_prefix(MARK) else { continue };
        if *tries == 0 {
            return None;
        }
        if let Some((message, behind)) = parse(inside) {
            return Some((before, message, behind));
        }
        *tries -= 1;
    }
    None
}

/// A message behind its mark. Its `]` may be missing at the line's end.
fn parse(bytes: &[u8]) -> Option<(Message<'_>, &[u8])> {
    let (name, mut rest) = word(bytes);
    if name.is_empty() {
        return None;
    }
    let mut message = Message { name, ..Message::default() };
    loop {
        rest = rest.trim_ascii_start();
        match rest.split_first() {
            Some((b']', behind)) => return Some((message, behind)),
            None if !message.attributes.is_empty() => return Some((message, rest)),
            None => return None,
            Some(_) => {}
        }
        let (key, behind) = word(rest);
        let value = if key.is_empty() { behind } else { behind.strip_prefix(b"=")? };
        let value = value.strip_prefix(b"'")?;
        let length = value_length(value)?;
        message.attributes.push((key, unescape(&value[..length])));
        rest = &value[length + 1..];
    }
}

fn word(bytes: &[u8]) -> (&str, &[u8]) {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.:".contains(byte);
    let length = bytes.iter().take_while(|byte| is_word(byte)).count();
    let (word, rest) = bytes.split_at(length);
    (std::str::from_utf8(word).unwrap_or_default(), rest)
}

/// How long a value is, up to its closing quote: one that is not escaped and has a space, `]` or the end
/// of the line behind it. Writers that forget to escape quotes mostly have letters there.
fn value_length(value: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr::memchr2(b'\'', b'|', value.get(at..)?)?;
        if value.get(at) == Some(&b'|') {
            at += 2;
            continue;
        }
        match value.get(at + 1) {
            None | Some(b' ' | b'\t' | b'\r' | b'\n' | b']') => return Some(at),
            Some(_) => at += 1,
        }
    }
}

fn unescape(value: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'|', value).is_none() {
        return Cow::Borrowed(value);
    }
    let mut plain = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = memchr::memchr(b'|', rest) {
        plain.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
        let (character, length) = escape(rest);
        let mut buffer = [0; 4];
        plain.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
        rest = rest.get(length..).unwrap_or_default();
    }
    plain.extend_from_slice(rest);
    Cow::Owned(plain)
}

/// The character that stands behind a `|`, and how many bytes stand for it. An escape that nobody knows
/// is left as it is.
fn escape(rest: &[u8]) -> (char, usize) {
    match rest.first() {
        Some(b'n') => ('\n', 1),
        Some(b'r') => ('\r', 1),
        Some(b'x') => ('\u{85}', 1),
        Some(b'l') => ('\u{2028}', 1),
        Some(b'p') => ('\u{2029}', 1),
        Some(b'|') => ('|', 1),
        Some(b'\'') => ('\'', 1),
        Some(b'[') => ('[', 1),
        Some(b']') => (']', 1),
        Some(b'0') => unicode(rest).unwrap_or(('|', 0)),
        _ => ('|', 0),
    }
}

/// `0xXXXX`: a unit of UTF-16; two of them may make a character.
fn unicode(rest: &[u8]) -> Option<(char, usize)> {
    let unit = |bytes: &[u8]| {
        let digits = bytes.strip_prefix(b"0x")?.get(..4)?;
        u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let first = unit(rest)?;
    let second = rest.get(6..).and_then(|rest| rest.strip_prefix(b"|")).and_then(unit);
    let mut pair = char::decode_utf16(std::iter::once(first).chain(second));
    match pair.next()? {
        Ok(character) if u32::from(character) > 0xffff => Some((character, 13)),
        Ok(character) => Some((character, 6)),
        Err(_) => Some((char::REPLACEMENT_CHARACTER, 6)),
    }
}

/// Appends a value with its escapes.
pub(super) fn escape_into(value: &str, message: &mut Vec<u8>) {
    /// All but ASCII is looked at: some characters beyond have escapes too.
    const PLAIN: Plain<4> = Plain { from: b' ', to: b'~', but: *b"|'[]" };
    if PLAIN.are_all(value.as_bytes()) {
        return message.extend_from_slice(value.as_bytes());
    }
    let (plain, rest) = value.split_at(PLAIN.length(value.as_bytes()));
    message.extend_from_slice(plain.as_bytes());
    for character in rest.chars() {
        let escaped = match character {
            '\n' => "|n",
            '\r' => "|r",
            '\u{85}' => "|x",
            '\u{2028}' => "|l",
            '\u{2029}' => "|p",
            '|' => "||",
            '\'' => "|'",
            '[' => "|[",
            ']' => "|]",
            control if control.is_ascii_control() => {
                message.extend_from_slice(format!("|0x{:04X}", u32::from(control)).as_bytes());
                continue;
            }
            other => {
                message.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes());
                continue;
            }
        };
        message.extend_from_slice(escaped.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(line: &[u8]) -> (&[u8], Message<'_>, &[u8]) {
        split(line, &mut { TRIES }).unwrap()
    }

    #[test]
    fn escapes() {
        let (_, message, _) =
            read(b"##teamcity[a x='|n|r|x|l|p|||'|[|]|0x0041|0xD83D|0xDE00|0xD800|q']");
        let value = "\n\r\u{85}\u{2028}\u{2029}|'[]A\u{1f600}\u{fffd}|q";
        assert_eq!(message.text("x").as_deref(), Some(value));
    }

    #[test]
    fn in_the_middle_of_a_line_several_and_ragged() {
        let line = b"##teamcity[ no ##teamcity[a x='1'] b ##teamcity[c 'it's' y = 2\n";
        let (before, message, behind) = read(line);
        assert_eq!((before, message.name), (&b"##teamcity[ no "[..], "a"));
        assert_eq!(behind, b" b ##teamcity[c 'it's' y = 2\n");
        assert!(split(behind, &mut { TRIES }).is_none(), "an attribute without a quote");
        let (_, message, behind) = read(b"##teamcity[c 'it's' y='2'\n");
        assert_eq!(message.attributes[0], ("", Cow::Borrowed(&b"it's"[..])));
        assert_eq!((message.text("y").as_deref(), behind), (Some("2"), &b""[..]));
        assert!(split(b"##teamcity[c y='2", &mut { TRIES }).is_none(), "torn in a value");
        assert!(split(b"##teamcity[c", &mut { TRIES }).is_none());
    }

    proptest! {
        #[test]
        fn values_survive(value in any::<String>()) {
            let mut line = b"##teamcity[a x='".to_vec();
            escape_into(&value, &mut line);
            line.extend_from_slice(b"']\n");
            prop_assert!(!line[..line.len() - 1].contains(&b'\n'));
            let (_, message, _) = read(&line);
            prop_assert_eq!(message.bytes("x").unwrap(), value.as_bytes());
        }
    }
}
