//! The verbs that look into the repository.

use std::io::{self, Write};

use super::{
    call::StestrCall,
    exit::{FAILED, NO_TIMES},
    history::{show, show_run},
    settings::UserSettings,
};
use crate::{
    memory::{Memory, RepositoryError},
    schedule::without_tags,
    traditional::{
        exit::VerbEnd,
        show::{table::write_table, view::RunLook},
        work::slowest::{SHOWN, slowest_of},
    },
};

/// `stestr init`.
pub(super) fn init(call: &StestrCall) -> VerbEnd {
    call.init()?;
    Ok(0)
}

/// `stestr last`.
pub(super) fn last(call: &StestrCall) -> VerbEnd {
    show_run(call, "last", None)
}

/// `stestr failing`.
pub(super) fn failing(call: &StestrCall) -> VerbEnd {
    let settings = UserSettings::new(call, "failing")?;
    let repository = call.open()?;
    let run = repository.failing_run()?.unwrap_or_else(|| Box::new(io::empty()));
    if call.has("subunit") {
        return show(run, "", || Ok(None), &RunLook::Stream);
    }
    if settings.has("list") {
        let ids = repository.failing()?;
        ids.iter().try_for_each(|id| writeln!(io::stdout(), "{id}"))?;
        return Ok(if ids.is_empty() { 0 } else { FAILED });
    }
    let number = repository.latest()?.to_string();
    show(run, &number, || Ok(None), &RunLook::text())
}

/// `stestr slowest`.
pub(super) fn slowest(call: &StestrCall) -> VerbEnd {
    let shown = if call.has("all") { usize::MAX } else { SHOWN };
    show_slowest(call, shown)
}

/// The table of the slowest tests of the last run.
pub(super) fn show_slowest(call: &StestrCall, shown: usize) -> VerbEnd {
    let repository = call.open()?;
    let run = match repository.latest() {
        Ok(number) => repository.stored(number)?,
        Err(RepositoryError::NoTests) => return Ok(NO_TIMES),
        Err(error) => return Err(error.into()),
    };
    let rows = slowest_of(run, &repository.times()?, time_key, shown)?;
    if !rows.is_empty() {
        write_table(["Test id", "Runtime (s)"], &rows, &mut io::stdout())?;
    }
    Ok(0)
}

/// The id under which the time of a test is kept.
pub(super) fn time_key(id: &str) -> String {
    without_tags(id).into_owned()
}
