//! The hub's clock, which stands still while we look at nothing: ^Z, a debugger, a machine that slept, an output
//! that takes nothing.
//!
//! Nobody is blamed for what happened meanwhile. The clocks by which timeouts are measured stand still, and
//! after waking everything that is in the pipes is read before anybody is judged by it.

use std::time::{Duration, Instant};

use subunit_core::Timestamp;

use crate::Moment;

/// What time it is.
#[derive(Debug)]
pub(super) struct Clock {
    began: Instant,
    pub(super) now: Instant,
    /// For how long nothing was read, because the output was stalled or we were away.
    pub(super) stalled: Duration,
    /// For how long we were away.
    pub(super) away: Duration,
    /// After that: so often everything is read before anybody is judged by the time.
    pub(super) catching_up: u32,
}

impl Clock {
    pub(super) fn start() -> Self {
        let now = Instant::now();
        Self { began: now, now, stalled: Duration::ZERO, away: Duration::ZERO, catching_up: 0 }
    }

    pub(super) fn moment(&self) -> Moment {
        let elapsed = (self.now - self.began).saturating_sub(self.stalled);
        Moment { elapsed, time: Timestamp::now() }
    }

    /// When it is so late by the hub's clock, if it does not stand still.
    pub(super) fn instant(&self, elapsed: Duration) -> Instant {
        self.began + self.stalled + elapsed
    }

    pub(super) fn is_catching_up(&self) -> bool {
        self.catching_up > 0
    }

    /// After waking, whether there is still something to read that was said meanwhile.
    pub(super) fn note_caught_up(&mut self, reads: bool) {
        self.catching_up = if reads { self.catching_up.saturating_sub(1) } else { 0 };
    }
}
