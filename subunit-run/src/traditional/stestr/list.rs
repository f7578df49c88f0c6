//! `stestr list`, and the listing of a run.

use std::io::{self, Write};

use super::{
    call::StestrCall,
    exit::NOT_LISTED,
    look::time_key,
    python::Python,
    select::{is_asked_for, select, selection_of},
};
use crate::{
    config::stestr::Stestr,
    traditional::{
        error::VerbError,
        exit::VerbEnd,
        work::{listing::ListError, runner::SuiteRunner},
    },
};

/// `stestr list`. No repository is needed.
pub(super) fn list(call: &StestrCall) -> VerbEnd {
    let options = call.options();
    let config = Stestr::read(".".as_ref(), options.config.as_deref()).map_err(VerbError::new)?;
    let python = Python::find()?;
    let suite = config.suite(".".as_ref(), &options, &python.runner).map_err(VerbError::new)?;
    let mut runner = SuiteRunner::new(&suite, &[], |_| {}, time_key)?;
    runner.set_workers(0)?;
    let mut ids = listed(&mut runner)?;
    if is_asked_for(call) {
        ids = select(ids, &selection_of(call)?);
    } else if runner.workers > 1 {
        // As stestr does: once to divide the tests, and once to show them.
        ids = listed(&mut runner)?;
    }
    ids.iter().try_for_each(|id| writeln!(io::stdout(), "{id}"))?;
    Ok(0)
}

/// All tests. A listing that fails shows why.
pub(super) fn listed(runner: &mut SuiteRunner<'_>) -> Result<Vec<String>, VerbError> {
    match runner.list() {
        Err(ListError::Failed { shown, .. }) => {
            let mut out = io::stdout();
            let line = "=".repeat(25);
            write!(out, "\n{line}\nFailures during discovery\n{line}\n")?;
            out.write_all(&shown)?;
            writeln!(
                out,
                "\n{}\nThe above traceback was encountered during test discovery which imports all \
                 the found test modules in the specified test_path.",
                "=".repeat(80)
            )?;
            Err(VerbError::silent(NOT_LISTED))
        }
        listed => Ok(listed?),
    }
}
