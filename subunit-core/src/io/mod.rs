//! The decoder and the encoder for blocking readers and writers; with the feature `tokio`, a codec.

#[cfg(feature = "tokio")]
pub(crate) mod codec;
mod writer;

use std::io::{self, ErrorKind, Read};

pub use writer::Writer;

use crate::{Decoder, sink::Sink};

/// How much is read from the input at once.
const BLOCK: usize = 256 * 1024;

/// Reads a stream to its end and pushes all of it into `sink`.
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// use subunit_core::{Status, Writer, read, run::{Summary, Verdict}};
///
/// let mut stream = Writer::new(Vec::new());
/// stream.end("foo", Status::Success)?;
/// let input = stream.close()?;
///
/// let mut summary = Summary::new();
/// read(&input[..], &mut summary)?;
/// assert_eq!(summary.verdict(), Verdict::Passed);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// As [`Reader::read_into`].
pub fn read(input: impl Read, sink: &mut (impl Sink + ?Sized)) -> io::Result<()> {
    Reader::new(input).read_into(sink)
}

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
/// Memory: a block of 256 KiB, and at most one incomplete packet (4 MiB).
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

    /// Reads what the input has, at most a block, and returns the decoder. Take all items from it. At the end
    /// of the input it returns the decoder once more, for what is left; then it returns `None`.
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

    /// Reads to the end of the stream, pushes all of it into `sink`, and finishes the sink. If the sink asks
    /// to stop, it stops early and finishes the sink as well.
    ///
    /// # Errors
    ///
    /// Those of the input. What came before has been pushed, and the sink is not finished.
    pub fn read_into(&mut self, sink: &mut (impl Sink + ?Sized)) -> io::Result<()> {
        while let Some(decoder) = self.fill()? {
            while let Some(item) = decoder.next_item() {
                if sink.item(&item).is_break() {
                    sink.finish();
                    return Ok(());
                }
            }
        }
        sink.finish();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Event, Status,
        sink::{FailFast, testing::Log},
    };

    fn stream(statuses: &[Status]) -> Vec<u8> {
        let mut stream = b"text\n".to_vec();
        for status in statuses {
            Event::status("a", *status).encode(&mut stream).unwrap();
        }
        stream
    }

    #[test]
    fn all_of_a_stream_goes_into_a_sink_which_is_then_finished() {
        let mut log = Log::default();
        let mut input = stream(&[Status::InProgress, Status::Fail]);
        input.extend_from_slice(b"\xb3\x29\x01");
        read(&input[..], &mut log).unwrap();
        let lines = ["text text\n", "a inprogress", "a fail", "damage \u{fffd})\u{1}", "finish"];
        assert_eq!(log.lines, lines);
    }

    #[test]
    fn a_sink_that_asks_to_stop_is_finished_and_gets_no_more() {
        let mut sink = FailFast::new(Log::default());
        read(&stream(&[Status::Fail, Status::Success])[..], &mut sink).unwrap();
        assert_eq!(sink.into_inner().lines, ["text text\n", "a fail", "finish"]);
    }

    #[test]
    fn an_input_that_breaks_leaves_the_sink_unfinished() {
        struct Broken;

        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("unplugged"))
            }
        }

        let mut log = Log::default();
        let input = stream(&[Status::Success]);
        let error = read(input.chain(Broken), &mut log).unwrap_err();
        assert_eq!(error.to_string(), "unplugged");
        assert_eq!(log.lines, ["text text\n", "a success"]);
    }
}
