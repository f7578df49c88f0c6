//! Which test runs where, and when. No I/O, no clock: times are handed in.

mod partition;

use std::time::Duration;

pub use partition::{partition, partition_by, without_tags};
use subunit_core::Status;

/// A worker, as a source of tests knows it.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Worker {
    /// Its name: the first hop of the routes of its events.
    pub name: String,
    /// Where it runs; empty for this machine. Workers of one instance are equally fast.
    pub instance: String,
}

/// What a worker should do now.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Next {
    /// It runs this test.
    Test(String),
    /// There is nothing for it at the moment.
    Wait,
    /// There is nothing more for it.
    Done,
}

/// How a test ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TestEnd {
    /// Its status.
    pub status: Status,
    /// How long it ran, if that is known.
    pub duration: Option<Duration>,
}

/// Where the next test comes from: a queue, shares that were made beforehand, or leases of a grid.
pub trait TestSource {
    /// What this worker should do now. After [`Next::Test`] the test is its own until `ended` or `lost`.
    fn next(&mut self, worker: &Worker) -> Next;

    /// The test has ended.
    fn ended(&mut self, worker: &Worker, test_id: &str, end: TestEnd);

    /// The worker is gone, and did not end the test. Another one may run it.
    fn lost(&mut self, worker: &Worker, test_id: &str);
}
