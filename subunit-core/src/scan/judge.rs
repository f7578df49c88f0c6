//! Whether a suspect is damage.

use super::{
    evidence::{Ending, GLANCE, is_latin_1, looks_written},
    found::{Close, Found},
    proof::{self, Proof},
    state::{BUDGET, FREE, Input, Scan, WINDOW},
    suspects::{Claim, Suspect},
};
use crate::wire::{
    flags::Flags,
    layout::{BEFORE_LENGTH, CRC_LENGTH, MAX_LENGTH},
    packet::{self, Header},
};

enum Proved {
    WrongByte(Proof),
    /// The checksum holds, over this many bytes.
    Sealed(usize),
    Nothing,
}

impl Scan {
    /// Whether a suspect is damage, by the bytes up to `end`.
    pub(super) fn judge(
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

    pub(super) fn one_wrong_byte(
        &mut self,
        packet: &[u8],
        difference: u32,
        reach: usize,
    ) -> Option<Proof> {
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

    /// Whether this many more bytes may be read for evidence.
    pub(super) fn spend(&mut self, bytes: usize) -> bool {
        let may = self.spent_on_evidence <= FREE + BUDGET * self.at;
        if may {
            self.spent_on_evidence += bytes as u64;
        }
        may
    }
}

/// How the end that a suspect claims compares with the end of the gap.
pub(super) fn ending(suspect: &Suspect, close: Close) -> Ending {
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
pub(super) fn is_written(flags: Flags, body: usize, bytes: &[u8]) -> bool {
    looks_written(Header { flags, length: MAX_LENGTH, body }, bytes) == Some(true)
}
