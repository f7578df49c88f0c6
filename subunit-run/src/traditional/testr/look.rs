//! The verbs that look into the repository.

use std::io::{self, Write};

use super::{BROKEN, Ended, FAILED, call::Call};
use crate::{
    config::testr::Testr,
    memory::{Memory, Repository, RepositoryError, Tool},
    traditional::{
        failure::Failure,
        show::{
            results::{Results, write_summary},
            table::write_table,
        },
        work::{
            record::tally_of,
            slowest::{SHOWN, slowest_of},
        },
    },
};

/// `testr init`.
pub(super) fn init(call: &Call<'_>) -> Ended {
    Repository::init(&call.folder(), Tool::Testr)?;
    Ok(0)
}

/// `testr stats`.
pub(super) fn stats(call: &Call<'_>) -> Ended {
    let repository = call.open()?;
    writeln!(io::stdout(), "runs={}", repository.next_number()?)?;
    Ok(0)
}

/// `testr last`.
pub(super) fn last(call: &Call<'_>) -> Ended {
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
    let mut results = Results::new(io::stdout(), filter_tags(call)?);
    subunit_core::read(run, &mut results)?;
    let (tally, mut out) = results.into_tally()?;
    let passed = tally.failures == 0;
    if !call.has("quiet") {
        write_summary(&tally, passed, before.as_ref(), &number.to_string(), &mut out)?;
    }
    Ok(if passed { 0 } else { FAILED })
}

/// `testr failing`.
pub(super) fn failing(call: &Call<'_>) -> Ended {
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
    let mut results = Results::new(out, filter_tags(call)?);
    if let Some(run) = repository.failing_run()? {
        subunit_core::read(run, &mut results)?;
    }
    let (tally, mut out) = results.into_tally()?;
    let number = repository.latest()?;
    let passed = tally.failures == 0;
    if !call.has("quiet") {
        write_summary(&tally, passed, None, &number.to_string(), &mut out)?;
    }
    Ok(if passed { 0 } else { FAILED })
}

/// `testr slowest`.
pub(super) fn slowest(call: &Call<'_>) -> Ended {
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

/// The tags that are not counted.
pub(super) fn filter_tags(call: &Call<'_>) -> Result<Vec<String>, Failure> {
    Ok(Testr::read(&call.here)?.filter_tags()?)
}

fn copy(mut run: impl io::Read) -> Ended {
    io::copy(&mut run, &mut io::stdout())?;
    Ok(0)
}
