//! A reader that is handed bytes of a packed input, such as a multiplexer's of a file.

use subunit_core::{InputReader, sink::Sink};
use subunit_formats::events::emit::Outcome;

use super::{Begin, Unpacker, begin};

/// Hands on what the input holds. An archive that ends early or is damaged is a failure in the stream.
pub(crate) struct UnpackingReader {
    inner: Box<dyn InputReader>,
    state: State,
    /// Where bytes come in, while they are not the inner reader's.
    room: Vec<u8>,
}

enum State {
    Start(Vec<u8>),
    Plain,
    Packed(Unpacker),
}

impl UnpackingReader {
    pub(crate) fn new(inner: Box<dyn InputReader>) -> Self {
        Self { inner, state: State::Start(Vec::new()), room: Vec::new() }
    }

    /// More bytes; none is the end of the input.
    fn push(&mut self, bytes: &[u8], sink: &mut dyn Sink) {
        if let State::Start(before) = &mut self.state {
            before.extend_from_slice(bytes);
            match begin(before) {
                Begin::Unclear if !bytes.is_empty() => return,
                Begin::Packed(packing) => {
                    self.state = State::Packed(Unpacker::new(packing, std::mem::take(before)));
                }
                Begin::Unclear | Begin::Plain => {
                    hand(&mut *self.inner, before, sink);
                    self.state = State::Plain;
                }
            }
        } else if let State::Packed(unpacker) = &mut self.state {
            unpacker.push(bytes);
        }
        let State::Packed(unpacker) = &mut self.state else { return };
        loop {
            match unpacker.next() {
                Ok([]) => return,
                Ok(bytes) => hand(&mut *self.inner, bytes, sink),
                Err(torn) => {
                    Outcome::failure("(input)", &torn.to_string()).push(sink);
                }
            }
        }
    }
}

fn hand(reader: &mut dyn InputReader, bytes: &[u8], sink: &mut dyn Sink) {
    reader.space(bytes.len())[..bytes.len()].copy_from_slice(bytes);
    reader.filled(bytes.len(), sink);
}

impl InputReader for UnpackingReader {
    fn space(&mut self, length: usize) -> &mut [u8] {
        if matches!(self.state, State::Plain) {
            return self.inner.space(length);
        }
        self.room.resize(length, 0);
        &mut self.room
    }

    fn filled(&mut self, length: usize, sink: &mut dyn Sink) {
        if matches!(self.state, State::Plain) {
            return self.inner.filled(length, sink);
        }
        let room = std::mem::take(&mut self.room);
        self.push(room.get(..length).unwrap_or_default(), sink);
        self.room = room;
    }

    fn is_waiting(&self) -> bool {
        self.inner.is_waiting()
    }

    fn pause(&mut self, sink: &mut dyn Sink) {
        self.inner.pause(sink);
    }

    fn settle(&mut self, sink: &mut dyn Sink) {
        self.inner.settle(sink);
    }

    fn give_up(&mut self, sink: &mut dyn Sink) {
        self.inner.give_up(sink);
    }

    fn finish(&mut self, sink: &mut dyn Sink) -> bool {
        self.push(&[], sink);
        self.inner.finish(sink)
    }
}
