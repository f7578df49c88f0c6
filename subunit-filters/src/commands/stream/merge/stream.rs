//! One of the streams that are merged: the bytes of what comes next, and its time.

use std::{collections::VecDeque, io};

use subunit_core::{
    Damage, Event, InputReader, Packet, Timestamp,
    conventions::ToldDamage,
    run::counted,
    sink::{Flow, Sink},
};
use subunit_formats::{Format, auto::AutoReader};

use crate::{
    console::{Console, Source},
    exit::Error,
    pipeline::{Damaged, End, write_event},
};

/// How much is asked of a stream at once.
const BLOCK: usize = 64 * 1024;

/// A stream that is read as its pieces are asked for.
///
/// Memory: what a block holds, and a packet that is not whole.
pub(super) struct Stream<'s> {
    input: Box<dyn Source + 's>,
    /// The file; `None` for standard input.
    name: Option<String>,
    reader: AutoReader,
    ended: bool,
    pieces: Pieces,
    places: u64,
}

/// What was read and has not been taken.
#[derive(Default)]
struct Pieces {
    bytes: Vec<u8>,
    /// Up to here the bytes were taken.
    taken: usize,
    /// How many bytes the next pieces have, and their times.
    queue: VecDeque<(usize, Option<Timestamp>)>,
    damage: Vec<String>,
    no_text: bool,
    /// Why an event could not be written.
    failed: Option<io::Error>,
    /// What the pieces end with.
    end: End,
}

impl<'s> Stream<'s> {
    pub(super) fn new(
        input: Box<dyn Source + 's>,
        name: Option<String>,
        format: Option<Format>,
        no_text: bool,
    ) -> Self {
        let pieces = Pieces { no_text, ..Pieces::default() };
        Self { input, name, reader: AutoReader::new(format), ended: false, pieces, places: 0 }
    }

    /// The time of the next piece, if it has one; `None` at the stream's end.
    pub(super) fn peek(
        &mut self,
        console: &mut Console<'_>,
    ) -> Result<Option<Option<Timestamp>>, Error> {
        while self.pieces.queue.is_empty() && !self.ended {
            self.fill(console)?;
        }
        Ok(self.pieces.queue.front().map(|(_, time)| *time))
    }

    /// The next piece.
    pub(super) fn take(&mut self) -> &[u8] {
        let (length, _) = self.pieces.queue.pop_front().unwrap_or_default();
        let piece = self.pieces.bytes.get(self.pieces.taken..).unwrap_or_default();
        self.pieces.taken += length;
        piece.get(..length).unwrap_or_default()
    }

    /// Reads a block, at most. What is known by now is shown before: the input may let us wait.
    fn fill(&mut self, console: &mut Console<'_>) -> Result<(), Error> {
        console.flush()?;
        self.pieces.bytes.clear();
        self.pieces.taken = 0;
        let read = loop {
            match self.input.read(&mut self.reader.space(BLOCK)[..BLOCK]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => {
                    let name = self.name.as_deref().unwrap_or("standard input").to_owned();
                    return Err(Error::File { name, source });
                }
                Ok(read) => break read,
            }
        };
        if read == 0 {
            self.ended = true;
            self.reader.finish(&mut self.pieces);
        } else {
            self.reader.filled(read, &mut self.pieces);
        }
        if let Some(error) = self.pieces.failed.take() {
            return Err(error.into());
        }
        for message in self.pieces.damage.drain(..) {
            self.places += 1;
            if self.places <= Damaged::SHOWN {
                say(self.name.as_deref(), &message, console)?;
            }
        }
        Ok(())
    }

    /// The stream has ended: says what was not said of it.
    pub(super) fn finish(&self, console: &mut Console<'_>) -> io::Result<()> {
        match self.places.saturating_sub(Damaged::SHOWN) {
            0 => Ok(()),
            more => {
                let message = format!("and {} of damage", counted(more, "more place"));
                say(self.name.as_deref(), &message, console)
            }
        }
    }
}

fn say(name: Option<&str>, message: &str, console: &mut Console<'_>) -> io::Result<()> {
    match name {
        Some(name) => console.say(format_args!("{name}: {message}")),
        None => console.say(message),
    }
}

impl Pieces {
    fn push(&mut self, bytes: &[u8], time: Option<Timestamp>) {
        if !bytes.is_empty() {
            self.bytes.extend_from_slice(bytes);
            self.queue.push_back((bytes.len(), time));
        }
    }
}

impl Sink for Pieces {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        self.end.written();
        let before = self.bytes.len();
        if let Err(error) = write_event(event, &mut self.bytes) {
            self.failed.get_or_insert(error);
            return Flow::Break;
        }
        self.queue.push_back((self.bytes.len() - before, event.timestamp));
        Flow::Continue
    }

    fn packet(&mut self, packet: &Packet<'_>) -> Flow {
        self.end.written();
        self.damage.extend(ToldDamage::of(packet.event()).map(|told| told.to_string()));
        self.push(packet.bytes(), packet.event().timestamp);
        Flow::Continue
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        if self.no_text {
            let gap = self.end.left_out();
            self.push(&gap, None);
        } else {
            self.end.text(bytes);
            self.push(bytes, None);
        }
        Flow::Continue
    }

    /// Even where text is dropped, the next reader must not take the stream for whole.
    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.damage.push(Damaged::message(damage, "passed on"));
        let after = self.end.damage(damage, self.no_text);
        [damage.bytes, &after].iter().for_each(|bytes| self.push(bytes, None));
        Flow::Continue
    }
}
