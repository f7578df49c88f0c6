//! From the results of a stream, in its order, to one outcome for each test, in the order of their numbers.

use crate::{
    contents::{RunContents, StreamResult},
    outcome::{Micros, OutcomeCode},
    tile::TestOutcome,
};

/// What the results of a stream came to.
#[derive(Debug, Default)]
pub(crate) struct Settled {
    /// One for each test, in the order of the tests.
    pub(crate) results: Vec<TestOutcome>,
    /// Of tests with several attempts or results, in the same order.
    pub(crate) attempts: Vec<AttemptRow>,
}

/// One of several attempts or results of a test.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct AttemptRow {
    pub(crate) test: u32,
    /// Which one, from 1.
    pub(crate) n: u32,
    pub(crate) kind: AttemptKind,
    pub(crate) outcome: OutcomeCode,
    pub(crate) time: Micros,
    pub(crate) route: Option<String>,
}

/// Why there are several.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum AttemptKind {
    /// They are attempts at one result.
    Retry,
    /// They are results of their own that share an identity. The worst stands for all of them.
    Shared,
}

impl AttemptKind {
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Retry => 0,
            Self::Shared => 1,
        }
    }
}

impl Settled {
    /// Settles what a stream says, given the numbers of the new tests. Its results and attempts are left in the
    /// order of their tests.
    pub(crate) fn of(contents: &mut RunContents, numbers: &[u32]) -> Self {
        contents.results.sort_by_key(|result| result.test.number(numbers));
        contents.attempts.sort_by_key(|attempt| attempt.test.number(numbers));
        let mut settled = Self::default();
        settled.results.reserve_exact(contents.results.len());
        let mut tried = contents.attempts.iter().peekable();
        let number = |result: &StreamResult| result.test.number(numbers);
        for all in contents.results.chunk_by(|one, next| number(one) == number(next)) {
            let Some(test) = all.first().map(number) else { continue };
            let mut n = 0;
            while let Some(attempt) = tried.next_if(|one| one.test.number(numbers) == test) {
                n += 1;
                settled.attempts.push(AttemptRow {
                    test,
                    n,
                    kind: AttemptKind::Retry,
                    outcome: attempt.outcome,
                    time: attempt.time,
                    route: attempt.route.clone(),
                });
            }
            settled.take(test, all, n);
        }
        settled
    }

    /// Takes all results of one test, `n` attempts of which are known.
    fn take(&mut self, test: u32, all: &[StreamResult], n: u32) {
        if let [only] = all {
            let StreamResult { outcome, time, .. } = *only;
            self.results.push(TestOutcome { test, outcome, time });
            return;
        }
        let mut rows = Rows { test, n, rows: &mut self.attempts };
        let mut left: Vec<&StreamResult> = Vec::new();
        for result in all.iter().filter(|result| result.outcome != OutcomeCode::EXISTS) {
            let failure = |one: &&StreamResult| one.outcome == OutcomeCode::FAIL;
            if result.takes_back
                && let Some(at) = left.iter().rposition(failure)
            {
                rows.push(AttemptKind::Retry, left.remove(at));
                rows.push(AttemptKind::Retry, result);
            }
            left.push(result);
        }
        if left.len() > 1 {
            left.iter().for_each(|result| rows.push(AttemptKind::Shared, result));
        }
        let worst = |one: &StreamResult, next: &&StreamResult| {
            if one.outcome.worse(next.outcome) == one.outcome { *one } else { **next }
        };
        let first = left.first().copied().or_else(|| all.first());
        let Some(result) =
            first.map(|first| left.iter().fold(*first, |one, next| worst(&one, next)))
        else {
            return;
        };
        self.results.push(TestOutcome { test, outcome: result.outcome, time: result.time });
    }
}

struct Rows<'r> {
    test: u32,
    n: u32,
    rows: &'r mut Vec<AttemptRow>,
}

impl Rows<'_> {
    fn push(&mut self, kind: AttemptKind, result: &StreamResult) {
        self.n += 1;
        let StreamResult { outcome, time, .. } = *result;
        // A result that took a failure back is an attempt that passed.
        let outcome = if outcome == OutcomeCode::FLAKY && kind == AttemptKind::Retry {
            OutcomeCode::SUCCESS
        } else {
            outcome
        };
        self.rows.push(AttemptRow { test: self.test, n: self.n, kind, outcome, time, route: None });
    }
}
