//! Where text has bytes that no program prints: traces of a packet whose signature is wrong.
//!
//! To look for control characters in many bytes at once takes 8 % off decoding of streams with text: 1050
//! instructions a packet, 1140 byte by byte (`.ci/instructions library/decode-mixed`).

/// How far text is plain: UTF-8 without control characters, other than those of lines and terminals.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Plain {
    /// All of it, up to a character after this many bytes that may go on.
    UpTo(usize),
    /// It has an odd byte here.
    OddAt(usize),
}

/// `ends` says that nothing follows that could complete a character.
pub(super) fn plain(text: &[u8], ends: bool) -> Plain {
    let (valid, odd) = match std::str::from_utf8(text) {
        Ok(_) => (text.len(), None),
        Err(error) if error.error_len().is_none() && !ends => (error.valid_up_to(), None),
        Err(error) => (error.valid_up_to(), Some(error.valid_up_to())),
    };
    // Nearly all text has none, which is told many bytes at a time.
    let has_control =
        text[..valid].iter().fold(0, |found, byte| found | u8::from(is_control(*byte))) != 0;
    let control = if has_control { text.iter().position(|byte| is_control(*byte)) } else { None };
    match control.or(odd) {
        Some(at) => Plain::OddAt(at),
        None => Plain::UpTo(valid),
    }
}

#[inline(always)]
fn is_control(byte: u8) -> bool {
    let shown = (byte == b'\t') | (byte == b'\n') | (byte == b'\r') | (byte == 0x1B);
    (byte < 0x20) & !shown | (byte == 0x7F)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_plain_and_packets_are_not() {
        for (text, ends, expected) in [
            (&b"50 %\r\n\t\x1b[1m"[..], true, Plain::UpTo(11)),
            ("größe".as_bytes(), true, Plain::UpTo(7)),
            (b"gr\xc3", false, Plain::UpTo(2)),
            (b"gr\xc3", true, Plain::OddAt(2)),
            (b"gr\xc3 ", false, Plain::OddAt(2)),
            (b"\xb3", false, Plain::OddAt(0)),
            (b"ab\0\xff", false, Plain::OddAt(2)),
        ] {
            assert_eq!(plain(text, ends), expected, "{text:x?}");
        }
    }
}
