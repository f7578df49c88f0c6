//! The loop of a worker.
//!
//! The command's output goes through a hub with this one input, which knows which tests have ended. The
//! others are failures: a hub upstream takes back those that it can give to another worker.

use std::{io, os::fd::AsFd, process::ExitStatus, time::Instant};

use nix::unistd::{Pid, getsid};
use rustix::{
    event::{PollFd, PollFlags},
    io::{Errno, read},
    process::{Signal, kill_current_process_group},
};
use subunit_core::{Item, conventions::Capabilities, items};

use super::{Error, Notice, WorkerEnd, WorkerInput, WorkerPlan, command::Job, ids::Ids};
use crate::{
    Outbox, Report, asides,
    ending::described,
    process::{
        BLOCK, HIGH, Limits, Notice as Happened, Output, Processes, ResultSlot, Settings, Signals,
        StopSignal, TestFeed, TestSlot, is_nested, is_readable, time_for_more,
    },
};

/// Nothing more is read while more than this waits to be handed on.
const BACKLOG: usize = 1024 * 1024;

/// A command, tests for it as they come, and its output.
///
/// Call [`Worker::turn`] until [`Worker::is_done`]; [`Worker::finish`] tells how it went.
#[derive(Debug)]
pub struct Worker {
    pub(super) plan: WorkerPlan,
    pub(super) processes: Processes,
    signals: Signals,
    pub(super) input: WorkerInput,
    /// Whether nothing more comes on our standard input.
    pub(super) stdin_closed: bool,
    ids: Option<Ids>,
    /// The descriptor for ids, until the command is started.
    slot: Option<TestSlot>,
    /// The descriptor for results, if there was room for one.
    results: Option<ResultSlot>,
    pub(super) job: Option<Job>,
    /// Why the last one ended.
    pub(super) ended: Option<String>,
    /// What the hub says, without the name of its input.
    out: Outbox,
    output: Output,
    batches: u64,
    pub(super) interrupted: bool,
    has_failed: bool,
    /// How many tests there are that nobody else has counted, and the last report of that.
    pub(super) planned: u64,
    pub(super) said: asides::Plan,
    /// When a test was last asked for.
    pub(super) asked: Option<Instant>,
    notices: Vec<Notice>,
}

/// What of our own descriptors is ready.
#[derive(Clone, Copy, Debug)]
enum Slot {
    Signals,
    Control,
    Ids,
    Stdin,
    Tests,
    Output,
}

impl Worker {
    /// Announces that tests are taken here, and starts the command unless it runs in batches.
    ///
    /// # Errors
    ///
    /// If the command cannot be started, or the ids cannot be read.
    pub fn start(mut plan: WorkerPlan, output: Output) -> Result<Self, Error> {
        let failed = |name: &str| {
            let name = name.to_owned();
            move |source| Error::Start { name, source }
        };
        // Opened first: shells can only read from descriptors of one digit.
        let slot = (!plan.in_batches()).then(TestSlot::reserve).transpose();
        let slot = slot.map_err(failed("a pipe for tests"))?;
        let results = ResultSlot::reserve().ok();
        let signals = Signals::catch().map_err(failed("signals"))?;
        let ids = plan
            .ids
            .as_ref()
            .map(|path| Ids::open(path).map_err(failed(&path.display().to_string())));
        let ids = ids.transpose()?;
        let (readers, limits) = (std::mem::take(&mut plan.readers), Limits::default());
        let settings = Settings { readers, limits, by: "worker", ..Settings::default() };
        let mut worker = Self {
            plan,
            processes: Processes::new(settings).map_err(failed("signals"))?,
            signals,
            input: WorkerInput::default(),
            stdin_closed: false,
            ids,
            slot,
            results,
            job: None,
            ended: None,
            out: Outbox::new(),
            output,
            batches: 0,
            interrupted: false,
            has_failed: false,
            planned: 0,
            said: asides::Plan::default(),
            asked: None,
            notices: Vec::new(),
        };
        worker.introduce();
        if !worker.plan.in_batches() {
            worker.start_job()?;
        }
        Ok(worker)
    }

    /// Announces that tests are taken here, and our clock.
    fn introduce(&mut self) {
        let clock = self.processes.moment().time;
        let said =
            Capabilities { takes_tests: true, release: Some(asides::RELEASE), clock }.content();
        // Its strings are ours, so they can be written.
        let _ = self.out.push(&Capabilities::event(&said));
        self.output.write(&mut self.out);
    }

    /// Starts the command: for the whole run, or for the tests that wait.
    fn start_job(&mut self) -> Result<(), Error> {
        let tests = self.plan.in_batches().then(|| std::mem::take(&mut self.input.tests));
        self.batches += u64::from(tests.is_some());
        let slot = self.slot.take();
        let results = self.results.as_mut();
        let job = Job::start(&self.plan, &mut self.processes, slot, results, tests, self.batches)?;
        self.job = Some(job);
        self.hand_asked();
        self.pass_on();
        Ok(())
    }

    /// Whether the command has ended and all is written, and nothing more comes.
    pub fn is_done(&mut self) -> bool {
        let has_more = self.output.has_more(&self.out) || !self.processes.output().is_empty();
        if self.job.is_some() || has_more && !self.output.has_failed() {
            return false;
        }
        if self.plan.in_batches() {
            return self.hears_no_more() && self.input.tests.is_empty();
        }
        let waits = self.more_due().is_some_and(|due| self.processes.now() < due);
        self.hears_no_more() || !waits && !self.is_readable()
    }

    /// What has happened since this was last asked.
    pub fn notices(&mut self) -> impl Iterator<Item = Notice> + use<> {
        std::mem::take(&mut self.notices).into_iter()
    }

    /// The end of it.
    pub fn finish(self) -> WorkerEnd {
        let never_run = self.processes.hub().tests_never_run();
        if self.output.has_failed() {
            signal_session(Signal::KILL);
        }
        WorkerEnd { has_failed: self.has_failed, never_run, not_written: self.output.into_error() }
    }

    /// Waits until something can be done, and does it.
    ///
    /// # Errors
    ///
    /// If a batch cannot be started.
    pub fn turn(&mut self) -> Result<(), Error> {
        for (slot, flags) in self.wait()? {
            match slot {
                Slot::Signals => self.on_signals(),
                Slot::Control => self.read_control(),
                Slot::Ids => self.read_ids(),
                Slot::Stdin => self.hand_on_text(),
                Slot::Tests => self.hand_on_tests(),
                Slot::Output => self.output.note(flags),
            }
        }
        self.processes.transfer();
        self.note_asked();
        self.processes.settle();
        let reports = self.take_notices();
        if self.job.is_none() && self.plan.in_batches() && !self.input.tests.is_empty() {
            self.start_job()?;
        }
        self.close_what_is_done();
        self.pass_on();
        self.notices.extend(self.input.refused.drain(..).map(Notice::Refused));
        self.notices.extend(reports.into_iter().map(Notice::Report));
        Ok(())
    }

    fn wait(&mut self) -> Result<Vec<(Slot, PollFlags)>, Error> {
        let stdin = io::stdin();
        let (mut slots, mut fds) = (Vec::new(), Vec::new());
        let mut want = |slot, fd, flags| {
            slots.push(slot);
            fds.push(PollFd::from_borrowed_fd(fd, flags));
        };
        want(Slot::Signals, self.signals.as_fd(), PollFlags::IN);
        let room = self.input.tests.len() + self.input.text.len() < BACKLOG;
        if !self.stdin_closed && room {
            want(Slot::Control, stdin.as_fd(), PollFlags::IN);
        }
        if let Some(ids) = self.ids.as_ref().filter(|_| room) {
            want(Slot::Ids, ids.as_fd(), PollFlags::IN);
        }
        if let Some(job) = &self.job {
            if let Some(stdin) = job.stdin.as_ref().filter(|_| !self.input.text.is_empty()) {
                want(Slot::Stdin, stdin.as_fd(), PollFlags::OUT);
            }
            let tests = job.tests.as_ref().and_then(TestFeed::descriptor);
            if let Some(tests) = tests.filter(|_| !self.input.tests.is_empty()) {
                want(Slot::Tests, tests, PollFlags::OUT);
            }
        }
        if !self.output.has_failed() {
            want(Slot::Output, self.output.as_fd(), self.output.awaited(&self.out));
        }
        let until = self.more_due();
        let ready = self.processes.wait(&fds, until).map_err(Error::Wait)?;
        Ok(slots.into_iter().zip(ready).filter(|(_, flags)| !flags.is_empty()).collect())
    }

    pub(super) fn hears_no_more(&self) -> bool {
        self.stdin_closed && self.ids.is_none()
    }

    /// Whether ids wait in a pipe.
    fn is_readable(&self) -> bool {
        !self.stdin_closed && is_readable(io::stdin().as_fd())
            || self.ids.as_ref().is_some_and(|ids| is_readable(ids.as_fd()))
    }

    /// Until when to wait for further tests after the command has ended, to report what becomes of them.
    fn more_due(&self) -> Option<Instant> {
        let over = self.job.is_none() && !self.plan.in_batches() && !self.hears_no_more();
        let linger = Limits::default().linger;
        self.asked.filter(|_| over).map(|asked| asked + time_for_more(linger))
    }

    /// Stops the command. It may have got the signal already; otherwise it gets it now.
    fn on_signals(&mut self) {
        let (interrupt, terminate) = self.signals.take();
        if !interrupt && !terminate {
            return;
        }
        self.stop(if terminate { StopSignal::Terminate } else { StopSignal::Interrupt });
    }

    fn stop(&mut self, signal: StopSignal) {
        self.stdin_closed = true;
        self.ids = None;
        self.interrupted = true;
        self.has_failed = true;
        self.input.tests.clear();
        self.processes.stop_all(signal);
    }

    /// Checks whether the command has ended, and returns what was found out about its stream.
    fn take_notices(&mut self) -> Vec<Report> {
        let mut reports = Vec::new();
        for happened in self.processes.notices() {
            match happened {
                Happened::Ended { status, .. } => self.note_end(status.unwrap_or_default()),
                Happened::Report(report) => reports.push(report),
                _ => {}
            }
        }
        reports
    }

    fn note_end(&mut self, status: ExitStatus) {
        // It was made for this batch only.
        self.job = None;
        let mut cause = described(status);
        if self.interrupted {
            cause.push_str(": interrupted");
        }
        if !status.success() {
            self.has_failed = true;
            self.notices.push(Notice::CommandFailed { cause: cause.clone() });
        }
        self.ended = Some(cause);
    }

    /// Writes the hub's output without the name of the input, as the command would have written it.
    fn pass_on(&mut self) {
        if self.out.len() < HIGH {
            for item in items(self.processes.output().as_bytes()) {
                let Item::Packet(packet) = item else { continue };
                let below = packet.event().route_code.and_then(|route| route.split_first().1);
                self.out.push_under(&packet, below);
            }
            self.processes.output().clear();
        }
        self.output.write(&mut self.out);
        if self.output.has_failed() {
            self.out.clear();
            if let Some(job) = &self.job {
                // It gets the same error as if it wrote there itself.
                self.processes.close_output(job.id);
            }
            // It may never write: a test that hangs, below a connection that is gone.
            if !self.interrupted {
                self.stop(StopSignal::Terminate);
                signal_session(Signal::TERM);
            }
        }
    }

    fn read_control(&mut self) {
        let mut buffer = vec![0; BLOCK];
        match read(io::stdin(), &mut buffer[..]) {
            Ok(length @ 1..) => {
                let before = self.input.asked.len();
                self.input.take(&buffer[..length]);
                // A multiplexer that hands us tests has counted them.
                let more = self.input.asked.len().saturating_sub(before);
                self.planned += if is_nested() { 0 } else { more as u64 };
            }
            Err(Errno::INTR | Errno::AGAIN) => {}
            Ok(0) | Err(_) => {
                self.input.finish();
                self.stdin_closed = true;
            }
        }
    }

    fn read_ids(&mut self) {
        let Some(ids) = &mut self.ids else { return };
        let is_open = ids.read(|line| match std::str::from_utf8(line) {
            Ok(test_id) => {
                self.input.test(test_id);
                self.planned += 1;
            }
            Err(_) => {
                let test_id = String::from_utf8_lossy(line).into_owned();
                self.input.unfit.push((test_id, "its id is not UTF-8"));
            }
        });
        if !is_open {
            self.ids = None;
        }
    }
}

/// Signals what the command has started as well, if all that is ours: sshd makes us the leader of a session.
/// There nobody else is left to end it when the connection is gone.
fn signal_session(signal: Signal) {
    if getsid(None) == Ok(Pid::this()) {
        // We are of the group, too.
        let _ = kill_current_process_group(signal);
    }
}
