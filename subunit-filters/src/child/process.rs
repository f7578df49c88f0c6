//! The process of a command: started, listened to on both outputs, told to stop, waited for.

use std::{
    ffi::{OsStr, OsString},
    fs::File,
    io::{self, Read},
    os::{
        fd::{AsFd, OwnedFd},
        unix::process::{CommandExt, ExitStatusExt},
    },
    process::{self, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use nix::unistd::{getpgrp, tcgetpgrp};
use rustix::{
    event::{PollFd, PollFlags},
    io::Errno,
};
use subunit_core::{
    EventBuf,
    sink::{Counts, OpenTests},
};
use subunit_mux::{
    ending::{Tail, broken, closed_tests, described},
    process::{
        Child, HELD_OPEN, Signals, StopSignal, inherited_grace, open_terminal, poll_until,
        set_nonblocking,
    },
};

use super::{
    error_output::ErrorOutput,
    status::{Ended, shell_words},
};
use crate::{console::Source, exit::Error, interrupts::Signal};

/// So long the outputs of a command that has ended may stay open.
const LINGER: Duration = Duration::from_secs(2);

/// The most that is read of them then: more than any pipe holds.
const REST: usize = 2 * 1024 * 1024;

/// How much is read of the error output at once.
const BLOCK: usize = 64 * 1024;

/// A command that runs, as an input.
///
/// Its standard input is ours. Its error output is no part of the stream, and is kept.
pub(crate) struct Process {
    child: Child,
    name: String,
    output: Option<OwnedFd>,
    errors: Option<OwnedFd>,
    signals: Signals,
    stopped: Option<Signal>,
    /// When it is killed, if it has not stopped by then.
    killed_at: Option<Instant>,
    /// Whether nobody waits for what it has left behind.
    hurries: bool,
    /// What may still be read of outputs that have been open for too long.
    rest: usize,
    held: bool,
    tail: Tail,
    said: ErrorOutput,
}

impl Process {
    /// Starts a command with these variables. With a size, its standard output is a terminal of this many
    /// columns and lines.
    ///
    /// # Errors
    ///
    /// If it cannot be started, with the reason in a line.
    pub(crate) fn start(
        words: &[OsString],
        size: Option<(u16, u16)>,
        environment: &[(&str, OsString)],
    ) -> Result<Self, Error> {
        let name = shell_words(words.iter().map(OsString::as_os_str));
        let failed = |source| Error::System { name: name.clone(), source };
        // From here on no signal is lost.
        let signals = Signals::catch().map_err(failed)?;
        let Some((program, arguments)) = words.split_first() else {
            return Err(Error::Usage("there is no command after `--`".into()));
        };
        let mut command = process::Command::new(program);
        command.args(arguments).stderr(Stdio::piped());
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        let output = standard_output(&mut command, size).map_err(failed)?;
        let is_beside_us = is_in_foreground();
        if !is_beside_us {
            command.process_group(0);
        }
        let mut child = command.spawn().map_err(|error| cannot_start(program, &error))?;
        // Its end of a terminal is closed here, or its output would never end.
        drop(command);
        let missing = || failed(io::Error::other("a pipe is missing"));
        let output = match output {
            Some(output) => output,
            None => child.stdout.take().ok_or_else(missing)?.into(),
        };
        let errors = OwnedFd::from(child.stderr.take().ok_or_else(missing)?);
        for fd in [&output, &errors] {
            set_nonblocking(fd).map_err(failed)?;
        }
        Ok(Self {
            child: Child::new(child, is_beside_us),
            name: name.clone(),
            output: Some(output),
            errors: Some(errors),
            signals,
            stopped: None,
            killed_at: None,
            hurries: false,
            rest: REST,
            held: false,
            tail: Tail::default(),
            said: ErrorOutput::default(),
        })
    }

    /// All of its error output, after the end of the input; none if there was none, or too much.
    pub(crate) fn take_error_output(&mut self) -> Option<File> {
        std::mem::take(&mut self.said).into_file()
    }

    /// How it ended; after the end of the input.
    pub(crate) fn ended(&self) -> Ended {
        let status = self.status();
        let (exit, signal) = (status.code(), status.signal());
        Ended { command: self.name.clone(), exit, signal, route: None }
    }

    /// The signal by which it was stopped, and we with it.
    pub(crate) fn stopped_by(&self) -> Option<Signal> {
        self.stopped
    }

    /// What to say on standard error about its end.
    pub(crate) fn remark(&self) -> Option<String> {
        self.held.then(|| format!("{}: {HELD_OPEN}", self.name))
    }

    /// The ends of the tests that were running at its end.
    pub(crate) fn closed_tests(&self, open: &OpenTests) -> Vec<EventBuf> {
        closed_tests(open, &self.cause(), &self.tail)
    }

    /// The failure that its end is, unless `counts` explain it.
    pub(crate) fn failure(&self, counts: &Counts) -> Option<EventBuf> {
        self.ended().is_failure(counts).then(|| broken(&self.cause(), false, &self.tail))
    }

    /// `pytest: exit status 2: stopped by SIGINT`
    fn cause(&self) -> String {
        let cause = format!("{}: {}", self.name, described(self.status()));
        match self.stopped {
            Some(signal) => format!("{cause}: stopped by {}", signal.name()),
            None => cause,
        }
    }

    fn status(&self) -> ExitStatus {
        self.child.status().unwrap_or_default()
    }

    /// When there is something to do though nothing happens.
    fn due(&self) -> Option<Instant> {
        match self.child.ended_at() {
            Some(at) => Some(if self.hurries { at } else { at + LINGER }),
            None => self.killed_at,
        }
    }

    /// Whether its outputs have been open for longer than they should.
    fn is_late(&self) -> bool {
        self.child.ended_at().is_some_and(|at| self.hurries || at.elapsed() >= LINGER)
    }

    fn is_over(&self) -> bool {
        self.child.status().is_some() && self.output.is_none() && self.errors.is_none()
    }

    /// A terminal's ^C reaches whoever is beside us by itself; it is the command's to answer. Else the first
    /// interrupt is passed on, and each one after it is meant more firmly.
    fn hear(&mut self) {
        let step = match self.signals.take() {
            (false, false) => return,
            (_, true) if self.killed_at.is_some() => Some(StopSignal::Kill),
            (_, true) => Some(StopSignal::Terminate),
            // It has been reported.
            (true, false) if self.child.is_beside_us() => None,
            (true, false) if self.killed_at.is_some() => Some(StopSignal::Kill),
            (true, false) if self.stopped.is_some() => Some(StopSignal::Terminate),
            (true, false) => Some(StopSignal::Interrupt),
        };
        let signal = match step {
            None | Some(StopSignal::Interrupt) => Signal::Interrupt,
            Some(_) if self.signals.hung_up() => Signal::HangUp,
            Some(_) => Signal::Terminate,
        };
        self.stopped.get_or_insert(signal);
        if self.child.status().is_some() {
            self.hurries = true;
            return;
        }
        if step == Some(StopSignal::Terminate) {
            self.killed_at = Some(Instant::now() + inherited_grace());
        }
        if let Some(step) = step {
            self.child.stop(step);
        }
    }

    /// Looks whether it has ended, or has had its time to stop.
    fn look(&mut self) {
        let now = Instant::now();
        let has_ended = self.child.look(now);
        let is_due = self.killed_at.is_some_and(|at| now >= at);
        if has_ended && self.stopped.is_some() {
            // What it has started was to be stopped as well.
            self.child.stop(StopSignal::Kill);
        } else if is_due && self.child.status().is_none() {
            self.killed_at = None;
            self.child.stop(StopSignal::Kill);
        }
    }

    fn read_errors(&mut self) -> Vec<u8> {
        let Some(errors) = &self.errors else { return Vec::new() };
        let mut bytes = vec![0; BLOCK];
        let read = rustix::io::read(errors, &mut bytes[..]);
        let length = self.length(read);
        if length.is_none() {
            self.errors = None;
        }
        bytes.truncate(length.unwrap_or(0));
        self.tail.take(&bytes);
        self.said.take(&bytes);
        bytes
    }

    /// How much was read, maybe nothing yet; `None` where nothing more is to be had.
    fn length(&mut self, read: Result<usize, Errno>) -> Option<usize> {
        let is_late = self.is_late();
        match read {
            Err(Errno::INTR) => Some(0),
            Err(Errno::AGAIN) if !is_late => Some(0),
            Err(Errno::AGAIN) => {
                self.held = true;
                None
            }
            // A terminal that nobody has open any more says so by an error.
            Ok(0) | Err(_) => None,
            Ok(length) if is_late && length >= self.rest => {
                self.held = true;
                None
            }
            Ok(length) => {
                self.rest -= if is_late { length } else { 0 };
                Some(length)
            }
        }
    }
}

impl Read for Process {
    /// What there is of standard output; [`io::ErrorKind::Interrupted`] while there is none.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(output) = &self.output {
            let read = rustix::io::read(output, buffer);
            match self.length(read) {
                Some(length @ 1..) => return Ok(length),
                Some(_) => {}
                None => self.output = None,
            }
        }
        if self.is_over() { Ok(0) } else { Err(io::ErrorKind::Interrupted.into()) }
    }
}

impl Source for Process {
    /// A turn: until there is something to read on either output, a signal has come, or something is due.
    fn wait(&mut self, time: Duration) -> bool {
        if self.is_over() || (self.is_late() && self.output.is_some()) {
            return true;
        }
        let mut fds = vec![PollFd::from_borrowed_fd(self.signals.as_fd(), PollFlags::IN)];
        let outputs = [&self.output, &self.errors].into_iter().flatten();
        fds.extend(outputs.map(|fd| PollFd::from_borrowed_fd(fd.as_fd(), PollFlags::IN)));
        let due = self.due().map(|due| due.saturating_duration_since(Instant::now()));
        let time = due.map_or(time, |due| due.min(time));
        match poll_until(&mut fds, Instant::now().checked_add(time)) {
            // It is found by the read that follows.
            Err(_) => true,
            Ok(()) => {
                self.output.is_some() && fds.get(1).is_some_and(|fd| !fd.revents().is_empty())
            }
        }
    }

    fn aside(&mut self) -> Option<Vec<u8>> {
        self.hear();
        self.look();
        Some(self.read_errors())
    }
}

/// Whoever is in the way of an error that ends us leaves nothing running behind.
impl Drop for Process {
    fn drop(&mut self) {
        if self.child.status().is_none() {
            self.child.stop(StopSignal::Kill);
            let _ = self.child.wait();
        }
    }
}

/// Gives the command a pipe, or a terminal of which this is our end.
fn standard_output(
    command: &mut process::Command,
    size: Option<(u16, u16)>,
) -> io::Result<Option<OwnedFd>> {
    /// Without it Python would keep what it prints to itself until a block of a pipe is full.
    const UNBUFFERED: &str = "PYTHONUNBUFFERED";
    let Some(size) = size else {
        command.stdout(Stdio::piped());
        if std::env::var_os(UNBUFFERED).is_none() {
            command.env(UNBUFFERED, "1");
        }
        return Ok(None);
    };
    let (ours, theirs) = open_terminal(size)?;
    command.stdout(theirs);
    Ok(Some(ours))
}

/// Whether a terminal sends ^C to our process group.
fn is_in_foreground() -> bool {
    File::open("/dev/tty").is_ok_and(|terminal| tcgetpgrp(&terminal) == Ok(getpgrp()))
}

/// Why a command cannot be started; a file that was meant to be read is told from a program.
fn cannot_start(program: &OsStr, error: &io::Error) -> Error {
    let name = shell_words([program]);
    if !File::open(program).is_ok_and(|file| file.metadata().is_ok_and(|kind| kind.is_file())) {
        let reason = match error.kind() {
            io::ErrorKind::NotFound => "command not found".into(),
            _ => error.to_string(),
        };
        return Error::Usage(format!("{name}: {reason}"));
    }
    let way_out = match error.kind() {
        io::ErrorKind::NotFound => "read it without `--`".into(),
        _ => format!("read it without `--`, or make it a program ({error})"),
    };
    Error::Usage(format!("{name}: this is a file, not a program: {way_out}"))
}
