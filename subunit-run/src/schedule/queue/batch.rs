//! Batches: how many tests a runner gets that takes a list and must be started again for more.
//!
//! A batch is so long that a start costs little of it, and shorter towards the end, so that all workers end
//! at about the same time. A test that may not run beside others is a batch of its own.

use std::time::Duration;

use super::{Queue, State, pays::poured, units::Workload};
use crate::{
    config::Batch,
    schedule::{Next, TestSource, Worker},
};

/// How long a batch is with [`Batch::Auto`], in seconds.
const USUAL: f64 = 10.0;
/// A start is at most one part in so many of a batch with [`Batch::Auto`].
const STARTS: f64 = 10.0;
/// And of one towards the end.
const STARTS_AT_END: f64 = 5.0;

/// What a batch is at most.
#[derive(Clone, Copy, Debug)]
pub struct BatchSize {
    /// How many tests, or how long they take.
    pub batch: Batch,
    /// How many bytes the ids take, with one between them, where they go into a command line. One test is
    /// handed out whatever it takes.
    pub bytes: Option<usize>,
}

/// What a worker without a process should do now.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum NextBatch {
    /// It runs these tests in one process.
    Tests(Vec<String>),
    /// There is nothing for it at the moment.
    Wait,
    /// There is nothing more for it.
    Done,
}

impl Queue {
    /// What a worker should do now that has no process. Its tests are its own until they have `ended`, or
    /// it is `lost` or `gone`.
    pub fn next_batch(&mut self, worker: &Worker, size: BatchSize) -> NextBatch {
        let index = self.worker(worker);
        self.workers[index].asks = true;
        let wanted = self.wanted(index, size.batch);
        let first = match self.next(worker) {
            Next::Test(first) => first,
            Next::Wait => return NextBatch::Wait,
            Next::Done => return NextBatch::Done,
        };
        let mut tests = vec![first];
        if self.workers[index].flight.front().is_some_and(|first| first.test.lane == 0) {
            self.fill(index, size, wanted, &mut tests);
        }
        NextBatch::Tests(tests)
    }

    /// A process of this worker took so long from its start to its first test.
    pub fn started(&mut self, worker: &Worker, took: Duration) {
        self.starts.learn(&worker.instance, took);
    }

    /// This test of a worker begins now: runners have an order of their own.
    pub fn began(&mut self, worker: &Worker, test_id: &str) {
        let index = self.worker(worker);
        self.begin(index, test_id);
    }

    /// Adds tests to the first one. A group goes on whatever its length is.
    fn fill(&mut self, worker: usize, size: BatchSize, wanted: f64, tests: &mut Vec<String>) {
        let most = match size.batch {
            Batch::Tests(most) => most,
            _ => usize::MAX,
        };
        let mut bytes = tests.iter().map(|test_id| test_id.len() + 1).sum::<usize>();
        let mut taken: f64 = self.workers[worker]
            .flight
            .iter()
            .map(|flight| self.seconds(Workload::of(flight.test.recorded)))
            .sum();
        while let Some(unit) = self.pick(worker) {
            let goes_on = self.workers[worker].units.contains(&unit);
            // The unit that passes the end of the batch is in it if most of it is.
            let fits = taken + self.seconds(self.units[unit].work) / 2.0 <= wanted;
            if !goes_on && (tests.len() >= most || !fits) {
                return;
            }
            let Some(test) = self.units[unit].tests.front() else { return };
            bytes += test.id.len() + 1;
            if size.bytes.is_some_and(|most| bytes > most) {
                return;
            }
            taken += self.seconds(Workload::of(test.recorded));
            match self.hand_out(worker, unit) {
                Some(test_id) => tests.push(test_id),
                None => return,
            }
        }
    }

    /// How much the next batch of a worker is at most: seconds, as recorded.
    fn wanted(&self, worker: usize, batch: Batch) -> f64 {
        let instance = &self.workers[worker].instance;
        let (start, factor) = (self.starts.of(instance), self.factor(instance));
        let share = self.share(worker);
        let longest = match batch {
            Batch::List => return share,
            Batch::Tests(_) => f64::INFINITY,
            // Seconds mean nothing as long as no time is known.
            _ if self.typical().is_none() => f64::INFINITY,
            Batch::Auto => USUAL.max(start * STARTS) / factor,
            Batch::Length(length) => length.as_secs_f64() / factor,
        };
        // Half of what it would do until the end, so that what turns out otherwise can be made up for; less
        // on an instance that may be much slower than others.
        let part = if self.may_be_slower(instance) { 4.0 } else { 2.0 };
        let least = start * STARTS_AT_END / factor;
        let wanted = (share / part).max(least);
        let wanted = if share - wanted < least { share } else { wanted };
        wanted.min(longest)
    }

    /// How much of what is left the worker would do if all were to end at the same time.
    fn share(&self, worker: usize) -> f64 {
        let own = &self.workers[worker];
        let others = self.workers.iter().enumerate();
        let others = others.filter(|(index, other)| *index != worker && other.takes_part());
        let now = self.now.unwrap_or_default();
        let mut free: Vec<(f64, f64)> = others
            .map(|(_, other)| {
                let start = self.starts.of(&other.instance);
                (self.left(other, now) + start, self.factor(&other.instance))
            })
            .collect();
        let unseen = self.expected.saturating_sub(self.workers.len());
        free.extend(std::iter::repeat_n((self.starts.of(""), self.factor("")), unseen));
        let (start, factor) = (self.starts.of(&own.instance), self.factor(&own.instance));
        free.push((start, factor));
        let owned = own.units.iter().map(|&unit| self.seconds(self.units[unit].work));
        let work = self.seconds(self.waiting.work()) + owned.sum::<f64>();
        ((poured(&mut free, work) - start) / factor).max(0.0)
    }

    /// Whether nothing is known of the pace of an instance, and others may be faster.
    fn may_be_slower(&self, instance: &str) -> bool {
        !self.speeds.knows(instance)
            && self.workers.iter().any(|other| other.instance != instance && other.takes_part())
    }

    /// What a test without a recorded time would have as one, if anything is known.
    fn typical(&self) -> Option<f64> {
        let recorded = (self.recorded.1 > 0).then(|| self.recorded.0 / self.recorded.1 as f64);
        self.speeds.typical().or(recorded)
    }

    /// As recorded, with the mean for a test without a time. Tests are counted as long as no time is known.
    fn seconds(&self, work: Workload) -> f64 {
        work.seconds(self.typical().unwrap_or(1.0))
    }
}

impl State {
    /// Whether it runs something or would take something.
    fn takes_part(&self) -> bool {
        self.asks || !self.flight.is_empty()
    }
}
