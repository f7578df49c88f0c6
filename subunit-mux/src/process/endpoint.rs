//! One input: a process, a file or a connection.

use std::{
    io,
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::net::UnixStream,
    },
    path::Path,
    process::{Child, ExitStatus},
    rc::Rc,
    time::{Duration, Instant},
};

use rustix::{
    io::{Errno, read, write},
    net::{Shutdown, shutdown},
    process::{Pid, Signal, kill_process, kill_process_group},
};

use subunit_core::EventBuf;

use super::{
    BLOCK, HELD_OPEN, HIGH, Limits, Spawn, StopSignal,
    escalation::Stopping,
    spawn::{self, Spawned},
};
use crate::{
    Ending, Hub, InputId, Moment, Outbox, Stream,
    asides::{State, Worker},
    ending::{described, signal_of},
};

/// Which of an input's descriptors.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Side {
    Output,
    Errors,
    Input,
}

/// What an input is.
#[derive(Debug)]
enum Kind {
    Process {
        child: Child,
        terminal: bool,
        /// Whether it is in our process group.
        beside_us: bool,
        ended: Option<(ExitStatus, Instant)>,
    },
    File,
    Fifo,
    Connection,
    /// The outputs of a process that has ended, which something that it started holds open.
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
    /// A connection has one descriptor for both.
    input: Option<Rc<OwnedFd>>,
    /// When it last said anything, by the hub's clock.
    pub(super) heard: Duration,
    stopping: Option<Stopping>,
    /// What may still be read of outputs that have been open for too long.
    rest: usize,
    /// All that could be had of these has been read.
    drained: bool,
}

/// An input that is not attached yet.
impl Endpoint {
    pub(super) fn spawn(command: Spawn, name: &str, grace: Duration) -> io::Result<Unattached> {
        let (terminal, beside_us) = (command.terminal.is_some(), command.beside_us);
        let Spawned { child, output, errors, input } = command.start(grace)?;
        let kind = Kind::Process { child, terminal, beside_us, ended: None };
        let (output, input) = (Some(Rc::new(output)), Some(Rc::new(input)));
        Ok(Unattached { name: name.into(), kind, output, errors, input })
    }

    pub(super) fn open(path: &Path, name: &str) -> io::Result<Unattached> {
        let (output, is_fifo) = spawn::open(path)?;
        let kind = if is_fifo { Kind::Fifo } else { Kind::File };
        let output = Some(Rc::new(output));
        Ok(Unattached { name: name.into(), kind, output, errors: None, input: None })
    }

    pub(super) fn connection(stream: UnixStream, name: &str) -> io::Result<Unattached> {
        stream.set_nonblocking(true)?;
        let both = Rc::new(OwnedFd::from(stream));
        let (output, input) = (Some(Rc::clone(&both)), Some(both));
        Ok(Unattached { name: name.into(), kind: Kind::Connection, output, errors: None, input })
    }

    pub(super) fn side(&self, side: Side) -> Option<BorrowedFd<'_>> {
        let fd = match side {
            Side::Output => self.output.as_deref(),
            Side::Errors => self.errors.as_ref(),
            Side::Input => self.input.as_deref(),
        };
        fd.map(AsFd::as_fd)
    }

    /// Reads what is there of the output into the hub's space, at most a block; how much it was.
    pub(super) fn fill(&mut self, hub: &mut Hub, now: Moment) -> Option<usize> {
        let fd = self.output.as_ref()?;
        let length = read(fd, &mut hub.space(self.id, BLOCK)?[..BLOCK]);
        self.note_read(Side::Output, length, now)
    }

    /// Reads what is there of the error output, at most a block; whether there was anything.
    pub(super) fn read_errors(&mut self, hub: &mut Hub, now: Moment, out: &mut Outbox) -> bool {
        let Some(fd) = &self.errors else { return false };
        let mut buffer = vec![0; BLOCK];
        let length = read(fd, &mut buffer[..]);
        let length = self.note_read(Side::Errors, length, now);
        let bytes = buffer.get(..length.unwrap_or_default()).unwrap_or_default();
        hub.feed(self.id, Stream::Stderr, bytes, now, out);
        length.is_some()
    }

    fn note_read(
        &mut self,
        side: Side,
        length: Result<usize, Errno>,
        now: Moment,
    ) -> Option<usize> {
        match length {
            Ok(length @ 1..) => {
                self.heard = now.elapsed;
                self.rest = self.rest.saturating_sub(length);
                return Some(length);
            }
            Err(Errno::INTR | Errno::AGAIN) => {}
            // A terminal that nobody has open any more says so by an error.
            Ok(0) | Err(_) if side == Side::Output => self.output = None,
            Ok(0) | Err(_) => self.errors = None,
        }
        None
    }

    /// Reads what is left, where outputs have been open for longer than they should: without waiting,
    /// and no more than a pipe holds.
    pub(super) fn drain(
        &mut self,
        limits: &Limits,
        hub: &mut Hub,
        now: Moment,
        out: &mut Outbox,
        time: Instant,
    ) {
        let Kind::Process { ended: Some((_, at)), .. } = self.kind else { return };
        if time < at + limits.linger {
            return;
        }
        while !self.drained && out.len() < HIGH {
            let output = self.fill(hub, now);
            if let Some(length) = output {
                hub.filled(self.id, length, now, out);
            }
            let errors = self.read_errors(hub, now, out);
            self.drained = self.rest == 0 || output.is_none() && !errors;
        }
    }

    /// Whether there is something to tell the input: bytes, or that there will be none.
    pub(super) fn has_stdin(&self, hub: &Hub) -> bool {
        self.input.is_some() && (!hub.inbox(self.id).is_empty() || hub.inbox_ends(self.id))
    }

    /// Writes to the input what it takes; whether it took anything.
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
            // A terminal has no end; this is the character that stands for one. If there is no room for
            // it, whoever does not read would not have read it.
            Kind::Process { terminal: true, .. } => drop(write(&*fd, b"\x04")),
            Kind::Connection => drop(shutdown(&*fd, Shutdown::Write)),
            _ => {}
        }
    }

    /// Looks whether the process has ended.
    pub(super) fn look(&mut self, now: Instant) {
        let Kind::Process { child, ended: ended @ None, .. } = &mut self.kind else { return };
        let Ok(Some(status)) = child.try_wait() else { return };
        *ended = Some((status, now));
        self.rest = REST;
        if self.stopping.is_some() && !self.is_beside_us() {
            // What it has started was to be stopped as well.
            self.send(Signal::KILL);
        }
    }

    /// Whether all is over: the process, and what it and others wrote to its outputs.
    ///
    /// Something that it has started may hold its outputs for ever. That is waited for, but not long:
    /// what stands in the pipes by then is read, and that is all.
    pub(super) fn is_over(&self) -> bool {
        let closed = self.output.is_none() && self.errors.is_none();
        let Kind::Process { ended, .. } = &self.kind else {
            return closed || self.stopping.is_some();
        };
        ended.is_some() && (closed || self.drained)
    }

    /// When to look after it, though nothing happens.
    pub(super) fn due(&self, limits: &Limits, now: Instant) -> Option<Instant> {
        let Kind::Process { ended, .. } = &self.kind else { return None };
        match (ended, &self.stopping) {
            // Later, it is only for the output to take what is left.
            (Some((_, at)), _) => Some(*at + limits.linger).filter(|due| *due > now),
            (None, Some(stopping)) => stopping.next,
            (None, None) => None,
        }
    }

    /// Whether it may say more and was not told to stop. A file is read as fast as it can be.
    pub(super) fn can_hang(&self) -> bool {
        let may_say_more = match self.kind {
            Kind::Process { ended, .. } => ended.is_none(),
            Kind::Fifo | Kind::Connection => true,
            Kind::File | Kind::Leftover => false,
        };
        may_say_more && self.stopping.is_none()
    }

    pub(super) fn is_client(&self) -> bool {
        matches!(self.kind, Kind::Connection)
    }

    /// Tells it to stop. Who is beside us is told of an interrupt by the terminal, and by nothing firmer than it is
    /// told here.
    pub(super) fn stop(&mut self, signal: StopSignal, why: &str, grace: Duration, now: Instant) {
        let is_beside_us = self.is_beside_us();
        let told = self.stopping.as_ref().map(|stopping| stopping.signal);
        if told.is_some_and(|told| told > signal || told == signal && !is_beside_us) {
            return;
        }
        let why = self.stopping.take().map_or_else(|| why.to_owned(), |stopping| stopping.why);
        let next = signal.next().filter(|_| !is_beside_us).map(|_| now + grace);
        self.stopping = Some(Stopping { why, signal, next });
        if !is_beside_us || signal != StopSignal::Interrupt {
            self.send(signal.signal());
        }
    }

    fn is_beside_us(&self) -> bool {
        matches!(self.kind, Kind::Process { beside_us: true, .. })
    }

    /// Tells it again, and more firmly, if it has had its time.
    pub(super) fn escalate(&mut self, grace: Duration, now: Instant) {
        let Some(stopping) = &self.stopping else { return };
        if let (Some(due), Some(signal)) = (stopping.next, stopping.signal.next())
            && now >= due
        {
            self.stop(signal, "", grace, now);
        }
    }

    /// Stops it for a while. Other multiplexers among what it has started pass that on.
    pub(super) fn suspend(&self) {
        // The leader of a terminal of its own has nobody who could tell it to go on, and is not stopped by
        // a signal that it may catch.
        if let Kind::Process { terminal, ended: None, .. } = &self.kind {
            self.send(if *terminal { Signal::STOP } else { Signal::TSTP });
        }
    }

    /// Lets it go on.
    pub(super) fn resume(&self) {
        if matches!(self.kind, Kind::Process { ended: None, .. }) {
            self.send(Signal::CONT);
        }
    }

    /// What was to be done at a certain time is done so much later.
    pub(super) fn put_off(&mut self, away: Duration) {
        if let Kind::Process { ended: Some((_, at)), .. } = &mut self.kind {
            *at += away;
        }
        if let Some(Stopping { next: Some(next), .. }) = &mut self.stopping {
            *next += away;
        }
    }

    /// Sends a signal to the process and all that it has started, unless these went their own way; beside us to
    /// the process alone.
    fn send(&self, signal: Signal) {
        let Kind::Process { child, beside_us, ended, .. } = &self.kind else { return };
        let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) else { return };
        // There may be nobody left, which is what was wanted.
        let _ = match (beside_us, ended) {
            // Another process may have its number by now.
            (true, Some(_)) => Ok(()),
            (true, None) => kill_process(pid, signal),
            (false, _) => kill_process_group(pid, signal),
        };
    }

    /// How its process has ended.
    pub(super) fn status(&self) -> Option<ExitStatus> {
        let Kind::Process { ended, .. } = &self.kind else { return None };
        ended.map(|(status, _)| status)
    }

    /// Whether somebody else has its outputs open after its end.
    pub(super) fn is_held(&self) -> bool {
        let open = self.output.is_some() || self.errors.is_some();
        open && matches!(self.kind, Kind::Process { .. } | Kind::Leftover)
    }

    pub(super) fn is_leftover(&self) -> bool {
        matches!(self.kind, Kind::Leftover)
    }

    /// The outputs that somebody else holds, to be read on.
    pub(super) fn take_leftover(&mut self) -> Option<Unattached> {
        // What is not read to its end may still say more.
        let (output, errors) = (self.output.take(), self.errors.take());
        if output.is_none() && errors.is_none() {
            return None;
        }
        Some(Unattached {
            name: self.name.clone(),
            kind: Kind::Leftover,
            output,
            errors,
            input: None,
        })
    }

    /// What programs are told of it as it starts and, with `ends`, as it ends; nothing where nobody runs, as in a
    /// file.
    pub(super) fn described(&self, by: &'static str, ends: bool) -> Option<EventBuf> {
        let stopped = self.stopping.as_ref().map(|stopping| (stopping.state(), &*stopping.why));
        let (pid, ended, over) = match &self.kind {
            Kind::Process { child, ended, .. } => (Some(child.id()), *ended, ""),
            Kind::Fifo => (None, None, "its last writer went away"),
            Kind::Connection => (None, None, "the connection ended"),
            Kind::File | Kind::Leftover => return None,
        };
        let worker = match (pid, ended) {
            _ if !ends => Worker::new(by, State::Started, pid),
            (Some(pid), ended) => {
                let status = ended.map(|(status, _)| status).unwrap_or_default();
                Worker::of_process(by, pid, status, stopped)
            }
            (None, _) => {
                let (state, why) = stopped.unwrap_or((State::Ended, over));
                Worker::new(by, state, None).because(why)
            }
        };
        Some(worker.event(&self.name))
    }

    /// The end of it.
    pub(super) fn detach(
        self,
        by: &str,
        stopping: bool,
        hub: &mut Hub,
        now: Moment,
        out: &mut Outbox,
    ) {
        if self.is_held() {
            let told = format!("subunit {by}: {HELD_OPEN}\n");
            hub.feed(self.id, Stream::Stderr, told.as_bytes(), now, out);
        }
        let cause;
        let ending = match (&self.kind, &self.stopping) {
            (Kind::File, _) if !stopping => Ending::Read,
            (Kind::Process { ended, .. }, stopped) => {
                let status = ended.as_ref().map(|(status, _)| *status).unwrap_or_default();
                let mut told = described(status);
                if let Some(stopped) = stopped {
                    told = format!("{told}: {}", stopped.why);
                }
                cause = told;
                let hung = stopped.is_some() && !stopping;
                if status.success() && !hung {
                    Ending::Gone { cause: &cause }
                } else {
                    Ending::Broken { cause: &cause, crashed: hung || signal_of(status).is_some() }
                }
            }
            (_, Some(stopped)) if !stopping => {
                Ending::Broken { cause: &stopped.why, crashed: true }
            }
            (Kind::File, _) | (_, Some(_)) => Ending::Gone { cause: "interrupted" },
            (Kind::Fifo, None) => Ending::Gone { cause: "its last writer went away" },
            (Kind::Leftover, None) => Ending::Gone { cause: "the command had ended" },
            (Kind::Connection, None) => Ending::Gone { cause: "the connection ended" },
        };
        hub.detach(self.id, ending, now, out);
    }
}

/// Whoever is in the way of an error that ends us leaves nothing running behind.
impl Drop for Endpoint {
    fn drop(&mut self) {
        if matches!(self.kind, Kind::Process { ended: None, .. }) {
            self.send(Signal::KILL);
        }
    }
}

/// The most that is read of an output that stays open after its process has ended and had its time: more
/// than any pipe holds.
pub(super) const REST: usize = 2 * 1024 * 1024;

/// Something to read that has no place in the hub yet.
pub(super) struct Unattached {
    name: String,
    kind: Kind,
    output: Option<Rc<OwnedFd>>,
    errors: Option<OwnedFd>,
    input: Option<Rc<OwnedFd>>,
}

impl Unattached {
    /// Whether it holds what was written before.
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
            input: self.input,
            heard: now,
            stopping: None,
            rest: usize::MAX,
            drained: false,
        }
    }
}
