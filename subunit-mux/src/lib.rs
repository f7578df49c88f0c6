//! Many streams into one, and input back to one of them.
//!
//! The [`Hub`] is the multiplexer without any I/O: bytes of inputs go in, packets under the inputs' route
//! codes come out, and packets that are addressed by route code go down again. It knows no clock and no
//! descriptor; who drives it passes both in, so it runs the same in a process, in a thread, in a test.

#![forbid(unsafe_code)]

pub mod asides;
pub mod ending;
#[doc(hidden)]
pub mod fuzzing;
mod hub;
#[cfg(unix)]
pub mod process;
mod readers;
pub mod worker;

pub use ending::Ending;
pub use hub::{
    Annotations, AttachError, Hub, InputId, Moment, NEVER_RUN, Options, Outbox, Report,
    RunningTest, RunningTests, Silence, Stream, Undelivered,
};
pub use readers::Readers;
pub use subunit_core::conventions::{CAPABILITIES, UNDELIVERED};
