//! The suite that an adapter makes.

use std::path::Path;

use super::{files, runner_commands::RunnerCommands};
use crate::config::{Adapted, Concurrency, Origin, Suite};

/// What it is made of, for people.
pub(super) struct MadeOf<'a> {
    /// The runner.
    pub(super) runner: &'static str,
    /// Why it is this one.
    pub(super) why: &'a str,
    /// Its command.
    pub(super) command: String,
}

/// Sets how a suite lists and runs tests.
pub(super) fn complete(
    suite: &mut Suite,
    commands: RunnerCommands,
    made: MadeOf<'_>,
) -> Result<(), String> {
    let runner = made.runner;
    let is_elsewhere = suite.instance_execute.is_some()
        || suite.instances.iter().any(|instance| instance.host.is_some());
    if commands.needs_python_path && is_elsewhere {
        return Err(format!(
            "{runner}: its worker is not on instances: give test_command there, and no runner"
        ));
    }
    suite.test_command = commands.command;
    suite.test_list_option = Some(commands.list_option);
    suite.test_id_option = commands.id_option;
    suite.incremental = commands.incremental;
    suite.console = commands.console;
    let mut set =
        vec!["test_command", "test_list_option", "test_id_option", "incremental", "console"];
    if let Some(jobs) = commands.jobs.filter(|_| suite.concurrency.is_none()) {
        suite.concurrency = Some(Concurrency::Workers(jobs));
        set.push("concurrency");
    }
    let mut files = None;
    if commands.needs_python_path {
        let folder = files::write();
        let folder =
            folder.map_err(|error| format!("the worker of {runner} cannot be written: {error}"))?;
        put_on_python_path(suite, folder.path());
        set.push("environment.PYTHONPATH");
        files = Some(folder);
    }
    for key in set {
        let origin = Origin { place: format!("{runner}: {}", made.why), line: None, command: None };
        suite.origins.insert(key.to_owned(), origin);
    }
    suite.adapted = Some(Adapted {
        runner,
        command: made.command,
        fail_fast: commands.fail_fast,
        note: commands.note,
        files,
    });
    Ok(())
}

/// Puts a folder in front of where Python looks for modules.
fn put_on_python_path(suite: &mut Suite, folder: &Path) {
    let folder = folder.display().to_string();
    let before = match suite.environment.get("PYTHONPATH") {
        Some(configured) => configured.clone(),
        None => std::env::var("PYTHONPATH").unwrap_or_default(),
    };
    let path = if before.is_empty() { folder } else { format!("{folder}:{before}") };
    suite.environment.insert("PYTHONPATH".to_owned(), path);
}
