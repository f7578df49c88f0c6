//! Time in which we were stopped or asleep, or the output took nothing. It counts against no input.

use std::time::{Duration, Instant};

use signal_hook::consts::SIGTSTP;

use super::{state::Processes, wait::HEARTBEAT};

/// If a turn took this much longer than it can, we were away.
const SLACK: Duration = Duration::from_secs(1);

/// How often each input is read after waking before timeouts are checked: more than any pipe holds.
const ROUNDS: u32 = 32;

impl Processes {
    /// Handles ^Z: suspends what we have started, then ourselves; all continue together.
    pub fn suspend(&mut self) {
        let since = Instant::now();
        self.endpoints.iter().for_each(|endpoint| endpoint.suspend());
        // Returns when we are continued, or at once if we cannot be stopped.
        let _ = signal_hook::low_level::emulate_default_handler(SIGTSTP);
        self.endpoints.iter().for_each(|endpoint| endpoint.resume());
        self.clock.now = Instant::now();
        self.was_away(self.clock.now - since);
    }

    /// Notes the time that has passed since `before`. All of it does not count if the output was stalled,
    /// so that nothing was read; part of it does not if we were stopped without notice.
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
