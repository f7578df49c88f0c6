//! What did tests come to in the last runs, as a grid: tests by runs?

use std::{cmp::Reverse, collections::BTreeMap};

use hashbrown::HashMap;

use super::{History, RunRow, TestIdentity, names::TestNames};
use crate::{
    Error, OutcomeCode,
    index::blocks,
    tile::{TILE, present},
};

/// Why a test is in a grid.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum GridKind {
    /// Its last result is bad.
    Failing,
    /// It passed only after it had failed, in one of the runs, or it went from good to bad and back.
    Flaky,
    /// It was bad, and is not any more.
    Fixed,
    /// It passed; it was asked for.
    Passed,
}

/// A test in some runs.
#[derive(Clone, Debug)]
pub struct GridRow {
    /// The test.
    pub test: TestIdentity,
    /// Why it is there.
    pub kind: GridKind,
    /// What it came to in each of the runs.
    pub outcomes: Vec<OutcomeCode>,
}

/// Tests by runs.
#[derive(Clone, Debug, Default)]
pub struct Grid {
    /// The runs, the latest first.
    pub runs: Vec<RunRow>,
    /// The tests: those that broke last first, then flaky ones, then those that are fixed.
    pub rows: Vec<GridRow>,
}

impl Grid {
    /// Those of several series or histories as one, with at most `most` runs, the last ones by time.
    pub fn merge(grids: Vec<Self>, most: usize) -> Self {
        if let [only] = &grids[..] {
            return only.clone();
        }
        let mut columns: Vec<(usize, usize, &RunRow)> = Vec::new();
        for (nth, grid) in grids.iter().enumerate() {
            columns.extend(grid.runs.iter().enumerate().map(|(at, run)| (nth, at, run)));
        }
        columns.sort_by_key(|(nth, at, run)| (Reverse(run.started), *nth, *at));
        columns.truncate(most);
        let mut tests: BTreeMap<&TestIdentity, Vec<Option<&GridRow>>> = BTreeMap::new();
        for (nth, grid) in grids.iter().enumerate() {
            for row in &grid.rows {
                let known = tests.entry(&row.test).or_insert_with(|| vec![None; grids.len()]);
                if let Some(place) = known.get_mut(nth) {
                    *place = Some(row);
                }
            }
        }
        let row = |(test, rows): (&TestIdentity, Vec<Option<&GridRow>>)| {
            let cell = |(nth, at, _): &(usize, usize, &RunRow)| {
                let row = rows.get(*nth).copied().flatten();
                row.and_then(|row| row.outcomes.get(*at)).copied().unwrap_or_default()
            };
            let outcomes: Vec<OutcomeCode> = columns.iter().map(cell).collect();
            GridRow { test: test.clone(), kind: kind(&outcomes), outcomes }
        };
        let mut rows: Vec<GridRow> = tests.into_iter().map(row).collect();
        sort(&mut rows);
        Self { runs: columns.into_iter().map(|(.., run)| run.clone()).collect(), rows }
    }
}

/// What broke last comes first: it has the shortest streak.
fn sort(rows: &mut [GridRow]) {
    rows.sort_by_cached_key(|row| (row.kind, streak(row), row.test.clone()));
}

impl History {
    /// The last runs of a series, or of that of the run that came last, at most `runs`; and the tests that were bad or
    /// flaky in one of them. With `text` those with this text in their ids, whatever they came to.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn grid(
        &self,
        series: Option<&str>,
        runs: usize,
        text: Option<&str>,
    ) -> Result<Grid, Error> {
        self.read_grid(series, runs, text).map_err(self.index.error())
    }

    fn read_grid(
        &self,
        series: Option<&str>,
        most: usize,
        text: Option<&str>,
    ) -> rusqlite::Result<Grid> {
        let Some(series) = self.series(series)? else { return Ok(Grid::default()) };
        let runs = self.last_runs(series, most, true)?;
        let mut names = TestNames::new(self.index.connection())?;
        let mut rows = Vec::new();
        for (test, outcomes) in self.outcomes(&runs, text.is_some())? {
            let test = names.of(test)?;
            if text.is_none_or(|text| test.id.contains(text)) {
                rows.push(GridRow { test, kind: kind(&outcomes), outcomes });
            }
        }
        sort(&mut rows);
        Ok(Grid { runs, rows })
    }

    /// What tests came to in runs: of those that were bad or flaky in one of them, or of all.
    pub(crate) fn outcomes(
        &self,
        runs: &[RunRow],
        all: bool,
    ) -> rusqlite::Result<Vec<(u32, Vec<OutcomeCode>)>> {
        let connection = self.index.connection();
        let places: HashMap<i64, usize> =
            runs.iter().zip(0..).map(|(run, place)| (run.id, place)).collect();
        let first = runs.iter().map(|run| run.id).min().unwrap_or_default();
        let read = "SELECT run, status FROM status_tile WHERE block = ? AND run >= ?";
        let mut read = connection.prepare_cached(read)?;
        let mut found = Vec::new();
        for block in 0..blocks(connection)? {
            let mut tiles: Vec<Vec<u8>> = vec![Vec::new(); runs.len()];
            let mut rows = read.query((block, first))?;
            while let Some(row) = rows.next()? {
                let tile =
                    places.get(&row.get::<_, i64>(0)?).and_then(|place| tiles.get_mut(*place));
                if let Some(tile) = tile {
                    *tile = row.get(1)?;
                }
            }
            let mut tests: Vec<Option<Vec<OutcomeCode>>> = vec![None; TILE as usize];
            let is_wanted =
                |outcome: OutcomeCode| all || outcome.is_bad() || outcome == OutcomeCode::FLAKY;
            for (place, outcome) in tiles.iter().flat_map(|tile| present(tile)) {
                if is_wanted(outcome)
                    && let Some(test) = tests.get_mut(place as usize)
                    && test.is_none()
                {
                    *test = Some(vec![OutcomeCode::ABSENT; runs.len()]);
                }
            }
            for (run, tile) in tiles.iter().enumerate() {
                for (place, outcome) in present(tile) {
                    let test = tests.get_mut(place as usize).and_then(Option::as_mut);
                    if let Some(cell) = test.and_then(|outcomes| outcomes.get_mut(run)) {
                        *cell = outcome;
                    }
                }
            }
            let numbered = (0..).zip(tests);
            found.extend(numbered.filter_map(|(at, test)| Some((block * TILE + at, test?))));
        }
        Ok(found)
    }
}

fn kind(outcomes: &[OutcomeCode]) -> GridKind {
    let was_bad = OutcomeCode::telling(outcomes).any(OutcomeCode::is_bad);
    if OutcomeCode::telling(outcomes).next().is_some_and(OutcomeCode::is_bad) {
        return GridKind::Failing;
    }
    let bad: Vec<bool> = OutcomeCode::telling(outcomes).map(OutcomeCode::is_bad).collect();
    let changes = bad.windows(2).filter(|pair| matches!(pair, [one, next] if one != next)).count();
    match was_bad {
        _ if outcomes.contains(&OutcomeCode::FLAKY) || changes > 2 => GridKind::Flaky,
        true => GridKind::Fixed,
        false => GridKind::Passed,
    }
}

/// How many of the last results are bad.
fn streak(row: &GridRow) -> usize {
    OutcomeCode::telling(&row.outcomes).take_while(|outcome| outcome.is_bad()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_a_test_is_in_a_grid() {
        for (letters, wanted) in [
            ("!..", GridKind::Failing),
            ("-!.", GridKind::Failing),
            (".!.", GridKind::Fixed),
            (".!.!.", GridKind::Flaky),
            ("f..", GridKind::Flaky),
            ("...", GridKind::Passed),
            (" -", GridKind::Passed),
        ] {
            let outcome = |letter| match letter {
                '.' => OutcomeCode::SUCCESS,
                '!' => OutcomeCode::FAIL,
                '-' => OutcomeCode::SKIP,
                'f' => OutcomeCode::FLAKY,
                _ => OutcomeCode::ABSENT,
            };
            let outcomes: Vec<OutcomeCode> = letters.chars().map(outcome).collect();
            assert_eq!(kind(&outcomes), wanted, "{letters}");
        }
    }
}
