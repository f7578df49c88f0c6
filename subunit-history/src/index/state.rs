//! What is known of the tests of a block in a series, after all its runs.

use crate::{
    outcome::{Micros, OutcomeCode},
    sql::{SqlResult, SqlRow},
    tile::TILE,
};

/// What is known of up to 1024 tests. As columns: `last`, a byte for each with the last outcome in the low half
/// and the last good or bad one in the high half; `seen`, four bytes for the run of that one; `fast` and `slow`,
/// four bytes each for smoothed durations in microseconds. All little-endian.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct BlockState {
    tests: Vec<TestState>,
}

/// What is known of one test.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct TestState {
    /// What it came to last, in any run.
    pub(crate) last: OutcomeCode,
    /// What it came to when it last was good or bad, in a run that is not about the infrastructure.
    pub(crate) telling: OutcomeCode,
    /// The run in which that was; 0 if there was none.
    pub(crate) seen: u32,
    /// How long it took lately, in microseconds; 0 if that is not known.
    pub(crate) fast: f32,
    /// How long it took over a long time.
    pub(crate) slow: f32,
}

/// What the last result of a test counts in [`TestState::fast`].
const FAST: f32 = 0.3;
/// The same for [`TestState::slow`].
const SLOW: f32 = 0.02;

/// A run whose results are applied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AppliedRun {
    pub(crate) id: u32,
    /// Nearly all failed, or nothing ran: that says nothing about the tests.
    pub(crate) infrastructure: bool,
}

/// What a result changes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Effect {
    /// The test is seen for the first time.
    pub(crate) is_fresh: bool,
    /// It was good and is bad, or the other way round, or is bad when it is seen first: what it was, what it is,
    /// and the run of the result before.
    pub(crate) change: Option<(OutcomeCode, OutcomeCode, Option<u32>)>,
}

impl Effect {
    /// Whether it was not bad before, and is now.
    pub(crate) fn is_break(&self) -> bool {
        self.change.is_some_and(|(_, now, _)| now.is_bad())
    }

    /// Whether it was bad before, and is good now.
    pub(crate) fn is_fix(&self) -> bool {
        self.change.is_some_and(|(_, now, _)| now.is_good())
    }
}

impl BlockState {
    /// Takes the result of the test at a place of the block.
    pub(crate) fn apply(
        &mut self,
        place: u32,
        outcome: OutcomeCode,
        time: Micros,
        run: AppliedRun,
    ) -> Effect {
        if matches!(outcome, OutcomeCode::ABSENT | OutcomeCode::EXISTS) || place >= TILE {
            return Effect::default();
        }
        if self.tests.len() <= place as usize {
            self.tests.resize(place as usize + 1, TestState::default());
        }
        let Some(test) = self.tests.get_mut(place as usize) else { return Effect::default() };
        let is_fresh = test.last == OutcomeCode::ABSENT;
        test.last = outcome;
        let tells = outcome.is_telling() && !run.infrastructure;
        if !tells {
            return Effect { is_fresh, change: None };
        }
        let (was, prior) = (test.telling, (test.seen != 0).then_some(test.seen));
        let is_change = match was {
            OutcomeCode::ABSENT => outcome.is_bad(),
            was => was.is_bad() != outcome.is_bad(),
        };
        test.telling = outcome;
        test.seen = run.id;
        // A bad result takes another time than a good one, and is better than nothing.
        if outcome.is_good() || test.fast == 0.0 {
            test.smooth(time);
        }
        Effect { is_fresh, change: is_change.then_some((was, outcome, prior)) }
    }

    /// What is known of the test at a place of the block.
    pub(crate) fn test(&self, place: u32) -> TestState {
        self.tests.get(place as usize).copied().unwrap_or_default()
    }

    /// The tests that are known, by their places.
    pub(crate) fn tests(&self) -> impl Iterator<Item = (u32, TestState)> {
        let known = |(_, test): &(u32, TestState)| test.last != OutcomeCode::ABSENT;
        (0..).zip(self.tests.iter().copied()).filter(known)
    }

    /// Reads it from four columns of a row, from this one on.
    pub(crate) fn from_row(row: SqlRow<'_>, from: usize) -> SqlResult<Self> {
        let blob = |at| row.get_ref(from + at)?.as_blob();
        let (last, seen, fast, slow) = (blob(0)?, blob(1)?, blob(2)?, blob(3)?);
        let words =
            |bytes: &[u8], at: usize| bytes.as_chunks().0.get(at).copied().unwrap_or_default();
        let test = |(at, last): (usize, &u8)| TestState {
            last: OutcomeCode::from_code(last & 15),
            telling: OutcomeCode::from_code(last >> 4),
            seen: u32::from_le_bytes(words(seen, at)),
            fast: f32::from_le_bytes(words(fast, at)),
            slow: f32::from_le_bytes(words(slow, at)),
        };
        Ok(Self { tests: last.iter().enumerate().take(TILE as usize).map(test).collect() })
    }

    /// Its columns: `last`, `seen`, `fast` and `slow`.
    pub(crate) fn columns(&self) -> [Vec<u8>; 4] {
        let tests = &self.tests;
        [
            tests.iter().map(|test| test.telling.code() << 4 | test.last.code()).collect(),
            tests.iter().flat_map(|test| test.seen.to_le_bytes()).collect(),
            tests.iter().flat_map(|test| test.fast.to_le_bytes()).collect(),
            tests.iter().flat_map(|test| test.slow.to_le_bytes()).collect(),
        ]
    }
}

impl TestState {
    fn smooth(&mut self, time: Micros) {
        let time = time.get() as f32;
        if time <= 0.0 {
            return;
        }
        let step = |average: f32, weight| {
            if average > 0.0 { average + weight * (time - average) } else { time }
        };
        self.fast = step(self.fast, FAST);
        self.slow = step(self.slow, SLOW);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The effects of results, one letter each: `.` passed, `!` failed, `-` skipped, `f` flaky, `i` failed in a run
    /// of the infrastructure. In the answer `n` is fresh, `b` breaks, `f` fixes.
    fn effects(results: &str) -> String {
        let mut state = BlockState::default();
        let mut said = String::new();
        for (letter, id) in results.chars().zip(1..) {
            let outcome = match letter {
                '.' => OutcomeCode::SUCCESS,
                '-' => OutcomeCode::SKIP,
                'f' => OutcomeCode::FLAKY,
                _ => OutcomeCode::FAIL,
            };
            let run = AppliedRun { id, infrastructure: letter == 'i' };
            let effect = state.apply(3, outcome, Micros::new(10), run);
            said.push(match (effect.is_fresh, effect.is_break(), effect.is_fix()) {
                (true, true, _) => 'N',
                (true, ..) => 'n',
                (_, true, _) => 'b',
                (_, _, true) => 'f',
                _ => ' ',
            });
        }
        said
    }

    #[test]
    fn changes_are_between_good_and_bad() {
        assert_eq!(effects("..!!."), "n b f");
        assert_eq!(effects("!!.."), "N f ");
        assert_eq!(effects(".-!-."), "n b f");
        assert_eq!(effects(".f.!f"), "n  bf");
        assert_eq!(effects(".i."), "n  ");
        assert_eq!(effects("i!."), "nbf");
        assert_eq!(effects("-!"), "nb");
    }

    #[test]
    fn a_change_names_the_run_of_the_result_before() {
        let mut state = BlockState::default();
        let run = |id| AppliedRun { id, infrastructure: false };
        state.apply(0, OutcomeCode::SUCCESS, Micros::new(5), run(7));
        state.apply(0, OutcomeCode::SKIP, Micros::new(5), run(8));
        let effect = state.apply(0, OutcomeCode::FAIL, Micros::new(5), run(9));
        assert_eq!(effect.change, Some((OutcomeCode::SUCCESS, OutcomeCode::FAIL, Some(7))));
        assert_eq!(state.test(0).seen, 9);
        assert_eq!(state.test(0).fast, 5.0);
        assert_eq!(state.apply(TILE, OutcomeCode::FAIL, Micros::new(5), run(9)), Effect::default());
    }
}
