//! Which tests took longest in a run?

use std::{cmp::Reverse, collections::BinaryHeap};

use super::{History, RunRow, TestIdentity, names::TestNames};
use crate::{
    Error, Micros, OutcomeCode,
    index::each_tile,
    sql::SqlResult,
    tile::{TILE, present, times},
};

/// A test, and how long it took.
#[derive(Clone, Debug)]
pub struct SlowTest {
    /// The test.
    pub test: TestIdentity,
    /// What it came to.
    pub outcome: OutcomeCode,
    /// How long it took.
    pub time: Micros,
}

impl History {
    /// At most `most` tests of a run, those that took longest first.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn slowest(&self, run: &RunRow, most: usize) -> Result<Vec<SlowTest>, Error> {
        self.read_slowest(run.id, most).map_err(self.index.error())
    }

    fn read_slowest(&self, run: i64, most: usize) -> SqlResult<Vec<SlowTest>> {
        // The shortest on top; of two that took the same time the first one counts as longer.
        let mut found = BinaryHeap::new();
        each_tile(self.index.connection(), run, |block, statuses, durations| {
            for ((place, outcome), time) in present(statuses).zip(times(durations)) {
                if time == Micros::default() {
                    continue;
                }
                found.push(Reverse((time, Reverse(block * TILE + place), outcome.code())));
                if found.len() > most {
                    found.pop();
                }
            }
        })?;
        let found = found.into_sorted_vec();
        let numbers = found.iter().map(|Reverse((_, Reverse(test), _))| *test);
        let mut names = TestNames::of_all(self.index.connection(), numbers)?;
        let slow = |Reverse((time, Reverse(test), code)): Reverse<(Micros, Reverse<u32>, u8)>| {
            Ok(SlowTest { test: names.of(test)?, outcome: OutcomeCode::from_code(code), time })
        };
        found.into_iter().map(slow).collect()
    }
}
