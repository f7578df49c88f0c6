//! The hub at processes, files and sockets of a Unix system.
//!
//! One thread that reads and writes, one `poll`. An event loop of one's own is short here, because the hub
//! decides everything and the loop only moves bytes; and it gives what a runtime such as tokio hides or lacks:
//! regular files, FIFOs, pipes, terminals and sockets are waited for alike, nothing is read while the output
//! is stalled (so backpressure reaches each child through its own pipe), and no thread or task stands between
//! a child's write and ours. Only where inputs have more to say than is good for one processor, the hub has
//! half of it looked through by a second thread, and waits for that. Signals come through `signal-hook`, which
//! turns them into bytes on a socket without unsafe code here; tokio uses its lower half for the same purpose.
//!
//! What must hold, and where: only descriptors of which something is wanted are polled, else a closed one
//! would wake the loop for ever (`Driver::wait`); an input ends when its process has ended and its
//! outputs are at their end, or have been open for longer than they should (`leaf`); a process is told
//! to stop step by step, and always in the end killed (`stop`).

mod away;
mod inputs;
mod leaf;
mod listener;
mod orders;
mod output;
mod signals;
mod spawn;
mod stop;
mod wait;
mod worker;

use std::{
    collections::HashMap,
    io,
    num::NonZeroUsize,
    path::PathBuf,
    time::{Duration, Instant},
};

use subunit_core::{EventBuf, Timestamp, conventions::Capabilities, sink::Verdict};
use subunit_mux::{Hub, InputId, Moment, Options, Outbox, Readers, asides};

use self::{
    leaf::{Leaf, Side},
    listener::Listener,
    orders::Orders,
    output::Output,
    stop::Step,
    wait::Slot,
};
use crate::{
    console::Console,
    exit::{Error, Exit},
};

pub(crate) use self::{
    leaf::HELD,
    signals::Signals,
    spawn::{open_terminal, set_nonblocking},
    wait::timespec,
};
pub(crate) use spawn::{inherited_grace, is_nested, on_terminal};
pub(crate) use worker::{WorkerPlan, run_worker};

/// What a multiplexer runs and reads, and how.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Commands for `sh -c`.
    pub commands: Vec<String>,
    /// Files and FIFOs.
    pub files: Vec<PathBuf>,
    /// Where to listen for connections.
    pub listen: Option<PathBuf>,
    /// How many connections there will be; without it, as many as come.
    pub connections: Option<u64>,
    /// How many connections are open at a time; without it, as many as there are descriptors for.
    pub clients: Option<NonZeroUsize>,
    /// Names of inputs, in this order: commands, files, connections. The others are numbered.
    pub names: Vec<String>,
    /// The size of the terminal that each command gets: columns and rows.
    pub terminal: Option<(u16, u16)>,
    /// Who reads what they say.
    pub readers: Readers,
    /// How many tests without a route a command is handed at a time.
    pub depth: NonZeroUsize,
    /// For the hub.
    pub options: Options,
    /// See [`Limits`].
    pub limits: Limits,
    /// Whether no test at all is no failure.
    pub allow_empty: bool,
}

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// A command, connection or FIFO that says nothing for so long is stopped.
    pub idle: Option<Duration>,
    /// One whose test runs for longer is stopped.
    pub test: Option<Duration>,
    /// Between one signal and the next, stronger one.
    pub grace: Duration,
    /// How long the outputs of a command that has ended may stay open.
    pub linger: Duration,
}

/// Runs the plan to its end.
///
/// # Errors
///
/// Where signals cannot be had, the socket cannot be listened at, or the output cannot be written.
pub(crate) fn run(plan: &Plan, console: &mut Console<'_>) -> Result<Exit, Error> {
    let mut driver = Driver::start(plan, console)?;
    while !driver.is_done() {
        driver.step()?;
    }
    driver.result()
}

/// Nothing is read while more than this waits to be written.
const HIGH: usize = 256 * 1024;

/// How much is read at once.
pub(crate) const BLOCK: usize = 64 * 1024;

struct Driver<'p, 'c, 'd> {
    plan: &'p Plan,
    console: &'d mut Console<'c>,
    hub: Hub,
    out: Outbox,
    output: Output,
    signals: Signals,
    leaves: Vec<Leaf>,
    listener: Option<Listener>,
    /// Whether our own standard input is at its end, or is none that packets come from.
    deaf: bool,
    crowded: Option<Instant>,
    orders: Orders,
    /// Whether we have said that we take tests.
    takes_tests: bool,
    named: usize,
    connected: u64,
    /// How many workers have started.
    workers: u64,
    /// How much there is to do, as was said last.
    planned: asides::Plan,
    began: Instant,
    now: Instant,
    /// For how long nothing was read, because the output was stalled. The hub's clock stands still
    /// meanwhile, so nobody is blamed for silence to which nobody listened.
    stalled: Duration,
    /// After we were away: so often everything is read before anybody is judged by the time.
    catching_up: u32,
    /// The step that everything was told to stop with, and when to give up on the output.
    stopping: Option<(Step, Instant)>,
    said: HashMap<Option<String>, u64>,
    /// Inputs that were left though somebody might still say something there.
    held: Vec<String>,
}

impl<'p, 'c, 'd> Driver<'p, 'c, 'd> {
    fn start(plan: &'p Plan, console: &'d mut Console<'c>) -> Result<Self, Error> {
        let now = Instant::now();
        let failed = |source| Error::Input { name: "signals".into(), source };
        let mut driver = Self {
            plan,
            console,
            hub: Hub::new(plan.options.clone()),
            out: Outbox::new(),
            output: Output::standard(),
            signals: Signals::catch().and_then(Signals::with_stops).map_err(failed)?,
            leaves: Vec::new(),
            listener: None,
            deaf: io::IsTerminal::is_terminal(&io::stdin()),
            crowded: None,
            orders: Orders::default(),
            takes_tests: false,
            named: 0,
            connected: 0,
            workers: 0,
            planned: asides::Plan::default(),
            began: now,
            now,
            stalled: Duration::ZERO,
            catching_up: 0,
            stopping: None,
            said: HashMap::new(),
            held: Vec::new(),
        };
        driver.check_names()?;
        driver.hub.set_depth(plan.depth);
        driver.introduce();
        if let Some(path) = &plan.listen {
            let failed = |source| Error::Input { name: path.display().to_string(), source };
            driver.listener = Some(Listener::at(path, plan).map_err(failed)?);
            let moment = driver.moment();
            driver.hub.expect_inputs(true, moment, &mut driver.out);
        }
        for command in &plan.commands {
            driver.add(|name| Leaf::spawn(command, name, plan))?;
        }
        for path in &plan.files {
            driver.add(|name| Leaf::open(path, name))?;
        }
        if driver.deaf {
            driver.hear_no_more();
        }
        driver.say_plan();
        Ok(driver)
    }

    /// Says what time it is here, before anything else: a multiplexer around this one may have another clock.
    /// Nothing that only files say is by that.
    fn introduce(&mut self) {
        let moment = self.moment();
        self.hub.begin(moment);
        if self.plan.commands.is_empty() && self.plan.listen.is_none() {
            return;
        }
        self.say_capabilities();
        self.output.write(&mut self.out);
    }

    fn say_capabilities(&mut self) {
        let takes_tests = self.hub.has_takers();
        let said = Capabilities { takes_tests, clock: self.moment().time }.content();
        // Its strings are ours, so there is nothing that could not be written.
        let _ = self.out.push(&Capabilities::event(&said));
    }

    /// Says how much there is to do, where that has grown. Who hands a multiplexer below it its tests has counted
    /// them.
    fn say_plan(&mut self) {
        let tests = if is_nested() { 0 } else { self.hub.tests_asked() };
        let plan = asides::Plan { tests, workers: self.workers };
        if plan != std::mem::replace(&mut self.planned, plan) {
            self.say(&plan.event());
        }
    }

    /// Says something beside what the inputs say.
    fn say(&mut self, event: &EventBuf) {
        // A route that is a name of an input has room in a packet.
        let _ = self.out.push(&event.as_event());
    }

    /// Who takes tests below us takes them through us, also from a multiplexer above.
    fn note_takers(&mut self) {
        if !self.takes_tests && self.hub.has_takers() {
            self.takes_tests = true;
            self.say_capabilities();
        }
    }

    fn moment(&self) -> Moment {
        let elapsed = (self.now - self.began).saturating_sub(self.stalled);
        Moment { elapsed, time: Timestamp::now() }
    }

    fn has_room(&self) -> bool {
        self.out.len() < HIGH
    }

    fn is_done(&self) -> bool {
        if !self.leaves.is_empty() {
            return false;
        }
        let given_up = match self.stopping {
            Some((Step::Kill, _)) => true,
            Some((_, until)) => self.now >= until,
            None => false,
        };
        let waits = self.listener.is_some() && self.stopping.is_none() || self.hears_more();
        !waits && (!self.output.has_more(&self.out) || given_up)
    }

    fn result(self) -> Result<Exit, Error> {
        drop(self.listener);
        for (route, count) in self.said.iter().filter(|(_, count)| **count > SAID) {
            let route = route.as_deref().unwrap_or("input");
            self.console.say(format_args!("{route}: and {} more like these", count - SAID))?;
        }
        self.console.stderr.flush()?;
        if let Some(error) = self.output.failed {
            return Err(Error::Output(error));
        }
        if self.stopping.is_some() {
            return Ok(Exit::Failed);
        }
        let verdict = self.hub.verdict();
        Ok(match verdict {
            // The summary of nothing at all is worth no more than any other.
            Verdict::NoTests => Exit::of(verdict, self.plan.allow_empty),
            _ => Exit::of(verdict, false),
        })
    }

    /// Waits until something can be done, and does it.
    fn step(&mut self) -> Result<(), Error> {
        let (before, had_room) = (self.now, self.has_room());
        let ready = self.wait()?;
        self.now = Instant::now();
        self.note_passed(before, had_room);
        self.hub.note_time(self.moment());
        let ready = ready.iter().filter(|(_, flags)| !flags.is_empty()).map(|(slot, _)| *slot);
        self.note_caught_up(ready.clone());
        let mut filled = Vec::new();
        for slot in ready.clone() {
            match slot {
                Slot::Signals => self.on_signals(),
                Slot::Orders => self.read_orders()?,
                Slot::Listener => self.accept()?,
                Slot::Leaf(index, Side::Output) => filled.extend(self.fill(index)),
                Slot::Output | Slot::Leaf(..) => {}
            }
        }
        self.hub.filled_all(&filled, self.moment(), &mut self.out);
        let mut told = false;
        for slot in ready {
            match slot {
                Slot::Leaf(index, Side::Errors) => self.read_errors(index),
                Slot::Leaf(index, Side::Input) => told |= self.tell(index),
                _ => {}
            }
        }
        self.note_takers();
        self.say_plan();
        let moment = self.moment();
        self.hub.tick(moment, &mut self.out);
        self.watch()?;
        self.reap()?;
        self.note_crowd(told);
        self.write();
        self.say_reports()
    }

    fn fill(&mut self, index: usize) -> Option<(InputId, usize)> {
        let moment = self.moment();
        let leaf = self.leaves.get_mut(index)?;
        let length = leaf.fill(&mut self.hub, moment)?;
        Some((leaf.id, length))
    }

    fn read_errors(&mut self, index: usize) {
        let moment = self.moment();
        if let Some(leaf) = self.leaves.get_mut(index) {
            leaf.read_errors(&mut self.hub, moment, &mut self.out);
        }
    }

    /// Whether an inbox that is crowded got room by it.
    fn tell(&mut self, index: usize) -> bool {
        let Some(leaf) = self.leaves.get_mut(index) else { return false };
        leaf.tell(&mut self.hub, &mut self.out) && self.hub.has_backlog(leaf.id)
    }

    fn write(&mut self) {
        self.output.write(&mut self.out);
        if self.output.failed.is_some() {
            self.out.clear();
            if self.stopping.is_none() {
                self.stop_all(Step::Terminate);
            }
        }
    }

    /// Tells on standard error what a person should know; not more often than they would read.
    fn say_reports(&mut self) -> Result<(), Error> {
        for name in std::mem::take(&mut self.held) {
            self.console.say(format_args!("{name}: {}", HELD))?;
            self.console.stderr.flush()?;
        }
        for report in self.hub.take_reports() {
            let count = self.said.entry(report.route_code.clone()).or_default();
            *count += 1;
            if *count <= SAID {
                let route = report.route_code.as_deref().unwrap_or("input");
                self.console.say(format_args!("{route}: {}", report.message))?;
                self.console.stderr.flush()?;
            }
        }
        Ok(())
    }
}

/// How many reports of one route are told on standard error.
const SAID: u64 = 10;
