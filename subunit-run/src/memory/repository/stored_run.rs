//! A stored run of version 1, read as a stream of packets.

use std::{
    fs::File,
    io::{self, Read},
};

use subunit_core::{Writer, sink::Sink, v1::Parser};

/// How much is read of the file at once.
const BLOCK: usize = 64 * 1024;

/// Turns a file into packets as they are asked for.
#[derive(Debug)]
pub(super) struct StoredRun {
    input: File,
    parser: Parser,
    packets: Vec<u8>,
    /// How many bytes of `packets` were handed out.
    taken: usize,
    block: Vec<u8>,
    ended: bool,
}

impl StoredRun {
    pub(super) fn new(input: File) -> Self {
        let (packets, block) = (Vec::new(), vec![0; BLOCK]);
        Self { input, parser: Parser::new(), packets, taken: 0, block, ended: false }
    }

    /// Reads the next block.
    fn fill(&mut self) -> io::Result<()> {
        let read = self.input.read(&mut self.block)?;
        self.packets.clear();
        self.taken = 0;
        let mut writer = Writer::new(std::mem::take(&mut self.packets));
        if read == 0 {
            self.ended = true;
            self.parser.finish(&mut writer);
        } else {
            self.parser.feed(&self.block[..read], &mut writer);
        }
        Sink::finish(&mut writer);
        self.packets = writer.close()?;
        Ok(())
    }
}

impl Read for StoredRun {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        while self.taken == self.packets.len() && !self.ended {
            match self.fill() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => result?,
            }
        }
        let left = self.packets.get(self.taken..).unwrap_or_default();
        let length = left.len().min(room.len());
        room[..length].copy_from_slice(&left[..length]);
        self.taken += length;
        Ok(length)
    }
}
