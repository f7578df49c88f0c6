//! WHERE packets start and end: synchronisation, lengths, checksums, recovery, blame.
//!
//! # Notes for developers
//!
//! A stream is packets and text in any mixture, possibly torn. [`Scan::step`] looks at a slice of it and
//! names the next item. It reads nothing, owns no bytes, and gives the same items however the stream
//! is cut into slices: whatever it decides depends on bytes and their offsets, never on how many of
//! them happened to be there.
//!
//! * A *candidate* is a 0xB3 with a plausible header (version 2, reserved bit clear, a possible
//!   length). It is accepted if its checksum and its fields hold, wherever it stands (rule R3).
//!   Otherwise the search goes on one byte later (rule R4).
//! * A *gap* is what lies between two packets. What in a gap was written as a packet is *damage*, the rest is
//!   text (rule R5). It takes evidence to tell them apart, see `evidence.rs` and `proof.rs`; a place that is
//!   looked at for it is a *suspect*. It is judged when the gap ends, or when `WINDOW` bytes have come
//!   without an end. A longer claim is judged once more when its bytes are there.
//! * Which bytes wait: those of a candidate that nothing contradicts, up to its claimed end; those of
//!   a suspect that looks written or stands right after a packet, with what follows, up to `WINDOW`
//!   bytes; up to `GLANCE` bytes to tell whether it does. All other text is handed out at once, and
//!   damage found in it later is an item without bytes.
//! * Bytes that have waited for too long are released, see [`Scan::settle`]. The search still covers them, so
//!   the same damage and the same packets are found.
//! * Damage reaches to the packet's claimed end, but stops in front of an intact packet, and early where
//!   keeping it in memory together with a candidate inside it would take more than the longest packet.
//! * The reason of damage is the first byte among the first `WINDOW` that no packet can have there, else the
//!   checksum. If one wrong byte is proved, that is reported as well.
//!
//! # Why it is linear (rule R6)
//!
//! Candidates can overlap: every six bytes may claim 4 MiB. What a candidate costs:
//!
//! * Its header: constant.
//! * Its checksum: at most `DIRECT` bytes summed, or the candidate begins after all that was summed
//!   before, or it is constant by [`Prefixes`]. The checksum is tested before the fields.
//! * Its beginning: at most `WINDOW` bytes, and what is read of it counts as below.
//! * Its fields, if the checksum holds: the bytes before the fault. A packet with a good checksum and bad
//!   fields was written so on purpose, and such packets can be nested to make this quadratic. So the bytes
//!   spent on them are counted, but for those within `WINDOW`, which are found bad before their end has come;
//!   once they are `BUDGET` times the stream up to the last of their ends, the packet at hand is passed over
//!   as a whole instead of searched.
//! * Evidence and proofs: what they read is counted, and once it is `BUDGET` times the stream so far
//!   and a MiB, there is no more of it. Suspects are at most a few dozen at once.
//!
//! Guarded by the tests in `tests/rules/`.

mod candidate;
mod damage;
mod evidence;
mod found;
mod hand_out;
mod judge;
mod plain;
mod proof;
mod signatures;
mod state;
mod suspects;

pub(crate) use self::state::{HISTORY, Input, Scan};
use self::{candidate::Candidate, found::Close, state::AHEAD};
use crate::{
    Item, Packet,
    wire::{layout::SIGNATURE, packet::Head},
};

impl Scan {
    /// The next item; `None` if more bytes are needed, or at the end of the stream.
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

    /// Returns a packet of this many bytes, including bytes that were released before it was one.
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
                Candidate::Wait => return None,
                Candidate::Text => self.at += 1,
                Candidate::Bad(bad) => self.reject(bad, input),
                Candidate::Packet(packet) => {
                    if self.close(Close::Packet(self.at), input) {
                        continue;
                    }
                    return Some(self.accept(packet, input));
                }
            }
        }
    }

    /// Moves the search to `next`, before which there is no candidate, or to the next suspect that is due on
    /// the way.
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
}
