//! Lines for `sh -c` that are waited for. They share our error output, and have nothing to read.

use std::{
    io,
    process::{Command, ExitStatus, Output, Stdio},
};

/// Runs a line and takes what it prints.
pub(super) fn capture(line: &str) -> io::Result<Output> {
    shell(line).stdin(Stdio::null()).stderr(Stdio::inherit()).output()
}

/// Runs a line that prints to our output.
pub(super) fn run(line: &str) -> io::Result<ExitStatus> {
    shell(line).status()
}

fn shell(line: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", line]);
    command
}

/// The exit status as Python has it: a signal is a negative number.
#[cfg(unix)]
pub(super) fn code_of(status: ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status.code().or_else(|| status.signal().map(|signal| -signal)).unwrap_or(-1)
}
