//! What one line of TAP is.
//!
//! The grammar of TAP 14 (testanything.org, "TAP 14 specification") with what is sent in its name.

use super::{
    point::Point,
    words::{number, strip_word},
};

/// A line without its indent and its end.
#[derive(Clone, Copy, Debug)]
pub(super) enum Line<'a> {
    Blank,
    /// `TAP version 14`, or `KTAP version 1`.
    Version {
        ktap: bool,
    },
    Plan(Plan<'a>),
    /// `pragma +strict`, or `-strict`: whether nothing but TAP may follow.
    Strict(bool),
    Point(Point<'a>),
    /// `# Subtest: name`.
    Subtest(&'a [u8]),
    /// Any other line that begins with `#`; the text after it.
    Comment(&'a [u8]),
    /// `---`.
    Yaml,
    /// `{`, the children of the point before follow.
    Open,
    /// `}`.
    Close,
    /// `Bail out!`, and the reason.
    BailOut(&'a [u8]),
    Other,
}

/// How many tests there will be, or were.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan<'a> {
    /// They are numbered from 1 to this.
    pub(super) last: u64,
    /// The numbers of those that are still to do, with spaces between them, as perl's Test.pm had it.
    pub(super) todo: &'a [u8],
    /// What follows a `#`, trimmed.
    pub(super) comment: Option<&'a [u8]>,
}

impl<'a> Line<'a> {
    /// `ktap`: whether the words of KTAP have its meaning.
    pub(super) fn new(body: &'a [u8], ktap: bool) -> Self {
        let body = body.trim_ascii_end();
        match body {
            [] => return Self::Blank,
            b"---" => return Self::Yaml,
            b"{" => return Self::Open,
            b"}" => return Self::Close,
            _ => {}
        }
        if let Some(comment) = body.strip_prefix(b"#") {
            let text = comment.trim_ascii_start();
            return match strip_word(text, b"Subtest") {
                Some([b':', name @ ..]) => Self::Subtest(name.trim_ascii()),
                _ => Self::Comment(comment),
            };
        }
        if let Some(point) = Point::new(body, ktap) {
            return Self::Point(point);
        }
        if let Some(plan) = plan(body) {
            return Self::Plan(plan);
        }
        if let Some(ktap) = version(body) {
            return Self::Version { ktap };
        }
        if let Some(strict) = strict(body) {
            return Self::Strict(strict);
        }
        match strip_word(body, b"Bail out!") {
            Some(reason) => Self::BailOut(reason.trim_ascii()),
            None => Self::Other,
        }
    }
}

/// The columns a line is indented by, and the rest of it. A tab is four columns.
pub(super) fn indent(line: &[u8]) -> (usize, &[u8]) {
    let mut columns = 0;
    for (at, byte) in line.iter().enumerate() {
        match byte {
            b' ' => columns += 1,
            b'\t' => columns += 4,
            _ => return (columns, &line[at..]),
        }
    }
    (columns, &[])
}

/// A line without as many columns of indent as it has of `columns`.
pub(super) fn unindent(line: &[u8], columns: usize) -> &[u8] {
    let spaces = line.iter().take(columns).take_while(|byte| **byte == b' ').count();
    &line[spaces..]
}

fn plan(body: &[u8]) -> Option<Plan<'_>> {
    let (last, rest) = number(body.strip_prefix(b"1..")?)?;
    let (todo, rest) = todo(rest.trim_ascii());
    let comment = match rest {
        [] => None,
        [b'#', comment @ ..] => Some(comment.trim_ascii()),
        _ => return None,
    };
    Some(Plan { last, todo, comment })
}

/// The numbers of ` todo 2 5;`, and what follows them.
fn todo(text: &[u8]) -> (&[u8], &[u8]) {
    let Some(list) = text.strip_prefix(b"todo ") else { return (&[], text) };
    let of_list = |byte: &&u8| byte.is_ascii_digit() || byte.is_ascii_whitespace();
    let (numbers, rest) = list.split_at(list.iter().take_while(of_list).count());
    let rest = rest.strip_prefix(b";").unwrap_or(rest).trim_ascii_start();
    if numbers.trim_ascii().is_empty() { (&[], text) } else { (numbers, rest) }
}

/// What a line of pragmas says of strictness.
fn strict(body: &[u8]) -> Option<bool> {
    let pragmas = body.strip_prefix(b"pragma ")?.split(|byte| *byte == b',');
    let mut said = pragmas.filter_map(|pragma| match pragma.trim_ascii() {
        b"+strict" => Some(true),
        b"-strict" => Some(false),
        _ => None,
    });
    said.next_back()
}

fn version(body: &[u8]) -> Option<bool> {
    let (ktap, rest) = match body.strip_prefix(b"KTAP version ") {
        Some(rest) => (true, rest),
        None => (false, strip_word(body, b"TAP version ")?),
    };
    number(rest.trim_ascii_start()).filter(|(_, rest)| rest.is_empty()).map(|_| ktap)
}
