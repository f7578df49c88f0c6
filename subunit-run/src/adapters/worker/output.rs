//! What does a process print, and is there more for now?

use std::{
    io::{self, PipeReader},
    os::fd::AsFd,
    process::{Child, Command, Stdio},
};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// How much is read at once.
pub(super) const BLOCK: usize = 64 * 1024;

/// A process that is silent for this long has said all that it has to say of what has ended.
const SILENCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 300_000_000 };

/// Starts a process whose standard output and standard error are one pipe.
pub(super) fn start_with_output(command: &mut Command) -> io::Result<(PipeReader, Child)> {
    let (reader, writer) = io::pipe()?;
    command.stdout(writer.try_clone()?).stderr(writer);
    let child = command.spawn()?;
    // The command holds the other end of the pipe.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    Ok((reader, child))
}

/// Whether there is nothing to read for a while.
pub(super) fn is_silent(input: &impl AsFd) -> bool {
    let mut fds = [PollFd::new(input, PollFlags::IN)];
    matches!(poll(&mut fds, Some(&SILENCE)), Ok(0))
}
