//! A descriptor of one digit that a command inherits: shells cannot redirect to or from others.

use std::{
    fs::File,
    io,
    os::fd::{AsFd, AsRawFd, OwnedFd},
};

use rustix::io::{DupFlags, dup2, dup3, fcntl_dupfd_cloexec};

/// A number of one digit that is taken for the commands that are started.
#[derive(Debug)]
pub(super) struct DigitDescriptor {
    number: OwnedFd,
    null: OwnedFd,
}

impl DigitDescriptor {
    /// Takes a number. To be called before many files are open.
    pub(super) fn reserve() -> io::Result<Self> {
        let number = OwnedFd::from(File::open("/dev/null")?);
        if number.as_raw_fd() > 9 {
            return Err(io::Error::other("descriptors 3 to 9 are taken"));
        }
        // Programs that we run may need numbers of their own.
        let null = fcntl_dupfd_cloexec(&number, 10)?;
        Ok(Self { number, null })
    }

    /// What is started now inherits this under the number.
    pub(super) fn lend(&mut self, fd: impl AsFd) -> io::Result<Lent<'_>> {
        // The copy stays open in the next command, as it has no flag to be closed.
        dup2(fd, &mut self.number)?;
        Ok(Lent(self))
    }
}

/// A descriptor that is inherited until this is dropped.
#[derive(Debug)]
pub(super) struct Lent<'d>(&'d mut DigitDescriptor);

impl Lent<'_> {
    pub(super) fn number(&self) -> i32 {
        self.0.number.as_raw_fd()
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        // The number stays taken, by something that nobody inherits.
        let _ = dup3(&self.0.null, &mut self.0.number, DupFlags::CLOEXEC);
    }
}
