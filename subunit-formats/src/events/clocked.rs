//! Pushing for reports that say how long tests took: with a clock that the tests move on.

use subunit_core::{
    Event,
    sink::{Flow, Sink},
};

use super::{clock::SyntheticClock, emit::fit, push::Push};

/// Pushes into a sink, by a clock.
pub(crate) struct ClockedPush<'a> {
    pub(crate) push: Push<'a>,
    pub(crate) clock: &'a mut SyntheticClock,
}

impl<'a> ClockedPush<'a> {
    pub(crate) fn new(sink: &'a mut dyn Sink, clock: &'a mut SyntheticClock) -> Self {
        Self { push: Push::new(sink), clock }
    }

    /// What the sink has asked for so far.
    pub(crate) fn flow(&self) -> Flow {
        self.push.flow()
    }

    pub(crate) fn event(&mut self, event: &Event<'_>) {
        self.push.event(event);
    }

    /// Text. None is not pushed: a sink that holds events for a date would wait no longer.
    pub(crate) fn text(&mut self, bytes: &[u8]) {
        self.push.text(bytes);
    }

    /// A failure of something that is no test, with a reason.
    pub(crate) fn failure(&mut self, id: &str, reason: &str) {
        self.push.group_failure(&fit(id), reason, None, Some(self.clock.now()));
    }

    /// A part of the report says more of itself than was read in it.
    pub(crate) fn shortfall(&mut self, id: &str, reason: &str) {
        self.push.incomplete_group(&fit(id), reason, Some(self.clock.now()));
    }
}
