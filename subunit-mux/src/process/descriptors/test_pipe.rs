//! A pipe by which a command takes test ids, one per line, while it runs.

use std::{
    io,
    os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd},
    process::Command,
};

use rustix::io::{Errno, FdFlags, fcntl_setfd, ioctl_fionread, write};

use super::digit::{DigitDescriptor, Lent};
use crate::{
    process::{set_nonblocking, sizes::BLOCK},
    worker::{TEST_FD, TEST_PATH},
};

/// Where commands get pipes of ids.
#[derive(Debug)]
pub struct TestSlot(DigitDescriptor);

impl TestSlot {
    /// Reserves a descriptor. To be called before many files are open.
    ///
    /// # Errors
    ///
    /// If all descriptors of one digit are taken.
    pub fn reserve() -> io::Result<Self> {
        DigitDescriptor::reserve().map(Self)
    }

    /// A pipe that the next command inherits.
    ///
    /// # Errors
    ///
    /// If there are too many descriptors.
    pub fn open(&mut self) -> io::Result<TestPipe<'_>> {
        let (theirs, ours) = rustix::pipe::pipe()?;
        fcntl_setfd(&ours, FdFlags::CLOEXEC)?;
        fcntl_setfd(&theirs, FdFlags::CLOEXEC)?;
        set_nonblocking(&ours)?;
        let lent = self.0.lend(&theirs)?;
        Ok(TestPipe { lent, theirs: Some(theirs), ours: Some(ours) })
    }
}

/// A pipe that is inherited by what is started now.
#[derive(Debug)]
pub struct TestPipe<'s> {
    lent: Lent<'s>,
    theirs: Option<OwnedFd>,
    ours: Option<OwnedFd>,
}

impl TestPipe<'_> {
    /// Tells the command where its ids come from.
    pub fn tell(&self, command: &mut Command) {
        command.env(TEST_FD, self.lent.number().to_string());
        command.env(TEST_PATH, self.theirs.as_ref().map_or_else(String::new, path_of));
    }

    /// The command has been started: nothing else inherits the pipe.
    pub fn into_feed(mut self) -> Option<TestFeed> {
        let (ours, theirs) = (self.ours.take()?, self.theirs.take()?);
        Some(TestFeed { ours: Some(ours), theirs, pending: Vec::new(), ends: false })
    }
}

/// Where to open our descriptor: on Linux also for processes that did not inherit it.
fn path_of(fd: &OwnedFd) -> String {
    let number = fd.as_raw_fd();
    if cfg!(target_os = "linux") {
        format!("/proc/{}/fd/{number}", std::process::id())
    } else {
        format!("/dev/fd/{number}")
    }
}

/// Our end of the pipe. It is kept as long as the command runs: a process that opens the pipe by its path
/// may come late.
#[derive(Debug)]
pub struct TestFeed {
    /// Until no more ids come.
    ours: Option<OwnedFd>,
    /// For a process that opens it by its path.
    theirs: OwnedFd,
    pending: Vec<u8>,
    ends: bool,
}

impl TestFeed {
    /// Queues a test, and writes what the pipe takes.
    pub fn push(&mut self, test_id: &str) {
        self.pending.extend_from_slice(test_id.as_bytes());
        self.pending.push(b'\n');
        self.write();
    }

    /// The descriptor to wait for until it takes more, if something waits to be written.
    pub fn waiting(&self) -> Option<BorrowedFd<'_>> {
        self.ours.as_ref().filter(|_| !self.pending.is_empty()).map(AsFd::as_fd)
    }

    /// Whether the command has read all that was pushed.
    pub fn is_read(&self) -> bool {
        self.pending.is_empty() && ioctl_fionread(&self.theirs).is_ok_and(|unread| unread == 0)
    }

    /// The descriptor, until no more ids come.
    pub(crate) fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        self.ours.as_ref().map(AsFd::as_fd)
    }

    /// No more ids come: the command finds the end after those that were pushed.
    pub fn end(&mut self) {
        self.ends = true;
        self.write();
    }

    /// Writes what the pipe takes.
    pub fn write(&mut self) {
        let mut pending = std::mem::take(&mut self.pending);
        self.write_from(&mut pending);
        self.pending = pending;
        if self.ends && self.pending.is_empty() {
            self.ours = None;
        }
    }

    /// Writes what the pipe takes of the lines of a caller who keeps them.
    pub(crate) fn write_from(&mut self, lines: &mut Vec<u8>) {
        let Some(ours) = &self.ours else { return };
        while !lines.is_empty() {
            match write(ours, &lines[..lines.len().min(BLOCK)]) {
                Ok(length) => drop(lines.drain(..length)),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return,
                // Its end is noticed by other means.
                Err(_) => lines.clear(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        process::{Child, Stdio},
    };

    use rustix::event::{PollFd, PollFlags};

    use super::*;
    use crate::process::poll_until;

    fn reader(slot: &mut TestSlot, script: &str) -> (Child, TestFeed) {
        let pipe = slot.open().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped());
        pipe.tell(&mut command);
        let child = command.spawn().unwrap();
        (child, pipe.into_feed().unwrap())
    }

    #[test]
    fn commands_read_ids_by_number_or_path_and_hear_of_their_own_end_only() {
        let mut slot = TestSlot::reserve().unwrap();
        let (by_number, mut one) = reader(&mut slot, "exec cat <&$SUBUNIT_TEST_FD");
        let script = "exec 8<$SUBUNIT_TEST_PATH; echo open; exec cat <&8";
        let (mut by_path, mut other) = reader(&mut slot, script);
        assert!(one.is_read());
        let mut opened = [0; 5];
        by_path.stdout.as_mut().unwrap().read_exact(&mut opened).unwrap();
        one.push("a");
        other.push("b c");
        one.push("d");
        one.end();
        assert_eq!(by_number.wait_with_output().unwrap().stdout, b"a\nd\n");
        other.end();
        assert_eq!(by_path.wait_with_output().unwrap().stdout, b"b c\n");
    }

    #[test]
    fn what_a_pipe_does_not_take_waits() {
        let mut slot = TestSlot::reserve().unwrap();
        let (mut child, mut feed) = reader(&mut slot, "read go; exec cat <&$SUBUNIT_TEST_FD");
        feed.push("x");
        assert!(!feed.is_read());
        feed.push(&"x".repeat(200_000));
        feed.end();
        assert!(feed.waiting().is_some() && !feed.is_read());
        child.stdin.take().unwrap().write_all(b"go\n").unwrap();
        let reading = std::thread::spawn(|| child.wait_with_output().unwrap().stdout);
        while let Some(waiting) = feed.waiting() {
            let waiting = PollFd::from_borrowed_fd(waiting, PollFlags::OUT);
            poll_until(&mut [waiting], None).unwrap();
            feed.write();
        }
        assert_eq!(reading.join().unwrap().len(), 200_003);
        assert!(feed.is_read());
    }
}
