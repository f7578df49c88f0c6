//! Our standard output: written to when it takes something, so that nothing else waits for it.

use std::{
    io,
    os::fd::{AsFd, BorrowedFd},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{FileType, fstat},
    io::{Errno, write},
};

use crate::mux::Outbox;

/// Where the stream goes.
pub(super) struct Output {
    stdout: io::Stdout,
    /// A regular file takes all, and at once.
    is_file: bool,
    /// Why it takes nothing more.
    pub(super) failed: Option<io::Error>,
}

impl Output {
    pub(super) fn standard() -> Self {
        let stdout = io::stdout();
        let kind = fstat(&stdout).map(|stat| FileType::from_raw_mode(stat.st_mode));
        Self { is_file: kind == Ok(FileType::RegularFile), stdout, failed: None }
    }

    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
        self.stdout.as_fd()
    }

    /// Writes as much as is taken without waiting. The descriptor is shared with whoever started us, so
    /// it is not made non-blocking: a pipe that can be written to takes what fits into PIPE_BUF bytes
    /// at once, and whole packets of that size are not torn by others who write to it.
    pub(super) fn write(&mut self, out: &mut Outbox) {
        let limit = if self.is_file { usize::MAX } else { PIECE };
        while !out.is_empty() && self.failed.is_none() && self.takes_more() {
            match write(&self.stdout, out.piece(limit)) {
                Ok(written) => out.consume(written),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return,
                Err(error) => self.failed = Some(error.into()),
            }
        }
    }

    fn takes_more(&self) -> bool {
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        self.is_file
            || matches!(poll(&mut [PollFd::new(&self.stdout, PollFlags::OUT)], Some(&now)), Ok(1..))
    }
}

/// What POSIX promises of a pipe that can be written to; 4096 on Linux, 512 elsewhere.
const PIECE: usize = rustix::pipe::PIPE_BUF;
