//! One worker of a run: its process, and the tests that are its own.

use std::{collections::HashMap, time::Duration};

use subunit_mux::{InputId, process::TestFeed};
use tempfile::TempPath;

use super::prompt::OpenLine;
use crate::schedule::Worker;

/// One place where tests run, one process after another.
#[derive(Debug)]
pub(super) struct Hand {
    pub(super) worker: Worker,
    pub(super) process: Option<Process>,
    /// How many processes have ended one after another without a sign of a test.
    pub(super) barren: u32,
    /// Nothing is started here any more.
    pub(super) is_done: bool,
    /// What to start here, for a worker that takes a list.
    pub(super) list: Vec<String>,
}

/// The process of a worker that takes tests.
#[derive(Debug)]
pub(super) struct Process {
    pub(super) input: InputId,
    pub(super) feed: Feed,
    /// The tests that are its own and have not ended, in the order in which they were given.
    pub(super) leases: Leases,
    /// Those that it says have begun, and when, by the hub's clock.
    pub(super) running: HashMap<String, Begun>,
    /// Whether any test of it has begun or ended.
    pub(super) has_shown: bool,
    /// When it said anything last.
    pub(super) heard: Duration,
    /// What it prints and has not ended, and since when it waits for a person by that.
    pub(super) line: OpenLine,
    pub(super) asks_since: Option<Duration>,
    /// Why it was told to stop.
    pub(super) stopped: Option<String>,
    /// Removed when the process has ended.
    pub(super) _ids: Option<TempPath>,
}

/// A test that runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Begun {
    /// When it began, by the hub's clock.
    pub(super) at: Duration,
    /// How long it may take.
    pub(super) limit: Option<Duration>,
    /// How long its worker may be silent.
    pub(super) no_output: Option<Duration>,
}

/// How a process gets tests.
#[derive(Debug)]
pub(super) enum Feed {
    /// It has a list, and gets no more.
    List,
    /// One by one through a descriptor.
    Pipe(TestFeed),
    /// One by one in packets on its standard input.
    Packets,
    /// Nothing more comes. A pipe stays open for who opens it by its path.
    Ended(Option<TestFeed>),
}

/// Tests that are a worker's own.
#[derive(Debug, Default)]
pub(super) struct Leases {
    order: HashMap<String, Vec<u64>>,
    given: u64,
    held: usize,
}

impl Leases {
    pub(super) fn add(&mut self, test_id: String) {
        self.order.entry(test_id).or_default().push(self.given);
        self.given += 1;
        self.held += 1;
    }

    /// Takes one away. Whether it was there.
    pub(super) fn remove(&mut self, test_id: &str) -> bool {
        let Some(places) = self.order.get_mut(test_id) else { return false };
        places.pop();
        if places.is_empty() {
            self.order.remove(test_id);
        }
        self.held -= 1;
        true
    }

    pub(super) fn contains(&self, test_id: &str) -> bool {
        self.order.contains_key(test_id)
    }

    pub(super) fn len(&self) -> usize {
        self.held
    }

    /// All of them, in the order in which they were given.
    pub(super) fn take(&mut self) -> Vec<String> {
        let mut all: Vec<(u64, String)> = Vec::with_capacity(self.held);
        for (test_id, places) in self.order.drain() {
            all.extend(places.into_iter().map(|place| (place, test_id.clone())));
        }
        self.held = 0;
        all.sort_unstable();
        all.into_iter().map(|(_, test_id)| test_id).collect()
    }
}

impl Process {
    /// It goes on: the time for which it waited for a person is nobody's.
    pub(super) fn go_on(&mut self, now: Duration) {
        let Some(since) = self.asks_since.take() else { return };
        let waited = now.saturating_sub(since);
        self.running.values_mut().for_each(|begun| begun.at += waited);
        self.heard = now;
    }
}

impl Hand {
    pub(super) fn new(worker: Worker) -> Self {
        Self { worker, process: None, barren: 0, is_done: false, list: Vec::new() }
    }

    /// Whether nothing runs here, and nothing will.
    pub(super) fn is_over(&self) -> bool {
        self.is_done && self.process.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leases_keep_their_order_and_may_be_held_twice() {
        let mut leases = Leases::default();
        for test_id in ["b", "a", "b", "c"] {
            leases.add(test_id.to_owned());
        }
        assert!(leases.remove("b") && !leases.remove("x"));
        assert_eq!((leases.len(), leases.contains("b")), (3, true));
        assert_eq!(leases.take(), ["b", "a", "c"]);
        assert_eq!(leases.len(), 0);
    }
}
