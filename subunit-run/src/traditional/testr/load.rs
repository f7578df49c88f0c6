//! `testr load`: streams become a run. What a run comes to is shown the same way for `testr run`.

use std::io::{self, Stdout};

use subunit_core::{
    Event,
    sink::{Flow, Sink},
};

use super::{Ended, FAILED, call::Call, look::filter_tags};
use crate::{
    memory::{Memory, Repository},
    traditional::{
        INTERRUPTED,
        failure::Failure,
        show::{
            results::{Results, write_summary},
            streamed::Streamed,
            tally::Tally,
        },
        work::{
            intake::Intake,
            record::{Into, last_tally, read_files, read_stdin, take},
            workers::Outcome,
        },
    },
};

/// How runs are shown.
#[derive(Clone, Debug)]
pub(super) struct Look {
    /// As a stream of packets.
    stream: bool,
    /// Tests with these tags are not counted.
    filter_tags: Vec<String>,
    /// Without a summary.
    quiet: bool,
}

impl Look {
    /// What the options say.
    pub(super) fn of(call: &Call<'_>) -> Result<Self, Failure> {
        let stream = call.has("subunit");
        let filter_tags = if stream { Vec::new() } else { filter_tags(call)? };
        Ok(Self { stream, filter_tags, quiet: call.has("quiet") })
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

/// `testr load`.
pub(super) fn load(call: &Call<'_>) -> Ended {
    let mut repository = call.open_or_init()?;
    let look = Look::of(call)?;
    let files = &call.given.arguments;
    let feed = |intake: &mut Intake<'_>| {
        let complaints =
            if files.is_empty() { read_stdin(intake)? } else { read_files(files, intake)? };
        Ok(Outcome { complaints, ..Outcome::default() })
    };
    let none = Some("There is no test in the streams");
    Ok(keep(&mut repository, call.has("partial"), &look, none, feed)?.status)
}

/// Keeps a run and shows it. A run without tests is kept only if nothing is `said_of_none`.
pub(super) fn keep(
    repository: &mut Repository,
    partial: bool,
    look: &Look,
    said_of_none: Option<&str>,
    feed: impl FnOnce(&mut Intake<'_>) -> Result<Outcome, Failure>,
) -> Result<Verdict, Failure> {
    let before = last_tally(repository)?;
    let mut shown = Shown::new(look);
    let place = Into { partial, after: None };
    let (outcome, recording) = take(repository, place, &mut shown, feed)?;
    let tally = shown.into_tally()?;
    if let Some(how) = outcome.not_started {
        return Err(Failure::new(format!("The test command cannot be started: {how}")));
    }
    outcome.complaints.iter().for_each(|complaint| eprintln!("{complaint}"));
    let passed = tally.failures == 0 && outcome.complaints.is_empty();
    if let Some(said) = said_of_none.filter(|_| tally.tests == 0 && passed) {
        return Err(Failure::with_status(said, FAILED));
    }
    let number = recording.finish()?.unwrap_or_default();
    repository.warnings().iter().for_each(|warning| eprintln!("{warning}"));
    if !look.stream && !look.quiet {
        write_summary(&tally, passed, before.as_ref(), &number, &mut io::stdout())?;
    }
    let status = match (outcome.interrupted, passed || look.stream) {
        (true, _) => INTERRUPTED,
        (false, true) => 0,
        (false, false) => FAILED,
    };
    Ok(Verdict { passed, status })
}

/// What shows a run.
#[derive(Debug)]
enum Shown {
    Stream(Streamed<Stdout>),
    Text(Results<Stdout>),
}

impl Shown {
    fn new(look: &Look) -> Self {
        if look.stream {
            Self::Stream(Streamed::new(io::stdout()))
        } else {
            Self::Text(Results::new(io::stdout(), look.filter_tags.clone()))
        }
    }

    fn into_tally(self) -> io::Result<Tally> {
        match self {
            Self::Stream(streamed) => streamed.close(),
            Self::Text(results) => results.into_tally().map(|(tally, _)| tally),
        }
    }
}

impl Sink for Shown {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        match self {
            Self::Stream(streamed) => streamed.event(event),
            Self::Text(results) => results.event(event),
        }
    }

    fn finish(&mut self) {
        match self {
            Self::Stream(streamed) => streamed.finish(),
            Self::Text(results) => results.finish(),
        }
    }
}
