//! `stestr list`, and the listing of a run.

use std::io::{self, Write};

use super::{
    Ended, NOT_LISTED,
    call::{Call, python},
    look::time_key,
    select::Selection,
};
use crate::{
    config::stestr::Stestr,
    traditional::{
        failure::Failure,
        work::{
            listing::ListError,
            runner::{SuiteRunner, count_workers},
        },
    },
};

/// `stestr list`. No repository is needed.
pub(super) fn list(call: &Call) -> Ended {
    let options = call.options();
    let config = Stestr::read(".".as_ref(), options.config.as_deref()).map_err(Failure::new)?;
    let suite = config.suite(".".as_ref(), &options, &python()).map_err(Failure::new)?;
    let mut runner = SuiteRunner::new(&suite, &[], |_| {}, time_key)?;
    runner.workers = count_workers(0, &suite)?;
    let mut ids = listed(&mut runner)?;
    if Selection::is_asked_for(call) {
        ids = Selection::of(call)?.of_ids(ids);
    } else if runner.workers > 1 {
        // As stestr does: once to divide the tests, and once to show them.
        ids = listed(&mut runner)?;
    }
    ids.iter().try_for_each(|id| writeln!(io::stdout(), "{id}"))?;
    Ok(0)
}

/// All tests. A listing that fails shows why.
pub(super) fn listed(runner: &mut SuiteRunner<'_>) -> Result<Vec<String>, Failure> {
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
            Err(Failure::silent(NOT_LISTED))
        }
        listed => Ok(listed?),
    }
}
