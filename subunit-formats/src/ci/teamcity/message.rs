//! One service message: its name and attributes, and the escapes in their values.

use std::borrow::Cow;

use crate::{events::emit, text::verbatim::Verbatim};

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

/// How many marks of a line may be followed by what is escaped wrongly. For each the rest of the line may be read, so
/// a line full of them must not be read over and over; of those that come after, each is read up to the next mark.
pub(super) const TRIES: usize = 64;

/// What stands at a mark, and how many bytes it takes, the mark included.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Found<'l> {
    /// A message.
    Whole(Message<'l>, usize),
    /// What could be read of a message that does not end before the next mark, or the end of the line.
    Torn(Torn<'l>, usize),
}

/// The beginning of a message.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Torn<'l> {
    /// Its name may be cut as well where it has no attributes.
    pub(super) message: Message<'l>,
    /// The key whose value has not ended; the value is the last of the attributes.
    pub(super) open: Option<&'l str>,
    /// Whether nothing follows the name.
    pub(super) bare: bool,
}

/// The first mark in a line.
pub(super) fn mark(line: &[u8]) -> Option<usize> {
    memchr::memmem::find(line, MARK)
}

/// What stands at the mark that `bytes` begin with. `tries` is how many of a line may still be escaped wrongly.
pub(super) fn at_mark<'l>(bytes: &'l [u8], tries: &mut usize) -> Found<'l> {
    let inside = &bytes[MARK.len()..];
    let whole = |message, behind: &[u8], inside: &[u8]| {
        Found::Whole(message, MARK.len() + inside.len() - behind.len())
    };
    if *tries > 0 {
        match parse(inside, Quoting::Strict) {
            Ok((message, behind)) => return whole(message, behind, inside),
            Err(_) => *tries -= 1,
        }
    }
    let inside = &inside[..mark(inside).unwrap_or(inside.len())];
    let loose = parse(inside, Quoting::Loose).or_else(|_| parse(inside, Quoting::Any));
    match loose {
        Ok((message, behind)) => whole(message, behind, inside),
        Err(torn) => Found::Torn(torn, MARK.len() + inside.len()),
    }
}

/// What ends a value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Quoting {
    /// A quote that is not escaped.
    Strict,
    /// A quote that is not escaped, where the next attribute or the end of the message follows: of writers that
    /// forget to escape.
    Loose,
    /// The same where a space, `]` or the end of the line follows.
    Any,
}

/// A message after its mark. Its `]` may be missing at the line's end.
fn parse(bytes: &[u8], quoting: Quoting) -> Result<(Message<'_>, &[u8]), Torn<'_>> {
    let (name, mut rest) = word(bytes);
    let mut torn = Torn { bare: rest.trim_ascii().is_empty(), ..Torn::default() };
    torn.message.name = name;
    if name.is_empty() {
        return Err(torn);
    }
    loop {
        rest = rest.trim_ascii_start();
        match rest.split_first() {
            Some((b']', behind)) => return Ok((torn.message, behind)),
            None if !torn.message.attributes.is_empty() => return Ok((torn.message, rest)),
            None => return Err(torn),
            Some(_) => {}
        }
        let (key, behind) = word(rest);
        let value = if key.is_empty() { Some(behind) } else { behind.strip_prefix(b"=") };
        let Some(value) = value.and_then(|value| value.strip_prefix(b"'")) else {
            return Err(torn);
        };
        let Some(length) = value_length(value, quoting) else {
            torn.message.attributes.push((key, unescape(value)));
            torn.open = Some(key);
            return Err(torn);
        };
        torn.message.attributes.push((key, unescape(&value[..length])));
        rest = &value[length + 1..];
    }
}

fn word(bytes: &[u8]) -> (&str, &[u8]) {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.:".contains(byte);
    let length = bytes.iter().take_while(|byte| is_word(byte)).count();
    let (word, rest) = bytes.split_at(length);
    (std::str::from_utf8(word).unwrap_or_default(), rest)
}

/// How long a value is, up to its closing quote.
fn value_length(value: &[u8], quoting: Quoting) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr::memchr2(b'\'', b'|', value.get(at..)?)?;
        if value.get(at) == Some(&b'|') {
            at += 2;
            continue;
        }
        let behind = value.get(at + 1..).unwrap_or_default();
        let ends = match quoting {
            Quoting::Strict => true,
            Quoting::Loose => ends_loosely(behind),
            Quoting::Any => {
                matches!(behind.first(), None | Some(b' ' | b'\t' | b'\r' | b'\n' | b']'))
            }
        };
        if ends {
            return Some(at);
        }
        at += 1;
    }
}

/// Whether what follows a quote is the next attribute, or the end of the message with nothing after it.
fn ends_loosely(behind: &[u8]) -> bool {
    let next = behind.trim_ascii_start();
    match next.first() {
        None => true,
        Some(b']') => next[1..].trim_ascii_start().is_empty(),
        Some(_) => {
            let (key, value) = word(next);
            next.len() < behind.len() && !key.is_empty() && value.starts_with(b"='")
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

/// The character that follows a `|`, and how many bytes stand for it. An escape that nobody knows
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
    const PLAIN: Verbatim<4> = Verbatim { from: b' ', to: b'~', but: *b"|'[]" };
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
    use proptest::prelude::*;

    use super::*;

    fn read(line: &[u8]) -> (&[u8], Message<'_>, &[u8]) {
        let (before, rest) = line.split_at(mark(line).unwrap());
        match at_mark(rest, &mut { TRIES }) {
            Found::Whole(message, length) => (before, message, &rest[length..]),
            Found::Torn(torn, _) => panic!("{torn:?}"),
        }
    }

    fn torn(line: &[u8]) -> (Torn<'_>, usize) {
        match at_mark(line, &mut { TRIES }) {
            Found::Torn(torn, length) => (torn, length),
            Found::Whole(message, _) => panic!("{message:?}"),
        }
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
        let (before, message, behind) = read(b"x ##teamcity[a x='1'] b ##teamcity[c");
        assert_eq!((before, message.name, behind), (&b"x "[..], "a", &b" b ##teamcity[c"[..]));
        let (_, message, behind) = read(b"##teamcity[c 'it's' y='2'\n");
        assert_eq!(message.attributes[0], ("", Cow::Borrowed(&b"it's"[..])));
        assert_eq!((message.text("y").as_deref(), behind), (Some("2"), &b""[..]));
    }

    #[test]
    fn values_whose_quotes_are_not_escaped() {
        for value in ["name 'foo' is no name", "can't", "'a' 'b'", "d['k'] is", "x == 'y'"] {
            let line = format!("##teamcity[a x='{value}' y='2']\n");
            let (_, message, behind) = read(line.as_bytes());
            assert_eq!(message.text("x").as_deref(), Some(value));
            assert_eq!((message.text("y").as_deref(), behind), (Some("2"), &b"\n"[..]));
        }
        let (_, message, _) = read(b"##teamcity[a x='it's'] b\n");
        assert_eq!(message.text("x").as_deref(), Some("it's"));
    }

    #[test]
    fn what_does_not_end_is_torn_at_the_next_mark() {
        let line = b"##teamcity[c 'it's' y = 2\n";
        assert_eq!(torn(line).1, line.len(), "an attribute without a quote");
        let (cut, length) = torn(b"##teamcity[c x='1' y='2|n##teamcity[d x='3']");
        assert_eq!((cut.open, length), (Some("y"), b"##teamcity[c x='1' y='2|n".len()));
        assert_eq!(cut.message.text("y").as_deref(), Some("2\n"));
        assert!(torn(b"##teamcity[c\n").0.bare);
        assert!(!torn(b"##teamcity[c d\n").0.bare);
        assert_eq!(torn(b"##teamcity[ no\n").0.message.name, "");
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
