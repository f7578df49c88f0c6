//! Why a run ends before all tests have run.

use std::{fmt, time::Duration};

/// Why no more tests are handed out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Closing {
    /// As many tests have failed as `--fail-fast` allows.
    FailFast,
    /// A signal came.
    Interrupted,
    /// Files changed, and a new run is to begin.
    FilesChanged,
    /// The run took longer than this.
    RunLimit(Duration),
}

impl fmt::Display for Closing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FailFast => f.write_str("stopped after a failure, as --fail-fast asks"),
            Self::Interrupted => f.write_str("interrupted"),
            Self::FilesChanged => f.write_str("files changed"),
            Self::RunLimit(limit) => {
                write!(f, "the run took longer than {} s", limit.as_secs_f64())
            }
        }
    }
}
