//! The command as a person sees it: the `console` blocks of `tests/cmd/*.md` and of the README.
//!
//! A block is one session of a shell, in a folder that holds the streams of `tests/data`; what stands
//! behind each `$ ` line is all that the line prints. After a change that is meant,
//! `SNAPSHOTS=overwrite cargo test -p subunit-filters --test transcripts` writes what the command says
//! now; read the difference.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod transcript_support;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use transcript_support::Sessions;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The streams of `tests/data` are in the folder of each session.
fn prepare(folder: &Path, _bash: &mut Command) {
    let data = folder.join("tests/data");
    fs::create_dir_all(&data).unwrap();
    for entry in fs::read_dir(root().join("tests/data")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), data.join(entry.file_name())).unwrap();
    }
}

const SESSIONS: Sessions<'_> =
    Sessions { program: env!("CARGO_BIN_EXE_subunit"), prepare: &prepare };

#[test]
fn commands() {
    SESSIONS.check_all(&root().join("subunit-filters/tests/cmd"));
}

#[test]
fn readme() {
    SESSIONS.check(&root().join("README.md"));
    SESSIONS.check(&root().join("subunit-filters/README.md"));
}
