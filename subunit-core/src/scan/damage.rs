//! What in a gap was written as a packet and is none: which damage is known, and which suspects there are.

use super::{
    candidate::Bad,
    evidence::{Ending, Evidence, is_latin_1, looks_written},
    found::{Blamed, Close, Found},
    judge::{ending, is_written},
    state::{Input, SHORT, Scan, WINDOW},
    suspects::{Claim, Suspect},
};
use crate::{
    PacketError, PacketErrorKind,
    wire::{
        layout::{BEFORE_LENGTH, MAX_LENGTH},
        packet::Header,
    },
};

impl Scan {
    /// Notes a candidate that is no packet, and goes on.
    pub(super) fn reject(&mut self, bad: Bad, input: Input<'_>) {
        match bad.claim {
            Claim::Header(header) if bad.is_whole => self.reject_whole(header, &bad, input),
            _ if self.blamed.is_some() => {}
            _ => self.suspect(bad.claim, bad.reason, false, false, input),
        }
        self.at += bad.skip as u64;
    }

    /// All bytes are there, so what they prove is known at once.
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
    pub(super) fn convinces(&mut self, header: Header, bytes: &[u8], ending: Ending) -> bool {
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
    pub(super) fn is_in_row(&self) -> bool {
        self.at == self.gap && !self.is_torn || self.at == self.damage_end
    }

    /// Whether the 0xB3 here completes a UTF-8 character of the text before it.
    pub(super) fn is_in_character(&self, input: Input<'_>) -> bool {
        let from = self.gap.max(self.at.saturating_sub(3)).max(input.base);
        let before = input.range(from, self.at + 1);
        (2..=before.len()).any(|length| {
            std::str::from_utf8(&before[before.len() - length..])
                .is_ok_and(|string| string.chars().count() == 1)
        })
    }

    /// Judges what is due where no packet came before.
    pub(super) fn judge_due(&mut self, due: u64, input: Input<'_>) {
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

    /// The gap ends: what in it was a packet is known now. False if none was, and nothing is left to return
    /// before what ends it.
    pub(super) fn close(&mut self, close: Close, input: Input<'_>) -> bool {
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

    pub(super) fn close_at_end(&mut self, input: Input<'_>) -> bool {
        self.close(Close::End(input.end()), input)
    }

    /// Adds known damage. If two places overlap, the proved one counts, else the first one.
    pub(super) fn note_found(&mut self, mut found: Found) {
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
    pub(super) fn end_blame(&mut self, end: u64) {
        let Some(Blamed { at, reason, end: claimed, proof }) = self.blamed.take() else { return };
        let (proof, reason) = match proof {
            // What holds an intact packet is no single packet.
            Some(_) if end < claimed => (None, reason),
            proof => (proof, reason),
        };
        self.found.push_back(Found { at, end, reason, proof, is_late: false });
    }
}
