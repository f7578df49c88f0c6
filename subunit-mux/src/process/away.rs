//! Time in which we were stopped or asleep, or the output took nothing: nobody is judged by it.

use std::time::{Duration, Instant};

use signal_hook::consts::SIGTSTP;

use super::{state::Processes, wait::HEARTBEAT};

/// A step that took so much longer than it could take was no step.
const SLACK: Duration = Duration::from_secs(1);

/// After waking each input is read so often before it is judged: more than any pipe holds.
const ROUNDS: u32 = 32;

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
}
