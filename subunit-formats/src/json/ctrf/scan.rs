//! Finds the parts of a CTRF document while it arrives, without holding more than one part.

/// Parts that are larger are not kept.
const LARGEST: usize = 64 << 20;

/// A key that is longer is none that matters.
const LONGEST_KEY: usize = 64;

/// What was found.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Part<'p> {
    /// Bytes outside documents.
    Text(&'p [u8]),
    /// An element of `results.tests`.
    Test(&'p [u8]),
    /// The object that is another member of `results`.
    Member(&'p str, &'p [u8]),
    /// `results.tests` has begun.
    Tests,
    /// A part was larger than 64 MiB and is lost.
    TooLarge,
    /// The document has ended.
    End,
}

/// Walks through documents.
///
/// Memory: the part that it is in.
#[derive(Clone, Debug, Default)]
pub(super) struct Scanner {
    depth: usize,
    in_string: bool,
    escaped: bool,
    /// In front of a document: whether something other than white space stands in the line.
    in_line: bool,
    /// The last string at a depth that matters, and the keys it became.
    string: Vec<u8>,
    keys: [Vec<u8>; 2],
    in_tests: bool,
    /// At which depth the part began that is kept now.
    kept_from: Option<usize>,
    kept: Vec<u8>,
    too_large: bool,
}

impl Scanner {
    /// Whether a document has begun and not ended.
    pub(super) fn in_document(&self) -> bool {
        self.depth > 0
    }

    /// The beginning of the part whose end has not come.
    pub(super) fn partial(&self) -> &[u8] {
        &self.kept
    }

    pub(super) fn feed(&mut self, mut bytes: &[u8], mut each: impl FnMut(Part<'_>)) {
        while !bytes.is_empty() {
            let taken = if self.depth == 0 {
                self.outside(bytes, &mut each)
            } else if self.in_string {
                self.string(bytes)
            } else {
                self.structure(bytes, &mut each)
            };
            bytes = &bytes[taken..];
        }
    }

    /// A document begins with a brace that is the first in its line.
    fn outside(&mut self, bytes: &[u8], each: &mut impl FnMut(Part<'_>)) -> usize {
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                b'\n' => self.in_line = false,
                b'{' if !self.in_line => {
                    each(Part::Text(&bytes[..at]));
                    *self = Self { depth: 1, ..Self::default() };
                    return at + 1;
                }
                // A byte order mark.
                0xef | 0xbb | 0xbf => {}
                other => self.in_line |= !other.is_ascii_whitespace(),
            }
        }
        each(Part::Text(bytes));
        bytes.len()
    }

    /// The rest of a string, up to an escape or its end.
    fn string(&mut self, bytes: &[u8]) -> usize {
        let end = if self.escaped { Some(0) } else { memchr::memchr2(b'"', b'\\', bytes) };
        let Some(at) = end else {
            self.keep(bytes);
            self.note_key(bytes);
            return bytes.len();
        };
        let taken = at + 1;
        let (inside, last) = (&bytes[..at], bytes[at]);
        self.keep(&bytes[..taken]);
        self.note_key(inside);
        if self.escaped {
            self.escaped = false;
            self.note_key(&[last]);
        } else if last == b'\\' {
            self.escaped = true;
        } else {
            self.in_string = false;
        }
        taken
    }

    fn note_key(&mut self, bytes: &[u8]) {
        if self.depth <= 2 {
            // One byte more than there may be tells that the key is too long.
            let room = (LONGEST_KEY + 1).saturating_sub(self.string.len());
            self.string.extend_from_slice(&bytes[..bytes.len().min(room)]);
        }
    }

    /// What stands outside strings, up to the next byte that matters, or that byte.
    fn structure(&mut self, bytes: &[u8], each: &mut impl FnMut(Part<'_>)) -> usize {
        let idle = bytes.iter().take_while(|byte| !b"{}[]\":".contains(byte)).count();
        let (idle, rest) = bytes.split_at(idle);
        let Some(&byte) = rest.first().filter(|_| idle.is_empty()) else {
            self.keep(idle);
            return idle.len();
        };
        match byte {
            b'{' | b'[' => self.open(byte, each),
            b'}' | b']' => {
                self.keep(&[byte]);
                self.close(each);
                return 1;
            }
            b'"' => {
                self.in_string = true;
                self.string.clear();
            }
            b':' if self.depth <= 2 => {
                if let Some(key) = self.keys.get_mut(self.depth - 1) {
                    key.clone_from(&self.string);
                }
            }
            _ => {}
        }
        self.keep(&[byte]);
        1
    }

    fn open(&mut self, byte: u8, each: &mut impl FnMut(Part<'_>)) {
        let in_results = self.depth == 2 && self.keys[0] == b"results";
        if in_results && byte == b'[' && self.keys[1] == b"tests" {
            self.in_tests = true;
            each(Part::Tests);
        } else if byte == b'{'
            && self.kept_from.is_none()
            && (in_results || self.depth == 3 && self.in_tests)
        {
            self.kept_from = Some(self.depth);
            self.kept.clear();
            self.too_large = false;
        }
        self.depth += 1;
    }

    fn close(&mut self, each: &mut impl FnMut(Part<'_>)) {
        self.depth -= 1;
        if self.kept_from == Some(self.depth) {
            self.kept_from = None;
            let part = std::mem::take(&mut self.kept);
            if self.too_large {
                each(Part::TooLarge);
            } else if self.in_tests {
                each(Part::Test(&part));
            } else {
                each(Part::Member(&String::from_utf8_lossy(&self.keys[1]), &part));
            }
        }
        if self.depth == 2 {
            self.in_tests = false;
        }
        if self.depth == 0 {
            self.in_line = false;
            each(Part::End);
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.kept_from.is_none() {
            return;
        }
        if self.kept.len() + bytes.len() > LARGEST {
            self.too_large = true;
            self.kept = Vec::new();
        }
        if !self.too_large {
            self.kept.extend_from_slice(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(input: &[u8], cut: usize) -> Vec<String> {
        let (mut scanner, mut parts) = (Scanner::default(), Vec::new());
        for piece in input.chunks(cut) {
            scanner.feed(piece, |part| match part {
                Part::Text(_) => {}
                Part::Member(key, bytes) => {
                    parts.push(format!("{key} {}", String::from_utf8_lossy(bytes)));
                }
                Part::Test(bytes) => parts.push(String::from_utf8_lossy(bytes).into_owned()),
                other => parts.push(format!("{other:?}")),
            });
        }
        parts
    }

    #[test]
    fn a_key_that_is_too_long_is_cut_at_the_same_place_however_it_arrives() {
        let key = "k".repeat(200);
        let input = format!(r#"{{"results": {{"{key}": {{}}}}}}"#);
        let whole = parts(input.as_bytes(), input.len());
        assert_eq!(whole[0].len(), LONGEST_KEY + 1 + " {}".len());
        for cut in 1..input.len() {
            assert_eq!(parts(input.as_bytes(), cut), whole, "in pieces of {cut}");
        }
    }

    #[test]
    fn finds_the_parts_however_the_document_is_cut() {
        let input = br#"{"tests": [{"a": 1}], "x": {"results": {}}, "results": {"tool": {"name": "\"}"},
            "tests": [{"name": "]}\\", "tests": [{}]}, {}], "extra": [{"tests": []}], "summary": {"tests": 2}}} x
            {"results": {}}"#;
        let expected = [
            r#"tool {"name": "\"}"}"#,
            "Tests",
            r#"{"name": "]}\\", "tests": [{}]}"#,
            "{}",
            r#"summary {"tests": 2}"#,
            "End",
            "End",
        ];
        for cut in [1, 2, 7, input.len()] {
            assert_eq!(parts(input, cut), expected, "in pieces of {cut}");
        }
    }
}
