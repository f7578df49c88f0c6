//! What a stream is made of.

use crate::{Packet, PacketError};

/// A piece of a stream. The bytes of all items, joined, are the stream.
#[derive(Clone, Copy, Debug)]
pub enum Item<'a> {
    /// A whole packet.
    Packet(Packet<'a>),
    /// Bytes that belong to no packet, in no particular encoding, cut anywhere.
    Text(&'a [u8]),
    /// A place where a packet began and none could be read.
    Damage(Damage<'a>),
}

impl<'a> Item<'a> {
    /// The item's bytes as they stood in the stream.
    pub fn bytes(&self) -> &'a [u8] {
        match self {
            Self::Packet(packet) => packet.bytes(),
            Self::Text(bytes) => bytes,
            Self::Damage(damage) => damage.bytes,
        }
    }
}

/// A place where a packet began and none could be read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Damage<'a> {
    /// Where the packet began, in bytes from the start of the stream.
    pub offset: u64,
    /// What stands there, up to the packet's claimed end or to the next intact packet.
    pub bytes: &'a [u8],
    /// Why it is no packet. `offset + reason.at` is the byte to look at.
    pub reason: PacketError,
}

impl std::fmt::Display for Damage<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "damaged packet at byte {}: {}", self.offset, self.reason)
    }
}
