//! The last runs of a series, and what some tests came to in them.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;

use super::History;
use crate::{
    outcome::OutcomeCode,
    sql::SqlResult,
    tile::{TILE, pick},
};

/// A run of the window.
#[derive(Clone, Debug, Default)]
pub(super) struct WindowRun {
    pub(super) id: u32,
    /// Microseconds since 1970.
    pub(super) started: i64,
    /// The revision that was checked out, if no file was changed since.
    pub(super) revision: Option<String>,
}

/// The last runs of a series that say something about the tests, in their order.
#[derive(Clone, Debug, Default)]
pub(super) struct Window {
    pub(super) runs: Vec<WindowRun>,
    places: HashMap<u32, usize>,
}

/// How many blocks are asked for at once: few, as there may be a thousand runs.
pub(super) const BLOCKS: usize = 8;

/// The blocks of tests that are in the order of their numbers.
pub(super) fn blocks_of(tests: &[u32]) -> Vec<u32> {
    let mut blocks: Vec<u32> = tests.iter().map(|test| test / TILE).collect();
    blocks.dedup();
    blocks
}

/// Those of a block, of tests that are in the order of their numbers.
pub(super) fn in_block(tests: &[u32], block: u32) -> &[u32] {
    let begin = tests.partition_point(|test| test / TILE < block);
    let end = tests.partition_point(|test| test / TILE <= block);
    tests.get(begin..end).unwrap_or_default()
}

/// At least this number of runs, and all of the last two weeks.
const RUNS: usize = 100;
/// At most this number.
const MOST: usize = 1000;
/// Two weeks, in microseconds.
pub(super) const TWO_WEEKS: i64 = 14 * 24 * 3600 * 1_000_000;

/// What tests came to: the place of the run in the window, and the outcome. Runs without the test are left out.
pub(super) type Sequences = BTreeMap<u32, Vec<(usize, OutcomeCode)>>;

impl Window {
    /// The place of a run; none if it is not in the window.
    pub(super) fn place(&self, run: u32) -> Option<usize> {
        self.places.get(&run).copied()
    }
}

impl History {
    pub(super) fn window(&self, series: i64) -> SqlResult<Window> {
        let read = "SELECT id, started, CASE WHEN dirty THEN NULL ELSE revision END FROM run \
                    WHERE series = ? AND kept > 0 AND NOT infrastructure ORDER BY seq DESC, loaded DESC, uuid DESC LIMIT ?";
        let mut read = self.index.connection().prepare(read)?;
        let rows = read.query_map((series, MOST as i64), |row| {
            Ok(WindowRun { id: row.get(0)?, started: row.get(1)?, revision: row.get(2)? })
        })?;
        let mut runs: Vec<WindowRun> = rows.collect::<Result<_, _>>()?;
        let since = runs.iter().map(|run| run.started).max().unwrap_or_default() - TWO_WEEKS;
        let recent = runs.iter().take_while(|run| run.started >= since).count();
        runs.truncate(recent.max(RUNS));
        runs.reverse();
        let places = runs.iter().zip(0..).map(|(run, place)| (run.id, place)).collect();
        Ok(Window { runs, places })
    }

    /// What these tests came to in the runs of a window.
    pub(super) fn sequences(&self, window: &Window, tests: &BTreeSet<u32>) -> SqlResult<Sequences> {
        let mut sequences = Sequences::new();
        let runs: Vec<i64> = window.runs.iter().map(|run| run.id.into()).collect();
        let tests: Vec<u32> = tests.iter().copied().collect();
        self.each_block(&blocks_of(&tests), &runs, |block, tiles| {
            let tests = in_block(&tests, block);
            let places: Vec<u32> = tests.iter().map(|test| test % TILE).collect();
            let mut found: Vec<Vec<(usize, OutcomeCode)>> = vec![Vec::new(); tests.len()];
            for (run, tile) in tiles.iter().enumerate() {
                pick(tile, &places, |nth, outcome, _| {
                    found.get_mut(nth).into_iter().for_each(|found| found.push((run, outcome)));
                });
            }
            let found = tests.iter().copied().zip(found);
            sequences.extend(found.filter(|(_, sequence)| !sequence.is_empty()));
        })?;
        Ok(sequences)
    }

    /// Calls `each` for each of these blocks, in their order, with the statuses in each of these runs: nothing where a run
    /// has none of its tests. A block that no run has is left out.
    pub(super) fn each_block(
        &self,
        blocks: &[u32],
        runs: &[i64],
        mut each: impl FnMut(u32, &[Vec<u8>]),
    ) -> SqlResult<()> {
        let places: HashMap<i64, usize> =
            runs.iter().zip(0..).map(|(run, place)| (*run, place)).collect();
        let first = runs.iter().min().copied().unwrap_or_default();
        let connection = self.index.connection();
        let dialect = connection.dialect();
        let read = format!(
            "SELECT block, run, status FROM status_tile WHERE block {} AND run >= ?",
            dialect.is_one_of()
        );
        let mut read = connection.prepare(&read)?;
        for some in blocks.chunks(BLOCKS) {
            let mut found: BTreeMap<u32, Vec<Vec<u8>>> = BTreeMap::new();
            let mut rows = read.query((dialect.numbers(some), first))?;
            while let Some(row) = rows.next()? {
                let Some(place) = places.get(&row.get::<i64>(1)?) else { continue };
                let none = || vec![Vec::new(); runs.len()];
                let tiles = found.entry(row.get(0)?).or_insert_with(none);
                if let Some(tile) = tiles.get_mut(*place) {
                    tile.extend_from_slice(row.get_ref(2)?.as_blob()?);
                }
            }
            found.into_iter().for_each(|(block, tiles)| each(block, &tiles));
        }
        Ok(())
    }
}
