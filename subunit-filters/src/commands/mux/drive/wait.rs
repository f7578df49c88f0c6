//! What is waited for, and for how long.

use std::{
    io,
    os::fd::AsFd,
    time::{Duration, Instant},
};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::{Driver, leaf::Side, listener::Listener};
use crate::exit::Error;

/// Where time may count against somebody, we wake so often: whoever finds that much more time gone was away.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(1);

/// What a polled descriptor is.
#[derive(Clone, Copy)]
pub(super) enum Slot {
    Signals,
    Orders,
    Output,
    Listener,
    Leaf(usize, Side),
}

impl Driver<'_, '_, '_> {
    /// Polls what something is wanted of, until the next thing is due.
    pub(super) fn wait(&self) -> Result<Vec<(Slot, PollFlags)>, Error> {
        let room = self.has_room();
        let (mut slots, mut fds) = (Vec::new(), Vec::new());
        let stdin = io::stdin();
        let mut want = |slot, fd, flags| {
            slots.push(slot);
            fds.push(PollFd::from_borrowed_fd(fd, flags));
        };
        want(Slot::Signals, self.signals.as_fd(), PollFlags::IN);
        if !self.deaf
            && room
            && self.stopping.is_none()
            && self.crowd_due().is_none_or(|due| due <= Instant::now())
        {
            want(Slot::Orders, stdin.as_fd(), PollFlags::IN);
        }
        if self.output.has_more(&self.out) {
            want(Slot::Output, self.output.as_fd(), PollFlags::OUT);
        }
        let open = |listener: &&Listener| listener.has_room(self.clients(), Instant::now());
        if let Some(listener) = self.listener.as_ref().filter(open) {
            want(Slot::Listener, listener.as_fd(), PollFlags::IN);
        }
        for (index, leaf) in self.leaves.iter().enumerate() {
            for side in [Side::Output, Side::Errors] {
                if let Some(fd) = leaf.side(side).filter(|_| room) {
                    want(Slot::Leaf(index, side), fd, PollFlags::IN);
                }
            }
            if let Some(fd) = leaf.side(Side::Input).filter(|_| leaf.has_news(&self.hub)) {
                want(Slot::Leaf(index, Side::Input), fd, PollFlags::OUT);
            }
        }
        let mut timeout = self.timeout();
        loop {
            match poll(&mut fds, timeout.as_ref()) {
                Ok(_) => break,
                // What there is to read is read before anything is judged by the time.
                Err(rustix::io::Errno::INTR) => timeout = Some(timespec(Duration::ZERO)),
                Err(error) => return Err(Error::Output(error.into())),
            }
        }
        Ok(slots.into_iter().zip(fds.iter().map(PollFd::revents)).collect())
    }

    fn timeout(&self) -> Option<Timespec> {
        if self.catching_up > 0 {
            return Some(timespec(Duration::ZERO));
        }
        let due = self.due().map(|due| due.saturating_duration_since(Instant::now()));
        let heartbeat = self.has_limits().then_some(HEARTBEAT);
        due.into_iter().chain(heartbeat).min().map(timespec)
    }

    /// When there is something to do though nothing happens.
    fn due(&self) -> Option<Instant> {
        let origin = self.began + self.stalled;
        let limits = &self.plan.limits;
        let crowd = self.crowd_due().filter(|due| *due > self.now);
        let give_up = self.stopping.map(|(_, until)| until).filter(|due| *due > self.now);
        let leaves = self.leaves.iter().filter_map(|leaf| leaf.due(limits, self.now));
        let orders = self.orders_due().filter(|due| *due > self.now);
        let door = self.listener.as_ref().and_then(|listener| listener.due(self.now));
        let due = leaves.chain(crowd).chain(give_up).chain(orders).chain(door).min();
        if !self.has_room() {
            return due;
        }
        let can_hang = self.leaves.iter().filter(|leaf| leaf.can_hang());
        let silent = can_hang.filter_map(|leaf| {
            let idle = limits.idle.map(|limit| leaf.heard + limit);
            let hung = limits.test.and_then(|limit| self.hub.overdue_at(leaf.id, limit));
            idle.into_iter().chain(hung).min()
        });
        silent.chain(self.hub.due()).map(|due| origin + due).chain(due).min()
    }
}

pub(crate) fn timespec(time: Duration) -> Timespec {
    // Up to the next whole millisecond would do; waking too early would turn the loop once more.
    Timespec {
        tv_sec: time.as_secs().try_into().unwrap_or(i64::MAX),
        tv_nsec: time.subsec_nanos().into(),
    }
}
