//! Bytes as a row of decisions, so that a fuzzer which changes a byte changes a decision.

use crate::{
    EventBuf, FileChunkBuf, RouteCodeBuf, Status, Timestamp,
    wire::{crc, number},
};

/// Decisions out of bytes. When the bytes are used up, each decision is 0, and nothing is long.
#[derive(Clone, Debug)]
pub struct Choices<'a> {
    rest: &'a [u8],
}

impl<'a> Choices<'a> {
    /// The decisions that `bytes` stand for.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Whether all bytes are used up.
    pub const fn is_over(&self) -> bool {
        self.rest.is_empty()
    }

    /// What has not been used.
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.rest.split_first() else { return 0 };
        self.rest = rest;
        *first
    }

    /// A number below `limit`, which is at most 256.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::from(self.byte()) % limit.max(1)
    }

    /// A number below `limit`, from two bytes.
    pub fn index(&mut self, limit: usize) -> usize {
        let number = usize::from(self.byte()) << 8 | usize::from(self.byte());
        number % limit.max(1)
    }

    /// Yes or no.
    pub fn yes(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    /// Four bytes.
    pub fn word(&mut self) -> u32 {
        u32::from_be_bytes([self.byte(), self.byte(), self.byte(), self.byte()])
    }

    /// Up to 255 bytes, their number in front of them.
    pub fn bytes(&mut self) -> &'a [u8] {
        let length = usize::from(self.byte()).min(self.rest.len());
        let (bytes, rest) = self.rest.split_at(length);
        self.rest = rest;
        bytes
    }

    /// Content of a file: up to 254 bytes as they stand, or up to 64 KiB of the same byte.
    pub fn content(&mut self) -> Vec<u8> {
        if self.rest.first() != Some(&0xFF) {
            return self.bytes().to_vec();
        }
        self.byte();
        let length = self.index(1 << 16);
        vec![self.byte(); length]
    }

    /// A string without NUL.
    pub fn string(&mut self) -> String {
        String::from_utf8_lossy(self.bytes()).replace('\0', "0")
    }

    /// A string, or none.
    pub fn option(&mut self, there: bool) -> Option<String> {
        there.then(|| self.string())
    }

    /// Any event that has a place on the wire.
    pub fn event(&mut self) -> EventBuf {
        let [fields, more] = [self.byte(), self.byte()];
        let has = |bit: u8| fields >> bit & 1 == 1;
        EventBuf {
            status: Status::ALL.get(usize::from(more & 7)).copied(),
            test_id: self.option(has(0)),
            timestamp: has(1).then(|| {
                let time = Timestamp::new(self.word(), self.word());
                let fits = time.seconds() <= u64::from(u32::MAX);
                if fits { time } else { Timestamp::new(0, time.nanoseconds()) }
            }),
            tags: has(2).then(|| {
                let tags: Vec<String> = (0..self.below(24)).map(|_| self.string()).collect();
                tags.iter().map(String::as_str).collect()
            }),
            runnable: !has(3),
            mime_type: self.option(has(4)),
            file: has(5)
                .then(|| FileChunkBuf { name: self.string(), bytes: self.content().into() }),
            eof: has(6),
            route_code: self.option(has(7)).map(RouteCodeBuf::new),
        }
    }

    /// A packet with a good checksum, whose fields are any bytes and whose numbers may be longer than
    /// they need to be.
    pub fn sealed(&mut self) -> Vec<u8> {
        let flags = [0x20 | self.byte() & 0x0F, self.byte() & 0xF7];
        let width = 1 + self.below(3);
        let body = self.bytes();
        sealed(flags, width, body)
    }
}

/// Header, body and checksum; the length in `width` bytes, or as many as it needs.
fn sealed(flags: [u8; 2], width: usize, body: &[u8]) -> Vec<u8> {
    let frame = 3 + 4 + body.len();
    let width = (1..=3).find(|w| *w >= width && number::width((frame + w) as u32) <= *w);
    let width = width.unwrap_or(3);
    let length = (frame + width) as u32;
    let mut packet = vec![0xB3, flags[0], flags[1]];
    let bytes = length.to_be_bytes();
    packet.extend_from_slice(&bytes[4 - width..]);
    packet[3] |= (width as u8 - 1) << 6;
    packet.extend_from_slice(body);
    let checksum = crc::checksum(&packet);
    packet.extend_from_slice(&checksum.to_be_bytes());
    packet
}
