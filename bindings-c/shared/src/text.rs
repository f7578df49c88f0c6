//! Text of C programs, which may not be UTF-8.

use std::{borrow::Cow, fmt::Write as _};

/// The type of text that is UTF-8.
pub const TEXT_TYPE: &str = "text/plain;charset=utf8";
/// The type of text that is not: every byte string can be read as ISO 8859-1, so that no reader fails.
const ANY_BYTES_TYPE: &str = "text/plain;charset=iso-8859-1";

/// The MIME type for `text`: `utf8_type` where it is UTF-8.
pub fn text_type<'a>(text: &[u8], utf8_type: &'a str) -> &'a str {
    match std::str::from_utf8(text) {
        Ok(_) => utf8_type,
        Err(_) => ANY_BYTES_TYPE,
    }
}

/// `name` with each byte that is not UTF-8 as `\xe9`, so that two names stay two.
pub fn escaped(name: &[u8]) -> Cow<'_, str> {
    if let Ok(name) = std::str::from_utf8(name) {
        return Cow::Borrowed(name);
    }
    let mut escaped = String::with_capacity(name.len() + 12);
    for chunk in name.utf8_chunks() {
        escaped.push_str(chunk.valid());
        for byte in chunk.invalid() {
            // Writing to a String does not fail.
            let _ = write!(escaped, "\\x{byte:02x}");
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_bytes_that_are_not_utf8_are_escaped() {
        assert_eq!(escaped("naïve ✓".as_bytes()), "naïve ✓");
        assert_eq!(escaped(b"na\xefve \xe2\x9c"), "na\\xefve \\xe2\\x9c");
        assert_eq!(text_type(b"na\xefve", TEXT_TYPE), ANY_BYTES_TYPE);
    }
}
