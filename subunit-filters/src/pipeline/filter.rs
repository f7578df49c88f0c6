//! What a verb makes of a stream.

use std::{io, time::Duration};

use subunit_core::{
    Damage, Event, Packet,
    sink::{Counts, Sink, Summary, Verdict},
};
use subunit_formats::events::emit::Outcome;

use super::{Out, write_event};
use crate::{console::Console, exit::Error};

/// Reads a stream and makes something of it.
pub trait Filter {
    /// An event. `packet` is the packet it was read from, to be forwarded as it is; there is none for
    /// events that were read from another format.
    ///
    /// # Errors
    ///
    /// Those of the output.
    fn event(
        &mut self,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()>;

    /// Bytes outside packets.
    ///
    /// # Errors
    ///
    /// Those of the output.
    fn text(&mut self, bytes: &[u8], out: &mut Out<'_, '_>) -> io::Result<()> {
        out.text(bytes)
    }

    /// A place where a packet began and none could be read. Has been reported on standard error.
    ///
    /// # Errors
    ///
    /// Those of the output.
    fn damage(&mut self, damage: &Damage<'_>, out: &mut Out<'_, '_>) -> io::Result<()> {
        out.damage(damage)
    }

    /// What the command that is read has to say beside its stream.
    ///
    /// # Errors
    ///
    /// Those of the output.
    fn aside(&mut self, bytes: &[u8], out: &mut Out<'_, '_>) -> io::Result<()> {
        out.aside(bytes)
    }

    /// Damage in an input of a multiplexer, which says so by this event; counted, and reported on standard error.
    /// Filters that write a stream pass the event on; all others get it as damage.
    ///
    /// # Errors
    ///
    /// Those of the output.
    fn told_damage(
        &mut self,
        damage: &Damage<'_>,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
        out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        if out.summary.is_some() {
            return self.damage(damage, out);
        }
        self.event(event, packet, out)
    }

    /// How long the input may be silent before [`Filter::tick`] is called, again and again; never where
    /// there is none. For reports that show how time passes.
    fn tick_interval(&self) -> Option<Duration> {
        None
    }

    /// The input has paused, or a block of it is done, or it has been silent for one more
    /// [`Filter::tick_interval`]. What is written is flushed.
    ///
    /// # Errors
    ///
    /// Those of the output.
    fn tick(&mut self, _out: &mut Out<'_, '_>) -> io::Result<()> {
        Ok(())
    }

    /// All streams have ended.
    ///
    /// # Errors
    ///
    /// Those of the output.
    fn finish(&mut self, _out: &mut Out<'_, '_>) -> io::Result<()> {
        Ok(())
    }

    /// An input could not be read to its end, or something of it not be written. What is written of it so far must
    /// not pass for all of it: a failure says so. A report is made of what was read of an archive, of others none.
    ///
    /// # Errors
    ///
    /// Those of the output.
    fn broken(&mut self, reason: &str, out: &mut Out<'_, '_>) -> io::Result<()> {
        let failure = broken_input(reason);
        let Some(summary) = &mut out.summary else {
            self.finish(out)?;
            return out.emit(&failure);
        };
        if !out.torn {
            return Ok(());
        }
        summary.event(&failure);
        self.event(&failure, None, out)?;
        self.finish(out)
    }

    /// Whether all that is read comes out again: then nothing is added to it that is not asked for.
    fn is_lossless(&self) -> bool {
        false
    }

    /// How many tests never ended, where a report keeps the open ones itself: the summary need not then.
    fn unfinished(&self) -> Option<u64> {
        None
    }

    /// What a report counts by; its open tests and its tags where it asks for them.
    fn summary(&self) -> Summary {
        let summary = Summary::new().without_tags();
        if self.unfinished().is_some() { summary.without_open() } else { summary }
    }

    /// What a report says about the run; the summary's verdict, unless the report knows better.
    fn verdict(&self, summary: &Summary) -> Verdict {
        let counts = summary.counts();
        Counts { unfinished: self.unfinished().unwrap_or(counts.unfinished), ..counts }.verdict()
    }
}

/// The failure that represents what was not read.
pub(crate) fn broken_input(reason: &str) -> Event<'_> {
    Outcome::failure("(input)", reason).event()
}

/// What is written of an input that cannot be read must not pass for all: the stream gets a failure. The error is the one
/// to report.
pub(crate) fn told_in_stream<T>(
    result: Result<T, Error>,
    console: &mut Console<'_>,
) -> Result<T, Error> {
    if let Err(error) = &result
        && !error.is_closed_pipe()
    {
        let _ = write_event(&broken_input(&error.to_string()), &mut console.stdout);
    }
    result
}
