//! What comes from above, on our standard input.

use std::{
    io,
    os::fd::{AsFd, BorrowedFd},
    time::{Duration, Instant},
};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::{BLOCK, Driver, spawn::is_nested};
use crate::exit::Error;

/// While an inbox is crowded and nobody takes anything out of one, nothing more is received for so long;
/// then it may overflow. Long enough for a worker on a busy machine to get its turn.
const CROWDED: Duration = Duration::from_secs(2);

/// After the last input has ended, so much is read of what stands in the pipe, and is for nobody.
const REST: usize = 2 * 1024 * 1024;

/// What has come from above.
#[derive(Debug, Default)]
pub(super) struct Orders {
    /// When a test was last asked for.
    asked: Option<Instant>,
    /// How much came since the last input ended.
    rest: usize,
}

impl Orders {
    /// As if the last test had been asked for so much later.
    pub(super) fn put_off(&mut self, away: Duration) {
        self.asked = self.asked.map(|asked| asked + away);
    }
}

/// Whether something can be read without waiting, an end for one.
pub(super) fn is_readable(fd: BorrowedFd<'_>) -> bool {
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    matches!(poll(&mut [PollFd::from_borrowed_fd(fd, PollFlags::IN)], Some(&now)), Ok(1..))
}

/// How long to wait for more tests after those that came, when there is nobody left to run them. A hub
/// above knows what it has asked for.
pub(super) fn patience(linger: Duration) -> Duration {
    if is_nested() { Duration::ZERO } else { linger }
}

impl Driver<'_, '_, '_> {
    /// Whether there may be tests on their way to us. Each that somebody has asked for ends, though there
    /// is nobody left to run it; whoever asks for none is not waited for.
    pub(super) fn hears_more(&self) -> bool {
        if self.deaf || self.stopping.is_some() {
            return false;
        }
        let until = self.orders_due();
        let asks = until.is_some_and(|until| self.now < until);
        asks || self.orders.rest < REST && is_readable(io::stdin().as_fd())
    }

    /// Until when more tests are waited for once all inputs have ended.
    pub(super) fn orders_due(&self) -> Option<Instant> {
        let asked = self.orders.asked.filter(|_| self.leaves.is_empty() && !self.deaf);
        asked.map(|asked| asked + patience(self.plan.limits.linger))
    }

    pub(super) fn read_orders(&mut self) -> Result<(), Error> {
        let mut buffer = vec![0; BLOCK];
        match rustix::io::read(io::stdin(), &mut buffer[..]) {
            Ok(0) => self.hear_no_more(),
            Ok(length) => self.receive(&buffer[..length]),
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
            Err(error) => {
                self.console.say(format_args!("standard input: {error}"))?;
                self.hear_no_more();
            }
        }
        Ok(())
    }

    fn receive(&mut self, bytes: &[u8]) {
        let asked = self.hub.tests_asked();
        self.hub.receive(bytes, &mut self.out);
        if self.hub.tests_asked() > asked {
            self.orders.asked = Some(self.now);
        }
        self.orders.rest = if self.leaves.is_empty() { self.orders.rest + bytes.len() } else { 0 };
    }

    /// Nothing more comes.
    pub(super) fn hear_no_more(&mut self) {
        self.deaf = true;
        self.hub.receive_end(&mut self.out);
    }

    /// Notes that an inbox is crowded. Where one has been told something, what it does not read of the
    /// rest is only slow: whoever comes behind it waits, and nothing is lost.
    pub(super) fn note_crowd(&mut self, was_told: bool) {
        let since = self.crowded.filter(|_| !was_told).unwrap_or(self.now);
        self.crowded = self.hub.is_backlogged().then_some(since);
    }

    /// Until when nothing is received.
    pub(super) fn crowd_due(&self) -> Option<Instant> {
        self.crowded.map(|since| since + CROWDED)
    }
}
