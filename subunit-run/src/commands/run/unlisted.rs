//! A suite whose tests cannot be listed: one process runs all of them.

use subunit_filters::exit::Error;

use super::args::Run;
use crate::{
    config::{Suite, command::can_choose},
    selection::Choice,
};

/// Refuses what needs to know the tests beforehand, or to choose one of them.
pub(super) fn check(run: &Run, choice: &Choice, suite: &Suite) -> Result<(), Error> {
    let asked = [
        (Some("--quarantined"), run.quarantined.is_some()),
        (run.select.given(), !choice.is_all() || run.select.is_part()),
        (Some("--isolated"), run.isolated),
        (Some("`incremental = true`"), suite.incremental),
    ];
    if let Some((asked, _)) = asked.into_iter().find(|(_, is_asked)| *is_asked) {
        let asked = asked.unwrap_or("a selection");
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
    Ok(())
}
