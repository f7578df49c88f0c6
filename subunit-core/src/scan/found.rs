//! Damage that is being read, damage that is known, and what ends a gap.

use super::proof::Proof;
use crate::PacketError;

#[derive(Clone, Copy, Debug)]
pub(super) struct Blamed {
    pub(super) at: u64,
    pub(super) reason: PacketError,
    pub(super) end: u64,
    pub(super) proof: Option<Proof>,
}

/// Damage from one offset to another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) at: u64,
    pub(super) end: u64,
    pub(super) reason: PacketError,
    pub(super) proof: Option<Proof>,
    /// Its bytes are text, as they were not held back.
    pub(super) is_late: bool,
}

/// What ends a gap.
#[derive(Clone, Copy)]
pub(super) enum Close {
    Packet(u64),
    End(u64),
}

impl Close {
    pub(super) fn at(self) -> u64 {
        match self {
            Self::Packet(at) | Self::End(at) => at,
        }
    }
}
