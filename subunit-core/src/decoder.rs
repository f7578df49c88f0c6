//! Bytes in, items out.

use crate::{
    Item,
    scan::{HISTORY, Input, Scan},
    wire::layout::MAX_LENGTH,
};

/// Reads a stream that arrives in pieces.
///
/// Feed bytes as they come, take items until there is none, and call [`Decoder::finish`] at the end:
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
/// The items do not depend on how the stream was cut, except that text may be cut differently.
/// Memory: what has been fed and not been taken, and at most one packet (4 MiB) that is not whole.
#[derive(Debug, Default)]
pub struct Decoder {
    /// Initialised all over; `filled` of it is the stream, from the offset `base` on.
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

    /// Room for at least `length` more bytes, for reading into without a copy; tell how many there
    /// were with [`Decoder::filled`]. What the room holds before it is written to is unspecified.
    pub fn space(&mut self, length: usize) -> &mut [u8] {
        self.make_room(length);
        &mut self.buffer[self.filled..]
    }

    /// The first `length` bytes of [`Decoder::space`] are the next bytes of the stream. More than
    /// there is room for is taken as all of it.
    pub fn filled(&mut self, length: usize) {
        self.filled = self.buffer.len().min(self.filled.saturating_add(length));
    }

    /// The stream has ended. What is not whole by now never will be.
    pub fn finish(&mut self) {
        self.finished = true;
    }

    /// Bytes have waited for long, for a person: lets text go that is held back because it may be
    /// the beginning of damage. Nothing is lost by it. Where it turns out to be damage all the same,
    /// [`Damage::bytes`](crate::Damage::bytes) are those that were not let go; where it turns out to be
    /// a packet, the packet comes whole.
    ///
    /// For drivers of live streams, after a fifth of a second. Who drops text never calls it.
    pub fn settle(&mut self) {
        let bytes = &self.buffer[..self.filled];
        self.scan.settle(Input { bytes, base: self.base, last: false });
    }

    /// The stream has been silent for seconds: if it fell silent within a packet, and an intact packet
    /// stands among the bytes that are there, the former is given up as damage and the latter comes next.
    ///
    /// For drivers of live streams. A packet that stops for so long and then goes on is lost by this,
    /// so it takes an intact packet within it, not just time, to give it up.
    pub fn give_up(&mut self) {
        let bytes = &self.buffer[..self.filled];
        self.scan.give_up(Input { bytes, base: self.base, last: false });
    }

    /// The next item; `None` where it takes more bytes to tell, or at the end of the stream.
    #[inline]
    pub fn next_item(&mut self) -> Option<Item<'_>> {
        let bytes = &self.buffer[..self.filled];
        self.scan.step(Input { bytes, base: self.base, last: self.finished })
    }

    /// How many bytes have been fed and are not decided on: where [`Decoder::next_item`] gave `None`,
    /// the beginning of what may be a packet.
    pub fn pending(&self) -> usize {
        self.filled - (self.scan.handed_out() - self.base) as usize
    }

    /// Whether the search waits for more bytes, or some are held back.
    pub fn is_waiting(&self) -> bool {
        self.scan.is_waiting(self.base + self.filled as u64)
    }

    /// How many bytes of the stream have been handed out as items.
    pub fn offset(&self) -> u64 {
        self.scan.handed_out()
    }

    /// Where the packet ended that was handed out last, in bytes from the start of the stream; 0 where there was
    /// none. Where [`Decoder::settle`] let text go, this may be before [`Decoder::offset`].
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

    /// Twice the buffer while it is small, then the longest packet and some slack.
    fn grown(&self) -> usize {
        (self.buffer.len() * 2).min(MAX_LENGTH + HISTORY + SLACK)
    }
}

/// Dead bytes at the front of the buffer that are left there rather than moving all behind them.
const SLACK: usize = 256 * 1024;

/// The items of a stream that is in memory as a whole; nothing is copied.
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
