//! Who takes too long, and when to look again.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::{
    Supervisor,
    hand::{Begun, Process},
};
use crate::{
    processes::{self, Found},
    schedule::TestSource,
};

/// How long a process may write its stacks before it is told to stop.
const TIME_TO_DUMP: Duration = Duration::from_secs(1);

/// What has taken too long.
struct Overdue {
    nth: usize,
    why: String,
}

impl Supervisor {
    /// When something is due even if nothing happens.
    pub(super) fn due(&self) -> Option<Instant> {
        let limits = &self.plan.limits;
        let run = limits.run.filter(|_| self.closing.is_none());
        let processes = self.hands.iter().filter_map(|hand| hand.process.as_ref());
        let is_watched =
            |process: &&Process| process.stopped.is_none() && process.asks_since.is_none();
        let processes = processes.filter(is_watched);
        let tests = processes.flat_map(|process| {
            let tests = process.running.values();
            let test = tests.filter_map(|begun| Some(begun.at + begun.limit?)).min();
            let silence = self.silence(process).map(|limit| process.heard + limit);
            test.into_iter().chain(silence)
        });
        let elapsed = self.elapsed();
        let ask = self.queue.ask_again();
        let next = tests.chain(run).chain(ask).filter(|due| *due > elapsed).min()?;
        Instant::now().checked_add(next.saturating_sub(elapsed))
    }

    /// Stops what takes too long, by name.
    pub(super) fn watch_time(&mut self) {
        let now = self.elapsed();
        if let Some(limit) = self.plan.limits.run
            && now >= limit
            && self.closing.is_none()
        {
            let why = format!("the run took longer than {} s", limit.as_secs_f64());
            self.fail("(run)", false, &format!("{why}\n"));
            self.close(&why);
            for nth in 0..self.hands.len() {
                self.stop(&Overdue { nth, why: why.clone() });
            }
        }
        let overdue: Vec<Overdue> = (0..self.hands.len())
            .filter_map(|nth| {
                let process = self.hands[nth].process.as_ref()?;
                let why = self.overdue(process, now)?;
                Some(Overdue { nth, why })
            })
            .collect();
        overdue.iter().for_each(|overdue| self.stop(overdue));
    }

    fn overdue(&self, process: &Process, now: Duration) -> Option<String> {
        if process.stopped.is_some() || process.asks_since.is_some() {
            return None;
        }
        let is_late = |begun: &Begun| begun.limit.is_some_and(|limit| now >= begun.at + limit);
        let late = process.running.iter().filter(|(_, begun)| is_late(begun));
        if let Some((test_id, begun)) = late.min_by_key(|(_, begun)| begun.at) {
            let seconds = (now - begun.at).as_secs_f64();
            return Some(format!("timeout: `{test_id}` has been running for {seconds:.1} s"));
        }
        let limit = self.silence(process)?;
        let is_silent = now >= process.heard + limit && process.leases.len() > 0;
        is_silent.then(|| format!("timeout: no output for {} s", limit.as_secs_f64()))
    }

    /// How long a process may be silent: as long as one of the tests that it runs may let it be.
    fn silence(&self, process: &Process) -> Option<Duration> {
        if process.running.is_empty() {
            return self.settings.no_output();
        }
        let mut longest = Duration::ZERO;
        for begun in process.running.values() {
            longest = longest.max(begun.no_output?);
        }
        Some(longest)
    }

    fn stop(&mut self, overdue: &Overdue) {
        let Some(process) = &mut self.hands[overdue.nth].process else { return };
        if process.stopped.is_some() {
            return;
        }
        process.stopped = Some(overdue.why.clone());
        let input = process.input;
        if self.ask_for_stacks(overdue.nth) {
            self.processes.stop_after(input, &overdue.why, TIME_TO_DUMP);
        } else {
            self.processes.stop(input, &overdue.why);
        }
    }

    /// Asks the Pythons of a worker to write where they are, which ends them. Whether there are any.
    fn ask_for_stacks(&self, nth: usize) -> bool {
        let worker = &self.hands[nth].worker.name;
        let found = processes::of_run(self.plan.run.uuid());
        let is_ours = |process: &&Found| {
            process.worker.rsplit('/').next() == Some(worker) && process.is_of("python")
        };
        let pythons: Vec<_> = found.iter().filter(is_ours).collect();
        pythons.iter().for_each(|process| process.send(Signal::ABORT));
        !pythons.is_empty()
    }
}
