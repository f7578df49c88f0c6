//! What is waited for, and for how long.

use std::{
    io,
    os::fd::BorrowedFd,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
};

use super::{
    endpoint::Side,
    state::{Processes, Slot},
};

/// How often we wake while there are time limits. If much more time has passed, we were away.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(1);

impl Processes {
    /// Polls descriptors that are needed now, and `also`, until the next thing is due. Notes what is ready,
    /// and returns what of `also` is.
    pub(super) fn poll(
        &mut self,
        also: &[PollFd<'_>],
        until: Option<Instant>,
    ) -> io::Result<Vec<PollFlags>> {
        let until = self.due().into_iter().chain(until).min();
        let (mut fds, mut slots) = (also.to_vec(), Vec::new());
        let mut want = |slot, fd, flags| {
            slots.push(slot);
            fds.push(PollFd::from_borrowed_fd(fd, flags));
        };
        want(Slot::Exits, self.exits.as_fd(), PollFlags::IN);
        let room = self.has_room();
        for (index, endpoint) in self.endpoints.iter().enumerate() {
            for side in [Side::Output, Side::Errors, Side::Results] {
                if let Some(fd) = endpoint.side(side).filter(|_| room) {
                    want(Slot::Endpoint(index, side), fd, PollFlags::IN);
                }
            }
            if let Some(fd) = endpoint.side(Side::Input).filter(|_| endpoint.has_stdin(&self.hub)) {
                want(Slot::Endpoint(index, Side::Input), fd, PollFlags::OUT);
            }
        }
        poll_until(&mut fds, until)?;
        let mut ready = fds.iter().map(PollFd::revents);
        let theirs = ready.by_ref().take(also.len()).collect();
        let is_ready = |(slot, flags): (Slot, PollFlags)| (!flags.is_empty()).then_some(slot);
        self.ready = slots.into_iter().zip(ready).filter_map(is_ready).collect();
        Ok(theirs)
    }

    /// When something is due even if nothing happens.
    fn due(&self) -> Option<Instant> {
        let now = self.clock.now;
        if self.clock.is_catching_up() {
            return Some(now);
        }
        let heartbeat = self.has_limits().then(|| Instant::now() + HEARTBEAT);
        let backlog = self.backlog.due().filter(|due| *due > now);
        let give_up = self.stopping.map(|(_, until)| until).filter(|due| *due > now);
        let endpoints = self.endpoints.iter().filter_map(|one| one.due(&self.limits, now));
        let due = endpoints.chain(backlog).chain(give_up).chain(heartbeat).min();
        if !self.has_room() {
            return due;
        }
        let can_hang = self.endpoints.iter().filter(|endpoint| endpoint.can_hang());
        let silent = can_hang.filter_map(|endpoint| {
            let idle = self.limits.idle.map(|limit| endpoint.heard + limit);
            let overdue =
                self.limits.test.and_then(|limit| self.hub.overdue_at(endpoint.id, limit));
            idle.into_iter().chain(overdue).min()
        });
        silent.chain(self.hub.due()).map(|due| self.clock.instant(due)).chain(due).min()
    }
}

/// Waits until one of the descriptors is ready, or until the given time; without one, for ever. After a
/// signal it checks what is ready, and waits no longer.
///
/// # Errors
///
/// If the system cannot wait for this many descriptors.
pub fn poll_until(fds: &mut [PollFd<'_>], until: Option<Instant>) -> io::Result<()> {
    let mut timeout = until.map(|until| until.saturating_duration_since(Instant::now()));
    loop {
        match poll(fds, timeout.map(timespec).as_ref()) {
            Ok(_) => return Ok(()),
            Err(Errno::INTR) => timeout = Some(Duration::ZERO),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Whether something can be read without waiting; the end counts.
pub fn is_readable(fd: BorrowedFd<'_>) -> bool {
    let mut fds = [PollFd::from_borrowed_fd(fd, PollFlags::IN)];
    poll_until(&mut fds, Some(Instant::now())).is_ok() && !fds[0].revents().is_empty()
}

fn timespec(time: Duration) -> Timespec {
    // Waking too early would turn the loop once more.
    Timespec {
        tv_sec: time.as_secs().try_into().unwrap_or(i64::MAX),
        tv_nsec: time.subsec_nanos().into(),
    }
}
