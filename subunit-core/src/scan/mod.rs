//! WHERE packets start and end: synchronisation, lengths, checksums, recovery, blame.
//!
//! # Notes for whoever changes this
//!
//! A stream is packets and text in any mixture, possibly torn. [`Scan::step`] looks at a slice of it and
//! names the next item. It reads nothing, owns no bytes, and gives the same items however the stream
//! is cut into slices: whatever it decides depends on bytes and their offsets, never on how many of
//! them happened to be there.
//!
//! * A *candidate* is a 0xB3 with a plausible header (version 2, reserved bit clear, a possible
//!   length). It is accepted if its checksum and its fields hold, wherever it stands (rule R3).
//!   Otherwise the search goes on one byte later (rule R4).
//! * A *gap* is what lies between two packets. What in a gap was written as a packet is *damage*, the rest
//!   is text (rule R5). It takes evidence to tell them apart, see `evidence.rs` and `proof.rs`; a place
//!   that is looked at for it is a *suspect*. It is judged when the gap ends, or when [`WINDOW`] bytes
//!   have come without an end; a claim that is longer is judged once more when its bytes are there.
//! * Which bytes wait: those of a candidate that nothing contradicts, up to its claimed end; those of
//!   a suspect that looks written or stands right after a packet, with what follows, up to [`WINDOW`]
//!   bytes; up to [`GLANCE`] bytes to tell whether it does. All other text is handed out at once, and
//!   damage found in it later is an item without bytes.
//! * What has waited for too long is let go, see [`Scan::settle`]. It keeps its place in the search, so
//!   the same damage is told, and the same packets.
//! * Damage reaches to the packet's claimed end, but stops in front of an intact packet, and early where
//!   keeping it in memory together with a candidate inside it would take more than the longest packet.
//! * The reason of damage is the first byte among the first [`WINDOW`] that no packet can have there, else
//!   the checksum. Where one wrong byte is proved, that is told as well.
//!
//! # Why it is linear (rule R6)
//!
//! Candidates can overlap: every six bytes may claim 4 MiB. What a candidate costs:
//!
//! * Its header: constant.
//! * Its checksum: at most [`DIRECT`] bytes summed, or the candidate begins after all that was summed
//!   before, or it is constant by [`Prefixes`]. The checksum is tested before the fields.
//! * Its beginning: at most `WINDOW` bytes, and what is read of it counts as below.
//! * Its fields, if the checksum holds: as long as what stands before the fault. A packet with a good
//!   checksum and bad fields was written so on purpose, and such packets can be nested to make this
//!   quadratic. So the bytes spent on them are counted, but for those within `WINDOW`, which are found
//!   bad before their end has come; once they are [`BUDGET`] times the stream up to the last of their
//!   ends, the packet at hand is passed over as a whole instead of searched.
//! * Evidence and proofs: what they read is counted, and once it is [`BUDGET`] times the stream so far
//!   and a MiB, there is no more of it. Suspects are at most a few dozen at once.
//!
//! Guarded by the tests in `tests/rules/`.

mod evidence;
mod plain;
mod proof;
mod suspects;

use std::collections::VecDeque;

use self::{
    evidence::{Ending, Evidence, GLANCE, is_latin_1, looks_written},
    plain::{Plain, plain},
    proof::Proof,
    suspects::{Claim, Suspect, Suspects},
};
use crate::{
    Damage, Item, Mended, Packet, PacketError, PacketErrorKind,
    wire::{
        crc, fields,
        flags::Flags,
        packet::{self, BEFORE_LENGTH, CRC_LENGTH, Head, Header, MAX_LENGTH, SIGNATURE},
        prefixes::{self, Prefixes},
    },
};

/// How many bytes before those that [`Scan::keep_from`] asks for a caller must keep: for the checksums of
/// [`Prefixes`] and for characters that begin before a packet.
pub(crate) const HISTORY: usize = LOOK_BACK + 2 * prefixes::SPAN;

/// So far before what is handed out a packet without its signature may be found to begin.
const LOOK_BACK: usize = 2 * GLANCE + 32;

/// How much of a candidate is examined before its end has come: PIPE_BUF, what a pipe takes at once.
const WINDOW: usize = 4096;

/// Up to this length, summing a candidate's bytes beats arithmetic on checksums.
const DIRECT: usize = 256;

/// Up to this length, one wrong byte is looked for in whatever has the header of a packet, also in text.
const SHORT: usize = 1024;

/// How many times over bytes are read for what is no packet.
const BUDGET: u64 = 16;

/// So many bytes are read for evidence in any stream, however short.
const FREE: u64 = 1 << 20;

/// How many bytes from an odd one on must be there before a missing signature is looked for around it.
const AHEAD: u64 = GLANCE as u64 + 8;

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
    fn from(&self, offset: u64) -> &'a [u8] {
        &self.bytes[(offset - self.base) as usize..]
    }

    fn range(&self, from: u64, to: u64) -> &'a [u8] {
        &self.bytes[(from - self.base) as usize..(to - self.base) as usize]
    }

    fn end(&self) -> u64 {
        self.base + self.bytes.len() as u64
    }
}

/// The state of the search. Offsets count from the start of the stream.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scan {
    /// Everything before has been handed out.
    handed_out: u64,
    /// Where the search stands; no packet begins in the gap before.
    at: u64,
    /// Where the last packet ended.
    gap: u64,
    /// Where the last damage ended.
    damage_end: u64,
    /// The text before the last packet ended within a character, whose rest may follow the packet.
    is_torn: bool,
    /// Damage whose end is not yet known.
    blamed: Option<Blamed>,
    suspects: Suspects,
    /// Damage that is known and has not been handed out.
    found: VecDeque<Found>,
    /// Bytes before this offset are not held back for evidence.
    let_go: u64,
    /// Up to here the gap was searched for odd bytes, and for signatures that are wrong.
    plain_to: u64,
    signatures_to: u64,
    /// A candidate before this offset is not waited for, because an intact packet begins here.
    impatient_until: u64,
    /// The candidate at this offset has no contradiction in its first `WINDOW` bytes.
    examined: Option<u64>,
    /// Bytes before this offset may have been summed already.
    summed_to: u64,
    /// Bytes read for packets with good checksums and bad fields.
    spent: u64,
    /// Where the last of these packets ends.
    spent_on: u64,
    /// Bytes read for evidence.
    spent_on_evidence: u64,
    prefixes: Prefixes,
}

#[derive(Clone, Copy, Debug)]
struct Blamed {
    at: u64,
    reason: PacketError,
    end: u64,
    proof: Option<Proof>,
}

/// Damage from one offset to another.
#[derive(Clone, Copy, Debug)]
struct Found {
    at: u64,
    end: u64,
    reason: PacketError,
    proof: Option<Proof>,
    /// Its bytes are text, as they were not held back.
    is_late: bool,
}

/// What ends a gap.
#[derive(Clone, Copy)]
enum Close {
    Packet(u64),
    End(u64),
}

impl Close {
    fn at(self) -> u64 {
        match self {
            Self::Packet(at) | Self::End(at) => at,
        }
    }
}

/// What became of a candidate.
enum Outcome<'a> {
    Packet(Packet<'a>),
    Bad(Bad),
    /// Nothing that could have been a packet.
    Text,
    /// More bytes are needed.
    Wait,
}

/// A candidate that is no packet.
struct Bad {
    claim: Claim,
    reason: PacketError,
    /// All bytes that it claims are there, and none of the first contradicts it.
    is_whole: bool,
    /// Its checksum holds, so a writer meant it.
    is_sealed: bool,
    /// The search goes on after so many bytes.
    skip: usize,
}

impl Scan {
    /// Everything before this offset has been handed out.
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

    /// The next item; `None` where more bytes are needed, or at the end of the stream.
    ///
    /// `input` begins at most [`HISTORY`] bytes before [`Scan::keep_from`] or at the stream's start.
    #[inline]
    pub(crate) fn step<'a>(&mut self, input: Input<'a>) -> Option<Item<'a>> {
        if self.at == self.gap
            && let Some(packet) = self.next_in_row(input)
        {
            return Some(Item::Packet(packet));
        }
        self.search(input)
    }

    /// The common case: a whole and intact packet right after the last one.
    #[inline(always)]
    fn next_in_row<'a>(&mut self, input: Input<'a>) -> Option<Packet<'a>> {
        let bytes = input.from(self.at);
        let Head::Plausible(header) = Head::read(bytes) else { return None };
        let bytes = bytes.get(..header.length)?;
        self.check(bytes, input).ok()?;
        let event = header.event(bytes).ok()?;
        self.end_packet(header.length);
        Some(Packet::from_checked(bytes, event))
    }

    /// A packet of so many bytes is handed out; of what was let go before it was one, once more.
    #[inline(always)]
    fn end_packet(&mut self, length: usize) {
        self.at += length as u64;
        self.gap = self.at;
        self.handed_out = self.handed_out.max(self.at);
    }

    fn search<'a>(&mut self, input: Input<'a>) -> Option<Item<'a>> {
        loop {
            if let Some(item) = self.hand_out_found(input) {
                return Some(item);
            }
            let found = memchr::memchr(SIGNATURE, input.from(self.at));
            let next = found.map_or_else(|| input.end(), |skipped| self.at + skipped as u64);
            if let Some(blamed) = self.blamed {
                self.at = next;
                if next >= blamed.end {
                    self.end_blame(blamed.end);
                    continue;
                }
            } else {
                let due = self.advance(next, input);
                if let Some(text) = self.hand_out_text(input) {
                    return Some(text);
                }
                if let Some(due) = due {
                    self.judge_due(due, input);
                    continue;
                }
            }
            if found.is_none() {
                if !input.last || !self.close_at_end(input) {
                    return None;
                }
                continue;
            }
            if self.has_no_room(input) {
                self.end_blame(self.at);
                continue;
            }
            match self.candidate(input) {
                Outcome::Wait => return None,
                Outcome::Text => self.at += 1,
                Outcome::Bad(bad) => self.reject(bad, input),
                Outcome::Packet(packet) => {
                    if self.close(Close::Packet(self.at), input) {
                        continue;
                    }
                    return Some(self.accept(packet, input));
                }
            }
        }
    }

    /// Moves the search to `next`, before which no candidate stands, or to where a suspect is due on the way.
    fn advance(&mut self, next: u64, input: Input<'_>) -> Option<u64> {
        loop {
            let due = self.suspects.due();
            self.at = self.at.max(next.min(due));
            let known = self.at.min(input.end().saturating_sub(AHEAD));
            self.look_for_signatures(known, false, input);
            let due = self.suspects.due();
            if due <= self.at {
                return Some(due);
            }
            if self.at >= next {
                return None;
            }
        }
    }

    fn accept<'a>(&mut self, packet: Packet<'a>, input: Input<'a>) -> Item<'a> {
        let before = input.range(self.gap.max(self.at.saturating_sub(3)).max(input.base), self.at);
        let open = |error: std::str::Utf8Error| error.error_len().is_none();
        self.is_torn = self.damage_end != self.at
            && before.last().is_some_and(|byte| !byte.is_ascii())
            && (0..before.len()).any(|from| std::str::from_utf8(&before[from..]).is_err_and(open));
        self.end_packet(packet.bytes().len());
        Item::Packet(packet)
    }

    /// What the 0xB3 at hand is.
    fn candidate<'a>(&mut self, input: Input<'a>) -> Outcome<'a> {
        let bytes = input.from(self.at);
        match Head::read(bytes) {
            Head::Plausible(header) => self.weigh(header, input),
            Head::Short => self.cut_short(Claim::Short, bytes.len(), input),
            Head::Not(error) => self.odd_header(error, input),
        }
    }

    /// A header that is wrong in one byte may be that of a damaged packet.
    fn odd_header<'a>(&mut self, reason: PacketError, input: Input<'a>) -> Outcome<'a> {
        let more = if self.waits(input) { Outcome::Wait } else { Outcome::Text };
        let bad =
            |claim| Outcome::Bad(Bad { claim, reason, is_whole: false, is_sealed: false, skip: 1 });
        if self.blamed.is_some() || self.is_in_character(input) {
            return Outcome::Text;
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
            Head::Not(_) => Outcome::Text,
        }
    }

    /// Is the candidate a packet?
    fn weigh<'a>(&mut self, header: Header, input: Input<'a>) -> Outcome<'a> {
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
                Ok(event) => return Outcome::Packet(Packet::from_checked(bytes, event)),
                Err(error) if self.is_over_budget(header, error) => {
                    let skip = header.length;
                    return Outcome::Bad(Bad {
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
        Outcome::Bad(Bad { claim, reason, is_whole: true, is_sealed, skip: 1 })
    }

    /// Whether damage and the candidate in it would be longer than the longest packet.
    fn has_no_room(&self, input: Input<'_>) -> bool {
        self.blamed.is_some_and(|blamed| match Head::read(input.from(self.at)) {
            Head::Plausible(header) => {
                self.at + header.length as u64 - blamed.at > MAX_LENGTH as u64
            }
            _ => false,
        })
    }

    /// A candidate that its beginning rules out. Whether its bytes wait is told by a glance at them.
    fn contradicted<'a>(&self, claim: Claim, reason: PacketError, input: Input<'a>) -> Outcome<'a> {
        if self.blamed.is_none()
            && let Claim::Header(header) = claim
            && looks_written(header, input.from(self.at)).is_none()
            && self.waits(input)
        {
            return Outcome::Wait;
        }
        Outcome::Bad(Bad { claim, reason, is_whole: false, is_sealed: false, skip: 1 })
    }

    /// What becomes of a candidate whose end is not there.
    fn cut_short<'a>(&self, claim: Claim, there: usize, input: Input<'a>) -> Outcome<'a> {
        if self.waits(input) {
            return Outcome::Wait;
        }
        let reason = PacketError { kind: PacketErrorKind::Truncated, at: there as u32 };
        Outcome::Bad(Bad { claim, reason, is_whole: false, is_sealed: false, skip: 1 })
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
    fn check(&mut self, bytes: &[u8], input: Input<'_>) -> Result<(), PacketError> {
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
    fn summed(&mut self, at: u64, length: usize, input: Input<'_>) -> u32 {
        let oldest = self.keep_from().min(at).saturating_sub(LOOK_BACK as u64);
        self.prefixes.checksum(input.bytes, input.base, oldest, at, length)
    }
}

// What was written as a packet and is none.
impl Scan {
    /// Takes note of a candidate that is no packet, and goes on.
    fn reject(&mut self, bad: Bad, input: Input<'_>) {
        match bad.claim {
            Claim::Header(header) if bad.is_whole => self.reject_whole(header, &bad, input),
            _ if self.blamed.is_some() => {}
            _ => self.suspect(bad.claim, bad.reason, false, false, input),
        }
        self.at += bad.skip as u64;
    }

    /// All bytes are there: what they prove, they prove at once.
    fn reject_whole(&mut self, header: Header, bad: &Bad, input: Input<'_>) {
        let bytes = &input.from(self.at)[..header.length];
        // Inside a character it is nearly always text, and too long a claim costs too much to disprove.
        let is_worth_it = header.length <= SHORT
            || !self.is_in_character(input)
            || looks_written(header, bytes) == Some(true);
        let inside_proved = self.blamed.is_some_and(|blamed| blamed.proof.is_some());
        let proof = match bad.reason.kind {
            PacketErrorKind::Checksum { stored, computed } if is_worth_it && !inside_proved => {
                self.one_wrong_byte(bytes, stored ^ computed, header.length)
            }
            _ => None,
        };
        if proof.is_none() {
            if self.blamed.is_some() {
                return;
            }
            let in_character = self.is_in_character(input);
            let certain = bad.is_sealed
                || self.is_in_row() && !is_latin_1(&bytes[1..])
                || !in_character && self.convinces(header, bytes, Ending::Unknown);
            if !certain {
                self.suspect(bad.claim, bad.reason, true, in_character, input);
                return;
            }
        }
        match self.blamed {
            Some(_) => self.end_blame(self.at),
            None => drop(self.close(Close::Packet(self.at), input)),
        }
        let end = self.at + header.length as u64;
        self.blamed = Some(Blamed { at: self.at, reason: bad.reason, end, proof });
    }

    /// Whether a header and what follows it, at most to its claimed end, say that a packet was written.
    fn convinces(&mut self, header: Header, bytes: &[u8], ending: Ending) -> bool {
        let bytes = &bytes[..bytes.len().min(header.length)];
        self.spend(bytes.len().min(WINDOW)) && Evidence::of(header, bytes).convinces(ending)
    }

    fn suspect(
        &mut self,
        claim: Claim,
        reason: PacketError,
        is_whole: bool,
        in_character: bool,
        input: Input<'_>,
    ) {
        let in_character = in_character || self.is_in_character(input);
        let in_row = self.is_in_row();
        let bytes = input.from(self.at);
        let (waits_for, holds) = match claim {
            Claim::Header(header) => {
                let written = !in_character && looks_written(header, bytes) == Some(true);
                let whole = if is_whole { header.length + 2 } else { 0 };
                (whole.max(WINDOW) as u64, in_row || written)
            }
            Claim::NoLength(_) => (WINDOW as u64, false),
            Claim::Length(header) | Claim::NoSignature(header) => (header.length as u64, false),
            Claim::Short => (MAX_LENGTH as u64, in_row),
        };
        // What is cut short was held back already, until its end could no longer come.
        let holds = holds || reason.kind == PacketErrorKind::Truncated;
        let due = self.at + waits_for;
        self.suspects.push(Suspect {
            at: self.at,
            claim,
            reason,
            due,
            holds,
            in_row,
            in_line: self.at > self.gap && input.range(self.at - 1, self.at) == b"\n",
            in_character,
            is_whole,
            searched: is_whole,
        });
    }

    /// Whether a packet is due here: at the start, after a packet, after what was one.
    fn is_in_row(&self) -> bool {
        self.at == self.gap && !self.is_torn || self.at == self.damage_end
    }

    /// Whether the 0xB3 here completes a UTF-8 character of the text before it.
    fn is_in_character(&self, input: Input<'_>) -> bool {
        let from = self.gap.max(self.at.saturating_sub(3)).max(input.base);
        let before = input.range(from, self.at + 1);
        (2..=before.len()).any(|length| {
            std::str::from_utf8(&before[before.len() - length..])
                .is_ok_and(|string| string.chars().count() == 1)
        })
    }

    /// Judges what is due where no packet came before.
    fn judge_due(&mut self, due: u64, input: Input<'_>) {
        let Some(mut suspect) = self.suspects.take_due(due) else { return };
        if let Some(found) = self.judge(&mut suspect, due, Ending::Unknown, input) {
            self.note_found(found);
            return;
        }
        let looked_at = due - suspect.at;
        let bytes = input.from(suspect.at);
        let wanted = match suspect.claim {
            Claim::Header(Header { flags, body, .. }) if is_written(flags, body, bytes) => {
                MAX_LENGTH
            }
            Claim::Header(header) => header.length,
            // Most packets have lengths of two bytes.
            Claim::NoLength(flags) if is_written(flags, BEFORE_LENGTH + 2, bytes) => MAX_LENGTH,
            _ => 0,
        };
        if looked_at < wanted as u64 {
            let due = suspect.at + (2 * looked_at).min(MAX_LENGTH as u64);
            self.suspects.push(Suspect { due, holds: false, ..suspect });
        }
    }

    /// The gap ends: what in it was a packet is known now. False where none was and nothing is left to
    /// hand out before what ends it.
    fn close(&mut self, close: Close, input: Input<'_>) -> bool {
        let end = close.at();
        if let Some(blamed) = self.blamed {
            if blamed.at < end {
                self.end_blame(end);
            }
        } else {
            self.look_for_signatures(end, true, input);
            for mut suspect in self.suspects.take_before(end) {
                let ending = ending(&suspect, close);
                if let Some(found) = self.judge(&mut suspect, end, ending, input) {
                    self.note_found(found);
                }
            }
        }
        !self.found.is_empty() || self.handed_out < end
    }

    fn close_at_end(&mut self, input: Input<'_>) -> bool {
        self.close(Close::End(input.end()), input)
    }

    /// Whether a suspect is damage, by the bytes up to `end`.
    fn judge(
        &mut self,
        suspect: &mut Suspect,
        end: u64,
        ending: Ending,
        input: Input<'_>,
    ) -> Option<Found> {
        let bytes = input.range(suspect.at, end);
        let (at, is_late) = (suspect.at, !suspect.holds);
        let found = |length: usize, reason, proof| {
            Some(Found { at, end: (at + length as u64).min(end), reason, proof, is_late })
        };
        match self.prove(suspect, bytes, input) {
            Proved::WrongByte(proof) => return found(proof.length, suspect.reason, Some(proof)),
            Proved::Sealed(length) => return found(length, suspect.reason, None),
            Proved::Nothing => {}
        }
        // What stands where a packet is due is text only where it looks like a line of it; so is what begins
        // a line, where the stream ends within it.
        let is_whole_line = bytes.ends_with(b"\n");
        let is_cut = matches!(ending, Ending::CutByEnd(_)) && suspect.in_line && !is_whole_line;
        let in_row = is_cut || suspect.in_row && !(is_whole_line && is_latin_1(&bytes[1..]));
        let Claim::Header(header) = suspect.claim else {
            let is_short = matches!(suspect.claim, Claim::Short) && in_row;
            return if is_short { found(bytes.len(), suspect.reason, None) } else { None };
        };
        if !in_row && (suspect.in_character || !self.convinces(header, bytes, ending)) {
            return None;
        }
        let refuted_at = suspect.reason.at as usize + 1;
        let is_lie = header.length > WINDOW && refuted_at <= WINDOW && !suspect.is_whole;
        found(if is_lie { refuted_at } else { header.length }, suspect.reason, None)
    }

    fn prove(&mut self, suspect: &mut Suspect, bytes: &[u8], input: Input<'_>) -> Proved {
        let whole = suspect.claim.length().and_then(|length| bytes.get(..length));
        if let Some(packet) = whole
            && !suspect.searched
        {
            suspect.searched = true;
            let summed = self.summed(suspect.at, packet.len() - CRC_LENGTH, input);
            let difference = packet::split_checksum(packet).1 ^ summed;
            if difference == 0 {
                return Proved::Sealed(packet.len());
            }
            let reach = match suspect.claim {
                Claim::NoSignature(_) => 1,
                Claim::Length(_) => BEFORE_LENGTH,
                // A fault shows at the wrong byte, or at the number or the character that it is in.
                _ => suspect.reason.at as usize + 4,
            };
            if let Some(proof) = self.one_wrong_byte(packet, difference, reach) {
                return Proved::WrongByte(proof);
            }
        }
        match suspect.claim {
            Claim::Header(Header { flags, .. }) | Claim::NoLength(flags) => {
                self.wrong_length(flags, bytes)
            }
            _ => Proved::Nothing,
        }
    }

    fn one_wrong_byte(&mut self, packet: &[u8], difference: u32, reach: usize) -> Option<Proof> {
        if !self.spend(reach.min(packet.len())) {
            return None;
        }
        proof::one_wrong_byte(packet, difference, reach)
    }

    fn wrong_length(&mut self, flags: Flags, bytes: &[u8]) -> Proved {
        if !flags.has(Flags::TEST_ID) && !flags.has(Flags::FILE) || !self.spend(GLANCE) {
            return Proved::Nothing;
        }
        let (proof, read) = proof::wrong_length(flags, bytes);
        self.spend(read);
        proof.map_or(Proved::Nothing, Proved::WrongByte)
    }

    /// Whether so many more bytes may be read for evidence.
    fn spend(&mut self, bytes: usize) -> bool {
        let may = self.spent_on_evidence <= FREE + BUDGET * self.at;
        if may {
            self.spent_on_evidence += bytes as u64;
        }
        may
    }

    /// A packet whose signature is wrong is looked for where text has bytes that nobody prints.
    fn look_for_signatures(&mut self, end: u64, closes: bool, input: Input<'_>) {
        /// A look goes so far, so that no byte is looked at often; near odd bytes there are more.
        const FAR: u64 = 256;
        const NEAR: u64 = 16;
        let mut look = FAR;
        loop {
            let from = self.plain_to.max(self.gap).max(self.damage_end);
            if from >= end {
                return;
            }
            let to = end.min(from + look);
            match plain(input.range(from, to), closes && to == end) {
                Plain::UpTo(0) => return,
                Plain::UpTo(length) => {
                    self.plain_to = from + length as u64;
                    look = FAR;
                }
                Plain::OddAt(at) => {
                    look = NEAR;
                    let odd = from + at as u64;
                    self.plain_to = odd + 1;
                    self.suspect_signatures(odd, end, closes, input);
                }
            }
        }
    }

    fn suspect_signatures(&mut self, odd: u64, end: u64, closes: bool, input: Input<'_>) {
        let first = odd.saturating_sub(GLANCE as u64 - 1);
        let from = first.max(self.signatures_to).max(self.gap).max(self.damage_end);
        self.signatures_to = odd + 1;
        for at in from..=odd {
            let bytes = input.from(at);
            let bytes = if closes { &bytes[..bytes.len().min((end - at) as usize)] } else { bytes };
            let [first, high, low, a, b, c, d, ..] = *bytes else { return };
            if high >> 4 != 2 || first == SIGNATURE {
                continue;
            }
            let head = [SIGNATURE, high, low, a, b, c, d];
            let Head::Plausible(header) = Head::read(&head) else { continue };
            if looks_written(header, bytes) != Some(true) {
                continue;
            }
            let reason = PacketError { kind: PacketErrorKind::Signature, at: 0 };
            // What is looked at comes before what has been handed out by then.
            let due = (at + header.length as u64).max(odd + AHEAD + 8);
            self.suspects.push(Suspect {
                at,
                claim: Claim::NoSignature(header),
                reason,
                due,
                holds: false,
                in_row: false,
                in_line: false,
                in_character: true,
                is_whole: false,
                searched: false,
            });
        }
    }

    /// Damage is known. Of what overlaps, what is proved counts, else what stands first.
    fn note_found(&mut self, mut found: Found) {
        // How much of it was there depends on when it was given up.
        if found.reason.kind == PacketErrorKind::Truncated {
            found.reason.at = (found.end - found.at) as u32;
        }
        let mut overlaps = false;
        for other in &mut self.found {
            if found.at < other.end && other.at < found.end {
                if found.proof.is_none() || other.proof.is_some() {
                    overlaps = true;
                } else {
                    other.end = found.at.max(other.at);
                }
            }
        }
        if overlaps || found.at < self.damage_end {
            return;
        }
        if !found.is_late {
            self.suspects.forget_between(found.at, found.end);
        }
        self.found.retain(|other| other.at < other.end);
        self.found.push_back(found);
    }

    /// The damage at hand ends here.
    fn end_blame(&mut self, end: u64) {
        let Some(Blamed { at, reason, end: claimed, proof }) = self.blamed.take() else { return };
        let (proof, reason) = match proof {
            // What holds an intact packet is no single packet.
            Some(_) if end < claimed => (None, reason),
            proof => (proof, reason),
        };
        self.found.push_back(Found { at, end, reason, proof, is_late: false });
    }
}

enum Proved {
    WrongByte(Proof),
    /// The checksum holds, over so many bytes.
    Sealed(usize),
    Nothing,
}

// What is handed out.
impl Scan {
    /// Text that does not wait for evidence.
    fn hand_out_text<'a>(&mut self, input: Input<'a>) -> Option<Item<'a>> {
        let held = self.suspects.held_from().min(self.suspects.due());
        let to = self.at.min(held).max(self.let_go.min(input.end()));
        self.hand_out_text_to(to, input)
    }

    fn hand_out_text_to<'a>(&mut self, to: u64, input: Input<'a>) -> Option<Item<'a>> {
        if to <= self.handed_out {
            return None;
        }
        let bytes = input.range(self.handed_out, to);
        self.handed_out = to;
        Some(Item::Text(bytes))
    }

    /// Damage that is known, and the text before it.
    fn hand_out_found<'a>(&mut self, input: Input<'a>) -> Option<Item<'a>> {
        let found = *self.found.front()?;
        if !found.is_late
            && let Some(text) = self.hand_out_text_to(found.at, input)
        {
            return Some(text);
        }
        self.found.pop_front();
        let bytes = if found.is_late {
            &[]
        } else {
            let from = self.handed_out.max(found.at);
            self.handed_out = self.handed_out.max(found.end);
            self.damage_end = found.end;
            input.range(from, self.handed_out)
        };
        let mended = found.proof.map(|proof| Mended {
            packet: &input.from(found.at)[..proof.length],
            at: proof.at,
            value: proof.value,
        });
        let length = (found.end - found.at) as usize;
        Some(Item::Damage(Damage { offset: found.at, length, bytes, reason: found.reason, mended }))
    }

    /// For a live stream in which bytes have waited for long: lets text go that is held back for evidence.
    /// It keeps its place in the search.
    pub(crate) fn settle(&mut self, input: Input<'_>) {
        if self.blamed.is_some() {
            return;
        }
        let is_begun = self.at < input.end() && self.looks_like_packet(input);
        self.let_go = if is_begun { self.at } else { input.end() };
    }

    /// Whether the candidate at hand is more than some 0xB3 in text.
    fn looks_like_packet(&self, input: Input<'_>) -> bool {
        if self.is_in_row() || input.range(self.at - 1, self.at) == b"\n" {
            return true;
        }
        let bytes = input.from(self.at);
        let Head::Plausible(header) = Head::read(bytes) else { return false };
        !self.is_in_character(input) && looks_written(header, bytes).unwrap_or(false)
    }

    /// For a stream that has been silent within a packet for too long: stop waiting for the rest of it if an
    /// intact packet stands among the bytes that are there (rule R7).
    pub(crate) fn give_up(&mut self, input: Input<'_>) {
        let input = Input { last: true, ..input };
        let mut ahead = self.clone();
        while let Some(item) = ahead.step(input) {
            if matches!(item, Item::Packet(_)) {
                self.impatient_until = ahead.handed_out - item.bytes().len() as u64;
                return;
            }
        }
    }
}

/// How a suspect's claim ends beside what ends the gap.
fn ending(suspect: &Suspect, close: Close) -> Ending {
    let Some(length) = suspect.claim.length() else {
        return match (suspect.claim, close) {
            (Claim::Short, Close::End(at)) => Ending::CutByEnd((at - suspect.at) as usize),
            _ => Ending::Apart,
        };
    };
    let claimed = suspect.at + length as u64;
    match close {
        _ if claimed.abs_diff(close.at()) <= 2 => Ending::Meets,
        Close::Packet(at) if claimed > at => Ending::CutByPacket((at - suspect.at) as usize),
        Close::End(at) if claimed > at => Ending::CutByEnd((at - suspect.at) as usize),
        _ => Ending::Apart,
    }
}

/// Whether the first fields look like those of a packet, whatever its length.
fn is_written(flags: Flags, body: usize, bytes: &[u8]) -> bool {
    looks_written(Header { flags, length: MAX_LENGTH, body }, bytes) == Some(true)
}

/// What rules out a candidate by its first `WINDOW` bytes.
fn contradiction(header: Header, bytes: &[u8]) -> Option<PacketError> {
    let body_end = header.length - CRC_LENGTH;
    let there = bytes.len().min(WINDOW).min(body_end);
    let body = bytes.get(header.body..there)?;
    fields::contradiction(header.flags, body, body_end - there, header.body)
}
