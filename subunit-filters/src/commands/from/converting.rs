//! Other formats as packets.

use std::{
    io::{self, Write},
    path::Path,
};

use subunit_core::{
    Damage, Event, FileChunk, MAX_LENGTH, Timestamp, Writer,
    sink::{Counts, Flow, Sink, Summary},
};
use subunit_formats::FormatReader;

use crate::{
    console::{Console, Source},
    exit::Error,
    files::input::open,
    style::pass_text,
};

/// A sink that writes a stream to standard output.
pub(in crate::commands) struct Packets<'a, 'c> {
    console: &'a mut Console<'c>,
    text: TextAs,
    /// Whether events without a time get the time of now.
    now: bool,
    damage_aside: bool,
    summary: Summary,
    packet: Vec<u8>,
    error: Option<io::Error>,
}

/// What becomes of bytes that are not the format's.
#[derive(Clone, Copy, Debug)]
pub(in crate::commands) enum TextAs {
    /// They stay as they are.
    Text,
    /// They are the file `stdout` of no test, of this type.
    Packets(Option<&'static str>),
    /// They go to standard error.
    StandardError,
}

impl<'a, 'c> Packets<'a, 'c> {
    pub(in crate::commands) fn new(console: &'a mut Console<'c>, text: TextAs) -> Self {
        let (summary, packet) = (Summary::new(), Vec::new());
        Self { console, text, now: false, damage_aside: false, summary, packet, error: None }
    }

    /// Gives events without a time the time of now.
    pub(in crate::commands) fn timed(self) -> Self {
        Self { now: true, ..self }
    }

    /// Writes damage to standard error, for readers that report a failure beside it.
    pub(in crate::commands) fn damage_aside(self) -> Self {
        Self { damage_aside: true, ..self }
    }

    fn write_aside(&mut self, bytes: &[u8]) -> Flow {
        let look = self.console.stderr_look;
        if let Err(error) = pass_text(look, bytes, &mut self.console.stderr) {
            self.error.get_or_insert(error);
        }
        self.write(|_| Ok(()))
    }

    /// What has been written so far.
    pub(in crate::commands) fn counts(&self) -> Counts {
        self.summary.counts()
    }

    /// Writes a line to standard error.
    pub(in crate::commands) fn say(&mut self, message: impl std::fmt::Display) -> io::Result<()> {
        self.console.say(message)
    }

    fn write(&mut self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Flow {
        if self.error.is_none() {
            self.error = write(&mut self.console.stdout).err();
        }
        if self.error.is_some() { Flow::Break } else { Flow::Continue }
    }

    /// What has been written is seen; the first error, if there was one.
    pub(in crate::commands) fn flush(&mut self) -> Result<(), Error> {
        match self.error.take() {
            Some(error) => Err(error.into()),
            None => Ok(self.console.flush()?),
        }
    }
}

impl Sink for Packets<'_, '_> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        let timestamp = event.timestamp.or_else(|| self.now.then(Timestamp::now).flatten());
        let event = Event { timestamp, ..*event };
        self.summary.event(&event);
        let mut packet = std::mem::take(&mut self.packet);
        packet.clear();
        let flow = match event.encode(&mut packet) {
            Ok(()) => self.write(|out| out.write_all(&packet)),
            // Too long for one packet.
            Err(_) => self.write(|out| Writer::with_limit(out, MAX_LENGTH).event(&event)),
        };
        self.packet = packet;
        flow
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        match self.text {
            TextAs::Text => self.write(|out| out.write_all(bytes)),
            TextAs::Packets(mime_type) => {
                let file = Some(FileChunk { name: "stdout", bytes });
                self.event(&Event { file, mime_type, ..Event::default() })
            }
            TextAs::StandardError => self.write_aside(bytes),
        }
    }

    /// Damage stays in the stream, so that nobody takes it for whole.
    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.summary.damage(damage);
        if let Err(error) = self.console.say(damage) {
            self.error.get_or_insert(error);
        }
        if self.damage_aside {
            return self.write_aside(damage.bytes);
        }
        self.write(|out| out.write_all(damage.bytes))
    }
}

/// How much is asked of an input at once.
const BLOCK: usize = 64 * 1024;

/// Reads one input to its end; `name` is that of its file, for messages.
pub(in crate::commands) fn convert(
    reader: &mut dyn FormatReader,
    input: &mut dyn Source,
    name: &str,
    packets: &mut Packets<'_, '_>,
) -> Result<(), Error> {
    let mut block = vec![0; BLOCK];
    loop {
        let read = match input.read(&mut block) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(source) => return Err(Error::File { name: name.to_owned(), source }),
            Ok(read) => read,
        };
        match block.get(..read) {
            Some(bytes) if read > 0 => reader.feed(bytes, packets),
            _ => reader.finish(packets),
        };
        packets.flush()?;
        if read == 0 {
            return Ok(());
        }
    }
}

/// Reads inputs one after the other, each by a reader of its own, and gives the counts.
pub(in crate::commands) fn convert_all(
    paths: &[&Path],
    text: TextAs,
    console: &mut Console<'_>,
    mut reader: impl FnMut() -> Box<dyn FormatReader>,
) -> Result<Counts, Error> {
    let mut inputs = Vec::new();
    for path in paths {
        inputs.push(open(path, console)?);
    }
    let mut packets = Packets::new(console, text);
    for (input, name) in &mut inputs {
        convert(&mut *reader(), &mut **input, name, &mut packets)?;
    }
    Ok(packets.counts())
}
