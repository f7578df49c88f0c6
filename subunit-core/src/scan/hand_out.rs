//! Which text and which damage is returned, and what no longer waits.

use super::{
    evidence::looks_written,
    state::{Input, Scan},
};
use crate::{Damage, Item, Mended, wire::packet::Head};

impl Scan {
    /// Text that does not wait for evidence.
    pub(super) fn hand_out_text<'a>(&mut self, input: Input<'a>) -> Option<Item<'a>> {
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
    pub(super) fn hand_out_found<'a>(&mut self, input: Input<'a>) -> Option<Item<'a>> {
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

    /// For a live stream in which bytes have waited for long: releases text that is held back for evidence.
    /// The search still covers it.
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
