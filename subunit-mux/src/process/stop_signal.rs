//! How firmly a process is told to stop, and how far that has gone.

use std::time::Instant;

use rustix::process::Signal;

use subunit_core::conventions::INTERRUPTED;

use crate::asides::State;

/// How firmly a process is told to stop.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum StopSignal {
    /// As by ^C.
    Interrupt,
    /// The usual request to end.
    Terminate,
    /// It is killed.
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

/// How far a process is on its way to its end.
#[derive(Debug)]
pub(super) struct Stopping {
    pub(super) why: String,
    pub(super) signal: StopSignal,
    pub(super) next: Option<Instant>,
}

impl Stopping {
    /// What became of it: an input that was not stopped with all others took too long.
    pub(super) fn state(&self) -> State {
        if self.why == INTERRUPTED { State::Stopped } else { State::TimedOut }
    }
}
