//! What did tests come to in the last runs, as a grid: tests by runs?

use std::{cmp::Reverse, collections::BTreeMap};

use super::{
    History, RunRow, TestIdentity,
    names::TestNames,
    window::{blocks_of, in_block},
};
use crate::{
    Error, OutcomeCode,
    index::blocks,
    sql::{OptionalRow, SqlResult},
    tile::{TILE, pick, present},
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

    fn read_grid(&self, series: Option<&str>, most: usize, text: Option<&str>) -> SqlResult<Grid> {
        let Some(series) = self.series(series)? else { return Ok(Grid::default()) };
        let runs = self.last_runs(series, most, true)?;
        let row =
            |test, outcomes: Vec<OutcomeCode>| GridRow { test, kind: kind(&outcomes), outcomes };
        let mut rows = Vec::new();
        if let Some(text) = text {
            let named = self.named(text)?;
            let numbers: Vec<u32> = named.iter().map(|(number, _)| *number).collect();
            let outcomes = self.outcomes_of(&runs, &numbers)?;
            let found = named.into_iter().zip(outcomes).map(|((_, test), cells)| row(test, cells));
            let was_there =
                |row: &GridRow| row.outcomes.iter().any(|one| *one != OutcomeCode::ABSENT);
            rows.extend(found.filter(was_there));
        } else {
            let found = self.outcomes(&runs)?;
            let numbers = found.iter().map(|(test, _)| *test);
            let mut names = TestNames::of_all(self.index.connection(), numbers)?;
            for (test, outcomes) in found {
                rows.push(row(names.of(test)?, outcomes));
            }
        }
        sort(&mut rows);
        Ok(Grid { runs, rows })
    }

    /// The tests with this text in their ids, in the order of their numbers.
    fn named(&self, text: &str) -> SqlResult<Vec<(u32, TestIdentity)>> {
        // The ids are compared here: SQLite would look at each of them letter by letter.
        let read = "SELECT num, id, scope, runnable FROM test ORDER BY num";
        let mut read = self.index.connection().prepare(read)?;
        let mut rows = read.query([])?;
        let finder = memchr::memmem::Finder::new(text);
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let id = row.get_ref(1)?.as_str()?;
            if finder.find(id.as_bytes()).is_some() {
                let id = id.to_owned();
                let test = TestIdentity { id, scope: row.get(2)?, runnable: row.get(3)? };
                found.push((row.get(0)?, test));
            }
        }
        Ok(found)
    }

    /// What these tests, in the order of their numbers, came to in runs: one for each of them.
    fn outcomes_of(&self, runs: &[RunRow], tests: &[u32]) -> SqlResult<Vec<Vec<OutcomeCode>>> {
        let mut found = vec![vec![OutcomeCode::ABSENT; runs.len()]; tests.len()];
        let numbers: Vec<i64> = runs.iter().map(|run| run.id).collect();
        self.each_block(&blocks_of(tests), &numbers, |block, tiles| {
            let places: Vec<u32> = in_block(tests, block).iter().map(|test| test % TILE).collect();
            let begin = tests.partition_point(|test| test / TILE < block);
            set(found.get_mut(begin..).unwrap_or_default(), &places, tiles);
        })?;
        Ok(found)
    }

    /// What a test came to in runs, if one of them has it, with its number.
    pub(crate) fn outcomes_of_test(
        &self,
        runs: &[RunRow],
        test: &TestIdentity,
    ) -> SqlResult<Option<(u32, Vec<OutcomeCode>)>> {
        let find = "SELECT num FROM test WHERE id = ? AND scope = ? AND runnable = ?";
        let mut find = self.index.connection().prepare(find)?;
        let found = find.query_row((&test.id, &test.scope, test.runnable), |row| row.get(0));
        let Some(number) = found.optional()? else { return Ok(None) };
        let outcomes = self.outcomes_of(runs, &[number])?.pop().unwrap_or_default();
        let was_there = outcomes.iter().any(|one| *one != OutcomeCode::ABSENT);
        Ok(was_there.then_some((number, outcomes)))
    }

    /// What tests came to in runs, of those that were bad or flaky in one of them.
    pub(crate) fn outcomes(&self, runs: &[RunRow]) -> SqlResult<Vec<(u32, Vec<OutcomeCode>)>> {
        let mut found = Vec::new();
        let all: Vec<u32> = (0..blocks(self.index.connection())?).collect();
        let numbers: Vec<i64> = runs.iter().map(|run| run.id).collect();
        self.each_block(&all, &numbers, |block, tiles| {
            let mut wanted: Vec<u32> = Vec::new();
            for tile in tiles {
                let tells =
                    |outcome: OutcomeCode| outcome.is_bad() || outcome == OutcomeCode::FLAKY;
                let told = present(tile).filter(|(_, outcome)| tells(*outcome));
                wanted.extend(told.map(|(place, _)| place));
            }
            wanted.sort_unstable();
            wanted.dedup();
            let mut cells = vec![vec![OutcomeCode::ABSENT; runs.len()]; wanted.len()];
            set(&mut cells, &wanted, tiles);
            found.extend(wanted.into_iter().map(|place| block * TILE + place).zip(cells));
        })?;
        Ok(found)
    }
}

/// Puts what is at these places of a block in each run into the cells of each place.
fn set(cells: &mut [Vec<OutcomeCode>], places: &[u32], tiles: &[Vec<u8>]) {
    for (run, tile) in tiles.iter().enumerate() {
        pick(tile, places, |nth, outcome, _| {
            if let Some(cell) = cells.get_mut(nth).and_then(|cells| cells.get_mut(run)) {
                *cell = outcome;
            }
        });
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
