//! `on_change`: a command of the configuration is told which tests begin or cease to fail with a run.

use std::{io::Seek, path::Path};

use serde::Serialize;
use subunit_filters::{console::Console, exit::Error, style::escaped};
use subunit_history::{
    History,
    query::{PolicyChanges, RunRow},
};
use subunit_mux::process::Signals;

use crate::{
    callout,
    commands::history::{
        json::{self, JsonRun, JsonTest},
        place::error,
        policies::{LAST_RESULT, Policies},
    },
    config::PolicySettings,
};

/// What the command reads.
#[derive(Serialize)]
struct Told<'t> {
    runs: [JsonRun<'t>; 1],
    began: Vec<JsonTest<'t>>,
    ceased: Vec<JsonTest<'t>>,
}

/// Tells the command of a configuration what changed with each of these runs. What is wrong with it is told, and changes no
/// verdict.
pub(super) fn tell(
    command: &str,
    policies: &[PolicySettings],
    history: &History,
    runs: &[RunRow],
    folder: &Path,
    console: &mut Console<'_>,
) -> Result<(), Error> {
    let policies = match policies {
        [] => None,
        policies => Some(Policies::new(policies)?),
    };
    for run in runs {
        let policy = |id: &str| policies.as_ref().and_then(|all| all.of_test(id));
        let changes = history.changes_by(run, |test| policy(&test.id).unwrap_or(LAST_RESULT));
        let changes = changes.map_err(error)?;
        if changes.is_empty() {
            continue;
        }
        if let Err(what) = tell_one(command, run, &changes, folder, console) {
            console.say(format_args!("on_change: {what}"))?;
        }
    }
    Ok(())
}

fn tell_one(
    command: &str,
    run: &RunRow,
    changes: &PolicyChanges,
    folder: &Path,
    console: &mut Console<'_>,
) -> Result<(), Box<dyn std::error::Error>> {
    let began = changes.began.iter().map(JsonTest::named).collect();
    let ceased = changes.ceased.iter().map(JsonTest::named).collect();
    let mut file = tempfile::tempfile()?;
    json::write_to(&Told { runs: [run.into()], began, ceased }, &mut file)?;
    file.rewind()?;
    let mut signals = Signals::catch()?;
    let printed = callout::run_with(command, file, folder, callout::LIMIT, &mut signals)?;
    for line in String::from_utf8_lossy(&printed).lines() {
        console.say(format_args!("on_change: {}", escaped(console.stderr_look, line)))?;
    }
    Ok(())
}
