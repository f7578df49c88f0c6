//! Whether the files that Git tracks are those of the revision that is checked out.

use std::{
    os::unix::process::CommandExt,
    path::Path,
    process::{Command, Stdio},
};

/// Whether files were changed since the revision that is checked out; none if Git cannot tell. Files that Git does not
/// track do not count: runners leave some behind.
pub(super) fn is_dirty(folder: &Path) -> Option<bool> {
    let mut git = Command::new("git");
    // What others do with Git at the same time is not held up.
    git.args(["--no-optional-locks", "status", "--porcelain", "--untracked-files=no", "-z"]);
    git.current_dir(folder).stdin(Stdio::null()).stderr(Stdio::null()).process_group(0);
    let said = git.output().ok()?;
    said.status.success().then_some(!said.stdout.is_empty())
}
