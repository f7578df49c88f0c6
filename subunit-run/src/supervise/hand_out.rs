//! Which worker gets which test now.

use std::{collections::HashMap, os::fd::BorrowedFd};

use subunit_core::{Event, Status};
use subunit_mux::process::TestFeed;

use super::{
    Supervisor,
    hand::{Feed, Hand},
};
use crate::schedule::{Next, TestEnd, TestSource, Worker, partition};

impl Supervisor {
    /// Gives idle workers tests, and starts and ends processes.
    pub(super) fn hand_out(&mut self) {
        for hand in &mut self.hands {
            if let Some(feed) = hand.feed_mut() {
                feed.write();
            }
        }
        (0..self.hands.len()).for_each(|nth| {
            if self.hands[nth].is_busy() {
                self.end_feed_if_alone(nth);
            }
        });
        if self.uses_queue() {
            let now = self.elapsed();
            self.queue.at(now);
            for (test_id, losses) in self.queue.take_given_up() {
                let reason = format!("{losses} workers ended before they said that it had begun\n");
                self.fail(&test_id, true, &reason);
            }
        }
        for nth in 0..self.hands.len() {
            if self.plan.suite.incremental {
                self.serve(nth);
            } else {
                self.serve_list(nth);
            }
        }
    }

    /// A worker that takes tests one by one.
    fn serve(&mut self, nth: usize) {
        while !self.hands[nth].is_done {
            if self.closing.is_some() {
                return self.end_feed(nth);
            }
            if self.is_paused {
                return;
            }
            let worker = self.hands[nth].worker.clone();
            let held = self.hands[nth].process.as_ref().map_or(0, |process| process.leases.len());
            if held >= self.queue.depth(&worker) || self.hands[nth].has_ended_feed() {
                return;
            }
            match self.queue.next(&worker) {
                Next::Test(test_id) => self.give(nth, test_id),
                Next::Wait => return,
                Next::Done => return self.retry_or_end(nth, held),
            }
        }
    }

    /// All tests were handed out once: those that failed run again, if they may.
    fn retry_or_end(&mut self, nth: usize, held: usize) {
        if held > 0 {
            return;
        }
        let others = self.hands.iter().filter(|hand| !hand.is_done).count() > 1;
        let name = self.hands[nth].worker.name.clone();
        if let Some(test_id) = self.retries.next(&name, others) {
            return self.give(nth, test_id);
        }
        let more = !self.retries.is_empty()
            || self.settings.may_retry() && self.hands.iter().any(Hand::is_busy);
        if !more {
            self.end_feed(nth);
        }
    }

    fn give(&mut self, nth: usize, test_id: String) {
        if self.hands[nth].process.is_none() {
            self.start_incremental(nth);
        }
        let now = self.elapsed();
        let hand = &mut self.hands[nth];
        let Some(process) = &mut hand.process else {
            return self.give_back(nth, &test_id);
        };
        match &mut process.feed {
            Feed::Pipe(feed) => feed.push(&test_id),
            Feed::Packets => {
                let event = Event::status(&test_id, Status::Exists);
                if self.processes.send(process.input, &event).is_err() {
                    return self.give_back(nth, &test_id);
                }
            }
            Feed::List | Feed::Ended(_) => return self.give_back(nth, &test_id),
        }
        if process.leases.len() == 0 {
            process.heard = now;
        }
        process.leases.add(test_id);
        self.end_feed_if_alone(nth);
    }

    /// Where each test has a process of its own, this was all it gets.
    fn end_feed_if_alone(&mut self, nth: usize) {
        if !self.plan.alone {
            return;
        }
        if let Some(feed) = self.hands[nth].feed_mut() {
            feed.write();
        }
        if self.hands[nth].waiting_feed().is_none() {
            self.end_feed(nth);
        }
    }

    /// A test that did not reach its worker goes to another one.
    pub(super) fn give_back(&mut self, nth: usize, test_id: &str) {
        let worker = self.hands[nth].worker.clone();
        if self.retries.attempt(test_id) > 1 {
            self.retries.lost(test_id, &worker.name);
        } else {
            self.queue.taken_back(&worker, test_id);
        }
    }

    /// Nothing more comes for this worker: it ends when it has done what it has.
    fn end_feed(&mut self, nth: usize) {
        let hand = &mut self.hands[nth];
        let Some(process) = &mut hand.process else {
            hand.is_done = true;
            return;
        };
        if !matches!(process.feed, Feed::Ended(_)) {
            if matches!(process.feed, Feed::Packets) {
                self.processes.close_stdin(process.input);
            }
            let feed = std::mem::replace(&mut process.feed, Feed::Ended(None));
            if let Feed::Pipe(mut feed) = feed {
                feed.end();
                process.feed = Feed::Ended(Some(feed));
            }
        }
    }

    /// Deals all tests out to workers that take lists, as testr does.
    pub(super) fn share(&mut self) {
        let ids = std::mem::take(&mut self.listing.kept);
        let groups = self.plan.groups.as_ref();
        let group = |test_id: &str| groups.map(|groups| groups.of(test_id).to_owned());
        let mut shares = partition(&ids, group, &self.plan.times, self.hands.len());
        if self.plan.sorts_lists {
            let ranks = self.ranks(ids);
            shares.iter_mut().for_each(|share| share.sort_by_key(|test_id| ranks.get(test_id)));
        }
        for (hand, share) in self.hands.iter_mut().zip(shares) {
            hand.list = share;
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

    fn serve_list(&mut self, nth: usize) {
        let is_known = self.listing.is_over || self.plan.alone;
        if !is_known || self.hands[nth].process.is_some() || self.hands[nth].is_done {
            return;
        }
        if self.is_paused && self.closing.is_none() {
            return;
        }
        if self.plan.alone && self.hands[nth].list.is_empty() && self.closing.is_none() {
            match self.queue.next(&self.hands[nth].worker.clone()) {
                Next::Test(test_id) => self.hands[nth].list.push(test_id),
                Next::Wait => return,
                Next::Done => {}
            }
        }
        if self.hands[nth].list.is_empty() || self.closing.is_some() {
            let others = self.hands.iter().any(Hand::is_busy);
            self.retry_list(nth, others);
            return;
        }
        self.start_list(nth);
    }

    /// Tests that failed run again in a process of their own.
    fn retry_list(&mut self, nth: usize, others: bool) {
        let name = self.hands[nth].worker.name.clone();
        let several = self.hands.len() > 1 && self.hands.iter().any(|hand| !hand.is_done);
        let again = match self.closing {
            None => self.retries.next(&name, several && others),
            Some(_) => None,
        };
        if let Some(test_id) = again {
            self.hands[nth].list = vec![test_id];
            self.start_list(nth);
        } else if !(self.settings.may_retry() && (others || !self.retries.is_empty()))
            || self.closing.is_some()
        {
            self.hands[nth].is_done = true;
        }
    }
}

impl Hand {
    /// Whether a process runs tests here.
    pub(super) fn is_busy(&self) -> bool {
        self.process.as_ref().is_some_and(|process| process.leases.len() > 0)
    }

    fn has_ended_feed(&self) -> bool {
        matches!(self.process.as_ref().map(|process| &process.feed), Some(Feed::Ended(_)))
    }

    fn feed_mut(&mut self) -> Option<&mut TestFeed> {
        match &mut self.process.as_mut()?.feed {
            Feed::Pipe(feed) | Feed::Ended(Some(feed)) => Some(feed),
            _ => None,
        }
    }

    /// A pipe that ids wait for.
    pub(super) fn waiting_feed(&self) -> Option<BorrowedFd<'_>> {
        match &self.process.as_ref()?.feed {
            Feed::Pipe(feed) | Feed::Ended(Some(feed)) => feed.waiting(),
            _ => None,
        }
    }
}
