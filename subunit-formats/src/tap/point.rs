//! What one test point says.

use std::time::Duration;

use subunit_core::Status;

use super::words::{number, strip_word};
use crate::events::{clock, emit};

/// `ok 3 - description # SKIP reason`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point<'a> {
    pub(super) ok: bool,
    pub(super) number: Option<u64>,
    /// Trimmed, with its escapes.
    description: &'a [u8],
    pub(super) directive: Option<Directive>,
    /// What follows the directive, or as data of a KTAP line, with its escapes.
    reason: &'a [u8],
    /// From `# time=3ms`, or from what bats and pg_regress write after the name.
    pub(super) duration: Option<Duration>,
    /// Whether the line ends in ` {`, which may say that children follow.
    pub(super) block: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Directive {
    Skip,
    Todo,
    /// KTAP: failed, as was expected.
    ExpectedFailure,
    /// Says why it failed and not that it did: `TIMEOUT`, `ERROR`.
    Why,
}

impl<'a> Point<'a> {
    pub(super) fn new(body: &'a [u8], ktap: bool) -> Option<Self> {
        let (ok, rest) = match body.strip_prefix(b"not ok") {
            Some(rest) => (false, rest),
            None => (true, body.strip_prefix(b"ok")?),
        };
        if rest.first().is_some_and(|byte| !byte.is_ascii_whitespace()) {
            return None;
        }
        let rest = rest.trim_ascii();
        let (number, rest) = match number(rest) {
            Some((number, after)) if ends_word(after) => (Some(number), after.trim_ascii_start()),
            _ => (None, rest),
        };
        let (rest, dash) = match rest {
            [b'-', after @ ..] if ends_word(after) => (after.trim_ascii_start(), true),
            _ => (rest, false),
        };
        let (rest, block) = match rest.strip_suffix(b" {") {
            Some(rest) => (rest.trim_ascii_end(), true),
            None => (rest, false),
        };
        let point = Self {
            ok,
            number,
            description: rest,
            directive: None,
            reason: &[],
            duration: None,
            block,
        };
        let mut point = point.split(ktap);
        point.take_time(dash);
        Some(point)
    }

    /// Finds the directive and the data at the end of the description.
    fn split(mut self, ktap: bool) -> Self {
        let text = self.description;
        if let Some((at, (directive, reason))) = first_directive(text, ktap, self.ok) {
            self.directive = Some(directive);
            self.description = &text[..at];
            self.reason = match directive {
                Directive::Why => text[at + 1..].trim_ascii(),
                _ => reason,
            };
            self.reason = self.take_data(self.reason, ktap).0;
        }
        let (description, data) = self.take_data(self.description, ktap);
        self.description = trim_hashes(description);
        if self.reason.is_empty() {
            self.reason = data;
        }
        self
    }

    /// Takes `# time=3ms` off the end of a text; gives the rest, and data that is not a time.
    fn take_data(&mut self, text: &'a [u8], ktap: bool) -> (&'a [u8], &'a [u8]) {
        let Some(at) = hashes(text).last() else { return (text, &[]) };
        let data = text[at + 1..].trim_ascii();
        if let Some(time) = data.strip_prefix(b"time=") {
            self.duration = self.duration.or_else(|| duration(time));
            return (&text[..at], &[]);
        }
        if is_data(data) || ktap && !data.is_empty() { (&text[..at], data) } else { (text, &[]) }
    }

    /// Takes a time off the end of the description, which would be another id in every run: ` in 3ms` of
    /// bats, which puts no dash in front of names; a column `   3 ms` of pg_regress, with a `+` for the dash
    /// of tests that ran side by side.
    fn take_time(&mut self, dash: bool) {
        let Some(rest) = self.description.strip_suffix(b"ms") else { return };
        let digits = rest.trim_ascii_end();
        let count = digits.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        let name = &digits[..digits.len() - count];
        let time = duration(&self.description[name.len()..]);
        let name = match rest.len() - digits.len() {
            0 if !dash => name.strip_suffix(b" in "),
            1 if name.ends_with(b"  ") => Some(name.strip_prefix(b"+ ").unwrap_or(name)),
            _ => None,
        };
        let (Some(name), Some(time)) = (name, time) else { return };
        self.duration = self.duration.or(Some(time));
        self.description = name.trim_ascii();
    }

    /// The description, if there is one, as an id.
    pub(super) fn name(&self, braced: bool) -> Option<String> {
        let mut name = unescape(self.description);
        if braced && self.block {
            name.push_str(" {");
        }
        (!name.is_empty()).then_some(name)
    }

    pub(super) fn reason(&self) -> String {
        unescape(self.reason)
    }

    /// Whether it passed though it is still to do.
    pub(super) fn is_xpass(&self) -> bool {
        self.ok && self.directive == Some(Directive::Todo)
    }

    pub(super) fn status(&self) -> Status {
        match (self.directive, self.ok) {
            // bats says `not ok # SKIP` in its TAP 13.
            (Some(Directive::Skip), _) => Status::Skip,
            (Some(Directive::Todo), false) | (Some(Directive::ExpectedFailure), _) => {
                Status::ExpectedFailure
            }
            // `Todo` as well: no harness takes that for a failure.
            (_, true) => Status::Success,
            (_, false) => Status::Fail,
        }
    }
}

/// The places of each `#` that can begin a directive: the first byte, or after a space or escaped
/// backslashes.
fn hashes(text: &[u8]) -> impl Iterator<Item = usize> + '_ {
    memchr::memchr_iter(b'#', text).filter(|&at| {
        let before = text.get(..at).unwrap_or_default();
        let backslashes = before.iter().rev().take_while(|byte| **byte == b'\\').count();
        match backslashes {
            0 => before.last().is_none_or(u8::is_ascii_whitespace),
            _ => backslashes % 2 == 0,
        }
    })
}

/// The directive, and where its `#` stands: the first one that is not escaped, where those before it have
/// nothing to say or are data. What follows another one is a part of the description.
fn first_directive(text: &[u8], ktap: bool, ok: bool) -> Option<(usize, (Directive, &[u8]))> {
    let mut hashes = hashes(text).peekable();
    while let Some(at) = hashes.next() {
        if let Some(found) = directive(text.get(at + 1..)?.trim_ascii_start(), ktap, ok) {
            return Some((at, found));
        }
        let end = hashes.peek().copied().unwrap_or(text.len());
        let between = text.get(at + 1..end)?.trim_ascii();
        if !between.is_empty() && !is_data(between) {
            return None;
        }
    }
    None
}

/// What KTAP, vitest and node-tap write after a `#` that is no directive.
fn is_data(text: &[u8]) -> bool {
    [&b"time="[..], b"rcode=", b"exit="].iter().any(|key| text.starts_with(key))
}

fn trim_hashes(text: &[u8]) -> &[u8] {
    let mut text = text.trim_ascii();
    while let Some(rest) = text.strip_suffix(b"#")
        && rest.last().is_none_or(u8::is_ascii_whitespace)
    {
        text = rest.trim_ascii_end();
    }
    text
}

/// The directive at the beginning of `text`, and its reason. More than a word's beginning is asked
/// for: a failed test named `x # skipping y` has failed.
fn directive(text: &[u8], ktap: bool, ok: bool) -> Option<(Directive, &[u8])> {
    let letters = text.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let (word, rest) = text.split_at(letters);
    let is = |name: &str| word.eq_ignore_ascii_case(name.as_bytes());
    let directive = if is("skip") || is("skipped") {
        Directive::Skip
    } else if is("todo") {
        Directive::Todo
    } else if ktap && is("xfail") || ok && word == b"XFAIL" {
        // kselftest says so on `ok` in what it calls TAP.
        Directive::ExpectedFailure
    } else if !ok && (is("timeout") || ktap && is("error")) {
        Directive::Why
    } else {
        return None;
    };
    let rest = rest.strip_prefix(b":").unwrap_or(rest);
    Some((directive, rest.trim_ascii()))
}

/// `0.29ms`, `3s`.
fn duration(text: &[u8]) -> Option<Duration> {
    let text = std::str::from_utf8(text).ok()?;
    let unit = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (value, unit) = text.split_at(unit);
    let value: f64 = value.trim().parse().ok()?;
    match unit {
        "ms" => clock::seconds(value / 1e3),
        "us" => clock::seconds(value / 1e6),
        "s" | "" => clock::seconds(value),
        _ => None,
    }
}

fn ends_word(rest: &[u8]) -> bool {
    rest.first().is_none_or(u8::is_ascii_whitespace)
}

/// `\#` and `\\` are the only escapes.
pub(super) fn unescape(text: &[u8]) -> String {
    let text = emit::id(text.trim_ascii());
    if !text.contains('\\') {
        return text.into_owned();
    }
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some(&next @ ('\\' | '#'))) => {
                plain.push(next);
                chars.next();
            }
            _ => plain.push(c),
        }
    }
    plain
}

/// Whether a plan's comment says that all is skipped, and why: `1..0 # SKIP no network`.
pub(super) fn skip_reason(comment: &[u8]) -> Option<&[u8]> {
    let rest = strip_word(comment, b"skip")?;
    let letters = rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let rest = rest[letters..].trim_ascii_start();
    Some(rest.strip_prefix(b":").unwrap_or(rest).trim_ascii_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Id, status and reason of a line.
    fn read(line: &str, ktap: bool) -> (String, Status, String) {
        let point = Point::new(line.as_bytes(), ktap).unwrap();
        (point.name(true).unwrap_or_default(), point.status(), point.reason())
    }

    #[test]
    fn a_name_keeps_every_hash_that_is_no_directive() {
        for (line, name) in [
            ("ok 6 name with # hash and \\ backslash", "name with # hash and \\ backslash"),
            (
                "ok 3 - message with \\# hash and \\\\ backslash",
                "message with # hash and \\ backslash",
            ),
            ("ok 4 - name ending in \\# TODO not really", "name ending in # TODO not really"),
            ("ok 24 t.py::test_param[#hash]", "t.py::test_param[#hash]"),
            ("ok 25 t.py::test_param[# TODO x]", "t.py::test_param[# TODO x]"),
            ("ok 6 - 1 number-only-ish", "1 number-only-ish"),
            ("ok 5 test_raw (T.test_raw) # ", "test_raw (T.test_raw)"),
            ("ok 1foo", "1foo"),
            ("ok - x {", "x {"),
        ] {
            assert_eq!(read(line, false), (name.to_owned(), Status::Success, String::new()));
        }
        assert!(Point::new(b"okfoo", false).is_none());
        assert!(Point::new(b"not okay", false).is_none());
    }

    #[test]
    fn directives_in_all_their_spellings() {
        use Status::{ExpectedFailure, Fail, Skip, Success};
        for (line, ktap, name, status, reason) in [
            ("ok 8 # skip no # reason", false, "", Skip, "no # reason"),
            ("not ok 4 skipped # SKIP ", false, "skipped", Skip, ""),
            ("ok 1 - x # Skipped: nope", false, "x", Skip, "nope"),
            ("not ok 12 # TODO & SKIP ts", false, "", ExpectedFailure, "& SKIP ts"),
            ("ok 11 todo # TODO fake", false, "todo", Success, "fake"),
            ("not ok 1 a # b # todo", false, "a # b # todo", Fail, ""),
            ("not ok 1 a # time=3ms # todo b", false, "a", ExpectedFailure, "b"),
            ("ok 2 # XFAIL not here", false, "", ExpectedFailure, "not here"),
            ("not ok 2 a # XFAIL b", false, "a # XFAIL b", Fail, ""),
            ("ok 10 a (T.a) #  # SKIP reason <&> # x", false, "a (T.a)", Skip, "reason <&> # x"),
            ("not ok 1 x # skipping y", false, "x # skipping y", Fail, ""),
            ("not ok 1 hangs # timeout after 1s", false, "hangs", Fail, "timeout after 1s"),
            ("ok 1 x # timeout", false, "x # timeout", Success, ""),
            ("ok 1 x # xfail", false, "x # xfail", Success, ""),
            ("not ok 2 two # XFAIL known", true, "two", ExpectedFailure, "known"),
            ("not ok 3 broken # ERROR no module", true, "broken", Fail, "ERROR no module"),
            ("ok 2 plain # rcode=0", true, "plain", Success, "rcode=0"),
        ] {
            let expected = (name.to_owned(), status, reason.to_owned());
            assert_eq!(read(line, ktap), expected, "{line}");
        }
    }

    #[test]
    fn times_behind_names() {
        for (line, name, milliseconds) in [
            ("ok 1 passes in 3ms in 15ms", "passes in 3ms", Some(15)),
            ("ok 3 sk in 22ms # skip why", "sk", Some(22)),
            ("ok 1         - test_setup            205 ms", "test_setup", Some(205)),
            ("not ok 2     + char                   34 ms", "char", Some(34)),
            ("ok 1 - answers in 3ms", "answers in 3ms", None),
            ("ok 1 - waits 3 ms", "waits 3 ms", None),
            ("ok 1 - + and   forms", "+ and   forms", None),
            ("ok 1 ms", "ms", None),
            ("ok 1 in ms", "in ms", None),
        ] {
            let point = Point::new(line.as_bytes(), false).unwrap();
            assert_eq!(point.name(false).unwrap(), name);
            assert_eq!(point.duration, milliseconds.map(Duration::from_millis), "{line}");
        }
    }

    #[test]
    fn times_of_vitest_and_node_tap() {
        for line in ["ok 2 - inner # time=0.29ms {", "ok 2 - inner # SKIP # time=0.29ms"] {
            let point = Point::new(line.as_bytes(), false).unwrap();
            assert_eq!(point.name(false).unwrap(), "inner");
            assert_eq!(point.duration, Some(Duration::from_micros(290)));
        }
    }
}
