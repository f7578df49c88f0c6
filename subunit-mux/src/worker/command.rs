//! The command of a worker, and how it gets ids.

use std::{
    fs,
    io::{self, Write},
    os::fd::OwnedFd,
    path::PathBuf,
    process::Command,
};

use rustix::io::{Errno, write};

use super::{Error, LOAD_LIST, WorkerPlan};
use crate::{
    InputId,
    process::{
        BLOCK, Processes, RESULT_FD, ResultSlot, Spawn, SpawnError, TestFeed, TestPipe, TestSlot,
    },
};

/// The name of the only input; nobody sees it.
const NAME: &str = "0";

/// The command at work.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) id: InputId,
    pub(super) stdin: Option<OwnedFd>,
    /// The pipe for ids.
    pub(super) tests: Option<TestFeed>,
    _list: Option<List>,
}

impl Job {
    /// Starts the command; with `tests`, for this batch.
    pub(super) fn start(
        plan: &WorkerPlan,
        processes: &mut Processes,
        mut slot: Option<TestSlot>,
        results: Option<&mut ResultSlot>,
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
        let failed = |source| Error::Start { name: name.clone(), source };
        let pipe = slot.as_mut().map(TestSlot::open).transpose().map_err(failed)?;
        if let Some(pipe) = &pipe {
            pipe.tell(&mut command);
        }
        let (results, ours) = results.map(ResultSlot::open).transpose().map_err(failed)?.unzip();
        match &results {
            Some(results) => results.tell(&mut command),
            // That of whoever has started us is not meant.
            None => _ = command.env_remove(RESULT_FD),
        }
        let mut spawn = Spawn::new(command).beside_us();
        if let Some(ours) = ours {
            spawn = spawn.with_results(ours);
        }
        let id = processes.spawn(NAME, spawn).map_err(|error| {
            failed(match error {
                SpawnError::Start { source, .. } => source,
                error @ SpawnError::Name(_) => io::Error::other(error),
            })
        })?;
        let tests = pipe.and_then(TestPipe::into_feed);
        let stdin = processes.take_stdin(id);
        Ok(Self { id, stdin, tests, _list: list })
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

/// Writes what can be written without blocking. Closes what nobody reads.
pub(super) fn hand_on(fd: &mut Option<OwnedFd>, bytes: &mut Vec<u8>) {
    let Some(open) = fd else { return };
    match write(open, &bytes[..bytes.len().min(BLOCK)]) {
        Ok(length) => drop(bytes.drain(..length)),
        Err(Errno::AGAIN | Errno::INTR) => {}
        Err(_) => *fd = None,
    }
}
