//! Byte order marks, UTF-16, and the single-byte encodings that declarations name.

use std::borrow::Cow;

/// Makes UTF-8 of UTF-16, found out by the first two bytes; takes off byte order marks.
///
/// Other input passes as it is. Memory: up to three bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Transcoder {
    kind: Kind,
    held: Vec<u8>,
    /// The first half of a pair.
    high: Option<u16>,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Kind {
    #[default]
    Unknown,
    Plain,
    Utf16 {
        big: bool,
    },
}

const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

impl Transcoder {
    /// The next bytes as UTF-8, or as they are.
    pub(crate) fn feed<'a>(&mut self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        if self.kind == Kind::Plain {
            return Cow::Borrowed(bytes);
        }
        self.held.extend_from_slice(bytes);
        if self.kind == Kind::Unknown && !self.find_out() {
            return Cow::Borrowed(&[]);
        }
        let held = std::mem::take(&mut self.held);
        match self.kind {
            Kind::Utf16 { big } => Cow::Owned(self.units(&held, big)),
            _ => Cow::Owned(held),
        }
    }

    /// What is held when the input ends.
    pub(crate) fn finish(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        if self.high.is_some() {
            rest.extend_from_slice("\u{fffd}".as_bytes());
        }
        rest.append(&mut self.held);
        *self = Self::default();
        rest
    }

    /// Whether the kind of input is known now.
    fn find_out(&mut self) -> bool {
        let (kind, mark) = match *self.held {
            [0xff, 0xfe, ..] => (Kind::Utf16 { big: false }, 2),
            [0xfe, 0xff, ..] => (Kind::Utf16 { big: true }, 2),
            [b'<', 0, ..] => (Kind::Utf16 { big: false }, 0),
            [0, b'<', ..] => (Kind::Utf16 { big: true }, 0),
            [0xef, 0xbb, 0xbf, ..] => (Kind::Plain, UTF8_MARK.len()),
            [] | [0xff | 0xfe | b'<' | 0 | 0xef] | [0xef, 0xbb] => return false,
            _ => (Kind::Plain, 0),
        };
        self.kind = kind;
        self.held.drain(..mark);
        true
    }

    fn units(&mut self, bytes: &[u8], big: bool) -> Vec<u8> {
        let (pairs, rest) = bytes.as_chunks::<2>();
        self.held.extend_from_slice(rest);
        let mut out = String::with_capacity(bytes.len());
        for pair in pairs {
            let unit = if big { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) };
            if let Some(high) = self.high.take() {
                match char::decode_utf16([high, unit]).next() {
                    Some(Ok(character)) => {
                        out.push(character);
                        continue;
                    }
                    _ => out.push(char::REPLACEMENT_CHARACTER),
                }
            }
            match char::decode_utf16([unit]).next() {
                Some(Ok(character)) => out.push(character),
                _ if (0xd800..0xdc00).contains(&unit) => self.high = Some(unit),
                _ => out.push(char::REPLACEMENT_CHARACTER),
            }
        }
        out.into_bytes()
    }
}

/// Whether a declaration says that every byte is one character.
pub(super) fn declares_single_bytes(declaration: &[u8]) -> bool {
    let declaration = declaration.to_ascii_lowercase();
    [&b"iso-8859-1"[..], b"latin1", b"latin-1", b"windows-1252", b"cp1252"]
        .iter()
        .any(|name| memchr::memmem::find(&declaration, name).is_some())
}

/// Text in which every byte is one character, as UTF-8.
pub(super) fn from_single_bytes(bytes: &[u8]) -> Cow<'_, [u8]> {
    if bytes.is_ascii() {
        return Cow::Borrowed(bytes);
    }
    let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    Cow::Owned(text.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transcoded(input: &[u8], cut: usize) -> Vec<u8> {
        let (mut transcoder, mut out) = (Transcoder::default(), Vec::new());
        for piece in input.chunks(cut) {
            out.extend_from_slice(&transcoder.feed(piece));
        }
        out.extend(transcoder.finish());
        out
    }

    #[test]
    fn makes_utf8_of_utf16_however_cut() {
        let text = "<a>é😀</a>";
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let marked = [b"\xff\xfe", &little[..]].concat();
        let plain = [UTF8_MARK, text.as_bytes()].concat();
        for input in [&big, &little, &marked, &plain] {
            for cut in 1..=input.len() {
                assert_eq!(transcoded(input, cut), text.as_bytes());
            }
        }
    }

    #[test]
    fn half_a_pair_is_a_replacement_character() {
        assert_eq!(transcoded(b"\xfe\xff\xd8\x00\x00x", 3), "\u{fffd}x".as_bytes());
        assert_eq!(transcoded(b"\xfe\xff\xd8\x00", 1), "\u{fffd}".as_bytes());
        assert_eq!(transcoded(b"\xff", 1), b"\xff");
    }
}
