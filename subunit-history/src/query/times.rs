//! How long do tests usually take?

use std::time::Duration;

use super::{History, names::TestNames};
use crate::{Error, sql::SqlResult, tile::TILE};

impl History {
    /// The tests of a series, or of that of the run that came last, that can be run by themselves, and how long they
    /// took lately: a smoothed time, of good results.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn times(&self, series: Option<&str>) -> Result<Vec<(String, Duration)>, Error> {
        self.read_times(series).map_err(self.index.error())
    }

    fn read_times(&self, series: Option<&str>) -> SqlResult<Vec<(String, Duration)>> {
        let Some(series) = self.series(series)? else { return Ok(Vec::new()) };
        let mut tests = Vec::new();
        for (block, state) in self.states(series)? {
            let timed = state.tests().filter(|(_, test)| test.fast > 0.0);
            tests.extend(timed.map(|(place, test)| (block * TILE + place, test.fast)));
        }
        let numbers = tests.iter().map(|(test, _)| *test);
        let mut names = TestNames::of_all(self.index.connection(), numbers)?;
        let mut times = Vec::new();
        for (test, fast) in tests {
            let name = names.of(test)?;
            if name.runnable {
                times.push((name.id, Duration::from_secs_f32(fast / 1e6)));
            }
        }
        Ok(times)
    }
}
