//! From a configuration and options to a run: of one suite, or of those of several runners.

mod request;
mod runners;
mod suite;

use std::collections::VecDeque;

use subunit_filters::{console::Console, exit::Error};

pub(super) use self::runners::Runners;
use self::{
    request::SuiteRequest,
    suite::{PreparedSuite, prepare_suite},
};
use super::args::{ChosenTests, Run};
use crate::supervise::{Descriptors, InTurn};

/// All that a run needs.
pub(super) struct Prepared {
    pub(super) run: InTurn,
    /// Which tests there were, before anything was asked of each.
    pub(super) tests: Vec<ChosenTests>,
    /// Whether other tests than those of this run stay known as failing.
    pub(super) partial: bool,
    /// What is known of the first suite: all remember one history, and only a configuration has more than that.
    pub(super) suite: PreparedSuite,
}

/// Gets a run ready or, with `only_lists`, its listing.
pub(super) fn prepare(
    run: &Run,
    only_lists: bool,
    console: &mut Console<'_>,
) -> Result<Prepared, Error> {
    // Before anything else is open.
    let descriptors = Descriptors::reserve();
    let requests = match Runners::of(run, &Run::folder()?) {
        Some(runners) => runners.requests(run, only_lists)?,
        None => {
            let run = run.clone();
            vec![SuiteRequest { run, route: None, of_run: None, is_part: false, only_lists }]
        }
    };
    let mut suites = VecDeque::new();
    let mut tests = Vec::new();
    let mut first: Option<PreparedSuite> = None;
    let mut partial = false;
    for request in requests {
        let (one, prepared) = prepare_suite(&request, &descriptors, console)?;
        suites.push_back((request.route.clone(), prepared));
        tests.push(ChosenTests { route: request.route, tests: one.tests.clone() });
        partial |= one.partial;
        first.get_or_insert(one);
    }
    let failed = |source| Error::System { name: "signals".into(), source };
    let run = InTurn::new(suites, descriptors).map_err(failed)?;
    let suite = first.ok_or_else(|| Error::Usage("there is no suite to run".into()))?;
    Ok(Prepared { run, tests, partial, suite })
}
