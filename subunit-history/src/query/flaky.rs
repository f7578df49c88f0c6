//! Which tests pass and fail without a reason?

use std::collections::{BTreeSet, HashMap};

use super::{
    History, TestIdentity,
    names::TestNames,
    window::{TWO_WEEKS, Window, WindowRun},
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
        let mut names = TestNames::new(self.index.connection())?;
        let mut flaky = Vec::new();
        for (test, sequence) in self.sequences(&window, &candidates)? {
            let evidence = FlakyEvidence::of(&sequence, &window.runs);
            let Some(proof) = evidence.proof() else { continue };
            let FlakyEvidence { rate, failures, retried, disagreements, .. } = evidence;
            let seconds = f64::from(self.usual_time(series, test)?) / 1e6;
            let weight = rate.max((retried + disagreements) as f64 / sequence.len().max(1) as f64);
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
        let mut changed =
            connection.prepare("SELECT test FROM change WHERE run = ? AND series = ?")?;
        let mut retried =
            connection.prepare("SELECT test FROM attempt WHERE run = ? AND kind = 0")?;
        let mut found = BTreeSet::new();
        for run in &window.runs {
            for test in changed.query_map((run.id, series), |row| row.get(0))? {
                found.insert(test?);
            }
            for test in retried.query_map([run.id], |row| row.get(0))? {
                found.insert(test?);
            }
        }
        Ok(found)
    }

    /// How long a test usually takes, in microseconds; 0 if that is not known.
    fn usual_time(&self, series: i64, test: u32) -> SqlResult<f32> {
        let read = "SELECT substr(slow, ?3, 4) FROM state WHERE series = ?1 AND block = ?2";
        let mut read = self.index.connection().prepare(read)?;
        let place = test % TILE * 4 + 1;
        let mut rows = read.query((series, test / TILE, place))?;
        let Some(row) = rows.next()? else { return Ok(0.0) };
        let bytes = row.get_ref(0)?.as_blob().ok().and_then(|blob| blob.try_into().ok());
        Ok(bytes.map_or(0.0, f32::from_le_bytes))
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
