//! A suite whose tests cannot be listed: one process runs all of them.

use subunit_filters::exit::Error;

use super::args::Run;
use crate::{
    config::{
        Suite,
        command::{can_choose, can_list},
    },
    selection::Choice,
};

/// What needs to know the tests beforehand, as people call it.
fn needs_listing<'r>(run: &'r Run, choice: &Choice, suite: &Suite) -> Option<&'r str> {
    let asked = [
        (Some("--quarantined"), run.quarantined.is_some()),
        (run.select.given(), !choice.is_all() || run.select.is_part()),
        (Some("--isolated"), run.isolated),
        (Some("`incremental = true`"), suite.incremental),
    ];
    let (asked, _) = asked.into_iter().find(|(_, is_asked)| *is_asked)?;
    Some(asked.unwrap_or("a selection"))
}

/// Whether one process runs all tests, and nobody lists them.
///
/// # Errors
///
/// If the tests cannot be listed, and something needs that, or needs to choose one of them.
pub(super) fn is_unlisted(run: &Run, choice: &Choice, suite: &Suite) -> Result<bool, Error> {
    let asked = needs_listing(run, choice, suite);
    if can_list(suite, &[]) {
        let is_costly = suite.adapted.as_ref().is_some_and(|adapted| adapted.lists_if_needed);
        return Ok(is_costly && asked.is_none());
    }
    if let Some(asked) = asked {
        let message = match &suite.adapted {
            Some(adapted) => format!(
                "{asked} needs a listing of the tests, which {} does not give: use its own options, as in `subunit run -- {}`",
                adapted.runner, adapted.command
            ),
            None => format!("{asked} needs a listing of the tests: put $LISTOPT into test_command"),
        };
        return Err(Error::Usage(message));
    }
    let retries = suite.retries > 0 || suite.overrides.iter().any(|one| one.retries.is_some());
    if retries && !can_choose(suite, &[]) {
        let message =
            "retries need to choose a test: put $IDOPTION, $IDFILE or $IDLIST into test_command";
        return Err(Error::Usage(message.into()));
    }
    Ok(true)
}
