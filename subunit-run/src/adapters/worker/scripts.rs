//! This program as a worker whose tests are executables: it lists them, and runs those whose ids arrive.

use std::{
    collections::HashSet,
    ffi::OsString,
    fs::File,
    io::{self, BufRead, BufReader},
    path::{Component, Path, PathBuf},
    process::{Command, Stdio},
};

use subunit_core::{Event, Status};

use super::{
    results::{ResultWriter, descriptor, without_own},
    script_files::{NamedFiles, under},
    whole_test::{TestStart, run_test},
};
use crate::config::ScriptTests;

/// The first argument of this program as such a worker; folders and scripts are the others.
pub(in crate::adapters) const SCRIPTS: &str = "--script-worker";

/// The argument before these by which it lists.
pub(in crate::adapters) const LIST: &str = "--list";

/// The argument before a script of a configuration, in JSON.
pub(in crate::adapters) const SCRIPT: &str = "--script";

/// Which executables are tests.
enum Scripts {
    /// Those of a folder.
    Folder(PathBuf),
    /// Those that fit one of these names, as the line runs them if there is one.
    Files(Vec<NamedFiles>, Option<String>),
    /// One line for `sh -c`.
    Command { name: String, line: String },
}

/// Runs this program as a worker of scripts.
pub(super) fn run_as_worker(words: &[OsString]) -> io::Result<()> {
    match words {
        [list, words @ ..] if list == LIST => list_scripts(&read(words)?),
        _ => serve(&read(words)?),
    }
}

fn read(words: &[OsString]) -> io::Result<Vec<Scripts>> {
    let mut all = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        all.push(match words.as_slice().first().filter(|_| word == SCRIPT) {
            Some(script) => {
                words.next();
                Scripts::of_configuration(serde_json::from_slice(script.as_encoded_bytes())?)?
            }
            // `./t`, `t/` and `t` are one folder.
            None => Scripts::Folder(plain(Path::new(word))),
        });
    }
    Ok(all)
}

fn plain(folder: &Path) -> PathBuf {
    folder.components().filter(|part| *part != Component::CurDir).collect()
}

fn list_scripts(all: &[Scripts]) -> io::Result<()> {
    let mut results = ResultWriter::open()?;
    let mut listed = HashSet::new();
    for scripts in all {
        let mut broken = Vec::new();
        for id in scripts.ids(&mut broken) {
            if !listed.contains(&id) {
                results.say(&Event::status(&id, Status::Exists))?;
                listed.insert(id);
            }
        }
        for (name, why) in broken {
            results.fail_beside(&name, &format!("{why}\n"))?;
        }
    }
    Ok(())
}

fn serve(all: &[Scripts]) -> io::Result<()> {
    let mut results = ResultWriter::open()?;
    let ids = BufReader::new(File::open(descriptor("SUBUNIT_TEST_FD")?)?);
    for id in ids.lines() {
        let id = id?;
        match all.iter().find_map(|scripts| scripts.command(&id)) {
            Some(mut command) => {
                let command = without_own(command.stdin(Stdio::null()));
                run_test(TestStart::Command(command), &id, &mut results)?;
            }
            None => results.end(&Event::status(&id, Status::Fail), "there is no such script\n")?,
        }
    }
    Ok(())
}

impl Scripts {
    fn of_configuration(tests: ScriptTests) -> io::Result<Self> {
        Ok(match tests {
            ScriptTests::Command { name, line } => Self::Command { name, line },
            ScriptTests::Files { globs, line } => {
                let files: Result<_, _> = globs.iter().map(|glob| NamedFiles::new(glob)).collect();
                Self::Files(files.map_err(io::Error::other)?, line)
            }
        })
    }

    /// The ids of the tests. What cannot be listed goes to `broken`, with the reason.
    fn ids(&self, broken: &mut Vec<(String, String)>) -> Vec<String> {
        match self {
            Self::Folder(folder) => under(folder, broken),
            Self::Files(files, line) => {
                let found = files.iter().map(|files| files.find(line.is_none(), broken));
                found.flatten().collect()
            }
            Self::Command { name, .. } => vec![name.clone()],
        }
    }

    /// What runs this test, if it is one of these.
    fn command(&self, id: &str) -> Option<Command> {
        let file = || Command::new(Path::new(".").join(id));
        match self {
            Self::Folder(folder) => Path::new(id).starts_with(folder).then(file),
            Self::Files(files, line) => {
                let is_one = files.iter().any(|files| files.fit(id));
                is_one.then(|| line.as_ref().map_or_else(file, |line| shell(line, &[id])))
            }
            Self::Command { name, line } => (name == id).then(|| shell(line, &[])),
        }
    }
}

/// A line for `sh -c`, with words at its end.
fn shell(line: &str, words: &[&str]) -> Command {
    let mut command = Command::new("sh");
    match words {
        [] => command.args(["-c", line]),
        words => command.args(["-c", &format!("{line} \"$@\""), "sh"]).args(words),
    };
    command
}
