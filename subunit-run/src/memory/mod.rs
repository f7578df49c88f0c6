//! What is remembered of earlier runs: times, failures, the last listing, the last run.
//!
//! [`KeptRuns`] keeps all runs in a history; [`Repository`] keeps them as testr and stestr do.

mod dbm;
mod files;
mod history;
mod repository;
mod results;

use std::{collections::HashMap, io, time::Duration};

use subunit_core::RouteCode;

pub use history::KeptRuns;
pub use repository::{Repository, RepositoryError, Tool};

/// How long each test took when it last ran, by test id.
pub type Times = HashMap<String, Duration>;

/// In so many runs, the last ones, tags are looked for.
const RUNS_WITH_TAGS: u64 = 20;

/// What is remembered of earlier runs, and where the next one is kept. Nothing that is remembered may keep
/// a run from taking place: what cannot be read is an error that the caller reports and goes on.
pub trait Memory {
    /// How long tests took.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    fn times(&self) -> io::Result<Times>;

    /// The tags that tests had when they last ended, by id; of the last runs, if all are kept.
    ///
    /// # Errors
    ///
    /// If they cannot be read.
    fn tags(&self) -> io::Result<HashMap<String, Vec<String>>> {
        let mut tags = results::TestTags::default();
        let runs = self.count()?;
        for number in runs.saturating_sub(RUNS_WITH_TAGS)..runs {
            if let Some(run) = self.run(number)? {
                subunit_core::read(run, &mut tags)?;
            }
        }
        Ok(tags.0)
    }

    /// The ids of the tests that fail, in the order in which they were stored.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    fn failing(&self) -> io::Result<Vec<String>>;

    /// The ids of what fails and is no test, such as a file that cannot be imported; empty if such is not kept.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    fn failing_beside_tests(&self) -> io::Result<Vec<String>> {
        Ok(Vec::new())
    }

    /// The ids of the tests that are flaky, as far as that is known.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    fn flaky(&self) -> io::Result<Vec<String>> {
        Ok(Vec::new())
    }

    /// The ids of the last listing, in its order; empty if none is remembered.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    fn listing(&self) -> io::Result<Vec<String>>;

    /// The last run, as a stream of packets; none if there was no run.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    fn last(&self) -> io::Result<Option<Box<dyn io::Read>>>;

    /// The tests that fail, as a stream of packets with all that was said about them; none if no test fails.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    fn failing_run(&self) -> io::Result<Option<Box<dyn io::Read>>> {
        Ok(None)
    }

    /// From now on only tests below this named hop of a route are looked at, where one run holds those of several
    /// runners.
    fn look_below(&mut self, _name: &str) {}

    /// Whether tests with this route are looked at.
    fn looks_at(&self, _route_code: Option<RouteCode<'_>>) -> bool {
        true
    }

    /// How many runs there were.
    ///
    /// # Errors
    ///
    /// If that cannot be read.
    fn count(&self) -> io::Result<u64> {
        Ok(u64::from(self.last()?.is_some()))
    }

    /// The run of this number, from 0, as a stream of packets; none if there is no such run.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    fn run(&self, number: u64) -> io::Result<Option<Box<dyn io::Read>>> {
        if number == 0 { self.last() } else { Ok(None) }
    }

    /// What went wrong and was no reason to stop, since this was last asked: one line each.
    fn warnings(&mut self) -> Vec<String> {
        Vec::new()
    }

    /// Begins to keep a run. With `partial`, failures of tests that do not run stay in the list of failures.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    fn begin(&mut self, partial: bool) -> io::Result<Box<dyn Recording + '_>>;
}

/// A run that is being kept.
pub trait Recording {
    /// Takes the next bytes of the run's stream: packets and text.
    ///
    /// # Errors
    ///
    /// If they cannot be written.
    fn take(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// What was taken is to be shown: it must outlive this process from now on.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    fn save(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// The run is whole. Its name or number is given back, if it has one.
    ///
    /// # Errors
    ///
    /// If it cannot be kept.
    fn finish(self: Box<Self>) -> io::Result<Option<String>>;
}
