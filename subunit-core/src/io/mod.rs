//! The decoder and the encoder at blocking readers and writers; with the feature `tokio`, a codec.

#[cfg(feature = "tokio")]
pub(crate) mod codec;

use std::io::{self, ErrorKind, Read, Write};

use crate::{Decoder, EncodeError, Event, FileChunk, MAX_LENGTH, Packet};

/// How much is asked of the input at once.
const BLOCK: usize = 256 * 1024;

/// Reads a stream from a [`Read`], one block at a time.
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// use subunit_core::{Item, Reader};
///
/// let mut reader = Reader::new(&b"\xb3\x29\x01\x0c\x03foo\x08\x55\x5f\x1b"[..]);
/// while let Some(decoder) = reader.fill()? {
///     while let Some(item) = decoder.next_item() {
///         if let Item::Packet(packet) = item {
///             assert_eq!(packet.event().test_id, Some("foo"));
///         }
///     }
///     // The input has paused or a block is done: a good moment to flush what was made of it.
/// }
/// # Ok(())
/// # }
/// ```
///
/// Memory: a block of 256 KiB, and at most one packet (4 MiB) that is not whole.
#[derive(Debug)]
pub struct Reader<R> {
    input: R,
    decoder: Decoder,
    ended: bool,
}

impl<R: Read> Reader<R> {
    /// A reader at the start of a stream.
    pub fn new(input: R) -> Self {
        Self { input, decoder: Decoder::new(), ended: false }
    }

    /// Reads what the input has, at most a block, and lends the decoder to take the items from;
    /// take them all. At the input's end the decoder is lent once more, for what was left undecided;
    /// then there is `None`.
    ///
    /// # Errors
    ///
    /// Those of the input, except for interruptions, which are retried.
    pub fn fill(&mut self) -> io::Result<Option<&mut Decoder>> {
        if self.ended {
            return Ok(None);
        }
        let room = self.decoder.space(BLOCK);
        let room = room.len().min(BLOCK);
        let read = loop {
            match self.input.read(&mut self.decoder.space(BLOCK)[..room]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => break result?,
            }
        };
        if read == 0 {
            self.ended = true;
            self.decoder.finish();
        }
        self.decoder.filled(read);
        Ok(Some(&mut self.decoder))
    }
}

/// Writes a stream to a [`Write`]: one `write` per packet, and attachments split over packets.
///
/// A pipe takes 4096 bytes at once without mixing them with what other processes write to it, so
/// that is the longest packet unless told otherwise.
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// use subunit_core::{Event, Status, Writer};
///
/// let mut writer = Writer::new(Vec::new());
/// writer.event(&Event::status("foo", Status::Exists))?;
/// assert_eq!(writer.into_inner(), b"\xb3\x29\x01\x0c\x03foo\x08\x55\x5f\x1b");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Writer<W> {
    output: W,
    limit: usize,
    packet: Vec<u8>,
}

impl<W: Write> Writer<W> {
    /// The longest packet that pipes never tear: PIPE_BUF of Linux.
    pub const PIPE_LIMIT: usize = 4096;

    /// A writer whose packets are at most [`Writer::PIPE_LIMIT`] bytes long.
    pub fn new(output: W) -> Self {
        Self::with_limit(output, Self::PIPE_LIMIT)
    }

    /// A writer whose packets are at most `limit` bytes long, for outputs that are not shared.
    ///
    /// At most [`MAX_LENGTH`]. Only content is split: where the other fields leave no room for it
    /// packets are longer.
    pub fn with_limit(output: W, limit: usize) -> Self {
        Self { output, limit: limit.min(MAX_LENGTH), packet: Vec::new() }
    }

    /// Writes an event, in several packets where its file's content makes it longer than the limit:
    /// all pieces have the id, the route code and the time; status, tags and eof are on the last.
    ///
    /// # Errors
    ///
    /// Those of the output; [`ErrorKind::InvalidInput`] around an
    /// [`EncodeError`] where the event cannot be written, in which case nothing
    /// was.
    pub fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        let Some(mut file) = event.file else { return self.encode(event) };
        // The other fields matter where the content is not too long by itself.
        if file.bytes.len() < self.limit {
            match event.encoded_length() {
                Ok(length) if length <= self.limit => return self.encode(event),
                Ok(_) | Err(EncodeError::TooLong { .. }) => {}
                Err(error) => return Err(invalid(error)),
            }
        }
        let length = self.content_room(event)?;
        while let Some((bytes, rest)) = file.bytes.split_at_checked(length)
            && !rest.is_empty()
        {
            let chunk = Some(FileChunk { bytes, ..file });
            self.encode(&Event { status: None, tags: None, eof: false, file: chunk, ..*event })?;
            file.bytes = rest;
        }
        self.encode(&Event { file: Some(file), ..*event })
    }

    /// Writes a packet as it came.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub fn packet(&mut self, packet: &Packet<'_>) -> io::Result<()> {
        self.output.write_all(packet.bytes())
    }

    /// Writes bytes that belong to no packet.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub fn text(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.output.write_all(bytes)
    }

    /// Flushes the output.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }

    /// Gives the output back.
    pub fn into_inner(self) -> W {
        self.output
    }

    fn encode(&mut self, event: &Event<'_>) -> io::Result<()> {
        self.packet.clear();
        event.encode(&mut self.packet).map_err(invalid)?;
        self.output.write_all(&self.packet)
    }

    /// How many bytes of content a packet of at most the limit has room for.
    fn content_room(&self, event: &Event<'_>) -> io::Result<usize> {
        /// Lengths of packet and content may each take two bytes more than for empty content.
        const NUMBERS: usize = 4;
        /// Rather a packet above the limit than one with less content than this.
        const LEAST: usize = 512;
        let empty = event.file.map(|file| FileChunk { bytes: &[], ..file });
        let others = Event { file: empty, ..*event }.encoded_length().map_err(invalid)? + NUMBERS;
        let hard = MAX_LENGTH.saturating_sub(others).max(1);
        let room = self.limit.saturating_sub(others);
        // Above the limit anyway, the other fields are not repeated more often than they must be.
        let room = if room < LEAST { LEAST.max(self.limit / 2) } else { room };
        Ok(room.min(hard))
    }
}

fn invalid(error: EncodeError) -> io::Error {
    io::Error::new(ErrorKind::InvalidInput, error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Item, Status, items};

    /// Remembers every write.
    #[derive(Default)]
    struct Writes(Vec<Vec<u8>>);

    impl Write for Writes {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.push(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn written(limit: usize, event: &Event<'_>) -> Vec<Vec<u8>> {
        let mut writer = Writer::with_limit(Writes::default(), limit);
        writer.event(event).unwrap();
        writer.into_inner().0
    }

    #[test]
    fn an_attachment_is_split_and_the_status_is_on_its_last_piece() {
        let content: Vec<u8> = (0..10_000u32).map(|n| n as u8).collect();
        let event = Event {
            file: Some(FileChunk { name: "log", bytes: &content }),
            mime_type: Some("text/plain"),
            eof: true,
            ..Event::status("t", Status::Fail)
        };
        let writes = written(4096, &event);
        assert_eq!(writes.len(), 3);
        assert!(writes.iter().all(|write| write.len() <= 4096));
        let mut joined = Vec::new();
        for (nth, write) in writes.iter().enumerate() {
            let packet = Packet::parse(write).unwrap();
            let piece = packet.event();
            joined.extend_from_slice(piece.file.unwrap().bytes);
            let last = nth == 2;
            assert_eq!((piece.status, piece.eof), (last.then_some(Status::Fail), last));
            assert_eq!((piece.test_id, piece.mime_type), (Some("t"), Some("text/plain")));
        }
        assert_eq!(joined, content);
    }

    #[test]
    fn content_beyond_the_protocols_limit_is_split_too() {
        let content = vec![7; 2 * MAX_LENGTH];
        let event =
            Event { file: Some(FileChunk { name: "f", bytes: &content }), ..Event::default() };
        let writes = written(usize::MAX, &event);
        let stream = writes.concat();
        let total: usize = items(&stream)
            .map(|item| match item {
                Item::Packet(packet) => packet.event().file.unwrap().bytes.len(),
                _ => panic!("only packets were written"),
            })
            .sum();
        assert_eq!((writes.len(), total), (3, content.len()));
    }

    #[test]
    fn a_long_id_and_short_content_together_are_within_the_limit() {
        let id = "i".repeat(3000);
        for length in [1000, 1090, 1100, 2000, 2048] {
            let event = Event {
                file: Some(FileChunk { name: "f", bytes: &vec![1; length] }),
                ..Event::status(&id, Status::Success)
            };
            let longest = written(4096, &event).iter().map(Vec::len).max();
            assert!(longest <= Some(4096), "{length} bytes of content: {longest:?}");
        }
    }

    #[test]
    fn content_just_below_the_longest_packet_is_split() {
        let content = vec![7; MAX_LENGTH - 1];
        let event =
            Event { file: Some(FileChunk { name: "f", bytes: &content }), ..Event::default() };
        assert_eq!(written(MAX_LENGTH, &event).len(), 2);
    }

    #[test]
    fn an_id_above_the_limit_still_leaves_room_for_content() {
        let id = "i".repeat(5000);
        let event = Event {
            file: Some(FileChunk { name: "f", bytes: &[1; 1000] }),
            ..Event::status(&id, Status::Success)
        };
        let writes = written(4096, &event);
        let pieces: Vec<usize> = writes
            .iter()
            .map(|write| Packet::parse(write).unwrap().event().file.unwrap().bytes.len())
            .collect();
        assert_eq!(pieces, [1000]);
    }

    #[test]
    fn nothing_is_written_of_an_event_that_cannot_be() {
        let mut writer = Writer::new(Writes::default());
        let error = writer.event(&Event::status("a\0b", Status::Success)).unwrap_err();
        assert_eq!(error.to_string(), "test id holds a NUL byte");
        assert!(writer.into_inner().0.is_empty());
    }
}
