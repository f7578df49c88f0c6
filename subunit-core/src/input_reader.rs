//! Reads the bytes of an input and pushes what they say.

use crate::{Decoder, sink::Sink};

/// Reads one input in any format, for programs that drive inputs and need not know the formats.
///
/// Bytes go into [`InputReader::space`], and [`InputReader::filled`] pushes what they say: packets as they
/// came, events of other formats, text, damage. Nothing is lost, and what is pushed does not depend on how
/// the input was cut.
pub trait InputReader: Send {
    /// Room for at least `length` bytes. It holds unspecified bytes before it is written to.
    fn space(&mut self, length: usize) -> &mut [u8];

    /// Takes the first `length` bytes of [`InputReader::space`] as the next bytes, and pushes what they say.
    fn filled(&mut self, length: usize, sink: &mut dyn Sink);

    /// Whether something is held back until more bytes come.
    fn is_waiting(&self) -> bool;

    /// Pushes what is held back because the next line might belong to it, such as a prompt. Call it when a
    /// live input has paused for some hundredths of a second.
    fn pause(&mut self, _sink: &mut dyn Sink) {}

    /// Releases text that is held back for evidence of damage. Call it when bytes of a live input have waited
    /// for some tenths of a second. See [`Decoder::settle`].
    fn settle(&mut self, sink: &mut dyn Sink);

    /// Gives up waiting for the end of a packet in which an intact one stands. Call it when a live input has
    /// been silent for seconds. See [`Decoder::give_up`].
    fn give_up(&mut self, _sink: &mut dyn Sink) {}

    /// Marks the end of the input: pushes what is left, but does not call [`Sink::finish`]. Returns whether
    /// the input held anything besides text, or was empty.
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

/// Takes everything for text: the output of a program that is for people, whatever it looks like.
#[derive(Debug, Default)]
pub struct TextReader {
    bytes: Vec<u8>,
    read: bool,
}

impl TextReader {
    /// A reader at the start of an input.
    pub fn new() -> Self {
        Self::default()
    }
}

impl InputReader for TextReader {
    fn space(&mut self, length: usize) -> &mut [u8] {
        if self.bytes.len() < length {
            self.bytes.resize(length, 0);
        }
        &mut self.bytes
    }

    fn filled(&mut self, length: usize, sink: &mut dyn Sink) {
        self.read |= length > 0;
        sink.text(self.bytes.get(..length).unwrap_or(&self.bytes));
    }

    fn is_waiting(&self) -> bool {
        false
    }

    fn settle(&mut self, _sink: &mut dyn Sink) {}

    fn finish(&mut self, _sink: &mut dyn Sink) -> bool {
        !self.read
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

    #[test]
    fn packets_of_a_console_are_text() {
        let mut input = b"text".to_vec();
        Event::status("a", Status::Success).encode(&mut input).unwrap();
        let (mut reader, mut log) = (TextReader::new(), Log::default());
        for piece in input.chunks(7) {
            reader.space(piece.len())[..piece.len()].copy_from_slice(piece);
            reader.filled(piece.len(), &mut log);
        }
        assert!(!reader.is_waiting() && !reader.finish(&mut log));
        assert!(log.lines.iter().all(|line| line.contains("text")), "{:?}", log.lines);
    }
}
