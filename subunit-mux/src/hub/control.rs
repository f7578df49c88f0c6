//! What comes from upstream, and what waits for each input to take it.

use subunit_core::{
    Decoder, Event, FileChunk, Item, Packet, RouteCode, Status, conventions::MIME_TYPE,
};

use super::{Hub, InputId, Outbox, ReportKind, Undelivered, inbox::described, input::Input};
use crate::UNDELIVERED;

impl Hub {
    /// Takes bytes from upstream: packets for inputs, or for what is below them. Text, damage and packets
    /// that match no input are reported back.
    ///
    /// Packets with the status `exists` are tests to run. Each ends, as a result of an input or as a
    /// failure. Tests without a route code go to any idle input that takes tests. Tests for an input that
    /// has not announced that it takes tests wait some seconds for it.
    pub fn receive(&mut self, bytes: &[u8], out: &mut Outbox) {
        self.control.feed(bytes);
        self.push_control(out);
    }

    /// Nothing more comes from upstream. Inputs that have received everything are closed.
    pub fn receive_end(&mut self, out: &mut Outbox) {
        self.control.finish();
        self.push_control(out);
        self.control = Decoder::new();
        self.end_control(out);
    }

    /// Sends an event to an input, or to what lies below it where the event has a route code: a test, which
    /// is an event with the status `exists`, or a file `stdin`. A test for an input that has not announced
    /// that it takes tests waits some seconds for it. Each test that was sent ends.
    ///
    /// # Errors
    ///
    /// If the input does not take it. A test is not accounted for then.
    pub fn send(&mut self, id: InputId, event: &Event<'_>) -> Result<(), Undelivered> {
        let mut bytes = Vec::new();
        event.encode(&mut bytes).map_err(|_| Undelivered::Unwritable)?;
        let packet = Packet::parse(&bytes).map_err(|_| Undelivered::Unwritable)?;
        if let Some(test_id) = test_of(event) {
            return self.send_test(id, &packet, test_id);
        }
        let input = self.inputs.get_mut(&id).ok_or(Undelivered::NoSuchRoute)?;
        deliver(input, &packet, event.route_code)
    }

    /// Bytes queued for an input: packets, or text for its standard input.
    pub fn inbox(&self, id: InputId) -> &[u8] {
        self.inputs.get(&id).map_or(&[], |input| input.inbox.as_bytes())
    }

    /// The input has taken the first `length` bytes of its inbox.
    pub fn consumed(&mut self, id: InputId, length: usize) {
        if let Some(input) = self.inputs.get_mut(&id) {
            input.inbox.consumed(length);
            input.handed.flush(&mut input.inbox);
            self.end_inboxes();
        }
    }

    /// Whether the input gets nothing beyond its inbox.
    pub fn inbox_ends(&self, id: InputId) -> bool {
        let ends = |input: &Input| input.inbox.is_closed() && !input.handed.is_waiting();
        self.inputs.get(&id).is_none_or(ends)
    }

    /// Nothing more is sent to the input. What waits for it is still its own.
    pub fn end_stdin(&mut self, id: InputId) {
        if let Some(input) = self.inputs.get_mut(&id) {
            input.inbox.close();
        }
    }

    /// The input takes nothing more. What it has not received is reported back.
    pub fn close_stdin(&mut self, id: InputId, out: &mut Outbox) {
        self.report_untold(id, out);
        let Some(input) = self.inputs.get_mut(&id) else { return };
        let why = match input.handed.takes_tests() {
            true => Undelivered::Closed,
            false => Undelivered::TakesNoTests,
        };
        let let_go = input.handed.let_go();
        self.let_go(id, let_go, why, out);
        self.hand_out(out);
    }

    /// Drops what is queued for an input, and reports what of it was no test.
    pub(super) fn report_untold(&mut self, id: InputId, out: &mut Outbox) {
        let Some(input) = self.inputs.get_mut(&id) else { return };
        let lost = input.inbox.discard();
        if lost > 0 {
            let route = input.route.clone();
            self.report_back(Some(route.as_route()), ReportKind::Unread { bytes: lost }, out);
        }
    }

    /// Whether any inbox is so full that the driver should wait before it receives more.
    pub fn is_backlogged(&self) -> bool {
        self.inputs.values().any(|input| input.inbox.is_backlogged())
    }

    /// Whether it is the inbox of this input that is so full.
    pub fn has_backlog(&self, id: InputId) -> bool {
        self.inputs.get(&id).is_some_and(|input| input.inbox.is_backlogged())
    }

    fn push_control(&mut self, out: &mut Outbox) {
        let mut control = std::mem::take(&mut self.control);
        while let Some(item) = control.next_item() {
            match item {
                Item::Packet(packet) => self.route(&packet, out),
                Item::Text(text) => {
                    self.report_back(None, ReportKind::Text { bytes: text.len() }, out);
                }
                Item::Damage(damage) => self.refuse_damage(&damage.to_string(), out),
            }
        }
        self.control = control;
        self.hand_out(out);
    }

    /// Takes one segment off a packet's route code, and gives the packet to the input of that name.
    fn route(&mut self, packet: &Packet<'_>, out: &mut Outbox) {
        let event = packet.event();
        if let Some(test_id) = test_of(event) {
            return self.order_test(packet, test_id, out);
        }
        let delivered = match event.route_code {
            None => Err(Undelivered::NoRoute),
            Some(route) => {
                let (name, rest) = route.split_first();
                let input = self.names.get(name).and_then(|id| self.inputs.get_mut(id));
                input.map_or(Err(Undelivered::NoSuchRoute), |input| deliver(input, packet, rest))
            }
        };
        if let Err(why) = delivered {
            self.refuse(event, event.route_code, why, out);
        }
    }

    fn refuse(
        &mut self,
        event: &Event<'_>,
        route_code: Option<RouteCode<'_>>,
        why: Undelivered,
        out: &mut Outbox,
    ) {
        let what = described(event);
        self.report_back(route_code, ReportKind::Undelivered { what, why }, out);
    }

    fn report_back(
        &mut self,
        route_code: Option<RouteCode<'_>>,
        kind: ReportKind,
        out: &mut Outbox,
    ) {
        self.undelivered += 1;
        let message = kind.to_string();
        let content = serde_json::json!({ "message": message }).to_string();
        let event = Event {
            runnable: false,
            file: Some(FileChunk { name: UNDELIVERED, bytes: content.as_bytes() }),
            mime_type: Some(MIME_TYPE),
            eof: true,
            route_code,
            ..Event::default()
        };
        // Its strings were read from a packet, so there is nothing that could not be written.
        let _ = out.push(&event);
        let route_code = route_code.map(|route| route.as_str().to_owned());
        self.report(route_code, kind);
    }
}

/// The test that an event asks for.
fn test_of<'a>(event: &Event<'a>) -> Option<&'a str> {
    let is_stdin = event.file.is_some_and(|file| file.name == "stdin");
    event.test_id.filter(|_| event.status == Some(Status::Exists) && !is_stdin)
}

/// Gives an input what is for it, or for what lies `below` it.
fn deliver(
    input: &mut Input,
    packet: &Packet<'_>,
    below: Option<RouteCode<'_>>,
) -> Result<(), Undelivered> {
    match below {
        Some(below) => input.inbox.pass_on(packet, Some(below)),
        None => input.inbox.deliver(packet),
    }
}
