//! Streams in, a filter, its output: the one loop that all commands share.

mod baseline;
mod command;
mod damage;
mod edit;
mod expected;
mod heard;
mod inputs;
mod judge;
mod names;
mod out;
mod push;
#[cfg(test)]
mod tests;
mod words;

use std::{io, time::Duration};

pub use command::{CommandArgs, run_judged};
pub(crate) use damage::{End, apart, shows_after};
use heard::Heard;
pub(crate) use inputs::format_names;
pub use inputs::{From, FromArg, FromOf, Inputs, ReportArgs, TextArgs};
pub use judge::JudgeArgs;
pub use out::Out;
pub(crate) use out::write_event;
pub(crate) use push::Damaged;
use push::Pusher;
use subunit_core::{
    Damage, Event, InputReader, Packet,
    sink::{Counts, Sink, Summary, Verdict},
};
use subunit_formats::{Format, auto::AutoReader, events::emit::Outcome};
pub(crate) use words::offering;

use crate::{
    console::{Console, Source},
    exit::{Error, Exit},
    input::open,
    packed::Torn,
};

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
    /// Whoever writes a stream passes the event on, all others are told of damage.
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

/// Runs a filter whose output is a stream: text stays in its place, and the exit status says nothing
/// about the tests.
///
/// # Errors
///
/// Where an input cannot be read or the output cannot be written.
pub fn run_filter(
    filter: impl Filter,
    inputs: &Inputs,
    text: TextArgs,
    console: &mut Console<'_>,
) -> Result<Exit, Error> {
    run_returning(filter, inputs, text, console)?;
    Ok(Exit::Passed)
}

/// As [`run_filter`], and gives the filter back, which knows what the exit status is.
///
/// # Errors
///
/// Where an input cannot be read or the output cannot be written.
pub fn run_returning<F: Filter>(
    filter: F,
    inputs: &Inputs,
    text: TextArgs,
    console: &mut Console<'_>,
) -> Result<F, Error> {
    let mut out = Out::new(console, None, text.no_text);
    drive(filter, inputs, &mut out)
}

/// As [`run_filter`], for one input of version 2 that is open, and gives the filter back; `name` is the input's, for
/// messages.
///
/// # Errors
///
/// Where the input cannot be read or the output cannot be written.
pub fn run_on<F: Filter>(
    mut filter: F,
    input: &mut dyn Source,
    name: &str,
    console: &mut Console<'_>,
) -> Result<F, Error> {
    let mut out = Out::new(console, None, false);
    read(input, Some(Format::Subunit), &mut filter, Some(name), &mut out)?;
    filter.finish(&mut out)?;
    out.console.flush()?;
    Ok(filter)
}

/// Runs a filter whose output is a report: text goes to standard error, and the exit status is the
/// verdict.
///
/// # Errors
///
/// Where an input cannot be read or the output cannot be written.
pub fn run_report(
    filter: impl Filter,
    args: &ReportArgs,
    console: &mut Console<'_>,
) -> Result<Exit, Error> {
    let mut out = Out::judged(console, &filter, args)?;
    out.labels = args.judge.labels(&args.inputs.files, filter.is_lossless())?;
    let filter = drive(filter, &args.inputs, &mut out)?;
    Ok(Exit::of(filter.verdict(&out.summary.unwrap_or_default()), args.allow_empty))
}

/// As [`run_report`], and gives the filter back, and what the streams have said: for commands that need
/// to know more than these streams.
///
/// # Errors
///
/// Where an input cannot be read or the output cannot be written.
pub fn run_and_summarise<F: Filter>(
    filter: F,
    inputs: &Inputs,
    text: TextArgs,
    console: &mut Console<'_>,
) -> Result<(F, Summary), Error> {
    let mut out = Out::new(console, Some(filter.summary()), text.no_text);
    let filter = drive(filter, inputs, &mut out)?;
    Ok((filter, out.summary.unwrap_or_default()))
}

/// Reads the streams, pushes what they hold through the filter, flushes whenever the input pauses.
///
/// Memory: see [`AutoReader`]; nothing is kept but what the filter keeps.
fn drive<F: Filter>(mut filter: F, inputs: &Inputs, out: &mut Out<'_, '_>) -> Result<F, Error> {
    inputs.refuse_output()?;
    if let Err(error) = read_all(&mut filter, inputs, out) {
        if !error.is_closed_pipe() {
            // That error is the one to report.
            let _ = filter.broken(&error.to_string(), out);
        }
        return Err(error);
    }
    out.edit.set_label(None);
    say_missing(&mut filter, out)?;
    filter.finish(out)?;
    out.console.flush()?;
    Ok(filter)
}

/// The failure that stands for what was not read.
pub(crate) fn broken_input(reason: &str) -> Event<'_> {
    Outcome::failure("(input)", reason).event()
}

/// Reads the streams, until a signal ends that.
fn read_all(filter: &mut dyn Filter, inputs: &Inputs, out: &mut Out<'_, '_>) -> Result<(), Error> {
    for (nth, path) in inputs.or_standard().into_iter().enumerate() {
        if nth > 0 {
            // Whatever the stream before ended with, damage in this one shows, and the other way round.
            out.left_out()?;
        }
        out.edit.set_label(out.labels.get_mut(nth).and_then(Option::take));
        let (mut input, name) = open(path, out.console)?;
        let name = (path.as_os_str() != "-").then_some(&*name);
        if !read(&mut *input, inputs.format.known(), filter, name, out)? {
            break;
        }
    }
    Ok(())
}

/// What was read of the streams, or of a command, is all: what was expected or listed and never ran is told. After a
/// signal that is no news.
fn say_missing(filter: &mut dyn Filter, out: &mut Out<'_, '_>) -> Result<(), Error> {
    if out.console.interrupts.heard().is_some() {
        return Ok(());
    }
    let Some(summary) = &out.summary else { return Ok(()) };
    let mut expected = std::mem::take(&mut out.expected);
    if let Some(unrun) = expected.unrun(summary) {
        out.console.say(unrun)?;
    }
    let mut pusher = Pusher::new(filter, out, None);
    expected.fail_missing(&mut pusher);
    pusher.failed.map_or(Ok(()), |error| Err(error.into()))
}

/// How much is asked of an input at once.
const BLOCK: usize = 256 * 1024;

/// A live stream that stands still for so long has paused: what it ended with is whole.
const PAUSE: Duration = Duration::from_millis(20);

/// A stream that stands still for so long within a packet is looked through for intact packets.
const GIVE_UP: Duration = Duration::from_secs(5);

/// Reads one stream to its end; `name` is that of its file, for messages. False where a signal has ended
/// the reading.
fn read(
    input: &mut dyn Source,
    format: Option<Format>,
    filter: &mut dyn Filter,
    name: Option<&str>,
    out: &mut Out<'_, '_>,
) -> Result<bool, Error> {
    let mut reader = AutoReader::new(format);
    if out.edits {
        reader = reader.with_prompts();
    }
    let mut pusher = Pusher::new(filter, out, name);
    let mut heard = Heard::default();
    let mut held = None;
    loop {
        if reader.is_waiting() && !pusher.wait(input, PAUSE)? {
            reader.pause(&mut pusher);
            pusher.flush()?;
            pusher.fall_silent(&mut reader, input, &mut held)?;
        }
        pusher.idle(input)?;
        if heard.ends(&pusher.out.console.interrupts, input, name.is_none()) {
            break;
        }
        let read = match input.read(&mut reader.space(BLOCK)[..BLOCK]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(source) => {
                if Torn::is(&source) {
                    // What was read of it is all that there is.
                    reader.finish(&mut pusher);
                    pusher.flush()?;
                    out.torn = true;
                }
                let name = name.unwrap_or("standard input").to_owned();
                return Err(Error::File { name, source });
            }
            Ok(0) => break,
            Ok(read) => read,
        };
        reader.filled(read, &mut pusher);
        // The input has paused, or a block is done: what is known is shown.
        pusher.flush()?;
    }
    let recognised = reader.finish(&mut pusher);
    if let Some(signal) = heard.ended {
        pusher.interrupted(signal);
    }
    pusher.end(recognised || heard.ended.is_some())?;
    Ok(heard.ended.is_none())
}
