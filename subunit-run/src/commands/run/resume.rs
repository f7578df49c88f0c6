//! Goes on with a run that was stopped: what it said of tests that ended, and then the others, are one run.

use std::{
    collections::HashSet,
    fs::File,
    io::{self, BufReader, BufWriter, Read, Seek, Write},
    time::Duration,
};

use subunit_core::{
    Event, Packet, Status, Writer,
    conventions::{is_aside, tells_of_the_run},
    sink::{Flow, Sink},
};
use subunit_filters::{
    console::Source,
    exit::Error,
    interrupts::Signal,
    pipeline::{Producer, Steering},
};

use super::known;
use crate::memory::Memory;

/// The last run, as far as it goes.
#[derive(Debug)]
pub(super) struct Stopped {
    /// What it said of tests that have ended.
    pub(super) said: File,
    /// How many these are.
    pub(super) ended: u64,
    /// The tests that it listed, and that have not ended.
    pub(super) left: Vec<String>,
}

impl Stopped {
    /// Reads the last run.
    pub(super) fn read(memory: &dyn Memory) -> Result<Self, Error> {
        let failed =
            |error| Error::Usage(format!("--resume: the last run cannot be read: {error}"));
        let Some(known) = known::last(memory).map_err(failed)? else {
            return Err(Error::Usage("--resume: there is no run to go on with".into()));
        };
        if !known.is_listed {
            let message = "--resume: what is kept of the last run does not say which tests there were: run \
                           all of them";
            return Err(Error::Usage(message.into()));
        }
        let said = said_of_others(memory, &known.left).map_err(failed)?;
        Ok(Self { said, ended: known.ended, left: known.left })
    }
}

/// What the last run said, but for these tests and what is between programs.
fn said_of_others(memory: &dyn Memory, left: &[String]) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    let left = left.iter().map(String::as_str).collect();
    if let Some(run) = memory.last()? {
        let mut copy = Copy { left, writer: Writer::new(BufWriter::new(&file)) };
        subunit_core::read(run, &mut copy)?;
        copy.writer.close()?.flush()?;
    }
    file.rewind()?;
    Ok(file)
}

struct Copy<'a, W> {
    left: HashSet<&'a str>,
    writer: W,
}

impl<W: Sink> Copy<'_, W> {
    fn is_wanted(&self, event: &Event<'_>) -> bool {
        match event.test_id {
            // That it was stopped, or failed as a run, is no more true of the run that goes on.
            Some(test_id) if event.status == Some(Status::Fail) && !event.runnable => {
                !tells_of_the_run(test_id, false, event.tags)
            }
            Some(test_id) => !self.left.contains(test_id),
            None => !is_aside(event),
        }
    }
}

impl<W: Sink> Sink for Copy<'_, W> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        if self.is_wanted(event) { self.writer.event(event) } else { Flow::Continue }
    }

    fn packet(&mut self, packet: &Packet<'_>) -> Flow {
        if self.is_wanted(packet.event()) { self.writer.packet(packet) } else { Flow::Continue }
    }
}

/// A run after what was said before it.
pub(super) struct Resumed<'r> {
    said: Option<BufReader<File>>,
    run: &'r mut dyn Producer,
}

impl<'r> Resumed<'r> {
    pub(super) fn new(said: File, run: &'r mut dyn Producer) -> Self {
        Self { said: Some(BufReader::new(said)), run }
    }
}

impl Read for Resumed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(said) = &mut self.said {
            match said.read(buffer)? {
                0 => self.said = None,
                length => return Ok(length),
            }
        }
        self.run.read(buffer)
    }
}

impl Source for Resumed<'_> {
    fn wait(&mut self, time: Duration) -> bool {
        self.said.is_some() || self.run.wait(time)
    }

    fn aside(&mut self) -> Option<Vec<u8>> {
        self.run.aside()
    }
}

impl Producer for Resumed<'_> {
    fn stopped_by(&self) -> Option<Signal> {
        self.run.stopped_by()
    }

    fn steer(&mut self, steering: Steering) {
        self.run.steer(steering);
    }
}
