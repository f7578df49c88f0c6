//! The tags of a packet: where they come from, and how long they are.

use super::cursor::Cursor;
use crate::{
    Event, Tags,
    wire::{crc, layout::MAX_LENGTH, number},
};

/// The tags of an event, for the encoder: the event's own, which are a set of the wire, or strings from
/// elsewhere. Strings need no allocation and no lock, so that a signal handler can encode.
pub trait TagList: Copy + Default {
    /// Whether it is empty.
    fn is_empty(self, event: &Event<'_>) -> bool;

    /// The tags, if they are a set of the wire.
    #[inline(always)]
    fn set<'e>(self, _event: &'e Event<'_>) -> Option<Tags<'e>> {
        None
    }

    /// Calls `each` with every tag once, as bytes; they are UTF-8.
    fn each_once(self, event: &Event<'_>, each: impl FnMut(&[u8]));

    /// The checksum of a packet.
    fn checksum(bytes: &[u8]) -> u32 {
        crc32fast::hash(bytes)
    }
}

/// The event's own tags. They are looked up when they are needed: passing them along cost 3 % of the
/// instructions.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct OwnTags;

impl TagList for OwnTags {
    #[inline(always)]
    fn is_empty(self, event: &Event<'_>) -> bool {
        event.tags.is_none_or(Tags::is_empty)
    }

    #[inline(always)]
    fn set<'e>(self, event: &'e Event<'_>) -> Option<Tags<'e>> {
        event.tags
    }

    #[inline(always)]
    fn each_once(self, event: &Event<'_>, each: impl FnMut(&[u8])) {
        if let Some(tags) = event.tags {
            tags.each_once(each);
        }
    }

    #[inline(always)]
    fn checksum(bytes: &[u8]) -> u32 {
        crc::checksum(bytes)
    }
}

/// The size of a set of tags that is not empty; all zero if there is no set.
#[derive(Default)]
pub(super) struct TagsPlan {
    /// Bytes, the count included.
    pub(super) length: usize,
    /// Tags, each counted once.
    count: u32,
    /// Whether they can be written as they were read: no tag is there twice, no length is longer than it has
    /// to be.
    as_read: bool,
}

impl TagsPlan {
    #[inline(always)]
    pub(super) fn of<T: TagList>(event: &Event<'_>, tags: T) -> Self {
        let pair = tags.set(event).and_then(|set| Some((set, set.distinct_pair()?)));
        let Some((set, count)) = pair else { return Self::of_many(event, tags) };
        Self { length: 1 + set.wire().len(), count, as_read: true }
    }

    #[inline(never)]
    fn of_many<T: TagList>(event: &Event<'_>, tags: T) -> Self {
        let (mut length, mut count) = (0usize, 0);
        tags.each_once(event, |tag| {
            count += 1;
            length = length.saturating_add(number::width(tag.len() as u32) + tag.len());
        });
        let as_read = tags.set(event).is_some_and(|set| length == set.wire().len());
        // More makes a packet that is too long as well.
        Self { length: number::width(count) + length.min(MAX_LENGTH), count, as_read }
    }

    #[inline(always)]
    pub(super) fn write<'b, T: TagList>(
        &self,
        event: &Event<'_>,
        tags: T,
        mut out: Cursor<'b>,
    ) -> Cursor<'b> {
        out.number(self.count);
        if !self.as_read {
            return Self::write_many(event, tags, out);
        }
        if let Some(set) = tags.set(event) {
            out.push(set.wire());
        }
        out
    }

    #[inline(never)]
    fn write_many<'b, T: TagList>(event: &Event<'_>, tags: T, mut out: Cursor<'b>) -> Cursor<'b> {
        tags.each_once(event, |tag| out.sized(tag));
        out
    }
}
