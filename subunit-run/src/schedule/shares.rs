//! Whole lists, for workers that take one: those of a partition, and what a lost worker left of its own.

use std::{
    collections::{HashMap, VecDeque},
    mem,
};

use super::{LOSSES, Worker};

/// Hands out lists. Each test of a list is ended, left by its worker, or given up.
#[derive(Debug, Default)]
pub struct Shares {
    waiting: VecDeque<Share>,
    /// By the name of the worker.
    held: HashMap<String, Share>,
    losses: HashMap<String, u32>,
    given_up: Vec<(String, u32)>,
}

#[derive(Debug, Default)]
struct Share {
    /// In order; none where it ended.
    tests: Vec<Option<String>>,
    /// Where an id stands that has not ended, the first place last.
    places: HashMap<String, Vec<usize>>,
    /// How many workers in turn were lost with it before any test ended.
    losses: u32,
    any_ended: bool,
}

impl Share {
    fn new(tests: Vec<String>, losses: u32) -> Self {
        let mut places: HashMap<String, Vec<usize>> = HashMap::with_capacity(tests.len());
        for (place, id) in tests.iter().enumerate().rev() {
            places.entry(id.clone()).or_default().push(place);
        }
        Self { tests: tests.into_iter().map(Some).collect(), places, losses, any_ended: false }
    }

    fn ended(&mut self, id: &str) {
        let place = self.places.get_mut(id).and_then(Vec::pop);
        if let Some(place) = place {
            self.tests[place] = None;
            self.any_ended = true;
        }
    }

    fn left(&self) -> impl Iterator<Item = &String> {
        self.tests.iter().flatten()
    }
}

impl Shares {
    /// The lists of a partition; empty ones are left out.
    pub fn new(lists: Vec<Vec<String>>) -> Self {
        let mut shares = Self::default();
        lists.into_iter().for_each(|list| shares.add(list));
        shares
    }

    /// One more list: of tests that run again, for example.
    pub fn add(&mut self, list: Vec<String>) {
        if !list.is_empty() {
            self.waiting.push_back(Share::new(list, 0));
        }
    }

    /// The list of this worker, which is its own until `finished` or `lost`. None if no list waits. Lists
    /// are handed out in order, so the first worker gets the first list of a partition.
    pub fn next_list(&mut self, worker: &Worker) -> Option<Vec<String>> {
        let share = self.waiting.pop_front()?;
        let list = share.left().cloned().collect();
        self.held.insert(worker.name.clone(), share);
        Some(list)
    }

    /// A test of the worker's list has ended. Other ids are of no interest.
    pub fn ended(&mut self, worker: &Worker, test_id: &str) {
        if let Some(share) = self.held.get_mut(&worker.name) {
            share.ended(test_id);
        }
    }

    /// The worker came to its end in order. Given back is what it left out.
    pub fn finished(&mut self, worker: &Worker) -> Vec<String> {
        let share = self.held.remove(&worker.name).unwrap_or_default();
        share.tests.into_iter().flatten().collect()
    }

    /// The worker is gone while it ran these tests. What it has not ended is the next list, in its order.
    ///
    /// A test that three workers were lost with is given up, and so is a list that three workers were lost
    /// with before they had ended one test of it.
    pub fn lost(&mut self, worker: &Worker, running: &[&str]) {
        let Some(share) = self.held.remove(&worker.name) else { return };
        for id in running {
            *self.losses.entry((*id).to_owned()).or_insert(0) += 1;
        }
        let idle = running.is_empty() && !share.any_ended;
        let losses = if idle { share.losses + 1 } else { 0 };
        let mut rest = Vec::new();
        for id in share.tests.into_iter().flatten() {
            match self.losses.get(&id) {
                Some(&of_test) if of_test >= LOSSES => self.given_up.push((id, of_test)),
                _ if losses >= LOSSES => self.given_up.push((id, losses)),
                _ => rest.push(id),
            }
        }
        if !rest.is_empty() {
            self.waiting.push_front(Share::new(rest, losses));
        }
    }

    /// Whether a list waits for a worker.
    pub fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Tests that are not handed out again since so many workers were lost with them: they failed.
    pub fn take_given_up(&mut self) -> Vec<(String, u32)> {
        mem::take(&mut self.given_up)
    }

    /// Takes what has not been handed out, when nobody is left to run it.
    pub fn take_rest(&mut self) -> Vec<String> {
        mem::take(&mut self.waiting).into_iter().flat_map(|share| share.tests).flatten().collect()
    }
}
