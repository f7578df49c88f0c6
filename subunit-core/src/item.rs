//! What a stream is made of.

use bytes::Bytes;

use crate::{Event, EventBuf, FileChunk, Packet, PacketBuf, PacketError, Status};

const TEXT_MIME_TYPE: &str = "text/plain;charset=utf8";

/// A piece of a stream. The bytes of all items, joined, are the stream; see [`Damage::bytes`] for live
/// streams.
#[derive(Clone, Copy, Debug)]
pub enum Item<'a> {
    /// A whole packet.
    Packet(Packet<'a>),
    /// Bytes that belong to no packet, in no particular encoding, cut anywhere.
    Text(&'a [u8]),
    /// A place where a packet was written that cannot be read.
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

/// A place where a packet was written that cannot be read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Damage<'a> {
    /// Where the packet began, in bytes from the start of the stream.
    pub offset: u64,
    /// How many bytes are damaged: up to the packet's claimed end or to the next intact packet.
    pub length: usize,
    /// Those bytes, without what was returned as text before it was known to be damage. Usually these are
    /// all; if the evidence came late, none.
    pub bytes: &'a [u8],
    /// Why it is not a packet. `offset + reason.at` is the byte to look at.
    pub reason: PacketError,
    /// What the packet was, if that can be proved.
    pub mended: Option<Mended<'a>>,
}

/// The proof that damaged bytes were a packet: if one byte is changed, they are one again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Mended<'a> {
    /// The packet as it is in the stream.
    pub packet: &'a [u8],
    /// Which of its bytes is wrong.
    pub at: u32,
    /// What that byte should be.
    pub value: u8,
}

impl Mended<'_> {
    /// The packet as it was written; `None` if the change does not make it one.
    pub fn packet(&self) -> Option<PacketBuf> {
        let mut packet = self.packet.to_vec();
        *packet.get_mut(self.at as usize)? = self.value;
        PacketBuf::new(packet.into()).ok()
    }
}

impl<'a> Damage<'a> {
    /// Damage of which only the place is known.
    pub fn new(offset: u64, bytes: &'a [u8], reason: PacketError) -> Self {
        Self { offset, length: bytes.len(), bytes, reason, mended: None }
    }

    /// What the packet said before it was damaged, if that can be proved.
    pub fn said(&self) -> Option<PacketBuf> {
        self.mended.and_then(|mended| mended.packet())
    }

    /// The failure of a test that this damage means. If the damaged packet provably said how a test ended,
    /// that test failed, with this damage as the file `reason`. It failed even if the packet said that it
    /// passed, since a damaged packet cannot be trusted.
    pub fn failure(&self) -> Option<EventBuf> {
        let packet = self.said()?;
        let packet = packet.as_packet();
        let said = packet.event();
        said.test_id?;
        said.status.filter(|status| status.is_final())?;
        let reason = self.to_string();
        let file = Some(FileChunk { name: "reason", bytes: reason.as_bytes() });
        let failure = Event {
            status: Some(Status::Fail),
            file,
            mime_type: Some(TEXT_MIME_TYPE),
            eof: true,
            ..*said
        };
        Some(failure.to_buf())
    }
}

/// A [`Damage`] that owns its bytes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DamageBuf {
    offset: u64,
    length: usize,
    bytes: Bytes,
    reason: PacketError,
    /// As [`Mended`].
    mended: Option<(Bytes, u32, u8)>,
}

impl DamageBuf {
    /// The same damage, borrowed.
    pub fn as_damage(&self) -> Damage<'_> {
        let Self { offset, length, bytes, reason, mended } = self;
        let mended = mended.as_ref();
        let mended = mended.map(|(packet, at, value)| Mended { packet, at: *at, value: *value });
        Damage { offset: *offset, length: *length, bytes, reason: *reason, mended }
    }
}

impl From<&Damage<'_>> for DamageBuf {
    fn from(damage: &Damage<'_>) -> Self {
        let Damage { offset, length, bytes, reason, mended } = *damage;
        let mended =
            mended.map(|Mended { packet, at, value }| (Bytes::copy_from_slice(packet), at, value));
        Self { offset, length, bytes: Bytes::copy_from_slice(bytes), reason, mended }
    }
}

impl std::fmt::Display for Damage<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "damaged packet at byte {}: ", self.offset)?;
        let (Some(mended), Some(packet)) = (self.mended, self.said()) else {
            return self.reason.fmt(f);
        };
        write!(f, "one wrong byte (byte {} of the packet)", mended.at)?;
        let packet = packet.as_packet();
        let event = packet.event();
        f.write_str("; it said:")?;
        if let Some(status) = event.status {
            write!(f, " {status}")?;
        }
        if let Some(test_id) = event.test_id {
            write!(f, " {test_id}")?;
        }
        if let Some(file) = event.file.filter(|_| event.status.is_none()) {
            write!(f, " file {}", file.name)?;
        }
        Ok(())
    }
}
