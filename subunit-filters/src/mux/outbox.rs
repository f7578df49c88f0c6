//! Packets on their way out.

use std::collections::VecDeque;

use subunit_core::{EncodeError, Event, MAX_LENGTH, Packet, RouteCode, Writer};

/// Packets that wait to be written, and where each ends: so that an output that others write to as well
/// can be given whole packets.
#[derive(Debug, Default)]
pub struct Outbox {
    bytes: Vec<u8>,
    /// How much of `bytes` has been written.
    written: usize,
    /// Where packets end in `bytes`, for those that do not end in what has been written.
    ends: VecDeque<usize>,
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

    /// What to write next: as many whole packets as `limit` bytes hold, or the next `limit` bytes of a
    /// packet that is longer.
    pub fn piece(&self, limit: usize) -> &[u8] {
        let waiting = self.as_bytes();
        let fits = |end: &&usize| **end - self.written <= limit;
        let end = self.ends.iter().take_while(fits).last().map(|end| end - self.written);
        &waiting[..end.unwrap_or(limit).min(waiting.len())]
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
            self.written = 0;
        }
    }

    /// Drops all that waits; room that one long packet took is given back.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(KEPT);
        self.ends.clear();
        self.written = 0;
    }

    /// Appends a packet with `prefix` in front of its route code. Where that makes it too long for one
    /// packet, its file is split over several.
    pub(super) fn forward(
        &mut self,
        packet: &Packet<'_>,
        prefix: RouteCode<'_>,
    ) -> Result<(), EncodeError> {
        let done = match packet.reroute_under(prefix, &mut self.bytes) {
            Err(EncodeError::TooLong { length }) => {
                let route = prefix.to_buf().join(packet.event().route_code);
                let event = Event { route_code: Some(route.as_route()), ..*packet.event() };
                self.split(&event).map_err(|()| EncodeError::TooLong { length })
            }
            done => done,
        };
        self.ends.push_back(self.bytes.len());
        done
    }

    /// Appends an event; as several packets where one does not hold its file.
    pub(super) fn push(&mut self, event: &Event<'_>) -> Result<(), EncodeError> {
        let done = match event.encode(&mut self.bytes) {
            Err(EncodeError::TooLong { length }) => {
                self.split(event).map_err(|()| EncodeError::TooLong { length })
            }
            done => done,
        };
        self.ends.push_back(self.bytes.len());
        done
    }

    fn split(&mut self, event: &Event<'_>) -> Result<(), ()> {
        let mut writer = Writer::with_limit(&mut self.bytes, MAX_LENGTH);
        writer.event(event).map_err(|_| ())
    }
}

/// Written bytes at the front that are not worth moving all behind them.
const SLACK: usize = 64 * 1024;

/// The room that an empty outbox keeps: for one packet of any length, and some more.
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

    #[test]
    fn pieces_are_whole_packets_where_they_fit() {
        let mut outbox = filled(&[1000, 1000, 2500, 9000, 10]);
        let mut lengths = Vec::new();
        while !outbox.is_empty() {
            let piece = outbox.piece(4096);
            if piece.len() < 4096 {
                assert!(items(piece).count() > 0);
            }
            let length = piece.len();
            lengths.push(length);
            outbox.consume(length);
        }
        assert_eq!(lengths, [2026, 2513, 4096, 4096, 842]);
    }

    #[test]
    fn a_write_that_took_less_is_gone_on_with() {
        let mut outbox = filled(&[3000; 100]);
        let all = outbox.as_bytes().to_vec();
        let mut written = Vec::new();
        while !outbox.is_empty() {
            let piece = outbox.piece(4096);
            let took = piece.len().min(999);
            written.extend_from_slice(&piece[..took]);
            outbox.consume(took);
        }
        assert_eq!(written, all);
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
