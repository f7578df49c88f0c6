//! For how long nothing more is received because an input does not take what waits for it.

use std::time::{Duration, Instant};

/// While an input does not take what waits for it, and nobody takes anything, nothing more is received for so
/// long; then it may overflow. Long enough for a worker on a busy machine to get its turn.
const BACKLOG: Duration = Duration::from_secs(2);

/// Since when too much waits for an input.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    since: Option<Instant>,
    /// Whether the input has taken some of it since that was last noted.
    pub(super) shrank: bool,
}

impl Backlog {
    /// Notes that there is a backlog. Where some of it has been taken, what the input does not read of the rest
    /// is only slow: whoever comes after it waits, and nothing is lost.
    pub(super) fn note(&mut self, is_backlogged: bool, now: Instant) {
        let since = self.since.filter(|_| !self.shrank).unwrap_or(now);
        *self = Self { since: is_backlogged.then_some(since), shrank: false };
    }

    /// Until when nothing is received.
    pub(super) fn due(&self) -> Option<Instant> {
        self.since.map(|since| since + BACKLOG)
    }

    pub(super) fn put_off(&mut self, away: Duration) {
        self.since = self.since.map(|since| since + away);
    }
}
