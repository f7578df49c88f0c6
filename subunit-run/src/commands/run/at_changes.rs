//! Tests that run again whenever files change: those that fail, then those that belong to what changed, then
//! all.

use std::{
    collections::HashMap,
    fs, io,
    os::fd::AsFd,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant, SystemTime},
};

use subunit_filters::{
    console::Console,
    exit::{Error, Exit},
    interrupts::Signal,
};
use subunit_mux::process::{PollFd, PollFlags, Signals, poll_until};

use super::{args::Run, configured::configured};

/// How often files are looked at.
const PACE: Duration = Duration::from_millis(300);

/// Folders in which nobody edits; those with a name that begins with a dot are left out as well.
const LEFT_OUT: [&str; 4] = ["target", "node_modules", "__pycache__", "venv"];

impl Run {
    /// Runs at once and after each change, until ^C. The last verdict counts.
    pub(super) fn run_at_changes(self, console: &mut Console<'_>) -> Result<Exit, Error> {
        let folder =
            std::env::current_dir().map_err(|source| Error::File { name: ".".into(), source })?;
        let mut exit = self.clone().run_once(console)?;
        while console.interrupts.heard().is_none() {
            // What changes from now on is noticed, and who asks to end is heard.
            let failed = |source| Error::System { name: "signals".into(), source };
            let signals = Signals::catch().map_err(failed)?;
            let before = State::of(&folder);
            console.say("waiting until a file changes; ^C ends")?;
            console.flush()?;
            if let Some(signal) = wait_for_change(&folder, &before, signals)? {
                console.interrupts.raise(signal);
                break;
            }
            exit = self.run_in_steps(exit, &folder, console)?;
        }
        Ok(exit)
    }

    /// Each step runs if all went well in the one before.
    fn run_in_steps(
        &self,
        last: Exit,
        folder: &Path,
        console: &mut Console<'_>,
    ) -> Result<Exit, Error> {
        let went_well = |exit| matches!(exit, Exit::Passed | Exit::NoTests);
        let mut steps = Vec::new();
        if !went_well(last) {
            let mut failing = self.clone();
            failing.select.failing = true;
            steps.push(("tests that failed", failing));
        }
        if configured(self, folder)?.changed_tests.is_some() {
            let mut changed = self.clone();
            changed.select.changed_since = Some("HEAD".to_owned());
            steps.push(("tests that belong to what changed", changed));
        }
        steps.push(("all tests", self.clone()));
        let mut exit = Exit::NoTests;
        for (what, mut run) in steps {
            console.say(what)?;
            console.flush()?;
            exit = run.run_once(console)?;
            if !went_well(exit) || console.interrupts.heard().is_some() {
                break;
            }
        }
        Ok(exit)
    }
}

/// Waits until a file is not as it was, or for a signal, which is given back.
fn wait_for_change(
    folder: &Path,
    before: &State,
    mut signals: Signals,
) -> Result<Option<Signal>, Error> {
    loop {
        let mut fds = [PollFd::from_borrowed_fd(signals.as_fd(), PollFlags::IN)];
        poll_until(&mut fds, Some(Instant::now() + PACE)).map_err(Error::Wait)?;
        match signals.take() {
            (false, false) => {}
            (_, true) => return Ok(Some(Signal::Terminate)),
            (true, false) => return Ok(Some(Signal::Interrupt)),
        }
        if State::of(folder) != *before {
            return Ok(None);
        }
    }
}

/// When which file was changed.
#[derive(Debug, Eq, PartialEq)]
struct State(HashMap<PathBuf, (Option<SystemTime>, u64)>);

impl State {
    fn of(folder: &Path) -> Self {
        let files = known_to_git(folder).unwrap_or_else(|| {
            let mut files = Vec::new();
            // What cannot be read is not edited either.
            let _ = walk(folder, &mut files);
            files
        });
        let state = |path: PathBuf| {
            let data = fs::metadata(folder.join(&path)).ok()?;
            Some((path, (data.modified().ok(), data.len())))
        };
        Self(files.into_iter().filter(|path| !is_hidden(path)).filter_map(state).collect())
    }
}

/// The files that Git knows, or would take; none if this is no checkout.
fn known_to_git(folder: &Path) -> Option<Vec<PathBuf>> {
    let mut git = Command::new("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let listed =
        git.current_dir(folder).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let names = listed.stdout.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    let names = names.map(|name| PathBuf::from(String::from_utf8_lossy(name).into_owned()));
    listed.status.success().then(|| names.collect())
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if kind.is_dir() && !name.starts_with('.') && !LEFT_OUT.contains(&name.as_ref()) {
            walk(&path, files)?;
        } else if kind.is_file() {
            files.push(path);
        }
    }
    Ok(())
}

/// Whether it is in a folder whose name begins with a dot, such as those that hold runs.
fn is_hidden(path: &Path) -> bool {
    let folders = path.parent().into_iter().flat_map(Path::components);
    folders.into_iter().any(|part| part.as_os_str().to_string_lossy().starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_change_come_or_go_are_noticed_and_those_of_runs_are_not() {
        let folder = tempfile::tempdir().unwrap();
        // The name of a folder for temporary files may begin with a dot itself.
        let root = folder.path().join("project");
        for name in [".subunit", "target", "a"] {
            fs::create_dir_all(root.join(name)).unwrap();
        }
        let listed = || {
            let mut files = Vec::new();
            walk(&root, &mut files).unwrap();
            files.sort();
            files
        };
        for name in ["a/one.py", ".subunit/last.subunit", "target/out", "two.py"] {
            fs::write(root.join(name), name).unwrap();
        }
        assert_eq!(listed(), [root.join("a/one.py"), root.join("two.py")]);
        assert!(is_hidden(Path::new(".testrepository/0")) && !is_hidden(Path::new("a/.env")));
    }
}
