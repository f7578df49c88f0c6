//! Scripts: each executable of a folder, or of those that a configuration names, is a test. 0 is a pass, 77 a skip, anything
//! else a failure.

use std::path::Path;

use fancy_regex::escape;
use subunit_formats::report::shell;

use crate::{
    adapters::{
        adapter::{Adapter, RunnerSign},
        project::Project,
        runner_commands::RunnerCommands,
        words::{CommandWords, quoted},
        worker::{LIST, SCRIPT, SCRIPTS},
    },
    config::{Override, ScriptSettings, ScriptTests, regex::of_glob},
};

pub(in crate::adapters) const ADAPTER: Adapter = Adapter {
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
    worker(&line.with_runner(&ours(), "$LISTOPT"))
}

/// How the scripts of a configuration are listed and run.
pub(in crate::adapters) fn commands_of(scripts: &[ScriptSettings]) -> RunnerCommands {
    let words = scripts.iter().flat_map(|script| {
        // Both variants are text, which JSON has a form for.
        let tests = serde_json::to_string(&script.tests).unwrap_or_default();
        [SCRIPT.to_owned(), tests]
    });
    let words: Vec<String> = words.collect();
    worker(&format!("{} $LISTOPT {}", ours(), quoted(&words)))
}

fn ours() -> String {
    let ours = std::env::current_exe().unwrap_or_else(|_| "subunit-run".into());
    shell::quoted([ours.to_string_lossy().as_ref(), SCRIPTS])
}

fn worker(command: &str) -> RunnerCommands {
    RunnerCommands {
        command: command.to_owned(),
        list_option: LIST.to_owned(),
        incremental: true,
        console: true,
        ..RunnerCommands::default()
    }
}

/// What is different for these scripts, as a configuration says it of some tests.
pub(in crate::adapters) fn overrides(
    scripts: &[ScriptSettings],
) -> impl Iterator<Item = Override> + '_ {
    let is_other = |script: &&ScriptSettings| {
        script.test_timeout.is_some() || script.retries.is_some() || !script.environment.is_empty()
    };
    scripts.iter().filter(is_other).map(|script| Override {
        tests: Some(ids(&script.tests)),
        test_timeout: script.test_timeout,
        retries: script.retries,
        environment: script.environment.clone(),
        origin: script.origin.clone(),
        origins: script.origins.clone(),
        ..Override::default()
    })
}

/// A regex of their ids.
fn ids(tests: &ScriptTests) -> String {
    match tests {
        ScriptTests::Command { name, .. } => format!("^{}$", escape(name)),
        ScriptTests::Files { globs, .. } => {
            let globs: Vec<String> = globs.iter().map(|glob| of_glob(glob)).collect();
            globs.join("|")
        }
    }
}
