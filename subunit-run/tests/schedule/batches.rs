//! Batches, on simulated workers whose runner is started for each.

use std::time::Duration;

use proptest::prelude::*;
use subunit_run::schedule::batch_size;

fn secs(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

/// Start and end of the batches of each worker. Workers take batches as they are free, and each is that many
/// times slower.
fn run(tests: &[f64], start_up: f64, slow: &[f64]) -> Vec<Vec<(f64, f64)>> {
    let mut batches = vec![Vec::new(); slow.len()];
    let mut free = vec![0.0_f64; slow.len()];
    let mut tests = tests;
    while !tests.is_empty() {
        let worker = (0..slow.len()).min_by(|&a, &b| free[a].total_cmp(&free[b]));
        let worker = worker.expect("a worker");
        let now = free[worker];
        let others = (0..slow.len()).filter(|&other| other != worker);
        let busy: Vec<Duration> = others.map(|other| secs(free[other] - now)).collect();
        let waiting: Vec<Option<Duration>> = tests.iter().map(|&test| Some(secs(test))).collect();
        let size = batch_size(&waiting, secs(start_up), &busy);
        assert!((1..=tests.len()).contains(&size));
        let work: f64 = tests[..size].iter().sum();
        free[worker] += (start_up + work) * slow[worker];
        batches[worker].push((now, free[worker]));
        tests = &tests[size..];
    }
    batches
}

#[test]
fn one_worker_starts_its_runner_for_a_tenth_of_the_time() {
    // 100 s of tests, and starts of 1 s: ten are the most that a tenth allows.
    let batches = run(&[0.1; 1000], 1.0, &[1.0]);
    assert_eq!(batches[0].len(), 10);
    let end = batches[0].last().unwrap().1;
    assert!((end - 110.0).abs() < 1e-6, "{end}");
}

#[test]
fn the_last_batches_end_together() {
    for workers in 1..9 {
        let batches = run(&[0.1; 1000], 1.0, &vec![1.0; workers]);
        let ends = || batches.iter().map(|batches| batches.last().unwrap().1);
        let (first, last) = (ends().fold(f64::MAX, f64::min), ends().fold(0.0, f64::max));
        assert!(last - first <= 0.2 + 1e-9, "{workers} workers: {first} to {last}");
        let starts: usize = batches.iter().map(Vec::len).sum();
        assert!(last <= (100.0 + starts as f64) / workers as f64 + 0.2, "{workers}: {last}");
    }
}

#[test]
fn a_few_tests_are_spread_though_a_start_costs_more() {
    assert!(run(&[1.0; 4], 5.0, &[1.0; 4]).iter().all(|batches| batches.len() == 1));
}

#[test]
fn a_worker_that_is_busy_for_long_gets_nothing_of_what_is_left() {
    let waiting = [Some(secs(1.0)); 4];
    assert_eq!(batch_size(&waiting, secs(1.0), &[secs(100.0)]), 4);
    assert_eq!(batch_size(&waiting, secs(1.0), &[secs(0.0)]), 2);
    assert_eq!(batch_size(&waiting, secs(1.0), &[secs(2.0)]), 3);
}

#[test]
fn tests_without_times_count_as_the_mean() {
    let waiting = [Some(secs(1.0)), None, Some(secs(3.0)), None];
    assert_eq!(batch_size(&waiting, secs(1.0), &[secs(0.0)]), 2);
    // Nothing is known: half of them now, over all workers.
    assert_eq!(batch_size(&[None; 100], secs(1.0), &[secs(0.0); 4]), 10);
    assert_eq!(batch_size(&[None], secs(1.0), &[]), 1);
    assert_eq!(batch_size(&[], secs(1.0), &[]), 0);
    // Starts that cost nothing: one by one.
    assert_eq!(batch_size(&waiting, secs(0.0), &[]), 1);
}

proptest! {
    /// On equal workers no batch of more than one test is too long, and no worker idles while much waits.
    #[test]
    fn batches_end_near_the_best(
        tests in prop::collection::vec(0.01..1.0_f64, 1..300),
        start_up in 0.0..5.0_f64,
        workers in 1..6_usize,
    ) {
        let batches = run(&tests, start_up, &vec![1.0; workers]);
        let end = batches.iter().flatten().map(|batch| batch.1).fold(0.0, f64::max);
        let work: f64 = tests.iter().sum();
        let longest = tests.iter().copied().fold(0.0, f64::max);
        // A tenth for starts, one start that all need, and what cannot be cut.
        let bound = work / workers as f64 / 0.9 + start_up * 2.0 + longest * 2.0;
        prop_assert!(end <= bound, "{} > {}", end, bound);
    }
}
