//! Gives times to events that have none.

use super::{Flow, Sink};
use crate::{Damage, Event, Timestamp};

/// Gives events without a time the time of a clock, and passes everything on.
#[derive(Clone, Debug)]
pub struct Timestamper<S, C = fn() -> Option<Timestamp>> {
    sink: S,
    clock: C,
}

impl<S: Sink> Timestamper<S> {
    /// Uses the clock of the system.
    pub fn new(sink: S) -> Self {
        Self { sink, clock: Timestamp::now }
    }
}

impl<S: Sink, C: FnMut() -> Option<Timestamp>> Timestamper<S, C> {
    /// Uses your own clock. It is called for every event without a time; if it returns `None`, the event
    /// stays without one.
    pub fn with_clock(sink: S, clock: C) -> Self {
        Self { sink, clock }
    }

    /// Returns the sink.
    pub fn into_inner(self) -> S {
        self.sink
    }
}

impl<S: Sink, C: FnMut() -> Option<Timestamp>> Sink for Timestamper<S, C> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        if event.timestamp.is_some() {
            return self.sink.event(event);
        }
        self.sink.event(&Event { timestamp: (self.clock)(), ..*event })
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        self.sink.text(bytes)
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.sink.damage(damage)
    }

    fn finish(&mut self) {
        self.sink.finish();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Status, sink::testing::Log};

    #[test]
    fn fills_only_what_is_absent() {
        let mut seconds = 0;
        let clock = || {
            seconds += 1;
            Some(Timestamp::new(seconds, 0))
        };
        let mut stamper = Timestamper::with_clock(Log::default(), clock);
        let event = Event::status("a", Status::InProgress);
        stamper.event(&event);
        stamper.event(&Event { timestamp: Some(Timestamp::new(9, 0)), ..event });
        stamper.event(&event);
        let lines = stamper.into_inner().lines;
        assert_eq!(lines, ["a inprogress @1", "a inprogress @9", "a inprogress @2"]);
    }

    #[test]
    fn the_systems_clock_is_after_the_day_this_was_written() {
        /// Keeps the time of the last event.
        struct Last(Option<Timestamp>);
        impl Sink for Last {
            fn event(&mut self, event: &Event<'_>) -> Flow {
                self.0 = event.timestamp;
                Flow::Continue
            }
        }
        let mut stamper = Timestamper::new(Last(None));
        stamper.event(&Event::default());
        assert!(stamper.into_inner().0 > Some(Timestamp::new(1_700_000_000, 0)));
    }
}
