//! A worker that has read a test and says nothing of it. It may be slow, or wait for the next test: it gets no more, so
//! one that waits ends, and what it has left fails by name.

use std::time::Duration;

use super::slot::{Feed, WorkerProcess};
use crate::supervise::supervisor::Supervisor;

/// How long a worker may say nothing at all while it has a test that has not begun.
const PATIENCE: Duration = Duration::from_secs(10);

impl WorkerProcess {
    /// When it has been mute for too long, if it goes on like that.
    pub(super) fn mute_at(&self) -> Option<Duration> {
        let may_be = self.leases.len() > 0
            && self.timer.is_idle()
            && !self.is_stopping
            && !self.timer.is_prompting()
            && match &self.feed {
                Feed::Pipe(_) => true,
                // One far away that has not said anything may be on its way yet.
                Feed::Packets => self.has_run_test,
                Feed::List | Feed::Ended(_) => false,
            };
        may_be.then(|| self.timer.last_output() + PATIENCE)
    }

    /// Whether it has read its tests and says nothing of them.
    fn is_mute(&self, now: Duration) -> bool {
        let has_read = |process: &Self| match &process.feed {
            Feed::Pipe(feed) => feed.is_read(),
            Feed::Packets | Feed::List | Feed::Ended(_) => true,
        };
        self.mute_at().is_some_and(|at| now >= at) && has_read(self)
    }
}

impl Supervisor {
    /// Ends the tests of workers that say nothing of those that they have, unless it is known that such workers are slow.
    pub(in crate::supervise) fn end_mute_feeds(&mut self) {
        if self.has_slow_workers {
            return;
        }
        let now = self.elapsed();
        for nth in 0..self.slots.len() {
            let process = self.slots[nth].process.as_mut();
            if let Some(process) = process.filter(|process| process.is_mute(now)) {
                process.was_mute = true;
                self.end_feed(nth);
            }
        }
    }

    /// A worker that was thought mute has told of its test: it is slow, and so may the others be.
    pub(in crate::supervise) fn note_told(&mut self, nth: usize) {
        let process = self.slots[nth].process.as_ref();
        self.has_slow_workers |= process.is_some_and(|process| process.was_mute);
    }
}
