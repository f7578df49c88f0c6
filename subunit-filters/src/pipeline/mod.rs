//! Streams in, a filter, its output: the one loop that all commands share.

mod baseline;
mod command;
mod damage;
mod edit;
mod expected;
mod filter;
mod heard;
mod inputs;
mod judge;
mod names;
mod out;
mod push;
mod read;
mod report_args;
#[cfg(test)]
mod tests;
mod words;

pub use command::{CommandArgs, Judged, Producer, Steering, run_judged};
pub(crate) use damage::{End, apart, shows_after};
pub use filter::Filter;
pub(crate) use filter::{broken_input, told_in_stream};
pub(crate) use inputs::format_names;
pub use inputs::{From, FromArg, FromOf, Inputs, TextArgs};
pub use judge::JudgeArgs;
pub use out::Out;
pub(crate) use out::write_event;
pub(crate) use push::Damaged;
use push::Pusher;
use read::read;
pub use report_args::ReportArgs;
use subunit_core::sink::Summary;
use subunit_formats::Format;
pub(crate) use words::offering;

use crate::{
    console::{Console, Source},
    exit::{Error, Exit},
    files::input::open,
};

/// Runs a filter whose output is a stream: text stays in its place, and the exit status says nothing
/// about the tests.
///
/// # Errors
///
/// If an input cannot be read or the output cannot be written.
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
/// If an input cannot be read or the output cannot be written.
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
/// If the input cannot be read or the output cannot be written.
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
/// If an input cannot be read or the output cannot be written.
pub fn run_report(
    filter: impl Filter,
    args: &ReportArgs,
    console: &mut Console<'_>,
) -> Result<Exit, Error> {
    let mut out = Out::judged(console, filter.summary(), args)?;
    out.labels = args.judge.labels(&args.inputs.files, filter.is_lossless())?;
    let filter = drive(filter, &args.inputs, &mut out)?;
    Ok(Exit::of(filter.verdict(&out.summary.unwrap_or_default()), args.allow_empty))
}

/// As [`run_report`], and gives the filter back, and what the streams have said: for commands that need
/// to know more than these streams.
///
/// # Errors
///
/// If an input cannot be read or the output cannot be written.
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
