//! The command without the programs that are built beside it.
#![allow(dead_code, reason = "each test uses a part")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

/// A folder on the file system of what was built: links lead there. A copy of a program may be refused for being
/// written, by a process that another test has just begun to start.
pub(crate) fn folder() -> TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

/// A link to the command, in such a folder.
pub(crate) fn in_folder(folder: &Path) -> PathBuf {
    let program = folder.join(format!("subunit{}", std::env::consts::EXE_SUFFIX));
    fs::hard_link(env!("CARGO_BIN_EXE_subunit"), &program).unwrap();
    program
}
