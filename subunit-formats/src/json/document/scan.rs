//! Finds the parts of a JSON document while it arrives, without holding more than one part.

use super::{
    beginning::{Begins, begins},
    shape::{DocumentShape, Members, Part},
};

/// Parts that are larger are not kept.
const LARGEST: usize = 64 << 20;

/// A key that is longer is none that matters.
const LONGEST_KEY: usize = 64;

/// A beginning that is longer is looked at once in so many bytes.
const STEP: usize = 64;

/// How deep keys can lead.
const LEVELS: usize = 4;

/// What a byte outside of strings may be.
const STRUCTURE: u8 = 1;
const COMMA: u8 = 2;

/// What each byte is.
static KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut rest: &[u8] = b"{}[]\":";
    while let [byte, more @ ..] = rest {
        kinds[*byte as usize] = STRUCTURE;
        rest = more;
    }
    kinds[b',' as usize] = COMMA;
    kinds
};

/// Walks through documents.
///
/// Memory: the part that it is in.
#[derive(Clone, Debug)]
pub(crate) struct Scanner {
    shape: &'static DocumentShape,
    depth: usize,
    in_string: bool,
    escaped: bool,
    /// Outside of documents: whether something other than white space stands in the line.
    in_line: bool,
    /// What may begin a document, by `shape.begins`.
    candidate: Vec<u8>,
    /// The last string at a depth that matters, the keys it became, and whether a level is a list.
    string: Vec<u8>,
    keys: [Vec<u8>; LEVELS],
    is_list: [bool; LEVELS],
    /// The list that it is in, and at which depth that began.
    list: Option<(usize, usize)>,
    /// At which depth the part began that is kept now; a member ends there with a comma.
    kept_from: Option<usize>,
    is_member: bool,
    kept: Vec<u8>,
    too_large: bool,
}

impl Scanner {
    /// Outside of documents.
    pub(crate) fn new(shape: &'static DocumentShape) -> Self {
        Self {
            shape,
            depth: 0,
            in_string: false,
            escaped: false,
            in_line: false,
            candidate: Vec::new(),
            string: Vec::new(),
            keys: Default::default(),
            is_list: [false; LEVELS],
            list: None,
            kept_from: None,
            is_member: false,
            kept: Vec::new(),
            too_large: false,
        }
    }

    /// Whether a document has begun and not ended.
    pub(crate) fn in_document(&self) -> bool {
        self.depth > 0
    }

    /// The beginning of the part, or of the document, whose end has not come.
    pub(crate) fn partial(&self) -> &[u8] {
        if self.depth > 0 { &self.kept } else { &self.candidate }
    }

    pub(crate) fn feed(&mut self, mut bytes: &[u8], mut each: impl FnMut(Part<'_>)) {
        while !bytes.is_empty() {
            let taken = if self.depth == 0 {
                self.outside(bytes, &mut each)
            } else {
                self.inside(bytes, &mut each)
            };
            bytes = &bytes[taken..];
        }
    }

    fn inside(&mut self, bytes: &[u8], each: &mut impl FnMut(Part<'_>)) -> usize {
        if self.in_string { self.string(bytes) } else { self.structure(bytes, each) }
    }

    /// Up to the beginning of a document, and the first of its bytes.
    fn outside(&mut self, bytes: &[u8], each: &mut impl FnMut(Part<'_>)) -> usize {
        if !self.shape.begins.is_empty() {
            return self.candidates(bytes, each);
        }
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                b'\n' => self.in_line = false,
                b'{' if !self.in_line => {
                    each(Part::Text(&bytes[..at]));
                    self.begin(b'{', each);
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

    /// Outside, where documents may begin in the midst of a line.
    fn candidates(&mut self, bytes: &[u8], each: &mut impl FnMut(Part<'_>)) -> usize {
        if self.candidate.is_empty() {
            let start = memchr::memchr2(b'{', b'[', bytes).unwrap_or(bytes.len());
            if start > 0 {
                each(Part::Text(&bytes[..start]));
                return start;
            }
        }
        // A long beginning is looked at now and then, however it arrives.
        let length = self.candidate.len();
        let room = if length < STEP { 1 } else { STEP - length % STEP };
        let taken = room.min(bytes.len());
        self.candidate.extend_from_slice(&bytes[..taken]);
        if taken == room {
            self.decide(each);
        }
        taken
    }

    /// The input has ended: decides on what may be a document.
    pub(crate) fn settle(&mut self, mut each: impl FnMut(Part<'_>)) {
        if !self.candidate.is_empty() {
            self.decide(&mut each);
        }
    }

    /// Decides whether what may be a document is one.
    fn decide(&mut self, each: &mut impl FnMut(Part<'_>)) {
        loop {
            match begins(&self.candidate, self.shape.begins) {
                Begins::Perhaps => return,
                Begins::Yes => {
                    let held = std::mem::take(&mut self.candidate);
                    self.begin(held[0], each);
                    let mut rest = &held[1..];
                    while !rest.is_empty() {
                        let taken = match self.depth {
                            0 => self.outside(rest, each),
                            _ => self.inside(rest, each),
                        };
                        rest = &rest[taken..];
                    }
                    return;
                }
                Begins::No => {
                    let rest = &self.candidate[1..];
                    let next = memchr::memchr2(b'{', b'[', rest).unwrap_or(rest.len()) + 1;
                    each(Part::Text(&self.candidate[..next]));
                    self.candidate.drain(..next);
                    if self.candidate.is_empty() {
                        return;
                    }
                }
            }
        }
    }

    /// The first byte of a document.
    fn begin(&mut self, byte: u8, each: &mut impl FnMut(Part<'_>)) {
        *self = Self::new(self.shape);
        self.open(byte, each);
        self.keep(&[byte]);
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
        if self.depth <= LEVELS && self.kept_from.is_none() {
            // One byte more than there may be tells that the key is too long.
            let room = (LONGEST_KEY + 1).saturating_sub(self.string.len());
            self.string.extend_from_slice(&bytes[..bytes.len().min(room)]);
        }
    }

    /// What stands outside strings, up to the next byte that matters, or that byte.
    fn structure(&mut self, bytes: &[u8], each: &mut impl FnMut(Part<'_>)) -> usize {
        let stops = if self.is_member { STRUCTURE | COMMA } else { STRUCTURE };
        let idle = bytes.iter().take_while(|byte| KINDS[usize::from(**byte)] & stops == 0).count();
        let (idle, rest) = bytes.split_at(idle);
        let Some(&byte) = rest.first().filter(|_| idle.is_empty()) else {
            self.keep(idle);
            return idle.len();
        };
        match byte {
            b'{' | b'[' => self.open(byte, each),
            b'}' | b']' => {
                self.close(byte, each);
                return 1;
            }
            b'"' => {
                self.in_string = true;
                self.string.clear();
            }
            b':' if self.kept_from.is_none() => {
                self.key();
                return 1;
            }
            b',' if self.kept_from == Some(self.depth) => {
                self.end_member(each);
                return 1;
            }
            _ => {}
        }
        self.keep(&[byte]);
        1
    }

    /// A key is whole: its value follows.
    fn key(&mut self) {
        let Some(level) = self.depth.checked_sub(1).filter(|level| *level < LEVELS) else { return };
        if self.is_list[level] {
            return;
        }
        self.keys[level].clone_from(&self.string);
        let named = match self.shape.members {
            Members::Named(names) => names.iter().any(|name| name.as_bytes() == self.keys[level]),
            Members::Objects => false,
        };
        if named && self.in_members() && !self.is_list_here() {
            self.keep_from_here(true);
        }
    }

    /// Whether the objects around are those of the keys.
    fn follows(&self, keys: &[&str]) -> bool {
        let is = |(level, key): (usize, &&str)| {
            !self.is_list[level] && self.keys[level] == key.as_bytes()
        };
        keys.len() < LEVELS && keys.iter().enumerate().all(is)
    }

    /// Whether it is in the object whose members are parts.
    fn in_members(&self) -> bool {
        let keys = self.shape.members_of;
        self.depth == keys.len() + 1 && self.follows(keys) && !self.is_list[keys.len()]
    }

    /// Whether what comes next would be one of the lists.
    fn is_list_here(&self) -> bool {
        self.shape.lists.iter().any(|keys| self.depth == keys.len() && self.follows(keys))
    }

    fn keep_from_here(&mut self, is_member: bool) {
        self.kept_from = Some(self.depth);
        self.is_member = is_member;
        self.kept.clear();
        self.too_large = false;
    }

    fn open(&mut self, byte: u8, each: &mut impl FnMut(Part<'_>)) {
        if self.kept_from.is_none() {
            let lists = self.shape.lists.iter();
            let mut lists = lists.map(|keys| self.depth == keys.len() && self.follows(keys));
            if let Some(list) = lists.position(|is| is).filter(|_| byte == b'[') {
                self.list = Some((list, self.depth));
                each(Part::List(list));
            } else if byte == b'{' && self.list.is_some_and(|(_, at)| self.depth == at + 1) {
                self.keep_from_here(false);
            } else if byte == b'{'
                && matches!(self.shape.members, Members::Objects)
                && self.in_members()
            {
                self.keep_from_here(true);
            }
            if let Some(is_list) = self.is_list.get_mut(self.depth) {
                *is_list = byte == b'[';
                self.keys[self.depth].clear();
            }
        }
        self.depth += 1;
    }

    fn close(&mut self, byte: u8, each: &mut impl FnMut(Part<'_>)) {
        if self.is_member && self.kept_from == Some(self.depth) {
            self.end_member(each);
        }
        self.keep(&[byte]);
        self.depth -= 1;
        if self.kept_from == Some(self.depth) && !self.is_member {
            self.kept_from = None;
            let part = std::mem::take(&mut self.kept);
            match self.list {
                _ if self.too_large => each(Part::TooLarge),
                Some((list, _)) => each(Part::Element(list, &part)),
                None => {}
            }
        }
        if self.list.is_some_and(|(_, at)| at == self.depth) {
            self.list = None;
        }
        if self.depth == 0 {
            self.in_line = false;
            each(Part::End);
        }
    }

    fn end_member(&mut self, each: &mut impl FnMut(Part<'_>)) {
        let level = self.depth - 1;
        (self.kept_from, self.is_member) = (None, false);
        let part = std::mem::take(&mut self.kept);
        if self.too_large {
            return each(Part::TooLarge);
        }
        let key = String::from_utf8_lossy(self.keys.get(level).map_or(&[], Vec::as_slice));
        each(Part::Member(&key, part.trim_ascii()));
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

    const REPORT: DocumentShape = DocumentShape {
        begins: &[],
        lists: &[&["results", "tests"]],
        members_of: &["results"],
        members: Members::Objects,
    };

    fn parts(shape: &'static DocumentShape, input: &[u8], cut: usize) -> Vec<String> {
        let (mut scanner, mut parts) = (Scanner::new(shape), Vec::new());
        for piece in input.chunks(cut) {
            scanner.feed(piece, |part| match part {
                Part::Text(_) => {}
                Part::Member(key, bytes) => {
                    parts.push(format!("{key} {}", String::from_utf8_lossy(bytes)));
                }
                Part::Element(_, bytes) => parts.push(String::from_utf8_lossy(bytes).into_owned()),
                other => parts.push(format!("{other:?}")),
            });
        }
        parts
    }

    #[test]
    fn a_key_that_is_too_long_is_cut_at_the_same_place_however_it_arrives() {
        let key = "k".repeat(200);
        let input = format!(r#"{{"results": {{"{key}": {{}}}}}}"#);
        let whole = parts(&REPORT, input.as_bytes(), input.len());
        assert_eq!(whole[0].len(), LONGEST_KEY + 1 + " {}".len());
        for cut in 1..input.len() {
            assert_eq!(parts(&REPORT, input.as_bytes(), cut), whole, "in pieces of {cut}");
        }
    }

    #[test]
    fn finds_the_parts_however_the_document_is_cut() {
        let input = br#"{"tests": [{"a": 1}], "x": {"results": {}}, "results": {"tool": {"name": "\"}"},
            "tests": [{"name": "]}\\", "tests": [{}]}, {}], "extra": [{"tests": []}], "summary": {"tests": 2}}} x
            {"results": {}}"#;
        let expected = [
            r#"tool {"name": "\"}"}"#,
            "List(0)",
            r#"{"name": "]}\\", "tests": [{}]}"#,
            "{}",
            r#"summary {"tests": 2}"#,
            "End",
            "End",
        ];
        for cut in [1, 2, 7, input.len()] {
            assert_eq!(parts(&REPORT, input, cut), expected, "in pieces of {cut}");
        }
    }

    #[test]
    fn members_of_any_kind_and_documents_in_the_midst_of_a_line() {
        const SHAPE: DocumentShape = DocumentShape {
            begins: &["{\"a\":"],
            lists: &[&["list"], &[]],
            members_of: &[],
            members: Members::Named(&["a", "list", "b", "c"]),
        };
        let input =
            br#"x{ {"no": 1} {"a": 1 ,"list": [{"a": 2}, [{"a": 3}], 4], "b" : "x,}", "d": 5,
            "c": [1, {"list": [{}]}]} [{"a": 6}] {"a":{"a":7}}"#;
        let expected = [
            "a 1",
            "List(0)",
            r#"{"a": 2}"#,
            r#"b "x,}""#,
            r#"c [1, {"list": [{}]}]"#,
            "End",
            // What begins otherwise is text, up to what does not.
            "a 6",
            "End",
            r#"a {"a":7}"#,
            "End",
        ];
        for cut in [1, 2, 7, input.len()] {
            assert_eq!(parts(&SHAPE, input, cut), expected, "in pieces of {cut}");
        }
    }

    #[test]
    fn a_document_that_is_a_list() {
        const LIST: DocumentShape = DocumentShape {
            begins: &["[{\"a\":"],
            lists: &[&[]],
            members_of: &[],
            members: Members::Named(&[]),
        };
        let input = b"[\n{\"a\": [{}]},\n{}]\n";
        for cut in [1, 3, input.len()] {
            let found = parts(&LIST, input, cut);
            assert_eq!(found, ["List(0)", "{\"a\": [{}]}", "{}", "End"], "in pieces of {cut}");
        }
    }
}
