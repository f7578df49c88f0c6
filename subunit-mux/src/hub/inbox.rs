//! Bytes queued for an input.

use subunit_core::{Event, FileChunk, Item, Packet, RouteCode, Status, items};

/// Bytes queued for an input before further ones are refused.
pub(super) const CAPACITY: usize = 1024 * 1024;

/// Bytes queued for an input. [`Handed`](super::handed::Handed) keeps account of its tests.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    bytes: Vec<u8>,
    /// Whether nothing more comes from above.
    closed: bool,
}

impl Inbox {
    /// Queues a packet for what is below the input.
    pub(super) fn pass_on(
        &mut self,
        packet: &Packet<'_>,
        route_code: Option<RouteCode<'_>>,
    ) -> Result<(), Undelivered> {
        self.check_room(packet.bytes().len())?;
        packet.reroute(route_code, &mut self.bytes).map_err(|_| Undelivered::Unwritable)
    }

    /// Queues what a packet holds for the input itself.
    pub(super) fn deliver(&mut self, packet: &Packet<'_>) -> Result<(), Undelivered> {
        let event = packet.event();
        let Some(FileChunk { name: "stdin", bytes }) = event.file else {
            return Err(Undelivered::NotForAnInput);
        };
        self.check_room(bytes.len())?;
        self.bytes.extend_from_slice(bytes);
        self.closed |= event.eof;
        Ok(())
    }

    fn check_room(&self, length: usize) -> Result<(), Undelivered> {
        if self.closed {
            return Err(Undelivered::Closed);
        }
        // An empty inbox takes any packet, so that none is too long to be delivered.
        if !self.bytes.is_empty() && self.bytes.len() + length > CAPACITY {
            return Err(Undelivered::Full);
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

    /// The input has taken the first `length` bytes.
    pub(super) fn consumed(&mut self, length: usize) {
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

    /// The input takes nothing more. Returns how many bytes it has not received. Tests are not counted:
    /// they are accounted for by name.
    pub(super) fn discard(&mut self) -> usize {
        self.closed = true;
        let bytes = std::mem::take(&mut self.bytes);
        let lost = items(&bytes).filter(|item| !is_test(item));
        lost.map(|item| item.bytes().len()).sum()
    }

    pub(super) fn is_backlogged(&self) -> bool {
        self.bytes.len() > CAPACITY / 2
    }
}

fn is_test(item: &Item<'_>) -> bool {
    matches!(item, Item::Packet(packet) if packet.event().status == Some(Status::Exists))
}

/// Why something does not reach the input that it is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Undelivered {
    /// It names no input.
    #[error("it has no route code")]
    NoRoute,
    /// There is no input of that name.
    #[error("there is no such route")]
    NoSuchRoute,
    /// There was one.
    #[error("its input has ended")]
    Ended,
    /// The input takes nothing more.
    #[error("its input is closed")]
    Closed,
    /// Tests go only to inputs that announced that they take them.
    #[error("it has not said that it takes tests")]
    TakesNoTests,
    /// More than 1 MiB would wait for it.
    #[error("it does not read its input, and too much waits for it")]
    Full,
    /// An input gets only standard input and tests.
    #[error("only `stdin` files and tests that exist go this way")]
    NotForAnInput,
    /// It does not fit a packet.
    #[error("it cannot be written")]
    Unwritable,
}

/// A packet from above in a few words.
pub(super) fn described(event: &Event<'_>) -> String {
    match (event.file, event.test_id) {
        (Some(file), _) => format!("`{}` of {} bytes", file.name, file.bytes.len()),
        (None, Some(test_id)) => format!("test `{test_id}`"),
        (None, None) => "a packet".into(),
    }
}
