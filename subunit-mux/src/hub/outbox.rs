//! Packets that wait to be written.

use std::collections::VecDeque;

use subunit_core::{EncodeError, Event, MAX_LENGTH, Packet, RouteCode, Writer};

/// Packets that wait to be written, in pieces of whole packets, for outputs that others write to as well.
#[derive(Debug, Default)]
pub struct Outbox {
    bytes: Vec<u8>,
    /// How much of `bytes` has been written.
    written: usize,
    /// Where pieces end in `bytes`, for those that do not end in what has been written.
    ends: VecDeque<usize>,
    /// Where the last piece begins.
    last: usize,
}

impl Outbox {
    /// Nothing to write.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many bytes wait.
    pub fn len(&self) -> usize {
        self.bytes.len() - self.written
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All that waits.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[self.written..]
    }

    /// What to write next, at most `limit` bytes: as many whole packets as a pipe takes without tearing
    /// them, one longer packet, or the rest of a piece that was partly written.
    pub fn piece(&self, limit: usize) -> &[u8] {
        let end = self.ends.front().map_or(self.bytes.len(), |end| *end);
        &self.bytes[self.written..end.min(self.written.saturating_add(limit))]
    }

    /// The first `length` bytes have been written.
    pub fn consume(&mut self, length: usize) {
        self.written = self.bytes.len().min(self.written + length);
        while self.ends.front().is_some_and(|end| *end <= self.written) {
            self.ends.pop_front();
        }
        if self.written == self.bytes.len() {
            self.clear();
        } else if self.written >= SLACK && self.written >= self.bytes.len() / 2 {
            self.bytes.drain(..self.written);
            self.ends.iter_mut().for_each(|end| *end -= self.written);
            self.last = self.last.saturating_sub(self.written);
            self.written = 0;
        }
    }

    /// Drops all that waits, and frees the room that one long packet took.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(KEPT);
        self.ends.clear();
        self.written = 0;
        self.last = 0;
    }

    /// Moves all that waits in `other` after what waits here.
    pub(super) fn append(&mut self, other: &mut Self) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(other.as_bytes());
        if !other.is_empty() {
            self.last = start + other.last.saturating_sub(other.written);
        }
        self.ends.extend(other.ends.iter().map(|end| start + end - other.written));
        other.clear();
    }

    /// Appends a packet with `prefix` in front of its route code. Where that makes it too long for one
    /// packet, its file is split over several.
    ///
    /// # Errors
    ///
    /// If the route code alone makes it too long.
    pub fn forward(
        &mut self,
        packet: &Packet<'_>,
        prefix: RouteCode<'_>,
    ) -> Result<(), EncodeError> {
        let start = self.bytes.len();
        let done = match packet.reroute_under(prefix, &mut self.bytes) {
            Err(EncodeError::TooLong { length }) => {
                let route = prefix.to_buf().join(packet.event().route_code);
                let event = Event { route_code: Some(route.as_route()), ..*packet.event() };
                self.split(&event).map_err(|()| EncodeError::TooLong { length })
            }
            done => done,
        };
        self.end_packet(start);
        done
    }

    /// Appends a packet with another route code, which is no longer than its own.
    pub fn push_under(&mut self, packet: &Packet<'_>, route: Option<RouteCode<'_>>) {
        let start = self.bytes.len();
        // It was read and gets no longer, so it can be written.
        let _ = packet.reroute(route, &mut self.bytes);
        self.end_packet(start);
    }

    /// Appends an event, as several packets if one does not hold its file.
    pub fn push(&mut self, event: &Event<'_>) -> Result<(), EncodeError> {
        let start = self.bytes.len();
        let done = match event.encode(&mut self.bytes) {
            Err(EncodeError::TooLong { length }) => {
                self.split(event).map_err(|()| EncodeError::TooLong { length })
            }
            done => done,
        };
        self.end_packet(start);
        done
    }

    /// The packet that begins at `start` is whole: it belongs to the last piece, or is the next one.
    fn end_packet(&mut self, start: usize) {
        let end = self.bytes.len();
        match self.ends.back_mut() {
            Some(last) if end - self.last <= PIECE => *last = end,
            _ => {
                self.last = start;
                self.ends.push_back(end);
            }
        }
    }

    fn split(&mut self, event: &Event<'_>) -> Result<(), ()> {
        let mut writer = Writer::with_limit(&mut self.bytes, MAX_LENGTH);
        writer.event(event).map_err(|_| ())
    }
}

/// What POSIX promises that a pipe never tears: 4096 bytes on Linux, 512 elsewhere.
pub(crate) const PIECE: usize = if cfg!(target_os = "linux") { 4096 } else { 512 };

/// Written bytes at the front below this are not worth moving the rest.
const SLACK: usize = 64 * 1024;

/// The room that an empty outbox keeps: one packet of any length, and some more.
const KEPT: usize = MAX_LENGTH + 1024 * 1024;

#[cfg(test)]
mod tests {
    use subunit_core::{FileChunk, Status, items};

    use super::*;

    fn filled(lengths: &[usize]) -> Outbox {
        let mut outbox = Outbox::new();
        for length in lengths {
            let file = Some(FileChunk { name: "f", bytes: &vec![b'x'; *length] });
            outbox.push(&Event { file, ..Event::default() }).unwrap();
        }
        outbox
    }

    /// The lengths of the pieces, where each write takes at most `limit` bytes.
    fn pieces(outbox: &mut Outbox, limit: usize) -> Vec<usize> {
        let mut lengths = Vec::new();
        while !outbox.is_empty() {
            let length = outbox.piece(usize::MAX).len();
            lengths.push(length);
            outbox.consume(length.min(limit));
        }
        lengths
    }

    #[test]
    fn pieces_are_as_many_whole_packets_as_fit() {
        let room = PIECE - 4 * 20;
        let (half, third) = (room / 2, room / 3);
        let mut outbox = filled(&[half, half, third, third, third, 9000, 10]);
        let whole = outbox.as_bytes().to_vec();
        let lengths = pieces(&mut outbox, usize::MAX);
        assert_eq!(lengths.len(), 4);
        assert!(lengths[0] <= PIECE && lengths[1] <= PIECE && lengths[2] > 9000);
        let mut rest = &whole[..];
        for (length, packets) in lengths.into_iter().zip([2, 3, 1, 1]) {
            let (piece, others) = rest.split_at(length);
            rest = others;
            assert!(items(piece).all(|item| matches!(item, subunit_core::Item::Packet(_))));
            assert_eq!(items(piece).count(), packets);
        }
    }

    #[test]
    fn a_write_that_took_less_is_gone_on_with() {
        let mut outbox = filled(&[3000; 100]);
        let all = outbox.as_bytes().to_vec();
        let mut written = Vec::new();
        while !outbox.is_empty() {
            let piece = outbox.piece(usize::MAX);
            let took = piece.len().min(999);
            written.extend_from_slice(&piece[..took]);
            outbox.consume(took);
        }
        assert_eq!(written, all);
    }

    #[test]
    fn packets_that_come_while_others_are_written_are_whole_in_their_pieces() {
        let mut outbox = filled(&[100; 40]);
        let length = outbox.len() / 40;
        let begun = outbox.piece(usize::MAX).len();
        outbox.consume(length + 7);
        for _ in 0..2000 {
            outbox
                .push(&Event {
                    file: Some(FileChunk { name: "f", bytes: &[b'x'; 100] }),
                    ..Event::default()
                })
                .unwrap();
        }
        let first = outbox.piece(usize::MAX).len();
        assert_eq!(first, begun - length - 7);
        outbox.consume(first);
        assert!(
            pieces(&mut outbox, usize::MAX)
                .iter()
                .all(|piece| piece % length == 0 && *piece <= PIECE)
        );
    }

    #[test]
    fn what_was_said_beside_goes_on_in_its_pieces() {
        let mut outbox = filled(&[3000, 3000, 10]);
        outbox.consume(100);
        let mut other = filled(&[10, 10, 3000, 3000]);
        other.consume(outbox.piece(usize::MAX).len().min(20));
        let all = [outbox.as_bytes(), other.as_bytes()].concat();
        outbox.append(&mut other);
        assert!(other.is_empty());
        assert_eq!(outbox.as_bytes(), all);
        outbox.append(&mut other);
        // After the last piece comes what still fits into it.
        outbox.push(&Event::status("t", Status::Success)).unwrap();
        let lengths = pieces(&mut outbox, usize::MAX);
        assert_eq!(lengths.len(), 4, "{lengths:?}");
        assert!(lengths.iter().all(|length| (2900..=PIECE).contains(length)), "{lengths:?}");
    }

    #[test]
    fn a_packet_that_its_prefix_makes_too_long_is_split() {
        let bytes = vec![b'x'; MAX_LENGTH - 20];
        let file = Some(FileChunk { name: "f", bytes: &bytes });
        let mut whole = Vec::new();
        let event = Event { file, ..Event::status("t", Status::Fail) };
        event.encode(&mut whole).unwrap();
        let mut outbox = Outbox::new();
        let packet = Packet::parse(&whole).unwrap();
        outbox.forward(&packet, RouteCode::new("a-rather-long-name")).unwrap();
        let mut content = 0;
        for item in items(outbox.as_bytes()) {
            let subunit_core::Item::Packet(packet) = item else { panic!("{item:?}") };
            assert_eq!(packet.event().route_code, Some(RouteCode::new("a-rather-long-name")));
            content += packet.event().file.unwrap().bytes.len();
        }
        assert_eq!(content, bytes.len());
    }
}
