//! What the search knows.

use std::collections::VecDeque;

use super::{
    evidence::GLANCE,
    found::{Blamed, Found},
    suspects::Suspects,
};
use crate::wire::prefixes::{self, Prefixes};

/// How many bytes before those that [`Scan::keep_from`] asks for a caller must keep: for the checksums of
/// [`Prefixes`] and for characters that begin before a packet.
pub(crate) const HISTORY: usize = LOOK_BACK + 2 * prefixes::SPAN;

/// How far before the next byte to return a packet without its signature may begin.
pub(super) const LOOK_BACK: usize = 2 * GLANCE + 32;

/// How much of a candidate is examined before its end has come: PIPE_BUF, which a pipe takes at once.
pub(super) const WINDOW: usize = 4096;

/// Up to this length, summing a candidate's bytes beats arithmetic on checksums.
pub(super) const DIRECT: usize = 256;

/// Up to this length, one wrong byte is looked for in whatever has the header of a packet, also in text.
pub(super) const SHORT: usize = 1024;

/// How many times the stream may be read for what is no packet.
pub(super) const BUDGET: u64 = 16;

/// How many bytes may be read for evidence in any stream, however short.
pub(super) const FREE: u64 = 1 << 20;

/// How many bytes from an odd one on must be there before a missing signature is looked for around it.
pub(super) const AHEAD: u64 = GLANCE as u64 + 8;

/// A part of the stream.
#[derive(Clone, Copy)]
pub(crate) struct Input<'a> {
    pub(crate) bytes: &'a [u8],
    /// The offset of the first of `bytes` in the stream.
    pub(crate) base: u64,
    /// Whether the stream ends here.
    pub(crate) last: bool,
}

impl<'a> Input<'a> {
    #[inline(always)]
    pub(super) fn from(&self, offset: u64) -> &'a [u8] {
        &self.bytes[(offset - self.base) as usize..]
    }

    pub(super) fn range(&self, from: u64, to: u64) -> &'a [u8] {
        &self.bytes[(from - self.base) as usize..(to - self.base) as usize]
    }

    pub(super) fn end(&self) -> u64 {
        self.base + self.bytes.len() as u64
    }
}

/// The state of the search. Offsets count from the start of the stream.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scan {
    /// Everything before this offset has been returned.
    pub(super) handed_out: u64,
    /// Where the search is; no packet begins in the gap before.
    pub(super) at: u64,
    /// Where the last packet ended.
    pub(super) gap: u64,
    /// Where the last damage ended.
    pub(super) damage_end: u64,
    /// The text before the last packet ended within a character, whose rest may follow the packet.
    pub(super) is_torn: bool,
    /// Damage whose end is not yet known.
    pub(super) blamed: Option<Blamed>,
    pub(super) suspects: Suspects,
    /// Damage that is known and has not been returned.
    pub(super) found: VecDeque<Found>,
    /// Bytes before this offset are not held back for evidence.
    pub(super) let_go: u64,
    /// Up to here the gap was searched for odd bytes, and for signatures that are wrong.
    pub(super) plain_to: u64,
    pub(super) signatures_to: u64,
    /// A candidate before this offset is not waited for, because an intact packet begins here.
    pub(super) impatient_until: u64,
    /// The candidate at this offset has no contradiction in its first `WINDOW` bytes.
    pub(super) examined: Option<u64>,
    /// Bytes before this offset may have been summed already.
    pub(super) summed_to: u64,
    /// Bytes read for packets with good checksums and bad fields.
    pub(super) spent: u64,
    /// Where the last of these packets ends.
    pub(super) spent_on: u64,
    /// Bytes read for evidence.
    pub(super) spent_on_evidence: u64,
    pub(super) prefixes: Prefixes,
}

impl Scan {
    /// Everything before this offset has been returned.
    pub(crate) fn handed_out(&self) -> u64 {
        self.handed_out
    }

    /// Where the last packet ended.
    pub(crate) fn packet_end(&self) -> u64 {
        self.gap
    }

    /// No byte from [`HISTORY`] before this offset on may be dropped.
    #[inline]
    pub(crate) fn keep_from(&self) -> u64 {
        let kept = self.handed_out.min(self.at);
        // In a row of packets there is nothing else.
        if kept == self.gap { kept } else { self.keep_from_evidence(kept) }
    }

    fn keep_from_evidence(&self, kept: u64) -> u64 {
        let blamed = self.blamed.map_or(u64::MAX, |blamed| blamed.at);
        let found = self.found.iter().map(|found| found.at).min().unwrap_or(u64::MAX);
        kept.min(blamed).min(found).min(self.suspects.first())
    }

    /// Whether the search waits for more bytes, or holds some back.
    pub(crate) fn is_waiting(&self, end: u64) -> bool {
        self.at < end || self.handed_out < end
    }
}
