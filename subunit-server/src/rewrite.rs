//! A stream of any format becomes one of version 2: packets, text and damage as they are, the results of other formats as
//! packets.

use std::io::{self, Write};

use subunit_core::{
    Damage, Event, MAX_LENGTH, Packet, Writer,
    sink::{Flow, Sink},
};

/// Writes what is pushed into it. The first error is kept, and nothing is written after it.
#[derive(Debug)]
pub(crate) struct StreamRewriter<W> {
    output: W,
    bytes: Vec<u8>,
    length: u64,
    failed: Option<io::Error>,
}

impl<W: Write> StreamRewriter<W> {
    pub(crate) fn new(output: W) -> Self {
        Self { output, bytes: Vec::new(), length: 0, failed: None }
    }

    /// How much was written, in bytes.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// The output, if all was written.
    pub(crate) fn into_written(self) -> io::Result<W> {
        self.failed.map_or(Ok(self.output), Err)
    }

    fn take(&mut self, bytes: &[u8]) -> Flow {
        if self.failed.is_none() {
            self.failed = self.output.write_all(bytes).err();
            self.length += bytes.len() as u64;
        }
        if self.failed.is_some() { Flow::Break } else { Flow::Continue }
    }
}

impl<W: Write> Sink for StreamRewriter<W> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        // What cannot be a packet is in no stream.
        let _ = Writer::with_limit(&mut bytes, MAX_LENGTH).event(event);
        let flow = self.take(&bytes);
        self.bytes = bytes;
        flow
    }

    fn packet(&mut self, packet: &Packet<'_>) -> Flow {
        self.take(packet.bytes())
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        self.take(bytes)
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.take(damage.bytes)
    }
}
