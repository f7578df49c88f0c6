//! A pipe as output: whole pages are moved at once, without blocking.
//!
//! A write that is larger than a page may be torn by others who write to the same pipe, and one write per
//! page wakes the reader sixteen times instead of once. So pieces are written into a pipe of our own, each
//! within one page, and the pages are moved from there: as many as the other pipe takes, each as a whole.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::{
    io::{Errno, write},
    pipe::{PipeFlags, SpliceFlags, fcntl_getpipe_size, fcntl_setpipe_size, pipe_with, splice},
};

use crate::{Outbox, process::HIGH};

/// Our own pipe, and how many bytes are in it.
#[derive(Debug)]
pub(super) struct Pages {
    front: OwnedFd,
    back: OwnedFd,
    waiting: usize,
}

impl Pages {
    /// `None` if the system does not move pages from pipe to pipe.
    pub(super) fn to(stdout: BorrowedFd<'_>) -> Option<Self> {
        let (front, back) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK).ok()?;
        let pages = Self { front, back, waiting: 0 };
        // There is nothing to move yet: a system that supports it answers so.
        if pages.go_over(stdout, 1) != Err(Errno::AGAIN) {
            return None;
        }
        // The pipe should hold all that is read at once: the reader takes it while we read on, and neither
        // waits for the other as often. Best effort: a smaller pipe works too.
        for pipe in [stdout, pages.back.as_fd()] {
            if fcntl_getpipe_size(pipe).is_ok_and(|size| size < HIGH) {
                let _ = fcntl_setpipe_size(pipe, HIGH);
            }
        }
        Some(pages)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting == 0
    }

    /// Writes as much as can be written without blocking.
    pub(super) fn write(&mut self, stdout: BorrowedFd<'_>, out: &mut Outbox) -> Result<(), Errno> {
        loop {
            self.fill(out)?;
            if self.is_empty() {
                return Ok(());
            }
            match self.go_over(stdout, self.waiting) {
                Ok(moved) => self.waiting -= moved.min(self.waiting),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    fn fill(&mut self, out: &mut Outbox) -> Result<(), Errno> {
        while !out.is_empty() {
            match write(&self.back, out.piece(usize::MAX)) {
                Ok(written) => {
                    out.consume(written);
                    self.waiting += written;
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn go_over(&self, stdout: BorrowedFd<'_>, length: usize) -> Result<usize, Errno> {
        splice(&self.front, None, stdout, None, length, SpliceFlags::NONBLOCK)
    }
}
