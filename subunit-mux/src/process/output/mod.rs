//! Our standard output, written to only when it takes something, so that it blocks nothing else.
//!
//! The descriptor is shared with the program that started us, so it is not made non-blocking. Others may
//! write to it too, so a packet of up to [`PIECE`] bytes, which pipes take at once, is never torn.

#[cfg(target_os = "linux")]
mod pipe;

use std::{
    io::{self, IsTerminal},
    os::fd::{AsFd, BorrowedFd},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{FileType, fstat},
    io::{Errno, write},
};

use crate::{Outbox, hub::PIECE};

/// Where the stream goes.
#[derive(Debug)]
pub struct Output {
    stdout: io::Stdout,
    kind: Kind,
    /// Why it takes nothing more.
    failed: Option<io::Error>,
}

/// How it takes what is written.
#[derive(Debug)]
enum Kind {
    /// All, and at once: a file, or a device such as `/dev/null`.
    File,
    #[cfg(target_os = "linux")]
    Pipe(pipe::Pages),
    /// Possibly nothing for a long time; when it is writable, it takes a piece.
    Other,
}

impl Output {
    /// Standard output; if it `failed` already, nothing is written.
    pub fn standard(failed: Option<io::Error>) -> Self {
        let stdout = io::stdout();
        let kind = match fstat(&stdout).map(|stat| FileType::from_raw_mode(stat.st_mode)) {
            Ok(FileType::RegularFile) => Kind::File,
            Ok(FileType::CharacterDevice) if !stdout.is_terminal() => Kind::File,
            #[cfg(target_os = "linux")]
            Ok(FileType::Fifo) => pipe::Pages::to(stdout.as_fd()).map_or(Kind::Other, Kind::Pipe),
            _ => Kind::Other,
        };
        Self { stdout, kind, failed }
    }

    /// Whether anything waits, here or in the outbox, that can still be written.
    pub fn has_more(&self, out: &Outbox) -> bool {
        let here = match &self.kind {
            #[cfg(target_os = "linux")]
            Kind::Pipe(pages) => !pages.is_empty(),
            _ => false,
        };
        self.failed.is_none() && (here || !out.is_empty())
    }

    /// What to wait for: that it takes more, or only that nobody reads it any more.
    pub fn awaited(&self, out: &Outbox) -> PollFlags {
        if self.has_more(out) { PollFlags::OUT } else { PollFlags::empty() }
    }

    /// Notes what it is ready for: if nobody reads it any more, it takes nothing more.
    pub fn note(&mut self, ready: PollFlags) {
        if ready.intersects(PollFlags::ERR | PollFlags::HUP) && self.failed.is_none() {
            self.failed = Some(Errno::PIPE.into());
        }
    }

    /// Whether it takes nothing more.
    pub fn has_failed(&self) -> bool {
        self.failed.is_some()
    }

    /// Why it takes nothing more.
    pub fn into_error(self) -> Option<io::Error> {
        self.failed
    }

    /// Writes as much as can be written without blocking.
    pub fn write(&mut self, out: &mut Outbox) {
        if self.failed.is_some() {
            return;
        }
        let stdout = self.stdout.as_fd();
        let written = match &mut self.kind {
            Kind::File => write_all(stdout, out),
            #[cfg(target_os = "linux")]
            Kind::Pipe(pages) => pages.write(stdout, out),
            Kind::Other => write_pieces(stdout, out),
        };
        self.failed = written.err().map(io::Error::from);
    }
}

impl AsFd for Output {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stdout.as_fd()
    }
}

fn write_all(stdout: BorrowedFd<'_>, out: &mut Outbox) -> Result<(), Errno> {
    while !out.is_empty() {
        match write(stdout, out.as_bytes()) {
            Ok(written) => out.consume(written),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Polls before each write, and writes only what is taken at once.
fn write_pieces(stdout: BorrowedFd<'_>, out: &mut Outbox) -> Result<(), Errno> {
    while !out.is_empty() && takes_more(stdout) {
        match write(stdout, out.piece(PIECE)) {
            Ok(written) => out.consume(written),
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => return Ok(()),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn takes_more(stdout: BorrowedFd<'_>) -> bool {
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    matches!(poll(&mut [PollFd::from_borrowed_fd(stdout, PollFlags::OUT)], Some(&now)), Ok(1..))
}
