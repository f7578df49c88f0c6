//! How a test goes to a worker, and comes back from one that has not ended it.

use std::mem;

use super::{Flight, Queue, units::Workload};

impl Queue {
    /// Gives the worker the next test of the unit.
    pub(super) fn hand_out(&mut self, worker: usize, index: usize) -> Option<String> {
        let unit = &mut self.units[index];
        self.waiting.remove(index, unit);
        let test = unit.pop()?;
        unit.passed = 0;
        unit.owner = Some((worker, self.workers[worker].life));
        if self.barrier == Some(index) {
            self.barrier = None;
        }
        let empty = unit.tests.is_empty();
        if empty {
            unit.returned = false;
        }
        let state = &mut self.workers[worker];
        match state.units.iter().position(|&unit| unit == index) {
            Some(at) if empty => _ = state.units.remove(at),
            None if !empty => state.units.push(index),
            _ => {}
        }
        let runs = state.flight.is_empty();
        if runs {
            self.limits.start(test.lane);
        }
        let id = test.id.clone();
        let since = self.now.filter(|_| runs);
        state.flight.push_back(Flight { unit: index, test, since, runs });
        Some(id)
    }

    /// Takes a test out of what the worker has; the next one begins.
    pub(super) fn land(&mut self, worker: usize, test_id: &str) -> Option<Flight> {
        let flight = &mut self.workers[worker].flight;
        let at = flight.iter().position(|flight| flight.test.id == test_id)?;
        let landed = flight.remove(at)?;
        if landed.runs {
            self.limits.end(landed.test.lane);
        }
        if let Some(next) = flight.front_mut().filter(|next| !next.runs) {
            next.runs = true;
            next.since = self.now;
            self.limits.start(next.test.lane);
        }
        Some(landed)
    }

    /// Puts a test that a worker has in front: it runs, and the others wait for it.
    pub(super) fn begin(&mut self, worker: usize, test_id: &str) {
        let flight = &mut self.workers[worker].flight;
        let Some(at) = flight.iter().position(|flight| flight.test.id == test_id) else { return };
        if let Some(first) = flight.front_mut().filter(|first| first.runs) {
            (first.runs, first.since) = (false, None);
            self.limits.end(first.test.lane);
        }
        let Some(mut begun) = flight.remove(at) else { return };
        (begun.runs, begun.since) = (true, self.now);
        self.limits.start(begun.test.lane);
        flight.push_front(begun);
    }

    /// The test waits again, in front.
    pub(super) fn put_back(&mut self, flight: Flight) {
        let unit = &mut self.units[flight.unit];
        unit.push_front(flight.test);
        unit.returned = true;
        self.settle(flight.unit);
    }

    /// The worker has nothing any more.
    pub(super) fn release(&mut self, worker: usize) {
        let state = &mut self.workers[worker];
        state.life += 1;
        (state.asks, state.ended) = (false, None);
        let units = mem::take(&mut state.units);
        for flight in mem::take(&mut state.flight).into_iter().rev() {
            if flight.runs {
                self.limits.end(flight.test.lane);
            }
            self.put_back(flight);
        }
        units.into_iter().for_each(|unit| self.settle(unit));
    }

    /// Nobody runs this test any more, however often it is listed.
    pub(super) fn give_up(&mut self, flight: Flight, losses: u32) {
        let unit = &mut self.units[flight.unit];
        let id = flight.test.id;
        let tests = mem::take(&mut unit.tests);
        unit.work = Workload::default();
        for test in tests {
            if test.id == id {
                self.given_up.push((test.id, losses));
            } else {
                unit.push(test);
            }
        }
        self.given_up.push((id, losses));
        if unit.tests.is_empty() && self.barrier == Some(flight.unit) {
            self.barrier = None;
        }
        self.settle(flight.unit);
    }
}
