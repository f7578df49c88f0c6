//! The two bytes after the signature: version, which fields are present, and the status.
//!
//! Source: the protocol's section "Version 2", "Packet layout".

use crate::Status;

/// Version nibble, presence bits and status of a packet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Flags(u16);

impl Flags {
    pub(crate) const TEST_ID: u16 = 0x0800;
    pub(crate) const ROUTE_CODE: u16 = 0x0400;
    pub(crate) const TIMESTAMP: u16 = 0x0200;
    pub(crate) const RUNNABLE: u16 = 0x0100;
    pub(crate) const TAGS: u16 = 0x0080;
    pub(crate) const FILE: u16 = 0x0040;
    pub(crate) const MIME_TYPE: u16 = 0x0020;
    pub(crate) const EOF: u16 = 0x0010;
    /// Must be zero in version 2.
    pub(crate) const RESERVED: u16 = 0x0008;
    const VERSION_2: u16 = 0x2000;
    const STATUS: u16 = 0x0007;

    /// Version 2, no field, the given status.
    pub(crate) fn new(status: Option<Status>) -> Self {
        Self(Self::VERSION_2 | status.map_or(0, Status::code))
    }

    pub(crate) const fn from_bytes(bytes: [u8; 2]) -> Self {
        Self(u16::from_be_bytes(bytes))
    }

    pub(crate) const fn to_bytes(self) -> [u8; 2] {
        self.0.to_be_bytes()
    }

    #[inline(always)]
    pub(crate) const fn has(self, bit: u16) -> bool {
        self.0 & bit != 0
    }

    /// The same flags with `bit` set or cleared.
    pub(crate) const fn with(self, bit: u16, set: bool) -> Self {
        if set { Self(self.0 | bit) } else { Self(self.0 & !bit) }
    }

    /// The bits in which the two differ.
    pub(crate) const fn difference(self, other: Self) -> u16 {
        self.0 ^ other.0
    }

    #[inline(always)]
    pub(crate) const fn status(self) -> Option<Status> {
        Status::from_code(self.0 & Self::STATUS)
    }
}
