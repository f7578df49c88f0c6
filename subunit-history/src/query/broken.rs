//! Which tests are broken, since when, and by what?

use std::collections::BTreeSet;

use hashbrown::HashMap;

use super::{History, RunRow, TestIdentity, flaky::FlakyEvidence, names::TestNames};
use crate::{Error, OutcomeCode, sql::SqlResult};

/// A test that fails and is not flaky.
#[derive(Clone, Debug)]
pub struct BrokenTest {
    /// The test.
    pub test: TestIdentity,
    /// What it came to.
    pub outcome: OutcomeCode,
    /// The first run of those without a good result since.
    pub first_bad: Option<RunRow>,
    /// The last run before with a good result; `None` if there was none: it was broken when it was first seen.
    pub last_good: Option<RunRow>,
}

impl History {
    /// The tests of a series, or of that of the run that came last, that fail and are not flaky.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn broken(&self, series: Option<&str>) -> Result<Vec<BrokenTest>, Error> {
        let error = self.index.error();
        let mut broken = Vec::new();
        // Many tests broke in the same run.
        let mut known: HashMap<i64, Option<RunRow>> = HashMap::new();
        let mut run = |id: Option<i64>| {
            let Some(id) = id else { return Ok(None) };
            if let Some(run) = known.get(&id) {
                return Ok(run.clone());
            }
            let run = self.run(id)?;
            known.insert(id, run.clone());
            Ok(run)
        };
        for (test, outcome, first_bad, last_good) in self.read_broken(series).map_err(&error)? {
            broken.push(BrokenTest {
                test,
                outcome,
                first_bad: run(first_bad)?,
                last_good: run(last_good)?,
            });
        }
        Ok(broken)
    }

    #[expect(clippy::type_complexity, reason = "one caller")]
    fn read_broken(
        &self,
        series: Option<&str>,
    ) -> SqlResult<Vec<(TestIdentity, OutcomeCode, Option<i64>, Option<i64>)>> {
        let Some(series) = self.series(series)? else { return Ok(Vec::new()) };
        let mut failing = self.failing_numbers(series)?;
        failing.retain(|failing| failing.tells);
        let tests: BTreeSet<u32> = failing.iter().map(|failing| failing.test).collect();
        let window = self.window(series)?;
        let sequences = self.sequences(&window, &tests)?;
        let mut names = TestNames::of_all(self.index.connection(), tests.iter().copied())?;
        let changes = self.last_changes(series, &tests)?;
        let mut broken = Vec::new();
        for failing in failing {
            let sequence = sequences.get(&failing.test).map(Vec::as_slice).unwrap_or_default();
            if FlakyEvidence::of(sequence, &window.runs).proof().is_some() {
                continue;
            }
            let change = changes.get(&failing.test);
            let name = names.of(failing.test)?;
            let first_bad = change.map(|change| change.run);
            let last_good = change
                .filter(|change| change.was != OutcomeCode::ABSENT)
                .and_then(|change| change.prior);
            broken.push((name, failing.outcome, first_bad, last_good));
        }
        Ok(broken)
    }
}
