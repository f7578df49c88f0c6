//! A leaf that takes tests while it runs: a command, and tests for it as they come.
//!
//! What the command says goes through a [`Hub`] of its own with this one input, so that it is known which
//! tests have ended. The others are failures: a hub above takes those back that it can hand to another worker.

use std::{
    fs,
    io::{self, Write},
    os::fd::{AsFd, AsRawFd, OwnedFd, RawFd},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, poll},
    io::{Errno, read, write},
};
use subunit_core::{Item, Timestamp, conventions::Capabilities, items};
use subunit_mux::{
    Ending, Hub, InputId, Intake, Moment, Outbox, Readers, Stream,
    asides::{self, State},
    ending::{described, signal_of},
};

use super::{
    BLOCK, HIGH, leaf, orders,
    output::Output,
    signals::Signals,
    spawn::{self, is_nested},
    wait::timespec,
};
use crate::{
    console::Console,
    exit::{Error, Exit},
};

/// In this variable the command finds the number of a descriptor to read ids from, one a line.
pub(crate) const TEST_FD: &str = "SUBUNIT_TEST_FD";

/// In this variable the command finds the path of what can be read there, for who does not inherit it.
pub(crate) const TEST_PATH: &str = "SUBUNIT_TEST_PATH";

/// An argument that stands for the path of a file with the ids of a batch.
pub(crate) const LOAD_LIST: &str = "{}";

/// What a worker runs.
#[derive(Debug)]
pub(crate) struct WorkerPlan {
    /// The command and its arguments. With [`LOAD_LIST`] among them it is run once for each batch.
    pub command: Vec<String>,
    /// Ids come from this file or descriptor as well, one a line.
    pub ids: Option<PathBuf>,
    /// Who reads what the command says.
    pub readers: Readers,
}

/// Nothing more is taken while more than this waits to be handed on.
const CROWDED: usize = 1024 * 1024;

/// How long the output of a command that has ended may stay open.
const LINGER: Duration = Duration::from_secs(2);

/// The name of the only input; nobody sees it.
const COMMAND: &str = "0";

/// Who tells of the command.
const BY: &str = "worker";

/// Runs the command to its end.
///
/// # Errors
///
/// Where the command cannot be started, or the ids cannot be read.
pub(crate) fn run_worker(plan: &WorkerPlan, console: &mut Console<'_>) -> Result<Exit, Error> {
    let mut worker = Worker::prepare(plan, console)?;
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
    /// Where the command will read ids, until it is started.
    tests: Option<Tests>,
    job: Option<Job>,
    /// Why the last one ended.
    ended: Option<String>,
    hub: Hub,
    /// What the hub says, and the same without the name of the input.
    said: Outbox,
    out: Outbox,
    output: Output,
    worst: Exit,
    batches: u64,
    interrupted: bool,
    /// How many tests there are that nobody else has counted, and what was said of that last.
    planned: u64,
    told: asides::Plan,
    /// When a test was last asked for.
    asked: Option<Instant>,
    began: Instant,
    now: Instant,
}

/// A pipe for ids.
struct Tests {
    theirs: OwnedFd,
    ours: OwnedFd,
}

/// The command at work.
struct Job {
    id: InputId,
    child: Child,
    output: Option<OwnedFd>,
    input: Option<OwnedFd>,
    tests: Option<OwnedFd>,
    /// The other end of that, for who opens it by its path.
    _shared: Option<OwnedFd>,
    list: Option<PathBuf>,
    ended: Option<(ExitStatus, Instant)>,
}

/// Which descriptor is ready.
#[derive(Clone, Copy)]
enum Slot {
    Signals,
    Orders,
    Ids,
    Output,
    Input,
    Tests,
    Out,
}

impl<'p, 'c, 'd> Worker<'p, 'c, 'd> {
    fn prepare(plan: &'p WorkerPlan, console: &'d mut Console<'c>) -> Result<Self, Error> {
        let failed = |name: &str, source| Error::Input { name: name.into(), source };
        let batches = plan.command.iter().any(|argument| argument == LOAD_LIST);
        // Before anything else is opened: shells read of descriptors of one digit only.
        let tests = (!batches).then(inherited_pipe).transpose();
        let tests = tests.map_err(|error| failed("a pipe for tests", error))?;
        let signals = Signals::catch().map_err(|error| failed("signals", error))?;
        let ids = plan.ids.as_ref().map(|path| {
            let opened = spawn::open(path).map(|(fd, _)| fd);
            opened.map_err(|error| failed(&path.display().to_string(), error))
        });
        let now = Instant::now();
        Ok(Self {
            plan,
            console,
            signals,
            intake: Intake::default(),
            deaf: false,
            ids: ids.transpose()?,
            line: Vec::new(),
            tests,
            job: None,
            ended: None,
            hub: Hub::default(),
            said: Outbox::new(),
            out: Outbox::new(),
            output: Output::standard(),
            worst: Exit::Passed,
            batches: 0,
            interrupted: false,
            planned: 0,
            told: asides::Plan::default(),
            asked: None,
            began: now,
            now,
        })
    }

    fn in_batches(&self) -> bool {
        self.plan.command.iter().any(|argument| argument == LOAD_LIST)
    }

    fn moment(&self) -> Moment {
        Moment { elapsed: self.now - self.began, time: Timestamp::now() }
    }

    /// Says that tests are taken here, and what time it is.
    fn introduce(&mut self) -> Result<(), Error> {
        let moment = self.moment();
        self.hub.begin(moment);
        let said = Capabilities { takes_tests: true, clock: moment.time }.content();
        let event = Capabilities::event(&said);
        self.out.push(&event).map_err(|error| io::Error::other(error.to_string()))?;
        self.output.write(&mut self.out);
        Ok(())
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
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let tests = self.tests.take();
        if let Some(Tests { theirs, .. }) = &tests {
            let number = theirs.as_raw_fd();
            command.env(TEST_FD, number.to_string()).env(TEST_PATH, path_of(number));
        }
        let mut child = command.spawn().map_err(failed)?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let (input, output) = (input.map(OwnedFd::from), output.map(OwnedFd::from));
        for fd in [&input, &output].into_iter().flatten() {
            spawn::set_nonblocking(fd).map_err(failed)?;
        }
        let (shared, tests) = tests.map(|Tests { theirs, ours }| (theirs, ours)).unzip();
        if let Some(shared) = &shared {
            // What else is started is not to have it.
            rustix::io::fcntl_setfd(shared, rustix::io::FdFlags::CLOEXEC)
                .map_err(|error| failed(error.into()))?;
        }
        let id = self
            .hub
            .attach_reader(COMMAND, self.plan.readers.of(COMMAND))
            .map_err(|error| Error::Usage(error.to_string()))?;
        let started = asides::Worker::new(BY, State::Started, Some(child.id()));
        let _ = self.said.push(&started.event(COMMAND).as_event());
        self.job =
            Some(Job { id, child, output, input, tests, _shared: shared, list, ended: None });
        self.hand_asked();
        self.pass_on();
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
        if self.job.is_some() || self.output.has_more(&self.out) {
            return false;
        }
        if self.in_batches() {
            return self.hears_no_more() && self.intake.tests.is_empty();
        }
        let more = self.more_due().is_some_and(|due| self.now < due) || self.is_readable();
        self.hears_no_more() || !more
    }

    /// Whether ids stand in a pipe for us.
    fn is_readable(&self) -> bool {
        !self.deaf && orders::is_readable(io::stdin().as_fd())
            || self.ids.as_ref().is_some_and(|ids| orders::is_readable(ids.as_fd()))
    }

    /// Until when more tests are waited for once the command has ended, to say what becomes of them.
    fn more_due(&self) -> Option<Instant> {
        let over = self.job.is_none() && !self.in_batches() && !self.hears_no_more();
        self.asked.filter(|_| over).map(|asked| asked + orders::patience(LINGER))
    }

    fn result(mut self) -> Result<Exit, Error> {
        let left = self.hub.tests_never_run();
        if left > 0 && !is_nested() {
            self.console.say(format_args!("{left} tests were not run"))?;
        }
        self.console.stderr.flush()?;
        match self.output.failed.take() {
            Some(error) => Err(Error::Output(error)),
            None if left > 0 => Ok(Exit::Failed),
            None => Ok(self.worst),
        }
    }

    fn step(&mut self) -> Result<(), Error> {
        let slots = self.wait()?;
        self.now = Instant::now();
        self.hub.note_time(self.moment());
        for slot in slots {
            match slot {
                Slot::Signals => self.on_signals(),
                Slot::Orders => self.read_orders(),
                Slot::Ids => self.read_ids(),
                Slot::Output => _ = self.read_output(),
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
                Slot::Out => {}
            }
        }
        self.note_asked();
        self.hub.tick(self.moment(), &mut self.said);
        self.look()?;
        if self.job.is_none() && self.in_batches() && !self.intake.tests.is_empty() {
            self.start()?;
        }
        self.close_what_is_done();
        self.pass_on();
        self.say_refused()
    }

    fn say_refused(&mut self) -> Result<(), Error> {
        for refused in std::mem::take(&mut self.intake.refused) {
            self.console.say(refused)?;
        }
        for report in self.hub.take_reports() {
            self.console.say(report.message)?;
        }
        Ok(self.console.stderr.flush()?)
    }

    /// Whoever is asked to run a test answers for it: the command, or nobody.
    fn note_asked(&mut self) {
        self.say_plan();
        let moment = self.moment();
        for (test_id, why) in std::mem::take(&mut self.intake.unfit) {
            self.hub.fail_never_run(&test_id, why, moment, &mut self.said);
        }
        if !self.intake.asked.is_empty() {
            self.asked = Some(self.now);
        }
        if self.interrupted && self.in_batches() {
            self.fail_asked("interrupted");
        } else if self.job.is_some() && !self.in_batches() {
            self.hand_asked();
        } else if let Some(ended) = self.ended.clone().filter(|_| !self.in_batches()) {
            self.fail_asked(&format!("the command had ended: {ended}"));
        }
    }

    /// Says how many tests there are, where that has grown.
    fn say_plan(&mut self) {
        let plan = asides::Plan { tests: self.planned, workers: 0 };
        if plan != std::mem::replace(&mut self.told, plan) {
            let _ = self.said.push(&plan.event().as_event());
        }
    }

    fn hand_asked(&mut self) {
        let Some(job) = &self.job else { return };
        for test_id in self.intake.asked.drain(..) {
            self.hub.note_handed(job.id, &test_id);
        }
    }

    fn fail_asked(&mut self, why: &str) {
        let moment = self.moment();
        self.intake.tests.clear();
        for test_id in self.intake.asked.drain(..) {
            self.hub.fail_never_run(&test_id, why, moment, &mut self.said);
        }
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
        let room = self.intake.tests.len() + self.intake.text.len() < CROWDED;
        if !self.deaf && room {
            want(Slot::Orders, stdin.as_fd(), PollFlags::IN);
        }
        if let Some(ids) = self.ids.as_ref().filter(|_| room) {
            want(Slot::Ids, ids.as_fd(), PollFlags::IN);
        }
        if self.output.has_more(&self.out) {
            want(Slot::Out, self.output.as_fd(), PollFlags::OUT);
        }
        if let Some(job) = &self.job {
            if let Some(output) = job.output.as_ref().filter(|_| self.out.len() < HIGH) {
                want(Slot::Output, output.as_fd(), PollFlags::IN);
            }
            if let Some(input) = job.input.as_ref().filter(|_| !self.intake.text.is_empty()) {
                want(Slot::Input, input.as_fd(), PollFlags::OUT);
            }
            if let Some(tests) = job.tests.as_ref().filter(|_| !self.intake.tests.is_empty()) {
                want(Slot::Tests, tests.as_fd(), PollFlags::OUT);
            }
        }
        let timeout = self.due().map(|due| timespec(due.saturating_duration_since(Instant::now())));
        match poll(&mut fds, timeout.as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(Error::Output(error.into())),
        }
        let ready = fds.iter().zip(slots).filter(|(fd, _)| !fd.revents().is_empty());
        Ok(ready.map(|(_, slot)| slot).collect())
    }

    /// When there is something to do though nothing happens.
    fn due(&self) -> Option<Instant> {
        let ended = self.job.as_ref().and_then(|job| job.ended);
        let lingers = ended.map(|(_, at)| at + LINGER).filter(|due| *due > self.now);
        let hub = self.hub.due().map(|due| self.began + due);
        [lingers, hub, self.more_due()].into_iter().flatten().min()
    }

    /// A child may have ended. To be told to stop is the command's business: it is told as well, by
    /// whoever tells us, and if not, now.
    fn on_signals(&mut self) {
        let (interrupt, terminate) = self.signals.take();
        if !interrupt && !terminate {
            return;
        }
        self.deaf = true;
        self.ids = None;
        self.interrupted = true;
        self.worst = Exit::Failed;
        self.intake.tests.clear();
        let Some(job) = self.job.as_ref().filter(|job| terminate && job.ended.is_none()) else {
            return;
        };
        let pid = i32::try_from(job.child.id()).ok().and_then(rustix::process::Pid::from_raw);
        if let Some(pid) = pid {
            // It may have gone already.
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
    }

    /// Looks whether the command has ended, and all that it wrote has been read.
    fn look(&mut self) -> Result<(), Error> {
        let Some(job) = &mut self.job else { return Ok(()) };
        if job.ended.is_none() {
            job.ended = job.child.try_wait()?.map(|status| (status, self.now));
        }
        let Some((status, at)) = job.ended else { return Ok(()) };
        if job.output.is_some() && self.now < at + LINGER {
            return Ok(());
        }
        let held = self.drain();
        let Some(job) = self.job.take() else { return Ok(()) };
        if let Some(list) = &job.list {
            // It was made for this batch only; what cannot be removed is in a place for such files.
            let _ = fs::remove_file(list);
        }
        if held {
            let told = format!("subunit worker: {}\n", leaf::HELD);
            let moment = self.moment();
            self.hub.feed(job.id, Stream::Stderr, told.as_bytes(), moment, &mut self.said);
        }
        self.note_end(&job, status)
    }

    /// Reads what stands in an output that something else holds open; whether it is held.
    fn drain(&mut self) -> bool {
        let mut rest = leaf::REST;
        while let Some(length) = self.read_output() {
            rest = rest.saturating_sub(length);
            if rest == 0 {
                break;
            }
        }
        self.job.as_ref().is_some_and(|job| job.output.is_some())
    }

    fn note_end(&mut self, job: &Job, status: ExitStatus) -> Result<(), Error> {
        let mut cause = described(status);
        if self.interrupted {
            cause.push_str(": interrupted");
        }
        let moment = self.moment();
        let crashed = signal_of(status).is_some();
        let ending = match status.success() {
            true => Ending::Gone { cause: &cause },
            false => Ending::Broken { cause: &cause, crashed },
        };
        self.hub.detach(job.id, ending, moment, &mut self.said);
        let stopped = self.interrupted.then_some((State::Stopped, "interrupted"));
        let ended = asides::Worker::of_process(BY, job.child.id(), status, stopped);
        let _ = self.said.push(&ended.event(COMMAND).as_event());
        if !status.success() {
            self.worst = Exit::Failed;
            self.console.say(format_args!("the command ended: {cause}"))?;
            self.console.stderr.flush()?;
        }
        self.ended = Some(cause);
        Ok(())
    }

    /// Reads what is there of what the command says, at most a block; how much it was.
    fn read_output(&mut self) -> Option<usize> {
        let moment = self.moment();
        let job = self.job.as_mut()?;
        let fd = job.output.as_ref()?;
        match read(fd, &mut self.hub.space(job.id, BLOCK)?[..BLOCK]) {
            Ok(length @ 1..) => {
                self.hub.filled(job.id, length, moment, &mut self.said);
                return Some(length);
            }
            Err(Errno::AGAIN | Errno::INTR) => {}
            Ok(0) | Err(_) => job.output = None,
        }
        None
    }

    /// Writes what the hub says, as the command would have said it: without the name of the input.
    fn pass_on(&mut self) {
        for item in items(self.said.as_bytes()) {
            let Item::Packet(packet) = item else { continue };
            let below = packet.event().route_code.and_then(|route| route.split_first().1);
            self.out.push_under(&packet, below);
        }
        self.said.clear();
        self.output.write(&mut self.out);
        if self.output.failed.is_some() {
            self.out.clear();
            if let Some(job) = &mut self.job {
                // It hears of it as if it wrote there itself.
                job.output = None;
            }
        }
    }

    fn read_orders(&mut self) {
        let mut buffer = vec![0; BLOCK];
        match read(io::stdin(), &mut buffer[..]) {
            Ok(length @ 1..) => {
                let before = self.intake.asked.len();
                self.intake.take(&buffer[..length]);
                // A multiplexer that hands us tests has counted them.
                let more = self.intake.asked.len().saturating_sub(before);
                self.planned += if is_nested() { 0 } else { more as u64 };
            }
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
                Ok(test_id) => {
                    self.intake.test(test_id);
                    self.planned += 1;
                }
                Err(_) => {
                    let test_id = String::from_utf8_lossy(line).into_owned();
                    self.intake.unfit.push((test_id, "its id is not UTF-8"));
                }
            }
        }
    }
}

/// A pipe whose end for reading goes to what is started next, under the same number.
fn inherited_pipe() -> io::Result<Tests> {
    let (theirs, ours) = rustix::pipe::pipe()?;
    rustix::io::fcntl_setfd(&ours, rustix::io::FdFlags::CLOEXEC)?;
    spawn::set_nonblocking(&ours)?;
    Ok(Tests { theirs, ours })
}

/// Where to open our descriptor: on Linux also for who did not inherit it.
fn path_of(number: RawFd) -> String {
    if cfg!(target_os = "linux") {
        format!("/proc/{}/fd/{number}", std::process::id())
    } else {
        format!("/dev/fd/{number}")
    }
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
