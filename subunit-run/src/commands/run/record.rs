//! Keeps the stream of a run while it is shown.

use std::io;

use subunit_core::{Damage, Event, MAX_LENGTH, Packet, Writer};
use subunit_filters::{
    console::Console,
    exit::Error,
    pipeline::{Filter, Out},
};

use crate::memory::{Memory, Recording};

/// Keeps what it gets; by default nothing. If that fails it is told once, and the run goes on.
#[derive(Default)]
pub(super) struct RunRecorder<'m> {
    recording: Option<Box<dyn Recording + 'm>>,
    bytes: Vec<u8>,
}

impl<'m> RunRecorder<'m> {
    /// Begins to keep a run. A run that cannot be kept is run all the same.
    pub(super) fn begin(
        memory: &'m mut dyn Memory,
        partial: bool,
        console: &mut Console<'_>,
    ) -> Result<Self, Error> {
        let recording = match memory.begin(partial) {
            Ok(recording) => Some(recording),
            Err(error) => {
                console.say(format_args!("the run is not kept: {error}"))?;
                None
            }
        };
        Ok(Self { recording, bytes: Vec::new() })
    }

    fn take(&mut self, bytes: &[u8], out: &mut Out<'_, '_>) -> io::Result<()> {
        let Some(recording) = &mut self.recording else { return Ok(()) };
        let Err(error) = recording.take(bytes) else { return Ok(()) };
        self.recording = None;
        out.console.say(format_args!("the run is not kept any further: {error}"))
    }
}

impl Filter for RunRecorder<'_> {
    fn event(
        &mut self,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        if self.recording.is_none() {
            return Ok(());
        }
        if let Some(packet) = packet {
            return self.take(packet.bytes(), out);
        }
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        // What cannot be a packet is not in any other stream either.
        let _ = Writer::with_limit(&mut bytes, MAX_LENGTH).event(event);
        let result = self.take(&bytes, out);
        self.bytes = bytes;
        result
    }

    fn text(&mut self, bytes: &[u8], out: &mut Out<'_, '_>) -> io::Result<()> {
        self.take(bytes, out)
    }

    fn damage(&mut self, damage: &Damage<'_>, out: &mut Out<'_, '_>) -> io::Result<()> {
        self.take(damage.bytes, out)
    }

    fn aside(&mut self, _bytes: &[u8], _out: &mut Out<'_, '_>) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self, out: &mut Out<'_, '_>) -> io::Result<()> {
        let Some(recording) = self.recording.take() else { return Ok(()) };
        match recording.finish() {
            Ok(_) => Ok(()),
            Err(error) => out.console.say(format_args!("the run is not kept: {error}")),
        }
    }
}
