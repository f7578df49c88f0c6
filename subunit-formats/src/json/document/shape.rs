//! Which parts of a JSON document matter, and what is found of them.

/// Which parts of a document matter.
#[derive(Debug)]
pub(crate) struct DocumentShape {
    /// What documents begin with, anywhere in a line: see [`super::beginning::begins`]. Without any, they begin with a brace that is the first
    /// in its line.
    pub(crate) begins: &'static [&'static str],
    /// The lists whose objects are parts, each by the keys that lead to it; without keys the document itself is one.
    pub(crate) lists: &'static [&'static [&'static str]],
    /// The object whose members are parts, by the keys that lead to it.
    pub(crate) members_of: &'static [&'static str],
    /// Which of its members, lists apart.
    pub(crate) members: Members,
}

/// Which members of an object are parts.
#[derive(Debug)]
pub(crate) enum Members {
    /// Those that are objects.
    Objects,
    /// Those of these names, whatever they are.
    Named(&'static [&'static str]),
}

/// What was found.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Part<'p> {
    /// Bytes outside documents.
    Text(&'p [u8]),
    /// The list of this number has begun.
    List(usize),
    /// An object in the list of this number.
    Element(usize, &'p [u8]),
    /// A member, its name first.
    Member(&'p str, &'p [u8]),
    /// A part was larger than 64 MiB and is lost.
    TooLarge,
    /// The document has ended.
    End,
}
