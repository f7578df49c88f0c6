//! Bytes that arrive in pieces, cut into whole pieces of markup and into text.

mod aside;
mod tag;

use memchr::memchr2;
pub(super) use tag::local_name;
use tag::starts_name;

/// No reference that we resolve is longer.
const LONGEST_REFERENCE: usize = 16;

/// A piece of the input.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) bytes: &'a [u8],
}

/// What a piece is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// Text as it is meant: references stand apart, sections of CDATA have lost their marks.
    Text,
    /// A reference such as `&lt;` or `&#10;`.
    Reference,
    /// The inside of a comment, cut anywhere.
    Comment,
    /// A start tag or an empty element, `<` and `>` included.
    Start,
    /// An end tag.
    End,
    /// `<?xml ... ?>`.
    Declaration,
    /// Another processing instruction.
    Instruction,
    /// `<!DOCTYPE ... >` with all that it declares.
    Doctype,
    /// What stands in a piece of markup beyond its greatest length.
    Beyond,
}

/// What the cutter must know of the document it cuts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surroundings {
    /// Whether an element is open. Outside of all, only `roots` begin one.
    pub(super) inside: bool,
    /// The names of the elements that begin a document.
    pub(super) roots: &'static [&'static str],
}

impl Surroundings {
    fn is_root(self, name: &[u8]) -> bool {
        self.roots.iter().any(|root| root.as_bytes() == name)
    }

    fn may_become_root(self, name: &[u8]) -> bool {
        self.roots.iter().any(|root| root.as_bytes().starts_with(name))
    }
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum State {
    #[default]
    Text,
    /// Behind `&`.
    Reference,
    /// Behind `<`: of what kind the markup is has not been seen.
    Open,
    /// Behind `<!`, the same.
    Aside,
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
/// one tag, at most [`tag::LONGEST`].
#[derive(Clone, Debug, Default)]
pub(super) struct Tokens {
    state: State,
    held: Vec<u8>,
    /// `held` has been handed over and is to be forgotten.
    spent: bool,
    /// How the tag that became too long is to be closed so that what is held of it can be read.
    closing: Option<u8>,
}

/// What was left when the input ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Rest {
    /// Text whose meaning had still been open, perhaps none.
    Text(Vec<u8>),
    /// The beginning of a piece of markup.
    Markup(Vec<u8>),
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
        place: Surroundings,
    ) -> Option<Token<'t>> {
        self.forget_spent();
        while !input.is_empty() {
            let step = match self.state {
                State::Text => self.text(input),
                State::Reference => self.reference(input),
                State::Open => self.open(input),
                State::Aside => self.aside(input, place),
                State::Name => self.name(input, place),
                State::Start { quote } => self.start(input, quote),
                State::LongStart { quote, slash } => self.long_start(input, quote, slash),
                State::End => self.end(input),
                State::Instruction => self.instruction(input, place),
                State::Comment => self.section(input, b'-', Kind::Comment),
                State::CData => self.section(input, b']', Kind::Text),
                State::Doctype { quote, brackets } => self.doctype(input, quote, brackets),
            };
            match step {
                Step::More => {}
                Step::Input(kind, bytes) => return Some(Token { kind, bytes }),
                Step::Held(kind) => {
                    self.spent = true;
                    return Some(Token { kind, bytes: &self.held });
                }
            }
        }
        None
    }

    /// Whether no markup has begun.
    pub(super) fn is_idle(&self) -> bool {
        self.state == State::Text
    }

    /// The input has ended: what is held.
    pub(super) fn finish(&mut self, place: Surroundings) -> Rest {
        self.forget_spent();
        let held = std::mem::take(&mut self.held);
        let is_text = match std::mem::take(&mut self.state) {
            State::Text | State::Reference => true,
            State::Open | State::Aside | State::End => !place.inside,
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

    fn open<'a>(&mut self, input: &mut &[u8]) -> Step<'a> {
        self.state = match input[0] {
            b'/' => State::End,
            b'?' => State::Instruction,
            b'!' => State::Aside,
            byte if starts_name(byte) => State::Name,
            _ => return self.whole(Kind::Text),
        };
        self.hold(input, 1);
        Step::More
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

fn take<'a>(input: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (taken, rest) = input.split_at(count.min(input.len()));
    *input = rest;
    taken
}

#[cfg(test)]
mod tests;
