//! The output of a filter.

use std::io::{self, Write};

use subunit_core::{
    Damage, EncodeError, Event, MAX_LENGTH, Packet, TagsBuf, Writer, sink::Summary,
};

use super::{ReportArgs, damage::End, edit::Edit, expected::Expected};
use crate::{console::Console, exit::Error, style};

/// Which output of a command is read.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum CommandOutput {
    /// The only one.
    #[default]
    Only,
    /// Its standard output: if that tells of no test, its error output may.
    Standard(OutputContent),
    /// Its error output, which has been shown.
    Error,
}

/// What an output has told.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum OutputContent {
    /// Nothing at all.
    #[default]
    Nothing,
    /// Only what is no result.
    Text,
    /// Results.
    Results,
}

/// The output of a filter.
pub struct Out<'o, 'c> {
    /// The streams and how they look.
    pub console: &'o mut Console<'c>,
    /// Where standard output carries a report: what the stream has said so far.
    pub summary: Option<Summary>,
    pub(super) no_text: bool,
    /// Whether text is of a command that reads what is typed, on a terminal.
    pub(super) edits: bool,
    /// Whether the exit status of the program is known whose output is read.
    pub(super) status_known: bool,
    /// Which output of a command is read.
    pub(super) output: CommandOutput,
    /// What the output of the command looked like that was read before.
    pub(super) guessed: Option<String>,
    /// The names of the inputs, in their order.
    pub(super) labels: Vec<Option<String>>,
    /// What changes events before they are judged.
    pub(super) edit: Edit,
    /// Whether an input is an archive that could not be read to its end.
    pub(super) torn: bool,
    /// Which tests should run.
    pub(super) expected: Expected,
    /// The end of what was written, where standard output carries a stream.
    end: End,
    /// Where packets are put together, initialised all over.
    room: Vec<u8>,
}

impl<'o, 'c> Out<'o, 'c> {
    /// With a summary where standard output carries a report.
    pub(super) fn new(
        console: &'o mut Console<'c>,
        summary: Option<Summary>,
        no_text: bool,
    ) -> Self {
        let (expected, end) = (Expected::default(), End::default());
        let (labels, edit) = (Vec::new(), Edit::default());
        Self {
            console,
            summary,
            no_text,
            edits: false,
            status_known: false,
            output: CommandOutput::default(),
            guessed: None,
            labels,
            edit,
            torn: false,
            expected,
            end,
            room: Vec::new(),
        }
    }

    /// For a report that is to be judged.
    ///
    /// # Errors
    ///
    /// If a list of tests that are expected, or the run to compare with, cannot be read.
    pub(super) fn judged(
        console: &'o mut Console<'c>,
        summary: Summary,
        args: &ReportArgs,
    ) -> Result<Self, Error> {
        let expected = Expected::read(&args.expect)?;
        let judge = args.judge.judge(&args.inputs, console)?;
        let summary = summary.with_judge(&judge);
        let out = Self::new(console, Some(summary), args.text.no_text);
        Ok(Self { expected, edit: args.judge.edit(), ..out })
    }
}

impl Out<'_, '_> {
    /// Where a report goes.
    pub fn report(&mut self) -> &mut dyn Write {
        self.end.written();
        &mut self.console.stdout
    }

    /// Writes an event as it came, or as a packet where it came from another format.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub fn forward(&mut self, event: &Event<'_>, packet: Option<&Packet<'_>>) -> io::Result<()> {
        self.end.written();
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
        self.write_packet(|| *event, |room| event.encode_into(room))
    }

    /// Writes an event with other tags.
    ///
    /// # Errors
    ///
    /// As [`Out::emit`].
    pub fn retag(
        &mut self,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
        tags: &TagsBuf,
    ) -> io::Result<()> {
        let event = || Event { tags: Some(tags.as_tags()), ..*event };
        match packet {
            Some(packet) => self.write_packet(event, |room| packet.retag_into(tags, room)),
            None => self.emit(&event()),
        }
    }

    /// Writes the packet of an event, which `put` puts into room that is large enough.
    #[inline(always)]
    fn write_packet<'e>(
        &mut self,
        event: impl Fn() -> Event<'e>,
        put: impl Fn(&mut [u8]) -> Result<Option<usize>, EncodeError>,
    ) -> io::Result<()> {
        self.end.written();
        let mut put_length = put(&mut self.room);
        if put_length == Ok(None)
            && let Ok(length) = event().encoded_length()
        {
            self.room.resize(length.next_power_of_two(), 0);
            put_length = put(&mut self.room);
        }
        match put_length {
            Ok(Some(length)) => self.console.stdout.write_all(&self.room[..length]),
            _ => write_event(&event(), &mut self.console.stdout),
        }
    }

    /// Passes on bytes that belong to no packet: in the stream, or beside a report.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub fn text(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.no_text {
            return self.left_out();
        }
        self.end.text(bytes);
        match self.summary {
            None => self.console.stdout.write_all(bytes),
            Some(_) => self.aside(bytes),
        }
    }

    /// Passes on damage. In a stream it stays damage, also where text is dropped: the next reader must not take
    /// the stream for whole. Beside a report its bytes are text.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub fn damage(&mut self, damage: &Damage<'_>) -> io::Result<()> {
        if self.summary.is_some() {
            return self.text(damage.bytes);
        }
        let after = self.end.damage(damage, self.no_text);
        [damage.bytes, &after].iter().try_for_each(|bytes| self.console.stdout.write_all(bytes))
    }

    /// The next piece of the stream is read.
    #[inline(always)]
    pub(super) fn begin(&mut self) {
        self.end.begin();
    }

    /// It is done with. If it was not written, at least not now, damage around it shows all the same.
    ///
    /// # Errors
    ///
    /// Those of the output.
    #[inline(always)]
    pub(super) fn done(&mut self) -> io::Result<()> {
        if self.end.minds_gaps() { self.left_out() } else { Ok(()) }
    }

    /// Something is not written.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub(crate) fn left_out(&mut self) -> io::Result<()> {
        self.console.stdout.write_all(&self.end.left_out())
    }

    /// Passes on other people's output to standard error.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub fn aside(&mut self, bytes: &[u8]) -> io::Result<()> {
        let pass = if self.edits { style::pass_edited } else { style::pass_text };
        pass(self.console.stderr_look, bytes, &mut self.console.stderr)
    }
}

/// Writes an event as packets: several where its content is too long for one.
///
/// # Errors
///
/// Those of the output; [`io::ErrorKind::InvalidInput`] where the event cannot be a packet, with the id of its test.
pub(crate) fn write_event(event: &Event<'_>, output: &mut dyn Write) -> io::Result<()> {
    Writer::with_limit(output, MAX_LENGTH).event(event).map_err(|error| named(event, error))
}

/// The error with the id of the test in front, where the event is what is wrong.
fn named(event: &Event<'_>, error: io::Error) -> io::Error {
    const LONGEST: usize = 100;
    if error.kind() != io::ErrorKind::InvalidInput {
        return error;
    }
    let id = event.test_id.unwrap_or("(no test)");
    let shown: String = id.chars().take(LONGEST).collect();
    let more = if shown.len() < id.len() { "..." } else { "" };
    io::Error::new(error.kind(), format!("{shown}{more}: {error}"))
}
