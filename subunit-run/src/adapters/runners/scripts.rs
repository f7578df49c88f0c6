//! Scripts: each executable of a folder is a test. 0 is a pass, 77 a skip, anything else a failure.

use std::path::Path;

use subunit_formats::report::shell;

use crate::adapters::{
    adapter::{Adapter, RunnerSign},
    project::Project,
    runner_commands::RunnerCommands,
    words::CommandWords,
    worker::{LIST, SCRIPTS},
};

pub(super) const ADAPTER: Adapter = Adapter {
    name: "scripts",
    looks_for: "nothing by itself: name the folder, as in `subunit run -- tests.d`",
    detect,
    recognise,
    commands,
    worker: None,
};

/// What is executable in a folder need not be a test: a person says which folder it is.
fn detect(_: &Project) -> Option<RunnerSign> {
    None
}

/// Folders instead of a command.
fn recognise(words: &[&str]) -> Option<usize> {
    words.iter().all(|word| Path::new(word).is_dir()).then_some(0)
}

fn commands(line: &CommandWords, _: &Project) -> RunnerCommands {
    let ours = std::env::current_exe().unwrap_or_else(|_| "subunit-run".into());
    let ours = shell::quoted([ours.to_string_lossy().as_ref(), SCRIPTS]);
    RunnerCommands {
        command: line.with_runner(&ours, "$LISTOPT"),
        list_option: LIST.to_owned(),
        incremental: true,
        console: true,
        ..RunnerCommands::default()
    }
}
