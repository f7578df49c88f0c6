//! `stestr load`.

use super::{
    call::{StestrCall, number_of},
    output::RunOutput,
    settings::UserSettings,
};
use crate::{
    memory::RepositoryError,
    traditional::{
        exit::VerbEnd,
        keep::Keeping,
        work::{
            record::{read_files, read_stdin},
            workers::RunEnd,
        },
    },
};

/// `stestr load`: streams become a run. Nothing is noted of workers.
pub(super) fn load(call: &StestrCall) -> VerbEnd {
    let settings = UserSettings::new(call, "load")?;
    let look = settings.look_of_load()?;
    let mut repository = match call.open() {
        Err(RepositoryError::Missing { .. }) if settings.has("force-init") => call.init()?,
        opened => opened?,
    };
    let after = call.given.text("id").map(number_of).transpose()?;
    let keeping = Keeping::of_stestr(look, after);
    let files = &call.given.arguments;
    let verdict = keeping.keep(&mut repository, RunOutput::new(call.has("quiet")), |intake| {
        intake.omit_numbers();
        let complaints =
            if files.is_empty() { read_stdin(intake)? } else { read_files(files, intake)? };
        Ok(RunEnd { complaints, ..RunEnd::default() })
    })?;
    Ok(verdict.status)
}
