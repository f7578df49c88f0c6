//! Signals as bytes on a socket.

use std::{
    io::{self, Read},
    os::{
        fd::{AsFd, BorrowedFd},
        unix::net::UnixStream,
    },
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use signal_hook::{
    SigId,
    consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM, SIGTSTP},
    low_level,
};

/// A socket that becomes readable when one of its signals has come. Dropping it unregisters them.
#[derive(Debug)]
struct Wake {
    reads: UnixStream,
    writes: UnixStream,
    registered: Vec<SigId>,
}

impl Wake {
    fn new() -> io::Result<Self> {
        let (reads, writes) = UnixStream::pair()?;
        reads.set_nonblocking(true)?;
        writes.set_nonblocking(true)?;
        Ok(Self { reads, writes, registered: Vec::new() })
    }

    fn by(&mut self, signal: i32) -> io::Result<()> {
        self.registered.push(low_level::pipe::register(signal, self.writes.try_clone()?)?);
        Ok(())
    }

    /// As [`Wake::by`], and sets a flag for this signal.
    fn noted(&mut self, signal: i32, came: &Arc<AtomicBool>) -> io::Result<()> {
        self.registered.push(signal_hook::flag::register(signal, Arc::clone(came))?);
        self.by(signal)
    }

    fn clear(&mut self) {
        let mut bytes = [0; 64];
        while matches!(self.reads.read(&mut bytes), Ok(64)) {}
    }
}

impl Drop for Wake {
    fn drop(&mut self) {
        for id in self.registered.drain(..) {
            low_level::unregister(id);
        }
    }
}

/// Tells when processes that we have started end.
#[derive(Debug)]
pub(super) struct Exits(Wake);

impl Exits {
    pub(super) fn catch() -> io::Result<Self> {
        let mut wake = Wake::new()?;
        wake.by(SIGCHLD)?;
        Ok(Self(wake))
    }

    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.reads.as_fd()
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

/// The signals that end or suspend a program, and the ends of its processes.
#[derive(Debug)]
pub struct Signals {
    wake: Wake,
    interrupt: Arc<AtomicBool>,
    terminate: Arc<AtomicBool>,
    hung_up: Arc<AtomicBool>,
    stop: Arc<AtomicBool>,
}

impl Signals {
    /// Catches them from now on.
    ///
    /// # Errors
    ///
    /// Those of the system.
    pub fn catch() -> io::Result<Self> {
        let mut wake = Wake::new()?;
        let [interrupt, terminate, hung_up, stop] = <[Arc<AtomicBool>; 4]>::default();
        wake.noted(SIGINT, &interrupt)?;
        wake.noted(SIGTERM, &terminate)?;
        if !hang_up_is_ignored() {
            wake.registered.push(signal_hook::flag::register(SIGHUP, Arc::clone(&hung_up))?);
            wake.noted(SIGHUP, &terminate)?;
        }
        wake.by(SIGCHLD)?;
        Ok(Self { wake, interrupt, terminate, hung_up, stop })
    }

    /// Catches ^Z too.
    ///
    /// # Errors
    ///
    /// Those of the system.
    pub fn with_stops(mut self) -> io::Result<Self> {
        self.wake.noted(SIGTSTP, &self.stop)?;
        Ok(self)
    }

    /// Whether ^Z has come since this was last asked.
    pub fn take_stop(&self) -> bool {
        self.stop.swap(false, Ordering::Relaxed)
    }

    /// Whether a request to end came from a terminal that is gone.
    pub fn hung_up(&self) -> bool {
        self.hung_up.load(Ordering::Relaxed)
    }

    /// Whether an interrupt and whether a request to end have come since this was last asked.
    pub fn take(&mut self) -> (bool, bool) {
        self.wake.clear();
        let take = |flag: &AtomicBool| flag.swap(false, Ordering::Relaxed);
        (take(&self.interrupt), take(&self.terminate))
    }
}

/// Becomes readable when a signal has come.
impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.wake.reads.as_fd()
    }
}

/// Whether SIGHUP is ignored, as `nohup` sets it. Then it must not be caught. `false` if the system does
/// not tell.
pub fn hang_up_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    mask & (1 << (SIGHUP - 1)) != 0
}
