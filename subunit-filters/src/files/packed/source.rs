//! A packed input as a [`Source`] of what it holds.

use std::{
    io::{self, Read},
    time::Duration,
};

use super::{Begin, Unpacker, begin};
use crate::console::Source;

/// An input that is unpacked while it is read, if it is packed.
///
/// Where the bytes that came so far hold nothing yet, reading is [`io::ErrorKind::Interrupted`], so that whoever reads
/// looks at what else is due before waiting for more.
pub(crate) struct Unpacked<S> {
    input: S,
    state: State,
}

enum State {
    /// What it is shows by more bytes than these.
    Start(Vec<u8>),
    /// It is not packed, and these are its first bytes, which are given up to there.
    Begun(Vec<u8>, usize),
    Plain,
    Packed(Packed),
}

struct Packed {
    unpacker: Unpacker,
    /// What was unpacked, given up to there.
    plain: Vec<u8>,
    given: usize,
    /// Where bytes are read to.
    block: Vec<u8>,
    ended: bool,
}

/// How much is asked of the input at once.
const BLOCK: usize = 64 * 1024;

impl<S> Unpacked<S> {
    pub(crate) fn new(input: S) -> Self {
        Self { input, state: State::Start(Vec::new()) }
    }
}

impl<S: Read> Read for Unpacked<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.state {
            State::Plain => self.input.read(buffer),
            State::Begun(bytes, given) => {
                let length = give(bytes, given, buffer);
                if *given == bytes.len() {
                    self.state = State::Plain;
                }
                Ok(length)
            }
            State::Packed(packed) => packed.read(&mut self.input, buffer),
            State::Start(_) => self.start(buffer),
        }
    }
}

/// Copies what fits.
fn give(bytes: &[u8], given: &mut usize, buffer: &mut [u8]) -> usize {
    let length = (bytes.len() - *given).min(buffer.len());
    buffer[..length].copy_from_slice(&bytes[*given..*given + length]);
    *given += length;
    length
}

impl<S: Read> Unpacked<S> {
    /// Reads the first bytes.
    fn start(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let State::Start(before) = &mut self.state else { return Ok(0) };
        let length = self.input.read(buffer)?;
        let bytes = &buffer[..length];
        if before.is_empty() && begin(bytes) == Begin::Plain {
            self.state = State::Plain;
            return Ok(length);
        }
        before.extend_from_slice(bytes);
        let before = std::mem::take(before);
        self.state = match begin(&before) {
            Begin::Packed(packing) => State::Packed(Packed {
                unpacker: Unpacker::new(packing, before),
                plain: Vec::new(),
                given: 0,
                block: vec![0; BLOCK],
                ended: false,
            }),
            Begin::Unclear if length > 0 => State::Start(before),
            Begin::Unclear | Begin::Plain => State::Begun(before, 0),
        };
        match &self.state {
            State::Begun(..) => self.read(buffer),
            _ => Err(io::ErrorKind::Interrupted.into()),
        }
    }
}

impl Packed {
    fn read(&mut self, input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.plain.len() && !self.unpack()? {
            if self.ended {
                return Ok(0);
            }
            let length = input.read(&mut self.block)?;
            self.ended = length == 0;
            self.unpacker.push(&self.block[..length]);
            if !self.unpack()? {
                return if self.ended { Ok(0) } else { Err(io::ErrorKind::Interrupted.into()) };
            }
        }
        Ok(give(&self.plain, &mut self.given, buffer))
    }

    /// Unpacks the next piece; whether there is one.
    fn unpack(&mut self) -> io::Result<bool> {
        self.plain.clear();
        self.given = 0;
        let bytes = self.unpacker.next().map_err(io::Error::other)?;
        self.plain.extend_from_slice(bytes);
        Ok(!self.plain.is_empty())
    }
}

impl<S: Source> Source for Unpacked<S> {
    fn wait(&mut self, time: Duration) -> bool {
        let is_ready = match &self.state {
            State::Start(_) | State::Plain => false,
            State::Begun(..) => true,
            State::Packed(packed) => {
                packed.given < packed.plain.len() || packed.unpacker.has_more || packed.ended
            }
        };
        is_ready || self.input.wait(time)
    }

    fn aside(&mut self) -> Option<Vec<u8>> {
        self.input.aside()
    }

    fn is_typed(&self) -> bool {
        self.input.is_typed()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// An input that gives a byte at a time.
    struct Slowly<'a>(&'a [u8]);

    impl Read for Slowly<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = buffer.len().min(1);
            self.0.read(&mut buffer[..length])
        }
    }

    fn read(bytes: &[u8]) -> Vec<u8> {
        let mut content = Vec::new();
        Unpacked::new(Slowly(bytes)).read_to_end(&mut content).unwrap();
        content
    }

    #[test]
    fn what_is_not_packed_is_as_it_is() {
        for bytes in [&b""[..], b"(", b"\x1f", b"(\xb5/ a", b"1..1\nok 1\n", b"\xb3)"] {
            assert_eq!(read(bytes), bytes);
        }
    }

    #[test]
    fn what_is_packed_comes_as_soon_as_it_can_be_told() {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(b"one\n").unwrap();
        encoder.flush().unwrap();
        let first = encoder.get_ref().clone();
        encoder.write_all(b"two\n").unwrap();
        assert_eq!(read(&encoder.finish().unwrap()), b"one\ntwo\n");
        let mut unpacked = Unpacked::new(Slowly(&first));
        let mut content = Vec::new();
        let error = unpacked.read_to_end(&mut content).unwrap_err();
        assert_eq!(content, b"one\n");
        assert_eq!(error.to_string(), "the gzip archive ends early, after 4 bytes of its content");
        assert!(super::super::Torn::is(&error));
    }
}
