//! How large is a history?

use std::{fs, io, path::Path};

/// The bytes of the files of a history in this folder: the index, and a file for each run.
pub(crate) fn bytes(folder: &Path) -> io::Result<u64> {
    let runs = folder.join("runs");
    let runs = if runs.exists() { files(&runs)? } else { 0 };
    Ok(files(folder)? + runs)
}

fn files(folder: &Path) -> io::Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(folder)? {
        // A run may go away meanwhile.
        if let Ok(found) = entry?.metadata()
            && found.is_file()
        {
            sum += found.len();
        }
    }
    Ok(sum)
}
