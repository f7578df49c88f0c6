//! Which unit a worker takes its next test from: the first one that the limits admit.

use super::{Queue, units::UnitKey};
use crate::schedule::limits::Admission;

impl Queue {
    /// The unit that the worker takes its next test from.
    pub(super) fn pick(&mut self, worker: usize) -> Option<usize> {
        let second = !self.workers[worker].flight.is_empty();
        for at in 0..self.workers[worker].units.len() {
            let index = self.workers[worker].units[at];
            if self.may_start(index, second) {
                return Some(index);
            }
        }
        // It has more to do already; another unit is for whoever is free first.
        if second && !self.workers[worker].units.is_empty() {
            return None;
        }
        self.pick_waiting(worker, second)
    }

    fn may_start(&mut self, index: usize, second: bool) -> bool {
        if self.barrier.is_some_and(|barrier| barrier != index) {
            return false;
        }
        let Some(lane) = self.units[index].tests.front().map(|test| test.lane) else {
            return false;
        };
        if second {
            return lane == 0;
        }
        match self.limits.admits(lane) {
            Admission::Yes => true,
            Admission::Later => false,
            Admission::NeedsSlots => {
                self.is_passed(index);
                false
            }
        }
    }

    fn is_passed(&mut self, index: usize) {
        self.units[index].passed += 1;
        if self.units[index].passed > self.limits.patience() && self.barrier.is_none() {
            self.barrier = Some(index);
        }
    }

    fn pick_waiting(&mut self, worker: usize, second: bool) -> Option<usize> {
        let mut best: Option<(UnitKey, usize)> = None;
        let (mut open, mut short_of_slots) = (Vec::new(), Vec::new());
        for lane in 0..self.waiting.lanes() {
            let Some(first) = self.waiting.first(lane) else { continue };
            match self.limits.admits(lane) {
                // It starts when the first has ended, and takes over what that one has.
                _ if second && lane == 0 => {}
                Admission::Yes if !second => {}
                Admission::NeedsSlots => {
                    short_of_slots.push(first);
                    continue;
                }
                Admission::Yes | Admission::Later => continue,
            }
            open.push(lane);
            best = Some(best.map_or(first, |best| best.min(first)));
        }
        if let Some(barrier) = self.barrier {
            return open.iter().any(|&lane| self.is_in(barrier, lane)).then_some(barrier);
        }
        let best = best?;
        let index = self.what_pays(worker, best.1, &open)?;
        for blocked in short_of_slots {
            if blocked < best {
                self.is_passed(blocked.1);
            }
        }
        Some(index)
    }

    /// Whether the unit waits, and in this lane.
    fn is_in(&self, index: usize, lane: usize) -> bool {
        let unit = &self.units[index];
        unit.owner.is_none() && unit.tests.front().is_some_and(|test| test.lane == lane)
    }
}
