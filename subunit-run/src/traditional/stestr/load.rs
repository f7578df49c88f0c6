//! `stestr load`.

use super::{Ended, call::Call, keep::keep, style::Settings};
use crate::{
    memory::RepositoryError,
    traditional::{
        failure::Failure,
        work::{
            record::{read_files, read_stdin},
            workers::Outcome,
        },
    },
};

/// `stestr load`. Nothing is noted of workers.
pub(super) fn load(call: &Call) -> Ended {
    let settings = Settings::new(call, "load")?;
    let look = settings.look_of_load()?;
    let mut repository = match call.open() {
        Err(RepositoryError::Missing { .. }) if settings.has("force-init") => call.init()?,
        opened => opened?,
    };
    let after = call.given.text("id").map(number_of).transpose()?;
    let files = &call.given.arguments;
    let verdict = keep(&mut repository, after, (look, call.has("quiet")), |intake| {
        intake.omit_numbers();
        let complaints =
            if files.is_empty() { read_stdin(intake)? } else { read_files(files, intake)? };
        Ok(Outcome { complaints, ..Outcome::default() })
    })?;
    Ok(verdict.status)
}

/// The number of a run.
pub(super) fn number_of(text: &str) -> Result<u64, Failure> {
    text.parse().map_err(|_| Failure::new(RepositoryError::NoSuchRun))
}
