//! How long to stop receiving because an input does not take what is queued for it.

use std::time::{Duration, Instant};

/// How long to stop receiving while a queue is full and not draining. After that it may overflow. Long
/// enough for a worker on a busy machine to get its turn.
const BACKLOG: Duration = Duration::from_secs(2);

/// Since when too much is queued for an input.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    since: Option<Instant>,
    /// Whether the input has taken some of it since that was last noted.
    pub(super) shrank: bool,
}

impl Backlog {
    /// Notes whether there is a backlog. If some of it has been taken, the input is only slow: the others
    /// wait for it, and nothing is lost.
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
