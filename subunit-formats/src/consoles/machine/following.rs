//! What comes after a run: text, or the beginning of another?

use subunit_core::sink::Flow;

use crate::{
    auto::{Begun, NestedReader, Sniffer},
    events::push::Push,
};

/// Looks at what comes after a run as at the beginning of an input.
#[derive(Default)]
pub(super) struct Following {
    sniffer: Sniffer,
    /// Another format has begun: all else is its.
    other: Option<Box<NestedReader>>,
}

impl Following {
    /// Hands bytes to what has begun; whether something has.
    pub(super) fn feed(&mut self, bytes: &[u8], push: &mut Push<'_>) -> bool {
        let flow = self.other.as_mut().map(|other| other.feed(bytes, push.sink()));
        noted(flow, push)
    }

    /// Looks at a line. Gives what begins with it, or with what is held.
    pub(super) fn look(&mut self, line: &[u8], push: &mut Push<'_>) -> Option<Begun> {
        self.sniffer.text(line, push.sink())
    }

    /// What is held is text: the run goes on.
    pub(super) fn cancel(&mut self, push: &mut Push<'_>) {
        if self.sniffer.is_waiting() {
            self.sniffer.release(push.sink());
        }
    }

    /// Reads another format from here on.
    pub(super) fn begin(&mut self, begun: Begun, push: &mut Push<'_>) {
        self.other = NestedReader::begin(begun, &[], push.sink()).map(Box::new);
    }

    /// The input has ended: what begins with what is held.
    pub(super) fn last_line(&mut self, push: &mut Push<'_>) -> Option<Begun> {
        self.sniffer.last_line(push.sink())
    }

    /// The input has ended, for what has begun; whether something has.
    pub(super) fn finish(&mut self, push: &mut Push<'_>) -> bool {
        let flow = self.other.as_mut().map(|other| other.finish(push.sink()));
        noted(flow, push)
    }
}

fn noted(flow: Option<Flow>, push: &mut Push<'_>) -> bool {
    if let Some(flow) = flow {
        push.note(flow);
    }
    flow.is_some()
}
