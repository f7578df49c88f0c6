//! Which tests pass and fail without a reason?

use std::collections::{BTreeSet, HashMap};

use super::{
    History, TestIdentity,
    names::TestNames,
    window::{TWO_WEEKS, Window, WindowRun, blocks_of, in_block},
};
use crate::{Error, OutcomeCode, index::BlockState, sql::SqlResult, tile::TILE};

/// What shows that a test is flaky.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FlakyProof {
    /// Within two weeks it passed after it had failed in the same run, or it passed and failed on one revision.
    Proved,
    /// It changes often between good and bad.
    Suspected,
}

/// A test that is flaky.
#[derive(Clone, Debug)]
pub struct FlakyTest {
    /// The test.
    pub test: TestIdentity,
    /// What shows it.
    pub proof: FlakyProof,
    /// Of the last 100 results, how many differ from the one before, good or bad; from 0 to 1.
    pub rate: f64,
    /// How often it failed among them.
    pub failures: u64,
    /// In how many runs of the last two weeks it passed after it had failed.
    pub retried: u64,
    /// On how many revisions of the last two weeks it passed and failed.
    pub disagreements: u64,
    /// What it costs: the rate, times the failures, times how long it takes, in seconds.
    pub cost: f64,
}

/// What the results of a test show.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct FlakyEvidence {
    pub(super) rate: f64,
    transitions: u64,
    failures: u64,
    retried: u64,
    disagreements: u64,
    /// How many results at the end are bad.
    pub(super) bad_streak: usize,
    /// How many results at the end passed at once.
    good_streak: usize,
}

/// How many results the rate is of.
const RESULTS: usize = 100;
/// After so many results that passed at once a test is not flaky any more.
const HEALED: usize = 20;
/// After so many bad results a test is broken and not flaky.
const BROKEN: usize = 5;

impl FlakyEvidence {
    /// Of the results of a test, in their order: the place of the run, and what it came to.
    pub(super) fn of(sequence: &[(usize, OutcomeCode)], runs: &[WindowRun]) -> Self {
        let telling: Vec<(usize, OutcomeCode)> =
            sequence.iter().copied().filter(|(_, outcome)| outcome.is_telling()).collect();
        let last = telling.get(telling.len().saturating_sub(RESULTS)..).unwrap_or_default();
        let changes = last
            .windows(2)
            .filter(|pair| matches!(pair, [(_, one), (_, next)] if one.is_bad() != next.is_bad()));
        let transitions = changes.count() as u64;
        let since = runs.iter().map(|run| run.started).max().unwrap_or_default() - TWO_WEEKS;
        let run = |place: usize| runs.get(place).filter(|run| run.started >= since);
        let recent =
            || telling.iter().filter_map(|(place, outcome)| Some((run(*place)?, *outcome)));
        let mut revisions: HashMap<&str, (bool, bool)> = HashMap::new();
        for (run, outcome) in recent() {
            if let Some(revision) = &run.revision {
                let (good, bad) = revisions.entry(revision).or_default();
                *good |= outcome.is_good();
                *bad |= outcome.is_bad();
            }
        }
        let is_clean = |outcome: OutcomeCode| outcome.is_good() && outcome != OutcomeCode::FLAKY;
        let trailing = |is: &dyn Fn(OutcomeCode) -> bool| {
            telling.iter().rev().take_while(|(_, outcome)| is(*outcome)).count()
        };
        Self {
            rate: if last.len() < 2 { 0.0 } else { transitions as f64 / (last.len() - 1) as f64 },
            transitions,
            failures: last.iter().filter(|(_, outcome)| outcome.is_bad()).count() as u64,
            retried: recent().filter(|(_, outcome)| *outcome == OutcomeCode::FLAKY).count() as u64,
            disagreements: revisions.values().filter(|(good, bad)| *good && *bad).count() as u64,
            bad_streak: trailing(&OutcomeCode::is_bad),
            good_streak: trailing(&is_clean),
        }
    }

    /// Whether the test is flaky.
    pub(super) fn proof(&self) -> Option<FlakyProof> {
        if self.good_streak >= HEALED || self.bad_streak >= BROKEN {
            return None;
        }
        if self.retried + self.disagreements > 0 {
            return Some(FlakyProof::Proved);
        }
        (self.rate >= 0.1 && self.transitions >= 4).then_some(FlakyProof::Suspected)
    }
}

impl History {
    /// The flaky tests of a series, or of that of the run that came last; the most costly ones first.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn flaky(&self, series: Option<&str>) -> Result<Vec<FlakyTest>, Error> {
        self.read_flaky(series).map_err(self.index.error())
    }

    fn read_flaky(&self, series: Option<&str>) -> SqlResult<Vec<FlakyTest>> {
        let Some(series) = self.series(series)? else { return Ok(Vec::new()) };
        let window = self.window(series)?;
        let candidates = self.candidates(series, &window)?;
        let mut found = Vec::new();
        for (test, sequence) in self.sequences(&window, &candidates)? {
            let evidence = FlakyEvidence::of(&sequence, &window.runs);
            let proof = evidence.proof();
            found.extend(proof.map(|proof| (test, proof, evidence, sequence.len())));
        }
        let tests: Vec<u32> = found.iter().map(|(test, ..)| *test).collect();
        let mut names = TestNames::of_all(self.index.connection(), tests.iter().copied())?;
        let usual_times = self.usual_times(series, &tests)?;
        let mut flaky = Vec::new();
        for (test, proof, evidence, results) in found {
            let FlakyEvidence { rate, failures, retried, disagreements, .. } = evidence;
            let seconds = usual_times.get(&test).map_or(0.0, |time| f64::from(*time) / 1e6);
            let weight = rate.max((retried + disagreements) as f64 / results.max(1) as f64);
            let cost = weight * (failures + retried) as f64 * seconds;
            let test = names.of(test)?;
            flaky.push(FlakyTest { test, proof, rate, failures, retried, disagreements, cost });
        }
        flaky.sort_by(|one, other| {
            other.cost.total_cmp(&one.cost).then_with(|| other.rate.total_cmp(&one.rate))
        });
        Ok(flaky)
    }

    /// Tests that changed or were retried in a window.
    fn candidates(&self, series: i64, window: &Window) -> SqlResult<BTreeSet<u32>> {
        let connection = self.index.connection();
        let dialect = connection.dialect();
        let runs: Vec<u32> = window.runs.iter().map(|run| run.id).collect();
        let read = format!(
            "SELECT test FROM change WHERE run {0} AND series = ? UNION SELECT test FROM attempt WHERE run {0} AND kind = 0",
            dialect.is_one_of()
        );
        let runs = dialect.numbers(&runs);
        let mut read = connection.prepare(&read)?;
        let found =
            read.query_map((&runs, series, &runs), |row| row.get(0))?.collect::<SqlResult<_>>()?;
        Ok(found)
    }

    /// How long these tests, in the order of their numbers, usually take, in microseconds; without those of which that is
    /// not known.
    fn usual_times(&self, series: i64, tests: &[u32]) -> SqlResult<HashMap<u32, f32>> {
        let connection = self.index.connection();
        let dialect = connection.dialect();
        let read = format!(
            "SELECT block, slow FROM state WHERE series = ? AND block {}",
            dialect.is_one_of()
        );
        let mut read = connection.prepare(&read)?;
        let mut rows = read.query((series, dialect.numbers(&blocks_of(tests))))?;
        let mut times = HashMap::new();
        while let Some(row) = rows.next()? {
            let (block, slow) = (row.get::<u32>(0)?, row.get_ref(1)?.as_blob()?);
            for test in in_block(tests, block) {
                let bytes = slow.as_chunks().0.get((test % TILE) as usize);
                times.extend(bytes.map(|bytes| (*test, f32::from_le_bytes(*bytes))));
            }
        }
        Ok(times)
    }

    /// What is known of all tests of a series, by block.
    pub(super) fn states(&self, series: i64) -> SqlResult<Vec<(u32, BlockState)>> {
        let read =
            "SELECT block, last, seen, fast, slow FROM state WHERE series = ? ORDER BY block";
        let mut read = self.index.connection().prepare(read)?;
        read.query_map([series], |row| Ok((row.get(0)?, BlockState::from_row(row, 1)?)))?.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The evidence of results, one letter each, a day apart: `.` passed, `!` failed, `f` flaky, `-` skipped. Letters
    /// that stand together without a blank between are on one revision.
    fn evidence(results: &str) -> FlakyEvidence {
        let (mut runs, mut sequence) = (Vec::new(), Vec::new());
        for (revision, word) in results.split(' ').enumerate() {
            for letter in word.chars() {
                let outcome = match letter {
                    '.' => OutcomeCode::SUCCESS,
                    'f' => OutcomeCode::FLAKY,
                    '-' => OutcomeCode::SKIP,
                    _ => OutcomeCode::FAIL,
                };
                sequence.push((runs.len(), outcome));
                let started = runs.len() as i64 * 24 * 3600 * 1_000_000;
                runs.push(WindowRun {
                    id: runs.len() as u32,
                    started,
                    revision: Some(revision.to_string()),
                });
            }
        }
        FlakyEvidence::of(&sequence, &runs)
    }

    #[test]
    fn the_rate_is_of_the_changes_that_were_possible() {
        assert_eq!(evidence(". . ! ! !").rate, 0.25);
        assert_eq!(evidence(".").rate, 0.0);
        assert_eq!(evidence(". - ! - .").rate, 1.0);
    }

    #[test]
    fn what_is_flaky() {
        use FlakyProof::{Proved, Suspected};
        for (results, expected) in [
            (". . . . .", None),
            (". . f . .", Some(Proved)),
            (". .! . .", Some(Proved)),
            (". . ! . .", None),
            (". ! . ! .", Some(Suspected)),
            (". ! . ! .!", Some(Proved)),
            // Broken, not flaky.
            (". .! ! ! ! !", None),
            // Healed: 20 results without a failure.
            ("f . . . . . . . . . . . . . . . . . . . .", None),
            // Two weeks ago.
            ("f . . . . . . . . . . . . . . .", None),
            ("f . . . . . . . . . . . . .", Some(Proved)),
        ] {
            assert_eq!(evidence(results).proof(), expected, "{results}");
        }
    }
}
