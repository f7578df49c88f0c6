//! Which test runs where, and when. No I/O, no clock: times are handed in.

mod limits;
mod order;
mod partition;
mod queue;
mod sample;
mod shard;

use std::time::Duration;

pub use limits::{GroupLimit, GroupLimits};
pub use partition::{partition, partition_by, without_tags};
pub use queue::{BatchSize, NextBatch, Queue};
pub use sample::{BadSample, Sample, SampleSize};
pub use shard::{BadShard, Shard};
use subunit_core::Status;

pub use crate::config::{Batch, Order};

/// A test that this many workers were lost with is not handed out again.
const LOSSES: u32 = 3;

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

/// Where the next test comes from.
pub trait TestSource {
    /// What this worker should do now. After [`Next::Test`] the test is its own until `ended` or `lost`.
    fn next(&mut self, worker: &Worker) -> Next;

    /// The test has ended.
    fn ended(&mut self, worker: &Worker, test_id: &str, end: TestEnd);

    /// The worker is gone, and did not end the test. Another one may run it. All else that the worker had
    /// goes back too, as not begun.
    fn lost(&mut self, worker: &Worker, test_id: &str);

    /// The time since the start of the run, before what happened then is told. A source that is never told
    /// the time does not hold a test back for a faster worker.
    fn at(&mut self, _now: Duration) {}

    /// When a worker that got [`Next::Wait`] should ask again although nothing happened. Otherwise it asks
    /// again after each `ended`, `lost`, `gone` and `taken_back` of any worker, and when tests are added.
    fn ask_again(&self) -> Option<Duration> {
        None
    }

    /// How many tests the worker may have at once: while it has fewer it may ask for one more.
    fn depth(&self, _worker: &Worker) -> usize {
        1
    }

    /// The worker has not begun the test, and gives it back. Another one may run it.
    fn taken_back(&mut self, worker: &Worker, test_id: &str) {
        self.lost(worker, test_id);
    }

    /// The worker is gone, and was not running a test.
    fn gone(&mut self, _worker: &Worker) {}

    /// Tests that are not handed out again since so many workers were lost with them: they failed.
    fn take_given_up(&mut self) -> Vec<(String, u32)> {
        Vec::new()
    }

    /// Takes what has not been handed out, in listing order, when nobody is left to run it.
    fn take_rest(&mut self) -> Vec<String> {
        Vec::new()
    }
}
