//! Byte order marks, UTF-16, and the single-byte encodings that declarations name.

use std::borrow::Cow;

use encoding_rs::Encoding;
use memchr::memmem;

/// Makes UTF-8 of UTF-16, found out by the first two bytes of a document; takes off byte order marks.
///
/// Other input passes as it is. Memory: up to three bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Transcoder {
    kind: Kind,
    held: Vec<u8>,
    /// The first half of a pair.
    high: Option<u16>,
    /// There was a byte order mark of UTF-8.
    marked: bool,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Kind {
    #[default]
    Unknown,
    Verbatim,
    Utf16 {
        big: bool,
    },
}

const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

/// What plain bytes between documents hold.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Between {
    /// So many bytes are plain: up to where markup begins, or all.
    Verbatim(usize),
    /// After this many bytes a document in UTF-16 begins.
    Utf16(usize),
    /// After this many bytes one may begin: more bytes will tell.
    Perhaps(usize),
}

impl Between {
    /// What these bytes hold. UTF-16 is told by its mark.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let Some(at) = memchr::memchr(b'<', bytes) else {
            let most = bytes.len().min(3);
            let may_begin = |length: &usize| {
                matches!(
                    bytes[bytes.len() - length..],
                    [0xfe, 0xff, 0] | [0xff, 0xfe] | [0xfe, 0xff] | [0xff | 0xfe | 0]
                )
            };
            let length = (1..=most).rev().find(may_begin).unwrap_or(0);
            return match length {
                0 => Self::Verbatim(bytes.len()),
                _ => Self::Perhaps(bytes.len() - length),
            };
        };
        let (before, behind) = (&bytes[..at], bytes.get(at + 1));
        let begin = match before {
            [.., 0xff, 0xfe] => at - 2,
            [.., 0xfe, 0xff, 0] => at - 3,
            [.., 0] => at - 1,
            _ => at,
        };
        // Output between documents may have NULs: it takes a mark, with which a document in UTF-16 has to begin
        // (XML 1.0, 4.3.3).
        let is_marked = begin + 1 < at;
        let little = begin == at || before.ends_with(b"\xff\xfe");
        let next = if little { bytes.get(at + 1..at + 4) } else { bytes.get(at + 1..at + 3) };
        match (next, behind) {
            (Some([0, second, 0] | [0, second]), _) if is_marked && *second != 0 => {
                Self::Utf16(begin)
            }
            (None, None | Some(0)) => Self::Perhaps(begin),
            _ => Self::Verbatim(at + 1),
        }
    }
}

/// Where in the input something stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Where {
    /// No document has begun, nor markup in front of one.
    Between,
    /// No document has begun.
    Outside,
    Inside,
}

impl Transcoder {
    /// Whether bytes pass as they are.
    pub(super) fn is_plain(&self) -> bool {
        self.kind == Kind::Verbatim
    }

    /// Whether the encoding is known, whatever a document declares.
    pub(super) fn is_unicode(&self) -> bool {
        self.marked || matches!(self.kind, Kind::Utf16 { .. })
    }

    /// What follows may have another encoding.
    pub(super) fn begin(&mut self) {
        *self = Self::default();
    }

    /// The next bytes as UTF-8, or as they are, up to where `place` may change, and the bytes after them.
    pub(super) fn feed<'a>(
        &mut self,
        mut bytes: &'a [u8],
        place: Where,
    ) -> (Cow<'a, [u8]>, &'a [u8]) {
        if self.kind == Kind::Unknown {
            while let [first, rest @ ..] = bytes {
                self.held.push(*first);
                bytes = rest;
                if self.find_out() {
                    break;
                }
            }
        }
        let held = std::mem::take(&mut self.held);
        match self.kind {
            Kind::Unknown => {
                self.held = held;
                (Cow::Borrowed(&[]), bytes)
            }
            Kind::Verbatim if held.is_empty() => (Cow::Borrowed(bytes), &[]),
            Kind::Verbatim => (Cow::Owned(held), bytes),
            Kind::Utf16 { big } => self.utf16(held, bytes, big, place),
        }
    }

    fn utf16<'a>(
        &mut self,
        mut held: Vec<u8>,
        mut bytes: &'a [u8],
        big: bool,
        place: Where,
    ) -> (Cow<'a, [u8]>, &'a [u8]) {
        // Half of a unit, or what told the encoding.
        if !held.len().is_multiple_of(2)
            && let [first, rest @ ..] = bytes
        {
            held.push(*first);
            bytes = rest;
        }
        if held.is_empty() {
            let ends = |pair: &[u8; 2]| *pair == if big { [0, b'>'] } else { [b'>', 0] };
            let pairs = bytes.as_chunks::<2>().0;
            let count = match place {
                Where::Between | Where::Outside => 1,
                Where::Inside => pairs.iter().position(ends).map_or(pairs.len(), |at| at + 1),
            };
            let (now, rest) = bytes.split_at(bytes.len().min(2 * count.max(1)));
            held.extend_from_slice(now);
            bytes = rest;
        }
        if place == Where::Between
            && let [first, second] = *held
        {
            let high = if big { first } else { second };
            if high != 0 {
                let lost = self.high.take().map_or("", |_| "\u{fffd}");
                *self = Self { held, ..Self::default() };
                self.find_out();
                if self.kind == Kind::Verbatim {
                    let plain = [lost.as_bytes(), &std::mem::take(&mut self.held)].concat();
                    return (Cow::Owned(plain), bytes);
                }
                return (Cow::Borrowed(lost.as_bytes()), bytes);
            }
        }
        (Cow::Owned(self.units(&held, big)), bytes)
    }

    /// All of these bytes as UTF-8, or as they are, where nothing but the first bytes tells the encoding.
    pub(crate) fn all(&mut self, mut bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len());
        while !bytes.is_empty() {
            let (read, rest) = self.feed(bytes, Where::Inside);
            out.extend_from_slice(&read);
            bytes = rest;
        }
        out
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
            [0xef, 0xbb, 0xbf, ..] => (Kind::Verbatim, UTF8_MARK.len()),
            [] | [0xff | 0xfe | b'<' | 0 | 0xef] | [0xef, 0xbb] => return false,
            _ => (Kind::Verbatim, 0),
        };
        self.marked = mark == UTF8_MARK.len();
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

/// The encoding that a declaration names, if every byte is one character in it.
pub(super) fn single_bytes(declaration: &[u8]) -> Option<&'static Encoding> {
    let at = memmem::find(declaration, b"encoding")?;
    let value = declaration[at + b"encoding".len()..].trim_ascii_start();
    let value = value.strip_prefix(b"=")?.trim_ascii_start();
    let (quote, value) = value.split_first()?;
    let label = value.get(..memchr::memchr(*quote, value)?)?.trim_ascii();
    // What says it is ASCII and is not, is UTF-8 more likely than anything.
    if label.to_ascii_lowercase().ends_with(b"ascii") {
        return None;
    }
    Encoding::for_label(label).filter(|encoding| encoding.is_single_byte())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transcoded(input: &[u8], cut: usize) -> Vec<u8> {
        let (mut transcoder, mut out) = (Transcoder::default(), Vec::new());
        for mut piece in input.chunks(cut) {
            while !piece.is_empty() {
                let (read, rest) = transcoder.feed(piece, Where::Inside);
                out.extend_from_slice(&read);
                piece = rest;
            }
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
