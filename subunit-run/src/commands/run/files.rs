//! When which files were changed: those that Git knows, or that are there.

use std::{
    collections::HashMap,
    fs, io,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, SystemTime},
};

/// How often files are looked at.
pub(super) const PACE: Duration = Duration::from_millis(300);

/// Folders in which nobody edits; those with a name that begins with a dot are left out as well.
const LEFT_OUT: [&str; 4] = ["target", "node_modules", "__pycache__", "venv"];

/// When which file was changed.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct FileState(HashMap<PathBuf, (Option<SystemTime>, u64)>);

impl FileState {
    /// Of all files that Git knows or would take; without Git, of all files.
    pub(super) fn of(folder: &Path) -> Self {
        let files = known_to_git(folder, &["--cached", "--others"]).unwrap_or_else(|| {
            let mut files = Vec::new();
            // What cannot be read is not edited either.
            let _ = walk(folder, &mut files);
            files
        });
        Self::of_files(folder, files)
    }

    /// Of the files that Git tracks, if this is a checkout.
    pub(super) fn tracked(folder: &Path) -> Option<Self> {
        known_to_git(folder, &["--cached"]).map(|files| Self::of_files(folder, files))
    }

    fn of_files(folder: &Path, files: Vec<PathBuf>) -> Self {
        let state = |path: PathBuf| {
            let data = fs::metadata(folder.join(&path)).ok()?;
            Some((path, (data.modified().ok(), data.len())))
        };
        Self(files.into_iter().filter(|path| !is_hidden(path)).filter_map(state).collect())
    }
}

/// The files of these kinds that Git knows, or would take; none if this is no checkout.
fn known_to_git(folder: &Path, kinds: &[&str]) -> Option<Vec<PathBuf>> {
    let mut git = Command::new("git");
    git.args(["ls-files", "-z", "--exclude-standard"]).args(kinds);
    // A ^C is ours to hear, and ends no look at files.
    git.process_group(0);
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
