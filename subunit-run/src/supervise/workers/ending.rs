//! What the end of a process means: its tests are failures, or go to others.

use std::{mem, process::ExitStatus};

use subunit_core::{RouteCode, Status};
use subunit_mux::{InputId, ending::described, process::Notice};

use super::{
    command::{outer_route, within},
    slot::WorkerProcess,
};
use crate::{
    guard::kill_all,
    processes,
    schedule::{TestEnd, TestSource, Worker},
    supervise::{closing::Closing, stream::printed, supervisor::Supervisor},
};

/// A worker is given up when as many of its processes have ended in succession without a sign of a test.
pub(super) const MAX_FRUITLESS: u32 = 3;

impl Supervisor {
    pub(in crate::supervise) fn note_ends(&mut self) {
        for notice in self.processes.notices() {
            if let Notice::Ended { input, status, .. } = notice {
                self.note_end(input, status);
            }
        }
    }

    fn note_end(&mut self, input: InputId, status: Option<ExitStatus>) {
        if self.listing.input == Some(input) {
            return self.note_listing_ended(status);
        }
        if self.around.input() == Some(input) {
            return self.note_around_ended(status);
        }
        let is_it = |process: &mut WorkerProcess| process.input == input;
        let mut slots = self.slots.iter_mut().enumerate();
        let ended = slots.find_map(|(nth, slot)| Some((nth, slot.process.take_if(is_it)?)));
        let Some((nth, mut process)) = ended else { return };
        if self.listing.worker == Some(nth) {
            self.note_listing_ended(status);
        }
        if let Some(mut folder) = process.artifacts.take() {
            self.attach_rest(nth, &mut folder);
        }
        if !process.has_run_test {
            self.slots[nth].fruitless += 1;
        }
        let how = status.map_or_else(|| "gone".to_owned(), described);
        self.slots[nth].has_lost_process = status.is_none_or(|status| !status.success());
        let is_to_blame = self.note_instance(nth, &process, status);
        if self.plan.suite.incremental {
            self.return_leases(nth, process, is_to_blame);
        } else {
            let is_success = status.is_some_and(|status| status.success());
            self.continue_list(nth, process, is_to_blame, is_success, &how);
        }
        self.give_up_if_fruitless(nth, &how);
    }

    fn give_up_if_fruitless(&mut self, nth: usize, how: &str) {
        let slot = &mut self.slots[nth];
        if slot.fruitless < MAX_FRUITLESS || slot.is_done {
            return;
        }
        slot.is_done = true;
        let Worker { name, instance } = &slot.worker;
        let place = match instance.as_str() {
            "" => String::new(),
            instance => format!(" on instance {instance}"),
        };
        let reason = format!(
            "worker {name}{place} is not started again: it ended {MAX_FRUITLESS} times without a test, the \
             last time with {how}\n"
        );
        self.fail_run("(worker)", &reason);
        let list = mem::take(&mut self.slots[nth].list);
        self.hand_on(nth, list);
    }

    /// What a worker that took tests from the queue has left.
    fn return_leases(&mut self, nth: usize, mut process: WorkerProcess, is_to_blame: bool) {
        let worker = &self.slots[nth].worker;
        let left = process.leases.take();
        let (again, first): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|test_id| self.retries.attempt(test_id) > 1);
        for test_id in again {
            self.retries.lost(&test_id, &worker.name);
        }
        // If none of its tests has begun, the first one is suspected of the end.
        let may_have_ended_it = is_to_blame && !process.is_stopping && process.timer.is_idle();
        match first.first().filter(|_| may_have_ended_it) {
            Some(test_id) if process.was_mute => {
                let why = "its worker read it, and said nothing of it";
                self.never_run(nth, std::slice::from_ref(test_id), why);
                self.queue.gone(&self.slots[nth].worker);
            }
            Some(test_id) => self.queue.lost(worker, test_id),
            None => self.queue.gone(worker),
        }
    }

    /// What is left of a list runs in a new process, if the one before failed and others may follow.
    fn continue_list(
        &mut self,
        nth: usize,
        mut process: WorkerProcess,
        is_to_blame: bool,
        is_success: bool,
        how: &str,
    ) {
        if process.leases.len() == 0 {
            return;
        }
        if self.plan.batch.is_some() && !is_success && self.closing.is_none() {
            // After a test that ran, none of the others is suspected.
            let is_to_blame = is_to_blame && !process.has_run_test;
            return self.return_leases(nth, process, is_to_blame);
        }
        let left = process.leases.take();
        let slot = &mut self.slots[nth];
        if !is_success && self.closing.is_none() && slot.fruitless < MAX_FRUITLESS {
            slot.list.splice(..0, left);
            return;
        }
        if self.stopped.is_some() || self.closing == Some(Closing::FilesChanged) {
            return;
        }
        if self.closing.is_none() && !is_success {
            return self.hand_on(nth, left);
        }
        let why = match self.closing {
            Some(closing) => closing.to_string(),
            None => format!("its worker ended ({how}) without it"),
        };
        self.never_run(nth, &left, &why);
    }

    /// Tests that this worker had, and that nobody runs.
    pub(super) fn never_run(&mut self, nth: usize, tests: &[String], why: &str) {
        let reason = format!("never run: {why}\n");
        for test_id in tests {
            self.fail_test(test_id, &reason);
            if self.uses_queue() {
                let end = TestEnd { status: Status::Fail, duration: None };
                self.queue.ended(&self.slots[nth].worker, test_id, end);
            }
        }
    }

    /// Processes that workers have left behind are named, and killed.
    pub(in crate::supervise) fn kill_leaked(&mut self) {
        let id = self.plan.run.uuid().to_owned();
        let leaked = processes::of_run(&id);
        if leaked.is_empty() {
            return;
        }
        let outer = outer_route();
        for process in leaked.iter().filter(|process| !process.is_ending()) {
            let worker = within(outer.as_deref(), &process.route);
            let text = format!("left running: process {}: {}\n", process.pid, process.command);
            let route_code = Some(RouteCode::new(worker)).filter(|_| !worker.is_empty());
            self.emit(&printed(&text, route_code));
        }
        kill_all(&id);
    }

    /// What was listed and nobody has run.
    pub(in crate::supervise) fn fail_what_is_left(&mut self) {
        // The failure of the run says it, or it was asked for.
        let is_wanted = matches!(self.closing, Some(Closing::FailFast | Closing::FilesChanged));
        if self.stopped.is_some() || is_wanted {
            return;
        }
        let mut left = self.queue.take_rest();
        left.extend(self.retries.take_rest());
        left.append(&mut self.listing.collected);
        for slot in &mut self.slots {
            left.append(&mut slot.list);
        }
        let why = self.closing.map(|closing| closing.to_string());
        let why = why.as_deref().unwrap_or("no worker is left");
        let reason = format!("never run: {why}\n");
        left.iter().for_each(|test_id| self.fail_test(test_id, &reason));
    }
}
