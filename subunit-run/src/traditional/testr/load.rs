//! `testr load`.

use std::io;

use super::{call::TestrCall, look::look_of};
use crate::traditional::{
    exit::VerbEnd,
    keep::Keeping,
    work::{
        record::{RunPlace, read_files, read_stdin},
        workers::RunEnd,
    },
};

/// `testr load`: streams become a run.
pub(super) fn load(call: &TestrCall) -> VerbEnd {
    let mut repository = call.open_or_init()?;
    let keeping = Keeping {
        place: RunPlace { partial: call.has("partial"), after: None },
        look: look_of(call)?,
        strict: false,
        needs_start: false,
        said_of_none: Some("There is no test in the streams"),
    };
    let files = &call.given.arguments;
    let verdict = keeping.keep(&mut repository, io::stdout(), |intake| {
        let complaints =
            if files.is_empty() { read_stdin(intake)? } else { read_files(files, intake)? };
        Ok(RunEnd { complaints, ..RunEnd::default() })
    })?;
    Ok(verdict.status)
}
