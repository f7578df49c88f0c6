//! Many streams into one, and input back to one of them.
//!
//! The [`Hub`] is the multiplexer without any I/O: bytes of inputs go in, packets under the inputs' route
//! codes come out, and packets that are addressed by route code go down again. It knows no clock and no
//! descriptor; who drives it passes both in, so it runs the same in a process, in a thread, in a test.

mod abreast;
mod adorn;
mod chatter;
mod clock;
mod desk;
#[cfg(unix)]
pub mod drive;
pub(crate) mod ending;
pub mod files;
mod handed;
mod hub;
mod inbox;
mod input;
mod intake;
mod outbox;
mod queue;
mod readers;
mod running;
mod silence;
mod tried;

pub use adorn::Adornment;
pub use desk::{Desk, Stroke, Typed, Typing};
pub use ending::Ending;
pub use hub::{AttachError, Hub, InputId, Report};
pub use input::{Options, Stream};
pub use intake::Intake;
pub use outbox::Outbox;
#[cfg(unix)]
use outbox::PIECE;
pub use readers::Readers;
pub use running::Hung;

use std::time::Duration;

use subunit_core::Timestamp;

/// What time it is, by the clocks of whoever drives the hub.
#[derive(Clone, Copy, Debug, Default)]
pub struct Moment {
    /// By a clock that only goes forward, from any origin that stays the same.
    pub elapsed: Duration,
    /// By the calendar.
    pub time: Option<Timestamp>,
}

pub use subunit_core::conventions::CAPABILITIES;

pub use subunit_core::conventions::UNDELIVERED;

/// What stands in a file [`UNDELIVERED`] for people; all of it where it is none of our JSON.
fn undelivered(content: &[u8]) -> String {
    let json: serde_json::Value = serde_json::from_slice(content).unwrap_or_default();
    let message = json.get("message").and_then(|message| message.as_str());
    message.map_or_else(|| String::from_utf8_lossy(content).into_owned(), str::to_owned)
}

/// The tag of a test that was asked for and not run: a failure, unless a hub above hands it to another input.
pub const NEVER_RUN: &str = "never-run";

#[cfg(test)]
mod tests;
