//! What the reader of a live input is told while the input says nothing.

use std::time::Duration;

use subunit_core::{InputReader, sink::Sink};

/// An input that stands still for so long has paused: what it ended with is whole.
const PAUSE: Duration = Duration::from_millis(20);

/// What waits for evidence of damage for so long is shown.
const SILENCE: Duration = Duration::from_millis(200);

/// One that stands still for so long within a packet does not go on, if an intact packet stands in it.
const GIVE_UP: Duration = Duration::from_secs(5);

/// What a reader knows of the silence of its input.
#[derive(Clone, Copy, Debug, Default)]
pub enum Silence {
    /// Nothing yet.
    #[default]
    Unknown,
    /// The input has paused.
    Paused,
    /// What was held back for evidence is let go.
    Settled,
    /// A packet that is not whole is not waited for.
    GivenUp,
}

impl Silence {
    /// How long the silence is when there is more to tell.
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

    /// What the reader knows once it was told what is due.
    pub fn next(self) -> Self {
        match self {
            Self::Unknown => Self::Paused,
            Self::Paused => Self::Settled,
            Self::Settled | Self::GivenUp => Self::GivenUp,
        }
    }
}
