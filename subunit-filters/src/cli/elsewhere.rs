//! Verbs that other programs have. `subunit VERB` becomes such a program, as git and cargo do.

use std::{
    ffi::{OsStr, OsString},
    io::Write as _,
    path::{Path, PathBuf},
};

use crate::exit::Exit;

/// Another program, and the verbs that are reached through this one.
#[derive(Clone, Copy, Debug)]
pub struct Elsewhere {
    /// The file name of the program.
    pub program: &'static str,
    /// What the verbs are about.
    pub title: &'static str,
    /// Each with what it is for.
    pub verbs: &'static [(&'static str, &'static str)],
    /// The traditional tools that it is started as, by links.
    pub tools: &'static [&'static str],
}

/// The first argument by which the other program learns which version of `subunit` has started it.
const OF_VERSION: &str = "--of-subunit";

impl Elsewhere {
    /// The program that has this verb.
    pub(crate) fn of(all: &[Self], verb: &OsStr) -> Option<Self> {
        let has = |one: &&Self| one.verbs.iter().any(|(name, _)| verb == *name);
        all.iter().find(has).copied()
    }

    /// Where the program is: beside this one, or else in `PATH`.
    pub(crate) fn path(self) -> Option<PathBuf> {
        let file = format!("{}{}", self.program, std::env::consts::EXE_SUFFIX);
        let ours = std::env::current_exe().ok();
        let beside = ours.as_deref().and_then(Path::parent).map(Path::to_owned);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = beside.into_iter().chain(std::env::split_paths(&path));
        folders.map(|folder| folder.join(&file)).find(|path| is_program(path))
    }

    /// A call of the program, to which arguments may be added; none if it is not installed.
    pub fn command(self) -> Option<std::process::Command> {
        let mut command = std::process::Command::new(self.path()?);
        command.arg(of_version());
        Some(command)
    }

    /// Becomes the program, with these arguments after its name. Returns only if that fails, which has been
    /// said.
    pub fn start(self, arguments: &[OsString]) -> Exit {
        let verb = arguments.first().map(|verb| verb.to_string_lossy()).unwrap_or_default();
        let Some(path) = self.path() else {
            let program = self.program;
            let _ = writeln!(
                std::io::stderr(),
                "subunit {verb}: the program {program} is not installed: install it beside subunit, or \
                 run `cargo install {program}`"
            );
            return Exit::Broken;
        };
        let mut command = std::process::Command::new(&path);
        command.arg(of_version()).args(arguments);
        let error = become_it(command);
        let _ = writeln!(std::io::stderr(), "subunit {verb}: {}: {error}", path.display());
        Exit::Broken
    }
}

/// Whether a shell finds a program of this name, or the word is the path of one.
pub fn is_program_in_path(word: &str) -> bool {
    if word.contains('/') {
        return is_program(Path::new(word));
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    !word.is_empty() && std::env::split_paths(&path).any(|folder| is_program(&folder.join(word)))
}

/// How we say our version to another program.
pub(crate) fn of_version() -> String {
    format!("{OF_VERSION}={}", env!("CARGO_PKG_VERSION"))
}

/// Whether `subunit` says its version by this argument: it stands in front of the verb.
#[must_use]
pub fn says_version(argument: &OsStr) -> bool {
    argument.to_str().is_some_and(|argument| argument.starts_with(OF_VERSION))
}

/// Takes the first argument away by which `subunit` says its version; an error if that is not this program's.
///
/// # Errors
///
/// One line that names both versions.
pub fn check_version(arguments: &mut Vec<OsString>) -> Result<(), String> {
    let said = arguments
        .get(1)
        .and_then(|first| first.to_str())
        .and_then(|first| Some(first.strip_prefix(OF_VERSION)?.strip_prefix('=')?.to_owned()));
    let Some(said) = said else { return Ok(()) };
    arguments.remove(1);
    let ours = env!("CARGO_PKG_VERSION");
    if said == ours {
        return Ok(());
    }
    let program = arguments.first().map(PathBuf::from).unwrap_or_default();
    let program = program.file_name().unwrap_or_default().display();
    Err(format!("{program} {ours} was started by subunit {said}: install both in one version"))
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}

#[cfg(unix)]
fn become_it(mut command: std::process::Command) -> std::io::Error {
    use std::os::unix::process::CommandExt;
    command.exec()
}

/// Where no process becomes another one, ours waits for it.
#[cfg(not(unix))]
fn become_it(mut command: std::process::Command) -> std::io::Error {
    match command.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(2)),
        Err(error) => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUNS: Elsewhere = Elsewhere {
        program: "subunit-none",
        title: "Run tests",
        verbs: &[("run", "Run tests")],
        tools: &[],
    };

    #[test]
    fn a_verb_is_of_one_program() {
        assert_eq!(Elsewhere::of(&[RUNS], "run".as_ref()).unwrap().program, "subunit-none");
        assert!(Elsewhere::of(&[RUNS], "stats".as_ref()).is_none());
        assert!(RUNS.path().is_none());
    }

    #[test]
    fn versions_that_differ_are_told() {
        let checked = |words: &[&str]| {
            let mut words: Vec<OsString> = words.iter().map(Into::into).collect();
            check_version(&mut words).map(|()| words)
        };
        let ours = format!("{OF_VERSION}={}", env!("CARGO_PKG_VERSION"));
        assert_eq!(checked(&["x", &ours, "run"]), Ok(vec!["x".into(), "run".into()]));
        assert_eq!(checked(&["x", "run"]), Ok(vec!["x".into(), "run".into()]));
        let error = checked(&["/bin/subunit-run", "--of-subunit=0.0.9", "run"]).unwrap_err();
        assert!(error.starts_with("subunit-run ") && error.contains("subunit 0.0.9:"), "{error}");
    }
}
