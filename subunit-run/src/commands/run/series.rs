//! With which runs a run may be compared, and what is different for some of them.

use std::path::Path;

use subunit_filters::{asides, exit::Error};

use super::{args::Run, dirty::is_dirty};
use crate::config::{Suite, overrides::Overrides};

/// What the run is a run of.
pub(super) fn run_of(suite: &Suite, args: &Run) -> asides::Run {
    let command = suite.adapted.as_ref().map_or(&suite.test_command, |adapted| &adapted.command);
    run_of_line(command, args)
}

/// A run of this command.
pub(super) fn run_of_line(command: &str, args: &Run) -> asides::Run {
    let run = asides::Run::of_line(command).with_changes(is_dirty(Path::new(".")));
    let variant = args.variant.clone();
    let usual = || match (run.branch(), &variant) {
        (Some(branch), Some(variant)) => Some(format!("{branch}/{variant}")),
        (branch, variant) => branch.map(str::to_owned).or_else(|| variant.clone()),
    };
    let series = args.series.clone().or_else(usual);
    run.in_series(series, variant)
}

/// What is different in this run: `series` is the name that was given, or the branch.
pub(super) fn overrides(suite: &Suite, args: &Run, run: &asides::Run) -> Result<Overrides, Error> {
    let series = args.series.as_deref().or_else(|| run.branch());
    Overrides::new(suite, series, args.variant.as_deref())
        .map_err(|error| Error::Usage(error.to_string()))
}
