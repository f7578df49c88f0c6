//! What the reader of a live input learns while the input is silent.

use std::time::Duration;

use subunit_core::{InputReader, sink::Sink};

/// An input that is silent for this long has paused: its last piece is complete.
const PAUSE: Duration = Duration::from_millis(20);

/// What has waited this long for evidence of damage is shown.
const SILENCE: Duration = Duration::from_millis(200);

/// An input that is silent this long within a packet does not complete it, if an intact packet is among its
/// bytes.
const GIVE_UP: Duration = Duration::from_secs(5);

/// What a reader knows of the silence of its input.
#[derive(Clone, Copy, Debug, Default)]
pub enum Silence {
    /// Nothing yet.
    #[default]
    Unknown,
    /// The input has paused.
    Paused,
    /// What was held back for evidence is released.
    Settled,
    /// An incomplete packet is not waited for.
    GivenUp,
}

impl Silence {
    /// How long the silence must be for the next step.
    pub fn due(self) -> Option<Duration> {
        match self {
            Self::Unknown => Some(PAUSE),
            Self::Paused => Some(SILENCE),
            Self::Settled => Some(GIVE_UP),
            Self::GivenUp => None,
        }
    }

    /// Tells the reader what is due next.
    pub fn tell(&mut self, reader: &mut dyn InputReader, sink: &mut dyn Sink) {
        match self {
            Self::Unknown => reader.pause(sink),
            Self::Paused => reader.settle(sink),
            Self::Settled => reader.give_up(sink),
            Self::GivenUp => {}
        }
        *self = self.next();
    }

    /// What the reader knows after it was told what is due.
    pub fn next(self) -> Self {
        match self {
            Self::Unknown => Self::Paused,
            Self::Paused => Self::Settled,
            Self::Settled | Self::GivenUp => Self::GivenUp,
        }
    }
}
