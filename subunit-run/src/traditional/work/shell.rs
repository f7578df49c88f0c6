//! Lines for `sh -c` that are waited for. They share our error output, and have nothing to read.

use std::{
    io,
    path::Path,
    process::{Command, ExitStatus},
    time::Duration,
};

use subunit_mux::process::Signals;

use crate::callout::{self, Why};

/// The originals wait for ever.
const NO_LIMIT: Duration = Duration::from_secs(u32::MAX as u64);

/// Why a line was of no use.
#[derive(Debug, thiserror::Error)]
pub(in crate::traditional) enum ShellError {
    /// It cannot be started or read.
    #[error(transparent)]
    System(#[from] io::Error),
    /// A signal came meanwhile.
    #[error("interrupted")]
    Interrupted,
}

/// Runs a line and takes what it prints.
pub(super) fn capture(
    line: &str,
    signals: &mut Signals,
) -> Result<(ExitStatus, Vec<u8>), ShellError> {
    let ran = callout::output(line, Path::new("."), NO_LIMIT, signals);
    ran.map_err(|error| match error.why() {
        Why::Interrupted { .. } => ShellError::Interrupted,
        _ => io::Error::other(error).into(),
    })
}

/// Runs a line that prints to our output.
pub(super) fn run(line: &str) -> io::Result<ExitStatus> {
    Command::new("/bin/sh").args(["-c", line]).status()
}

/// The exit status as Python has it: a signal is a negative number.
pub(super) fn code_of(status: ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status.code().or_else(|| status.signal().map(|signal| -signal)).unwrap_or(-1)
}
