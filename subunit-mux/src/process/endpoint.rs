//! One input: a process, a file or a connection.

mod ending;
mod reading;

use std::{
    io,
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::net::UnixStream,
    },
    path::Path,
    process::ExitStatus,
    rc::Rc,
    time::{Duration, Instant},
};

use rustix::{
    io::{Errno, write},
    net::{Shutdown, shutdown},
    process::Signal,
};

use super::{
    child::Child,
    settings::Limits,
    sizes::BLOCK,
    spawn::{self, Spawn, Spawned},
    stop_signal::{StopSignal, Stopping},
};
use crate::{Hub, InputId, Outbox};

/// Which of an input's descriptors.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Side {
    Output,
    Errors,
    /// Results beside the output.
    Results,
    Input,
}

/// What an input is.
#[derive(Debug)]
enum Kind {
    Process {
        child: Child,
        terminal: bool,
    },
    File,
    Fifo,
    Connection,
    /// The outputs of a process that has ended; something that it started holds them open.
    Leftover,
}

/// An input and our ends of its descriptors.
#[derive(Debug)]
pub(super) struct Endpoint {
    pub(super) id: InputId,
    pub(super) name: String,
    kind: Kind,
    output: Option<Rc<OwnedFd>>,
    errors: Option<OwnedFd>,
    results: Option<OwnedFd>,
    /// A connection has one descriptor for both.
    input: Option<Rc<OwnedFd>>,
    /// When it last said anything, by the hub's clock.
    pub(super) heard: Duration,
    stopping: Option<Stopping>,
    /// How much may still be read of outputs that were open for too long.
    rest: usize,
    /// All that is allowed of these has been read.
    drained: bool,
}

/// An input that is not attached yet.
impl Endpoint {
    pub(super) fn spawn(command: Spawn, name: &str, grace: Duration) -> io::Result<Unattached> {
        let (terminal, beside_us) = (command.terminal.is_some(), command.beside_us);
        let Spawned { child, output, errors, results, input } = command.start(grace)?;
        let kind = Kind::Process { child: Child::new(child, beside_us), terminal };
        let (output, input) = (Some(Rc::new(output)), Some(Rc::new(input)));
        Ok(Unattached { name: name.into(), kind, output, errors, results, input })
    }

    pub(super) fn open(path: &Path, name: &str) -> io::Result<Unattached> {
        let (output, is_fifo) = spawn::open(path)?;
        let kind = if is_fifo { Kind::Fifo } else { Kind::File };
        let output = Some(Rc::new(output));
        Ok(Unattached { name: name.into(), kind, output, errors: None, results: None, input: None })
    }

    pub(super) fn connection(stream: UnixStream, name: &str) -> io::Result<Unattached> {
        stream.set_nonblocking(true)?;
        let both = Rc::new(OwnedFd::from(stream));
        let (output, input) = (Some(Rc::clone(&both)), Some(both));
        let (name, kind) = (name.into(), Kind::Connection);
        Ok(Unattached { name, kind, output, errors: None, results: None, input })
    }

    pub(super) fn side(&self, side: Side) -> Option<BorrowedFd<'_>> {
        let fd = match side {
            Side::Output => self.output.as_deref(),
            Side::Errors => self.errors.as_ref(),
            Side::Results => self.results.as_ref(),
            Side::Input => self.input.as_deref(),
        };
        fd.map(AsFd::as_fd)
    }

    /// Whether something is to be written to the input: bytes, or the end.
    pub(super) fn has_stdin(&self, hub: &Hub) -> bool {
        self.input.is_some() && (!hub.inbox(self.id).is_empty() || hub.inbox_ends(self.id))
    }

    /// Writes what the input takes. Returns whether it took anything.
    pub(super) fn write_stdin(&mut self, hub: &mut Hub, out: &mut Outbox) -> bool {
        let Some(fd) = &self.input else { return false };
        let mut took = false;
        let inbox = hub.inbox(self.id);
        if !inbox.is_empty() {
            match write(fd, &inbox[..inbox.len().min(BLOCK)]) {
                Ok(length) => {
                    hub.consumed(self.id, length);
                    took = true;
                }
                Err(Errno::AGAIN | Errno::INTR) => {}
                Err(_) => {
                    hub.close_stdin(self.id, out);
                    self.input = None;
                }
            }
        }
        if hub.inbox(self.id).is_empty() && hub.inbox_ends(self.id) {
            self.close_input();
        }
        took
    }

    /// Hands over the standard input of a process.
    pub(super) fn take_stdin(&mut self) -> Option<OwnedFd> {
        self.input.take().and_then(Rc::into_inner)
    }

    pub(super) fn close_output(&mut self) {
        self.output = None;
    }

    fn close_input(&mut self) {
        let Some(fd) = self.input.take() else { return };
        match &self.kind {
            // A terminal has no end; this character stands for it. If there is no room for it, the program
            // is not reading anyway.
            Kind::Process { terminal: true, .. } => drop(write(&*fd, b"\x04")),
            Kind::Connection => drop(shutdown(&*fd, Shutdown::Write)),
            _ => {}
        }
    }

    /// Checks whether the process has ended.
    pub(super) fn look(&mut self, now: Instant) {
        let Kind::Process { child, .. } = &mut self.kind else { return };
        if !child.look(now) {
            return;
        }
        self.rest = REST;
        if self.stopping.is_some() {
            // What it has started was to stop too.
            child.send(Signal::KILL);
        }
    }

    /// Whether all is over: the process, and the reading of its outputs.
    ///
    /// Something that it has started may hold its outputs open for ever. We wait for that only for a while;
    /// then we read what is in the pipes, and no more.
    pub(super) fn is_over(&self) -> bool {
        let closed = !self.has_open_output();
        let Kind::Process { child, .. } = &self.kind else {
            return closed || self.stopping.is_some();
        };
        child.status().is_some() && (closed || self.drained)
    }

    fn has_open_output(&self) -> bool {
        self.output.is_some() || self.errors.is_some() || self.results.is_some()
    }

    /// When it needs attention even if nothing happens.
    pub(super) fn due(&self, limits: &Limits, now: Instant) -> Option<Instant> {
        let Kind::Process { child, .. } = &self.kind else { return None };
        match (child.ended_at(), &self.stopping) {
            // After that, only the output has to take what is left.
            (Some(at), _) => Some(at + limits.linger).filter(|due| *due > now),
            (None, Some(stopping)) => stopping.next,
            (None, None) => None,
        }
    }

    /// Whether it may say more and was not told to stop. A file cannot hang.
    pub(super) fn can_hang(&self) -> bool {
        let may_say_more = match &self.kind {
            Kind::Process { child, .. } => child.status().is_none(),
            Kind::Fifo | Kind::Connection => true,
            Kind::File | Kind::Leftover => false,
        };
        may_say_more && self.stopping.is_none()
    }

    pub(super) fn is_client(&self) -> bool {
        matches!(self.kind, Kind::Connection)
    }

    /// Tells it to stop. A process in our group gets an interrupt from the terminal, and is not escalated.
    pub(super) fn stop(&mut self, signal: StopSignal, why: &str, grace: Duration, now: Instant) {
        let is_beside_us = self.is_beside_us();
        let told = self.stopping.as_ref().map(|stopping| stopping.signal);
        if told.is_some_and(|told| told > signal || told == signal && !is_beside_us) {
            return;
        }
        let why = self.stopping.take().map_or_else(|| why.to_owned(), |stopping| stopping.why);
        let next = signal.next().filter(|_| !is_beside_us).map(|_| now + grace);
        self.stopping = Some(Stopping { why, signal, next });
        if let Kind::Process { child, .. } = &self.kind
            && (!is_beside_us || signal != StopSignal::Interrupt)
        {
            child.stop(signal);
        }
    }

    /// It will be told to stop then, unless it is being stopped already.
    pub(super) fn stop_at(&mut self, why: &str, at: Instant) {
        self.stopping.get_or_insert_with(|| Stopping {
            why: why.to_owned(),
            signal: StopSignal::Interrupt,
            next: Some(at),
        });
    }

    fn is_beside_us(&self) -> bool {
        matches!(&self.kind, Kind::Process { child, .. } if child.is_beside_us())
    }

    /// Sends the next, stronger signal if its time is over.
    pub(super) fn escalate(&mut self, grace: Duration, now: Instant) {
        let Some(stopping) = &self.stopping else { return };
        if let (Some(due), Some(signal)) = (stopping.next, stopping.signal.next())
            && now >= due
        {
            self.stop(signal, "", grace, now);
        }
    }

    /// The number of its process, as long as that runs.
    pub(super) fn pid(&self) -> Option<u32> {
        let Kind::Process { child, .. } = &self.kind else { return None };
        child.status().is_none().then(|| child.id())
    }

    /// Sends its process group a signal.
    pub(super) fn send(&self, signal: Signal) {
        if let Kind::Process { child, .. } = &self.kind
            && child.status().is_none()
        {
            child.send(signal);
        }
    }

    /// Suspends it. Multiplexers below it pass that on.
    pub(super) fn suspend(&self) {
        // A process on a terminal of its own has no job control above it, so it is not stopped by a signal
        // that it may catch.
        if let Kind::Process { terminal, child } = &self.kind
            && child.status().is_none()
        {
            child.send(if *terminal { Signal::STOP } else { Signal::TSTP });
        }
    }

    /// Lets it continue.
    pub(super) fn resume(&self) {
        if let Kind::Process { child, .. } = &self.kind
            && child.status().is_none()
        {
            child.send(Signal::CONT);
        }
    }

    /// Moves its deadlines by this much.
    pub(super) fn put_off(&mut self, away: Duration) {
        if let Kind::Process { child, .. } = &mut self.kind {
            child.put_off(away);
        }
        if let Some(Stopping { next: Some(next), .. }) = &mut self.stopping {
            *next += away;
        }
    }

    /// How its process has ended.
    pub(super) fn status(&self) -> Option<ExitStatus> {
        let Kind::Process { child, .. } = &self.kind else { return None };
        child.status()
    }

    fn ended_at(&self) -> Option<Instant> {
        let Kind::Process { child, .. } = &self.kind else { return None };
        child.ended_at()
    }
}

/// The most that is read of an output that stays open too long after its process has ended: more than any
/// pipe holds.
pub(super) const REST: usize = 2 * 1024 * 1024;

/// An input that is open and not in the hub yet.
pub(super) struct Unattached {
    name: String,
    kind: Kind,
    output: Option<Rc<OwnedFd>>,
    errors: Option<OwnedFd>,
    results: Option<OwnedFd>,
    input: Option<Rc<OwnedFd>>,
}

impl Unattached {
    /// Whether it is a file, written before.
    pub(super) fn is_file(&self) -> bool {
        matches!(self.kind, Kind::File)
    }

    pub(super) fn under(self, id: InputId, now: Duration) -> Endpoint {
        Endpoint {
            id,
            name: self.name,
            kind: self.kind,
            output: self.output,
            errors: self.errors,
            results: self.results,
            input: self.input,
            heard: now,
            stopping: None,
            rest: usize::MAX,
            drained: false,
        }
    }
}
