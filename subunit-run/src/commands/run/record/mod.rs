//! Keeps the stream of a run while it is shown: what a person has seen is kept, whatever happens then.

mod report_to;

use std::io;

use subunit_core::{Damage, Event, MAX_LENGTH, Packet, Status, Writer};
use subunit_filters::{
    console::Console,
    exit::Error,
    pipeline::{Filter, Out},
};

use self::report_to::RunReporter;
use crate::memory::{Memory, Recording};

/// How much is gathered at most before it is saved. One write for each packet costs a run of 100,000 tests as much
/// as all the rest of the recording.
const PIECE: usize = 8 << 10;

/// Keeps what it gets; by default nothing. If that fails it is told once, and the run goes on.
///
/// It comes before the report. What the report makes of less than [`PIECE`] bytes fits into the buffer of standard
/// output, if that was empty before: so nothing is shown that is not saved.
#[derive(Default)]
pub(super) struct RunRecorder<'m> {
    recording: Option<Box<dyn Recording + 'm>>,
    /// What sends it to a server.
    reporter: Option<RunReporter>,
    bytes: Vec<u8>,
    /// How much was taken since standard output was empty.
    taken: usize,
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
        Ok(Self { recording, ..Self::default() })
    }

    /// Sends the run to a server as well. A run that cannot be sent is run all the same.
    pub(super) fn report_to(
        &mut self,
        url: &str,
        partial: bool,
        console: &mut Console<'_>,
    ) -> io::Result<()> {
        match RunReporter::begin(url, partial) {
            Ok(reporter) => self.reporter = Some(reporter),
            Err(error) => console.say(format_args!("the run is not reported to {url}: {error}"))?,
        }
        Ok(())
    }

    /// The run was shown: waits until it was sent, or that has failed.
    pub(super) fn end_report(&mut self, console: &mut Console<'_>) {
        if let Some(reporter) = self.reporter.take() {
            reporter.end(console);
        }
    }

    /// Takes a piece of the stream. What is made of a loud one may be long: it is saved at once.
    fn take(&mut self, bytes: &[u8], is_loud: bool, out: &mut Out<'_, '_>) -> io::Result<()> {
        self.report(|reporter| reporter.take(bytes));
        if self.recording.is_some() && self.taken >= PIECE {
            out.console.flush()?;
            self.taken = 0;
        }
        self.record(out, |recording| recording.take(bytes))?;
        self.taken += bytes.len();
        if is_loud || self.taken >= PIECE {
            self.taken = PIECE;
            self.record(out, Recording::save)?;
            self.report(RunReporter::save);
        }
        Ok(())
    }

    /// What goes wrong is said at the end, by the program that sends the run.
    fn report(&mut self, act: impl FnOnce(&mut RunReporter) -> io::Result<()>) {
        if let Some(reporter) = &mut self.reporter
            && act(reporter).is_err()
        {
            let _ = reporter.close();
        }
    }

    fn record(
        &mut self,
        out: &mut Out<'_, '_>,
        act: impl FnOnce(&mut (dyn Recording + 'm)) -> io::Result<()>,
    ) -> io::Result<()> {
        let Some(recording) = &mut self.recording else { return Ok(()) };
        let Err(error) = act(&mut **recording) else { return Ok(()) };
        self.recording = None;
        out.console.say(format_args!("the run is not kept any further: {error}"))
    }
}

/// Whether a report may tell more of the end of a test than that it has ended.
fn is_loud(event: &Event<'_>) -> bool {
    let is_quiet = |status| matches!(status, Status::Success | Status::Skip);
    event.status.is_some_and(|status| status.is_final() && !is_quiet(status))
}

impl Filter for RunRecorder<'_> {
    fn event(
        &mut self,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        if self.recording.is_none() && self.reporter.is_none() {
            return Ok(());
        }
        if let Some(packet) = packet {
            return self.take(packet.bytes(), is_loud(event), out);
        }
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        // What cannot be a packet is not in any other stream either.
        let _ = Writer::with_limit(&mut bytes, MAX_LENGTH).event(event);
        let result = self.take(&bytes, is_loud(event), out);
        self.bytes = bytes;
        result
    }

    fn text(&mut self, bytes: &[u8], out: &mut Out<'_, '_>) -> io::Result<()> {
        self.take(bytes, false, out)
    }

    fn damage(&mut self, damage: &Damage<'_>, out: &mut Out<'_, '_>) -> io::Result<()> {
        self.take(damage.bytes, false, out)
    }

    fn aside(&mut self, _bytes: &[u8], _out: &mut Out<'_, '_>) -> io::Result<()> {
        Ok(())
    }

    fn tick(&mut self, out: &mut Out<'_, '_>) -> io::Result<()> {
        // The flush follows.
        self.taken = 0;
        self.report(RunReporter::save);
        self.record(out, Recording::save)
    }

    fn finish(&mut self, out: &mut Out<'_, '_>) -> io::Result<()> {
        self.report(RunReporter::close);
        let Some(recording) = self.recording.take() else { return Ok(()) };
        match recording.finish() {
            Ok(_) => Ok(()),
            Err(error) => out.console.say(format_args!("the run is not kept: {error}")),
        }
    }
}
