//! Whether it pays that a slow worker takes a test, or that a faster one takes it next; and whether a worker
//! should have a second test at hand.

use std::time::Duration;

use super::{Queue, State, units::Workload};

/// Below this, in seconds, a worker has a second test at hand.
const SHORT: f64 = 0.010;
/// How many tests have to end before their mean is believed to be short.
const ENOUGH: u32 = 3;
/// Only a worker that is this much faster is waited for.
const FASTER: f64 = 0.8;
/// A worker whose test ended asks for the next one within this.
const MOMENT: Duration = Duration::from_millis(10);

/// Up to so many units are dealt one by one to see when they would be done.
const FEW: usize = 64;

impl Queue {
    pub(super) fn depth_of(&self, state: &State) -> usize {
        let Some(first) = state.flight.front().filter(|flight| flight.test.lane == 0) else {
            return 1;
        };
        if first.test.recorded.is_none() && self.ended < ENOUGH {
            return 1;
        }
        let work = Workload::of(first.test.recorded);
        if self.estimate(&state.instance, work) < SHORT { 2 } else { 1 }
    }

    /// The unit itself, or where faster workers would be done with all before this one is done with it, the
    /// longest one that this worker does in that time.
    pub(super) fn what_pays(
        &mut self,
        worker: usize,
        index: usize,
        open: &[usize],
    ) -> Option<usize> {
        let Some(limit) = self.others_are_done(worker) else { return Some(index) };
        let state = &self.workers[worker];
        let instance = &state.instance;
        // A runner that takes lists is started first.
        let start = if state.flight.is_empty() { self.starts.of(instance) } else { 0.0 };
        let within = (limit.done - start).max(0.0);
        if self.estimate(instance, self.units[index].work) <= within {
            return Some(index);
        }
        let known = (within / self.factor(instance) * 1e9) as u64;
        let shorter = open.iter().filter_map(|&lane| self.waiting.longest_within(lane, known));
        if let Some((_, shorter)) = shorter.max() {
            return Some(shorter.0);
        }
        let again = self.now? + Duration::from_secs_f64(limit.next_end.clamp(SHORT, 3600.0));
        self.ask_again = Some(self.ask_again.map_or(again, |earlier| earlier.min(again)));
        None
    }

    /// When the other workers would be done with all that waits; none if there is no reason to leave it to
    /// them. One of them must be running something or have just ended it, so that somebody asks for the
    /// rest.
    fn others_are_done(&self, worker: usize) -> Option<Others> {
        let now = self.now?;
        let own = self.factor(&self.workers[worker].instance);
        let others = self.workers.iter().enumerate();
        let others = others.filter(|(index, state)| *index != worker && state.asks);
        let mut free: Vec<(f64, f64)> = Vec::new();
        let (mut best, mut next_end) = (own, f64::INFINITY);
        for (_, state) in others {
            let factor = self.factor(&state.instance);
            let left = self.left(state, now);
            let is_next = state.ended.is_some_and(|ended| now.saturating_sub(ended) < MOMENT);
            if !state.flight.is_empty() || is_next {
                best = best.min(factor);
                next_end = next_end.min(left);
            }
            free.push((left + self.starts.of(&state.instance), factor));
        }
        if best > own * FASTER {
            return None;
        }
        let typical = self.speeds.typical().unwrap_or(0.0);
        let done = if self.waiting.len() <= FEW {
            let works = self.waiting.iter().map(|unit| self.units[unit].work.seconds(typical));
            dealt(&mut free, works.collect())
        } else {
            // At worst the longest begins when all others are done.
            let work = self.waiting.work();
            let unknown = if work.has_unknown() { typical } else { 0.0 };
            let longest = self.waiting.longest().max(unknown) * best;
            poured(&mut free, work.seconds(typical)) + longest
        };
        Some(Others { done, next_end })
    }

    /// How long the worker is busy with what it has, in seconds. A test that takes longer than expected is
    /// expected to take as much longer again.
    pub(super) fn left(&self, state: &State, now: Duration) -> f64 {
        let flight = state.flight.iter().map(|flight| {
            let whole = self.estimate(&state.instance, Workload::of(flight.test.recorded));
            let ran = flight.since.map_or(0.0, |since| now.saturating_sub(since).as_secs_f64());
            (whole - ran).abs()
        });
        let units = state.units.iter();
        let units = units.map(|&unit| self.estimate(&state.instance, self.units[unit].work));
        flight.chain(units).sum()
    }

    pub(super) fn factor(&self, instance: &str) -> f64 {
        self.speeds.factor(instance).max(1e-6)
    }

    pub(super) fn estimate(&self, instance: &str, work: Workload) -> f64 {
        work.seconds(self.speeds.typical().unwrap_or(0.0)) * self.factor(instance)
    }
}

/// When the others are done, and when the first of them has a test ended, in seconds from now.
struct Others {
    done: f64,
    next_end: f64,
}

/// When works are done that are dealt to workers, the longest first, each to the one that is done with it
/// soonest. Workers are given as when they are free, and how long they take for a second of work.
fn dealt(workers: &mut [(f64, f64)], mut works: Vec<f64>) -> f64 {
    works.sort_by(|a, b| b.total_cmp(a));
    let mut done = 0.0_f64;
    for work in works {
        let ends = workers.iter_mut().map(|worker| (worker.0 + work * worker.1, worker));
        if let Some((end, worker)) = ends.min_by(|a, b| a.0.total_cmp(&b.0)) {
            worker.0 = end;
            done = done.max(end);
        }
    }
    done
}

/// When work is done that is poured over workers as they become free, given as in [`dealt`].
pub(super) fn poured(workers: &mut [(f64, f64)], work: f64) -> f64 {
    workers.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut rate, mut done, mut time) = (0.0, 0.0, 0.0);
    for &(free, factor) in workers.iter() {
        if rate > 0.0 && done + (free - time) * rate >= work {
            break;
        }
        done += (free - time) * rate;
        time = free;
        rate += 1.0 / factor;
    }
    time + (work - done) / rate
}
