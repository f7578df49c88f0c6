//! What `prove -v` prints around the TAP of each script.

/// A line of `prove`'s own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Prove<'a> {
    /// `t/a.t .. `: the script's TAP follows.
    Script(&'a [u8]),
    /// `t/a.t .. skipped: reason`.
    Skipped(&'a [u8], &'a [u8]),
    /// `Dubious, test returned 255 (wstat 65280, 0xff00)`: the script's exit status was not 0.
    Dubious,
}

impl<'a> Prove<'a> {
    /// `line` is without its end.
    pub(super) fn new(line: &'a [u8]) -> Option<Self> {
        if line.starts_with(b"Dubious, test returned ") {
            return Some(Self::Dubious);
        }
        let line = without_clock(line);
        let space = memchr::memchr(b' ', line)?;
        let (name, rest) = (&line[..space], &line[space + 1..]);
        if !name.iter().any(|byte| matches!(byte, b'/' | b'.')) {
            return None;
        }
        let dots = rest.iter().take_while(|byte| **byte == b'.').count();
        match &rest[dots..] {
            _ if dots < 2 => None,
            b" " | b"" => Some(Self::Script(name)),
            rest => Some(Self::Skipped(name, rest.strip_prefix(b" skipped: ")?)),
        }
    }
}

/// Whether a line that reads as a point is `prove`'s verdict on a script: `ok`, `ok     5 ms (...)`.
pub(super) fn is_verdict(body: &[u8]) -> bool {
    let body = body.trim_ascii_end();
    body == b"ok" || body.starts_with(b"ok  ") && memchr::memmem::find(body, b" ms (").is_some()
}

/// `[07:20:11] t/a.t .. `.
fn without_clock(line: &[u8]) -> &[u8] {
    let rest = line.strip_prefix(b"[").and_then(|rest| rest.split_at_checked(8));
    match rest {
        Some((clock, rest)) if clock.iter().all(|byte| byte.is_ascii_digit() || *byte == b':') => {
            rest.strip_prefix(b"] ").unwrap_or(line)
        }
        _ => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_and_what_is_none() {
        assert_eq!(Prove::new(b"t/weird.t .... "), Some(Prove::Script(b"t/weird.t")));
        assert_eq!(Prove::new(b"[07:20:11] t/ok.t .. "), Some(Prove::Script(b"t/ok.t")));
        let skipped = Some(Prove::Skipped(b"t/s.t", b"whole file"));
        assert_eq!(Prove::new(b"t/s.t .. skipped: whole file"), skipped);
        assert_eq!(
            Prove::new(b"Dubious, test returned 3 (wstat 768, 0x300)"),
            Some(Prove::Dubious)
        );
        for line in ["Loading .. ", "t/a.t . ", "t/a.t .. ok", "t/a.t", ""] {
            assert_eq!(Prove::new(line.as_bytes()), None);
        }
        assert!(is_verdict(b"ok        5 ms ( 0.00 usr"));
        assert!(!is_verdict(b"ok 5 ms"));
    }
}
