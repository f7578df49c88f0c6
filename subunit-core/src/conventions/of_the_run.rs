//! Which failures tell of a run, and of no test?

use super::{INCOMPLETE, REASON};
use crate::Tags;

/// The id of the failure of a run that was told to stop, and so does not say all.
pub const STOPPED_RUN: &str = "(interrupted)";

/// How the [`REASON`] of a failure begins that is none of the test: its run was told to stop while it was running.
/// What happened follows after a colon, if more is known.
pub const INTERRUPTED: &str = "interrupted";

/// Whether this file says that its test was cut off, as by ^C: see [`INTERRUPTED`].
pub fn is_cut_off(file_name: &str, bytes: &[u8]) -> bool {
    let after = bytes.strip_prefix(INTERRUPTED.as_bytes()).filter(|_| file_name == REASON);
    after.is_some_and(|rest| matches!(rest.first(), None | Some(b':' | b' ' | b'\n')))
}

/// Ids that name no test: readers and programs use them to report that something is wrong with the run or
/// with the report of it. Names of groups may stand before them, and `>` between. Ids in parentheses and
/// those that end with ` report` belong here as well.
const OF_THE_RUN: [&str; 14] = [
    "plan",
    "pragma strict",
    "bail-out",
    "line",
    "long line",
    "torn message",
    "suites",
    "build problem",
    "build status",
    "session",
    "command",
    "standard input",
    "testsuite",
    "",
];

/// Whether a failure of this id is about the run, or about a report of it, and not about any test: the plan
/// is broken, the command failed, results are missing. Such a failure says nothing about a failure of that
/// name in another run.
pub fn tells_of_the_run(test_id: &str, runnable: bool, tags: Option<Tags<'_>>) -> bool {
    if tags.is_some_and(|tags| tags.iter().any(|tag| tag == INCOMPLETE)) {
        return true;
    }
    let name = test_id.rsplit(" > ").next().unwrap_or(test_id);
    let is_aside = || name.starts_with('(') && name.ends_with(')');
    !runnable && (OF_THE_RUN.contains(&name) || name.ends_with(" report") || is_aside())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_says_whether_its_test_was_cut_off() {
        for reason in ["interrupted", "interrupted\n", "interrupted: killed by signal 2 (SIGINT)\n"]
        {
            assert!(is_cut_off(REASON, reason.as_bytes()), "{reason}");
            assert!(!is_cut_off("stdout", reason.as_bytes()), "{reason}");
        }
        for reason in ["", "interruptedly", "it was interrupted", "Interrupted: system call"] {
            assert!(!is_cut_off(REASON, reason.as_bytes()), "{reason}");
        }
    }
}
