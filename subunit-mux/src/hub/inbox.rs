//! What an input is to be told.

use subunit_core::{Event, FileChunk, Item, Packet, RouteCode, Status, items};

/// What an input waits to be told, in bytes, before more is refused.
pub(super) const INBOX: usize = 1024 * 1024;

/// Bytes for an input. Its tests are looked after by [`Handed`](super::handed::Handed).
#[derive(Debug, Default)]
pub(super) struct Inbox {
    bytes: Vec<u8>,
    /// Whether nothing more comes from above.
    closed: bool,
}

impl Inbox {
    /// Passes a packet on to what lies behind the input.
    pub(super) fn pass_on(
        &mut self,
        packet: &Packet<'_>,
        route_code: Option<RouteCode<'_>>,
    ) -> Result<(), &'static str> {
        self.check_room(packet.bytes().len())?;
        packet.reroute(route_code, &mut self.bytes).map_err(|_| "it cannot be written")
    }

    /// Takes a packet that is meant for the input itself.
    pub(super) fn deliver(&mut self, packet: &Packet<'_>) -> Result<(), &'static str> {
        let event = packet.event();
        let Some(FileChunk { name: "stdin", bytes }) = event.file else {
            return Err("only `stdin` files and tests that exist go this way");
        };
        self.check_room(bytes.len())?;
        self.bytes.extend_from_slice(bytes);
        self.closed |= event.eof;
        Ok(())
    }

    fn check_room(&self, length: usize) -> Result<(), &'static str> {
        if self.closed {
            return Err(CLOSED);
        }
        // One packet is taken in any case, so that none is too long to ever be delivered.
        if !self.bytes.is_empty() && self.bytes.len() + length > INBOX {
            return Err("it does not read its input, and too much waits for it");
        }
        Ok(())
    }

    /// Takes a whole packet that there is room for.
    pub(super) fn push(&mut self, packet: &[u8]) {
        self.bytes.extend_from_slice(packet);
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The first `length` bytes have been told.
    pub(super) fn told(&mut self, length: usize) {
        self.bytes.drain(..length.min(self.bytes.len()));
        if self.bytes.is_empty() {
            self.bytes.shrink_to(64 * 1024);
        }
    }

    /// Nothing more comes from above.
    pub(super) fn close(&mut self) {
        self.closed = true;
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    /// The input takes nothing more; how many bytes it was not told. Tests are not counted: they are
    /// accounted for by name.
    pub(super) fn deafen(&mut self) -> usize {
        self.closed = true;
        let bytes = std::mem::take(&mut self.bytes);
        let lost = items(&bytes).filter(|item| !is_test(item));
        lost.map(|item| item.bytes().len()).sum()
    }

    pub(super) fn is_crowded(&self) -> bool {
        self.bytes.len() > INBOX / 2
    }
}

fn is_test(item: &Item<'_>) -> bool {
    matches!(item, Item::Packet(packet) if packet.event().status == Some(Status::Exists))
}

/// Why nothing more can be told.
pub(super) const CLOSED: &str = "its input is closed";

/// Why tests are not delivered.
pub(super) const NOT_SAID: &str = "it has not said that it takes tests";

/// A packet from above in a few words.
pub(super) fn described(event: &Event<'_>) -> String {
    match (event.file, event.test_id) {
        (Some(file), _) => format!("`{}` of {} bytes", file.name, file.bytes.len()),
        (None, Some(test_id)) => format!("test `{test_id}`"),
        (None, None) => "a packet".into(),
    }
}
