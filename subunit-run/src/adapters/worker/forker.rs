//! A process of a runner that stays and forks one for each test, so that the runner is loaded once.

use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader, PipeReader, PipeWriter, Write},
    os::{fd::AsRawFd, unix::process::ExitStatusExt},
    path::PathBuf,
    process::{Child, Command, ExitStatus},
};

use rustix::io::{FdFlags, fcntl_setfd};

use super::process::named_pipe;

/// The variable that names its descriptors, of requests and of replies.
const DESCRIPTORS: &str = "SUBUNIT_FORKER";

/// What it says when it takes requests.
const READY: &str = "ready\n";

/// What the process of a test says when the pipe for its output is open.
const OPEN: &str = "open\n";

/// Such a process.
pub(super) struct Forker {
    child: Child,
    /// A request is a line: the path of a pipe for the output of a test, a tab, and the test.
    requests: Option<PipeWriter>,
    /// A line when it takes requests; for each test one when it writes, and one when it has ended.
    replies: BufReader<PipeReader>,
    /// The pipe for the output of the test that runs.
    output: PathBuf,
}

impl Forker {
    /// Starts a command; none if it takes no requests.
    ///
    /// # Errors
    ///
    /// If it cannot be started.
    pub(super) fn start(command: &mut Command, output: PathBuf) -> io::Result<Option<Self>> {
        let (their_requests, requests) = io::pipe()?;
        let (replies, their_replies) = io::pipe()?;
        // It inherits these two, which no other process does: it is the only one that starts now.
        fcntl_setfd(&their_requests, FdFlags::empty())?;
        fcntl_setfd(&their_replies, FdFlags::empty())?;
        let numbers = format!("{}:{}", their_requests.as_raw_fd(), their_replies.as_raw_fd());
        let child = command.env(DESCRIPTORS, numbers).spawn()?;
        drop((their_requests, their_replies));
        let replies = BufReader::new(replies);
        let mut forker = Self { child, requests: Some(requests), replies, output };
        Ok((forker.reply()? == READY).then_some(forker))
    }

    /// Runs a test, and returns where its output is, up to its end.
    ///
    /// # Errors
    ///
    /// If it does not run.
    pub(super) fn run(&mut self, test: &str) -> io::Result<File> {
        let (reader, held) = named_pipe(&self.output)?;
        let request = format!("{}\t{test}\n", self.output.display());
        let asked = match &mut self.requests {
            Some(requests) => requests.write_all(request.as_bytes()),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        };
        let reply = asked.and_then(|()| self.reply());
        drop(held);
        let _ = fs::remove_file(&self.output);
        if reply? != OPEN {
            return Err(io::Error::other("its process did not start"));
        }
        Ok(reader)
    }

    /// How the test has ended whose output was read.
    ///
    /// # Errors
    ///
    /// If nobody knows.
    pub(super) fn ended(&mut self) -> io::Result<ExitStatus> {
        let status = self.reply()?;
        let unknown = |_| io::Error::other("the process that started it has ended");
        status.trim_end().parse().map(ExitStatus::from_raw).map_err(unknown)
    }

    fn reply(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.replies.read_line(&mut line)?;
        Ok(line)
    }
}

impl Drop for Forker {
    fn drop(&mut self) {
        self.requests = None;
        // Best effort: without requests it ends.
        let _ = self.child.wait();
    }
}
