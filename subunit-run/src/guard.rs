//! A process that outlives a supervisor that is killed, and then kills what it has left running.
//!
//! A supervisor that ends by itself has nothing left. One that gets a SIGKILL cannot do anything, so another
//! process waits for its end: a copy of this program, whose standard input is a pipe that only the
//! supervisor writes to. It is in a session of its own, where no signal of a terminal reaches it.

use std::{
    ffi::OsString,
    io::{self, Read, Write},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::process::Signal;

use crate::{
    leftovers,
    processes::{RUNS, of_run},
};

/// The first argument of a guard; the second is the run.
pub(crate) const GUARD: &str = "--guard";

/// What a supervisor writes to its guard when it ends by itself.
const DONE: &[u8] = b"done";

/// Processes that are killed may have started others: how long these are looked for.
const LIMIT: Duration = Duration::from_secs(10);

/// Watches over the processes of a run.
#[derive(Debug)]
pub struct Guard(Child);

impl Guard {
    /// Starts a guard of the run.
    ///
    /// # Errors
    ///
    /// If it cannot be started.
    pub fn start(id: &str) -> io::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args([GUARD, id]).env_remove(RUNS);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command.spawn().map(Self)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(mut pipe) = self.0.stdin.take() {
            let _ = pipe.write_all(DONE);
        }
        let _ = self.0.wait();
    }
}

/// Does the work of a guard to its end, if these are the arguments of one. Returns whether they are.
pub fn run_as_guard(arguments: &[OsString]) -> bool {
    let [_, first, id] = arguments else { return false };
    let (true, Some(id)) = (first == GUARD, id.to_str()) else { return false };
    // Nothing but the end of the supervisor ends it.
    let _ = rustix::process::setsid();
    let mut message = Vec::new();
    let _ = io::stdin().read_to_end(&mut message);
    if message != DONE {
        kill_all(id);
        leftovers::remove(id);
    }
    true
}

/// Kills all processes of a run, until there are none.
pub fn kill_all(id: &str) {
    let until = Instant::now() + LIMIT;
    while Instant::now() < until {
        let left = of_run(id);
        if left.is_empty() {
            return;
        }
        left.iter().for_each(|process| process.send(Signal::KILL));
        std::thread::sleep(Duration::from_millis(5));
    }
}
