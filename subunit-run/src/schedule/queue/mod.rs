//! Tests one by one: a worker gets the next one when it is free, so a slow worker gets fewer.
//!
//! A group is one unit: one worker runs all its tests, in listing order. So are ids that are listed twice:
//! they run as often as they are listed, one after the other. A worker has one test, and a second one only
//! where the first takes less time than the answer to "what next?" may take.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    mem,
    time::Duration,
};

use subunit_core::Status;

mod batch;
mod moves;
mod pays;
mod pick;
mod speeds;
mod starts;
mod units;

pub use self::batch::{BatchSize, NextBatch};
use self::{
    speeds::Speeds,
    starts::Starts,
    units::{QueuedTest, Unit, Waiting},
};
use super::{GroupLimits, LOSSES, Next, Order, TestEnd, TestSource, Worker};
use crate::memory::Times;

type Grouping = Box<dyn Fn(&str) -> Option<String> + Send>;
type Priorities = Box<dyn Fn(&str) -> i64 + Send>;

/// Hands out tests one by one; see the module.
pub struct Queue {
    order: Order,
    times: Times,
    failing: HashSet<String>,
    group: Grouping,
    priority: Priorities,
    limits: GroupLimits,
    units: Vec<Unit>,
    by_key: HashMap<String, usize>,
    waiting: Waiting,
    /// A unit that waits for slots for too long: nothing else starts before it.
    barrier: Option<usize>,
    workers: Vec<State>,
    by_name: HashMap<String, usize>,
    listing: bool,
    losses: HashMap<String, u32>,
    given_up: Vec<(String, u32)>,
    speeds: Speeds,
    starts: Starts,
    /// The sum of the recorded times of all tests, in seconds, and how many these are.
    recorded: (f64, u32),
    /// How many workers there will be.
    expected: usize,
    ended: u32,
    now: Option<Duration>,
    ask_again: Option<Duration>,
}

/// What is known of a worker.
#[derive(Default)]
struct State {
    instance: String,
    flight: VecDeque<Flight>,
    /// Its units that have tests left.
    units: Vec<usize>,
    /// Counts how often it was lost: what it had in an earlier life is not its own any more.
    life: u32,
    asks: bool,
    /// When its test ended, until it asks for the next one.
    ended: Option<Duration>,
}

/// A test that a worker has.
struct Flight {
    unit: usize,
    test: QueuedTest,
    /// Since when it runs; none while the worker runs another one.
    since: Option<Duration>,
    runs: bool,
}

impl Queue {
    /// An empty queue. What shapes the order is set before the first test is added.
    pub fn new(order: Order) -> Self {
        Self {
            order,
            times: Times::new(),
            failing: HashSet::new(),
            group: Box::new(|_| None),
            priority: Box::new(|_| 0),
            limits: GroupLimits::default(),
            units: Vec::new(),
            by_key: HashMap::new(),
            waiting: Waiting::default(),
            barrier: None,
            workers: Vec::new(),
            by_name: HashMap::new(),
            listing: true,
            losses: HashMap::new(),
            given_up: Vec::new(),
            speeds: Speeds::default(),
            starts: Starts::default(),
            recorded: (0.0, 0),
            expected: 0,
            ended: 0,
            now: None,
            ask_again: None,
        }
    }

    /// The times of earlier runs.
    #[must_use]
    pub fn times(mut self, times: Times) -> Self {
        self.times = times;
        self
    }

    /// The tests that failed last.
    #[must_use]
    pub fn failing(mut self, ids: impl IntoIterator<Item = String>) -> Self {
        self.failing = ids.into_iter().collect();
        self
    }

    /// The group of an id. Without one, or with an empty one, a test is its own group.
    #[must_use]
    pub fn groups(mut self, group: impl Fn(&str) -> Option<String> + Send + 'static) -> Self {
        self.group = Box::new(group);
        self
    }

    /// The priority of an id. Higher ones go first, whatever the order; a group has that of its highest.
    #[must_use]
    pub fn priorities(mut self, priority: impl Fn(&str) -> i64 + Send + 'static) -> Self {
        self.priority = Box::new(priority);
        self
    }

    /// What may run at once.
    #[must_use]
    pub fn limits(mut self, limits: GroupLimits) -> Self {
        self.limits = limits;
        self
    }

    /// How many workers there will be: batches leave something for those that have not asked yet.
    #[must_use]
    pub fn workers(mut self, expected: usize) -> Self {
        self.expected = expected;
        self
    }

    /// Adds tests, in listing order. After the end of the listing too: to run one again, for example.
    pub fn add(&mut self, ids: impl IntoIterator<Item = String>) {
        for id in ids {
            let key = (self.group)(&id).filter(|key| !key.is_empty()).unwrap_or_else(|| id.clone());
            let index = *self.by_key.entry(key).or_insert(self.units.len());
            let priority = (self.priority)(&id);
            if index == self.units.len() {
                self.units.push(Unit::new(priority));
            }
            let lane = self.limits.lane(&id);
            let recorded = self.times.get(&id).map(|time| nanos(*time));
            if let Some(nanos) = recorded {
                self.recorded.0 += nanos as f64 / 1e9;
                self.recorded.1 += 1;
            }
            self.units[index].priority = self.units[index].priority.max(priority);
            self.units[index].failing |= self.failing.contains(&id);
            self.units[index].push(QueuedTest { id, lane, recorded });
            self.settle(index);
        }
    }

    /// No more tests will be listed.
    pub fn end_of_listing(&mut self) {
        if !mem::replace(&mut self.listing, false) || !self.order.needs_whole_list() {
            return;
        }
        let mut keys = vec![""; self.units.len()];
        self.by_key.iter().for_each(|(key, &index)| keys[index] = key);
        let ranks = self.order.ranks(&keys).unwrap_or_default();
        for (index, rank) in ranks.into_iter().enumerate() {
            self.units[index].rank = rank;
            self.settle(index);
        }
    }

    /// Leaves a unit with its owner, if that has a right to it, or lets it wait for one.
    fn settle(&mut self, index: usize) {
        if let Some((worker, _)) = self.units[index].owner.filter(|_| self.is_owned(index)) {
            let units = &mut self.workers[worker].units;
            if !units.contains(&index) {
                units.push(index);
            }
            return;
        }
        self.units[index].owner = None;
        if self.listing && self.order.needs_whole_list() {
            return;
        }
        let unit = &mut self.units[index];
        let weight = unit.tests.front().map_or(1, |test| self.limits.weight(test.lane));
        self.waiting.put(index, unit, self.order, weight);
    }

    /// While the listing goes on an owner keeps its unit, as more of the group may come. Later it has it as
    /// long as tests of it are left or run.
    fn is_owned(&self, index: usize) -> bool {
        let Some((worker, life)) = self.units[index].owner else { return false };
        let state = &self.workers[worker];
        let uses = || {
            state.units.contains(&index) || state.flight.iter().any(|flight| flight.unit == index)
        };
        state.life == life && (self.listing || uses())
    }

    fn worker(&mut self, worker: &Worker) -> usize {
        if let Some(&index) = self.by_name.get(&worker.name) {
            if self.workers[index].instance != worker.instance {
                self.workers[index].instance.clone_from(&worker.instance);
            }
            return index;
        }
        self.by_name.insert(worker.name.clone(), self.workers.len());
        self.workers.push(State { instance: worker.instance.clone(), ..State::default() });
        self.workers.len() - 1
    }
}

impl TestSource for Queue {
    fn next(&mut self, worker: &Worker) -> Next {
        let index = self.worker(worker);
        self.workers[index].asks = true;
        self.workers[index].ended = None;
        let state = &self.workers[index];
        if !state.flight.is_empty() && state.flight.len() >= self.depth_of(state) {
            return Next::Wait;
        }
        if let Some(unit) = self.pick(index)
            && let Some(id) = self.hand_out(index, unit)
        {
            return Next::Test(id);
        }
        let state = &mut self.workers[index];
        if self.listing || !self.waiting.is_empty() || !state.units.is_empty() {
            return Next::Wait;
        }
        state.asks = false;
        Next::Done
    }

    fn ended(&mut self, worker: &Worker, test_id: &str, end: TestEnd) {
        let index = self.worker(worker);
        let Some(flight) = self.land(index, test_id) else { return };
        self.workers[index].ended = self.now;
        let took = end.duration.filter(|_| end.status != Status::Skip);
        if let Some(took) = took {
            self.ended += 1;
            let recorded = flight.test.recorded.map(|nanos| nanos as f64 / 1e9);
            self.speeds.learn(&worker.instance, recorded, took.as_secs_f64());
        }
    }

    fn lost(&mut self, worker: &Worker, test_id: &str) {
        let index = self.worker(worker);
        let lost = self.land(index, test_id);
        self.release(index);
        let Some(flight) = lost else { return };
        let losses = self.losses.entry(test_id.into()).or_insert(0);
        *losses += 1;
        match *losses {
            losses if losses >= LOSSES => self.give_up(flight, losses),
            _ => self.put_back(flight),
        }
    }

    fn at(&mut self, now: Duration) {
        self.now = Some(now);
        self.ask_again = self.ask_again.filter(|&again| again > now);
    }

    fn ask_again(&self) -> Option<Duration> {
        self.ask_again
    }

    fn depth(&self, worker: &Worker) -> usize {
        let index = self.by_name.get(&worker.name);
        index.map_or(1, |&index| self.depth_of(&self.workers[index]))
    }

    fn taken_back(&mut self, worker: &Worker, test_id: &str) {
        let index = self.worker(worker);
        let Some(flight) = self.land(index, test_id) else { return };
        let unit = flight.unit;
        let state = &mut self.workers[index];
        if !state.flight.iter().any(|other| other.unit == unit) {
            state.units.retain(|&other| other != unit);
            self.units[unit].owner = None;
        }
        self.put_back(flight);
    }

    fn gone(&mut self, worker: &Worker) {
        let index = self.worker(worker);
        self.release(index);
    }

    fn take_given_up(&mut self) -> Vec<(String, u32)> {
        mem::take(&mut self.given_up)
    }

    fn take_rest(&mut self) -> Vec<String> {
        let mut rest = Vec::new();
        for (index, unit) in self.units.iter_mut().enumerate() {
            self.waiting.remove(index, unit);
            while let Some(test) = unit.pop() {
                rest.push(test.id);
            }
        }
        self.workers.iter_mut().for_each(|state| state.units.clear());
        self.barrier = None;
        rest
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
