//! The hub's clock, which stands still while we look at nothing: ^Z, a debugger, a machine that slept, an output
//! that takes nothing.
//!
//! Nobody is blamed for what happened meanwhile. The clocks by which timeouts are measured stand still, and
//! after waking everything that is in the pipes is read before anybody is judged by it.

use std::time::{Duration, Instant};

use signal_hook::consts::SIGTSTP;
use subunit_core::Timestamp;

use super::{Processes, wait::HEARTBEAT};
use crate::Moment;

/// A step that took so much longer than it could take was no step.
const SLACK: Duration = Duration::from_secs(1);

/// After waking each input is read so often before it is judged: more than any pipe holds.
const ROUNDS: u32 = 32;

/// What time it is.
#[derive(Debug)]
pub(super) struct Clock {
    began: Instant,
    pub(super) now: Instant,
    /// For how long nothing was read, because the output was stalled or we were away.
    stalled: Duration,
    /// For how long we were away.
    pub(super) away: Duration,
    /// After that: so often everything is read before anybody is judged by the time.
    catching_up: u32,
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

impl Processes {
    /// ^Z: what we have started stops, and then we do; and all of us go on together.
    pub fn suspend(&mut self) {
        let since = Instant::now();
        self.endpoints.iter().for_each(|endpoint| endpoint.suspend());
        // Comes back when we are told to go on; if we cannot be stopped, at once.
        let _ = signal_hook::low_level::emulate_default_handler(SIGTSTP);
        self.endpoints.iter().for_each(|endpoint| endpoint.resume());
        self.clock.now = Instant::now();
        self.was_away(self.clock.now - since);
    }

    /// Takes note of the time that has passed since `before`: all of it is too long where the output was
    /// stalled, so that nothing was read; or some of it, where we were stopped and could not know.
    pub(super) fn note_passed(&mut self, before: Instant, had_room: bool) {
        let passed = self.clock.now - before;
        if !had_room {
            self.clock.stalled += passed;
        } else if passed > HEARTBEAT + SLACK && self.has_limits() {
            self.was_away(passed - HEARTBEAT);
        }
    }

    fn was_away(&mut self, away: Duration) {
        self.clock.stalled += away;
        self.clock.away += away;
        self.clock.catching_up = ROUNDS;
        for endpoint in &mut self.endpoints {
            endpoint.put_off(away);
        }
        if let Some((_, until)) = &mut self.stopping {
            *until += away;
        }
        self.backlog.put_off(away);
    }

    /// Whether somebody can be judged by time.
    pub(super) fn has_limits(&self) -> bool {
        self.limits.idle.is_some() || self.limits.test.is_some()
    }
}
