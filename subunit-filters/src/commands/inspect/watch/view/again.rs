//! How to run again what failed.

use subunit_core::{
    run::Mark,
    sink::{Summary, Verdict},
};
use subunit_formats::report::shell::quoted;

use crate::watch::{Ended, Run};

/// The words of a command that runs tests again, of which these failed, at most
/// [`Failures::KEPT`](crate::watch::failures::Failures::KEPT); or none if there is no such command.
pub type Again<'a> = dyn Fn(&[&str]) -> Option<Vec<String>> + 'a;

/// The line that says how to run the failures again, if there is such a command. A shell would not take control
/// characters as they are shown.
pub(super) fn run_again(
    again: Option<&Again<'_>>,
    run: &Run,
    unfinished: &[Ended],
    summary: &Summary,
) -> Option<String> {
    let again = again.filter(|_| summary.verdict() == Verdict::Failed)?;
    let ended = run.failures().kept().iter().chain(unfinished);
    let failed = ended.filter(|ended| ended.runnable && ended.mark != Some(Mark::Known));
    let failed: Vec<&str> = failed.filter_map(|ended| ended.name.test_id.as_deref()).collect();
    if failed.is_empty() {
        return None;
    }
    let command = quoted(again(&failed)?.iter().map(String::as_str));
    let is_plain = !command.chars().any(char::is_control);
    is_plain.then(|| format!("run again: {command}\n"))
}
