//! Text in UTF-16, as PowerShell writes what it redirects, and marks in front of UTF-8.

use std::borrow::Cow;

use crate::text::xml::Transcoder;

/// Makes UTF-8 of text that begins with the mark of UTF-16; all other text passes as it is.
pub(super) struct Encoding {
    kind: Kind,
    /// Whether the mark of UTF-8 is taken off, too.
    bare: bool,
}

enum Kind {
    /// The first bytes, which may be a mark.
    Unknown(Vec<u8>),
    Verbatim,
    Utf16(Transcoder),
}

/// What editors of Windows write in front of UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

impl Encoding {
    /// For text that may be anybody's: only what is UTF-16 is changed.
    pub(super) fn of_text() -> Self {
        Self { kind: Kind::Unknown(Vec::new()), bare: false }
    }

    /// For a reader of a format, of which a mark is no part.
    pub(super) fn of_format() -> Self {
        Self { bare: true, ..Self::of_text() }
    }

    /// For text that is only text.
    pub(super) fn plain() -> Self {
        Self { kind: Kind::Verbatim, bare: false }
    }

    /// The next bytes as UTF-8, or as they are.
    pub(super) fn feed<'a>(&mut self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        match &mut self.kind {
            Kind::Verbatim => Cow::Borrowed(bytes),
            Kind::Utf16(transcoder) => Cow::Owned(transcoder.all(bytes)),
            Kind::Unknown(start) => {
                start.extend_from_slice(bytes);
                if may_be_mark(start, self.bare) {
                    return Cow::Borrowed(&[]);
                }
                let start = std::mem::take(start);
                Cow::Owned(self.begin(start))
            }
        }
    }

    /// What is held when the input ends.
    pub(super) fn finish(&mut self) -> Vec<u8> {
        match std::mem::replace(&mut self.kind, Kind::Verbatim) {
            Kind::Unknown(start) => start,
            Kind::Verbatim => Vec::new(),
            Kind::Utf16(mut transcoder) => transcoder.finish(),
        }
    }

    fn begin(&mut self, mut start: Vec<u8>) -> Vec<u8> {
        if is_utf16(&start) {
            let mut transcoder = Transcoder::default();
            let text = transcoder.all(&start);
            self.kind = Kind::Utf16(transcoder);
            return text;
        }
        self.kind = Kind::Verbatim;
        if self.bare && start.starts_with(MARK) {
            start.drain(..MARK.len());
        }
        start
    }
}

/// What follows the mark of UTF-8, if that stands in front.
pub(super) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(MARK).unwrap_or(bytes)
}

/// Whether more bytes have to come before it is known what these are.
fn may_be_mark(start: &[u8], bare: bool) -> bool {
    match start {
        [] | [0xff | 0xfe] | [0xff, 0xfe] | [0xfe, 0xff] => true,
        [0xff, 0xfe, _] | [0xfe, 0xff, _] => true,
        _ => bare && start.len() < MARK.len() && MARK.starts_with(start),
    }
}

/// Whether a mark of UTF-16 and a character of text stand in front, and no other bytes that begin alike. The
/// readers of XML do this by themselves: they know where a document ends, and the next may be in UTF-8.
fn is_utf16(start: &[u8]) -> bool {
    let first = match *start {
        [0xff, 0xfe, low, high, ..] => u16::from_le_bytes([low, high]),
        [0xfe, 0xff, high, low, ..] => u16::from_be_bytes([high, low]),
        _ => return false,
    };
    // What any format begins with is ASCII; two bytes that happen to look like a mark stand before other text.
    let first = u8::try_from(first);
    first
        .is_ok_and(|first| first != b'<' && first.is_ascii_graphic() || first.is_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mut encoding: Encoding, input: &[u8], cut: usize) -> Vec<u8> {
        let mut text = Vec::new();
        for piece in input.chunks(cut) {
            text.extend_from_slice(&encoding.feed(piece));
        }
        text.extend(encoding.finish());
        text
    }

    #[test]
    fn utf16_becomes_utf8_and_all_else_stays_however_cut() {
        let text = "ok 1 - \u{e9}\u{1f600}\r\n1..1\r\n";
        let units = || "\u{feff}".encode_utf16().chain(text.encode_utf16());
        let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
        let marked = [MARK, text.as_bytes()].concat();
        for cut in 1..=little.len() {
            for input in [&little, &big] {
                assert_eq!(read(Encoding::of_text(), input, cut), text.as_bytes());
                assert_eq!(read(Encoding::of_format(), input, cut), text.as_bytes());
            }
            assert_eq!(read(Encoding::of_format(), &marked, cut), text.as_bytes());
            let others = [
                &b"\xff\xfe"[..],
                b"\xff\xfe\0\0\0",
                b"\xff\xfe\x01\0a",
                b"\xff\xfe raw\n##teamcity[",
                b"\xff",
                b"",
                b"\xfe\xffa",
                b"plain",
            ];
            for input in others.into_iter().chain([&marked[..]]) {
                assert_eq!(
                    read(Encoding::of_text(), input, cut),
                    input,
                    "{}",
                    input.escape_ascii()
                );
            }
            for input in [&b"\xef\xbb"[..], b"\xef\xbbx", b"\xef", b"\xff\xfe"] {
                assert_eq!(read(Encoding::of_format(), input, cut), input);
            }
        }
    }
}
