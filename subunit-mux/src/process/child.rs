//! One process: whether it has ended, and how it is stopped.

use std::{
    io,
    process::{self, ExitStatus},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::stop_signal::StopSignal;

/// A process that was started here. Dropping it kills the process, if it has not ended.
#[derive(Debug)]
pub struct Child {
    child: process::Child,
    is_beside_us: bool,
    ended: Option<(ExitStatus, Instant)>,
}

impl Child {
    /// A process that leads its own process group, or is in ours.
    pub fn new(child: process::Child, is_beside_us: bool) -> Self {
        Self { child, is_beside_us, ended: None }
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it is in our process group, so that a terminal's ^C reaches it without us.
    pub fn is_beside_us(&self) -> bool {
        self.is_beside_us
    }

    /// Checks whether it has ended. Returns whether that is new.
    pub fn look(&mut self, now: Instant) -> bool {
        if self.ended.is_some() {
            return false;
        }
        self.ended = self.child.try_wait().ok().flatten().map(|status| (status, now));
        self.ended.is_some()
    }

    /// Waits until it has ended.
    ///
    /// # Errors
    ///
    /// Those of the system.
    pub fn wait(&mut self) -> io::Result<()> {
        if self.ended.is_none() {
            self.ended = Some((self.child.wait()?, Instant::now()));
        }
        Ok(())
    }

    /// How it ended, if that was seen.
    pub fn status(&self) -> Option<ExitStatus> {
        self.ended.map(|(status, _)| status)
    }

    /// When that was seen.
    pub fn ended_at(&self) -> Option<Instant> {
        self.ended.map(|(_, at)| at)
    }

    /// Counts as if it had ended this much later.
    pub(super) fn put_off(&mut self, away: Duration) {
        self.ended = self.ended.map(|(status, at)| (status, at + away));
    }

    /// Tells it and its process group to stop; only the process, if it is in our group.
    pub fn stop(&self, signal: StopSignal) {
        self.send(signal.signal());
    }

    pub(super) fn send(&self, signal: Signal) {
        let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) else { return };
        // It may have ended already, which is what was wanted.
        let _ = match (self.is_beside_us, self.ended) {
            // Another process may have its number by now.
            (true, Some(_)) => Ok(()),
            (true, None) => kill_process(pid, signal),
            (false, _) => kill_process_group(pid, signal),
        };
    }
}

/// An error that ends us leaves nothing running.
impl Drop for Child {
    fn drop(&mut self) {
        if self.ended.is_none() {
            self.send(Signal::KILL);
        }
    }
}
