//! What the end of a process means: its tests are failures, or go to others.

use std::process::ExitStatus;

use subunit_core::{Event, FileChunk, RouteCode, Status, conventions};
use subunit_mux::{InputId, ending::described, process::Notice};

use super::{Supervisor, hand::Process};
use crate::{
    guard::kill_all,
    processes,
    schedule::{TestEnd, TestSource},
};

/// So many processes of a worker may end one after another without a sign of a test.
const BARREN: u32 = 3;

impl Supervisor {
    pub(super) fn note_ends(&mut self) {
        let notices: Vec<Notice> = self.processes.notices().collect();
        for notice in notices {
            if let Notice::Ended { input, status, .. } = notice {
                self.note_end(input, status);
            }
        }
    }

    fn note_end(&mut self, input: InputId, status: Option<ExitStatus>) {
        if self.listing.input == Some(input) {
            self.listing.input = None;
            self.end_of_listing(status);
            return;
        }
        let is_it = |process: &Process| process.input == input;
        let Some(nth) = self.hands.iter().position(|hand| hand.process.as_ref().is_some_and(is_it))
        else {
            return;
        };
        let Some(process) = self.hands[nth].process.take() else { return };
        if !process.has_shown {
            self.hands[nth].barren += 1;
        }
        let how = status.map_or_else(|| "gone".to_owned(), described);
        if self.plan.suite.incremental {
            self.return_leases(nth, process);
        } else {
            self.go_on_with_list(nth, process, status, &how);
        }
        if self.hands[nth].barren >= BARREN && !self.hands[nth].is_done {
            self.hands[nth].is_done = true;
            let name = &self.hands[nth].worker.name;
            let reason = format!(
                "worker {name} is not started again: it ended {BARREN} times without a test, the last \
                 time with {how}\n"
            );
            self.fail("(worker)", false, &reason);
        }
    }

    fn end_of_listing(&mut self, status: Option<ExitStatus>) {
        let failed = status.is_none_or(|status| !status.success());
        let said = std::mem::take(&mut self.listing.end);
        if self.closing.is_none() && (failed || !said.is_empty()) {
            let how = status.map_or_else(|| "gone".to_owned(), described);
            let listed = self.listing.listed;
            // The first line says the same.
            let more = said.split_once('\n').map_or("", |(_, more)| more);
            let reason =
                format!("the listing of tests failed: {how}, after {listed} tests\n{more}");
            self.fail("(listing)", false, &reason);
        }
        self.end_of_tests();
    }

    /// What a worker that took tests one by one has left.
    fn return_leases(&mut self, nth: usize, mut process: Process) {
        let worker = self.hands[nth].worker.clone();
        let left = process.leases.take();
        let (again, first): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|test_id| self.retries.attempt(test_id) > 1);
        for test_id in again {
            self.retries.lost(&test_id, &worker.name);
        }
        // If none of its tests has begun, the first one is suspected of the end.
        match first.first().filter(|_| process.stopped.is_none() && process.running.is_empty()) {
            Some(test_id) => self.queue.lost(&worker, test_id),
            None => self.queue.gone(&worker),
        }
    }

    /// What is left of a list runs in a new process, if the one before ended badly and got on.
    fn go_on_with_list(
        &mut self,
        nth: usize,
        mut process: Process,
        status: Option<ExitStatus>,
        how: &str,
    ) {
        let left = process.leases.take();
        if left.is_empty() {
            return;
        }
        let ended_well = status.is_some_and(|status| status.success());
        let goes_on = !ended_well && self.closing.is_none() && self.hands[nth].barren < BARREN;
        if goes_on {
            self.hands[nth].list = left;
            return;
        }
        let why = self.closing.clone();
        let why = why.unwrap_or_else(|| format!("its worker ended ({how}) without it"));
        if self.stopped.is_none() {
            self.never_run(nth, &left, &why);
        }
    }

    /// Tests that this worker had, and that nobody runs.
    pub(super) fn never_run(&mut self, nth: usize, tests: &[String], why: &str) {
        let worker = self.hands[nth].worker.clone();
        for test_id in tests {
            self.fail(test_id, true, &format!("never run: {why}\n"));
            if self.uses_queue() {
                let end = TestEnd { status: Status::Fail, duration: None };
                self.queue.ended(&worker, test_id, end);
            }
        }
    }

    /// Processes that workers have left behind are named, and killed.
    pub(super) fn end_what_leaked(&mut self) {
        let id = self.plan.run.uuid().to_owned();
        let leaked = processes::of_run(&id);
        for process in &leaked {
            let worker = process.worker.rsplit('/').next().unwrap_or_default();
            let text = format!("left running: process {}: {}\n", process.pid, process.command);
            let route_code = Some(RouteCode::new(worker)).filter(|_| !worker.is_empty());
            let file = Some(FileChunk { name: conventions::STDERR, bytes: text.as_bytes() });
            let mime_type = Some(conventions::TEXT);
            self.say(&Event { route_code, file, mime_type, ..Event::default() });
        }
        if !leaked.is_empty() {
            kill_all(&id);
        }
    }

    /// What was listed and nobody has run.
    pub(super) fn fail_what_is_left(&mut self) {
        if self.stopped.is_some() {
            // The failure of the run says so.
            return;
        }
        let why = self.closing.clone().unwrap_or_else(|| "no worker is left".to_owned());
        let mut left = self.queue.take_rest();
        left.extend(self.retries.take_rest());
        left.append(&mut self.listing.kept);
        for hand in &mut self.hands {
            left.append(&mut hand.list);
        }
        if self.closing.is_some() && self.plan.fail_fast.is_some() {
            // They were not run because that was asked for.
            return;
        }
        left.iter().for_each(|test_id| self.fail(test_id, true, &format!("never run: {why}\n")));
    }
}
