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

use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM, SIGTSTP};

use crate::interrupts::hang_up_is_ignored;

/// The signals that a multiplexer hears.
pub(crate) struct Signals {
    wake: UnixStream,
    written: UnixStream,
    interrupt: Arc<AtomicBool>,
    terminate: Arc<AtomicBool>,
    hung_up: Arc<AtomicBool>,
    stop: Arc<AtomicBool>,
}

impl Signals {
    /// From now on they are caught.
    pub(crate) fn catch() -> io::Result<Self> {
        let (wake, written) = UnixStream::pair()?;
        wake.set_nonblocking(true)?;
        written.set_nonblocking(true)?;
        let (interrupt, terminate) = <(Arc<AtomicBool>, Arc<AtomicBool>)>::default();
        for (signal, flag) in [(SIGINT, &interrupt), (SIGTERM, &terminate), (SIGHUP, &terminate)] {
            if signal != SIGHUP || !hang_up_is_ignored() {
                signal_hook::flag::register(signal, Arc::clone(flag))?;
                signal_hook::low_level::pipe::register(signal, written.try_clone()?)?;
            }
        }
        signal_hook::low_level::pipe::register(SIGCHLD, written.try_clone()?)?;
        let (hung_up, stop) = <(Arc<AtomicBool>, Arc<AtomicBool>)>::default();
        if !hang_up_is_ignored() {
            signal_hook::flag::register(SIGHUP, Arc::clone(&hung_up))?;
        }
        Ok(Self { wake, written, interrupt, terminate, hung_up, stop })
    }

    /// ^Z is caught as well.
    pub(crate) fn with_stops(self) -> io::Result<Self> {
        signal_hook::flag::register(SIGTSTP, Arc::clone(&self.stop))?;
        signal_hook::low_level::pipe::register(SIGTSTP, self.written.try_clone()?)?;
        Ok(self)
    }

    /// Whether we have been told to stop for a while since this was last asked.
    pub(crate) fn take_stop(&self) -> bool {
        self.stop.swap(false, Ordering::Relaxed)
    }

    /// Whether a request to end was that of a terminal that is gone.
    pub(crate) fn hung_up(&self) -> bool {
        self.hung_up.load(Ordering::Relaxed)
    }

    /// Becomes readable when a signal has come.
    pub(crate) fn as_fd(&self) -> BorrowedFd<'_> {
        self.wake.as_fd()
    }

    /// Whether an interrupt and whether a request to end have come since this was last asked.
    pub(crate) fn take(&mut self) -> (bool, bool) {
        let mut bytes = [0; 64];
        while matches!(self.wake.read(&mut bytes), Ok(64)) {}
        let take = |flag: &AtomicBool| flag.swap(false, Ordering::Relaxed);
        (take(&self.interrupt), take(&self.terminate))
    }
}
