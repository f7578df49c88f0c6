//! What is lent to another thread, and what comes back.

use std::cell::OnceCell;

use subunit_core::{Timestamp, background::BackgroundThread};

use crate::hub::{
    input::{Input, InputId, Pass},
    moment::Moment,
    options::Options,
    outbox::Outbox,
};

/// What a hub has for it.
#[derive(Debug, Default)]
pub(in crate::hub) struct ParallelInputs {
    /// Once it was needed; `None` where it cannot be had.
    pub(super) helper: OnceCell<Option<BackgroundThread<Work>>>,
    /// Empty: the room that the helper's outbox keeps.
    pub(super) beside: Outbox,
    /// Whether inputs are away.
    pub(super) lent: bool,
}

impl ParallelInputs {
    /// Whether the helper has inputs: what is known of all of them is not known then.
    pub(in crate::hub) fn has_lent(&self) -> bool {
        self.lent
    }
}

/// What is to be done; then, what has been done. The helper ends with the hub.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) now: Moment,
    pub(super) begun: Option<Timestamp>,
    /// Inputs, and how many bytes each has been filled with.
    pub(super) turns: Vec<(InputId, Input, usize)>,
    /// What they say.
    pub(super) out: Outbox,
}

impl Work {
    pub(super) fn run(&mut self, options: &Options) {
        let Options { annotations, watch_tests } = options;
        let (now, begun, out) = (self.now, self.begun, &mut self.out);
        let mut pass = Pass { now, out, annotations, watch_tests: *watch_tests, begun };
        for (_, input, length) in &mut self.turns {
            input.filled(*length, &mut pass);
        }
    }
}
