//! Strings as Python's `repr` writes them.

/// A string of bytes as `repr(bytes.decode("latin-1"))`, encoded in Latin-1.
pub(super) fn latin1_repr(bytes: &[u8]) -> Vec<u8> {
    let quote = quote(bytes);
    let mut text = vec![quote];
    for byte in bytes {
        match byte {
            b'\n' => text.extend_from_slice(b"\\n"),
            b'\r' => text.extend_from_slice(b"\\r"),
            b'\t' => text.extend_from_slice(b"\\t"),
            b'\\' => text.extend_from_slice(b"\\\\"),
            byte if *byte == quote => text.extend_from_slice(&[b'\\', quote]),
            // What Python does not call printable.
            0..0x20 | 0x7f..=0xa0 | 0xad => {
                text.extend_from_slice(format!("\\x{byte:02x}").as_bytes());
            }
            _ => text.push(*byte),
        }
    }
    text.push(quote);
    text
}

/// A text as `repr(text)`, for messages.
pub(in crate::memory) fn repr(text: &str) -> String {
    let quote = char::from(quote(text.as_bytes()));
    let mut quoted = String::from(quote);
    for char in text.chars() {
        match char {
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\\' => quoted.push_str("\\\\"),
            char if char == quote => quoted.extend(['\\', quote]),
            char if char.is_control() => quoted.push_str(&format!("\\x{:02x}", u32::from(char))),
            char => quoted.push(char),
        }
    }
    quoted.push(quote);
    quoted
}

/// Double quotes only where they save a backslash.
fn quote(text: &[u8]) -> u8 {
    if text.contains(&b'\'') && !text.contains(&b'"') { b'"' } else { b'\'' }
}

/// Reads a string of Latin-1 characters that stands at the beginning of `text`. Returns it and what follows.
pub(super) fn read_latin1(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let (quote, mut rest) = text.split_first()?;
    if !b"'\"".contains(quote) {
        return None;
    }
    let mut string = Vec::new();
    loop {
        let (byte, behind) = rest.split_first()?;
        rest = behind;
        match byte {
            byte if byte == quote => return Some((string, rest)),
            b'\\' => rest = read_escape(rest, &mut string)?,
            byte => string.push(*byte),
        }
    }
}

/// Reads what follows a backslash.
fn read_escape<'a>(text: &'a [u8], string: &mut Vec<u8>) -> Option<&'a [u8]> {
    let (kind, rest) = text.split_first()?;
    let byte = match kind {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'a' => 0x07,
        b'b' => 0x08,
        b'v' => 0x0b,
        b'f' => 0x0c,
        b'\\' | b'\'' | b'"' => *kind,
        b'0'..=b'7' => {
            let digits = text.iter().take(3).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
            let (digits, rest) = text.split_at(digits);
            string.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok()?);
            return Some(rest);
        }
        b'x' => {
            let (digits, rest) = rest.split_at_checked(2)?;
            string.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
            return Some(rest);
        }
        // A character that Latin-1 does not have.
        b'u' | b'U' | b'N' => return None,
        // Python keeps the backslash.
        _ => {
            string.push(b'\\');
            *kind
        }
    };
    string.push(byte);
    Some(rest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn strings_are_written_as_python_writes_them() {
        for (bytes, text) in [
            (&b"a.one"[..], &b"'a.one'"[..]),
            ("\u{fc}.x y".as_bytes(), b"'\xc3\xbc.x y'"),
            (b"it's", b"\"it's\""),
            (b"\"it's\"", b"'\"it\\'s\"'"),
            (b"a\nb\rc\td\\", b"'a\\nb\\rc\\td\\\\'"),
            (b"\x00\x1f\x7f\x80\xa0\xa1\xad\xff", b"'\\x00\\x1f\\x7f\\x80\\xa0\xa1\\xad\xff'"),
        ] {
            assert_eq!(latin1_repr(bytes), text);
            assert_eq!(read_latin1(text), Some((bytes.to_vec(), &b""[..])));
        }
        assert_eq!(repr("x\n"), "'x\\n'");
        assert_eq!(repr("/it's/\u{fc}"), "\"/it's/\u{fc}\"");
    }

    #[test]
    fn other_ways_to_write_a_string_are_read() {
        let read = |text| read_latin1(text).map(|(string, _)| string);
        assert_eq!(
            read(b"'\\101\\7\\a\\b\\v\\f\\q\\\"'"),
            Some(b"A\x07\x07\x08\x0b\x0c\\q\"".to_vec())
        );
        for wrong in [&b""[..], b"a", b"'a", b"'\\", b"'\\x4", b"'\\x4g'", b"'\\u0041'", b"'\\777'"]
        {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            bytes in prop::collection::vec(any::<u8>(), 0..40),
            behind in prop::collection::vec(any::<u8>(), 0..4),
        ) {
            let text = latin1_repr(&bytes);
            prop_assert!(!text.contains(&b'\n'));
            let text = [&text[..], &behind].concat();
            prop_assert_eq!(read_latin1(&text), Some((bytes, &behind[..])));
        }

        #[test]
        fn nothing_panics(text in "['\"](\\\\[x01nuN'q]|[0-9a-f]){0,6}") {
            let _ = read_latin1(text.as_bytes());
        }
    }
}
