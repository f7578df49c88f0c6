//! One process: whether it has ended, and how it is told to.

use std::{
    io,
    process::{self, ExitStatus},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::stop_signal::StopSignal;

/// A process that was started here. Whoever drops it kills it, if it has not ended.
#[derive(Debug)]
pub struct Child {
    child: process::Child,
    is_beside_us: bool,
    ended: Option<(ExitStatus, Instant)>,
}

impl Child {
    /// A process that leads a process group of its own, or is beside us in ours.
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

    /// Looks whether it has ended: whether that is news.
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

    /// How it has ended, as far as was looked.
    pub fn status(&self) -> Option<ExitStatus> {
        self.ended.map(|(status, _)| status)
    }

    /// When that was seen.
    pub fn ended_at(&self) -> Option<Instant> {
        self.ended.map(|(_, at)| at)
    }

    /// As if it had ended so much later.
    pub(super) fn put_off(&mut self, away: Duration) {
        self.ended = self.ended.map(|(status, at)| (status, at + away));
    }

    /// Tells it to stop, and what it has started with it, unless that went its own way; beside us, it alone.
    pub fn stop(&self, signal: StopSignal) {
        self.send(signal.signal());
    }

    pub(super) fn send(&self, signal: Signal) {
        let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) else { return };
        // There may be nobody left, which is what was wanted.
        let _ = match (self.is_beside_us, self.ended) {
            // Another process may have its number by now.
            (true, Some(_)) => Ok(()),
            (true, None) => kill_process(pid, signal),
            (false, _) => kill_process_group(pid, signal),
        };
    }
}

/// Whoever is in the way of an error that ends us leaves nothing running.
impl Drop for Child {
    fn drop(&mut self) {
        if self.ended.is_none() {
            self.send(Signal::KILL);
        }
    }
}
