//! Places in text where a packet may have been written: what is known of each, and when it is judged.
//!
//! A suspect is certainly no packet. Whether it is damage or text may depend on later bytes: its claimed end,
//! the next packet. Until then it waits here.

use crate::{
    PacketError,
    wire::{flags::Flags, packet::Header},
};

/// How many places are remembered at once, a hundred bytes each. Text with very many 0xB3 has one every dozen
/// bytes; of those, the oldest that look least like packets are forgotten.
const MANY: usize = 64;

/// What the header of a suspect says.
#[derive(Clone, Copy, Debug)]
pub(super) enum Claim {
    /// All of a header.
    Header(Header),
    /// A length, under a version or with a bit that version 2 does not have.
    Length(Header),
    /// No length that a packet can have.
    NoLength(Flags),
    /// All of a header but for the signature.
    NoSignature(Header),
    /// The stream ended within the header.
    Short,
}

impl Claim {
    pub(super) fn length(&self) -> Option<usize> {
        match self {
            Self::Header(header) | Self::Length(header) | Self::NoSignature(header) => {
                Some(header.length)
            }
            Self::NoLength(_) | Self::Short => None,
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Suspect {
    pub(super) at: u64,
    pub(super) claim: Claim,
    pub(super) reason: PacketError,
    /// When the bytes up to this offset are there it is judged, if no packet came before.
    pub(super) due: u64,
    /// Its bytes are not returned before it is judged.
    pub(super) holds: bool,
    /// It stands where a packet is due: at the start, or after a packet.
    pub(super) in_row: bool,
    /// It begins a line.
    pub(super) in_line: bool,
    /// Its 0xB3 lies inside a UTF-8 character, so only a proof makes it damage.
    pub(super) in_character: bool,
    /// All that it claims is there, and its beginning does not contradict it.
    pub(super) is_whole: bool,
    /// A single wrong byte was looked for within its length.
    pub(super) searched: bool,
}

/// In the order of the stream.
#[derive(Clone, Debug, Default)]
pub(super) struct Suspects(Vec<Suspect>);

impl Suspects {
    pub(super) fn push(&mut self, suspect: Suspect) {
        if self.0.len() == MANY {
            let least = self.0.iter().position(|suspect| !suspect.holds);
            self.0.remove(least.unwrap_or(0));
        }
        let before = self.0.partition_point(|other| other.at <= suspect.at);
        self.0.insert(before, suspect);
    }

    /// The next offset at which one is judged.
    pub(super) fn due(&self) -> u64 {
        self.0.iter().map(|suspect| suspect.due).min().unwrap_or(u64::MAX)
    }

    /// From where on bytes are held back.
    pub(super) fn held_from(&self) -> u64 {
        self.0.iter().find(|suspect| suspect.holds).map_or(u64::MAX, |suspect| suspect.at)
    }

    /// From where on bytes are still needed.
    pub(super) fn first(&self) -> u64 {
        self.0.first().map_or(u64::MAX, |suspect| suspect.at)
    }

    /// Removes and returns the first one that is due.
    pub(super) fn take_due(&mut self, due: u64) -> Option<Suspect> {
        let at = self.0.iter().position(|suspect| suspect.due <= due)?;
        Some(self.0.remove(at))
    }

    /// Removes and returns all before an offset.
    pub(super) fn take_before(&mut self, offset: u64) -> Vec<Suspect> {
        let rest = self.0.partition_point(|suspect| suspect.at < offset);
        self.0.drain(..rest).collect()
    }

    /// Forgets all within damage.
    pub(super) fn forget_between(&mut self, from: u64, to: u64) {
        self.0.retain(|suspect| suspect.at < from || suspect.at >= to);
    }
}
