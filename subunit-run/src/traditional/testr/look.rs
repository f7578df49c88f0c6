//! The verbs that look into the repository.

use std::io::{self, Read, Write};

use super::{
    call::TestrCall,
    exit::{BROKEN, FAILED},
};
use crate::{
    config::testr::Testr,
    memory::{Memory, Repository, RepositoryError, Tool},
    traditional::{
        error::VerbError,
        exit::VerbEnd,
        show::{
            table::write_table,
            tally::RunTally,
            view::{RunLook, RunView},
        },
        work::{
            record::tally_of,
            slowest::{SHOWN, slowest_of},
        },
    },
};

/// `testr init`.
pub(super) fn init(call: &TestrCall) -> VerbEnd {
    Repository::init(&call.folder(), Tool::Testr)?;
    Ok(0)
}

/// `testr stats`.
pub(super) fn stats(call: &TestrCall) -> VerbEnd {
    let repository = call.open()?;
    writeln!(io::stdout(), "runs={}", repository.next_number()?)?;
    Ok(0)
}

/// `testr last`.
pub(super) fn last(call: &TestrCall) -> VerbEnd {
    let repository = call.open()?;
    let number = repository.latest()?;
    let run = repository.stored(number)?;
    if call.has("subunit") {
        return copy(run);
    }
    let before = match number.checked_sub(1).map(|before| repository.stored(before)) {
        Some(Ok(run)) => Some(tally_of(run)?),
        // It was removed.
        Some(Err(RepositoryError::NoSuchRun)) | None => None,
        Some(Err(error)) => return Err(error.into()),
    };
    show(call, run, before.as_ref(), number)
}

/// `testr failing`.
pub(super) fn failing(call: &TestrCall) -> VerbEnd {
    let repository = call.open()?;
    if call.has("subunit") {
        return repository.failing_run()?.map_or(Ok(0), copy);
    }
    let mut out = io::stdout();
    if call.has("list") {
        let ids = repository.failing()?;
        ids.iter().try_for_each(|id| writeln!(out, "{id}"))?;
        return Ok(if ids.is_empty() { 0 } else { FAILED });
    }
    let run = repository.failing_run()?.unwrap_or_else(|| Box::new(io::empty()));
    show(call, run, None, repository.latest()?)
}

/// Shows a stored run.
fn show(call: &TestrCall, run: impl Read, before: Option<&RunTally>, number: u64) -> VerbEnd {
    let mut view = RunView::new(&look_of(call)?, false, io::stdout());
    subunit_core::read(run, &mut view)?;
    let passed = view.conclude(true, before, &number.to_string())?;
    Ok(if passed { 0 } else { FAILED })
}

/// `testr slowest`.
pub(super) fn slowest(call: &TestrCall) -> VerbEnd {
    let repository = call.open()?;
    let run = match repository.latest() {
        Ok(number) => repository.stored(number)?,
        Err(RepositoryError::NoTests) => return Ok(BROKEN),
        Err(error) => return Err(error.into()),
    };
    let shown = if call.has("all") { usize::MAX } else { SHOWN };
    let rows = slowest_of(run, &repository.times()?, str::to_owned, shown)?;
    if !rows.is_empty() {
        write_table(["Test id", "Runtime (s)"], &rows, &mut io::stdout())?;
    }
    Ok(0)
}

/// What a run looks like, as the options say. Text needs the configuration, for the tags that are not
/// counted.
pub(super) fn look_of(call: &TestrCall) -> Result<RunLook, VerbError> {
    if call.has("subunit") {
        return Ok(RunLook::Stream);
    }
    let filter_tags = Testr::read(&call.here)?.filter_tags()?;
    Ok(RunLook::Text { filter_tags, summary: !call.has("quiet") })
}

fn copy(mut run: impl Read) -> VerbEnd {
    io::copy(&mut run, &mut io::stdout())?;
    Ok(0)
}
