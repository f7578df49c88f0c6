//! The multiplexer with a person at its upper end.

use std::time::Duration;

use subunit_core::Event;
use subunit_mux::fuzzing::{Person, hub_with};

use crate::attach::{AttachView, Typed};

/// As the target `hub`, where somebody is shown all of it and types lines.
pub fn attach(input: &[u8]) {
    hub_with(input, &mut AttachView::default());
}

impl Person for AttachView {
    fn sees(&mut self, event: &Event<'_>, now: Duration) {
        self.event(event, now, &mut Vec::new()).expect("memory takes all");
    }

    fn settles(&mut self) {
        self.settle(&mut Vec::new()).expect("memory takes all");
    }

    fn types(&mut self, line: &str, now: Duration) -> Option<Vec<u8>> {
        match self.typed(line, now, &mut Vec::new()).expect("memory takes all") {
            Typed::Send(packet) => Some(packet),
            Typed::Done | Typed::Quit => None,
        }
    }
}
