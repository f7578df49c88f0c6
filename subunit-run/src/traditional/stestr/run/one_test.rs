//! `stestr run --no-discover`: one test, without listing. It may ask a person.

use crate::{
    memory::Repository,
    traditional::{
        exit::{RunVerdict, VerbEnd},
        keep::Keeping,
        stestr::{call::StestrCall, output::RunOutput},
        work::workers,
    },
};

/// The test that the options name, if they name one.
///
/// # Errors
///
/// In a line, if options exclude each other.
pub(super) fn asked_for(call: &StestrCall) -> Result<Option<&str>, &'static str> {
    let (no_discover, pdb) = (call.given.text("no-discover"), call.given.text("pdb"));
    if no_discover.is_some() && pdb.is_some() {
        return Err(
            "--no-discover and --pdb are mutually exclusive options, only specify one at a time",
        );
    }
    if pdb.is_some() && call.has("until-failure") {
        return Err(
            "pdb mode does not function with the --until-failure flag, only specify one at \
                    a time",
        );
    }
    Ok(no_discover.or(pdb))
}

/// Runs the line that runs it.
pub(super) fn run(
    call: &StestrCall,
    line: &str,
    repository: &mut Repository,
    keeping: &Keeping,
) -> VerbEnd {
    let once = || {
        let output = RunOutput::new(call.has("quiet"));
        keeping.keep(repository, output, |intake| Ok(workers::attached(line, intake)?))
    };
    Ok(RunVerdict::until_failure(call.has("until-failure"), once)?.status)
}
