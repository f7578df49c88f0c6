//! One clock for a report of which some parts name dates and others do not.

use std::time::SystemTime;

use subunit_core::{
    Event, EventBuf, Timestamp,
    sink::{Flow, Sink},
};

/// So much is held until a date comes; beyond it times stay relative.
const MOST: usize = 1 << 20;
/// What an event takes beside its strings and bytes.
const EVENT_COST: usize = 256;

/// Holds the events in front of the first that has a date, and gives them times that end there. What comes
/// later without a date goes on from the last one: the clocks of the readers do that.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dated {
    held: Vec<EventBuf>,
    bytes: usize,
    /// A date has come, or is not waited for.
    done: bool,
}

impl Dated {
    /// A sink that goes through this one.
    pub(crate) fn over<'a>(&'a mut self, sink: &'a mut dyn Sink) -> impl Sink + 'a {
        Over { dated: self, sink }
    }

    /// Hands over what is held, with its times as they are.
    pub(crate) fn settle(&mut self, sink: &mut dyn Sink) -> Flow {
        self.release(None, sink)
    }

    /// The input has ended. What follows is another.
    pub(crate) fn finish(&mut self, sink: &mut dyn Sink) -> Flow {
        let flow = self.release(None, sink);
        *self = Self::default();
        flow
    }

    fn hold(&mut self, event: &Event<'_>) {
        let file = event.file.map_or(0, |file| file.name.len() + file.bytes.len());
        self.bytes += EVENT_COST + file + event.test_id.map_or(0, str::len);
        self.held.push(event.to_buf());
    }

    /// Hands over what is held, so that it ends at a date.
    fn release(&mut self, date: Option<Timestamp>, sink: &mut dyn Sink) -> Flow {
        self.done |= date.is_some() || !self.held.is_empty();
        self.bytes = 0;
        let end = self.held.iter().filter_map(|event| event.timestamp).max();
        let mut flow = Flow::Continue;
        for event in std::mem::take(&mut self.held) {
            let event = event.as_event();
            let moved = event.timestamp.and_then(|time| before(date?, end?.since(time)?));
            let timestamp = moved.or(event.timestamp);
            if sink.event(&Event { timestamp, ..event }).is_break() {
                flow = Flow::Break;
            }
        }
        flow
    }
}

fn before(date: Timestamp, by: std::time::Duration) -> Option<Timestamp> {
    SystemTime::from(date).checked_sub(by)?.try_into().ok()
}

struct Over<'a> {
    dated: &'a mut Dated,
    sink: &'a mut dyn Sink,
}

impl Sink for Over<'_> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        if self.dated.done {
            return self.sink.event(event);
        }
        if let Some(date) = event.timestamp.filter(|time| !time.is_relative()) {
            let released = self.dated.release(Some(date), self.sink);
            let flow = self.sink.event(event);
            return if released.is_break() { released } else { flow };
        }
        self.dated.hold(event);
        if self.dated.bytes < MOST { Flow::Continue } else { self.dated.settle(self.sink) }
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        // Text waits for nothing.
        let released = self.dated.settle(self.sink);
        let flow = self.sink.text(bytes);
        if released.is_break() { released } else { flow }
    }
}
