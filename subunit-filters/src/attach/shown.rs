//! What the reader of the stream pushes is counted and shown.

use std::{
    io::{self, Write},
    time::Duration,
};

use subunit_core::{
    Damage, Event, Packet,
    sink::{Flow, Sink, Summary},
};

use super::view::AttachView;

/// What a reader pushes is counted and shown.
pub(super) struct Shown<'s> {
    pub(super) view: &'s mut AttachView,
    pub(super) summary: &'s mut Summary,
    pub(super) now: Duration,
    pub(super) out: &'s mut dyn Write,
    /// The first error of the output.
    pub(super) failed: Option<io::Error>,
}

impl Shown<'_> {
    fn keep(&mut self, shown: io::Result<()>) -> Flow {
        if let Err(error) = shown {
            self.failed.get_or_insert(error);
        }
        Flow::Continue
    }
}

impl Sink for Shown<'_> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        self.summary.event(event);
        let shown = self.view.event(event, self.now, self.out);
        self.keep(shown)
    }

    fn packet(&mut self, packet: &Packet<'_>) -> Flow {
        // Damage of a leaf is reported with its route.
        self.event(packet.event())
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        self.summary.text(bytes);
        let shown = self.view.text("", bytes, self.out);
        self.keep(shown)
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.summary.damage(damage);
        let shown = self.view.text("", format!("{damage}\n").as_bytes(), self.out);
        self.keep(shown)
    }
}
