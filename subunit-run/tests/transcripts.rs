//! The verbs of runs as a person sees them: the `console` blocks of `tests/cmd/*.md`.
//!
//! A block is one session of a shell, in an empty folder; what stands behind each `$ ` line is all that the
//! line prints. After a change that is meant, `SNAPSHOTS=overwrite cargo test -p subunit-run --test
//! transcripts` writes what the program says now; read the difference.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../../subunit-filters/tests/transcript_support/mod.rs"]
mod transcript_support;

use std::{path::Path, process::Command};

use transcript_support::Sessions;

/// Neither the configuration of who runs the tests nor their other runs are seen.
fn prepare(folder: &Path, bash: &mut Command) {
    bash.env("HOME", folder).env("XDG_RUNTIME_DIR", folder).env_remove("XDG_CONFIG_HOME");
}

#[test]
fn commands() {
    let sessions = Sessions { program: env!("CARGO_BIN_EXE_subunit-run"), prepare: &prepare };
    let documents = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd");
    sessions.check_all(&documents);
}
