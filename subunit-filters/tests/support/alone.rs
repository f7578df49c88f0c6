//! The command without the programs that are built beside it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// A copy of the command in a folder.
pub(crate) fn in_folder(folder: &Path) -> PathBuf {
    let program = folder.join(format!("subunit{}", std::env::consts::EXE_SUFFIX));
    let built = env!("CARGO_BIN_EXE_subunit");
    // Another file system has no link to it.
    fs::hard_link(built, &program)
        .or_else(|_| fs::copy(built, &program).map(drop))
        .unwrap_or_else(|error: io::Error| panic!("{}: {error}", program.display()));
    program
}
