//! How much of a text can be copied as it is.

use std::borrow::Cow;

/// Bytes that are looked at together.
const CHUNK: usize = 16;

/// How many bytes stand before the first one that `is_special`; all of them where there is none.
///
/// `is_special` should be comparisons only: then whole chunks are compared at once.
#[inline]
pub(super) fn plain_length(bytes: &[u8], is_special: impl Fn(u8) -> bool) -> usize {
    let (chunks, _) = bytes.as_chunks::<CHUNK>();
    let is_plain =
        |chunk: &&[u8; CHUNK]| !chunk.iter().fold(false, |any, byte| any | is_special(*byte));
    let plain = chunks.iter().take_while(is_plain).count() * CHUNK;
    let rest = bytes.get(plain..).unwrap_or_default();
    rest.iter().position(|byte| is_special(*byte)).map_or(bytes.len(), |at| plain + at)
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
        for length in 0..50 {
            let mut bytes = vec![b'a'; length];
            assert_eq!(plain_length(&bytes, |byte| byte == b'<'), length);
            for at in (0..length).rev() {
                bytes[at] = b'<';
                assert_eq!(plain_length(&bytes, |byte| byte == b'<'), at);
            }
        }
    }
}
