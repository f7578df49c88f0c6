//! A person's end of a tree: the command that is the tree, a terminal, and perhaps a file.

use std::{
    fs::File,
    io::{self, IsTerminal, Write},
    os::{
        fd::{AsFd, OwnedFd},
        unix::process::CommandExt,
    },
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags},
    io::{Errno, read, write},
};
use subunit_core::{
    InputReader,
    sink::{Sink, Summary},
};
use subunit_mux::{
    Readers, Silence,
    ending::described,
    process::{Child, Signals, StopSignal, poll_until, set_nonblocking},
};

use super::{
    shown::Shown,
    view::{AttachView, Typed},
};
use crate::{
    console::Console,
    exit::{Error, Exit},
    keyboard::{
        Keyboard,
        typing::{Stroke, Typing},
    },
};

/// What to attach to, and where its stream is kept.
#[derive(Debug)]
pub(crate) struct AttachPlan {
    /// The command and its arguments.
    pub command: Vec<String>,
    /// Where the packets go, as they come.
    pub output: Option<PathBuf>,
    /// Who reads what the command says.
    pub readers: Readers,
}

/// Runs the command with a person at it.
///
/// # Errors
///
/// If the command cannot be started or the file cannot be written.
pub(crate) fn run_attach(plan: &AttachPlan, console: &mut Console<'_>) -> Result<Exit, Error> {
    let failed = |source| Error::System { name: "signals".into(), source };
    let signals = Signals::catch().map_err(failed)?;
    let file = plan.output.as_ref().map(|path| {
        let failed = |source| Error::File { name: path.display().to_string(), source };
        File::create(path).map_err(failed)
    });
    let name = plan.command.first().cloned().unwrap_or_default();
    let failed = |source| Error::System { name: name.clone(), source };
    let mut child = Command::new(&name)
        .args(plan.command.iter().skip(1))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(failed)?;
    let (input, output) = (child.stdin.take().map(OwnedFd::from), child.stdout.take());
    if let Some(input) = &input {
        set_nonblocking(input).map_err(failed)?;
    }
    let mut session = Session {
        view: AttachView::new(console.stdout_look),
        console,
        signals,
        file: file.transpose()?,
        child: Child::new(child, false),
        input,
        output: output.map(OwnedFd::from),
        control: Vec::new(),
        keyboard: Keyboard::take(),
        typing: Typing::default(),
        line: Vec::new(),
        stdin_closed: false,
        quit: None,
        reader: plan.readers.of(""),
        heard: None,
        silence: Silence::default(),
        summary: Summary::new().without_tags(),
        began: Instant::now(),
    };
    while !session.is_done() {
        session.step()?;
    }
    session.result()
}

struct Session<'c, 'd> {
    console: &'d mut Console<'c>,
    view: AttachView,
    signals: Signals,
    file: Option<File>,
    child: Child,
    input: Option<OwnedFd>,
    output: Option<OwnedFd>,
    /// What waits to be sent.
    control: Vec<u8>,
    /// The terminal, where lines are edited and shown here; and the line that is typed there.
    keyboard: Option<Keyboard>,
    typing: Typing,
    /// Elsewhere, what has come of a line that has not ended.
    line: Vec<u8>,
    /// Whether nobody types any more.
    stdin_closed: bool,
    /// What the tree is told next, and when, if it has not ended by then.
    quit: Option<(StopSignal, Instant)>,
    reader: Box<dyn InputReader>,
    /// When the stream last said anything, until its silence has been seen to.
    heard: Option<Instant>,
    silence: Silence,
    summary: Summary,
    began: Instant,
}

/// Which descriptor is ready.
#[derive(Clone, Copy)]
enum Slot {
    Signals,
    Typed,
    Stream,
    Input,
}

/// How much is read at once.
const BLOCK: usize = 64 * 1024;

/// How long the tree has to end after its person has left.
const PARTING: Duration = Duration::from_secs(5);

/// How long the stream may stay open after the command has ended.
const LINGER: Duration = Duration::from_secs(2);

impl Session<'_, '_> {
    fn is_done(&self) -> bool {
        let ended = self.child.ended_at();
        ended.is_some_and(|at| self.output.is_none() || at.elapsed() >= LINGER)
    }

    fn result(mut self) -> Result<Exit, Error> {
        if self.output.is_some() {
            self.show(|reader, shown| _ = reader.finish(shown))?;
        }
        self.typing.clear();
        self.view.edit("", &mut self.console.stdout)?;
        let status = self.child.status().unwrap_or_default();
        if !status.success() {
            self.console.say(format_args!("the command ended: {}", described(status)))?;
        }
        self.console.flush()?;
        let exit = Exit::of(self.summary.verdict(), true);
        Ok(if status.success() { exit } else { Exit::Failed })
    }

    fn step(&mut self) -> Result<(), Error> {
        if let Some(keyboard) = &mut self.keyboard {
            keyboard.come_back();
            self.view.set_width(Some(keyboard.columns()));
        }
        for slot in self.wait()? {
            match slot {
                Slot::Signals => self.on_signals()?,
                Slot::Typed => self.read_typed()?,
                Slot::Stream => self.read_stream()?,
                Slot::Input => self.send(),
            }
        }
        while self.silence_due().is_some_and(|due| Instant::now() >= due) {
            let mut silence = self.silence;
            self.silence = silence.next();
            self.show(|reader, shown| silence.tell(reader, shown))?;
        }
        if let Some((signal, due)) = self.quit
            && Instant::now() >= due
        {
            self.tell(signal);
            let next = match signal {
                StopSignal::Interrupt => StopSignal::Terminate,
                _ => StopSignal::Kill,
            };
            self.quit = Some((next, Instant::now() + 2 * PARTING));
        }
        if self.stdin_closed && self.control.is_empty() {
            self.input = None;
        }
        Ok(self.console.flush()?)
    }

    fn wait(&self) -> Result<Vec<Slot>, Error> {
        let (mut slots, mut fds) = (Vec::new(), Vec::new());
        let stdin = io::stdin();
        let mut want = |slot, fd, flags| {
            slots.push(slot);
            fds.push(PollFd::from_borrowed_fd(fd, flags));
        };
        want(Slot::Signals, self.signals.as_fd(), PollFlags::IN);
        if !self.stdin_closed && self.control.len() < BLOCK {
            want(Slot::Typed, stdin.as_fd(), PollFlags::IN);
        }
        if let Some(output) = &self.output {
            want(Slot::Stream, output.as_fd(), PollFlags::IN);
        }
        if let Some(input) = self.input.as_ref().filter(|_| !self.control.is_empty()) {
            want(Slot::Input, input.as_fd(), PollFlags::OUT);
        }
        let linger = self.child.ended_at().map(|at| at + LINGER);
        let quit = self.quit.map(|(_, due)| due);
        let due = self.silence_due().into_iter().chain(linger).chain(quit).min();
        poll_until(&mut fds, due).map_err(Error::Wait)?;
        let ready = fds.iter().zip(slots).filter(|(fd, _)| !fd.revents().is_empty());
        Ok(ready.map(|(_, slot)| slot).collect())
    }

    /// When to tell the reader that nothing more has come.
    fn silence_due(&self) -> Option<Instant> {
        let heard = self.heard.filter(|_| self.reader.is_waiting())?;
        Some(heard + self.silence.due()?)
    }

    /// What interrupts us is for the tree.
    fn on_signals(&mut self) -> Result<(), Error> {
        let (interrupt, terminate) = self.signals.take();
        if interrupt {
            // As terminals do.
            self.typing.clear();
            self.view.edit("", &mut self.console.stdout)?;
        }
        let (first, second) = (StopSignal::Interrupt, StopSignal::Terminate);
        for (asked, signal) in [(interrupt, first), (terminate, second)] {
            if asked {
                self.tell(signal);
            }
        }
        self.child.look(Instant::now());
        Ok(())
    }

    fn tell(&self, signal: StopSignal) {
        if self.child.status().is_none() {
            self.child.stop(signal);
        }
    }

    fn read_stream(&mut self) -> Result<(), Error> {
        let Some(output) = &self.output else { return Ok(()) };
        let room = self.reader.space(BLOCK);
        match read(output, &mut room[..BLOCK]) {
            Ok(length @ 1..) => {
                if let Some(file) = &mut self.file {
                    file.write_all(&room[..length])?;
                }
                self.heard = Some(Instant::now());
                self.silence = Silence::default();
                self.show(|reader, shown| reader.filled(length, shown))
            }
            Err(Errno::INTR | Errno::AGAIN) => Ok(()),
            Ok(0) | Err(_) => {
                self.output = None;
                self.show(|reader, shown| _ = reader.finish(shown))
            }
        }
    }

    /// Shows what the reader pushes.
    fn show(&mut self, act: impl FnOnce(&mut dyn InputReader, &mut dyn Sink)) -> Result<(), Error> {
        let now = self.began.elapsed();
        let Self { reader, view, summary, console, .. } = self;
        let mut shown = Shown { view, summary, now, out: &mut console.stdout, failed: None };
        act(&mut **reader, &mut shown);
        match shown.failed {
            Some(error) => Err(error.into()),
            None => Ok(self.view.settle(&mut self.console.stdout)?),
        }
    }

    fn read_typed(&mut self) -> Result<(), Error> {
        let mut buffer = [0; 4096];
        match read(io::stdin(), &mut buffer[..]) {
            Ok(length @ 1..) if self.keyboard.is_some() => self.take_keys(&buffer[..length])?,
            Ok(length @ 1..) => self.take_bytes(&buffer[..length])?,
            Err(Errno::INTR | Errno::AGAIN) => return Ok(()),
            Ok(0) | Err(_) => {
                self.stdin_closed = true;
                if !self.line.is_empty() {
                    self.take_bytes(b"\n")?;
                }
            }
        }
        Ok(self.view.settle(&mut self.console.stdout)?)
    }

    /// Keys of a terminal.
    fn take_keys(&mut self, keys: &[u8]) -> Result<(), Error> {
        let mut changed = false;
        for key in keys {
            match self.typing.push(*key) {
                Stroke::Ignored => {}
                Stroke::Changed => changed = true,
                Stroke::Entered(line) => {
                    self.entered(&line)?;
                    changed = false;
                }
                Stroke::Ended => self.stdin_closed = true,
            }
        }
        if changed {
            self.view.edit(&self.typing.line(), &mut self.console.stdout)?;
        }
        Ok(())
    }

    /// Lines of a file or a pipe, or of a terminal that edits them itself.
    fn take_bytes(&mut self, bytes: &[u8]) -> Result<(), Error> {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(piece);
            if !piece.ends_with(b"\n") {
                break;
            }
            let line = std::mem::take(&mut self.line);
            let line = String::from_utf8_lossy(&line);
            if !io::stdin().is_terminal() {
                // A terminal has shown it already.
                self.console.stdout.write_all(line.as_bytes())?;
            }
            self.entered(line.trim_end_matches('\n'))?;
        }
        if !self.line.is_empty() {
            self.view.edit(&String::from_utf8_lossy(&self.line), &mut self.console.stdout)?;
        }
        Ok(())
    }

    fn entered(&mut self, line: &str) -> Result<(), Error> {
        let now = self.began.elapsed();
        match self.view.typed(line, now, &mut self.console.stdout)? {
            Typed::Done => {}
            Typed::Send(packet) => self.control.extend_from_slice(&packet),
            Typed::Quit => {
                self.stdin_closed = true;
                self.quit = Some((StopSignal::Interrupt, Instant::now() + PARTING));
            }
        }
        Ok(())
    }

    fn send(&mut self) {
        let Some(input) = &self.input else { return };
        match write(input, &self.control[..self.control.len().min(BLOCK)]) {
            Ok(length) => drop(self.control.drain(..length)),
            Err(Errno::AGAIN | Errno::INTR) => {}
            Err(_) => {
                self.input = None;
                self.control.clear();
            }
        }
    }
}
