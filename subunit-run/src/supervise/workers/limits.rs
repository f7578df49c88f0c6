//! Keeps to the limits of time, and tells when to look again.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::{
    command::{outer_route, within},
    slot::WorkerProcess,
};
use crate::{
    processes,
    schedule::TestSource,
    supervise::{closing::Closing, supervisor::Supervisor},
};

/// How long a process may write its stacks before it is told to stop.
const TIME_TO_DUMP: Duration = Duration::from_secs(1);

/// How long a process may go on that has nothing to do any more, unless `no_output_timeout` says so.
const TIME_TO_END: Duration = Duration::from_secs(60);

impl WorkerProcess {
    /// Whether it goes on for too long that has nothing to do any more.
    fn lingers(&mut self, now: Duration, most: Duration) -> Option<String> {
        if !self.should_end() || self.timer.is_prompting() {
            self.idle_since = None;
            return None;
        }
        let since = (*self.idle_since.get_or_insert(now)).max(self.timer.last_output());
        self.idle_since = Some(since);
        let seconds = most.as_secs_f64();
        (now >= since + most)
            .then(|| format!("timeout: it did not end for {seconds} s after its last test"))
    }
}

impl Supervisor {
    /// When something is due even if nothing happens.
    pub(in crate::supervise) fn due(&self) -> Option<Instant> {
        let run = self.plan.limits.run.filter(|_| self.closing.is_none());
        let idle = self.settings.no_output();
        let processes = self.slots.iter().filter_map(|slot| slot.process.as_ref());
        let watched = processes.filter(|process| !process.is_stopping);
        let time_to_end = idle.unwrap_or(TIME_TO_END);
        let tests = watched.filter_map(|process| {
            let idle_until = process.idle_since.map(|since| since + time_to_end);
            let mute_at = process.mute_at().filter(|_| !self.has_slow_workers);
            process.timer.due(idle).into_iter().chain(idle_until).chain(mute_at).min()
        });
        let elapsed = self.elapsed();
        let ask = self.queue.ask_again();
        let next = tests.chain(run).chain(ask).filter(|due| *due > elapsed).min()?;
        Instant::now().checked_add(next.saturating_sub(elapsed))
    }

    /// Stops what takes too long.
    pub(in crate::supervise) fn enforce_limits(&mut self) {
        let now = self.elapsed();
        if let Some(limit) = self.plan.limits.run.filter(|limit| now >= *limit)
            && self.closing.is_none()
        {
            self.end_run_at(limit);
        }
        let idle = self.settings.no_output();
        for nth in 0..self.slots.len() {
            let Some(process) = &mut self.slots[nth].process else { continue };
            let has_tests = process.leases.len() > 0 || process.takes_all;
            let overdue = process.timer.overdue(now, idle, has_tests);
            let lingers = process.lingers(now, idle.unwrap_or(TIME_TO_END));
            if let Some(why) = overdue.or(lingers) {
                self.stop(nth, &why);
            }
        }
    }

    fn end_run_at(&mut self, limit: Duration) {
        let closing = Closing::RunLimit(limit);
        let why = closing.to_string();
        self.fail_run("(run)", &format!("{why}\n"));
        self.close(closing);
        if let Some(input) = self.listing.input.or_else(|| self.around.input()) {
            self.processes.stop(input, &why);
        }
        for nth in 0..self.slots.len() {
            self.stop(nth, &why);
        }
    }

    fn stop(&mut self, nth: usize, why: &str) {
        let Some(process) = self.slots[nth].process.as_mut().filter(|process| !process.is_stopping)
        else {
            return;
        };
        process.is_stopping = true;
        let input = process.input;
        if self.ask_for_stacks(nth) {
            self.processes.stop_after(input, why, TIME_TO_DUMP);
        } else {
            self.processes.stop(input, why);
        }
    }

    /// Asks the Pythons of a worker to write where they are, which ends them. Whether there are any.
    fn ask_for_stacks(&self, nth: usize) -> bool {
        let worker = &self.slots[nth].worker.name;
        let outer = outer_route();
        let mut found = processes::of_run(self.plan.run.uuid());
        found.retain(|process| {
            within(outer.as_deref(), &process.route) == worker && process.is_of("python")
        });
        found.iter().for_each(|process| process.send(Signal::ABORT));
        !found.is_empty()
    }
}
