//! Sets of tags.

use std::collections::HashSet;

use crate::wire::number;

/// Up to this many tags, looking through all of them is faster than hashing; above it, a packet
/// full of tags must not cost quadratic time.
const FEW: usize = 16;

/// A set of tags, in the order of the wire.
///
/// A set that was read may name a tag twice; [`TagsBuf`] never does. Two sets are equal if they have the same
/// members, in any order.
#[derive(Clone, Copy, Debug)]
pub struct Tags<'a> {
    /// Strings, each after its length, as on the wire. All are valid UTF-8.
    wire: &'a [u8],
}

impl<'a> Tags<'a> {
    /// `wire` must hold strings that were checked to be complete and UTF-8.
    #[inline(always)]
    pub(crate) const fn from_checked(wire: &'a [u8]) -> Self {
        Self { wire }
    }

    /// The tags as on the wire.
    #[inline]
    pub(crate) const fn wire(self) -> &'a [u8] {
        self.wire
    }

    /// Counts the tags. A tag that the wire names twice counts twice.
    pub fn len(self) -> usize {
        self.raw().count()
    }

    /// Whether it is empty.
    pub const fn is_empty(self) -> bool {
        self.wire.is_empty()
    }

    const fn raw(self) -> RawTags<'a> {
        RawTags { wire: self.wire }
    }

    /// As [`Tags::iter`], as bytes; each tag is UTF-8.
    pub fn bytes(self) -> impl Iterator<Item = &'a [u8]> {
        self.raw()
    }

    /// How many tags there are, if there are one or two different ones with lengths of one byte each, as in
    /// most sets; `None` for all other sets.
    #[inline(always)]
    pub(crate) fn distinct_pair(self) -> Option<u32> {
        let short = |wire: &'a [u8]| match wire {
            [length @ 0..0x40, rest @ ..] => rest.split_at_checked(usize::from(*length)),
            _ => None,
        };
        let (first, rest) = short(self.wire)?;
        if rest.is_empty() {
            return Some(1);
        }
        let (second, rest) = short(rest)?;
        (rest.is_empty() && first != second).then_some(2)
    }

    /// Whether there are so few that looking through all of them is faster than hashing.
    fn are_few(self) -> bool {
        self.raw().nth(FEW).is_none()
    }

    /// The tags in the order of the wire.
    pub fn iter(self) -> TagsIter<'a> {
        TagsIter { tags: self.raw() }
    }

    /// Whether `tag` is one of them.
    pub fn contains(self, tag: &str) -> bool {
        self.has(tag.as_bytes())
    }

    pub(crate) fn has(self, tag: &[u8]) -> bool {
        self.raw().any(|member| member == tag)
    }

    /// A copy that owns the tags, each once.
    pub fn to_buf(self) -> TagsBuf {
        let mut set = TagsBuf::new();
        set.assign(self);
        set
    }

    /// Calls `each` with every tag once, in the order of the wire, as bytes: they were checked to be
    /// UTF-8 when they were read.
    pub(crate) fn each_once(self, mut each: impl FnMut(&'a [u8])) {
        let tags = self.raw();
        if self.are_few() {
            for (nth, tag) in tags.clone().enumerate() {
                if !tags.clone().take(nth).any(|earlier| earlier == tag) {
                    each(tag);
                }
            }
            return;
        }
        let mut seen = HashSet::new();
        tags.filter(|tag| seen.insert(*tag)).for_each(each);
    }
}

impl PartialEq for Tags<'_> {
    fn eq(&self, other: &Self) -> bool {
        if self.are_few() && other.are_few() {
            let within = |a: Self, b: Self| a.iter().all(|tag| b.contains(tag));
            return within(*self, *other) && within(*other, *self);
        }
        self.iter().collect::<HashSet<_>>() == other.iter().collect::<HashSet<_>>()
    }
}

impl Eq for Tags<'_> {}

impl<'a> IntoIterator for Tags<'a> {
    type Item = &'a str;
    type IntoIter = TagsIter<'a>;

    fn into_iter(self) -> TagsIter<'a> {
        self.iter()
    }
}

/// Iterates over the tags of a set.
#[derive(Clone, Debug)]
pub struct TagsIter<'a> {
    tags: RawTags<'a>,
}

impl<'a> Iterator for TagsIter<'a> {
    type Item = &'a str;

    #[inline]
    fn next(&mut self) -> Option<&'a str> {
        // The fallback is never taken: the strings were checked when they were read.
        self.tags.next().map(|tag| std::str::from_utf8(tag).unwrap_or_default())
    }
}

/// Iterates over the bytes of the tags of a set.
#[derive(Clone, Debug)]
struct RawTags<'a> {
    wire: &'a [u8],
}

impl<'a> Iterator for RawTags<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        let (length, rest) = number::split(self.wire)?;
        let (tag, rest) = rest.split_at_checked(length as usize)?;
        self.wire = rest;
        Some(tag)
    }
}

/// A set of tags that owns its data. No tag is in it twice.
#[derive(Clone, Debug, Default)]
pub struct TagsBuf {
    wire: Vec<u8>,
}

impl TagsBuf {
    /// The empty set.
    pub const fn new() -> Self {
        Self { wire: Vec::new() }
    }

    /// Removes all tags, and keeps the allocation.
    pub fn clear(&mut self) {
        self.wire.clear();
    }

    /// Replaces the tags by `tags`, each once, in the order of the wire, and keeps the allocation.
    pub fn assign(&mut self, tags: Tags<'_>) {
        self.wire.clear();
        if tags.distinct_pair().is_some() {
            return self.wire.extend_from_slice(tags.wire);
        }
        tags.each_once(|tag| self.push(tag));
    }

    /// How many bytes it has room for.
    pub(crate) const fn capacity(&self) -> usize {
        self.wire.capacity()
    }

    /// Adds a tag after the others. False if it was in the set already, or is longer than any packet (4 MiB).
    pub fn insert(&mut self, tag: &str) -> bool {
        self.insert_checked(tag.as_bytes())
    }

    /// As [`TagsBuf::insert`]; `tag` is UTF-8.
    pub(crate) fn insert_checked(&mut self, tag: &[u8]) -> bool {
        if tag.len() > crate::wire::layout::MAX_LENGTH || self.as_tags().has(tag) {
            return false;
        }
        self.push(tag);
        true
    }

    /// `tag` is UTF-8, is not in the set, and fits a packet.
    fn push(&mut self, tag: &[u8]) {
        number::push(&mut self.wire, tag.len() as u32);
        self.wire.extend_from_slice(tag);
    }

    /// Removes a tag. False if it was not in the set.
    pub fn remove(&mut self, tag: &str) -> bool {
        self.remove_checked(tag.as_bytes())
    }

    /// As [`TagsBuf::remove`], by bytes.
    pub(crate) fn remove_checked(&mut self, tag: &[u8]) -> bool {
        let mut tags = self.as_tags().raw();
        loop {
            let begin = self.wire.len() - tags.wire.len();
            let Some(member) = tags.next() else { return false };
            if member == tag {
                let end = self.wire.len() - tags.wire.len();
                self.wire.drain(begin..end);
                return true;
            }
        }
    }

    /// The same set, borrowed.
    pub fn as_tags(&self) -> Tags<'_> {
        Tags::from_checked(&self.wire)
    }
}

impl PartialEq for TagsBuf {
    fn eq(&self, other: &Self) -> bool {
        self.as_tags() == other.as_tags()
    }
}

impl Eq for TagsBuf {}

/// ```
/// use subunit_core::TagsBuf;
///
/// let tags = TagsBuf::from(["slow", "network"]);
/// assert!(tags.as_tags().contains("slow"));
/// ```
impl<'t, const N: usize> From<[&'t str; N]> for TagsBuf {
    fn from(tags: [&'t str; N]) -> Self {
        tags.into_iter().collect()
    }
}

impl<'t> FromIterator<&'t str> for TagsBuf {
    fn from_iter<I: IntoIterator<Item = &'t str>>(tags: I) -> Self {
        let mut set = Self::new();
        set.extend(tags);
        set
    }
}

impl<'t> Extend<&'t str> for TagsBuf {
    fn extend<I: IntoIterator<Item = &'t str>>(&mut self, tags: I) {
        let mut tags = tags.into_iter().peekable();
        let few = self.as_tags().raw().take(FEW).count();
        for tag in tags.by_ref().take(FEW - few) {
            self.insert(tag);
        }
        if tags.peek().is_none() {
            return;
        }
        let before = self.clone();
        let mut seen: HashSet<&str> = before.as_tags().iter().collect();
        tags.filter(|tag| tag.len() <= crate::wire::layout::MAX_LENGTH && seen.insert(tag))
            .for_each(|tag| self.push(tag.as_bytes()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_no_member_twice_and_no_order() {
        let mut set: TagsBuf = ["b", "a", "b"].into_iter().collect();
        assert_eq!(set.as_tags().iter().collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!(set, ["a", "b"].into_iter().collect());
        assert!(set.remove("b"));
        assert!(!set.remove("b"));
        assert_eq!(set, ["a"].into_iter().collect());
    }

    /// In square time this would take minutes.
    #[test]
    fn a_set_of_many_is_made_in_linear_time() {
        let names: Vec<String> = (0..300_000).map(|n| n.to_string()).collect();
        let twice = names.iter().chain(&names).map(String::as_str);
        let set: TagsBuf = twice.collect();
        assert_eq!(set.as_tags().len(), names.len());
        assert!(set.as_tags().iter().eq(names.iter().map(String::as_str)));
    }
}
