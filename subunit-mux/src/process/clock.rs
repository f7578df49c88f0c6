//! The hub's clock. It stands still while nothing is read: after ^Z, in a debugger, while the machine
//! sleeps, or while the output takes nothing.
//!
//! No input is blamed for that time: timeouts are measured by this clock, and after waking, everything in
//! the pipes is read before any timeout is checked.

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
    /// After that: how many more rounds of reading come before timeouts are checked.
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

    /// When the hub's clock reaches this time, if it does not stand still.
    pub(super) fn instant(&self, elapsed: Duration) -> Instant {
        self.began + self.stalled + elapsed
    }

    pub(super) fn is_catching_up(&self) -> bool {
        self.catching_up > 0
    }

    /// After waking: whether something is left to read that was written meanwhile.
    pub(super) fn note_caught_up(&mut self, reads: bool) {
        self.catching_up = if reads { self.catching_up.saturating_sub(1) } else { 0 };
    }
}
