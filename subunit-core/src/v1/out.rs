//! A sink, and whether it asked to stop.

use crate::{
    Damage, Event, FileChunk, Timestamp,
    sink::{Flow, Sink},
};

/// Pushes into a sink and remembers whether it ever asked to stop.
pub(super) struct Out<'a> {
    sink: &'a mut dyn Sink,
    pub(super) flow: Flow,
}

impl<'a> Out<'a> {
    pub(super) fn new(sink: &'a mut dyn Sink) -> Self {
        Self { sink, flow: Flow::Continue }
    }

    pub(super) fn event(&mut self, event: &Event<'_>) {
        let flow = self.sink.event(event);
        self.note(flow);
    }

    pub(super) fn text(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            let flow = self.sink.text(bytes);
            self.note(flow);
        }
    }

    pub(super) fn damage(&mut self, damage: &Damage<'_>) {
        let flow = self.sink.damage(damage);
        self.note(flow);
    }

    fn note(&mut self, flow: Flow) {
        if flow.is_break() {
            self.flow = Flow::Break;
        }
    }
}

/// Where the files of a test go.
pub(super) struct Files<'a, 'o> {
    pub(super) out: &'a mut Out<'o>,
    pub(super) test_id: &'a str,
    pub(super) timestamp: Option<Timestamp>,
}

impl Files<'_, '_> {
    pub(super) fn push(&mut self, file: FileChunk<'_>, mime_type: Option<&str>, eof: bool) {
        self.out.event(&Event {
            test_id: Some(self.test_id),
            timestamp: self.timestamp,
            file: Some(file),
            mime_type,
            eof,
            ..Event::default()
        });
    }
}
