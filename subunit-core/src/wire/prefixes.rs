//! Checksums of overlapping ranges, each in constant time.
//!
//! After damage, packets may seem to begin anywhere, each claiming up to 4 MiB. Summing each claim separately
//! would cost 4 MiB a candidate. Instead the checksum of everything from `base` on is kept at every [`SPAN`]
//! bytes; that of any range follows from two of these, at most `SPAN` bytes each of plain summing, and two
//! products of polynomials (see [`crate::wire::crc`]). Every byte of the input is summed into the marks once.
//!
//! Memory: 4 bytes per `SPAN` bytes of the longest packet, 64 KiB.

use std::collections::VecDeque;

use crate::wire::crc;

pub(crate) const SPAN: usize = 256;

/// Checksums of `base..base + k * SPAN`, for the `k` that may still be asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Prefixes {
    /// Offset in the stream where the first of `marks` ends.
    first: u64,
    marks: VecDeque<u32>,
}

impl Prefixes {
    /// The checksum of `length` bytes from the offset `start` on. `bytes` begin at the offset `base` and
    /// reach at least to the end. No later question is about what lies before `oldest`, which never goes
    /// back and is at most `start`; `bytes` begin at least `SPAN` bytes before it unless the stream does.
    pub(crate) fn checksum(
        &mut self,
        bytes: &[u8],
        base: u64,
        oldest: u64,
        start: u64,
        length: usize,
    ) -> u32 {
        self.drop_before(oldest);
        let end = start + length as u64;
        self.reach(bytes, base, end);
        let to_start = self.up_to(bytes, base, start);
        let to_end = self.up_to(bytes, base, end);
        to_end ^ crc::shift(to_start, length)
    }

    /// Drops marks that lie wholly before `start`; starts again if none are left.
    fn drop_before(&mut self, start: u64) {
        while self.marks.len() > 1 && self.first + SPAN as u64 <= start {
            self.marks.pop_front();
            self.first += SPAN as u64;
        }
        if self.marks.is_empty() || self.first + SPAN as u64 <= start {
            self.marks.clear();
            self.marks.push_back(crc::checksum(b""));
            self.first = start;
        }
    }

    fn reach(&mut self, bytes: &[u8], base: u64, end: u64) {
        let mut at = self.first + ((self.marks.len() - 1) * SPAN) as u64;
        while at + SPAN as u64 <= end {
            let from = (at - base) as usize;
            let before = self.marks.back().copied().unwrap_or_default();
            self.marks.push_back(crc::extend(before, &bytes[from..from + SPAN]));
            at += SPAN as u64;
        }
    }

    /// The checksum from the first offset ever up to `end`.
    fn up_to(&self, bytes: &[u8], base: u64, end: u64) -> u32 {
        let mark = (end - self.first) as usize / SPAN;
        let from = self.first + (mark * SPAN) as u64;
        crc::extend(self.marks[mark], &bytes[(from - base) as usize..(end - base) as usize])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_range_has_its_own_checksum(
            bytes in prop::collection::vec(any::<u8>(), 5000..6000),
            mut ranges in prop::collection::vec((0u64..5000, 0usize..5000), 1..40),
            base in 0u64..1 << 40,
        ) {
            ranges.sort_unstable();
            // Some questions are about what stands before the last one.
            for pair in ranges.chunks_mut(3) {
                pair.reverse();
            }
            let starts: Vec<u64> = ranges.iter().map(|(start, _)| *start).collect();
            let mut prefixes = Prefixes::default();
            for (index, (start, length)) in ranges.into_iter().enumerate() {
                let length = length.min(bytes.len() - start as usize);
                let range = &bytes[start as usize..start as usize + length];
                let oldest = base + starts[index..].iter().min().copied().unwrap_or_default();
                let found = prefixes.checksum(&bytes, base, oldest, base + start, length);
                prop_assert_eq!(found, crc::checksum(range));
            }
        }
    }
}
