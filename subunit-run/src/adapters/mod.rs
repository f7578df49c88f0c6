//! Which runner has the tests of a folder or of a command line, and how does it list and run them? One row and
//! one file a runner. What an adapter makes is the [`Suite`] that a configuration would make: nothing else
//! in this crate knows runners.
//!
//! An adapter never adds an option that changes results.

mod adapter;
mod files;
pub(crate) mod init;
mod programs;
mod project;
mod runner_commands;
mod runners;
mod suite;
mod words;
mod worker;

use std::{
    ffi::{OsStr, OsString},
    path::Path,
    process::ExitCode,
};

use subunit_filters::cli::{elsewhere::is_program_in_path, mistake::nearest};

use self::{
    adapter::{Adapter, RunnerSign},
    project::Project,
    runners::{ADAPTERS, RUN_BY_ANOTHER, scripts},
    suite::MadeOf,
    words::{CommandWords, looked_through},
};
pub(crate) use self::{
    files::write_python_worker,
    worker::{LIMITS, NamedFiles, has_script},
};
use crate::config::Suite;

/// A runner and its command.
#[derive(Clone)]
pub(crate) struct Invocation {
    adapter: &'static Adapter,
    line: CommandWords,
    why: Why,
}

/// Why it is this runner, for people.
#[derive(Clone, Debug)]
enum Why {
    /// This is there: a file, or a line in one.
    Found(String),
    /// What a person typed, in a clause.
    Typed(String),
}

impl std::fmt::Debug for Invocation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({}): {:?}", self.adapter.name, self.why(), self.line)
    }
}

/// Whether an argument makes this program the worker of a runner.
pub(crate) fn is_worker(first: &OsStr) -> bool {
    worker::is_worker(first)
}

/// Runs this program as the worker of a runner, if its arguments ask for that.
pub(crate) fn run_as_worker(arguments: &[OsString]) -> Option<ExitCode> {
    worker::run_as_worker(arguments, |name| {
        ADAPTERS.iter().find(|adapter| adapter.name == name)?.worker
    })
}

/// Why a folder has no runner.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum NoRunner {
    /// There is no sign of any.
    #[error("No files of a runner are there: of {}; docs/runners.md says which", known())]
    None,
    /// There are signs of several.
    #[error("several runners have tests here: {}; name one: --runner={}", .0.join(", "), .1)]
    Several(Vec<String>, &'static str),
    /// No runner is called that.
    #[error("there is no runner `{0}`; {1}")]
    Unknown(String, String),
}

fn known() -> String {
    ADAPTERS.iter().map(|adapter| adapter.name).collect::<Vec<_>>().join(", ")
}

/// The runner whose tests a folder has.
///
/// # Errors
///
/// If there is no sign of one, or there are signs of several.
pub(crate) fn of_folder(folder: &Path) -> Result<Invocation, NoRunner> {
    let mut found = all_of_folder(folder);
    if found.len() > 1 {
        let names = found.iter().map(|runner| format!("{} ({})", runner.name(), runner.why()));
        return Err(NoRunner::Several(names.collect(), found[0].name()));
    }
    found.pop().ok_or(NoRunner::None)
}

/// The runners whose tests a folder has: those that a file names, or else those that files are made for.
pub(crate) fn all_of_folder(folder: &Path) -> Vec<Invocation> {
    let project = Project::new(folder);
    let signs =
        || ADAPTERS.iter().filter_map(|adapter| Some((adapter, (adapter.detect)(&project)?)));
    let certain: Vec<_> = signs().filter(|(_, sign)| sign.is_certain).collect();
    let mut found = if certain.is_empty() { signs().collect() } else { certain };
    for (runner, other) in RUN_BY_ANOTHER {
        if found.iter().any(|(adapter, _)| adapter.name == *other) {
            found.retain(|(adapter, _)| adapter.name != *runner);
        }
    }
    found.iter().map(|(adapter, sign)| Invocation::by(adapter, sign)).collect()
}

/// The runner of this name, with the command that a folder asks for.
///
/// # Errors
///
/// If no runner is called that, or the folder has no sign of it.
pub(crate) fn by_name(name: &str, folder: &Path) -> Result<Invocation, NoRunner> {
    let names = || ADAPTERS.iter().map(|adapter| adapter.name);
    let unknown = || {
        let what = match nearest(name, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", names().collect::<Vec<_>>().join(", ")),
        };
        NoRunner::Unknown(name.to_owned(), what)
    };
    let adapter = ADAPTERS.iter().find(|adapter| adapter.name == name).ok_or_else(unknown)?;
    let sign = (adapter.detect)(&Project::new(folder)).ok_or_else(|| {
        let what = format!("this folder has no sign of it: {}", adapter.looks_for);
        NoRunner::Unknown(name.to_owned(), what)
    })?;
    Ok(Invocation::by(adapter, &sign))
}

/// The runner of a command line, if one is known.
pub(crate) fn of_command(words: &[&str], folder: &Path) -> Option<Invocation> {
    let words = looked_through(words, folder)?;
    let line = |adapter: &'static Adapter| {
        // What is in front of a runner is a wrapper, such as `uv run`.
        let start = words.runner;
        let rest: Vec<&str> = words.all[start..].iter().map(String::as_str).collect();
        let length = (adapter.recognise)(&rest)?;
        Some((adapter, CommandWords::new(words.all.clone(), start..start + length)))
    };
    let (adapter, line) = ADAPTERS.iter().find_map(line)?;
    let why = Why::Typed(format!("`{}` starts it", line.runner().join(" ")));
    Some(Invocation { adapter, line, why })
}

/// The command line that words are which were taken for something else: that of a runner, or of a program by its path.
pub(crate) fn meant_by(words: &[String], folder: &Path) -> Option<String> {
    let plain: Vec<&str> = words.iter().map(String::as_str).collect();
    let first = plain.first()?;
    let is_path = first.contains('/') && is_program_in_path(first);
    let is_meant = is_path || of_command(&plain, folder).is_some();
    is_meant.then(|| words::quoted(words))
}

/// The scripts of these folders.
pub(crate) fn of_script_folders(folders: &[String]) -> Invocation {
    let line = CommandWords::new(folders.to_vec(), 0..0);
    let why = Why::Typed(match folders {
        [folder] => format!("`{folder}` is a folder of executables"),
        _ => format!("{} are folders of executables", folders.join(", ")),
    });
    Invocation { adapter: &scripts::ADAPTER, line, why }
}

/// Sets how a suite lists and runs the scripts of its configuration.
///
/// # Errors
///
/// If the suite runs on instances, where the configuration is not.
pub(crate) fn complete_scripts(suite: &mut Suite) -> Result<(), String> {
    let commands = scripts::commands_of(&suite.scripts);
    let overrides: Vec<_> = scripts::overrides(&suite.scripts).collect();
    // What the configuration says of some tests goes over what it says of some scripts.
    suite.overrides.splice(..0, overrides);
    let runner = scripts::ADAPTER.name;
    let origin = suite.scripts.first().map(|script| script.origin.clone()).unwrap_or_default();
    let why = origin.to_string();
    suite.runner = Some(runner.to_owned());
    suite.origins.entry("runner".to_owned()).or_insert(origin);
    suite::complete(
        suite,
        commands,
        MadeOf { runner, why: &why, because: why.clone(), command: String::new(), program: None },
    )
}

impl Invocation {
    fn by(adapter: &'static Adapter, sign: &RunnerSign) -> Self {
        let words: Vec<&str> = sign.words.iter().map(String::as_str).collect();
        let start =
            (0..words.len()).find_map(|start| Some((start, (adapter.recognise)(&words[start..])?)));
        let (start, length) = start.unwrap_or((0, words.len()));
        let line = CommandWords::new(sign.words.clone(), start..start + length);
        Self { adapter, line, why: Why::Found(sign.found.clone()) }
    }

    /// What people call it.
    pub(crate) fn name(&self) -> &'static str {
        self.adapter.name
    }

    /// Why it is this one, for people.
    pub(crate) fn why(&self) -> &str {
        match &self.why {
            Why::Found(why) | Why::Typed(why) => why,
        }
    }

    /// The same as a clause.
    fn because(&self) -> String {
        match &self.why {
            Why::Found(what) => format!("there is {what}"),
            Why::Typed(clause) => clause.clone(),
        }
    }

    /// Its command, as for a shell.
    pub(crate) fn command(&self) -> String {
        self.line.quoted()
    }

    /// Sets how a suite lists and runs tests, where it does not say so itself.
    ///
    /// # Errors
    ///
    /// If what the runner needs cannot be written, or the suite runs on instances, where it is not.
    pub(crate) fn complete(&self, suite: &mut Suite) -> Result<(), String> {
        let project = Project::new(&suite.folder);
        let commands = (self.adapter.commands)(&self.line, &project);
        let (words, runner) = self.line.all();
        // Folders of scripts have no words that are a runner.
        let program = words.first().filter(|_| !runner.is_empty()).map(String::as_str);
        let (runner, command) = (self.name(), self.command());
        let made = MadeOf { runner, why: self.why(), because: self.because(), command, program };
        suite::complete(suite, commands, made)
    }
}

#[cfg(test)]
mod tests;
