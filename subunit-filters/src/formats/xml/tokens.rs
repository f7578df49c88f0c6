//! Bytes that arrive in pieces, cut into whole pieces of markup and into text.

use memchr::{memchr, memchr2, memchr3};

/// A tag longer than this is not held as a whole: what is beyond is handed over as [`Token::Beyond`].
const LONGEST_TAG: usize = 1 << 20;
/// The same for declarations, instructions and document types, which are short by their nature.
const LONGEST_ASIDE: usize = 1 << 16;
/// No name of an element that we look for is longer; what is longer is text.
const LONGEST_NAME: usize = 256;
/// No reference that we resolve is longer.
const LONGEST_REFERENCE: usize = 16;

const CDATA: &[u8] = b"<![CDATA[";
const COMMENT: &[u8] = b"<!--";
const DOCTYPE: &[u8] = b"<!DOCTYPE";

/// A piece of the input.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Token<'a> {
    /// Text as it is meant: references stand apart, sections of CDATA have lost their marks.
    Text(&'a [u8]),
    /// A reference such as `&lt;` or `&#10;`.
    Reference(&'a [u8]),
    /// The inside of a comment, cut anywhere.
    Comment(&'a [u8]),
    /// A start tag or an empty element, `<` and `>` included.
    Start(&'a [u8]),
    /// An end tag.
    End(&'a [u8]),
    /// `<?xml ... ?>`.
    Declaration(&'a [u8]),
    /// Another processing instruction.
    Instruction(&'a [u8]),
    /// `<!DOCTYPE ... >` with all that it declares.
    Doctype(&'a [u8]),
    /// What stands in a piece of markup beyond its greatest length.
    Beyond(&'a [u8]),
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum State {
    #[default]
    Text,
    /// Behind `&`.
    Reference,
    /// Behind `<`: of what kind the markup is has not been seen.
    Open,
    /// Within the name of a start tag.
    Name,
    Start {
        quote: Option<u8>,
    },
    /// Behind the greatest length of a start tag.
    LongStart {
        quote: Option<u8>,
        slash: bool,
    },
    End,
    Instruction,
    Comment,
    CData,
    Doctype {
        quote: Option<u8>,
        brackets: usize,
    },
}

/// The cutter.
///
/// Markup is held until it is whole, so that it can be looked at in one piece; text, comments and
/// CDATA pass through. What cannot become markup is text from the first byte that shows it. Memory:
/// one tag, at most [`LONGEST_TAG`].
#[derive(Clone, Debug, Default)]
pub(super) struct Tokens {
    state: State,
    held: Vec<u8>,
    /// `held` has been handed over and is to be forgotten.
    spent: bool,
    /// How the tag that became too long is to be closed so that what is held of it can be read.
    closing: Option<u8>,
}

/// What the cutter must know of the document it cuts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Whether an element is open. Outside of all, only `roots` begin one.
    pub(super) inside: bool,
    /// The names of the elements that begin a document.
    pub(super) roots: &'static [&'static str],
}

impl Place {
    fn is_root(self, name: &[u8]) -> bool {
        self.roots.iter().any(|root| root.as_bytes() == name)
    }

    fn may_become_root(self, name: &[u8]) -> bool {
        self.roots.iter().any(|root| root.as_bytes().starts_with(name))
    }
}

/// What was left when the input ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Rest {
    /// Text whose meaning had still been open, perhaps none.
    Text(Vec<u8>),
    /// The beginning of a piece of markup.
    Markup(Vec<u8>),
}

enum Kind {
    Text,
    Reference,
    Comment,
    Start,
    End,
    Declaration,
    Instruction,
    Doctype,
    Beyond,
}

enum Step<'a> {
    More,
    /// What is held is a token.
    Held(Kind),
    /// This part of the input is one.
    Input(Kind, &'a [u8]),
}

impl Tokens {
    /// The next token; `None` when all of `input` is taken. `place` is where the document is now.
    pub(super) fn next<'t, 'i: 't>(
        &'t mut self,
        input: &mut &'i [u8],
        place: Place,
    ) -> Option<Token<'t>> {
        self.forget_spent();
        while !input.is_empty() {
            let step = match self.state {
                State::Text => self.text(input),
                State::Reference => self.reference(input),
                State::Open => self.open(input, place),
                State::Name => self.name(input, place),
                State::Start { quote } => self.start(input, quote),
                State::LongStart { quote, slash } => self.long_start(input, quote, slash),
                State::End => self.end(input),
                State::Instruction => self.instruction(input, place),
                State::Comment => self.section(input, b'-', || Kind::Comment),
                State::CData => self.section(input, b']', || Kind::Text),
                State::Doctype { quote, brackets } => self.doctype(input, quote, brackets),
            };
            match step {
                Step::More => {}
                Step::Input(kind, bytes) => return Some(kind.of(bytes)),
                Step::Held(kind) => {
                    self.spent = true;
                    return Some(kind.of(&self.held));
                }
            }
        }
        None
    }

    /// The input has ended: what is held.
    pub(super) fn finish(&mut self, place: Place) -> Rest {
        self.forget_spent();
        let held = std::mem::take(&mut self.held);
        let is_text = match std::mem::take(&mut self.state) {
            State::Text | State::Reference => true,
            State::Open | State::End => !place.inside,
            State::Name => !place.inside && !place.may_become_root(local_name(&held[1..])),
            _ => false,
        };
        if is_text { Rest::Text(held) } else { Rest::Markup(held) }
    }

    fn text<'a>(&mut self, input: &mut &'a [u8]) -> Step<'a> {
        let end = memchr2(b'<', b'&', input).unwrap_or(input.len());
        if end > 0 {
            return Step::Input(Kind::Text, take(input, end));
        }
        self.state = if input[0] == b'<' { State::Open } else { State::Reference };
        self.hold(input, 1);
        Step::More
    }

    fn reference<'a>(&mut self, input: &mut &[u8]) -> Step<'a> {
        let byte = input[0];
        if byte == b';' {
            self.hold(input, 1);
            return self.whole(Kind::Reference);
        }
        if (byte.is_ascii_alphanumeric() || byte == b'#') && self.held.len() < LONGEST_REFERENCE {
            self.hold(input, 1);
            return Step::More;
        }
        self.whole(Kind::Text)
    }

    fn open<'a>(&mut self, input: &mut &[u8], place: Place) -> Step<'a> {
        let byte = input[0];
        if self.held.len() == 1 {
            self.state = match byte {
                b'/' => State::End,
                b'?' => State::Instruction,
                b'!' => State::Open,
                _ if starts_name(byte) => State::Name,
                _ => return self.whole(Kind::Text),
            };
            self.hold(input, 1);
            return Step::More;
        }
        let known = [CDATA, COMMENT, DOCTYPE].into_iter().find(|known| {
            (place.inside || *known != CDATA)
                && known.starts_with(&self.held)
                && known.get(self.held.len()) == Some(&byte)
        });
        let Some(known) = known else {
            return self.whole(Kind::Text);
        };
        self.hold(input, 1);
        if self.held != known {
            return Step::More;
        }
        self.state = match known {
            DOCTYPE => State::Doctype { quote: None, brackets: 0 },
            COMMENT => State::Comment,
            _ => State::CData,
        };
        if known != DOCTYPE {
            self.held.clear();
        }
        Step::More
    }

    fn name<'a>(&mut self, input: &mut &[u8], place: Place) -> Step<'a> {
        let end = input.iter().position(|byte| ends_name(*byte));
        let room = LONGEST_NAME.saturating_sub(self.held.len());
        self.hold(input, end.unwrap_or(input.len()).min(room));
        if self.held.len() >= LONGEST_NAME {
            return self.whole(Kind::Text);
        }
        if end.is_none() {
            return Step::More;
        }
        if !place.inside && !place.is_root(local_name(&self.held[1..])) {
            return self.whole(Kind::Text);
        }
        self.state = State::Start { quote: None };
        Step::More
    }

    fn start<'a>(&mut self, input: &mut &[u8], quote: Option<u8>) -> Step<'a> {
        let room = LONGEST_TAG.saturating_sub(self.held.len());
        if room == 0 {
            self.closing = quote;
            self.state = State::LongStart { quote, slash: false };
            return Step::More;
        }
        let (count, quote, closed) = find_in_tag(&input[..room.min(input.len())], quote);
        self.hold(input, count);
        self.state = State::Start { quote };
        if closed { self.whole(Kind::Start) } else { Step::More }
    }

    fn long_start<'a>(&mut self, input: &mut &'a [u8], quote: Option<u8>, slash: bool) -> Step<'a> {
        let (count, quote, closed) = find_in_tag(input, quote);
        let beyond = count - usize::from(closed);
        if beyond > 0 {
            let slash = input[beyond - 1] == b'/';
            self.state = State::LongStart { quote, slash };
            return Step::Input(Kind::Beyond, take(input, beyond));
        }
        take(input, 1);
        self.held.extend(self.closing.take());
        self.held.extend_from_slice(if slash { b"/>" } else { b">" });
        self.whole(Kind::Start)
    }

    fn end<'a>(&mut self, input: &mut &[u8]) -> Step<'a> {
        let room = LONGEST_NAME.saturating_sub(self.held.len()).min(input.len());
        match memchr2(b'>', b'<', &input[..room]) {
            Some(at) if input[at] == b'>' => {
                self.hold(input, at + 1);
                self.whole(Kind::End)
            }
            Some(at) => {
                self.hold(input, at);
                self.whole(Kind::Text)
            }
            None => {
                self.hold(input, room);
                if self.held.len() < LONGEST_NAME { Step::More } else { self.whole(Kind::Text) }
            }
        }
    }

    fn instruction<'a>(&mut self, input: &mut &[u8], place: Place) -> Step<'a> {
        let known = b"<?xml";
        if let Some(expected) = known.get(self.held.len()) {
            if !place.inside && *expected != input[0] {
                return self.whole(Kind::Text);
            }
            self.hold(input, 1);
            let ended = self.held.ends_with(b"?>");
            return if ended { self.whole(Kind::Instruction) } else { Step::More };
        }
        let room = LONGEST_ASIDE.saturating_sub(self.held.len()).min(input.len());
        let end = memchr(b'>', &input[..room]).map_or(room, |at| at + 1);
        self.hold(input, end);
        if self.held.ends_with(b"?>") {
            let declares = self.held.get(known.len()).is_some_and(u8::is_ascii_whitespace);
            let declares = declares && self.held.starts_with(known);
            return self.whole(if declares { Kind::Declaration } else { Kind::Instruction });
        }
        if self.held.len() < LONGEST_ASIDE { Step::More } else { self.whole(Kind::Text) }
    }

    /// The inside of a comment or of CDATA, which end with `mark` twice and `>`. Only marks are held.
    fn section<'a>(&mut self, input: &mut &'a [u8], mark: u8, kind: fn() -> Kind) -> Step<'a> {
        if self.held.is_empty() {
            let inside = memchr(mark, input).unwrap_or(input.len());
            if inside > 0 {
                return Step::Input(kind(), take(input, inside));
            }
        }
        match (input[0], self.held.len()) {
            // Of a long run of marks only the last two can belong to the end.
            (byte, 2) if byte == mark => Step::Input(kind(), take(input, 1)),
            (byte, _) if byte == mark => {
                self.hold(input, 1);
                Step::More
            }
            (b'>', 2) => {
                take(input, 1);
                self.held.clear();
                self.state = State::Text;
                Step::More
            }
            _ => Step::Held(kind()),
        }
    }

    fn doctype<'a>(&mut self, input: &mut &[u8], quote: Option<u8>, brackets: usize) -> Step<'a> {
        let byte = input[0];
        self.hold(input, 1);
        let (quote, brackets) = match (quote, byte) {
            (Some(open), _) if byte == open => (None, brackets),
            (Some(_), _) => (quote, brackets),
            (None, b'"' | b'\'') => (Some(byte), brackets),
            (None, b'[') => (None, brackets + 1),
            (None, b']') => (None, brackets.saturating_sub(1)),
            (None, b'>') if brackets == 0 => return self.whole(Kind::Doctype),
            _ => (None, brackets),
        };
        self.state = State::Doctype { quote, brackets };
        if self.held.len() < LONGEST_ASIDE { Step::More } else { Step::Held(Kind::Beyond) }
    }

    fn hold(&mut self, input: &mut &[u8], count: usize) {
        let taken = take(input, count);
        self.held.extend_from_slice(taken);
    }

    fn whole<'a>(&mut self, kind: Kind) -> Step<'a> {
        self.state = State::Text;
        Step::Held(kind)
    }

    fn forget_spent(&mut self) {
        if std::mem::take(&mut self.spent) {
            self.held.clear();
        }
    }
}

impl Kind {
    fn of(self, bytes: &[u8]) -> Token<'_> {
        match self {
            Self::Text => Token::Text(bytes),
            Self::Reference => Token::Reference(bytes),
            Self::Comment => Token::Comment(bytes),
            Self::Start => Token::Start(bytes),
            Self::End => Token::End(bytes),
            Self::Declaration => Token::Declaration(bytes),
            Self::Instruction => Token::Instruction(bytes),
            Self::Doctype => Token::Doctype(bytes),
            Self::Beyond => Token::Beyond(bytes),
        }
    }
}

/// The first bytes of a tag's name up to where it ends, without a namespace's prefix.
pub(super) fn local_name(name: &[u8]) -> &[u8] {
    memchr(b':', name).map_or(name, |colon| &name[colon + 1..])
}

/// Looks for the end of a tag: how many bytes belong to it, which quote is open behind them, and
/// whether the last of them is the tag's end.
fn find_in_tag(bytes: &[u8], mut quote: Option<u8>) -> (usize, Option<u8>, bool) {
    let mut at = 0;
    while let Some(rest) = bytes.get(at..) {
        let found = match quote {
            Some(quote) => memchr(quote, rest),
            None => memchr3(b'"', b'\'', b'>', rest),
        };
        let Some(found) = found else {
            break;
        };
        at += found + 1;
        quote = match (quote, rest[found]) {
            (None, b'>') => return (at, None, true),
            (None, open) => Some(open),
            (Some(_), _) => None,
        };
    }
    (bytes.len(), quote, false)
}

fn starts_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte == b':' || byte >= 0x80
}

fn ends_name(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>' | b'<' | b'=' | b'"' | b'\'' | b'&')
}

fn take<'a>(input: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (taken, rest) = input.split_at(count.min(input.len()));
    *input = rest;
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place = Place { inside: true, roots: &["a"] };

    /// The tokens, by name and content, with pieces of text joined.
    fn tokens(input: &[u8], cut: usize, place: Place) -> (String, Rest) {
        let (mut tokens, mut out) = (Tokens::default(), String::new());
        let mut last = "";
        for mut piece in input.chunks(cut) {
            while let Some(token) = tokens.next(&mut piece, place) {
                let (name, bytes) = match token {
                    Token::Text(bytes) => ("text", bytes),
                    Token::Reference(bytes) => ("reference", bytes),
                    Token::Comment(bytes) => ("comment", bytes),
                    Token::Start(bytes) => ("start", bytes),
                    Token::End(bytes) => ("end", bytes),
                    Token::Declaration(bytes) => ("declaration", bytes),
                    Token::Instruction(bytes) => ("instruction", bytes),
                    Token::Doctype(bytes) => ("doctype", bytes),
                    Token::Beyond(bytes) => ("beyond", bytes),
                };
                if name != last || !matches!(name, "text" | "comment" | "beyond") {
                    out.push_str(&format!("|{name} "));
                }
                out.push_str(&String::from_utf8_lossy(bytes));
                last = name;
            }
        }
        (out, tokens.finish(place))
    }

    #[track_caller]
    fn check(input: &str, expected: &str) {
        for cut in 1..=input.len() {
            let (found, rest) = tokens(input.as_bytes(), cut, PLACE);
            assert_eq!((found.as_str(), rest), (expected, Rest::Text(vec![])), "cut at {cut}");
        }
    }

    #[test]
    fn cuts_markup_from_text_however_it_arrives() {
        check("x<a b='>' c=\"'>\">y</a>", "|text x|start <a b='>' c=\"'>\">|text y|end </a>");
        check("<!-- a - b -- c ---><a/>", "|comment  a - b -- c -|start <a/>");
        check("<![CDATA[a]b]]c]]]>d", "|text a]b]]c]d");
        check("<?xml v='1'?><?x?><a/>", "|declaration <?xml v='1'?>|instruction <?x?>|start <a/>");
        check(
            "<!DOCTYPE a [<!ENTITY b '>]'>]>z",
            "|doctype <!DOCTYPE a [<!ENTITY b '>]'>]>|text z",
        );
        check("a&lt;b&#10;", "|text a|reference &lt;|text b|reference &#10;");
    }

    #[test]
    fn what_cannot_become_markup_is_text() {
        check("1 < 2 <3 <!x <![CDATX", "|text 1 < 2 <3 <!x <![CDATX");
    }

    #[test]
    fn outside_of_all_only_a_root_begins_a_document() {
        let outside = Place { inside: false, ..PLACE };
        let (found, rest) = tokens(b"<b> <a> </b> <![CDATA[x]]> <?php ?>", 3, outside);
        assert!(found.contains("|start <a>"), "{found}");
        assert!(
            found.starts_with("|text <b> |start <a>|text  |end </b>|text  <![CDATA[x]]> <?php")
        );
        assert_eq!(rest, Rest::Text(vec![]));
    }

    #[test]
    fn what_is_left_at_the_end_is_text_only_where_no_markup_began() {
        let outside = Place { inside: false, ..PLACE };
        for (input, place, markup) in [
            (&b"<"[..], outside, false),
            (b"<zz", outside, false),
            (b"<a", outside, true),
            (b"<a b='", outside, true),
            (b"<!-- ", outside, true),
            (b"&am", PLACE, false),
            (b"<", PLACE, true),
            (b"</a", PLACE, true),
            (b"<![CDATA[x", PLACE, true),
        ] {
            let rest = tokens(input, 1, place).1;
            assert_eq!(matches!(rest, Rest::Markup(_)), markup, "{rest:?}");
        }
    }

    #[test]
    fn of_an_endless_tag_the_beginning_is_kept_and_the_rest_handed_over() {
        let mut input = b"<a b='".to_vec();
        input.resize(LONGEST_TAG + 1000, b'x');
        input.extend_from_slice(b"'/>y");
        for cut in [999, 1 << 16, input.len()] {
            let (found, _) = tokens(&input, cut, PLACE);
            assert!(found.ends_with("x'/>|text y"), "{}", &found[found.len() - 20..]);
            assert_eq!(found.matches("|beyond").count(), 1);
        }
    }
}
