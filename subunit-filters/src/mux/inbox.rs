//! What an input is to be told.

use std::time::Duration;

use subunit_core::{Event, FileChunk, Packet, RouteCode, Status};

/// What an input waits to be told, in bytes, before more is refused.
pub(super) const INBOX: usize = 1024 * 1024;

/// For so long tests wait for an input that has just been started to say that it takes tests.
const PATIENCE: Duration = Duration::from_secs(10);

/// Bytes for an input, and tests that wait for it to say that it takes tests.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    bytes: Vec<u8>,
    /// Whether nothing more comes from above.
    closed: bool,
    tests: Tests,
    /// Packets, each a test.
    early: Vec<u8>,
}

/// Whether an input takes tests.
#[derive(Debug, Default)]
enum Tests {
    #[default]
    Unknown,
    /// Not known by now, and some wait until this time. It is set when the time is told next.
    Awaited(Option<Duration>),
    Refused,
    Taken,
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
        if let Some(FileChunk { name: "stdin", bytes }) = event.file {
            self.check_room(bytes.len())?;
            self.bytes.extend_from_slice(bytes);
            self.closed |= event.eof;
            return Ok(());
        }
        if event.status != Some(Status::Exists) {
            return Err("only `stdin` files and tests that exist go this way");
        }
        match self.tests {
            Tests::Taken => return self.pass_on(packet, None),
            Tests::Refused => return Err(NOT_SAID),
            Tests::Unknown => self.tests = Tests::Awaited(None),
            Tests::Awaited(_) => {}
        }
        self.check_room(packet.bytes().len())?;
        packet.reroute(None, &mut self.early).map_err(|_| "it cannot be written")
    }

    fn check_room(&self, length: usize) -> Result<(), &'static str> {
        if self.closed {
            return Err("its input is closed");
        }
        // One packet is taken in any case, so that none is too long to ever be delivered.
        if self.waiting() > 0 && self.waiting() + length > INBOX {
            return Err("it does not read its input, and too much waits for it");
        }
        Ok(())
    }

    fn waiting(&self) -> usize {
        self.bytes.len() + self.early.len()
    }

    /// The input has said that it takes tests.
    pub(super) fn take_tests(&mut self) {
        self.tests = Tests::Taken;
        self.bytes.append(&mut self.early);
    }

    /// When [`Inbox::has_waited`] is to be asked: at once where it is not known since when tests wait.
    pub(super) fn due(&self) -> Option<Duration> {
        match self.tests {
            Tests::Awaited(until) => Some(until.unwrap_or_default()),
            _ => None,
        }
    }

    /// Whether tests have waited for too long by now.
    pub(super) fn has_waited(&mut self, now: Duration) -> bool {
        let Tests::Awaited(until) = &mut self.tests else { return false };
        *until.get_or_insert(now + PATIENCE) <= now
    }

    /// The tests for an input that has not said by now that it takes any.
    pub(super) fn give_up(&mut self) -> Vec<u8> {
        if matches!(self.tests, Tests::Awaited(_)) {
            self.tests = Tests::Refused;
        }
        std::mem::take(&mut self.early)
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

    /// Whether [`Inbox::as_bytes`] is all that the input will ever be told.
    pub(super) fn ends(&self) -> bool {
        self.closed && self.early.is_empty()
    }

    /// The input takes nothing more; how many bytes it was not told.
    pub(super) fn deafen(&mut self) -> usize {
        self.closed = true;
        std::mem::take(&mut self.bytes).len()
    }

    pub(super) fn is_crowded(&self) -> bool {
        self.waiting() > INBOX / 2
    }
}

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
