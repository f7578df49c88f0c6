//! The loop of `subunit mux`: inputs, standard input with what comes from upstream, standard output.

use std::{
    io::{self, IsTerminal},
    num::NonZeroUsize,
    os::fd::AsFd,
    path::PathBuf,
    process::Command,
    time::Instant,
};

use subunit_core::sink::Verdict;
use subunit_mux::{
    Hub, Options, Readers, asides,
    process::{
        Limits, Listener, Notice, Output, PollFd, PollFlags, Processes, Settings, Signals, Spawn,
        SpawnError, StopSignal, is_nested,
    },
};

use super::{control::Control, messages::Messages, names::name_of};
use crate::{
    console::{Console, closed_stdout},
    exit::{Error, Exit},
};

/// What a multiplexer runs and reads, and how.
#[derive(Debug)]
pub(super) struct Plan {
    /// Commands for `sh -c`.
    pub(super) commands: Vec<String>,
    /// Files and FIFOs.
    pub(super) files: Vec<PathBuf>,
    /// Where to listen for connections.
    pub(super) listen: Option<PathBuf>,
    /// How many connections there will be; without it, as many as come.
    pub(super) connections: Option<u64>,
    /// How many connections are open at a time; without it, as many as there are descriptors for.
    pub(super) clients: Option<NonZeroUsize>,
    /// Names of inputs, in this order: commands, files, connections. The others are numbered.
    pub(super) names: Vec<String>,
    /// The size of the terminal that each command gets: columns and rows.
    pub(super) terminal: Option<(u16, u16)>,
    /// How many tests without a route a command is handed at a time.
    pub(super) depth: NonZeroUsize,
    /// See [`Limits`].
    pub(super) limits: Limits,
    /// Whether no test at all is no failure.
    pub(super) allow_empty: bool,
}

/// Runs the plan to its end.
///
/// # Errors
///
/// If signals cannot be had, the socket cannot be listened at, or the output cannot be written.
pub(super) fn run(
    plan: &Plan,
    options: Options,
    readers: Readers,
    console: &mut Console<'_>,
) -> Result<Exit, Error> {
    check_names(plan)?;
    let failed = |source| Error::System { name: "signals".into(), source };
    let signals = Signals::catch().and_then(Signals::with_stops).map_err(failed)?;
    let settings = Settings { options, readers, depth: plan.depth, limits: plan.limits, by: "mux" };
    let mut run = Run {
        plan,
        processes: Processes::new(settings).map_err(failed)?,
        messages: Messages::new(console),
        output: Output::standard(closed_stdout()),
        signals,
        listener: None,
        control: Control::default(),
        named: 0,
        connected: 0,
        takes_tests: false,
        planned: asides::Plan::default(),
    };
    run.start()?;
    while !run.is_done() {
        run.step()?;
    }
    run.result()
}

/// What is wrong with the names is said before anything is started.
fn check_names(plan: &Plan) -> Result<(), Error> {
    let mut hub = Hub::default();
    let inputs = plan.commands.len() + plan.files.len();
    (0..inputs.max(plan.names.len())).try_for_each(|ordinal| {
        let named = hub.attach(&plan.name(ordinal)).map(drop);
        named.map_err(|error| Error::Usage(error.to_string()))
    })
}

impl Plan {
    fn name(&self, ordinal: usize) -> String {
        name_of(&self.names, ordinal)
    }

    /// What is run for a command. Only it can ask for the terminal as its controlling one, so it is started through
    /// ourselves.
    fn spawn(&self, command: &str) -> Result<Spawn, Error> {
        let Some(size) = self.terminal else { return Ok(Spawn::shell(command)) };
        let failed = |source| Error::System { name: "this program".into(), source };
        let mut ourselves = Command::new(std::env::current_exe().map_err(failed)?);
        ourselves.args(["mux", "--on-terminal", command]);
        Ok(Spawn::new(ourselves).on_terminal(size))
    }
}

struct Run<'p, 'c, 'd> {
    plan: &'p Plan,
    processes: Processes,
    messages: Messages<'c, 'd>,
    output: Output,
    signals: Signals,
    listener: Option<Listener>,
    control: Control,
    /// How many inputs there have been.
    named: usize,
    /// How many of them were connections.
    connected: u64,
    /// Whether we have said that we take tests.
    takes_tests: bool,
    /// How much there is to do, as was said last.
    planned: asides::Plan,
}

impl Run<'_, '_, '_> {
    fn start(&mut self) -> Result<(), Error> {
        let plan = self.plan;
        // Nothing that only files say is by our clock.
        if !plan.commands.is_empty() || plan.listen.is_some() {
            self.processes.say_capabilities();
            self.output.write(self.processes.output());
        }
        if let Some(path) = &plan.listen {
            let failed = |source| Error::File { name: path.display().to_string(), source };
            let reserved = 3 * plan.commands.len() + plan.files.len();
            self.listener = Some(Listener::at(path, plan.clients, reserved).map_err(failed)?);
            self.processes.expect_inputs(true);
        }
        if io::stdin().is_terminal() {
            self.control.close(&mut self.processes);
        }
        for command in &plan.commands {
            let command = plan.spawn(command)?;
            self.add(|processes, name| processes.spawn(name, command))?;
        }
        for path in &plan.files {
            self.add(|processes, name| processes.open(name, path))?;
        }
        self.say_plan();
        Ok(())
    }

    /// Adds an input under the next name. One that cannot be made is said, and a failure in the stream.
    fn add<T>(
        &mut self,
        add: impl FnOnce(&mut Processes, &str) -> Result<T, SpawnError>,
    ) -> Result<(), Error> {
        let name = self.plan.name(self.named);
        self.named += 1;
        match add(&mut self.processes, &name) {
            Ok(_) => Ok(()),
            // Names were checked; but a late connection's number may be an earlier input's name.
            Err(error) => self.messages.say(error),
        }
    }

    /// Says how much there is to do, where that has grown. Who hands a multiplexer below it its tests has counted
    /// them.
    fn say_plan(&mut self) {
        let tests = if is_nested() { 0 } else { self.processes.hub().tests_asked() };
        let plan = asides::Plan { tests, workers: self.processes.started() };
        if plan != std::mem::replace(&mut self.planned, plan) {
            self.processes.say(&plan.event().as_event());
        }
    }

    /// Who takes tests below us takes them through us, also from a multiplexer above.
    fn note_takers(&mut self) {
        if !self.takes_tests && self.processes.hub().has_takers() {
            self.takes_tests = true;
            self.processes.say_capabilities();
        }
    }

    fn is_done(&mut self) -> bool {
        if !self.processes.is_empty() {
            return false;
        }
        let waits = self.listener.is_some() && !self.processes.is_stopping()
            || self.control.may_say_more(&self.processes, self.plan.limits.linger);
        let has_more = self.output.has_more(self.processes.output());
        !waits && (!has_more || self.processes.has_given_up())
    }

    fn result(self) -> Result<Exit, Error> {
        drop(self.listener);
        self.messages.finish()?;
        if let Some(error) = self.output.into_error() {
            return Err(Error::Output(error));
        }
        if self.processes.is_stopping() {
            return Ok(Exit::Failed);
        }
        let verdict = self.processes.hub().verdict();
        Ok(match verdict {
            // The summary of nothing at all is worth no more than any other.
            Verdict::NoTests => Exit::of(verdict, self.plan.allow_empty),
            _ => Exit::of(verdict, false),
        })
    }

    /// Waits until something can be done, and does it.
    fn step(&mut self) -> Result<(), Error> {
        let [signals, control, listener] = self.wait()?;
        if signals {
            if self.signals.take_stop() {
                self.processes.suspend();
            }
            let (interrupt, terminate) = self.signals.take();
            self.processes.pass_on(interrupt, terminate);
        }
        if control {
            self.control.read(&mut self.processes, &mut self.messages)?;
        }
        if listener {
            self.accept()?;
        }
        self.processes.transfer();
        self.note_takers();
        self.say_plan();
        self.processes.settle();
        let is_over = self.processes.has_only_leftovers() && !self.plan.commands.is_empty();
        if is_over || self.processes.is_stopping() {
            self.close_listener();
        }
        self.write();
        self.say_notices()
    }

    /// Waits for our own descriptors as well; whether there is a signal, something from upstream, a client.
    fn wait(&mut self) -> Result<[bool; 3], Error> {
        let (now, stdin) = (Instant::now(), io::stdin());
        let reads = self.control.is_read(&self.processes);
        let awaited = self.output.awaited(self.processes.output());
        let has_reader = !self.output.has_failed();
        let open = self.processes.clients();
        let door = self.listener.as_ref().filter(|listener| listener.has_room(open, now));
        let at = |fd, flags| PollFd::from_borrowed_fd(fd, flags);
        let mut fds = vec![at(self.signals.as_fd(), PollFlags::IN)];
        fds.extend(reads.then(|| at(stdin.as_fd(), PollFlags::IN)));
        fds.extend(door.map(|listener| at(listener.as_fd(), PollFlags::IN)));
        fds.extend(has_reader.then(|| at(self.output.as_fd(), awaited)));
        let (now, linger) = (self.processes.now(), self.plan.limits.linger);
        let more = self.control.due(&self.processes, linger).filter(|due| *due > now);
        let door_due = self.listener.as_ref().and_then(|listener| listener.due(now));
        let until = more.into_iter().chain(door_due).min();
        let has_door = door.is_some();
        let ready = self.processes.wait(&fds, until).map_err(Error::Wait)?;
        let mut ready = ready.into_iter();
        let mut next = |is_there: bool| if is_there { ready.next() } else { None };
        let heard = [true, reads, has_door]
            .map(|is_there| next(is_there).is_some_and(|flags| !flags.is_empty()));
        if let Some(flags) = next(has_reader) {
            self.output.note(flags);
        }
        Ok(heard)
    }

    fn accept(&mut self) -> Result<(), Error> {
        let now = self.processes.now();
        let mut open = self.processes.clients();
        while let Some(listener) = &mut self.listener
            && listener.has_room(open, now)
        {
            match listener.accept(now) {
                Ok(Some(stream)) => {
                    open += 1;
                    self.connected += 1;
                    self.add(|processes, name| processes.connect(name, stream))?;
                }
                Ok(None) => break,
                Err(error) => {
                    self.messages.say(format_args!("a connection was not accepted: {error}"))?;
                    break;
                }
            }
            if self.plan.connections.is_some_and(|limit| self.connected >= limit) {
                self.close_listener();
            }
        }
        Ok(())
    }

    fn close_listener(&mut self) {
        if self.listener.take().is_some() {
            self.processes.expect_inputs(false);
        }
    }

    fn write(&mut self) {
        self.output.write(self.processes.output());
        if self.output.has_failed() {
            self.processes.output().clear();
            if !self.processes.is_stopping() {
                self.processes.stop_all(StopSignal::Terminate);
            }
        }
    }

    fn say_notices(&mut self) -> Result<(), Error> {
        for notice in self.processes.notices() {
            if let Notice::Ended { .. } = notice {
                // Its descriptors are closed.
                self.listener.iter_mut().for_each(Listener::go_on);
            }
            self.messages.notice(&notice)?;
        }
        Ok(())
    }
}
