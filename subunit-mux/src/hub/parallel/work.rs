//! What is lent to another thread, and what comes back.

use std::cell::OnceCell;

use subunit_core::{Timestamp, background::BackgroundThread};

use crate::hub::{
    input::{Input, InputId, Pass, ReadSide},
    moment::Moment,
    options::Options,
    outbox::Outbox,
};

/// The second thread of a hub, and what it holds.
#[derive(Debug, Default)]
pub(in crate::hub) struct ParallelInputs {
    /// Set at first use; `None` if there is no second thread.
    pub(super) helper: OnceCell<Option<BackgroundThread<Work>>>,
    /// Empty, kept for the room of the helper's outbox.
    pub(super) beside: Outbox,
    /// Whether inputs are lent.
    pub(super) lent: bool,
}

impl ParallelInputs {
    /// Whether the helper has inputs. Nothing can be decided about all inputs then.
    pub(in crate::hub) fn has_lent(&self) -> bool {
        self.lent
    }
}

/// What to do and, afterwards, what came of it. The helper ends with the hub.
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
            input.filled(ReadSide::Output, *length, &mut pass);
        }
    }
}
