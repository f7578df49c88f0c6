//! Runs are kept and shown: the same way for `run` and `load`, and for stored runs.

use std::io::{self, Read, Stdout, Write};

use subunit_core::{
    Event,
    sink::{Flow, Sink},
};

use super::{FAILED, style::Look};
use crate::{
    memory::{Memory, Repository},
    traditional::{
        INTERRUPTED,
        failure::Failure,
        show::{
            results::{Results, write_summary},
            streamed::Streamed,
            tally::Tally,
            trace::Trace,
        },
        work::{
            intake::Intake,
            record::{Into, last_tally, take},
            workers::Outcome,
        },
    },
};

/// Standard output, or nothing with `--quiet`.
#[derive(Debug)]
pub(super) enum Out {
    Stdout(Stdout),
    Nothing,
}

impl Out {
    /// Standard output, unless it is to be quiet.
    pub(super) fn new(quiet: bool) -> Self {
        if quiet { Self::Nothing } else { Self::Stdout(io::stdout()) }
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(stdout) => stdout.write(bytes),
            Self::Nothing => Ok(bytes.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(stdout) => stdout.flush(),
            Self::Nothing => Ok(()),
        }
    }
}

/// What a run came to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Verdict {
    /// Whether all is well.
    pub(super) passed: bool,
    /// The exit status. It says nothing of the results if they were shown as a stream.
    pub(super) status: u8,
}

/// Keeps a run and shows it.
pub(super) fn keep(
    repository: &mut Repository,
    after: Option<u64>,
    (look, quiet): (Look, bool),
    feed: impl FnOnce(&mut Intake<'_>) -> Result<Outcome, Failure>,
) -> Result<Verdict, Failure> {
    let before = last_tally(repository)?;
    let mut shown = Shown::new(look, Out::new(quiet));
    let place = Into { partial: false, after };
    let (outcome, recording) = take(repository, place, &mut shown, feed)?;
    outcome.complaints.iter().for_each(|complaint| eprintln!("{complaint}"));
    let number = recording.finish()?.unwrap_or_default();
    repository.warnings().iter().for_each(|warning| eprintln!("{warning}"));
    let is_well = outcome.complaints.is_empty();
    let passed = shown.conclude(is_well, before.as_ref(), &number)?;
    let status = match (outcome.interrupted, passed || matches!(look, Look::Stream)) {
        (true, _) => INTERRUPTED,
        (false, true) => 0,
        (false, false) => FAILED,
    };
    Ok(Verdict { passed, status })
}

/// Shows a stored run. `before` is the run to compare it with.
pub(super) fn show(
    mut run: impl Read,
    number: &str,
    before: impl FnOnce() -> io::Result<Option<Tally>>,
    look: Look,
) -> Result<u8, Failure> {
    if let Look::Stream = look {
        io::copy(&mut run, &mut io::stdout())?;
        return Ok(0);
    }
    let mut shown = Shown::new(look, Out::new(false));
    subunit_core::read(run, &mut shown)?;
    let passed = shown.conclude(true, before()?.as_ref(), number)?;
    Ok(if passed { 0 } else { FAILED })
}

/// What shows a run.
#[derive(Debug)]
enum Shown {
    Stream(Streamed<Out>),
    Text(Results<Out>),
    Trace(Trace<Out>),
}

impl Shown {
    fn new(look: Look, out: Out) -> Self {
        match look {
            Look::Stream => Self::Stream(Streamed::new(out)),
            Look::Text => Self::Text(Results::new(out, Vec::new())),
            Look::Trace(style) => Self::Trace(Trace::new(out, style)),
        }
    }

    /// Shows the end of the run. Returns whether it passed; it did not if anything besides tests went wrong.
    fn conclude(self, is_well: bool, before: Option<&Tally>, number: &str) -> io::Result<bool> {
        let passed = |tally: &Tally| is_well && tally.failures == 0;
        match self {
            Self::Stream(streamed) => {
                let tally = streamed.close()?;
                Ok(passed(&tally) && tally.unexpected == 0)
            }
            Self::Text(results) => {
                let (tally, mut out) = results.into_tally()?;
                write_summary(&tally, passed(&tally), before, number, &mut out)?;
                Ok(passed(&tally) && tally.unexpected == 0)
            }
            Self::Trace(trace) => {
                let traced = trace.conclude()?;
                if let Some(complaint) = &traced.complaint {
                    eprint!("{complaint}");
                }
                Ok(traced.passed && is_well)
            }
        }
    }
}

impl Sink for Shown {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        match self {
            Self::Stream(streamed) => streamed.event(event),
            Self::Text(results) => results.event(event),
            Self::Trace(trace) => trace.event(event),
        }
    }

    fn finish(&mut self) {
        match self {
            Self::Stream(streamed) => streamed.finish(),
            Self::Text(results) => results.finish(),
            Self::Trace(trace) => trace.finish(),
        }
    }
}
