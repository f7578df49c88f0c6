//! Decides what a 0xB3 is: a packet, what might have been one, or text.

use super::{
    evidence::{GLANCE, looks_written},
    state::{BUDGET, DIRECT, Input, LOOK_BACK, Scan, WINDOW},
    suspects::Claim,
};
use crate::{
    Packet, PacketError, PacketErrorKind,
    wire::{
        crc, fields,
        flags::Flags,
        layout::{BEFORE_LENGTH, CRC_LENGTH, MAX_LENGTH, SIGNATURE},
        packet::{self, Head, Header},
    },
};

/// What a candidate is.
pub(super) enum Candidate<'a> {
    Packet(Packet<'a>),
    Bad(Bad),
    /// Nothing that could have been a packet.
    Text,
    /// More bytes are needed.
    Wait,
}

/// A candidate that is no packet.
pub(super) struct Bad {
    pub(super) claim: Claim,
    pub(super) reason: PacketError,
    /// All bytes that it claims are there, and none of the first contradicts it.
    pub(super) is_whole: bool,
    /// Its checksum holds, so a writer meant it.
    pub(super) is_sealed: bool,
    /// After how many bytes the search goes on.
    pub(super) skip: usize,
}

impl Scan {
    /// What the 0xB3 at hand is.
    pub(super) fn candidate<'a>(&mut self, input: Input<'a>) -> Candidate<'a> {
        let bytes = input.from(self.at);
        match Head::read(bytes) {
            Head::Plausible(header) => self.weigh(header, input),
            Head::Short => self.cut_short(Claim::Short, bytes.len(), input),
            Head::Not(error) => self.odd_header(error, input),
        }
    }

    /// A header that is wrong in one byte may be that of a damaged packet.
    fn odd_header<'a>(&mut self, reason: PacketError, input: Input<'a>) -> Candidate<'a> {
        let more = if self.waits(input) { Candidate::Wait } else { Candidate::Text };
        let bad = |claim| {
            Candidate::Bad(Bad { claim, reason, is_whole: false, is_sealed: false, skip: 1 })
        };
        if self.blamed.is_some() || self.is_in_character(input) {
            return Candidate::Text;
        }
        let [_, high, low, length @ ..] = input.from(self.at) else { return more };
        if let PacketErrorKind::Length = reason.kind {
            return bad(Claim::NoLength(Flags::from_bytes([*high, *low])));
        }
        let mended = match reason.kind {
            PacketErrorKind::Version(_) => [SIGNATURE, high & 0x0F | 0x20, *low],
            _ => [SIGNATURE, *high, low & !(Flags::RESERVED as u8)],
        };
        let mut head = [0; BEFORE_LENGTH + 4];
        let there = length.len().min(4);
        head[..BEFORE_LENGTH].copy_from_slice(&mended);
        head[BEFORE_LENGTH..][..there].copy_from_slice(&length[..there]);
        match Head::read(&head[..BEFORE_LENGTH + there]) {
            Head::Plausible(header) => bad(Claim::Length(header)),
            Head::Short => more,
            Head::Not(_) => Candidate::Text,
        }
    }

    /// Is the candidate a packet?
    fn weigh<'a>(&mut self, header: Header, input: Input<'a>) -> Candidate<'a> {
        let bytes = input.from(self.at);
        let claim = Claim::Header(header);
        let Some(bytes) = bytes.get(..header.length) else {
            return match self.refuted(header, bytes) {
                Some(reason) => self.contradicted(claim, reason, input),
                None => self.cut_short(claim, bytes.len(), input),
            };
        };
        let (reason, is_sealed) = match self.check(bytes, input) {
            Err(error) => (error, false),
            Ok(()) => match header.event(bytes) {
                Ok(event) => return Candidate::Packet(Packet::from_checked(bytes, event)),
                Err(error) if self.is_over_budget(header, error) => {
                    let skip = header.length;
                    return Candidate::Bad(Bad {
                        claim,
                        reason: error,
                        is_whole: true,
                        is_sealed: true,
                        skip,
                    });
                }
                Err(error) => (error, true),
            },
        };
        if self.spend(GLANCE)
            && let Some(reason) = contradiction(header, bytes)
        {
            self.spend(reason.at as usize);
            return self.contradicted(claim, reason, input);
        }
        Candidate::Bad(Bad { claim, reason, is_whole: true, is_sealed, skip: 1 })
    }

    /// Whether damage and the candidate in it would be longer than the longest packet.
    pub(super) fn has_no_room(&self, input: Input<'_>) -> bool {
        self.blamed.is_some_and(|blamed| match Head::read(input.from(self.at)) {
            Head::Plausible(header) => {
                self.at + header.length as u64 - blamed.at > MAX_LENGTH as u64
            }
            _ => false,
        })
    }

    /// A candidate that its beginning rules out. A glance at its bytes decides whether they wait.
    fn contradicted<'a>(
        &self,
        claim: Claim,
        reason: PacketError,
        input: Input<'a>,
    ) -> Candidate<'a> {
        if self.blamed.is_none()
            && let Claim::Header(header) = claim
            && looks_written(header, input.from(self.at)).is_none()
            && self.waits(input)
        {
            return Candidate::Wait;
        }
        Candidate::Bad(Bad { claim, reason, is_whole: false, is_sealed: false, skip: 1 })
    }

    /// What becomes of a candidate whose end is not there.
    fn cut_short<'a>(&self, claim: Claim, there: usize, input: Input<'a>) -> Candidate<'a> {
        if self.waits(input) {
            return Candidate::Wait;
        }
        let reason = PacketError { kind: PacketErrorKind::Truncated, at: there as u32 };
        Candidate::Bad(Bad { claim, reason, is_whole: false, is_sealed: false, skip: 1 })
    }

    /// Whether the candidate at hand is waited for.
    fn waits(&self, input: Input<'_>) -> bool {
        !input.last && self.at >= self.impatient_until
    }

    /// Counts what it cost to find the fault of a packet with a good checksum.
    fn is_over_budget(&mut self, header: Header, error: PacketError) -> bool {
        // Where the stream came in pieces, such a fault was found before there was a checksum.
        if (error.at as usize) < WINDOW {
            return false;
        }
        self.spent += u64::from(error.at);
        self.spent_on = self.spent_on.max(self.at + header.length as u64);
        self.spent > BUDGET * self.spent_on
    }

    /// A contradiction in the beginning of a candidate whose end is not there.
    fn refuted(&mut self, header: Header, bytes: &[u8]) -> Option<PacketError> {
        if self.examined == Some(self.at) {
            return None;
        }
        let error = contradiction(header, bytes);
        if error.is_none() && bytes.len() >= WINDOW {
            self.examined = Some(self.at);
        }
        error
    }

    /// Compares checksums, without summing any byte often.
    #[inline(always)]
    pub(super) fn check(&mut self, bytes: &[u8], input: Input<'_>) -> Result<(), PacketError> {
        let direct = bytes.len() <= DIRECT || self.at >= self.summed_to;
        let (summed, stored) = packet::split_checksum(bytes);
        let computed =
            if direct { crc::checksum(summed) } else { self.summed(self.at, summed.len(), input) };
        // Also where the checksum holds: the fields may not.
        if direct && bytes.len() > DIRECT {
            self.summed_to = self.at + bytes.len() as u64;
        }
        if stored == computed {
            return Ok(());
        }
        Err(packet::checksum_error(bytes.len(), stored, computed))
    }

    /// The checksum of bytes that may have been summed before.
    #[inline(never)]
    pub(super) fn summed(&mut self, at: u64, length: usize, input: Input<'_>) -> u32 {
        let oldest = self.keep_from().min(at).saturating_sub(LOOK_BACK as u64);
        self.prefixes.checksum(input.bytes, input.base, oldest, at, length)
    }
}

/// What rules out a candidate by its first `WINDOW` bytes.
fn contradiction(header: Header, bytes: &[u8]) -> Option<PacketError> {
    let body_end = header.length - CRC_LENGTH;
    let there = bytes.len().min(WINDOW).min(body_end);
    let body = bytes.get(header.body..there)?;
    fields::contradiction(header.flags, body, body_end - there, header.body)
}
