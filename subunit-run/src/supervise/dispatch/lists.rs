//! Tests for workers that take a list: one list each, or batches from the queue.

use std::{collections::HashMap, mem};

use subunit_core::Status;

use crate::{
    schedule::{Next, NextBatch, TestEnd, TestSource, Worker, partition},
    supervise::{supervisor::Supervisor, workers::WorkerSlot},
};

impl Supervisor {
    /// Deals all tests out, as testr does.
    pub(in crate::supervise) fn deal_lists(&mut self) {
        let ids = mem::take(&mut self.listing.collected);
        let groups = self.plan.groups.as_ref();
        let group = |test_id: &str| groups.map(|groups| groups.of(test_id).to_owned());
        let mut lists = partition(&ids, group, &self.plan.times, self.slots.len());
        if self.plan.sorts_lists {
            let ranks = self.ranks(ids);
            lists.iter_mut().for_each(|list| list.sort_by_key(|test_id| ranks.get(test_id)));
        }
        for (slot, list) in self.slots.iter_mut().zip(lists) {
            slot.list = list;
        }
    }

    /// In which order the queue would hand them out to one worker.
    fn ranks(&mut self, ids: Vec<String>) -> HashMap<String, usize> {
        let worker = Worker { name: String::new(), instance: String::new() };
        self.queue.add(ids);
        self.queue.end_of_listing();
        let mut ranks = HashMap::new();
        while let Next::Test(test_id) = self.queue.next(&worker) {
            let end = TestEnd { status: Status::Success, duration: None };
            self.queue.ended(&worker, &test_id, end);
            let rank = ranks.len();
            ranks.insert(test_id, rank);
        }
        ranks
    }

    /// Starts a process with the next list of this worker, if it has no process.
    pub(super) fn dispatch_list(&mut self, nth: usize) {
        let slot = &mut self.slots[nth];
        let is_known = self.listing.is_over || self.plan.alone;
        if !is_known || slot.process.is_some() || slot.is_done {
            return;
        }
        if self.closing.is_some() {
            slot.is_done = true;
            return;
        }
        if self.is_paused {
            return;
        }
        if slot.list.is_empty() && !slot.takes_all && !self.take_from_queue(nth) {
            return;
        }
        let slot = &mut self.slots[nth];
        if mem::take(&mut slot.takes_all) {
            self.start_all(nth);
        } else if slot.list.is_empty() {
            self.retry_list(nth);
        } else {
            self.start_list(nth);
        }
    }

    /// Puts what the queue has for a worker into its list, if there is anything. False if it must wait.
    fn take_from_queue(&mut self, nth: usize) -> bool {
        let Some(size) = self.plan.batch.filter(|_| !self.plan.alone) else {
            return !self.plan.alone || self.take_test(nth);
        };
        match self.queue.next_batch(&self.slots[nth].worker, size) {
            NextBatch::Tests(tests) => {
                self.take_batch(nth, tests);
                true
            }
            NextBatch::Wait => false,
            NextBatch::Done => true,
        }
    }

    fn take_test(&mut self, nth: usize) -> bool {
        let slot = &mut self.slots[nth];
        match self.queue.next(&slot.worker) {
            Next::Test(test_id) => slot.list.push(test_id),
            Next::Wait => return false,
            Next::Done => {}
        }
        true
    }

    /// Tests of one process find the same variables. The others of a batch are for the next one.
    fn take_batch(&mut self, nth: usize, tests: Vec<String>) {
        let environment = tests.first().map(|first| self.settings.of(first).environment);
        let fits = |test_id: &String| Some(self.settings.of(test_id).environment) == environment;
        let (now, later): (Vec<_>, Vec<_>) = tests.into_iter().partition(fits);
        let slot = &mut self.slots[nth];
        slot.list = now;
        for test_id in later.iter().rev() {
            self.queue.taken_back(&slot.worker, test_id);
        }
    }

    /// A test that failed runs again in a process of its own, on another worker if one is there.
    fn retry_list(&mut self, nth: usize) {
        let has_others = self.slots.iter().any(WorkerSlot::is_busy);
        if let Some(test_id) = self.retries.next(&self.slots[nth].worker.name, has_others) {
            self.slots[nth].list = vec![test_id];
            self.start_list(nth);
        } else if !self.may_get_more() {
            self.slots[nth].is_done = true;
        }
    }
}
