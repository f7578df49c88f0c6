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
        let mut names = TestNames::new(self.index.connection())?;
        let mut times = Vec::new();
        for (block, state) in self.states(series)? {
            for (place, test) in state.tests().filter(|(_, test)| test.fast > 0.0) {
                let name = names.of(block * TILE + place)?;
                if name.runnable {
                    times.push((name.id, Duration::from_secs_f32(test.fast / 1e6)));
                }
            }
        }
        Ok(times)
    }
}
