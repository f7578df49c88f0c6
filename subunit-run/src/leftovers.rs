//! Files of a run in the folder for temporary files: named so that they are found if the run is killed.

use std::{env, fs};

/// How names of files with ids of tests begin.
pub(crate) fn ids(run: &str) -> String {
    format!("subunit-ids-{run}-")
}

/// How the name of the folder begins that tests put files into.
pub(crate) fn artifacts(run: &str) -> String {
    format!("subunit-artifacts-{run}-")
}

/// How the name of the folder begins that workers write what they have covered into.
pub(crate) fn coverage(run: &str) -> String {
    format!("subunit-coverage-{run}-")
}

/// Removes what a run has left there.
pub(crate) fn remove(run: &str) {
    let Ok(entries) = fs::read_dir(env::temp_dir()) else { return };
    let starts = [ids(run), artifacts(run), coverage(run)];
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if starts.iter().any(|start| name.starts_with(start)) {
            // Best effort: others may keep it open, or may have removed it.
            let _ = fs::remove_file(entry.path());
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
