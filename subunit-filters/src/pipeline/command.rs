//! A command instead of inputs: it is run, its output is read, and it is judged by its stream and its
//! status.

use std::ffi::OsString;

use subunit_formats::Format;

use super::{
    Filter, Out, ReportArgs,
    out::{CommandOutput, OutputContent},
    push::Pusher,
};
use crate::{
    console::{Console, Source},
    exit::{Error, Exit},
    interrupts::Signal,
};

/// The command that a report runs.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct CommandArgs {
    /// Give the command a pipe for its output, even on a terminal
    #[arg(long, requires = "command")]
    no_pty: bool,
    /// Exit with the `verdict`, or with the status of the `runner` if that is not 0
    #[arg(
        long,
        value_name = "WHOSE",
        default_value = "verdict",
        hide_possible_values = true,
        requires = "command"
    )]
    exit_status: Whose,
    /// Run this command and read its output
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// Whose exit status is ours.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, clap::ValueEnum)]
enum Whose {
    #[default]
    Verdict,
    Runner,
}

impl CommandArgs {
    /// Whether there is a command to run.
    pub fn is_given(&self) -> bool {
        !self.command.is_empty()
    }

    /// The words of the command, unless one of them is no text, or it is asked how its process runs.
    pub fn plain_words(&self) -> Option<Vec<&str>> {
        if self.no_pty || self.exit_status == Whose::Runner {
            return None;
        }
        self.command.iter().map(|word| word.to_str()).collect()
    }
}

/// A run that this program makes itself: its stream is read as it comes. It answers signals, and its
/// stream tells of its end.
pub trait Producer: Source {
    /// The signal by which it was stopped; after its end.
    fn stopped_by(&self) -> Option<Signal>;

    /// A person asks something of it. A run that cannot do that goes on as it does.
    fn steer(&mut self, _steering: Steering) {}
}

/// What a person who watches a run asks of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Steering {
    /// No more tests begin.
    Pause,
    /// They begin again.
    Resume,
    /// The run stops, as by ^C; asked twice, as by a second one.
    Stop,
    /// A worker is told this, which waits for an answer.
    Type {
        /// The route of the worker.
        route: String,
        /// What was typed, with the end of the line.
        text: Vec<u8>,
    },
}

/// What a report is made of.
pub enum Judged<'i> {
    /// The files of its arguments, or standard input.
    Inputs,
    /// A command, if one is given.
    Command(&'i CommandArgs),
    /// A run that this program makes, of packets only.
    Run(&'i mut dyn Producer),
}

impl Judged<'_> {
    /// Whether a person may have to answer on the terminal.
    pub(crate) fn has_prompts(&self) -> bool {
        match self {
            Self::Inputs => false,
            Self::Command(command) => command.is_given(),
            Self::Run(_) => true,
        }
    }
}

/// Runs a filter whose output is a report, as [`run_report`](super::run_report), of what is given. What
/// asks to end is heard.
///
/// # Errors
///
/// If an input cannot be read, the command cannot be started, or the output cannot be written.
pub fn run_judged(
    filter: impl Filter,
    args: &ReportArgs,
    judged: Judged<'_>,
    console: &mut Console<'_>,
) -> Result<Exit, Error> {
    let command = match judged {
        Judged::Run(run) => return run_produced(filter, args, run, console),
        Judged::Command(command) if command.is_given() => command,
        Judged::Command(_) | Judged::Inputs => {
            console.interrupts.catch()?;
            return super::run_report(filter, args, console);
        }
    };
    if let Some(file) = args.inputs.files.first() {
        let name = file.display();
        let message = "cannot read both files and a command: remove one of them";
        return Err(Error::Usage(format!("{name}: {message}")));
    }
    if args.judge.has_labels() {
        let message = "--label names files: a command has its own name";
        return Err(Error::Usage(message.to_owned()));
    }
    let mut out = Out::judged(console, filter.summary(), args)?;
    run_command(filter, args, command, &mut out)
}

/// Reads a run that this program makes.
fn run_produced(
    mut filter: impl Filter,
    args: &ReportArgs,
    run: &mut dyn Producer,
    console: &mut Console<'_>,
) -> Result<Exit, Error> {
    let mut out = Out::judged(console, filter.summary(), args)?;
    super::read(run, Some(Format::Subunit), &mut filter, None, &mut out)?;
    let stopped = run.stopped_by();
    match stopped {
        None => super::say_missing(&mut filter, &mut out)?,
        Some(signal) => {
            let mut pusher = Pusher::new(&mut filter, &mut out, None);
            pusher.interrupted(signal);
            pusher.end(true)?;
        }
    }
    filter.finish(&mut out)?;
    out.console.flush()?;
    if let Some(signal) = stopped {
        out.console.interrupts.raise(signal);
    }
    let verdict = filter.verdict(&out.summary.take().unwrap_or_default());
    Ok(Exit::of(verdict, args.allow_empty))
}

#[cfg(not(unix))]
fn run_command(
    _filter: impl Filter,
    _args: &ReportArgs,
    _command: &CommandArgs,
    _out: &mut Out<'_, '_>,
) -> Result<Exit, Error> {
    Err(Error::Usage("cannot run a command on this system: pipe its output in".into()))
}

/// What the one worker of a run finds, as those of a run with several. Its events have the route of this
/// program.
#[cfg(unix)]
fn environment(run: &crate::asides::Run) -> [(&'static str, OsString); 4] {
    const ROUTE: &str = "SUBUNIT_ROUTE";
    [
        ("SUBUNIT_RUN_ID", run.uuid().into()),
        ("SUBUNIT_WORKER", "0".into()),
        ("SUBUNIT_WORKERS", "1".into()),
        (ROUTE, std::env::var_os(ROUTE).unwrap_or_default()),
    ]
}

#[cfg(unix)]
fn run_command(
    mut filter: impl Filter,
    args: &ReportArgs,
    command: &CommandArgs,
    out: &mut Out<'_, '_>,
) -> Result<Exit, Error> {
    use crate::{asides, child::Process};
    let size = (out.console.stdout_look.terminal && !command.no_pty).then(terminal_size);
    out.edits = size.is_some();
    out.status_known = true;
    let run = asides::Run::of(&command.command);
    let mut process = Process::start(&command.command, size, &environment(&run))?;
    say_first(&run, &mut filter, out)?;
    read_outputs(&mut process, args.inputs.format.known(), &mut filter, out)?;
    say_end(&process, &mut filter, out)?;
    if process.stopped_by().is_none() {
        super::say_missing(&mut filter, out)?;
    }
    filter.finish(out)?;
    out.console.flush()?;
    if let Some(signal) = process.stopped_by() {
        out.console.interrupts.raise(signal);
    }
    let verdict = filter.verdict(&out.summary.take().unwrap_or_default());
    Ok(process.ended().judge(verdict, args.allow_empty, command.exit_status == Whose::Runner))
}

/// Reads what the command writes; and what it has written to its error output, if the other one tells of no test: that is
/// where some runners print their results.
#[cfg(unix)]
fn read_outputs(
    process: &mut crate::child::Process,
    format: Option<Format>,
    filter: &mut dyn Filter,
    out: &mut Out<'_, '_>,
) -> Result<(), Error> {
    out.output = CommandOutput::Standard(OutputContent::default());
    super::read(process, format, filter, None, out)?;
    let CommandOutput::Standard(found) = std::mem::replace(&mut out.output, CommandOutput::Error)
    else {
        return Ok(());
    };
    let is_over = found == OutputContent::Results || process.stopped_by().is_some();
    match process.take_error_output().filter(|_| !is_over) {
        Some(mut errors) => super::read(&mut errors, format, filter, None, out).map(drop)?,
        None if !is_over && found == OutputContent::Text => {
            Pusher::new(filter, out, None).end(false)?;
        }
        None => {}
    }
    out.output = CommandOutput::Only;
    Ok(())
}

/// What the run is a run of stands first in its stream: what the command says of that adds to it.
#[cfg(unix)]
fn say_first(
    run: &crate::asides::Run,
    filter: &mut dyn Filter,
    out: &mut Out<'_, '_>,
) -> Result<(), Error> {
    use subunit_core::sink::Sink;

    let mut pusher = Pusher::new(filter, out, None);
    pusher.event(&run.event().as_event());
    pusher.failed.map_or(Ok(()), |error| Err(error.into()))
}

/// What the end of the command adds to its stream.
#[cfg(unix)]
fn say_end(
    process: &crate::child::Process,
    filter: &mut dyn Filter,
    out: &mut Out<'_, '_>,
) -> Result<(), Error> {
    use subunit_core::sink::Sink;

    if let Some(remark) = process.remark() {
        out.console.say(remark)?;
    }
    let closed = out.summary.as_ref().map(|summary| process.closed_tests(summary.open()));
    let mut pusher = Pusher::new(filter, out, None);
    for event in closed.iter().flatten() {
        pusher.event(&event.as_event());
    }
    if let Some(signal) = process.stopped_by() {
        pusher.interrupted(signal);
    }
    let counts = pusher.out.summary.as_ref().map(|summary| summary.counts()).unwrap_or_default();
    if let Some(failure) = process.failure(&counts) {
        pusher.event(&failure.as_event());
    }
    pusher.event(&process.ended().file().as_event());
    pusher.end(true)
}

/// Columns and lines of the terminal on standard output; common ones where it does not tell.
#[cfg(unix)]
fn terminal_size() -> (u16, u16) {
    terminal_size::terminal_size().map_or((80, 24), |(columns, lines)| (columns.0, lines.0))
}
