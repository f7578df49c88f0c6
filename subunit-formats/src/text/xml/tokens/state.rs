//! What the cutter knows, what it takes and what it gives.

/// A piece of the input.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::text::xml) struct Token<'a> {
    pub(in crate::text::xml) kind: Kind,
    pub(in crate::text::xml) bytes: &'a [u8],
}

/// What a piece is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::text::xml) enum Kind {
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
pub(in crate::text::xml) struct Surroundings {
    /// Whether an element is open. Outside of all, only `roots` begin one.
    pub(in crate::text::xml) inside: bool,
    /// The names of the elements that begin a document.
    pub(in crate::text::xml) roots: &'static [&'static str],
}

impl Surroundings {
    pub(super) fn is_root(self, name: &[u8]) -> bool {
        self.roots.iter().any(|root| root.as_bytes() == name)
    }

    pub(super) fn may_become_root(self, name: &[u8]) -> bool {
        self.roots.iter().any(|root| root.as_bytes().starts_with(name))
    }
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum TokenState {
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
/// one tag, at most a MiB.
#[derive(Clone, Debug, Default)]
pub(in crate::text::xml) struct Tokens {
    pub(super) state: TokenState,
    pub(super) held: Vec<u8>,
    /// `held` has been handed over and is to be forgotten.
    pub(super) spent: bool,
    /// How the tag that became too long is to be closed so that what is held of it can be read.
    pub(super) closing: Option<u8>,
}

/// What was left when the input ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::text::xml) enum Rest {
    /// Text whose meaning had still been open, perhaps none.
    Text(Vec<u8>),
    /// The beginning of a piece of markup.
    Markup(Vec<u8>),
}

pub(super) enum TokenStep<'a> {
    More,
    /// What is held is a token.
    Held(Kind),
    /// This part of the input is one.
    Input(Kind, &'a [u8]),
}

pub(super) fn take<'a>(input: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (taken, rest) = input.split_at(count.min(input.len()));
    *input = rest;
    taken
}
