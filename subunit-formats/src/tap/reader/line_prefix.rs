//! What stands in front of lines: a kernel log's times, and the `# ` of kselftest's nested documents.

use crate::tap::line::{Line, indent, unindent};

/// Takes off what stands in front of lines.
#[derive(Clone, Debug, Default)]
pub(super) struct LinePrefix {
    /// A version line had the prefix of a kernel log.
    kernel: bool,
    /// kselftest has named the test whose output follows.
    pub(super) armed: bool,
    /// A nested document of kselftest is being read.
    pub(super) nested: bool,
    /// So many blanks stood in front of the version, where a log lost all else that it puts there.
    margin: usize,
}

/// So many blanks in front of a version are a margin; more are the indent of a subtest.
const WIDEST_MARGIN: usize = 3;

impl LinePrefix {
    /// The line without what stands in front, and how many columns of `# ` were taken off. `fresh`: whether
    /// no document is open.
    pub(super) fn take_off<'a>(&mut self, line: &'a [u8], fresh: bool) -> (&'a [u8], usize) {
        let bare = self.take_off_kernel(line);
        let (blanks, body) = indent(bare);
        if fresh && is_version(body) {
            self.margin = if blanks <= WIDEST_MARGIN { blanks } else { 0 };
        }
        let bare = unindent(bare, self.margin);
        let Some(inner) = bare.strip_prefix(b"#") else {
            self.nested &= !is_result(bare) && !is_version(bare);
            return (bare, 0);
        };
        let inner = inner.strip_prefix(b" ").unwrap_or(inner);
        // Not every test of kselftest writes a version above its points.
        if self.armed && (is_version(inner) || is_result(inner)) {
            (self.armed, self.nested) = (false, true);
        }
        if self.nested { (inner, 2) } else { (bare, 0) }
    }

    fn take_off_kernel<'a>(&mut self, line: &'a [u8]) -> &'a [u8] {
        let Some(bare) = without_kernel_prefix(line) else { return line };
        self.kernel |= is_version(bare);
        if self.kernel { bare } else { line }
    }
}

/// Whether a line is a point with a number, or a plan.
fn is_result(line: &[u8]) -> bool {
    match Line::new(line, false) {
        Line::Point(point) => point.number.is_some(),
        Line::Plan(_) => true,
        _ => false,
    }
}

fn is_version(line: &[u8]) -> bool {
    matches!(Line::new(line.trim_ascii_start(), false), Line::Version { .. })
}

/// Whether a line is a version of TAP in a kernel's log, or what is left of such a line.
pub(in crate::tap) fn is_kernel_version(line: &[u8]) -> bool {
    match without_kernel_prefix(line) {
        Some(bare) => is_version(bare),
        None => {
            let (blanks, body) = indent(line);
            (1..=WIDEST_MARGIN).contains(&blanks) && is_version(body)
        }
    }
}

/// `[    0.060001][    T1] KTAP version 1`, with `<6>` in front or not, with `T1` or not.
fn without_kernel_prefix(line: &[u8]) -> Option<&[u8]> {
    let level = line.strip_prefix(b"<").and_then(|rest| {
        let end = memchr::memchr(b'>', rest).filter(|end| *end <= 3)?;
        rest.get(end + 1..)
    });
    let (time, rest) = bracket(level.unwrap_or(line))?;
    let digits = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
    if time.is_empty() || !time.iter().all(digits) {
        return None;
    }
    let rest = match bracket(rest.trim_ascii_start()) {
        Some(([b'T' | b'C', ..], after)) => after,
        _ => rest,
    };
    Some(rest.strip_prefix(b" ").unwrap_or(rest))
}

/// What stands in the brackets at the beginning, trimmed, and what after them.
fn bracket(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = text.strip_prefix(b"[")?;
    let end = memchr::memchr(b']', rest).filter(|end| *end <= 32)?;
    Some((rest[..end].trim_ascii(), &rest[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kernel_log_keeps_its_indent() {
        let mut prefix = LinePrefix::default();
        let early = b"[    0.05][    T1] ok 1 not yet";
        assert_eq!(prefix.take_off(early, false).0, early);
        assert_eq!(
            prefix.take_off(b"<6>[    0.060001] KTAP version 1", false).0,
            b"KTAP version 1"
        );
        assert_eq!(prefix.take_off(b"[    0.07][    T1]     ok 1 one", false).0, b"    ok 1 one");
        assert_eq!(prefix.take_off(b"[x] ok", false).0, b"[x] ok");
    }

    #[test]
    fn comments_are_a_document_only_where_kselftest_has_announced_one() {
        let mut prefix = LinePrefix::default();
        assert_eq!(prefix.take_off(b"# TAP version 13", false), (&b"# TAP version 13"[..], 0));
        prefix.armed = true;
        assert_eq!(prefix.take_off(b"# TAP version 13", false), (&b"TAP version 13"[..], 2));
        assert_eq!(prefix.take_off(b"# ok 1 a", false), (&b"ok 1 a"[..], 2));
        assert_eq!(prefix.take_off(b"not ok 1 x", false), (&b"not ok 1 x"[..], 0));
        assert_eq!(prefix.take_off(b"# ok 2 b", false), (&b"# ok 2 b"[..], 0));
        prefix.armed = true;
        assert_eq!(prefix.take_off(b"# okay", false), (&b"# okay"[..], 0));
        assert_eq!(prefix.take_off(b"# ok words", false), (&b"# ok words"[..], 0));
        assert_eq!(prefix.take_off(b"# ok 1 a", false), (&b"ok 1 a"[..], 2));
        assert_eq!(prefix.take_off(b"text", false), (&b"text"[..], 0));
        assert_eq!(prefix.take_off(b"# text", false), (&b"text"[..], 2));
    }

    #[test]
    fn a_margin_is_that_of_the_first_version() {
        let mut prefix = LinePrefix::default();
        assert_eq!(prefix.take_off(b" TAP version 14", true).0, b"TAP version 14");
        assert_eq!(prefix.take_off(b" ok 1", false).0, b"ok 1");
        assert_eq!(prefix.take_off(b"     ok 1", false).0, b"    ok 1");
        assert_eq!(prefix.take_off(b"    TAP version 14", true).0, b"    TAP version 14");
        assert_eq!(prefix.take_off(b" ok 1", false).0, b" ok 1");
        assert!(is_kernel_version(b"[    0.06] TAP version 14"));
        assert!(!is_kernel_version(b"TAP version 14") && !is_kernel_version(b"    TAP version 14"));
    }
}
