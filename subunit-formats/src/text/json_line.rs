//! Formats that put one JSON object on a line, and what stands between and in front of the objects.

use std::borrow::Cow;

use serde_json::{Map, Value};
use subunit_core::sink::Flow;

use crate::{
    events::push::Push,
    text::{line_reader::SplitLines, lines::Lines},
};

/// Lines longer than this are handed over in pieces: a line may hold all output of a test.
pub(crate) const LONGEST: usize = 64 << 20;

/// What may still be tried in vain in a line. Each try may read the rest of the line, so a line full of
/// beginnings must not be read over and over.
pub(crate) struct Tries {
    /// Beginnings of an object.
    starts: usize,
    /// How many of them are mended.
    mends: usize,
}

impl Default for Tries {
    fn default() -> Self {
        Self { starts: 64, mends: 4 }
    }
}

/// Puts lines together that may be long.
///
/// Memory: one line, at most 64 MiB.
#[derive(Clone, Debug, Default)]
pub(crate) struct LongLines {
    lines: Lines,
    partial: Vec<u8>,
}

impl SplitLines for LongLines {
    fn feed(&mut self, bytes: &[u8], mut each: impl FnMut(&[u8])) {
        let partial = &mut self.partial;
        self.lines.feed(bytes, |piece| {
            let whole = piece.ends_with(b"\n");
            if whole && partial.is_empty() {
                each(piece);
                return Flow::Continue;
            }
            partial.extend_from_slice(piece);
            if whole || partial.len() >= LONGEST {
                each(partial);
                partial.clear();
            }
            Flow::Continue
        });
    }

    fn finish(&mut self) -> Option<Vec<u8>> {
        let mut line = std::mem::take(&mut self.partial);
        line.extend(self.lines.finish().unwrap_or_default());
        (!line.is_empty()).then_some(line)
    }
}

/// A line that was cut may have told a failure, so it is red if an object begins it; whether it is. It is text all
/// the same.
pub(crate) fn note_cut(line: &[u8], push: &mut Push<'_>) -> bool {
    let cut = line.len() >= LONGEST && !line.ends_with(b"\n");
    let is_red = cut && begins(line.trim_ascii_start(), &["\""]);
    if is_red {
        push.group_failure("long line", CUT, None, None);
    }
    is_red
}

/// Why a line is red that was cut.
pub(crate) const CUT: &str = "a line of more than 64 MiB was read as text";

/// Calls `each` with a line, and again with what `each` says is after what it has dealt with, until
/// nothing is.
pub(crate) fn each_part(line: &[u8], mut each: impl FnMut(&[u8], &mut Tries) -> usize) {
    let (mut rest, mut tries) = (line, Tries::default());
    while !rest.is_empty() {
        let behind = each(rest, &mut tries).min(rest.len().saturating_sub(1));
        rest = &rest[rest.len() - behind..];
    }
}

/// An object that stands in a line, and the bytes around it.
#[derive(Debug)]
pub(crate) struct Found<'l> {
    pub(crate) before: &'l [u8],
    pub(crate) object: Object,
    /// What follows the object; empty where that is the line end and nothing else.
    pub(crate) after: &'l [u8],
}

/// The first object in a line that begins with one of `beginnings` (the members' quotes included, with
/// `{` in front, without spaces), and of which `known` holds.
pub(crate) fn find<'l>(
    line: &'l [u8],
    beginnings: &[&str],
    known: impl Fn(&Object) -> bool,
    tries: &mut Tries,
) -> Option<Found<'l>> {
    let braces = memchr::memchr_iter(b'{', line);
    for start in braces.filter(|&start| begins(&line[start..], beginnings)) {
        if tries.starts == 0 {
            return None;
        }
        let (before, rest) = line.split_at(start);
        if let Some((object, length)) = object(rest, &mut tries.mends)
            && known(&object)
        {
            let after = rest.get(length..).unwrap_or_default();
            let after = if after.trim_ascii().is_empty() { &[] } else { after };
            return Some(Found { before, object, after });
        }
        tries.starts -= 1;
    }
    None
}

fn begins(bytes: &[u8], beginnings: &[&str]) -> bool {
    let Some(inside) = bytes.strip_prefix(b"{") else { return false };
    let inside = inside.trim_ascii_start();
    beginnings.iter().any(|key| inside.starts_with(key.as_bytes()))
}

/// The object at the beginning of `bytes`, and its length.
fn object(bytes: &[u8], mends: &mut usize) -> Option<(Object, usize)> {
    let error = match parse(bytes)? {
        Ok(parsed) => return parsed,
        Err(error) => error,
    };
    if !error.is_syntax() || *mends == 0 {
        return None;
    }
    *mends -= 1;
    let mended = mend(&String::from_utf8_lossy(bytes))?;
    // Where mending changed lengths, what follows the object is not looked for.
    parse(mended.as_bytes())?.ok()?.map(|(object, _)| (object, bytes.len()))
}

/// `None` without a value, `Some(Ok(None))` where it is no object.
fn parse(bytes: &[u8]) -> Option<serde_json::Result<Option<(Object, usize)>>> {
    let mut values = serde_json::Deserializer::from_slice(bytes).into_iter::<Value>();
    let value = values.next()?;
    let length = values.byte_offset();
    Some(value.map(|value| Some((Object::of(value)?, length))))
}

/// JSON with what other writers let through mended: escapes of half a character become U+FFFD, raw control
/// characters become escapes. `None` where there is nothing of that kind and no invalid UTF-8.
fn mend(text: &str) -> Option<String> {
    let mut mended = String::with_capacity(text.len());
    let mut changed = text.contains('\u{fffd}');
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c == '\\' || (c < ' ' && !c.is_ascii_whitespace())) {
        mended.push_str(&rest[..at]);
        rest = &rest[at..];
        let (replacement, taken) = mend_one(rest);
        changed |= *replacement != rest[..taken];
        mended.push_str(&replacement);
        rest = &rest[taken..];
    }
    mended.push_str(rest);
    changed.then_some(mended)
}

/// The replacement of an escape or control character at the beginning of `rest`, and how many bytes it
/// replaces.
fn mend_one(rest: &str) -> (Cow<'_, str>, usize) {
    if !rest.starts_with('\\') {
        let control = rest.bytes().next().unwrap_or(b' ');
        return (Cow::Owned(format!("\\u{control:04x}")), 1);
    }
    match half(rest) {
        None => {
            let length = 1 + rest[1..].chars().next().map_or(0, char::len_utf8);
            (Cow::Borrowed(&rest[..length]), length)
        }
        Some(0xd800..=0xdbff) if matches!(half(&rest[6..]), Some(0xdc00..=0xdfff)) => {
            (Cow::Borrowed(&rest[..12]), 12)
        }
        Some(0xd800..=0xdfff) => (Cow::Borrowed("\\ufffd"), 6),
        Some(_) => (Cow::Borrowed(&rest[..6]), 6),
    }
}

/// The number of a `\u` escape at the beginning of `text`.
fn half(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}

/// The members of a JSON object; a member of the wrong type is as good as none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Object(pub(crate) Map<String, Value>);

impl Object {
    pub(crate) fn str(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.as_str()
    }

    pub(crate) fn count(&self, key: &str) -> Option<u64> {
        self.0.get(key)?.as_u64()
    }

    pub(crate) fn number(&self, key: &str) -> Option<f64> {
        self.0.get(key)?.as_f64()
    }

    /// The elements of an array; none where it is none.
    pub(crate) fn array(&self, key: &str) -> &[Value] {
        self.0.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }

    /// The objects of an array, which is no member any more.
    pub(crate) fn take_objects(&mut self, key: &str) -> impl Iterator<Item = Self> + use<> {
        let array = match self.0.remove(key) {
            Some(Value::Array(array)) => array,
            _ => Vec::new(),
        };
        array.into_iter().filter_map(Self::of)
    }

    /// The object that a value is.
    pub(crate) fn of(value: Value) -> Option<Self> {
        match value {
            Value::Object(members) => Some(Self(members)),
            _ => None,
        }
    }
}

/// The string of this key; empty where there is none.
pub(crate) fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

/// The elements of the array of this key; none where there is none.
pub(crate) fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key].as_array().map(Vec::as_slice).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(input: &[u8], cut: usize) -> Vec<Vec<u8>> {
        let (mut lines, mut found) = (LongLines::default(), Vec::new());
        for piece in input.chunks(cut) {
            lines.feed(piece, |line| found.push(line.to_vec()));
        }
        found.extend(lines.finish());
        found
    }

    #[test]
    fn a_long_line_is_whole_however_it_arrives() {
        let mut input = vec![b'x'; 3 << 20];
        input.extend_from_slice(b"\ny\nz");
        for cut in [1000, 1 << 20, input.len()] {
            let lengths: Vec<usize> = lines(&input, cut).iter().map(Vec::len).collect();
            assert_eq!(lengths, [(3 << 20) + 1, 2, 1]);
        }
    }

    #[test]
    fn finds_the_object_behind_raw_bytes_and_in_front_of_others() {
        let line = b"raw \xff {\"type\" {\"type\":1, { \"type\": \"a{\" } x\n";
        let known = |object: &Object| object.str("type").is_some();
        let found = find(line, &["\"type\""], known, &mut Tries::default()).unwrap();
        assert_eq!(found.before, b"raw \xff {\"type\" {\"type\":1, ");
        assert_eq!((found.object.str("type"), found.after), (Some("a{"), &b" x\n"[..]));
    }

    #[test]
    fn mends_halves_of_characters_and_control_characters() {
        let line = b"{\"type\":\"\\ud83d\\ude00 \\ud83d \\\\ud83d \x1b \xff\"}";
        let found = find(line, &["\"type\""], |_| true, &mut Tries::default()).unwrap();
        assert_eq!(found.object.str("type"), Some("😀 \u{fffd} \\ud83d \u{1b} \u{fffd}"));
    }
}
