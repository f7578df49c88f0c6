//! What holds for any listing, any speeds, any limits and any crashes.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use proptest::prelude::*;
use subunit_run::{
    memory::Times,
    schedule::{GroupLimit, GroupLimits, Next, Order, Queue, TestEnd, TestSource, Worker},
};

use crate::{
    queue::before_dot,
    sim::{Ran, Report, Sim},
};

const ORDERS: [Order; 8] = [
    Order::Discovery,
    Order::Alphabetical,
    Order::FailingFirst,
    Order::SlowestFirst,
    Order::FastestFirst,
    Order::NewFirst,
    Order::Shuffle(Some(1)),
    Order::Spread,
];

/// A test of a case: its name says its group and which limits it has.
#[derive(Clone, Debug)]
struct Case {
    tests: Vec<(String, u64, Option<u64>)>,
    slow: Vec<f64>,
    order: Order,
    crashes: Vec<bool>,
    limits: Vec<GroupLimit>,
    clock: bool,
    /// How many milliseconds the listing takes for each test.
    listing: u64,
}

/// A queue whose tests are listed while it is in use.
struct Growing {
    queue: Queue,
    ids: std::vec::IntoIter<String>,
    every: Duration,
    next: Option<Duration>,
}

impl Growing {
    fn new(queue: Queue, ids: Vec<String>, every: Duration) -> Self {
        Self { queue, ids: ids.into_iter(), every, next: Some(Duration::ZERO) }
    }
}

impl TestSource for Growing {
    fn at(&mut self, now: Duration) {
        self.queue.at(now);
        while let Some(next) = self.next.filter(|&next| next <= now) {
            match self.ids.next() {
                Some(id) => {
                    self.queue.add([id]);
                    self.next = Some(next + self.every);
                }
                None => {
                    self.queue.end_of_listing();
                    self.next = None;
                }
            }
        }
    }

    fn ask_again(&self) -> Option<Duration> {
        [self.next, self.queue.ask_again()].into_iter().flatten().min()
    }

    fn next(&mut self, worker: &Worker) -> Next {
        self.queue.next(worker)
    }

    fn ended(&mut self, worker: &Worker, test_id: &str, end: TestEnd) {
        self.queue.ended(worker, test_id, end);
    }

    fn lost(&mut self, worker: &Worker, test_id: &str) {
        self.queue.lost(worker, test_id);
    }

    fn depth(&self, worker: &Worker) -> usize {
        self.queue.depth(worker)
    }

    fn take_given_up(&mut self) -> Vec<(String, u32)> {
        self.queue.take_given_up()
    }
}

fn limit() -> impl Strategy<Value = GroupLimit> {
    (prop::option::of(0..4_usize), 0..6_usize, prop::bool::weighted(0.2))
        .prop_map(|(max, weight, exclusive)| GroupLimit { max, weight, exclusive })
}

fn case() -> impl Strategy<Value = Case> {
    let group = prop_oneof![3 => Just(""), 1 => Just("g."), 1 => Just("h."), 1 => Just("k.")];
    let class = prop_oneof![4 => Just(""), 1 => Just("A"), 1 => Just("B"), 1 => Just("AB")];
    let length = prop_oneof![1..9_u64, 10..3000_u64];
    let test = (group, class, 0..40_u32, length.clone(), prop::option::weighted(0.7, length))
        .prop_map(|(group, class, n, takes, known)| (format!("{group}{class}{n}"), takes, known));
    (
        prop::collection::vec(test, 0..40),
        prop::collection::vec(prop_oneof![Just(1.0), Just(1.0), Just(3.0), Just(10.0)], 1..6),
        prop::sample::select(ORDERS.to_vec()),
        prop::collection::vec(prop::bool::weighted(0.1), 0..60),
        prop::collection::vec(limit(), 2),
        any::<bool>(),
        prop_oneof![Just(0), 1..500_u64],
    )
        .prop_map(|(tests, slow, order, crashes, limits, clock, listing)| Case {
            tests,
            slow,
            order,
            crashes,
            limits,
            clock: clock || listing > 0,
            listing,
        })
}

fn classes(id: &str) -> Vec<usize> {
    [('A', 0), ('B', 1)]
        .iter()
        .filter(|(name, _)| id.contains(*name))
        .map(|class| class.1)
        .collect()
}

fn run(case: &Case) -> Report {
    let lengths: HashMap<&str, u64> = case.tests.iter().map(|test| (&*test.0, test.1)).collect();
    let known = case.tests.iter().filter_map(|test| Some((test.0.clone(), test.2?)));
    let times: Times = known.map(|(id, millis)| (id, Duration::from_millis(millis))).collect();
    let queue = Queue::new(case.order)
        .times(times)
        .groups(before_dot)
        .failing(case.tests.iter().take(2).map(|test| test.0.clone()))
        .limits(GroupLimits::new(case.limits.clone(), case.slow.len(), classes));
    let ids: Vec<String> = case.tests.iter().map(|test| test.0.clone()).collect();
    let mut crashes = case.crashes.iter().copied();
    let sim = Sim::new(&case.slow, |id| lengths[id] as f64 / 1e3)
        .crashes(move |_| crashes.next().unwrap_or(false));
    if case.listing > 0 {
        let every = Duration::from_millis(case.listing);
        return sim.run(&mut Growing::new(queue, ids, every));
    }
    let mut queue = queue;
    queue.add(ids);
    queue.end_of_listing();
    let sim = if case.clock { sim } else { sim.without_clock() };
    sim.run(&mut queue)
}

/// What runs at the moment when each test starts, itself included.
fn at_starts(ran: &[Ran]) -> impl Iterator<Item = Vec<&Ran>> {
    ran.iter().map(move |one| {
        let at = one.start;
        ran.iter().filter(|other| other.start <= at && at < other.end).collect()
    })
}

proptest! {
    #[test]
    fn every_test_ends_once_for_each_time_it_is_listed(case in case()) {
        let report = run(&case);
        let mut all: Vec<&str> = report.ended();
        all.extend(report.given_up.iter().map(|(id, losses)| {
            assert!(*losses >= 3);
            &**id
        }));
        all.sort_unstable();
        let mut listed: Vec<&str> = case.tests.iter().map(|test| &*test.0).collect();
        listed.sort_unstable();
        prop_assert_eq!(all, listed);
    }

    #[test]
    fn a_group_is_with_one_worker_until_that_is_lost(case in case()) {
        let report = run(&case);
        let mut owners: BTreeMap<String, Vec<&Ran>> = BTreeMap::new();
        for ran in &report.ran {
            let group = before_dot(&ran.id).unwrap_or_else(|| ran.id.clone());
            owners.entry(group).or_default().push(ran);
        }
        for ran in owners.into_values() {
            for pair in ran.windows(2) {
                prop_assert!(pair[0].end <= pair[1].start);
                let same = (pair[0].worker, pair[0].life) == (pair[1].worker, pair[1].life);
                let lost = report.ran.iter().any(|other| {
                    other.lost && (other.worker, other.life) == (pair[0].worker, pair[0].life)
                });
                prop_assert!(same || lost);
            }
        }
    }

    #[test]
    fn limits_hold(case in case()) {
        let report = run(&case);
        for running in at_starts(&report.ran) {
            let count = |class| running.iter().filter(|ran| classes(&ran.id).contains(&class)).count();
            let mut slots = 0;
            for ran in &running {
                let limits: Vec<_> = classes(&ran.id).into_iter().map(|class| case.limits[class]).collect();
                slots += limits.iter().map(|limit| limit.weight).max().unwrap_or(1).min(case.slow.len());
                prop_assert!(running.len() == 1 || limits.iter().all(|limit| !limit.exclusive));
            }
            prop_assert!(slots <= case.slow.len(), "{} slots", slots);
            for (class, limit) in case.limits.iter().enumerate() {
                prop_assert!(limit.max.is_none_or(|max| count(class) <= max.max(1)));
            }
        }
    }

    /// Graham's bound, which holds for any order where no worker idles while a unit waits.
    #[test]
    fn equal_workers_are_done_in_the_bound_of_list_scheduling(mut case in case()) {
        case.listing = 0;
        case.slow.fill(1.0);
        case.crashes.clear();
        for test in &mut case.tests {
            test.2 = Some(test.1);
        }
        case.limits = vec![GroupLimit::default(); 2];
        let report = run(&case);
        let mut units: HashMap<String, u64> = HashMap::new();
        for ran in &report.ran {
            let unit = before_dot(&ran.id).unwrap_or_else(|| ran.id.clone());
            *units.entry(unit).or_default() += ran.end - ran.start;
        }
        let (sum, longest) = (units.values().sum::<u64>(), units.values().max().unwrap_or(&0));
        let workers = case.slow.len() as f64;
        let bound = sum as f64 / workers + *longest as f64 * (1.0 - 1.0 / workers);
        // A second test may start a group behind a short test.
        prop_assert!(report.makespan() <= bound / 1e9 + 0.01, "{} > {}", report.makespan(), bound / 1e9);
    }

    /// Waiting for a faster worker costs at most what one test takes there.
    #[test]
    fn to_leave_tests_to_faster_workers_pays(mut case in case(), takes in 1..2000_u64) {
        case.crashes.clear();
        case.limits = vec![GroupLimit::default(); 2];
        for (n, test) in case.tests.iter_mut().enumerate() {
            *test = (n.to_string(), takes, Some(takes));
        }
        case.listing = 0;
        case.clock = true;
        let with = run(&case).makespan();
        case.clock = false;
        let without = run(&case).makespan();
        let fastest = case.slow.iter().copied().fold(f64::INFINITY, f64::min);
        let slack = takes as f64 / 1e3 * fastest + 1e-6;
        prop_assert!(with <= without + slack, "{} > {} + {}", with, without, slack);
    }
}
