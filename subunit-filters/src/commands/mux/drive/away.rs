//! Times during which we looked at nothing: ^Z, a debugger, a machine that slept.
//!
//! Nobody is blamed for what happened meanwhile. The clocks by which timeouts are measured stand still, and
//! after waking everything that stands in the pipes is read before anybody is judged by it.

use std::time::{Duration, Instant};

use signal_hook::consts::SIGTSTP;

use super::{
    Driver,
    leaf::Side,
    wait::{HEARTBEAT, Slot},
};

/// A step that took so much longer than it could take was no step.
const SLACK: Duration = Duration::from_secs(1);

/// After waking each input is read so often before it is judged: more than any pipe holds.
const ROUNDS: u32 = 32;

impl Driver<'_, '_, '_> {
    /// ^Z: what we have started stops, and then we do; and all of us go on together.
    pub(super) fn stop_for_a_while(&mut self) {
        let since = Instant::now();
        self.leaves.iter().for_each(|leaf| leaf.suspend());
        // Comes back when we are told to go on; if we cannot be stopped, at once.
        let _ = signal_hook::low_level::emulate_default_handler(SIGTSTP);
        self.leaves.iter().for_each(|leaf| leaf.resume());
        self.now = Instant::now();
        self.was_away(self.now - since);
    }

    /// Takes note of the time that has passed since `before`: all of it is too long where the output was
    /// stalled, so that nothing was read; or some of it, where we were stopped and could not know.
    pub(super) fn note_passed(&mut self, before: Instant, had_room: bool) {
        let passed = self.now - before;
        if !had_room {
            self.stalled += passed;
        } else if passed > HEARTBEAT + SLACK && self.has_limits() {
            self.was_away(passed - HEARTBEAT);
        }
    }

    fn was_away(&mut self, away: Duration) {
        self.stalled += away;
        self.catching_up = ROUNDS;
        for leaf in &mut self.leaves {
            leaf.put_off(away);
        }
        if let Some((_, until)) = &mut self.stopping {
            *until += away;
        }
        self.crowded = self.crowded.map(|since| since + away);
        self.orders.put_off(away);
    }

    /// Whether somebody can be judged by time.
    pub(super) fn has_limits(&self) -> bool {
        self.plan.limits.idle.is_some() || self.plan.limits.test.is_some()
    }

    /// After waking, whether there is still something to read that was said meanwhile.
    pub(super) fn note_caught_up(&mut self, ready: impl Iterator<Item = Slot>) {
        let said = |slot| matches!(slot, Slot::Leaf(_, Side::Output | Side::Errors));
        let reads = ready.into_iter().any(said);
        self.catching_up = if reads { self.catching_up.saturating_sub(1) } else { 0 };
    }
}
