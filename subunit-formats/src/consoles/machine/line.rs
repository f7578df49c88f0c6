//! What would a person see of this line, and which numbers are in it?

use std::borrow::Cow;

use crate::{
    ansi::{Piece, pieces},
    text::verbatim::lossy,
};

/// Sequences after which a line begins anew.
const ANEW: [&[u8]; 3] = [b"\x1b[2K", b"\x1b[1G", b"\x1b[G"];

/// Takes colours, cursor movements and line ends off.
#[derive(Default)]
pub(super) struct PlainLine {
    buffer: String,
}

impl PlainLine {
    /// What is seen of a line. What was overwritten is left out.
    pub(super) fn of<'l>(&'l mut self, raw: &'l [u8]) -> &'l str {
        let raw = raw.strip_suffix(b"\n").unwrap_or(raw);
        let raw = raw.strip_suffix(b"\r").unwrap_or(raw);
        if memchr::memchr3(b'\x1b', b'\r', 0, raw).is_none()
            && let Ok(line) = std::str::from_utf8(raw)
        {
            return line;
        }
        let starts = ANEW.iter().filter_map(|sequence| {
            memchr::memmem::rfind(raw, sequence).map(|at| at + sequence.len())
        });
        let start = starts.chain(memchr::memrchr(b'\r', raw).map(|at| at + 1)).max();
        let text = lossy(&raw[start.unwrap_or_default()..]);
        self.buffer.clear();
        for piece in pieces(&text) {
            if let Piece::Text(text) = piece {
                self.buffer.push_str(&fit(text));
            }
        }
        &self.buffer
    }
}

fn fit(text: &str) -> Cow<'_, str> {
    crate::events::emit::fit(text)
}

/// The whole number that a text is.
pub(crate) fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// `17 passed`: the number and what follows it.
pub(crate) fn count_of(text: &str) -> Option<(u64, &str)> {
    let (count, what) = text.split_once(' ')?;
    Some((number(count)?, what))
}

/// `12ms`, `315µs`, `1.5s`, `1.5 sec`, `1m30s`, in seconds.
pub(crate) fn seconds(text: &str) -> Option<f64> {
    let mut sum = 0.0;
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|it: char| !it.is_ascii_digit() && it != '.')?;
        let count: f64 = rest.get(..end)?.parse().ok()?;
        let unit = rest.get(end..)?.trim_start();
        let end = unit.find(|it: char| !it.is_alphabetic()).unwrap_or(unit.len());
        let (unit, after) = unit.split_at(end);
        sum += count
            * match unit {
                "ns" => 1e-9,
                "µs" | "\u{3bc}s" | "us" => 1e-6,
                "ms" => 1e-3,
                "s" | "sec" | "secs" => 1.0,
                "m" | "min" => 60.0,
                "h" => 3600.0,
                _ => return None,
            };
        rest = after.trim_start();
    }
    Some(sum)
}

/// The text before the last `open`, and what stands between that and `close` at the end.
pub(crate) fn strip_last<'t>(text: &'t str, open: &str, close: &str) -> Option<(&'t str, &'t str)> {
    text.strip_suffix(close)?.rsplit_once(open)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_what_is_seen_of_it() {
        let mut line = PlainLine::default();
        for (raw, seen) in [
            (&b"plain\n"[..], "plain"),
            (b"plain\r\n", "plain"),
            (b"\x1b[31mFAILED\x1b[0m a\n", "FAILED a"),
            (b"10 %\r20 %\rdone\r\n", "done"),
            (b"running a\x1b[2K\x1b[1G \xe2\x9c\x93 a\n", " \u{2713} a"),
            (b"\xff\0\n", "\u{fffd}\u{2400}"),
            (b"", ""),
        ] {
            assert_eq!(line.of(raw), seen);
        }
    }

    #[test]
    fn times_have_units() {
        for (text, wanted) in [
            ("315µs", Some(0.000_315)),
            ("12ms", Some(0.012)),
            ("15.25 ms", Some(0.015_25)),
            ("1m30s", Some(90.0)),
            ("1.5 sec", Some(1.5)),
            ("12", None),
            ("ms", None),
            ("", None),
            ("2 bananas", None),
        ] {
            let near = |(left, right): (f64, f64)| (left - right).abs() < 1e-9;
            let found = seconds(text);
            assert!(found.zip(wanted).map_or(found == wanted, near), "{text:?}: {found:?}");
        }
    }

    #[test]
    fn numbers_are_digits() {
        assert_eq!(count_of("17 passed"), Some((17, "passed")));
        assert_eq!(count_of("+1 passed"), None);
        assert_eq!(number("99999999999999999999999"), None);
        assert_eq!(strip_last("a (b) (0.1s)", " (", "s)"), Some(("a (b)", "0.1")));
    }
}
