//! WHERE packets start and end: synchronisation, lengths, checksums, recovery.
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
//! * A 0xB3 that completes a UTF-8 character is no candidate, see [`Scan::inside_character`].
//! * A candidate that fails at a *sync point* (start, behind a packet, behind 0x0A, behind the claimed
//!   end of a damaged packet) is *blamed*: it becomes damage. Anywhere else it is just text (rule R5).
//! * Damage reaches to the packet's claimed end, but stops in front of an intact packet, and early where
//!   keeping it in memory together with a candidate inside it would take more than the longest packet.
//! * The reason of damage is the first byte among the first [`WINDOW`] that no packet can have there,
//!   else the checksum. So a live stream can give up a lie at that byte (rule R7) and a file that is read
//!   whole gives the same reason. Packets up to `WINDOW` bytes are written at once, so damage of that
//!   size is still taken to its claimed end; a longer claim that is refuted by its beginning ends there.
//!
//! # Why it is linear (rule R6)
//!
//! Candidates can overlap: every six bytes may claim 4 MiB. What a candidate costs:
//!
//! * Its header: constant.
//! * Its checksum: at most [`DIRECT`] bytes summed, or the candidate begins behind all that was summed
//!   before, or it is constant by [`Prefixes`]. The checksum is tested before the fields.
//! * Its beginning: at most `WINDOW` bytes, only for what is blamed or must wait for more bytes.
//! * Its fields, if the checksum holds: as long as what stands before the fault. A packet with a good
//!   checksum and bad fields was written so on purpose, and such packets can be nested to make this
//!   quadratic. So the bytes spent on them are counted, but for those within `WINDOW`, which are found
//!   bad before their end has come; once they are [`PATIENCE`] times the stream up to the last of their
//!   ends, the packet at hand is passed over as a whole instead of searched.
//!
//! Guarded by the tests in `tests/rules/`.

use crate::{
    Damage, Item, Packet, PacketError, PacketErrorKind, crc, fields,
    packet::{self, CRC_LENGTH, Head, Header, MAX_LENGTH, SIGNATURE},
    prefixes::{self, Prefixes},
};

/// How many bytes before the ones that were handed out a caller must keep: for the checksums of
/// [`Prefixes`], for [`TEXT`], and for line ends.
pub(crate) const HISTORY: usize = prefixes::SPAN;

/// How many bytes before a 0xB3 tell text from the insides of a damaged packet.
const TEXT: usize = 64;
const _: () = assert!(TEXT <= HISTORY);

/// How much of a candidate is examined before its end has come: PIPE_BUF, what a pipe takes at once.
const WINDOW: usize = 4096;

/// Up to this length, summing a candidate's bytes beats arithmetic on checksums.
const DIRECT: usize = 256;

/// How many times over bytes are read for the sake of packets with good checksums and bad fields.
const PATIENCE: u64 = 16;

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
    /// Where the search stands; no packet begins between `handed_out` and here.
    at: u64,
    /// Where the last packet ended.
    gap: u64,
    /// The claimed end of the last damaged packet, if it was reached.
    damage_end: u64,
    /// Damage that begins at `handed_out` and whose end is not yet known.
    blamed: Option<Blamed>,
    /// Since the last packet there was damage.
    doubt: bool,
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
    prefixes: Prefixes,
}

#[derive(Clone, Copy, Debug)]
struct Blamed {
    reason: PacketError,
    end: u64,
}

/// What became of a candidate.
enum Outcome<'a> {
    Packet(Packet<'a>),
    /// Not a packet; `claim` bytes are damage if it is to blame, and the search goes on behind `skip`.
    Bad {
        reason: Option<PacketError>,
        claim: usize,
        skip: usize,
    },
    /// More bytes are needed.
    Wait,
}

impl Scan {
    /// Everything before this offset has been handed out.
    pub(crate) fn handed_out(&self) -> u64 {
        self.handed_out
    }

    /// The next item; `None` where more bytes are needed, or at the end of the stream.
    ///
    /// `input` begins at most [`HISTORY`] bytes before [`Scan::handed_out`] or at the stream's start.
    #[inline]
    pub(crate) fn step<'a>(&mut self, input: Input<'a>) -> Option<Item<'a>> {
        if self.at == self.gap
            && let Some(packet) = self.next_in_row(input)
        {
            return Some(Item::Packet(packet));
        }
        self.search(input)
    }

    /// The common case: a whole and intact packet right behind the last one.
    #[inline(always)]
    fn next_in_row<'a>(&mut self, input: Input<'a>) -> Option<Packet<'a>> {
        let bytes = input.from(self.at);
        let Head::Plausible(header) = Head::read(bytes) else { return None };
        let bytes = bytes.get(..header.length)?;
        self.check(bytes, input).ok()?;
        let event = header.event(bytes).ok()?;
        self.handed_out = self.at + header.length as u64;
        self.at = self.handed_out;
        self.gap = self.handed_out;
        Some(Packet::from_checked(bytes, event))
    }

    fn search<'a>(&mut self, input: Input<'a>) -> Option<Item<'a>> {
        loop {
            let found = memchr::memchr(SIGNATURE, input.from(self.at));
            self.at = found.map_or_else(|| input.end(), |skipped| self.at + skipped as u64);
            if let Some(blamed) = self.blamed
                && self.at >= blamed.end
            {
                self.damage_end = blamed.end;
                return self.hand_out_damage(input, blamed.end);
            }
            if found.is_none() {
                return self.hand_out_rest(input);
            }
            let header = match Head::read(input.from(self.at)) {
                Head::Not(_) => None,
                Head::Short | Head::Plausible(_) if self.inside_character(input) => None,
                Head::Short => Some(None),
                Head::Plausible(header) => Some(Some(header)),
            };
            let Some(header) = header else {
                self.at += 1;
                continue;
            };
            if self.blamed.is_none() && self.handed_out < self.at {
                return self.hand_out_text(input, self.at);
            }
            if let Some(header) = header
                && self.blamed.is_some()
                && self.at + header.length as u64 - self.handed_out > MAX_LENGTH as u64
            {
                return self.hand_out_damage(input, self.at);
            }
            match self.weigh(header, input) {
                Outcome::Wait => return None,
                Outcome::Bad { reason, claim, skip } => self.reject(reason, claim, skip),
                Outcome::Packet(_) if self.handed_out < self.at => {
                    return self.hand_out_damage(input, self.at);
                }
                Outcome::Packet(packet) => return Some(self.accept(packet)),
            }
        }
    }

    fn accept<'a>(&mut self, packet: Packet<'a>) -> Item<'a> {
        self.handed_out = self.at + packet.bytes().len() as u64;
        self.at = self.handed_out;
        self.gap = self.handed_out;
        self.doubt = false;
        Item::Packet(packet)
    }

    fn reject(&mut self, reason: Option<PacketError>, claim: usize, skip: usize) {
        if let Some(reason) = reason {
            self.blamed = Some(Blamed { reason, end: self.at + claim as u64 });
            self.doubt = true;
        }
        self.at += skip as u64;
    }

    /// Is the candidate a packet? `header` is `None` where its bytes end within the header.
    fn weigh<'a>(&mut self, header: Option<Header>, input: Input<'a>) -> Outcome<'a> {
        let bytes = input.from(self.at);
        let to_blame = self.blamed.is_none() && self.is_sync_point(input);
        let Some(header) = header else {
            return self.cut_short(to_blame, bytes.len(), input.last);
        };
        match bytes.get(..header.length) {
            Some(bytes) => self.weigh_whole(header, bytes, input, to_blame),
            None => match self.refuted(header, bytes) {
                Some(error) => bad(to_blame, error, header.length),
                None => self.cut_short(to_blame, bytes.len(), input.last),
            },
        }
    }

    fn weigh_whole<'a>(
        &mut self,
        header: Header,
        bytes: &'a [u8],
        input: Input<'a>,
        to_blame: bool,
    ) -> Outcome<'a> {
        if let Err(error) = self.check(bytes, input) {
            if !to_blame {
                return Outcome::Bad { reason: None, claim: 0, skip: 1 };
            }
            let error = contradiction(header, bytes).unwrap_or(error);
            return bad(to_blame, error, header.length);
        }
        match header.event(bytes) {
            Ok(event) => Outcome::Packet(Packet::from_checked(bytes, event)),
            Err(error) if self.is_out_of_patience(header, error) => {
                let reason = to_blame.then_some(error);
                Outcome::Bad { reason, claim: header.length, skip: header.length }
            }
            Err(error) => bad(to_blame, error, header.length),
        }
    }

    /// Counts what it cost to find the fault of a packet with a good checksum.
    fn is_out_of_patience(&mut self, header: Header, error: PacketError) -> bool {
        // Where the stream came in pieces, such a fault was found before there was a checksum.
        if (error.at as usize) < WINDOW {
            return false;
        }
        self.spent += u64::from(error.at);
        self.spent_on = self.spent_on.max(self.at + header.length as u64);
        self.spent > PATIENCE * self.spent_on
    }

    /// What becomes of a candidate whose end is not there.
    fn cut_short<'a>(&self, to_blame: bool, there: usize, last: bool) -> Outcome<'a> {
        if !last && self.at >= self.impatient_until {
            return Outcome::Wait;
        }
        let error = PacketError { kind: PacketErrorKind::Truncated, at: there as u32 };
        let reason = to_blame.then_some(error);
        Outcome::Bad { reason, claim: MAX_LENGTH, skip: 1 }
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
        let computed = if direct {
            crc::checksum(summed)
        } else {
            self.prefixes.checksum(input.bytes, input.base, self.at, summed.len())
        };
        // Also where the checksum holds: the fields may not.
        if direct && bytes.len() > DIRECT {
            self.summed_to = self.at + bytes.len() as u64;
        }
        if stored == computed {
            return Ok(());
        }
        Err(packet::checksum_error(bytes.len(), stored, computed))
    }

    fn is_sync_point(&self, input: Input<'_>) -> bool {
        self.at == self.gap
            || self.at == self.damage_end
            || input.range(self.at - 1, self.at) == b"\n"
    }

    /// Whether the 0xB3 here completes a UTF-8 character of the text before it.
    ///
    /// The insides of a damaged packet are not text, and half of all random bytes before a 0xB3 would
    /// hide an intact packet if they were taken for it. So the bytes since the last packet, at most
    /// [`TEXT`] of them, must be UTF-8 without control characters, and once a packet was damaged
    /// nothing is text until the next intact packet.
    fn inside_character(&self, input: Input<'_>) -> bool {
        if self.doubt || self.at == self.gap {
            return false;
        }
        let from = self.gap.max(self.at.saturating_sub(TEXT as u64)).max(input.base);
        let before = input.range(from, self.at + 1);
        let completes = (2..=4).any(|length| {
            before.len() >= length
                && std::str::from_utf8(&before[before.len() - length..])
                    .is_ok_and(|string| string.chars().count() == 1)
        });
        completes && is_text(before)
    }

    fn hand_out_text<'a>(&mut self, input: Input<'a>, to: u64) -> Option<Item<'a>> {
        let bytes = input.range(self.handed_out, to);
        self.handed_out = to;
        Some(Item::Text(bytes))
    }

    fn hand_out_damage<'a>(&mut self, input: Input<'a>, to: u64) -> Option<Item<'a>> {
        let Blamed { reason, .. } = self.blamed.take()?;
        let offset = self.handed_out;
        self.handed_out = to;
        Some(Item::Damage(Damage { offset, bytes: input.range(offset, to), reason }))
    }

    /// There is no candidate in what is left.
    fn hand_out_rest<'a>(&mut self, input: Input<'a>) -> Option<Item<'a>> {
        if self.handed_out == input.end() {
            return None;
        }
        match self.blamed {
            None => self.hand_out_text(input, input.end()),
            Some(_) if input.last => self.hand_out_damage(input, input.end()),
            Some(_) => None,
        }
    }

    /// For a stream that has fallen silent within a packet: stop waiting for the rest of it if an
    /// intact packet stands among the bytes that are there (rule R7). `input` is taken for the last.
    pub(crate) fn settle(&mut self, input: Input<'_>) {
        let mut ahead = self.clone();
        while let Some(item) = ahead.step(input) {
            if matches!(item, Item::Packet(_)) {
                self.impatient_until = ahead.handed_out - item.bytes().len() as u64;
                return;
            }
        }
    }
}

/// A candidate that is no packet; the search goes on one byte later.
fn bad<'a>(to_blame: bool, error: PacketError, length: usize) -> Outcome<'a> {
    let refuted_at = error.at as usize + 1;
    let claim = if length > WINDOW && refuted_at <= WINDOW { refuted_at } else { length };
    Outcome::Bad { reason: to_blame.then_some(error), claim, skip: 1 }
}

/// What rules out a candidate by its first `WINDOW` bytes.
fn contradiction(header: Header, bytes: &[u8]) -> Option<PacketError> {
    let body_end = header.length - CRC_LENGTH;
    let there = bytes.len().min(WINDOW).min(body_end);
    let body = bytes.get(header.body..there)?;
    fields::contradiction(header.flags, body, body_end - there, header.body)
}

/// Whether bytes look like text that somebody printed; they may begin within a character.
fn is_text(bytes: &[u8]) -> bool {
    let cut = bytes.iter().take(3).take_while(|byte| **byte & 0xC0 == 0x80).count();
    let printed = |byte: &u8| *byte >= 0x20 || matches!(byte, 0x07..=0x0D | 0x1B);
    bytes.iter().all(printed) && std::str::from_utf8(&bytes[cut..]).is_ok()
}
