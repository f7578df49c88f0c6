//! Bytes of an input in, what it says out.

use crate::{Decoder, sink::Sink};

/// Reads one input, in whatever format, for who drives inputs and need not know what formats there are.
///
/// Bytes go into [`InputReader::space`], and [`InputReader::filled`] pushes what they say: packets as they
/// came, events of other formats, text, damage. Nothing vanishes, and what is pushed does not depend on how
/// the input was cut.
pub trait InputReader: Send {
    /// Room for `length` bytes at least; what it holds before it is written to is unspecified.
    fn space(&mut self, length: usize) -> &mut [u8];

    /// The first `length` bytes of [`InputReader::space`] are the next bytes: pushes what they say.
    fn filled(&mut self, length: usize, sink: &mut dyn Sink);

    /// Whether something is held back until more bytes come.
    fn is_waiting(&self) -> bool;

    /// A live input has paused for some hundredths of a second: pushes what was held back because the next
    /// line might have belonged to it, such as a prompt.
    fn pause(&mut self, _sink: &mut dyn Sink) {}

    /// Bytes of a live input have waited for some tenths of a second: lets text go that is held back for
    /// evidence of damage. See [`Decoder::settle`].
    fn settle(&mut self, sink: &mut dyn Sink);

    /// A live input has been silent for seconds: gives up waiting for the end of a packet in which an
    /// intact one stands. See [`Decoder::give_up`].
    fn give_up(&mut self, _sink: &mut dyn Sink) {}

    /// The input has ended: pushes what is left, but does not call [`Sink::finish`]. Whether there was
    /// something in it that was not only text, or nothing at all.
    fn finish(&mut self, sink: &mut dyn Sink) -> bool;
}

/// Reads packets, and takes everything else for text.
#[derive(Debug, Default)]
pub struct PacketReader {
    decoder: Decoder,
    found: bool,
}

impl PacketReader {
    /// A reader at the start of an input.
    pub fn new() -> Self {
        Self::default()
    }

    fn push(&mut self, sink: &mut dyn Sink) {
        while let Some(item) = &self.decoder.next_item() {
            match item {
                crate::Item::Packet(packet) => {
                    self.found = true;
                    sink.packet(packet);
                }
                crate::Item::Text(bytes) => drop(sink.text(bytes)),
                crate::Item::Damage(damage) => drop(sink.damage(damage)),
            }
        }
    }
}

impl InputReader for PacketReader {
    fn space(&mut self, length: usize) -> &mut [u8] {
        self.decoder.space(length)
    }

    fn filled(&mut self, length: usize, sink: &mut dyn Sink) {
        self.decoder.filled(length);
        self.push(sink);
    }

    fn is_waiting(&self) -> bool {
        self.decoder.is_waiting()
    }

    fn settle(&mut self, sink: &mut dyn Sink) {
        self.decoder.settle();
        self.push(sink);
    }

    fn give_up(&mut self, sink: &mut dyn Sink) {
        self.decoder.give_up();
        self.push(sink);
    }

    fn finish(&mut self, sink: &mut dyn Sink) -> bool {
        self.decoder.finish();
        self.push(sink);
        self.found || self.decoder.offset() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Event, Status, sink::testing::Log};

    #[test]
    fn says_what_the_bytes_say_however_they_are_cut() {
        let mut input = b"text\n".to_vec();
        Event::status("a", Status::Success).encode(&mut input).unwrap();
        let torn = input.len();
        Event::status("b", Status::Fail).encode(&mut input).unwrap();
        input.truncate(torn + 9);
        for size in [1, 7, input.len()] {
            let (mut reader, mut log) = (PacketReader::new(), Log::default());
            for piece in input.chunks(size) {
                reader.space(piece.len())[..piece.len()].copy_from_slice(piece);
                reader.filled(piece.len(), &mut log);
            }
            assert!(reader.is_waiting());
            assert!(reader.finish(&mut log));
            let ends = &log.lines[log.lines.len() - 2..];
            assert!(ends[0].ends_with("a success") && ends[1].contains("damage"), "{ends:?}");
        }
    }

    #[test]
    fn nothing_but_text_is_not_recognised() {
        let (mut reader, mut log) = (PacketReader::new(), Log::default());
        reader.space(4)[..4].copy_from_slice(b"text");
        reader.filled(4, &mut log);
        assert!(!reader.finish(&mut log));
        assert!(PacketReader::new().finish(&mut log));
    }
}
