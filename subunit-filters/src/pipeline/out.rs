//! Where a filter writes to.

use std::io::{self, Write};

use subunit_core::{Event, MAX_LENGTH, Packet, Writer, sink::Summary};

use crate::{console::Console, style};

/// Where a filter writes to.
pub struct Out<'o, 'c> {
    /// The streams and how they look.
    pub console: &'o mut Console<'c>,
    /// Where standard output carries a report: what the stream has said so far.
    pub summary: Option<Summary>,
    pub(super) no_text: bool,
    pub(super) packet: Vec<u8>,
}

impl Out<'_, '_> {
    /// Where a report goes.
    pub fn report(&mut self) -> &mut dyn Write {
        &mut self.console.stdout
    }

    /// Writes an event as it came, or as a packet where it came from another format.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub fn forward(&mut self, event: &Event<'_>, packet: Option<&Packet<'_>>) -> io::Result<()> {
        match packet {
            Some(packet) => self.console.stdout.write_all(packet.bytes()),
            None => self.emit(event),
        }
    }

    /// Writes an event as a packet; as several where its content is too long for one.
    ///
    /// # Errors
    ///
    /// Those of the output; [`io::ErrorKind::InvalidInput`] where the event cannot be a packet.
    pub fn emit(&mut self, event: &Event<'_>) -> io::Result<()> {
        self.packet.clear();
        if event.encode(&mut self.packet).is_ok() {
            return self.console.stdout.write_all(&self.packet);
        }
        Writer::with_limit(&mut self.console.stdout, MAX_LENGTH).event(event)
    }

    /// Passes on bytes that belong to no packet: in the stream, or beside a report.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub fn text(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.no_text {
            return Ok(());
        }
        match self.summary {
            None => self.console.stdout.write_all(bytes),
            Some(_) => style::pass_text(self.console.stderr_look, bytes, &mut self.console.stderr),
        }
    }
}
