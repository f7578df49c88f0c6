//! What waits to be handed out: units, which are groups of tests or single ones, in lanes of like limits.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, VecDeque},
};

use crate::schedule::Order;

/// A test that is still to be handed out.
pub(super) struct QueuedTest {
    pub(super) id: String,
    /// Its lane in the limits.
    pub(super) lane: usize,
    /// Its time, in nanoseconds.
    pub(super) recorded: Option<u64>,
}

/// How much there is to do: known times in nanoseconds, and the number of tests without one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Workload {
    known: u64,
    unknown: u64,
}

impl Workload {
    pub(super) fn of(recorded: Option<u64>) -> Self {
        match recorded {
            Some(known) => Self { known, unknown: 0 },
            None => Self { known: 0, unknown: 1 },
        }
    }

    fn add(&mut self, other: Self) {
        self.known = self.known.saturating_add(other.known);
        self.unknown += other.unknown;
    }

    fn remove(&mut self, other: Self) {
        self.known = self.known.saturating_sub(other.known);
        self.unknown -= other.unknown;
    }

    pub(super) fn has_unknown(self) -> bool {
        self.unknown > 0
    }

    /// In seconds, if a test without a time takes `typical`.
    pub(super) fn seconds(self, typical: f64) -> f64 {
        self.known as f64 / 1e9 + self.unknown as f64 * typical
    }
}

/// A group, or a test that is its own.
#[derive(Default)]
pub(super) struct Unit {
    /// What is to be handed out, in listing order.
    pub(super) tests: VecDeque<QueuedTest>,
    pub(super) work: Workload,
    pub(super) failing: bool,
    pub(super) priority: i64,
    /// It was handed out once and came back: it goes first.
    pub(super) returned: bool,
    /// Its rank if names decide the order.
    pub(super) rank: u64,
    /// The worker that has it, and the life of that worker.
    pub(super) owner: Option<(usize, u32)>,
    /// How often others passed it while it needed slots.
    pub(super) passed: usize,
    place: Option<Place>,
}

impl Unit {
    pub(super) fn new(priority: i64) -> Self {
        Self { priority, ..Self::default() }
    }

    pub(super) fn push(&mut self, test: QueuedTest) {
        self.work.add(Workload::of(test.recorded));
        self.tests.push_back(test);
    }

    pub(super) fn push_front(&mut self, test: QueuedTest) {
        self.work.add(Workload::of(test.recorded));
        self.tests.push_front(test);
    }

    pub(super) fn pop(&mut self) -> Option<QueuedTest> {
        let test = self.tests.pop_front()?;
        self.work.remove(Workload::of(test.recorded));
        Some(test)
    }

    /// Smaller is earlier. A heavy unit counts as long as it would be in one slot.
    fn key(&self, order: Order, weight: usize) -> UnitKey {
        if self.returned {
            return UnitKey(Reverse(i64::MAX), 0, 0);
        }
        let known = self.work.known.saturating_mul(weight as u64);
        let new = self.work.unknown > 0;
        let (tier, rank) = match order {
            Order::FailingFirst if self.failing => (1, !known),
            Order::FailingFirst | Order::SlowestFirst if new => (2, 0),
            Order::FailingFirst | Order::SlowestFirst => (3, !known),
            Order::FastestFirst if new => (3, 0),
            Order::FastestFirst => (2, self.work.known),
            Order::NewFirst => (if new { 2 } else { 3 }, 0),
            Order::Discovery => (2, 0),
            Order::Alphabetical | Order::Shuffle(_) | Order::Spread => (2, self.rank),
        };
        UnitKey(Reverse(self.priority), tier, rank)
    }
}

/// Priority, tier and rank in it; after them the index of the unit decides, which is the listing's order.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct UnitKey(Reverse<i64>, u8, u64);

/// Where a unit waits.
struct Place {
    lane: usize,
    key: UnitKey,
    work: Workload,
}

/// Units of one lane, in two orders. Those with a test without a time are in the first only.
#[derive(Default)]
struct Lane {
    by_key: BTreeSet<(UnitKey, usize)>,
    by_length: BTreeSet<(u64, Reverse<usize>)>,
}

/// All units that wait.
#[derive(Default)]
pub(super) struct Waiting {
    lanes: Vec<Lane>,
    units: usize,
    work: Workload,
}

impl Waiting {
    pub(super) fn is_empty(&self) -> bool {
        self.units == 0
    }

    /// How many units wait.
    pub(super) fn len(&self) -> usize {
        self.units
    }

    /// The units that wait, lane by lane.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        self.lanes.iter().flat_map(|lane| lane.by_key.iter().map(|&(_, index)| index))
    }

    pub(super) fn lanes(&self) -> usize {
        self.lanes.len()
    }

    /// All work that waits.
    pub(super) fn work(&self) -> Workload {
        self.work
    }

    /// Puts a unit in, or where it belongs now.
    pub(super) fn put(&mut self, index: usize, unit: &mut Unit, order: Order, weight: usize) {
        self.remove(index, unit);
        let Some(lane) = unit.tests.front().map(|test| test.lane) else { return };
        if self.lanes.len() <= lane {
            self.lanes.resize_with(lane + 1, Lane::default);
        }
        let place = Place { lane, key: unit.key(order, weight), work: unit.work };
        self.lanes[lane].by_key.insert((place.key, index));
        if place.work.unknown == 0 {
            self.lanes[lane].by_length.insert((place.work.known, Reverse(index)));
        }
        self.units += 1;
        self.work.add(place.work);
        unit.place = Some(place);
    }

    /// Takes a unit out, if it is there.
    pub(super) fn remove(&mut self, index: usize, unit: &mut Unit) -> bool {
        let Some(Place { lane, key, work }) = unit.place.take() else { return false };
        self.lanes[lane].by_key.remove(&(key, index));
        self.lanes[lane].by_length.remove(&(work.known, Reverse(index)));
        self.units -= 1;
        self.work.remove(work);
        true
    }

    /// The first unit of a lane.
    pub(super) fn first(&self, lane: usize) -> Option<(UnitKey, usize)> {
        self.lanes[lane].by_key.first().copied()
    }

    /// The longest unit of a lane that takes no longer than this, with its length, in nanoseconds.
    pub(super) fn longest_within(&self, lane: usize, known: u64) -> Option<(u64, Reverse<usize>)> {
        self.lanes[lane].by_length.range(..=(known, Reverse(0))).next_back().copied()
    }

    /// The length of the longest unit whose times are known, in seconds.
    pub(super) fn longest(&self) -> f64 {
        let of_lane = |lane: &Lane| lane.by_length.last().map_or(0, |longest| longest.0);
        self.lanes.iter().map(of_lane).max().unwrap_or(0) as f64 / 1e9
    }
}
