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
        let first = window.runs.iter().map(|run| run.id).min().unwrap_or_default();
        let read = "SELECT run, status FROM status_tile WHERE block = ? AND run >= ?";
        let mut read = self.index.connection().prepare(read)?;
        let tests: Vec<u32> = tests.iter().copied().collect();
        for block in tests.chunk_by(|one, next| one / TILE == next / TILE) {
            let Some(first_test) = block.first() else { continue };
            let places: Vec<u32> = block.iter().map(|test| test % TILE).collect();
            let mut found: Vec<Vec<(usize, OutcomeCode)>> = vec![Vec::new(); block.len()];
            let mut rows = read.query((first_test / TILE, first))?;
            while let Some(row) = rows.next()? {
                let Some(run) = window.place(row.get(0)?) else { continue };
                pick(row.get_ref(1)?.as_blob()?, &places, |nth, outcome, _| {
                    found.get_mut(nth).into_iter().for_each(|found| found.push((run, outcome)));
                });
            }
            for (test, mut sequence) in block.iter().zip(found) {
                if !sequence.is_empty() {
                    sequence.sort_unstable_by_key(|(place, _)| *place);
                    sequences.insert(*test, sequence);
                }
            }
        }
        Ok(sequences)
    }
}
