//! What a hub has found out that a person or a program should know. The stream has it too.

use std::fmt;

use super::Undelivered;

/// Something was found out about an input, or about what came from upstream.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Which input it is about, and what below it; `None` if it is about what came from upstream.
    pub route_code: Option<String>,
    /// What happened.
    pub kind: ReportKind,
}

/// What was found out.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ReportKind {
    /// Something from upstream did not reach its input.
    Undelivered {
        /// What it was, in a few words.
        what: String,
        /// Why.
        why: Undelivered,
    },
    /// An input has closed its standard input, and bytes queued for it are lost.
    Unread {
        /// How many.
        bytes: usize,
    },
    /// Bytes from upstream belong to no packet.
    Text {
        /// How many.
        bytes: usize,
    },
    /// A test that was requested was never run.
    NeverRun {
        /// The test.
        test_id: String,
        /// Why.
        why: String,
    },
    /// Something was damaged: where, and how.
    Damaged(String),
    /// Something from an input could not be forwarded: what, and why.
    Lost(String),
    /// The clock of an input differs from ours. These seconds are added to its times.
    ClockMoved {
        /// How many; negative if its clock is ahead.
        seconds: f64,
    },
}

impl fmt::Display for ReportKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undelivered { what, why } => write!(f, "{what} was not delivered: {why}"),
            Self::Unread { bytes } => {
                write!(f, "it has closed its input; {bytes} bytes that waited for it are lost")
            }
            Self::Text { bytes } => write!(f, "{bytes} bytes of text are for nobody"),
            Self::NeverRun { test_id, why } => write!(f, "test `{test_id}` was never run: {why}"),
            Self::Damaged(what) | Self::Lost(what) => f.write_str(what),
            Self::ClockMoved { seconds } => {
                let way = if *seconds < 0.0 { "ahead of" } else { "behind" };
                let seconds = seconds.abs();
                write!(f, "its clock is {seconds:.1} s {way} ours; its times are moved by that")
            }
        }
    }
}
