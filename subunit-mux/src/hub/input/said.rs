//! What the reader of an input pushes: the input says it.

use subunit_core::{
    Damage, Event, Packet,
    sink::{Flow, Sink},
};

use super::{Input, Pass, Stream};

/// What a reader pushes into: its input says that.
pub(super) struct Said<'s, 'p> {
    pub(super) input: &'s mut Input,
    pub(super) pass: &'s mut Pass<'p>,
}

impl Said<'_, '_> {
    /// Something comes after what the input said last.
    fn go_on(&mut self) {
        let found = self.pass.clock().and_then(|now| self.input.clock.goes_on(now));
        self.input.say_found(found, self.pass);
    }
}

impl Sink for Said<'_, '_> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        self.go_on();
        self.input.event(event, self.pass);
        Flow::Continue
    }

    fn packet(&mut self, packet: &Packet<'_>) -> Flow {
        self.go_on();
        self.input.packet(packet, self.pass);
        Flow::Continue
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        self.go_on();
        self.input.text(Stream::Stdout, bytes, self.pass);
        Flow::Continue
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.go_on();
        self.input.damage(damage, self.pass);
        Flow::Continue
    }
}
