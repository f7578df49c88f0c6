//! The suite that an adapter makes.

use std::path::Path;

use super::{files, runner_commands::RunnerCommands, worker::FOLDER};
use crate::config::{Adapted, Concurrency, CoverageSettings, Origin, Suite};

/// What it is made of, for people.
pub(super) struct MadeOf<'a> {
    /// The runner.
    pub(super) runner: &'static str,
    /// Why it is this one.
    pub(super) why: &'a str,
    /// The same as a clause.
    pub(super) because: String,
    /// Its command.
    pub(super) command: String,
    /// The program that its command starts.
    pub(super) program: Option<&'a str>,
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
    let needs_files = commands.needs_python_path || commands.needs_files;
    if needs_files && is_elsewhere {
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
    if let Some(batch) = commands.batch.filter(|_| !suite.origins.contains_key("batch")) {
        suite.batch = batch;
        set.push("batch");
    }
    if let Some(programs) = commands.programs {
        put_in_front(suite, "PATH", &programs_above(&suite.folder, programs));
        set.push("environment.PATH");
    }
    if let Some(merge) = &commands.coverage.merge {
        let CoverageSettings { environment, .. } = &mut suite.coverage;
        environment.extend(commands.coverage.environment);
        suite.coverage.merge_first(merge);
        set.push("coverage.merge");
    }
    let mut files = None;
    if needs_files {
        let folder = files::write();
        let folder =
            folder.map_err(|error| format!("the worker of {runner} cannot be written: {error}"))?;
        let path = folder.path().display().to_string();
        if commands.needs_python_path {
            put_in_front(suite, "PYTHONPATH", &path);
            set.push("environment.PYTHONPATH");
        } else {
            suite.environment.insert(FOLDER.to_owned(), path);
        }
        files = Some(folder);
    }
    for key in set {
        let origin = Origin { place: format!("{runner}: {}", made.why), line: None, command: None };
        let origins = match key.strip_prefix("coverage.") {
            Some(_) => &mut suite.coverage.origins,
            None => &mut suite.origins,
        };
        let key = key.strip_prefix("coverage.").unwrap_or(key);
        origins.insert(key.to_owned(), origin);
    }
    let missing = made.program.filter(|program| !is_elsewhere && !is_there(program, suite));
    let missing = missing.map(|program| {
        format!(
            "{runner} ({}): there is no program `{program}`: install it, or name the command, as in `subunit run -- \
             path/to/{}`",
            made.why,
            program.rsplit('/').next().unwrap_or(program)
        )
    });
    suite.adapted = Some(Adapted {
        runner,
        because: made.because,
        command: made.command,
        fail_fast: commands.fail_fast,
        starts_early: commands.needs_python_path && commands.incremental,
        lists_first: commands.lists_first && commands.incremental,
        lists_if_needed: commands.lists_if_needed,
        note: commands.note,
        missing,
        files,
    });
    Ok(())
}

/// Whether a shell of the suite finds a program.
fn is_there(program: &str, suite: &Suite) -> bool {
    if program.contains('/') {
        return suite.folder.join(program).is_file();
    }
    let path = match suite.environment.get("PATH") {
        Some(configured) => configured.into(),
        None => std::env::var_os("PATH").unwrap_or_default(),
    };
    std::env::split_paths(&path).any(|folder| suite.folder.join(folder).join(program).is_file())
}

/// Puts folders in front of those that a variable has.
fn put_in_front(suite: &mut Suite, variable: &str, folders: &str) {
    let before = match suite.environment.get(variable) {
        Some(configured) => configured.clone(),
        None => std::env::var(variable).unwrap_or_default(),
    };
    let parts = [folders, &before];
    let path: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    suite.environment.insert(variable.to_owned(), path.join(":"));
}

/// Where a folder, or one above it, has programs of the project.
fn programs_above(folder: &Path, programs: &str) -> String {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let found = folder.ancestors().map(|above| above.join(programs)).filter(|path| path.is_dir());
    found.map(|path| path.display().to_string()).collect::<Vec<_>>().join(":")
}
