//! What the reader of an input pushes goes out in the input's name.

use subunit_core::{
    Damage, Event, Packet, Status,
    conventions::{BYTES_MIME_TYPE, Capabilities, DAMAGE, DAMAGED_BYTES, MIME_TYPE, ToldDamage},
    sink::{Flow, Sink},
};

use super::{
    state::{Input, Pass},
    stream::Stream,
};
use crate::{
    ending::broken,
    hub::{annotate::Added, report::ReportKind},
};

/// The sink that a reader pushes into.
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

impl Input {
    fn packet(&mut self, packet: &Packet<'_>, pass: &mut Pass<'_>) {
        if self.handed.note(packet.event(), pass.now.elapsed) {
            // It was given back: another input reports its result.
            return;
        }
        let (event, is_moved) = self.place(packet.event(), pass);
        let forwarded = match self.note(&event, pass) {
            None if !is_moved => pass.out.forward(packet, self.route.as_route()),
            added => self
                .push(&added.as_ref().map_or(event, |added| added.to(&event)), pass)
                .or_else(|_| pass.out.forward(packet, self.route.as_route())),
        };
        self.note_capabilities(packet.event());
        if let Err(error) = forwarded {
            self.text(Stream::Stdout, packet.bytes(), pass);
            self.say_lost(&format!("a packet cannot be passed on: {error}"), pass);
        }
    }

    /// An event of another format becomes a packet.
    fn event(&mut self, event: &Event<'_>, pass: &mut Pass<'_>) {
        self.handed.note(event, pass.now.elapsed);
        let (event, _) = self.place(event, pass);
        let pushed = match self.note(&event, pass) {
            None => self.push(&event, pass),
            Some(added) => self.push(&added.to(&event), pass),
        };
        if let Err(error) = pushed {
            self.say_lost(&format!("what was read cannot be a packet: {error}"), pass);
        }
    }

    fn damage(&mut self, damage: &Damage<'_>, pass: &mut Pass<'_>) {
        self.summary.damage(damage);
        self.found.push(ReportKind::Damaged(damage.to_string()));
        self.flush(pass);
        if !damage.bytes.is_empty() {
            self.say_aside(DAMAGED_BYTES, damage.bytes, BYTES_MIME_TYPE, pass);
        }
        self.say_aside(DAMAGE, ToldDamage::content(damage).as_bytes(), MIME_TYPE, pass);
        if let Some(failure) = damage.failure() {
            self.say(&failure.as_event(), pass);
        }
    }

    /// Counts an event on its way out, and returns what is added to it.
    fn note(&mut self, event: &Event<'_>, pass: &mut Pass<'_>) -> Option<Added> {
        self.flush(pass);
        // Damage below another multiplexer: if that is a file, nobody knows of it yet.
        if let Some(told) = ToldDamage::of(event) {
            self.found.push(ReportKind::Damaged(told.to_string()));
        }
        let open = self.summary.open().len();
        self.count(event);
        if pass.watch_tests {
            self.running.note(event, pass.now.elapsed);
        }
        // Ended a test that was not open, or opened one.
        let ended = event.status.is_some_and(|status| status != Status::InProgress);
        let first = self.summary.open().len() + usize::from(ended) == open + 1;
        pass.annotations.of(event, first, pass.now.time)
    }

    /// The event with its time by our clock; whether that is another one.
    fn place<'e>(&mut self, event: &Event<'e>, pass: &mut Pass<'_>) -> (Event<'e>, bool) {
        let Some(now) = pass.clock() else { return (*event, false) };
        let (time, found) = self.clock.place(event, now);
        self.say_found(found, pass);
        (Event { timestamp: time.or(event.timestamp), ..*event }, time.is_some())
    }

    /// A leaf announces what it takes; a leaf below another hub announces it there.
    fn note_capabilities(&mut self, event: &Event<'_>) {
        let Some(capabilities) = Capabilities::of(event) else { return };
        if event.route_code.is_some() {
            if capabilities.takes_tests {
                self.handed.note_below();
            }
            return;
        }
        if capabilities.takes_tests {
            self.handed.take_tests();
        }
        if let Some(clock) = capabilities.clock {
            self.clock.said(clock);
        }
    }

    /// Something from the input is lost, so its stream cannot be green.
    fn say_lost(&mut self, cause: &str, pass: &mut Pass<'_>) {
        self.found.push(ReportKind::Lost(cause.to_owned()));
        self.say(&broken(cause, false, &self.tail).as_event(), pass);
    }
}
