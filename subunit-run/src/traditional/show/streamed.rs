//! The results of a run as a stream of packets, for `--subunit`.

use std::io::{self, Write};

use subunit_core::{
    Event, Writer,
    sink::{Flow, Sink},
};

use super::tally::RunTally;

/// Writes events as they come, and counts them.
#[derive(Debug)]
pub(in crate::traditional) struct Streamed<W> {
    writer: Writer<W>,
    tally: RunTally,
}

impl<W: Write> Streamed<W> {
    /// Writes to `out`.
    pub(in crate::traditional) fn new(out: W) -> Self {
        Self { writer: Writer::new(out), tally: RunTally::default() }
    }

    /// What was counted so far.
    pub(in crate::traditional) fn tally(&self) -> &RunTally {
        &self.tally
    }

    /// What was counted.
    ///
    /// # Errors
    ///
    /// The first error of the output.
    pub(in crate::traditional) fn close(self) -> io::Result<RunTally> {
        self.writer.close()?;
        Ok(self.tally)
    }
}

impl<W: Write> Sink for Streamed<W> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        self.tally.note(event);
        Sink::event(&mut self.writer, event)
    }

    fn finish(&mut self) {
        self.tally.end();
    }
}
