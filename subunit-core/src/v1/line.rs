//! WHAT a line says: the directives of version 1, without any state.
//!
//! ```text
//! test|testing[:]* LABEL
//! success|successful|failure|error|skip|xfail|uxsuccess[:]* LABEL [" [" | " [ multipart"]
//! tags[:]* [-]TAG ...
//! time[:]* ISO8601
//! ```
//!
//! One blank or tab is between a word and its label. Everything else is text; so is `progress`, for which
//! there is no event.

use std::borrow::Cow;

use super::time;
use crate::{Status, wire::contains_byte::contains_byte};

/// A line that says something.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Directive<'a> {
    /// A test begins. `colon`: a colon follows the word, as all writers write it; words in a test's own
    /// output hardly ever have one.
    Start { label: &'a [u8], colon: bool },
    /// A test ends. Its label and the opening of its details are in `rest`.
    Outcome { outcome: Outcome, rest: &'a [u8] },
    /// Tags, separated by blanks; a `-` in front takes one off.
    Tags(&'a [u8]),
    /// The time, not yet read.
    Time(&'a [u8]),
}

/// The word that a test ends with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Outcome {
    Success,
    Failure,
    Error,
    Skip,
    ExpectedFailure,
    UnexpectedSuccess,
}

/// What follows the label of an outcome.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Opening {
    /// Nothing: the test has ended.
    None,
    /// Lines up to `]`.
    Bracket,
    /// Files in chunks, up to `]`.
    Multipart,
}

/// The words of outcomes. If one word ends with another, the longer one comes first.
const OUTCOMES: [(&[u8], Outcome); 7] = [
    (b"uxsuccess", Outcome::UnexpectedSuccess),
    (b"successful", Outcome::Success),
    (b"success", Outcome::Success),
    (b"failure", Outcome::Failure),
    (b"error", Outcome::Error),
    (b"skip", Outcome::Skip),
    (b"xfail", Outcome::ExpectedFailure),
];

/// What ends the line of an outcome. If one ends with another, the longer one comes first.
const OPENINGS: [(&[u8], Opening); 3] =
    [(b" [ multipart", Opening::Multipart), (b" [", Opening::Bracket), (b"", Opening::None)];

impl Outcome {
    pub(super) const fn status(self) -> Status {
        match self {
            Self::Success => Status::Success,
            Self::Failure | Self::Error => Status::Fail,
            Self::Skip => Status::Skip,
            Self::ExpectedFailure => Status::ExpectedFailure,
            Self::UnexpectedSuccess => Status::UnexpectedSuccess,
        }
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Error => "error",
            Self::Skip => "skip",
            Self::ExpectedFailure => "xfail",
            Self::UnexpectedSuccess => "uxsuccess",
        }
    }

    /// Name and type of the file that bracketed details become.
    pub(super) const fn file(self) -> (&'static str, &'static str) {
        match self {
            Self::Success => ("message", "text/plain"),
            Self::Skip => ("reason", "text/plain"),
            _ => ("traceback", "text/x-traceback; charset=\"utf8\""),
        }
    }
}

/// What a line says; `line` is without its line end.
pub(super) fn directive(line: &[u8]) -> Option<Directive<'_>> {
    if let Some(said) = frequent(line) {
        return Some(said);
    }
    let end = line.iter().position(|byte| is_blank(*byte))?;
    let (word, rest) = line.split_at_checked(end)?;
    let label = rest.get(1..)?;
    if label.iter().all(|byte| is_blank(*byte)) {
        return None;
    }
    let name = without_colons(word);
    match name {
        b"test" | b"testing" => Some(Directive::Start { label, colon: name.len() < word.len() }),
        b"tags" => Some(Directive::Tags(label)),
        b"time" => Some(Directive::Time(label)),
        _ => {
            let (_, outcome) = OUTCOMES.iter().find(|(keyword, _)| *keyword == name)?;
            Some(Directive::Outcome { outcome: *outcome, rest: label })
        }
    }
}

/// What nearly all lines say, with the colon and the blank that all writers write; `None` for all others, and
/// if the label begins with a blank.
fn frequent(line: &[u8]) -> Option<Directive<'_>> {
    let (word, label) = line.split_first_chunk::<6>()?;
    let said = if word == b"tags: " {
        Directive::Tags(label)
    } else if word == b"test: " {
        Directive::Start { label, colon: true }
    } else if word == b"time: " {
        Directive::Time(label)
    } else {
        let rest = line.strip_prefix(b"success: ")?;
        Directive::Outcome { outcome: Outcome::Success, rest }
    };
    let (Directive::Start { label, .. }
    | Directive::Time(label)
    | Directive::Tags(label)
    | Directive::Outcome { rest: label, .. }) = said;
    label.first().is_some_and(|byte| !is_blank(*byte)).then_some(said)
}

/// What a line says about a stream whose format is not known.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Hint {
    /// It is version 1: a test begins, or the time is set.
    Is,
    /// It may come before the first test of a stream, but also in the output of other programs.
    MayPrecede,
    /// Nothing. Words such as `error:` end a test that was begun; elsewhere any program may print them.
    None,
}

/// What a line, with or without its line end, says about a stream whose format is not known.
///
/// ```
/// use subunit_core::v1::{Hint, hint};
///
/// assert_eq!(hint(b"test: a"), Hint::Is);
/// assert_eq!(hint(b"time: 2013-02-28 12:00:00Z"), Hint::Is);
/// assert_eq!(hint(b"progress: +3"), Hint::MayPrecede);
/// assert_eq!(hint(b"testing the waters"), Hint::None);
/// assert_eq!(hint(b"testing: warning: no tests to run"), Hint::None);
/// assert_eq!(hint(b"time: soon"), Hint::None);
/// assert_eq!(hint(b"error: no such file"), Hint::None);
/// ```
pub fn hint(line: &[u8]) -> Hint {
    let line = without_end(line).unwrap_or(line);
    let word = line.split(|byte| is_blank(*byte)).next().unwrap_or_default();
    if !word.ends_with(b":") {
        return Hint::None;
    }
    match directive(line) {
        // The package of that name of go warns in the same words.
        Some(Directive::Start { label, .. })
            if word == b"testing:" && label.starts_with(b"warning: ") =>
        {
            Hint::None
        }
        Some(Directive::Start { .. }) => Hint::Is,
        Some(Directive::Time(text)) if time::parse(text.trim_ascii()).is_some() => Hint::Is,
        Some(Directive::Tags(_)) => Hint::MayPrecede,
        None if without_colons(word) == b"progress" && is_progress(&line[word.len()..]) => {
            Hint::MayPrecede
        }
        _ => Hint::None,
    }
}

/// `push`, `pop`, or a number with or without a sign.
fn is_progress(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    let digits = text.strip_prefix(b"+").or_else(|| text.strip_prefix(b"-")).unwrap_or(text);
    let number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    number || text == b"push" || text == b"pop"
}

/// Whether a line that ends with the input, and has no line end, is one of version 1 that was cut short:
/// the beginning of a test, of tags or of a time, or the beginning of the words for these.
pub(super) fn is_cut_short(line: &[u8]) -> bool {
    const WORDS: [&[u8]; 4] = [START, b"testing: ", b"tags: ", TIME];
    let is_of_a_time = |byte: &u8| byte.is_ascii_digit() || b"-:. TZ+".contains(byte);
    match directive(line) {
        Some(Directive::Start { colon, .. }) => colon,
        Some(Directive::Tags(_)) => true,
        Some(Directive::Time(text)) => line.starts_with(TIME) && text.iter().all(is_of_a_time),
        Some(Directive::Outcome { .. }) => false,
        None => !line.is_empty() && WORDS.iter().any(|word| word.starts_with(line)),
    }
}

/// What follows the label in an outcome's `rest`; `None` if it is another test's.
pub(super) fn opening(rest: &[u8], label: &[u8]) -> Option<Opening> {
    match rest.strip_prefix(label)? {
        b"" => Some(Opening::None),
        b" [" => Some(Opening::Bracket),
        b" [ multipart" => Some(Opening::Multipart),
        _ => None,
    }
}

/// An outcome of the test `label` in a line that says `said`: how much text comes before it, and what it
/// says.
pub(super) fn outcome_of(
    line: &[u8],
    said: Option<Directive<'_>>,
    label: &[u8],
) -> Option<(usize, Outcome, Opening)> {
    let whole = match said {
        Some(Directive::Outcome { outcome, rest }) => {
            opening(rest, label).map(|opening| (0, outcome, opening))
        }
        _ => glued_outcome(line, label),
    };
    whole.or_else(|| cut_outcome(line, label))
}

/// How many bytes of a label libcheck writes when its test begins.
const CUT: usize = 98;

/// An outcome of a test for which libcheck wrote only `label` when it began: only the outcome has the whole
/// name.
fn cut_outcome(line: &[u8], label: &[u8]) -> Option<(usize, Outcome, Opening)> {
    if label.len() != CUT {
        return None;
    }
    let at = memchr::memmem::find(line, label)?;
    let (separator, before) = line.get(..at)?.split_last()?;
    let word = without_colons(before);
    if !is_blank(*separator) || word.len() == before.len() {
        return None;
    }
    let rest = line.get(at + CUT..)?;
    let (_, opening) = OPENINGS.iter().find(|(mark, _)| rest.ends_with(mark))?;
    OUTCOMES.iter().find_map(|(keyword, outcome)| {
        let text = word.strip_suffix(*keyword)?;
        Some((text.len(), *outcome, *opening))
    })
}

/// An outcome of the test `label` at the end of a line that begins with something else, such as
/// `working...success: a`: where it begins, and what it says. Only with a colon.
fn glued_outcome(line: &[u8], label: &[u8]) -> Option<(usize, Outcome, Opening)> {
    // Most lines are none, and their last byte tells it: it is neither that of the label nor of a mark.
    let last = line.last()?;
    if label.last() != Some(last) && !b"[t".contains(last) {
        return None;
    }
    OPENINGS.iter().find_map(|(mark, opening)| {
        let before = line.strip_suffix(*mark)?.strip_suffix(label)?;
        let (separator, before) = before.split_last()?;
        let word = without_colons(before);
        if label.is_empty() || !is_blank(*separator) || word.len() == before.len() {
            return None;
        }
        OUTCOMES.iter().find_map(|(keyword, outcome)| {
            let text = word.strip_suffix(*keyword)?;
            Some((text.len(), *outcome, *opening))
        })
    })
}

/// The label in an outcome's `rest` with which `line`, which begins with something else, says that the
/// test begins: `...test: a` and `a [`.
///
/// An empty label counts only here, if the line has nothing else on it: no prose has such a line followed by
/// such an outcome.
pub(super) fn glued_start<'a>(line: &[u8], rest: &'a [u8]) -> Option<(&'a [u8], Opening)> {
    OPENINGS.iter().find_map(|(mark, opening)| {
        let label = rest.strip_suffix(*mark)?;
        let before = line.strip_suffix(label)?;
        let begins = if label.is_empty() { before == START } else { before.ends_with(START) };
        begins.then_some((label, *opening))
    })
}

/// What a glued start begins with.
pub(super) const START: &[u8] = b"test: ";
/// What the line of a time begins with.
const TIME: &[u8] = b"time: ";

/// A time at the end of a line that begins with something else, in exactly the form that [`super::Writer`]
/// writes.
pub(super) fn glued_time(line: &[u8]) -> Option<&[u8]> {
    const FORM: &[u8; 27] = b"0000-00-00 00:00:00.000000Z";
    let at = line.len().checked_sub(FORM.len())?;
    let (before, time) = line.split_at_checked(at)?;
    let fits =
        |(byte, form): (&u8, &u8)| if *form == b'0' { byte.is_ascii_digit() } else { byte == form };
    (before.ends_with(TIME) && time.iter().zip(FORM).all(fits)).then_some(time)
}

/// A line without its line end, LF or CRLF; `None` if it has none.
pub(super) fn without_end(line: &[u8]) -> Option<&[u8]> {
    let line = line.strip_suffix(b"\n")?;
    Some(line.strip_suffix(b"\r").unwrap_or(line))
}

/// Turns bytes into what version 2 can hold: UTF-8 without NUL. Everything else is replaced by U+FFFD.
pub(super) fn clean(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) if !contains_byte::<0>(bytes) => Cow::Borrowed(text),
        _ => Cow::Owned(String::from_utf8_lossy(bytes).replace('\0', "\u{FFFD}")),
    }
}

/// As [`clean`], as bytes: ASCII need not be checked as UTF-8.
pub(super) fn clean_bytes(bytes: &[u8]) -> Cow<'_, [u8]> {
    if bytes.is_ascii() && !contains_byte::<0>(bytes) {
        return Cow::Borrowed(bytes);
    }
    match clean(bytes) {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

fn without_colons(word: &[u8]) -> &[u8] {
    let colons = word.iter().rev().take_while(|byte| **byte == b':').count();
    word.get(..word.len() - colons).unwrap_or_default()
}

const fn is_blank(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0x0B
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_and_its_label_stand_one_blank_apart() {
        let start = |label, colon| Some(Directive::Start { label, colon });
        assert_eq!(directive(b"test: a b"), start(b"a b", true));
        assert_eq!(directive(b"testing a"), start(b"a", false));
        assert_eq!(directive(b"test::  a "), start(b" a ", true));
        assert_eq!(directive(b"test\ta"), start(b"a", false));
        assert_eq!(directive(b"time: x"), Some(Directive::Time(b"x")));
        assert_eq!(directive(b"tags: -x y"), Some(Directive::Tags(b"-x y")));
    }

    #[test]
    fn all_else_is_text() {
        let lines: [&[u8]; 9] = [
            b"",
            b"test",
            b"test:",
            b"test: ",
            b" test: a",
            b"TEST: a",
            b"fail: a",
            b"progress: +1",
            b"tests: a",
        ];
        for line in lines {
            assert_eq!(directive(line), None, "{}", line.escape_ascii());
        }
    }

    #[test]
    fn a_line_that_says_something_may_be_cut_short_anywhere() {
        for line in ["test: a b", "testing: a", "tags: -x y", "time: 2024-01-02 03:04:05.678901Z"] {
            for end in 1..=line.len() {
                assert!(is_cut_short(&line.as_bytes()[..end]), "{}", &line[..end]);
            }
        }
        for line in ["", "tests", "test a", "time: 3.2s", "time's", "success: a", "a test: "] {
            assert!(!is_cut_short(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn an_outcome_is_of_the_test_that_it_names() {
        assert_eq!(opening(b"a", b"a"), Some(Opening::None));
        assert_eq!(opening(b"a [", b"a"), Some(Opening::Bracket));
        assert_eq!(opening(b"a [", b"a ["), Some(Opening::None));
        assert_eq!(opening(b"a [ multipart", b"a"), Some(Opening::Multipart));
        assert_eq!(opening(b"a [ ", b"a"), None);
        assert_eq!(opening(b"ab", b"a"), None);
    }

    #[test]
    fn finds_an_outcome_behind_unfinished_output() {
        let found = glued_outcome(b"working...success: x", b"x");
        assert_eq!(found, Some((10, Outcome::Success, Opening::None)));
        let found = glued_outcome(b".uxsuccess: x [", b"x");
        assert_eq!(found, Some((1, Outcome::UnexpectedSuccess, Opening::Bracket)));
        let found = glued_outcome(b"..skip: x [ multipart", b"x");
        assert_eq!(found, Some((2, Outcome::Skip, Opening::Multipart)));
        for line in [&b"..success x"[..], b"..success: y", b"..success: xx", b"..success:x", b"x"] {
            assert_eq!(glued_outcome(line, b"x"), None);
        }
        assert_eq!(glued_outcome(b"..success: ", b""), None);
    }

    #[test]
    fn finds_a_start_and_a_time_behind_unfinished_output() {
        assert_eq!(glued_start(b"...test: a", b"a ["), Some((&b"a"[..], Opening::Bracket)));
        assert_eq!(glued_start(b"...test: a", b"b"), None);
        assert_eq!(glued_start(b"test: ", b" ["), Some((&b""[..], Opening::Bracket)));
        assert_eq!(glued_start(b"...test: ", b" ["), None);
        let line = b"...time: 2024-01-02 03:04:05.678901Z";
        assert_eq!(glued_time(line), Some(&b"2024-01-02 03:04:05.678901Z"[..]));
        assert_eq!(glued_time(b"...time: 2024-01-02 03:04:05Z"), None);
    }
}
