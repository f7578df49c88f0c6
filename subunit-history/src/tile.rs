//! Tiles: what up to 1024 tests came to in one run, and how long they took.
//!
//! Statuses: a byte for each run of equal ones, with the code in the high half and the length in the low half;
//! a length of 0 means that it follows, 7 bits a byte, the low ones first. Tests at the end that are absent are
//! left out. Durations: two bytes for each test that is present.

use crate::outcome::{Micros, OutcomeCode};

/// How many tests are in a tile.
pub(crate) const TILE: u32 = 1024;

/// What one test came to in a run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct TestOutcome {
    /// The number of the test.
    pub(crate) test: u32,
    pub(crate) outcome: OutcomeCode,
    pub(crate) time: Micros,
}

/// Makes tiles of results that are in the order of their tests, each once. Calls `each` with the block, the
/// results, the statuses and the durations.
pub(crate) fn tiles<E>(
    results: &[TestOutcome],
    mut each: impl FnMut(u32, &[TestOutcome], &[u8], &[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let (mut statuses, mut durations) = (Vec::new(), Vec::new());
    for tile in results.chunk_by(|one, next| one.test / TILE == next.test / TILE) {
        statuses.clear();
        durations.clear();
        let mut runs = Runs { code: 0, length: 0, bytes: &mut statuses };
        let mut next = 0;
        for result in tile {
            let at = result.test % TILE;
            runs.push(0, at - next);
            runs.push(result.outcome.code(), 1);
            next = at + 1;
            durations.extend_from_slice(&result.time.to_le_bytes());
        }
        runs.end();
        let block = tile.first().map_or(0, |first| first.test / TILE);
        each(block, tile, &statuses, &durations)?;
    }
    Ok(())
}

/// Statuses that are being written.
struct Runs<'b> {
    code: u8,
    length: u32,
    bytes: &'b mut Vec<u8>,
}

impl Runs<'_> {
    fn push(&mut self, code: u8, length: u32) {
        if length > 0 && code != self.code {
            self.end();
            self.code = code;
        }
        self.length += length;
    }

    fn end(&mut self) {
        let mut length = std::mem::take(&mut self.length);
        match length {
            0 => {}
            1..=15 => self.bytes.push(self.code << 4 | length as u8),
            _ => {
                self.bytes.push(self.code << 4);
                while length >= 128 {
                    self.bytes.push(length as u8 | 128);
                    length >>= 7;
                }
                self.bytes.push(length as u8);
            }
        }
    }
}

/// Runs of equal statuses: the outcome and how many tests it is of. Never more than a tile in all.
pub(crate) fn runs(mut bytes: &[u8]) -> impl Iterator<Item = (OutcomeCode, u32)> {
    let mut left = TILE;
    std::iter::from_fn(move || {
        let (first, rest) = bytes.split_first()?;
        bytes = rest;
        let mut length = u32::from(first & 15);
        if length == 0 {
            let mut shift = 0;
            while let Some((byte, rest)) = bytes.split_first() {
                bytes = rest;
                length |= u32::from(byte & 127).checked_shl(shift).unwrap_or(0);
                shift += 7;
                if byte & 128 == 0 {
                    break;
                }
            }
        }
        let length = length.min(left);
        left -= length;
        Some((OutcomeCode::from_code(first >> 4), length))
    })
}

/// The tests of a tile that are present: their places in it and what they came to.
pub(crate) fn present(statuses: &[u8]) -> impl Iterator<Item = (u32, OutcomeCode)> {
    let mut at = 0;
    runs(statuses).flat_map(move |(outcome, length)| {
        let from = at;
        at += length;
        let length = if outcome == OutcomeCode::ABSENT { 0 } else { length };
        (from..from + length).map(move |place| (place, outcome))
    })
}

/// What the test at a place of a tile came to, and how many of those before it are present.
pub(crate) fn at(statuses: &[u8], place: u32) -> (OutcomeCode, usize) {
    let (mut from, mut before) = (0, 0);
    for (outcome, length) in runs(statuses) {
        let is_present = outcome != OutcomeCode::ABSENT;
        if place < from + length {
            let here = if is_present { place - from } else { 0 };
            return (outcome, (before + here) as usize);
        }
        from += length;
        before += if is_present { length } else { 0 };
    }
    (OutcomeCode::ABSENT, before as usize)
}

/// As [`at`], for several places in ascending order at once: calls `each` with the nth of them, what the test came to, and how
/// many before it are present. Tests that are absent are left out.
pub(crate) fn pick(
    statuses: &[u8],
    places: &[u32],
    mut each: impl FnMut(usize, OutcomeCode, usize),
) {
    let (mut from, mut before) = (0, 0);
    let mut places = places.iter().copied().enumerate().peekable();
    for (outcome, length) in runs(statuses) {
        let is_present = outcome != OutcomeCode::ABSENT;
        while let Some((nth, place)) = places.next_if(|(_, place)| *place < from + length) {
            if is_present {
                each(nth, outcome, (before + place - from) as usize);
            }
        }
        from += length;
        before += if is_present { length } else { 0 };
        if places.peek().is_none() {
            return;
        }
    }
}

/// The durations of a tile, of the tests that are present.
pub(crate) fn times(durations: &[u8]) -> impl Iterator<Item = Micros> {
    durations.as_chunks().0.iter().map(|bytes| Micros::from_le_bytes(*bytes))
}

/// The key of a tile of durations: tiles of one block are beside each other.
pub(crate) fn duration_key(block: u32, run: i64) -> i64 {
    i64::from(block) << 24 | run
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What comes back out of the tiles of results.
    fn returned(results: &[TestOutcome]) -> Vec<TestOutcome> {
        let mut returned = Vec::new();
        let each = |block: u32, tile: &[TestOutcome], statuses: &[u8], durations: &[u8]| {
            for ((place, outcome), time) in present(statuses).zip(times(durations)) {
                returned.push(TestOutcome { test: block * TILE + place, outcome, time });
            }
            for result in tile {
                let (outcome, before) = at(statuses, result.test % TILE);
                let time = times(durations).nth(before).unwrap();
                assert_eq!(TestOutcome { test: result.test, outcome, time }, *result);
            }
            let places: Vec<u32> = (0..TILE + 2).filter(|place| place % 3 > 0).collect();
            let mut picked = Vec::new();
            pick(statuses, &places, |nth, outcome, before| {
                picked.push((places[nth], outcome, before));
            });
            let alone = |place: &u32| (*place, at(statuses, *place).0, at(statuses, *place).1);
            let alone =
                places.iter().map(alone).filter(|(_, outcome, _)| *outcome != OutcomeCode::ABSENT);
            assert_eq!(picked, alone.collect::<Vec<_>>());
            Ok::<(), ()>(())
        };
        tiles(results, each).unwrap();
        returned
    }

    #[test]
    fn a_thousand_passes_are_three_bytes() {
        let result =
            |test| TestOutcome { test, outcome: OutcomeCode::SUCCESS, time: Micros::new(7) };
        let results: Vec<_> = (TILE..2 * TILE).map(result).collect();
        let each = |block: u32, _: &[TestOutcome], statuses: &[u8], durations: &[u8]| {
            assert_eq!((block, statuses, durations.len()), (1, &[0x30, 0x80, 8][..], 2048));
            Ok::<(), ()>(())
        };
        tiles(&results, each).unwrap();
        assert_eq!(returned(&results), results);
    }

    proptest! {
        #[test]
        fn what_goes_in_comes_out(tests in prop::collection::btree_map(
            prop_oneof![0..40_u32, 1000..1100_u32, 5000..5003_u32], (1..=8_u8, 0..10_000_u128), 0..60,
        )) {
            let results: Vec<_> = tests.into_iter().map(|(test, (code, micros))| TestOutcome {
                test,
                outcome: OutcomeCode::from_code(code),
                time: Micros::new(micros),
            }).collect();
            prop_assert_eq!(returned(&results), results);
        }

        #[test]
        fn any_bytes_are_a_tile_of_at_most_its_size(bytes: Vec<u8>, place in 0..2 * TILE) {
            prop_assert!(runs(&bytes).map(|(_, length)| length).sum::<u32>() <= TILE);
            prop_assert!(present(&bytes).count() <= TILE as usize);
            at(&bytes, place);
        }
    }
}
