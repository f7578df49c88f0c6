//! What may run at once: `[[group]]` of a configuration, with `max`, `weight` and `exclusive`.
//!
//! A test takes all that it needs at once or nothing, and holds it only while it runs, so nothing can
//! deadlock.

use std::collections::HashMap;

/// What one `[[group]]` says about its tests.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct GroupLimit {
    /// How many of them run at once. 0 counts as 1.
    pub max: Option<usize>,
    /// How many slots one of them takes. More than there are counts as all.
    pub weight: usize,
    /// Nothing else runs meanwhile.
    pub exclusive: bool,
}

impl Default for GroupLimit {
    fn default() -> Self {
        Self { max: None, weight: 1, exclusive: false }
    }
}

type Classify = Box<dyn Fn(&str) -> Vec<usize> + Send>;

/// Which groups there are, and what of them runs.
pub struct GroupLimits {
    groups: Vec<GroupLimit>,
    classify: Classify,
    slots: usize,
    used_slots: usize,
    running: usize,
    exclusive_runs: bool,
    running_of: Vec<usize>,
    lanes: Vec<Lane>,
    by_groups: HashMap<Vec<usize>, usize>,
}

/// Tests that are limited alike.
struct Lane {
    groups: Vec<usize>,
    weight: usize,
    exclusive: bool,
}

/// Whether a test may start.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Admission {
    Yes,
    /// A group is full, or an exclusive test must wait: others go on meanwhile.
    Later,
    /// There are too few slots. Without care those that need fewer pass it for ever.
    NeedsSlots,
}

impl Default for GroupLimits {
    fn default() -> Self {
        Self::new(Vec::new(), usize::MAX, |_| Vec::new())
    }
}

impl GroupLimits {
    /// Groups, the slots of all workers together (usually one for each), and the function that says which
    /// groups, by index, an id belongs to. Several groups limit a test together; the greatest weight counts.
    pub fn new(
        groups: Vec<GroupLimit>,
        slots: usize,
        classify: impl Fn(&str) -> Vec<usize> + Send + 'static,
    ) -> Self {
        let running_of = vec![0; groups.len()];
        let free = Lane { groups: Vec::new(), weight: 1, exclusive: false };
        Self {
            groups,
            classify: Box::new(classify),
            slots: slots.max(1),
            used_slots: 0,
            running: 0,
            exclusive_runs: false,
            running_of,
            lanes: vec![free],
            by_groups: HashMap::from([(Vec::new(), 0)]),
        }
    }

    /// The lane of a test. Lane 0 is that of tests without a group.
    pub(super) fn lane(&mut self, id: &str) -> usize {
        let mut groups = (self.classify)(id);
        groups.retain(|&group| group < self.groups.len());
        groups.sort_unstable();
        groups.dedup();
        if let Some(&lane) = self.by_groups.get(&groups) {
            return lane;
        }
        let limits = || groups.iter().map(|&group| self.groups[group]);
        let weight = limits().map(|limit| limit.weight).max().unwrap_or(1).min(self.slots);
        let exclusive = limits().any(|limit| limit.exclusive);
        self.lanes.push(Lane { groups: groups.clone(), weight, exclusive });
        self.by_groups.insert(groups, self.lanes.len() - 1);
        self.lanes.len() - 1
    }

    pub(super) fn weight(&self, lane: usize) -> usize {
        self.lanes[lane].weight
    }

    /// How often a test that needs slots may be passed before others wait for it.
    pub(super) fn patience(&self) -> usize {
        self.slots.saturating_mul(2)
    }

    pub(super) fn admits(&self, lane: usize) -> Admission {
        let Lane { groups, weight, exclusive } = &self.lanes[lane];
        let full = groups.iter().any(|&group| {
            self.groups[group].max.is_some_and(|max| self.running_of[group] >= max.max(1))
        });
        if full || self.exclusive_runs || (*exclusive && self.running > 0) {
            return Admission::Later;
        }
        if *weight > self.slots.saturating_sub(self.used_slots) {
            return Admission::NeedsSlots;
        }
        Admission::Yes
    }

    pub(super) fn start(&mut self, lane: usize) {
        let Lane { groups, weight, exclusive } = &self.lanes[lane];
        groups.iter().for_each(|&group| self.running_of[group] += 1);
        self.used_slots += weight;
        self.running += 1;
        self.exclusive_runs |= exclusive;
    }

    pub(super) fn end(&mut self, lane: usize) {
        let Lane { groups, weight, exclusive } = &self.lanes[lane];
        groups.iter().for_each(|&group| self.running_of[group] -= 1);
        self.used_slots -= weight;
        self.running -= 1;
        self.exclusive_runs &= !exclusive;
    }
}
