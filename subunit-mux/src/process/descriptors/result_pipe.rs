//! A pipe on which a command writes results, so that its standard output is free for people.

use std::{io, os::fd::OwnedFd, process::Command};

use rustix::io::{FdFlags, fcntl_setfd};

use super::digit::{DigitDescriptor, Lent};
use crate::process::set_nonblocking;

/// This variable tells a command the number of a descriptor to write results to.
pub const RESULT_FD: &str = "SUBUNIT_RESULT_FD";

/// Where commands get pipes for results.
#[derive(Debug)]
pub struct ResultSlot(DigitDescriptor);

impl ResultSlot {
    /// Reserves a descriptor. To be called before many files are open.
    ///
    /// # Errors
    ///
    /// If all descriptors of one digit are taken.
    pub fn reserve() -> io::Result<Self> {
        DigitDescriptor::reserve().map(Self)
    }

    /// A pipe that the next command inherits, and our end of it, which is read.
    ///
    /// # Errors
    ///
    /// If there are too many descriptors.
    pub fn open(&mut self) -> io::Result<(ResultPipe<'_>, OwnedFd)> {
        let (ours, theirs) = rustix::pipe::pipe()?;
        fcntl_setfd(&ours, FdFlags::CLOEXEC)?;
        fcntl_setfd(&theirs, FdFlags::CLOEXEC)?;
        set_nonblocking(&ours)?;
        Ok((ResultPipe(self.0.lend(&theirs)?), ours))
    }
}

/// A pipe that is inherited by what is started before this is dropped.
#[derive(Debug)]
pub struct ResultPipe<'s>(Lent<'s>);

impl ResultPipe<'_> {
    /// Tells the command where its results go.
    pub fn tell(&self, command: &mut Command) {
        command.env(RESULT_FD, self.0.number().to_string());
    }
}
