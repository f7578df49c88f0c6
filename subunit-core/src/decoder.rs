//! Bytes in, items out.

use crate::{
    Item,
    scan::{HISTORY, Input, Scan},
    wire::layout::MAX_LENGTH,
};

/// Reads a stream that arrives in pieces.
///
/// Feed bytes as they come, take items until there are none, and call [`Decoder::finish`] at the end:
///
/// ```
/// use subunit_core::{Decoder, Item};
///
/// let mut decoder = Decoder::new();
/// for piece in [&b"compiling...\n\xb3\x29\x01"[..], b"\x0c\x03foo\x08\x55\x5f\x1b"] {
///     decoder.feed(piece);
///     while let Some(item) = decoder.next_item() {
///         match item {
///             Item::Packet(packet) => assert_eq!(packet.event().test_id, Some("foo")),
///             Item::Text(text) => assert_eq!(text, b"compiling...\n"),
///             Item::Damage(damage) => panic!("{damage}"),
///         }
///     }
/// }
/// decoder.finish();
/// assert!(decoder.next_item().is_none());
/// ```
///
/// The items do not depend on how the stream was cut, except that text may be cut differently. Memory: what
/// was fed and has not been taken, and at most one incomplete packet (4 MiB).
#[derive(Debug, Default)]
pub struct Decoder {
    /// Fully initialised. The first `filled` bytes are the stream, from the offset `base` on.
    buffer: Vec<u8>,
    filled: usize,
    base: u64,
    finished: bool,
    scan: Scan,
}

impl Decoder {
    /// A decoder at the start of a stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes of the stream.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.space(bytes.len())[..bytes.len()].copy_from_slice(bytes);
        self.filled(bytes.len());
    }

    /// Room for at least `length` more bytes, to read into without a copy. Call [`Decoder::filled`] with the
    /// number of bytes that were read. The room holds unspecified bytes before it is written to.
    pub fn space(&mut self, length: usize) -> &mut [u8] {
        self.make_room(length);
        &mut self.buffer[self.filled..]
    }

    /// The first `length` bytes of [`Decoder::space`] are the next bytes of the stream. A larger `length`
    /// means all of the room.
    pub fn filled(&mut self, length: usize) {
        self.filled = self.buffer.len().min(self.filled.saturating_add(length));
    }

    /// Marks the end of the stream. Incomplete packets will not be completed.
    pub fn finish(&mut self) {
        self.finished = true;
    }

    /// Releases text that is held back because it may be the beginning of damage. Nothing is lost. If it
    /// turns out to be damage, [`Damage::bytes`](crate::Damage::bytes) are only the bytes that were not
    /// released; if it turns out to be a packet, the packet comes whole.
    ///
    /// For live streams that a person watches, after a fifth of a second of silence. A program that drops
    /// text need not call it.
    pub fn settle(&mut self) {
        let bytes = &self.buffer[..self.filled];
        self.scan.settle(Input { bytes, base: self.base, last: false });
    }

    /// Gives up a packet whose end does not come, if an intact packet stands among the bytes that are there.
    /// The incomplete packet becomes damage, and the intact one comes next.
    ///
    /// For live streams that have been silent for seconds. A packet that pauses and then goes on is lost by
    /// this. That is why silence is not enough, and an intact packet must stand within it.
    pub fn give_up(&mut self) {
        let bytes = &self.buffer[..self.filled];
        self.scan.give_up(Input { bytes, base: self.base, last: false });
    }

    /// The next item; `None` if more bytes are needed, or at the end of the stream.
    #[inline]
    pub fn next_item(&mut self) -> Option<Item<'_>> {
        let bytes = &self.buffer[..self.filled];
        self.scan.step(Input { bytes, base: self.base, last: self.finished })
    }

    /// How many bytes have been fed and not returned. After [`Decoder::next_item`] returned `None` they are
    /// the beginning of what may be a packet.
    pub fn pending(&self) -> usize {
        self.filled - (self.scan.handed_out() - self.base) as usize
    }

    /// Whether the search waits for more bytes, or some are held back.
    pub fn is_waiting(&self) -> bool {
        self.scan.is_waiting(self.base + self.filled as u64)
    }

    /// How many bytes of the stream have been returned as items.
    pub fn offset(&self) -> u64 {
        self.scan.handed_out()
    }

    /// Where the last packet that was returned ended, in bytes from the start of the stream; 0 if there was
    /// none. After [`Decoder::settle`] released text, this may be before [`Decoder::offset`].
    pub fn packet_end(&self) -> u64 {
        self.scan.packet_end()
    }

    /// Makes the buffer at least `length` bytes longer than what it holds.
    fn make_room(&mut self, length: usize) {
        let keep_from = (self.scan.keep_from() - self.base) as usize;
        let dead = keep_from.saturating_sub(HISTORY);
        let live = self.filled - dead;
        // Moving costs `live`; do it when that is little, or when it frees enough to be worth it.
        if dead > 0 && (live <= dead || self.filled + length > self.buffer.len() && dead >= SLACK) {
            self.buffer.copy_within(dead..self.filled, 0);
            self.base += dead as u64;
            self.filled = live;
        }
        let needed = self.filled + length;
        if needed <= self.buffer.len() {
            return;
        }
        let room = needed.max(self.grown());
        if self.filled > 0 {
            self.buffer.resize(room, 0);
        } else {
            // Fresh zeros of the system cost nothing until they are written over.
            self.buffer = vec![0; room];
        }
    }

    /// Doubles the buffer while it is small; then it holds the longest packet and some slack.
    fn grown(&self) -> usize {
        (self.buffer.len() * 2).min(MAX_LENGTH + HISTORY + SLACK)
    }
}

/// Up to this many used bytes stay at the front of the buffer: moving all later bytes would cost more.
const SLACK: usize = 256 * 1024;

/// The items of a whole stream in memory. Nothing is copied.
pub fn items(stream: &[u8]) -> Items<'_> {
    Items { stream, scan: Scan::default() }
}

/// The items of a stream in memory, see [`items`].
#[derive(Clone, Debug)]
pub struct Items<'a> {
    stream: &'a [u8],
    scan: Scan,
}

impl<'a> Iterator for Items<'a> {
    type Item = Item<'a>;

    #[inline]
    fn next(&mut self) -> Option<Item<'a>> {
        self.scan.step(Input { bytes: self.stream, base: 0, last: true })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKET: &[u8] = b"\xb3\x29\x01\x0c\x03foo\x08\x55\x5f\x1b";

    #[test]
    fn what_has_been_decided_on_is_told_and_what_waits() {
        let mut decoder = Decoder::new();
        decoder.feed(&[PACKET, &PACKET[..7]].concat());
        assert_eq!((decoder.offset(), decoder.pending()), (0, 19));
        while decoder.next_item().is_some() {}
        assert_eq!((decoder.offset(), decoder.pending()), (12, 7));
        decoder.feed(&PACKET[7..]);
        while decoder.next_item().is_some() {}
        assert_eq!((decoder.offset(), decoder.pending()), (24, 0));
    }

    /// The longest stream takes no more than a packet, what is fed at once, and some slack.
    #[test]
    fn what_was_taken_is_forgotten() {
        let (mut decoder, block) = (Decoder::new(), PACKET.repeat(5000));
        for _ in 0..500 {
            decoder.feed(&block);
            while decoder.next_item().is_some() {}
        }
        assert_eq!(decoder.offset(), 500 * block.len() as u64);
        assert!(decoder.buffer.len() <= 4 * block.len() + HISTORY, "{}", decoder.buffer.len());
    }
}
