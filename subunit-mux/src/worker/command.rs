//! The command of a worker, and how it gets ids.

use std::{
    fs,
    io::{self, Write},
    os::fd::{AsRawFd, OwnedFd, RawFd},
    path::PathBuf,
    process::Command,
};

use rustix::io::{Errno, FdFlags, fcntl_setfd, write};

use super::{Error, LOAD_LIST, TEST_FD, TEST_PATH, WorkerPlan};
use crate::{
    InputId,
    process::{BLOCK, Processes, Spawn, SpawnError, set_nonblocking},
};

/// The name of the only input; nobody sees it.
const NAME: &str = "0";

/// A pipe for ids.
#[derive(Debug)]
pub(super) struct TestPipe {
    theirs: OwnedFd,
    ours: OwnedFd,
}

impl TestPipe {
    /// A pipe whose read end is inherited by the next process, under the same number.
    pub(super) fn open() -> io::Result<Self> {
        let (theirs, ours) = rustix::pipe::pipe()?;
        fcntl_setfd(&ours, FdFlags::CLOEXEC)?;
        set_nonblocking(&ours)?;
        Ok(Self { theirs, ours })
    }
}

/// The command at work.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) id: InputId,
    pub(super) stdin: Option<OwnedFd>,
    /// Our end of the pipe for ids.
    pub(super) tests: Option<OwnedFd>,
    /// The read end, for a process that opens it by its path.
    _shared: Option<OwnedFd>,
    _list: Option<List>,
}

impl Job {
    /// Starts the command; with `tests`, for this batch.
    pub(super) fn start(
        plan: &WorkerPlan,
        processes: &mut Processes,
        pipe: Option<TestPipe>,
        tests: Option<Vec<u8>>,
        batch: u64,
    ) -> Result<Self, Error> {
        let list = tests.map(|tests| List::write(&tests, batch)).transpose()?;
        let name = plan.command.first().cloned().unwrap_or_default();
        let shown = list.as_ref().map_or_else(String::new, |list| list.0.display().to_string());
        let arguments = plan.command.iter().skip(1);
        let arguments = arguments.map(|one| if one == LOAD_LIST { &shown } else { one });
        let mut command = Command::new(&name);
        command.args(arguments);
        if let Some(TestPipe { theirs, .. }) = &pipe {
            let number = theirs.as_raw_fd();
            command.env(TEST_FD, number.to_string()).env(TEST_PATH, path_of(number));
        }
        let id = processes.spawn(NAME, Spawn::new(command).beside_us()).map_err(|error| {
            let source = match error {
                SpawnError::Start { source, .. } => source,
                error @ SpawnError::Name(_) => io::Error::other(error),
            };
            Error::Start { name: name.clone(), source }
        })?;
        let (shared, tests) = pipe.map(|pipe| (pipe.theirs, pipe.ours)).unzip();
        if let Some(shared) = &shared {
            // No other process may inherit it.
            fcntl_setfd(shared, FdFlags::CLOEXEC)
                .map_err(|error| Error::Start { name, source: error.into() })?;
        }
        let stdin = processes.take_stdin(id);
        Ok(Self { id, stdin, tests, _shared: shared, _list: list })
    }
}

/// A file with the ids of a batch, removed on drop.
#[derive(Debug)]
struct List(PathBuf);

impl List {
    fn write(tests: &[u8], batch: u64) -> Result<Self, Error> {
        let name = format!("subunit-{}-{batch}.list", std::process::id());
        let path = std::env::temp_dir().join(name);
        let failed = |source| Error::Start { name: path.display().to_string(), source };
        // A file of this name is not ours.
        let mut file = fs::File::create_new(&path).map_err(failed)?;
        file.write_all(tests).map_err(failed)?;
        Ok(Self(path))
    }
}

impl Drop for List {
    fn drop(&mut self) {
        // Best effort: it is in a folder for temporary files.
        let _ = fs::remove_file(&self.0);
    }
}

/// Where to open our descriptor: on Linux also for processes that did not inherit it.
fn path_of(number: RawFd) -> String {
    if cfg!(target_os = "linux") {
        format!("/proc/{}/fd/{number}", std::process::id())
    } else {
        format!("/dev/fd/{number}")
    }
}

/// Writes what can be written without blocking. Closes what nobody reads.
pub(super) fn hand_on(fd: &mut Option<OwnedFd>, bytes: &mut Vec<u8>) {
    let Some(open) = fd else { return };
    match write(open, &bytes[..bytes.len().min(BLOCK)]) {
        Ok(length) => drop(bytes.drain(..length)),
        Err(Errno::AGAIN | Errno::INTR) => {}
        Err(_) => *fd = None,
    }
}
