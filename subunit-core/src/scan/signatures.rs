//! Packets whose signature is wrong.

use super::{
    evidence::{GLANCE, looks_written},
    plain::{Plain, plain},
    state::{AHEAD, Input, Scan},
    suspects::{Claim, Suspect},
};
use crate::{
    PacketError, PacketErrorKind,
    wire::{layout::SIGNATURE, packet::Head},
};

impl Scan {
    /// Looks for a packet whose signature is wrong where text has bytes that no program prints.
    pub(super) fn look_for_signatures(&mut self, end: u64, closes: bool, input: Input<'_>) {
        /// How far one look goes. The limit keeps bytes from being looked at often: odd bytes come in groups.
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
}
