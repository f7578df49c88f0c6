//! How firmly something is told to stop, and how far it has come.

use std::time::Instant;

use rustix::process::Signal;

use crate::asides::State;

/// Why everything is told to stop.
pub(super) const INTERRUPTED: &str = "interrupted";

/// How firmly something is told to stop.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum StopSignal {
    /// As by ^C.
    Interrupt,
    /// The usual request to end.
    Terminate,
    /// It is not asked.
    Kill,
}

impl StopSignal {
    pub(super) fn signal(self) -> Signal {
        match self {
            Self::Interrupt => Signal::INT,
            Self::Terminate => Signal::TERM,
            Self::Kill => Signal::KILL,
        }
    }

    pub(super) fn next(self) -> Option<Self> {
        match self {
            Self::Interrupt => Some(Self::Terminate),
            Self::Terminate => Some(Self::Kill),
            Self::Kill => None,
        }
    }
}

/// Where a process is on its way to its end.
#[derive(Debug)]
pub(super) struct Stopping {
    pub(super) why: String,
    pub(super) signal: StopSignal,
    pub(super) next: Option<Instant>,
}

impl Stopping {
    /// What has become of it: all that is not told to stop with everything else has had its time.
    pub(super) fn state(&self) -> State {
        if self.why == INTERRUPTED { State::Stopped } else { State::TimedOut }
    }
}
