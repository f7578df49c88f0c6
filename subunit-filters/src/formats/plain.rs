//! How much of a text can be copied as it is.

use std::borrow::Cow;

/// How many bytes are looked at together, where there are so many.
const CHUNK: usize = 16;
const SMALL: usize = 8;

/// Which bytes stand for themselves: those from one to another, but for some.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plain<const N: usize> {
    pub(super) from: u8,
    pub(super) to: u8,
    pub(super) but: [u8; N],
}

impl<const N: usize> Plain<N> {
    /// Whether all bytes are plain. Inlined, and without closures, so that what they are compared with is
    /// known where it is called.
    #[inline(always)]
    pub(super) fn are_all(self, bytes: &[u8]) -> bool {
        // The last chunk overlaps the one before, so that no byte is looked at alone.
        if let Some(last) = bytes.last_chunk::<CHUNK>() {
            let (chunks, _) = bytes.as_chunks::<CHUNK>();
            for chunk in chunks {
                if !self.is_chunk(chunk) {
                    return false;
                }
            }
            return self.is_chunk(last);
        }
        if let (Some(first), Some(last)) = (bytes.first_chunk::<SMALL>(), bytes.last_chunk()) {
            return self.is_chunk(first) && self.is_chunk::<SMALL>(last);
        }
        for byte in bytes {
            if !self.is_chunk(&[*byte]) {
                return false;
            }
        }
        true
    }

    /// How many bytes stand before the first one that is not plain; all of them where all are.
    #[inline]
    pub(super) fn length(self, bytes: &[u8]) -> usize {
        let (chunks, _) = bytes.as_chunks::<CHUNK>();
        let plain = chunks.iter().take_while(|chunk| self.is_chunk(chunk)).count() * CHUNK;
        let rest = bytes.get(plain..).unwrap_or_default();
        let special = rest.iter().position(|byte| !self.is_chunk(&[*byte]));
        special.map_or(bytes.len(), |at| plain + at)
    }

    /// Compares all bytes with one after the other: so they are compared at once.
    #[inline(always)]
    fn is_chunk<const M: usize>(self, chunk: &[u8; M]) -> bool {
        let range = self.from..=self.to;
        let mut special = chunk.iter().fold(0, |any, byte| any | u8::from(!range.contains(byte)));
        for other in self.but {
            special |= chunk.iter().fold(0, |any, byte| any | u8::from(*byte == other));
        }
        special == 0
    }
}

/// As [`String::from_utf8_lossy`], which looks at each character; nearly all text has nothing to replace,
/// and is looked at in larger pieces.
pub(super) fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_special_byte_is_found_wherever_it_stands() {
        let plain = Plain { from: b' ', to: b'~', but: *b"<&" };
        for length in 0..50 {
            for special in *b"<&\x1f\x7f\xff" {
                let mut bytes = vec![b'a'; length];
                assert_eq!((plain.length(&bytes), plain.are_all(&bytes)), (length, true));
                for at in (0..length).rev() {
                    bytes[at] = special;
                    assert_eq!((plain.length(&bytes), plain.are_all(&bytes)), (at, false));
                }
            }
        }
    }

    #[test]
    fn the_first_and_the_last_of_the_range_are_plain() {
        let plain = Plain { from: b' ', to: b'~', but: *b"<" };
        assert!(plain.are_all(b" ~"));
        assert!(Plain { from: 0, to: 0xff, but: *b"<" }.are_all(b"\0\xff"));
    }
}
