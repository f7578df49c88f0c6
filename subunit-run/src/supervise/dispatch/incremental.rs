//! Tests for workers that take them one by one.

use std::mem;

use subunit_core::{Event, Status};

use crate::{
    schedule::{Next, TestSource},
    supervise::{
        supervisor::Supervisor,
        workers::{Feed, WorkerSlot},
    },
};

impl Supervisor {
    /// Gives a worker as many tests as it may have at once.
    pub(super) fn dispatch_incremental(&mut self, nth: usize) {
        while !self.slots[nth].is_done {
            if self.closing.is_some() {
                return self.end_feed(nth);
            }
            if self.is_paused {
                return;
            }
            let slot = &self.slots[nth];
            let held = slot.process.as_ref().map_or(0, |process| process.leases.len());
            if held >= self.queue.depth(&slot.worker) || slot.has_ended_feed() {
                return;
            }
            match self.queue.next(&slot.worker) {
                Next::Test(test_id) => self.give(nth, test_id),
                Next::Wait => return self.start_early(nth),
                // It ends as soon as it has done what it has, and so does one that has passed a test over.
                Next::Done if held > 0 && !self.may_get_more() => return self.end_feed(nth),
                Next::Done if held > 0 => return,
                Next::Done => return self.retry_or_end(nth),
            }
        }
    }

    /// A process of an adapter gets ready while the tests are listed, as it takes as long as the listing.
    fn start_early(&mut self, nth: usize) {
        let starts_early =
            self.plan.suite.adapted.as_ref().is_some_and(|adapted| adapted.starts_early);
        let is_first = self.slots[nth].process.is_none() && self.slots[nth].fruitless == 0;
        if starts_early && is_first && !self.listing.is_over && !self.plan.alone {
            self.slots[nth].attempt = 1;
            self.start_incremental(nth);
        }
    }

    /// All tests were handed out once: those that failed run again, if they may.
    fn retry_or_end(&mut self, nth: usize) {
        let has_others = self.slots.iter().filter(|slot| !slot.is_done).count() > 1;
        if let Some(test_id) = self.retries.next(&self.slots[nth].worker.name, has_others) {
            return self.give(nth, test_id);
        }
        if !self.may_get_more() {
            self.end_feed(nth);
        }
    }

    /// Whether tests that failed wait to run again, or tests run that others may have to run.
    pub(super) fn may_get_more(&self) -> bool {
        // An instance may go away, and what it had runs elsewhere. So does what is left of a batch.
        let may_come_back =
            self.settings.may_retry() || self.instances.are_there() || self.plan.batch.is_some();
        !self.retries.is_empty() || may_come_back && self.slots.iter().any(WorkerSlot::is_busy)
    }

    fn give(&mut self, nth: usize, test_id: String) {
        let environment = self.settings.of(&test_id).environment;
        let slot = &mut self.slots[nth];
        if slot.process.is_none() {
            slot.environment = environment;
            slot.attempt = self.retries.attempt(&test_id);
            self.start_incremental(nth);
        } else if slot.environment != environment {
            // The next process finds the variables of this test.
            self.end_feed(nth);
            return self.give_back(nth, &test_id);
        }
        if !self.send_test(nth, &test_id) {
            // Its process takes no more, so it is not asked again before the next one is there.
            self.end_feed(nth);
            return self.give_back(nth, &test_id);
        }
        let now = self.elapsed();
        if let Some(process) = &mut self.slots[nth].process {
            if process.leases.len() == 0 {
                process.timer.note_output(now);
            }
            process.leases.add(test_id);
        }
        self.flush_feed(nth);
    }

    /// Whether the process takes the test.
    fn send_test(&mut self, nth: usize, test_id: &str) -> bool {
        let Some(process) = &mut self.slots[nth].process else { return false };
        match &mut process.feed {
            Feed::Pipe(feed) => {
                feed.push(test_id);
                true
            }
            Feed::Packets => {
                let event = Event::status(test_id, Status::Exists);
                self.processes.send(process.input, &event).is_ok()
            }
            Feed::List | Feed::Ended(_) => false,
        }
    }

    /// Writes ids that wait for room in the pipe. Where each test has a process of its own, its first test
    /// was all that it gets.
    pub(super) fn flush_feed(&mut self, nth: usize) {
        let slot = &mut self.slots[nth];
        if let Some(feed) = slot.feed_mut() {
            feed.write();
        }
        if self.plan.alone && slot.is_busy() && slot.waiting_feed().is_none() {
            self.end_feed(nth);
        }
    }

    /// A test that did not reach its worker goes to another one.
    fn give_back(&mut self, nth: usize, test_id: &str) {
        let worker = &self.slots[nth].worker;
        if self.retries.attempt(test_id) > 1 {
            self.retries.lost(test_id, &worker.name);
        } else {
            self.queue.taken_back(worker, test_id);
        }
    }

    /// Nothing more comes for this worker: it ends when it has done what it has.
    pub(in crate::supervise) fn end_feed(&mut self, nth: usize) {
        let slot = &mut self.slots[nth];
        let Some(process) = &mut slot.process else {
            slot.is_done = true;
            return;
        };
        let ended = match mem::replace(&mut process.feed, Feed::Ended(None)) {
            Feed::Pipe(mut feed) => {
                feed.end();
                Some(feed)
            }
            Feed::Packets => {
                self.processes.close_stdin(process.input);
                None
            }
            Feed::Ended(feed) => feed,
            Feed::List => None,
        };
        process.feed = Feed::Ended(ended);
    }
}
