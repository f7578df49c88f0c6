//! XML as test runners write it: a push parser that repairs.
//!
//! Real reports have text before the prolog, raw control bytes, invalid UTF-8, references to
//! characters that XML forbids, raw newlines in attributes, several documents in a row, or no end.
//! No validating parser reads them. This one cuts the input into tokens by itself, holding one tag at
//! most, and hands each whole tag to the crate quick-xml for its attributes: quick-xml wants to pull
//! from a reader that holds everything up to the next markup, which a push parser with bounded
//! memory cannot offer.
//!
//! What is refused, and how: declarations of entities are never read, neither from elsewhere nor from
//! the document itself ([`Trouble::Entities`]); deep nesting becomes text ([`Trouble::Depth`]).

mod attributes;
mod encoding;
mod references;
mod tokens;

use std::{borrow::Cow, fmt};

pub use attributes::Element;
pub(crate) use encoding::Transcoder;
use encoding::{Between, Where};
use encoding_rs::Encoding;
use tokens::{Kind, Rest, Surroundings, Token, Tokens};

use crate::text::verbatim::lossy;

/// Elements deeper than this are text.
const DEEPEST: usize = 256;

/// What stands in the input, in its order.
#[derive(Clone, Copy, Debug)]
pub enum XmlEvent<'a> {
    /// Bytes outside of any document, as they are, cut anywhere; white space alone is left out.
    Outside(&'a [u8]),
    /// An element begins. Its end will come, whatever the input does.
    Start(&'a Element),
    /// Text in an element, references resolved, cut anywhere. Bytes that are not UTF-8 stay.
    Text(&'a [u8]),
    /// The inside of a comment, cut anywhere.
    Comment(&'a [u8]),
    /// The innermost element ends.
    End {
        /// Its name.
        name: &'a str,
        /// Whether its own end tag came; otherwise that of an outer one, or the input's end.
        closed: bool,
    },
    /// Something is wrong in a way that may hide results.
    Trouble(Trouble),
}

/// What may hide results.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Trouble {
    /// The input, or a new document, came before the end of this one. The ends of the elements follow.
    Truncated,
    /// The document declares entities; they are not expanded.
    Entities,
    /// Elements are nested too deep; what is too deep is text.
    Depth,
    /// A tag is too long, or has attributes that cannot be read.
    Tag,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Truncated => "the document is cut short: elements are open at its end",
            Self::Entities => "the document declares entities, which are refused: not expanded",
            Self::Depth => "elements are nested too deep: the deepest are read as text",
            Self::Tag => "a tag is too long or malformed: some of its attributes are lost",
        })
    }
}

/// The parser: bytes in, [`XmlEvent`]s out. Memory: one tag, and the names of the open elements.
#[derive(Clone, Debug)]
pub struct Xml {
    roots: &'static [&'static str],
    transcoder: Transcoder,
    tokens: Tokens,
    document: Document,
    /// Bytes between documents that may begin one in another encoding.
    carry: Vec<u8>,
}

impl Xml {
    /// Documents begin with an element of one of the names `roots`; other tags outside of documents
    /// are text.
    pub fn new(roots: &'static [&'static str]) -> Self {
        let (transcoder, tokens) = (Transcoder::default(), Tokens::default());
        Self { roots, transcoder, tokens, document: Document::default(), carry: Vec::new() }
    }

    /// Takes the next bytes.
    pub fn feed(&mut self, bytes: &[u8], each: &mut dyn FnMut(XmlEvent<'_>)) {
        let joined;
        let mut rest = bytes;
        if !self.carry.is_empty() {
            joined = [&std::mem::take(&mut self.carry), bytes].concat();
            rest = &joined;
        }
        while !rest.is_empty() {
            if self.transcoder.is_plain() {
                rest = self.read_plain(rest, each);
                continue;
            }
            let read;
            (read, rest) = self.transcoder.feed(rest, self.stands());
            self.document.is_unicode = self.transcoder.is_unicode();
            self.read(&read, each);
        }
    }

    /// The input has ended. Ends what is open; the parser is as new.
    pub fn finish(&mut self, each: &mut dyn FnMut(XmlEvent<'_>)) {
        let rest = [std::mem::take(&mut self.carry), self.transcoder.finish()].concat();
        self.read(&rest, each);
        let cut = match self.tokens.finish(self.place()) {
            Rest::Text(text) => {
                self.document.text(&text, each);
                false
            }
            Rest::Markup(markup) => {
                self.document.text(&markup, each);
                true
            }
        };
        if cut || !self.document.is_outside() {
            self.document.truncate(each);
        }
        self.document = Document::default();
    }

    fn read(&mut self, mut bytes: &[u8], each: &mut dyn FnMut(XmlEvent<'_>)) {
        let mut place = self.place();
        while let Some(token) = self.tokens.next(&mut bytes, place) {
            self.document.token(token, each);
            place.inside = !self.document.is_outside();
        }
    }

    /// Reads bytes as they are, up to a document in another encoding, which is left.
    fn read_plain<'i>(
        &mut self,
        mut bytes: &'i [u8],
        each: &mut dyn FnMut(XmlEvent<'_>),
    ) -> &'i [u8] {
        let mut place = self.place();
        while !bytes.is_empty() {
            if !place.inside && self.tokens.is_idle() {
                let between = Between::of(bytes);
                let (Between::Verbatim(end) | Between::Perhaps(end) | Between::Utf16(end)) =
                    between;
                let (now, rest) = bytes.split_at(end);
                self.read(now, each);
                match between {
                    Between::Verbatim(_) => bytes = rest,
                    Between::Perhaps(_) => {
                        self.carry.extend_from_slice(rest);
                        return &[];
                    }
                    Between::Utf16(_) => {
                        self.transcoder.begin();
                        return rest;
                    }
                }
            }
            while let Some(token) = self.tokens.next(&mut bytes, place) {
                self.document.token(token, each);
                place.inside = !self.document.is_outside();
                if !place.inside && self.tokens.is_idle() {
                    self.document.is_unicode = false;
                    break;
                }
            }
        }
        bytes
    }

    fn stands(&self) -> Where {
        match self.document.is_outside() {
            true if self.tokens.is_idle() => Where::Between,
            true => Where::Outside,
            false => Where::Inside,
        }
    }

    fn place(&self) -> Surroundings {
        Surroundings { inside: !self.document.is_outside(), roots: self.roots }
    }
}

/// What is known of the document that is being read.
#[derive(Clone, Debug, Default)]
struct Document {
    /// The names of the open elements, one after the other, and where each begins.
    names: String,
    starts: Vec<usize>,
    /// How many elements are open below the deepest allowed.
    too_deep: usize,
    element: Element,
    /// Every byte is one character, by this encoding.
    encoding: Option<&'static Encoding>,
    /// The bytes are UTF-8, whatever is declared.
    is_unicode: bool,
    /// Text outside of documents has been seen since the last markup.
    outside_text: bool,
    /// The tag that is too long has been complained of.
    beyond: bool,
}

impl Document {
    fn is_outside(&self) -> bool {
        self.starts.is_empty()
    }

    fn token(&mut self, token: Token<'_>, each: &mut dyn FnMut(XmlEvent<'_>)) {
        let bytes = token.bytes;
        match token.kind {
            Kind::Text => return self.text(bytes, each),
            Kind::Reference => return self.reference(bytes, each),
            Kind::Start => self.start(bytes, each),
            Kind::End => self.end_tag(bytes, each),
            Kind::Comment => each(XmlEvent::Comment(&self.decoded(bytes))),
            Kind::Declaration => {
                if !self.is_outside() {
                    self.truncate(each);
                }
                self.encoding = encoding::single_bytes(bytes).filter(|_| !self.is_unicode);
            }
            Kind::Instruction => {}
            Kind::Doctype => {
                if memchr::memmem::find(bytes, b"<!ENTITY").is_some() {
                    each(XmlEvent::Trouble(Trouble::Entities));
                }
            }
            Kind::Beyond => {
                if !std::mem::replace(&mut self.beyond, true) {
                    each(XmlEvent::Trouble(Trouble::Tag));
                }
                return each(XmlEvent::Outside(bytes));
            }
        }
        self.beyond = false;
        self.outside_text = false;
    }

    fn text(&mut self, bytes: &[u8], each: &mut dyn FnMut(XmlEvent<'_>)) {
        if !self.is_outside() {
            let bytes = self.decoded(bytes);
            return each(XmlEvent::Text(&bytes));
        }
        let mut bytes = bytes;
        if !self.outside_text {
            bytes = bytes.trim_ascii_start();
        }
        if !bytes.is_empty() {
            self.outside_text = true;
            each(XmlEvent::Outside(bytes));
        }
    }

    fn reference(&mut self, bytes: &[u8], each: &mut dyn FnMut(XmlEvent<'_>)) {
        let resolved = std::str::from_utf8(bytes).ok().and_then(references::resolve);
        match resolved {
            Some(character) if !self.is_outside() => {
                each(XmlEvent::Text(character.encode_utf8(&mut [0; 4]).as_bytes()));
            }
            _ => self.text(bytes, each),
        }
    }

    fn start(&mut self, tag: &[u8], each: &mut dyn FnMut(XmlEvent<'_>)) {
        if self.starts.len() >= DEEPEST {
            if self.too_deep == 0 {
                each(XmlEvent::Trouble(Trouble::Depth));
            }
            self.too_deep += usize::from(!tag.ends_with(b"/>"));
            return each(XmlEvent::Text(tag));
        }
        let decoded = self.decoded(tag);
        let whole = self.element.read(&decoded, &lossy(&decoded));
        if !whole {
            each(XmlEvent::Trouble(Trouble::Tag));
        }
        self.starts.push(self.names.len());
        self.names.push_str(self.element.name());
        each(XmlEvent::Start(&self.element));
        if self.element.is_empty() {
            self.end(true, each);
        }
    }

    fn end_tag(&mut self, tag: &[u8], each: &mut dyn FnMut(XmlEvent<'_>)) {
        let name = tag.strip_prefix(b"</").and_then(|tag| tag.strip_suffix(b">")).unwrap_or(tag);
        let name = tokens::local_name(name.trim_ascii());
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return each(XmlEvent::Text(tag));
        }
        let mut open = (0..self.starts.len()).rev();
        let Some(at) = open.find(|at| self.name(*at).as_bytes() == name) else {
            return self.text(tag, each);
        };
        while self.starts.len() > at + 1 {
            self.end(false, each);
        }
        self.end(true, each);
    }

    fn end(&mut self, closed: bool, each: &mut dyn FnMut(XmlEvent<'_>)) {
        if let Some(start) = self.starts.pop() {
            each(XmlEvent::End { name: &self.names[start..], closed });
            self.names.truncate(start);
            if self.is_outside() {
                self.encoding = None;
            }
        }
    }

    fn truncate(&mut self, each: &mut dyn FnMut(XmlEvent<'_>)) {
        each(XmlEvent::Trouble(Trouble::Truncated));
        while !self.is_outside() {
            self.end(false, each);
        }
        self.too_deep = 0;
    }

    fn name(&self, at: usize) -> &str {
        let end = self.starts.get(at + 1).copied().unwrap_or(self.names.len());
        &self.names[self.starts[at]..end]
    }

    fn decoded<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let Some(encoding) = self.encoding else { return Cow::Borrowed(bytes) };
        match encoding.decode_without_bom_handling(bytes).0 {
            Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
            Cow::Owned(text) => Cow::Owned(text.into_bytes()),
        }
    }
}

#[cfg(test)]
mod tests;
