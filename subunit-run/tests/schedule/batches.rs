//! Batches, on simulated workers whose runner is started for each.

use std::{collections::VecDeque, time::Duration};

use proptest::prelude::*;
use subunit_core::Status;
use subunit_run::{
    memory::Times,
    schedule::{
        Batch, BatchSize, GroupLimit, GroupLimits, NextBatch, Order, Queue, TestEnd, TestSource,
        Worker,
    },
};

use crate::queue::{before_dot, ids, worker};

/// Workers that are started for each batch.
struct Starting<'a> {
    /// How many times longer tests take than they should, for each worker. Equal numbers are one instance.
    slow: &'a [f64],
    start_up: f64,
    size: BatchSize,
    length: Box<dyn Fn(&str) -> f64 + 'a>,
    /// Tests that the process does not outlive. It has said that they had begun.
    crash: &'a [&'a str],
}

/// A process: when it started, and what it has left.
struct Process {
    batch: usize,
    tests: VecDeque<String>,
    began: f64,
    ends: f64,
}

/// Start, worker and tests of each batch; and when all was done.
#[derive(Debug, Default)]
struct Report {
    batches: Vec<(f64, usize, Vec<String>)>,
    ended: Vec<String>,
    end: f64,
}

const fn size(batch: Batch) -> BatchSize {
    BatchSize { batch, bytes: None }
}

fn at(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

impl<'a> Starting<'a> {
    fn new(slow: &'a [f64], start_up: f64, length: impl Fn(&str) -> f64 + 'a) -> Self {
        let (size, length) = (size(Batch::Auto), Box::new(length));
        Self { slow, start_up, size, length, crash: &[] }
    }

    /// Runs all. Panics where workers wait and nothing would ever wake them.
    fn run(&self, queue: Queue) -> Report {
        let mut queue = queue.workers(self.slow.len());
        let workers: Vec<_> = (0..self.slow.len()).map(|nth| self.worker(nth)).collect();
        let mut processes: Vec<Option<Process>> = workers.iter().map(|_| None).collect();
        let (mut report, mut now) = (Report::default(), 0.0);
        loop {
            queue.at(at(now));
            let mut is_done = true;
            for (nth, process) in processes.iter_mut().enumerate() {
                if process.is_none() {
                    match queue.next_batch(&workers[nth], self.size) {
                        NextBatch::Tests(tests) => {
                            let ends =
                                now + self.takes(nth, self.start_up + (self.length)(&tests[0]));
                            let (batch, tests) = (report.batches.len(), VecDeque::from(tests));
                            report.batches.push((now, nth, tests.iter().cloned().collect()));
                            *process = Some(Process { batch, tests, began: now, ends });
                        }
                        NextBatch::Wait => is_done = false,
                        NextBatch::Done => {}
                    }
                }
                is_done &= process.is_none();
            }
            if is_done {
                report.end = now;
                return report;
            }
            let running = processes.iter().enumerate();
            let running = running.filter_map(|(nth, process)| Some((process.as_ref()?.ends, nth)));
            let next = running.min_by(|a, b| a.0.total_cmp(&b.0));
            let again = queue.ask_again().map(|again| again.as_secs_f64());
            match next {
                Some((ends, nth)) if again.is_none_or(|again| again >= ends) => {
                    now = ends;
                    queue.at(at(now));
                    let process = processes[nth].take().expect("it runs");
                    processes[nth] = self.end_test(process, nth, &mut queue, &mut report);
                }
                _ => now = again.expect("workers wait for ever"),
            }
        }
    }

    fn worker(&self, nth: usize) -> Worker {
        Worker { name: nth.to_string(), instance: format!("x{}", self.slow[nth]) }
    }

    fn takes(&self, worker: usize, seconds: f64) -> f64 {
        seconds * self.slow[worker]
    }

    fn end_test(
        &self,
        mut process: Process,
        nth: usize,
        queue: &mut Queue,
        report: &mut Report,
    ) -> Option<Process> {
        let worker = self.worker(nth);
        let test_id = process.tests.pop_front().expect("a test that runs");
        let took = self.takes(nth, (self.length)(&test_id));
        if report.batches[process.batch].2[0] == test_id {
            queue.started(&worker, at((process.ends - process.began - took).max(0.0)));
        }
        let is_lost = self.crash.contains(&&*test_id);
        let status = if is_lost { Status::Fail } else { Status::Success };
        queue.ended(&worker, &test_id, TestEnd { status, duration: Some(at(took)) });
        report.ended.push(test_id);
        if is_lost {
            queue.gone(&worker);
            return None;
        }
        let next = process.tests.front()?;
        process.ends += self.takes(nth, (self.length)(next));
        Some(process)
    }
}

impl Report {
    fn ended(&self) -> Vec<String> {
        let mut ended = self.ended.clone();
        ended.sort();
        ended
    }

    fn sizes(&self) -> Vec<usize> {
        self.batches.iter().map(|(_, _, tests)| tests.len()).collect()
    }
}

/// Tests of one length, and a queue of them that knows it or does not.
fn alike(count: usize, seconds: f64, are_known: bool) -> Queue {
    let tests: Vec<String> = (0..count).map(|nth| format!("t{nth:04}")).collect();
    let times = tests.iter().filter(|_| are_known).map(|id| (id.clone(), at(seconds)));
    queue(Queue::new(Order::Discovery).times(times.collect()), tests)
}

fn queue(mut queue: Queue, tests: Vec<String>) -> Queue {
    queue.add(tests);
    queue.end_of_listing();
    queue
}

#[test]
fn a_batch_takes_ten_seconds_or_ten_starts() {
    let starting = Starting::new(&[1.0], 0.2, |_| 0.1);
    let sizes = starting.run(alike(1000, 0.1, true)).sizes();
    assert!(sizes[..7].iter().all(|size| (100..=101).contains(size)), "{sizes:?}");
    let starting = Starting::new(&[1.0], 2.0, |_| 0.1);
    let sizes = starting.run(alike(2000, 0.1, true)).sizes();
    // The first process has told how long a start takes.
    assert!(sizes[1..5].iter().all(|size| (200..=201).contains(size)), "{sizes:?}");
    let mut starting = Starting::new(&[1.0], 0.1, |_| 0.1);
    starting.size = size(Batch::Length(at(3.0)));
    let sizes = starting.run(alike(1000, 0.1, true)).sizes();
    assert!(sizes[..20].iter().all(|size| (30..=31).contains(size)), "{sizes:?}");
    starting.size = size(Batch::Tests(7));
    let sizes = starting.run(alike(1000, 0.1, true)).sizes();
    assert!(sizes[..100].iter().all(|size| *size == 7), "{sizes:?}");
}

#[test]
fn batches_shrink_towards_the_end() {
    for workers in 1..9 {
        let slow = vec![1.0; workers];
        let report = Starting::new(&slow, 0.1, |_| 0.1).run(alike(1000, 0.1, true));
        let ideal = (100.0 / workers as f64) + 0.1;
        assert!(report.end <= ideal * 1.1 + 0.5, "{workers}: {} of {ideal}", report.end);
        let sizes = report.sizes();
        assert!(sizes.iter().max() > sizes.last().map(|last| 4 * last).as_ref(), "{sizes:?}");
    }
}

#[test]
fn without_times_half_of_what_is_left_is_dealt_out() {
    let report = Starting::new(&[1.0; 4], 0.0, |_| 0.1).run(alike(80, 0.1, false));
    assert_eq!(report.sizes()[0], 10, "{:?}", report.sizes());
}

#[test]
fn tests_without_a_time_count_as_the_mean_of_the_others() {
    let times = Times::from([("a".to_owned(), at(2.0)), ("b".to_owned(), at(4.0))]);
    let mut queue = queue(Queue::new(Order::Discovery).times(times).workers(1), ids("a b c d e f"));
    // 18 s are left, of which 9 s come now.
    let batch = queue.next_batch(&worker("0"), size(Batch::Auto));
    assert_eq!(batch, NextBatch::Tests(ids("a b c")));
}

#[test]
fn a_runner_with_an_order_of_its_own_is_not_thought_to_take_long() {
    let all = ids("short long a b c d e f g h");
    let length = |id: &String| match id.as_str() {
        "short" => 0.1,
        "long" => 10.0,
        _ => 1.0,
    };
    let times: Times = all.iter().map(|id| (id.clone(), at(length(id)))).collect();
    let mut queue = queue(Queue::new(Order::Discovery).times(times).workers(2), all);
    queue.at(at(0.0));
    let first = queue.next_batch(&worker("0"), size(Batch::List));
    assert_eq!(first, NextBatch::Tests(ids("short long")));
    queue.began(&worker("0"), "long");
    queue.at(at(9.0));
    // Worker 0 has a second to go, and 8 s wait: half of what this one would do of them until the end.
    let next = queue.next_batch(&worker("1"), size(Batch::Auto));
    assert_eq!(next, NextBatch::Tests(ids("a b")));
}

#[test]
fn groups_stay_together() {
    let queue = Queue::new(Order::Discovery).groups(before_dot).workers(2);
    let mut queue = self::queue(queue, ids("a.1 b.1 a.2 c a.3 b.2 a.4 d"));
    let size = size(Batch::Tests(1));
    assert_eq!(queue.next_batch(&worker("0"), size), NextBatch::Tests(ids("a.1 a.2 a.3 a.4")));
    assert_eq!(queue.next_batch(&worker("1"), size), NextBatch::Tests(ids("b.1 b.2")));
}

#[test]
fn a_batch_fits_a_command_line() {
    let mut queue = alike(100, 1.0, true).workers(1);
    let size = BatchSize { batch: Batch::List, bytes: Some(6 * 7) };
    let NextBatch::Tests(tests) = queue.next_batch(&worker("0"), size) else { panic!() };
    assert_eq!(tests.len(), 7);
    // A test that is too long alone is tried all the same, and alone.
    let mut queue = self::queue(Queue::new(Order::Discovery), vec!["x".repeat(99), "y".into()]);
    let size = BatchSize { batch: Batch::Tests(9), bytes: Some(10) };
    assert_eq!(queue.next_batch(&worker("0"), size), NextBatch::Tests(vec!["x".repeat(99)]));
    assert_eq!(queue.next_batch(&worker("0"), size), NextBatch::Wait);
    queue.gone(&worker("0"));
}

#[test]
fn limited_tests_are_batches_of_their_own() {
    let limit = GroupLimit { max: Some(1), ..GroupLimit::default() };
    let classify = |id: &str| if id.starts_with("db") { vec![0] } else { vec![] };
    let limits = GroupLimits::new(vec![limit], 2, classify);
    let listing = ids("db.1 a b db.2 c d e f");
    let queue = queue(Queue::new(Order::Discovery).limits(limits), listing);
    let mut starting = Starting::new(&[1.0; 2], 1.0, |_| 1.0);
    starting.size = size(Batch::List);
    let report = starting.run(queue);
    assert_eq!(report.ended().len(), 8);
    let limited = |tests: &Vec<String>| tests.iter().any(|id| id.starts_with("db"));
    let mut of_limited = report.batches.iter().filter(|(_, _, tests)| limited(tests));
    assert!(of_limited.clone().count() == 2 && of_limited.all(|(_, _, tests)| tests.len() == 1));
    assert!(report.batches.len() <= 5, "the others share processes: {report:?}");
}

#[test]
fn a_crash_gives_the_rest_back() {
    let mut starting = Starting::new(&[1.0; 2], 0.1, |_| 1.0);
    starting.crash = &["t0001", "t0007"];
    let report = starting.run(alike(20, 1.0, true));
    let expected: Vec<String> = (0..20).map(|nth| format!("t{nth:04}")).collect();
    assert_eq!(report.ended(), expected);
}

/// How long a run takes that gives each worker the tests of one list.
fn of_lists(lists: &[f64], slow: &[f64], start_up: f64) -> f64 {
    let ends = lists.iter().zip(slow).map(|(work, slow)| (start_up + work) * slow);
    ends.fold(0.0, f64::max)
}

#[test]
fn a_slow_instance_is_not_waited_for() {
    let slow = [1.0, 4.0];
    for are_known in [true, false] {
        for start_up in [0.0, 0.05, 0.2] {
            let starting = Starting::new(&slow, start_up, |_| 0.25);
            let report = starting.run(alike(40, 0.25, are_known));
            let ideal = 10.0 / 1.25 + start_up;
            assert!(report.end <= ideal * 1.2, "{} of {ideal}: {:?}", report.end, report.sizes());
            assert!(of_lists(&[5.0, 5.0], &slow, start_up) >= ideal * 2.4);
        }
    }
}

proptest! {
    /// Every test runs once, whatever the lengths, and crashes of its process.
    #[test]
    fn every_test_runs_once(
        lengths in prop::collection::vec(0.0..3.0_f64, 1..80),
        known in prop::collection::vec(any::<bool>(), 80),
        slow in prop::collection::vec(prop::sample::select(vec![1.0, 2.0, 4.0]), 1..5),
        start_up in 0.0..2.0_f64,
        batch in prop::sample::select(vec![
            Batch::List, Batch::Auto, Batch::Tests(3), Batch::Length(Duration::from_secs(2)),
        ]),
        crash in prop::collection::vec(0..80_usize, 0..4),
    ) {
        let tests: Vec<String> = (0..lengths.len()).map(|nth| format!("g{}.t{nth}", nth % 9)).collect();
        let length = |id: &str| lengths[id.split_once(".t").unwrap().1.parse::<usize>().unwrap()];
        let times = tests.iter().zip(&known).filter(|(_, known)| **known);
        let times = times.map(|(id, _)| (id.clone(), at(length(id))));
        let queue = Queue::new(Order::SlowestFirst).times(times.collect());
        let queue = self::queue(queue.groups(before_dot), tests.clone());
        let crash: Vec<&str> = crash.iter().filter_map(|nth| tests.get(*nth)).map(|id| &**id).collect();
        let mut starting = Starting::new(&slow, start_up, length);
        starting.size.batch = batch;
        starting.crash = &crash;
        let report = starting.run(queue);
        let mut expected = tests.clone();
        expected.sort();
        prop_assert_eq!(report.ended(), expected);
    }

    /// With one instance that is four times slower, the end is within 1.2 of the best, but for what cannot be
    /// cut: a start there, and the longest test. Without times, how fast an instance is shows only where its
    /// tests are of the lengths of all.
    #[test]
    fn batches_end_near_the_best(
        lengths in prop::collection::vec(0.05..1.0_f64, 30..300),
        fast in 1..5_usize,
        start_up in 0.0..0.5_f64,
        are_known in any::<bool>(),
    ) {
        let mut slow = vec![1.0; fast];
        slow.push(4.0);
        let tests: Vec<String> = (0..lengths.len()).map(|nth| format!("t{nth}")).collect();
        let lengths: Vec<f64> = lengths.iter().map(|length| length.max(if are_known { 0.0 } else { 0.5 })).collect();
        let length = |id: &str| lengths[id[1..].parse::<usize>().unwrap()];
        let times = tests.iter().filter(|_| are_known).map(|id| (id.clone(), at(length(id))));
        let queue = queue(Queue::new(Order::SlowestFirst).times(times.collect()), tests.clone());
        let report = Starting::new(&slow, start_up, length).run(queue);
        let work: f64 = lengths.iter().sum();
        let ideal = (work + start_up * slow.len() as f64) / (fast as f64 + 0.25);
        let longest = lengths.iter().copied().fold(0.0, f64::max);
        let uncut = (start_up + longest) * 4.0;
        prop_assert!(report.end <= ideal * 1.2 + uncut, "{} of {} + {}: {:?}", report.end, ideal, uncut, report.sizes());
    }
}
