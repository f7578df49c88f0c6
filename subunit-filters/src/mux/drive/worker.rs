//! A leaf that takes tests while it runs: a command, and tests for it as they come.

use std::{
    fs,
    io::{self, Write},
    os::fd::{AsFd, AsRawFd, OwnedFd},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
};

use rustix::{
    event::{PollFd, PollFlags, poll},
    io::{Errno, read, write},
};
use subunit_core::{Event, FileChunk};

use super::{BLOCK, leaf, signals::Signals, spawn};
use crate::{
    console::Console,
    exit::{Error, Exit},
    mux::{CAPABILITIES, Intake, TAKES_TESTS},
};

/// In this variable the command finds the number of a descriptor to read ids from, one a line.
pub const TEST_FD: &str = "SUBUNIT_TEST_FD";

/// An argument that stands for the path of a file with the ids of a batch.
pub const LOAD_LIST: &str = "{}";

/// What a worker runs.
#[derive(Debug)]
pub struct WorkerPlan {
    /// The command and its arguments. With [`LOAD_LIST`] among them it is run once for each batch.
    pub command: Vec<String>,
    /// Ids come from this file or descriptor as well, one a line.
    pub ids: Option<PathBuf>,
}

/// Nothing more is taken while more than this waits to be handed on.
const HIGH: usize = 1024 * 1024;

/// Runs the command to its end.
///
/// # Errors
///
/// Where the command cannot be started, or the ids cannot be read.
pub fn run_worker(plan: &WorkerPlan, console: &mut Console<'_>) -> Result<Exit, Error> {
    let failed = |source| Error::Input { name: "signals".into(), source };
    let signals = Signals::catch().map_err(failed)?;
    let ids = plan.ids.as_ref().map(|path| {
        let failed = |source| Error::Input { name: path.display().to_string(), source };
        spawn::open(path).map(|(fd, _)| fd).map_err(failed)
    });
    let mut worker = Worker {
        plan,
        console,
        signals,
        intake: Intake::default(),
        deaf: false,
        ids: ids.transpose()?,
        line: Vec::new(),
        job: None,
        worst: Exit::Passed,
        batches: 0,
        dropped: 0,
    };
    worker.introduce()?;
    if !worker.in_batches() {
        worker.start()?;
    }
    while !worker.is_done() {
        worker.step()?;
    }
    worker.result()
}

struct Worker<'p, 'c, 'd> {
    plan: &'p WorkerPlan,
    console: &'d mut Console<'c>,
    signals: Signals,
    intake: Intake,
    /// Whether our standard input has ended.
    deaf: bool,
    ids: Option<OwnedFd>,
    /// The beginning of an id whose end has not been read.
    line: Vec<u8>,
    job: Option<Job>,
    worst: Exit,
    batches: u64,
    /// How many tests were not handed on because we were told to stop.
    dropped: usize,
}

/// The command at work.
struct Job {
    child: Child,
    input: Option<OwnedFd>,
    tests: Option<OwnedFd>,
    list: Option<PathBuf>,
}

/// Which descriptor is ready.
#[derive(Clone, Copy)]
enum Slot {
    Signals,
    Orders,
    Ids,
    Input,
    Tests,
}

impl Worker<'_, '_, '_> {
    fn in_batches(&self) -> bool {
        self.plan.command.iter().any(|argument| argument == LOAD_LIST)
    }

    /// Says that tests are taken here.
    fn introduce(&mut self) -> Result<(), Error> {
        let mut packet = Vec::new();
        let file = Some(FileChunk { name: CAPABILITIES, bytes: TAKES_TESTS.as_bytes() });
        let event = Event { file, eof: true, runnable: false, ..Event::default() };
        event.encode(&mut packet).map_err(|error| io::Error::other(error.to_string()))?;
        self.console.stdout.write_all(&packet)?;
        Ok(self.console.stdout.flush()?)
    }

    /// Starts the command: for the whole run, or for the tests that wait.
    fn start(&mut self) -> Result<(), Error> {
        let list = if self.in_batches() { Some(self.write_list()?) } else { None };
        let name = self.plan.command.first().cloned().unwrap_or_default();
        let failed = |source| Error::Input { name: name.clone(), source };
        let shown = list.as_ref().map_or_else(String::new, |path| path.display().to_string());
        let arguments = self.plan.command.iter().skip(1);
        let arguments = arguments.map(|one| if one == LOAD_LIST { &shown } else { one });
        let mut command = Command::new(&name);
        command.args(arguments).stdin(Stdio::piped());
        let (mut theirs, mut tests) = (None, None);
        if list.is_none() {
            let (read_end, write_end) = inherited_pipe().map_err(failed)?;
            command.env(TEST_FD, read_end.as_raw_fd().to_string());
            (theirs, tests) = (Some(read_end), Some(write_end));
        }
        let mut child = command.spawn().map_err(failed)?;
        drop(theirs);
        let input = child.stdin.take().map(OwnedFd::from);
        if let Some(input) = &input {
            spawn::set_nonblocking(input).map_err(failed)?;
        }
        self.job = Some(Job { child, input, tests, list });
        Ok(())
    }

    /// The tests that wait, in a file.
    fn write_list(&mut self) -> Result<PathBuf, Error> {
        self.batches += 1;
        let name = format!("subunit-{}-{}.list", std::process::id(), self.batches);
        let path = std::env::temp_dir().join(name);
        let failed = |source| Error::Input { name: path.display().to_string(), source };
        // Whatever stands there under this name is not ours.
        let mut file = fs::File::create_new(&path).map_err(failed)?;
        file.write_all(&self.intake.tests).map_err(failed)?;
        self.intake.tests.clear();
        Ok(path)
    }

    fn hears_no_more(&self) -> bool {
        self.deaf && self.ids.is_none()
    }

    fn is_done(&self) -> bool {
        let more = self.in_batches() && !(self.hears_no_more() && self.intake.tests.is_empty());
        self.job.is_none() && !more
    }

    fn result(self) -> Result<Exit, Error> {
        let left = self.dropped + count(&self.intake.tests);
        if left == 0 {
            return Ok(self.worst);
        }
        self.console.say(format_args!("{left} tests were not run"))?;
        self.console.stderr.flush()?;
        Ok(Exit::Failed)
    }

    fn step(&mut self) -> Result<(), Error> {
        for slot in self.wait()? {
            match slot {
                Slot::Signals => self.on_signals()?,
                Slot::Orders => self.read_orders(),
                Slot::Ids => self.read_ids(),
                Slot::Input => {
                    if let Some(job) = &mut self.job {
                        hand_on(&mut job.input, &mut self.intake.text);
                    }
                }
                Slot::Tests => {
                    if let Some(job) = &mut self.job {
                        hand_on(&mut job.tests, &mut self.intake.tests);
                    }
                }
            }
        }
        for refused in std::mem::take(&mut self.intake.refused) {
            self.console.say(refused)?;
            self.console.stderr.flush()?;
        }
        if self.job.is_none() && self.in_batches() && !self.intake.tests.is_empty() {
            self.start()?;
        }
        self.close_what_is_done();
        Ok(())
    }

    /// The command hears of the end of what it has been told all of.
    fn close_what_is_done(&mut self) {
        let no_more = self.hears_no_more();
        let Some(job) = &mut self.job else { return };
        if no_more && self.intake.tests.is_empty() {
            job.tests = None;
        }
        if (self.deaf || self.intake.text_ends) && self.intake.text.is_empty() {
            job.input = None;
        }
        if job.input.is_none() {
            self.intake.text.clear();
        }
    }

    fn wait(&self) -> Result<Vec<Slot>, Error> {
        let (mut slots, mut fds) = (Vec::new(), Vec::new());
        let stdin = io::stdin();
        let mut want = |slot, fd, flags| {
            slots.push(slot);
            fds.push(PollFd::from_borrowed_fd(fd, flags));
        };
        want(Slot::Signals, self.signals.as_fd(), PollFlags::IN);
        let room = self.intake.tests.len() + self.intake.text.len() < HIGH;
        if !self.deaf && room {
            want(Slot::Orders, stdin.as_fd(), PollFlags::IN);
        }
        if let Some(ids) = self.ids.as_ref().filter(|_| room) {
            want(Slot::Ids, ids.as_fd(), PollFlags::IN);
        }
        if let Some(job) = &self.job {
            if let Some(input) = job.input.as_ref().filter(|_| !self.intake.text.is_empty()) {
                want(Slot::Input, input.as_fd(), PollFlags::OUT);
            }
            if let Some(tests) = job.tests.as_ref().filter(|_| !self.intake.tests.is_empty()) {
                want(Slot::Tests, tests.as_fd(), PollFlags::OUT);
            }
        }
        match poll(&mut fds, None) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(Error::Output(error.into())),
        }
        let ready = fds.iter().zip(slots).filter(|(fd, _)| !fd.revents().is_empty());
        Ok(ready.map(|(_, slot)| slot).collect())
    }

    /// A child may have ended. To be told to stop is the command's business: it is told as well, by
    /// whoever tells us, and if not, now.
    fn on_signals(&mut self) -> Result<(), Error> {
        let (interrupt, terminate) = self.signals.take();
        let Some(job) = &mut self.job else {
            self.deaf |= interrupt || terminate;
            return Ok(());
        };
        if terminate {
            let pid = i32::try_from(job.child.id()).ok().and_then(rustix::process::Pid::from_raw);
            if let Some(pid) = pid {
                // It may have gone already.
                let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
            }
        }
        if interrupt || terminate {
            self.deaf = true;
            self.ids = None;
            self.dropped += count(&self.intake.tests);
            self.intake.tests.clear();
            self.worst = Exit::Failed;
        }
        let Some(status) = job.child.try_wait()? else { return Ok(()) };
        if let Some(list) = &job.list {
            // It was made for this batch only; what cannot be removed is in a place for such files.
            let _ = fs::remove_file(list);
        }
        self.job = None;
        self.note_end(status)
    }

    fn note_end(&mut self, status: ExitStatus) -> Result<(), Error> {
        if status.success() {
            return Ok(());
        }
        self.worst = Exit::Failed;
        self.console.say(format_args!("the command ended: {}", leaf::described(status)))?;
        Ok(self.console.stderr.flush()?)
    }

    fn read_orders(&mut self) {
        let mut buffer = vec![0; BLOCK];
        match read(io::stdin(), &mut buffer[..]) {
            Ok(length @ 1..) => self.intake.take(&buffer[..length]),
            Err(Errno::INTR | Errno::AGAIN) => {}
            Ok(0) | Err(_) => {
                self.intake.finish();
                self.deaf = true;
            }
        }
    }

    fn read_ids(&mut self) {
        let Some(fd) = &self.ids else { return };
        let mut buffer = vec![0; BLOCK];
        match read(fd, &mut buffer[..]) {
            Ok(length @ 1..) => self.line.extend_from_slice(&buffer[..length]),
            Err(Errno::INTR | Errno::AGAIN) => return,
            Ok(0) | Err(_) => {
                self.ids = None;
                if !self.line.is_empty() {
                    self.line.push(b'\n');
                }
            }
        }
        let whole = memchr::memrchr(b'\n', &self.line).map_or(0, |at| at + 1);
        let rest = self.line.split_off(whole);
        let lines = std::mem::replace(&mut self.line, rest);
        for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            match std::str::from_utf8(line) {
                Ok(test_id) => self.intake.test(test_id),
                Err(_) => self.intake.refused.push("an id that is not UTF-8".into()),
            }
        }
    }
}

/// How many ids these lines are.
fn count(lines: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', lines).count()
}

/// A pipe whose end for reading goes to what is started next, under the same number.
fn inherited_pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let (read_end, write_end) = rustix::pipe::pipe()?;
    rustix::io::fcntl_setfd(&write_end, rustix::io::FdFlags::CLOEXEC)?;
    spawn::set_nonblocking(&write_end)?;
    Ok((read_end, write_end))
}

/// Writes what is taken without waiting. Who reads no more is told no more.
fn hand_on(fd: &mut Option<OwnedFd>, bytes: &mut Vec<u8>) {
    let Some(open) = fd else { return };
    match write(open, &bytes[..bytes.len().min(BLOCK)]) {
        Ok(length) => drop(bytes.drain(..length)),
        Err(Errno::AGAIN | Errno::INTR) => {}
        Err(_) => *fd = None,
    }
}
