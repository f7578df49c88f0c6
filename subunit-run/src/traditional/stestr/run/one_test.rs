//! `stestr run --no-discover`: one test, without listing. It may ask a person.

use crate::{
    memory::Repository,
    traditional::{
        stestr::{
            Ended, FAILED, USAGE,
            call::{Call, python},
            keep::keep,
            run::said,
            style::Look,
        },
        work::workers,
    },
};

/// Runs the test that the options name.
pub(super) fn run(
    call: &Call,
    mut repository: Repository,
    after: Option<u64>,
    look: Look,
) -> Ended {
    let (no_discover, pdb) = (call.given.text("no-discover"), call.given.text("pdb"));
    if no_discover.is_some() && pdb.is_some() {
        let what =
            "--no-discover and --pdb are mutually exclusive options, only specify one at a time";
        return said(call, what, USAGE);
    }
    let until_failure = call.has("until-failure");
    if pdb.is_some() && until_failure {
        let what =
            "pdb mode does not function with the --until-failure flag, only specify one at a time";
        return said(call, what, USAGE);
    }
    let line = python().no_discovery(no_discover.or(pdb).unwrap_or_default());
    loop {
        let verdict = keep(&mut repository, after, (look, call.has("quiet")), |intake| {
            Ok(workers::attached(&line, intake)?)
        })?;
        if !until_failure {
            return Ok(verdict.status);
        }
        if !verdict.passed || verdict.status != 0 {
            return Ok(verdict.status.max(FAILED));
        }
    }
}
