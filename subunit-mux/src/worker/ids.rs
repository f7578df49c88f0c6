//! Ids from a file or a descriptor, one per line.

use std::{
    io,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    path::Path,
};

use rustix::io::{Errno, read};

use crate::process::{BLOCK, open_file};

/// What they are read from.
#[derive(Debug)]
pub(super) struct Ids {
    file: OwnedFd,
    /// The start of an id whose end has not been read.
    line: Vec<u8>,
}

impl Ids {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let (file, _) = open_file(path)?;
        Ok(Self { file, line: Vec::new() })
    }

    /// Reads what is available, at most a block, and hands over the ids. Returns whether there may be more.
    pub(super) fn read(&mut self, mut id: impl FnMut(&[u8])) -> bool {
        let mut buffer = vec![0; BLOCK];
        let mut is_open = true;
        match read(&self.file, &mut buffer[..]) {
            Ok(length @ 1..) => self.line.extend_from_slice(&buffer[..length]),
            Err(Errno::INTR | Errno::AGAIN) => return true,
            Ok(0) | Err(_) => {
                is_open = false;
                if !self.line.is_empty() {
                    self.line.push(b'\n');
                }
            }
        }
        let whole = memchr::memrchr(b'\n', &self.line).map_or(0, |at| at + 1);
        let rest = self.line.split_off(whole);
        let lines = std::mem::replace(&mut self.line, rest);
        lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).for_each(&mut id);
        is_open
    }
}

impl AsFd for Ids {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}
