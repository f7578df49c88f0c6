//! One whole packet whose checksum and fields hold.
//!
//! ```text
//! 0xB3 | flags u16 | length number | body (see fields.rs) | CRC-32 u32
//! ```
//!
//! All integers are big-endian, the length is that of the whole packet, the checksum is over all
//! bytes before it. Source: the protocol's section "Version 2", "Packet layout".

use bytes::Bytes;

use crate::{
    Event, PacketError, PacketErrorKind,
    wire::{
        crc, fields,
        flags::Flags,
        layout::{BEFORE_LENGTH, CRC_LENGTH, SIGNATURE},
        number,
    },
};

/// What the first bytes of a packet say about its extent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Header {
    pub(crate) flags: Flags,
    /// The whole packet, signature to checksum.
    pub(crate) length: usize,
    /// Where the body begins.
    pub(crate) body: usize,
}

/// The result of looking at the first bytes of what may be a packet.
pub(crate) enum Head {
    /// A plausible header.
    Plausible(Header),
    /// Plausible so far; more bytes are needed.
    Short,
    /// Not the header of a packet.
    Not(PacketError),
}

impl Head {
    /// Reads version, reserved bit and length; refuses them at the first byte that is wrong.
    #[inline(always)]
    pub(crate) fn read(bytes: &[u8]) -> Self {
        // No packet is shorter than this, and four bytes are what numbers are read fastest from.
        if let [SIGNATURE, high, low, a, b, c, d, ..] = *bytes {
            return Self::of(high, low, &[a, b, c, d]);
        }
        Self::read_short(bytes)
    }

    fn read_short(bytes: &[u8]) -> Self {
        match *bytes {
            [] => Self::Short,
            [SIGNATURE] => Self::Short,
            [SIGNATURE, high, ref rest @ ..] => {
                let low = rest.first().copied().unwrap_or(0);
                Self::of(high, low, rest.get(1..).unwrap_or_default())
            }
            _ => Self::Not(PacketError { kind: PacketErrorKind::Signature, at: 0 }),
        }
    }

    #[inline(always)]
    fn of(high: u8, low: u8, length: &[u8]) -> Self {
        let flags = Flags::from_bytes([high, low]);
        if high >> 4 != 2 {
            return Self::Not(PacketError { kind: PacketErrorKind::Version(high >> 4), at: 1 });
        }
        if flags.has(Flags::RESERVED) {
            return Self::Not(PacketError { kind: PacketErrorKind::Reserved, at: 2 });
        }
        let Some(first) = length.first() else { return Self::Short };
        let body = BEFORE_LENGTH + number::width_from_first(*first);
        let bad_length = Self::Not(PacketError { kind: PacketErrorKind::Length, at: 3 });
        // "The length is less than 4 MiB": a number of four bytes never is one.
        if body > BEFORE_LENGTH + 3 {
            return bad_length;
        }
        let Some((length, _)) = number::split(length) else { return Self::Short };
        let length = length as usize;
        if length < body + CRC_LENGTH {
            return bad_length;
        }
        Self::Plausible(Header { flags, length, body })
    }
}

impl Header {
    /// Reads the fields of a packet of exactly this header's length, whose checksum holds.
    #[inline(always)]
    pub(crate) fn event<'a>(&self, packet: &'a [u8]) -> Result<Event<'a>, PacketError> {
        fields::decode(self.flags, &packet[self.body..packet.len() - CRC_LENGTH], self.body)
    }
}

/// Compares the checksum at the end of `packet` (8 bytes at the least) with that of its bytes.
#[inline(always)]
pub(crate) fn check(packet: &[u8]) -> Result<(), PacketError> {
    let (summed, stored) = split_checksum(packet);
    let computed = crc::checksum(summed);
    if stored == computed { Ok(()) } else { Err(checksum_error(packet.len(), stored, computed)) }
}

#[inline(always)]
pub(crate) fn split_checksum(packet: &[u8]) -> (&[u8], u32) {
    match packet.split_last_chunk::<CRC_LENGTH>() {
        Some((summed, stored)) => (summed, u32::from_be_bytes(*stored)),
        None => (&[], 0),
    }
}

#[cold]
pub(crate) fn checksum_error(length: usize, stored: u32, computed: u32) -> PacketError {
    let at = (length - CRC_LENGTH) as u32;
    PacketError { kind: PacketErrorKind::Checksum { stored, computed }, at }
}

/// One whole packet: its checksum holds and its fields are well-formed. Borrows from what was read.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    bytes: &'a [u8],
    event: Event<'a>,
}

impl<'a> Packet<'a> {
    /// Reads the packet that `bytes` begin with.
    ///
    /// # Errors
    ///
    /// Says what is wrong and where. Bytes that may become a packet when more of them arrive are
    /// [`PacketErrorKind::Truncated`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, PacketError> {
        let truncated = PacketError { kind: PacketErrorKind::Truncated, at: bytes.len() as u32 };
        let header = match Head::read(bytes) {
            Head::Plausible(header) => header,
            Head::Short => return Err(truncated),
            Head::Not(error) => return Err(error),
        };
        let bytes = bytes.get(..header.length).ok_or(truncated)?;
        check(bytes)?;
        Ok(Self::from_checked(bytes, header.event(bytes)?))
    }

    #[inline(always)]
    pub(crate) fn from_checked(bytes: &'a [u8], event: Event<'a>) -> Self {
        Self { bytes, event }
    }

    /// The bytes of the packet, signature to checksum.
    #[inline]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// What the packet says.
    #[inline]
    pub fn event(&self) -> &Event<'a> {
        &self.event
    }

    pub(crate) fn flags(&self) -> Flags {
        Flags::from_bytes([self.bytes[1], self.bytes[2]])
    }

    /// Where the body begins.
    pub(crate) fn body(&self) -> usize {
        BEFORE_LENGTH + number::width_from_first(self.bytes[BEFORE_LENGTH])
    }

    /// A copy that owns the bytes.
    pub fn to_buf(&self) -> PacketBuf {
        PacketBuf(Bytes::copy_from_slice(self.bytes))
    }
}

/// A [`Packet`] that owns its bytes; clones share them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PacketBuf(Bytes);

impl PacketBuf {
    /// Reads `bytes` that are exactly one packet.
    ///
    /// # Errors
    ///
    /// As [`Packet::parse`]; bytes after the packet are a [`PacketErrorKind::Length`].
    pub fn new(bytes: Bytes) -> Result<Self, PacketError> {
        let length = Packet::parse(&bytes)?.bytes.len();
        if length != bytes.len() {
            return Err(PacketError { kind: PacketErrorKind::Length, at: length as u32 });
        }
        Ok(Self(bytes))
    }

    /// The packet, signature to checksum.
    pub fn bytes(&self) -> &Bytes {
        &self.0
    }

    /// The same packet, borrowed.
    pub fn as_packet(&self) -> Packet<'_> {
        Packet::parse(&self.0).expect("was checked when it was made")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOO_EXISTS: &[u8] = b"\xb3\x29\x01\x0c\x03foo\x08\x55\x5f\x1b";

    #[test]
    fn every_prefix_is_truncated() {
        for cut in 0..FOO_EXISTS.len() {
            let error = Packet::parse(&FOO_EXISTS[..cut]).unwrap_err();
            assert_eq!(error, PacketError { kind: PacketErrorKind::Truncated, at: cut as u32 });
        }
        assert_eq!(Packet::parse(FOO_EXISTS).unwrap().event().test_id, Some("foo"));
    }

    #[test]
    fn says_what_is_wrong_with_a_header() {
        use PacketErrorKind::*;
        for (bytes, kind, at) in [
            (&b"text"[..], Signature, 0),
            (b"\xb3\x39\x01\x0c\x03foo", Version(3), 1),
            (b"\xb3\x29\x09\x0c\x03foo", Reserved, 2),
            (b"\xb3\x29\x01\x07\x03foo", Length, 3),
            (b"\xb3\x29\x01\xc0\x00\x00\x20", Length, 3),
        ] {
            assert_eq!(Packet::parse(bytes).unwrap_err(), PacketError { kind, at });
        }
    }

    #[test]
    fn an_owned_packet_is_exactly_one() {
        let owned = PacketBuf::new(Bytes::from_static(FOO_EXISTS)).unwrap();
        assert_eq!(owned.as_packet().bytes(), FOO_EXISTS);
        assert!(PacketBuf::new([FOO_EXISTS, b"\n"].concat().into()).is_err());
    }
}
