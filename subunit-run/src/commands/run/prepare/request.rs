//! What a run asks of one of its suites.

use subunit_filters::asides;

use crate::commands::run::args::Run;

/// One suite of a run.
pub(super) struct SuiteRequest {
    /// What is asked of it.
    pub(super) run: Run,
    /// The hop in front of its routes, where several runners have tests.
    pub(super) route: Option<String>,
    /// What this is a run of, if that is not the suite alone.
    pub(super) of_run: Option<asides::Run>,
    /// Whether there are other suites that do not run.
    pub(super) is_part: bool,
    /// Whether nothing runs but its listing.
    pub(super) only_lists: bool,
}
