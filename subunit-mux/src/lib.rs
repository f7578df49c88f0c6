#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod asides;
pub mod ending;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod hub;
#[cfg(unix)]
pub mod process;
mod readers;
pub mod worker;

pub use ending::Ending;
pub use hub::{
    Annotations, AttachError, Hub, InputId, Moment, NEVER_RUN, Options, Outbox, Report, ReportKind,
    RunningTest, RunningTests, Silence, Stream, Undelivered,
};
pub use readers::Readers;
pub use subunit_core::conventions::{CAPABILITIES, UNDELIVERED};
