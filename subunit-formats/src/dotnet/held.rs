//! What test cases say whose ids are not known yet: TRX names classes after all results.

use subunit_core::{
    Event, Item, items,
    sink::{Flow, Sink},
};

/// So much is held.
const MOST: usize = 64 << 20;

/// Test cases, and their events as packets, in which the number of the case stands for its id.
#[derive(Clone, Debug, Default)]
pub(super) struct Held {
    cases: Vec<Named>,
    packets: Vec<u8>,
    bytes: usize,
}

/// A test case as its result names it.
#[derive(Clone, Debug, Default)]
pub(super) struct Named {
    /// What is known of the test elsewhere goes by this.
    pub(super) definition: String,
    pub(super) name: String,
}

impl Held {
    /// A case begins. Its number.
    pub(super) fn begin(&mut self, case: Named) -> usize {
        self.bytes += size_of::<Named>() + case.definition.len() + case.name.len();
        self.cases.push(case);
        self.cases.len() - 1
    }

    /// Whether it is time to hand over what is held, whatever is known.
    pub(super) fn is_full(&self) -> bool {
        self.bytes + self.packets.len() >= MOST
    }

    /// Hands over all, each test under the id that `id` makes for its case. The ids, by number.
    pub(super) fn release(
        &mut self,
        id: &mut dyn FnMut(Named) -> String,
        sink: &mut dyn Sink,
    ) -> (Vec<String>, Flow) {
        let Self { cases, packets, .. } = std::mem::take(self);
        let ids: Vec<String> = cases.into_iter().map(id).collect();
        let mut flow = Flow::Continue;
        for item in items(&packets) {
            let Item::Packet(packet) = item else { continue };
            let event = packet.event();
            let number = event.test_id.and_then(|number| number.parse::<usize>().ok());
            let test_id = number.and_then(|number| ids.get(number)).map(String::as_str);
            if sink.event(&Event { test_id, ..*event }).is_break() {
                flow = Flow::Break;
            }
        }
        (ids, flow)
    }
}

/// Takes the events of a case that is held. Text goes on.
pub(super) struct Holding<'a> {
    pub(super) held: &'a mut Held,
    pub(super) sink: &'a mut dyn Sink,
}

impl Sink for Holding<'_> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        // What does not fit on the wire cannot be handed over later either.
        let _ = event.encode(&mut self.held.packets);
        Flow::Continue
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        self.sink.text(bytes)
    }
}
