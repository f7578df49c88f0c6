//! Runs one process for each command at the same time, and passes on what they say about tests.
//!
//! The hub says more than testr and stestr pass on: files for programs, and tests that stand for a command
//! that failed. These are taken out again; a command that failed is a complaint instead. A test that a dying
//! worker was running stays a failure, with the reason.

use std::{
    collections::HashSet,
    io::{self, Write},
    os::fd::AsFd,
    process::{Command, ExitStatus, Stdio},
    time::SystemTime,
};

use subunit_core::{
    Decoder, Event, FileChunk, Item, Status, Timestamp,
    conventions::{DAMAGED_BYTES, is_aside},
};
use subunit_mux::{
    InputId, ReportKind,
    ending::{COMMAND, WHILE_RUNNING, described, killed_by},
    process::{
        HELD_OPEN, Notice, PollFd, PollFlags, Processes, Settings, Signals, Spawn, SpawnError,
    },
};

use super::{
    commands::WorkerCommand,
    intake::{Intake, split_worker},
    record::read_stream,
};
use crate::{
    guard::kill_all,
    processes::{RUNS, runs_with},
};

/// What became of the workers.
#[derive(Debug, Default)]
pub(in crate::traditional) struct RunEnd {
    /// What is wrong besides failed tests, one line each.
    pub(in crate::traditional) complaints: Vec<String>,
    /// A command that the shell cannot start, and how it ended.
    pub(in crate::traditional) not_started: Option<String>,
    /// Whether the run was interrupted.
    pub(in crate::traditional) interrupted: bool,
}

/// Runs all commands to their end. `by` is our name. A person who has gone away does not end them.
///
/// # Errors
///
/// If a shell cannot be started.
pub(super) fn run(
    commands: &[WorkerCommand],
    by: &'static str,
    signals: &mut Signals,
    intake: &mut Intake<'_>,
) -> io::Result<RunEnd> {
    let mut processes = Processes::new(Settings { by, ..Settings::default() })?;
    let mut crew = Crew { workers: Vec::new(), end: RunEnd::default(), leaves: false, intake };
    let id = run_id();
    let mut decoder = Decoder::new();
    for (number, command) in commands.iter().enumerate() {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", &command.line]).env(RUNS, runs_with(&id));
        let spawn = Spawn::new(shell).with_our_errors();
        let input = processes.spawn(&number.to_string(), spawn).map_err(in_words)?;
        processes.keep_times(input);
        crew.workers.push(Worker::new(command, input));
    }
    processes.end_control();
    while !processes.is_empty() {
        let ours = [PollFd::from_borrowed_fd(signals.as_fd(), PollFlags::IN)];
        let ready = processes.turn(&ours, None)?;
        if ready.iter().any(|flags| !flags.is_empty()) {
            let (interrupt, terminate) = signals.take();
            crew.end.interrupted |= interrupt || terminate;
            processes.pass_on(interrupt, terminate);
        }
        decoder.feed(processes.output().as_bytes());
        processes.output().clear();
        crew.take(&mut decoder);
        processes.notices().for_each(|notice| crew.notice(notice));
        let _ = io::stdout().flush();
    }
    if crew.leaves {
        kill_all(&id);
    }
    Ok(crew.conclude())
}

/// What the processes of this run have in their environment, so that they are found again.
fn run_id() -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    format!("{}-{}", std::process::id(), now.as_nanos())
}

/// Runs one line that has our standard input, so that a person can answer it.
///
/// # Errors
///
/// If the shell cannot be started, or its output cannot be read.
pub(in crate::traditional) fn attached(line: &str, intake: &mut Intake<'_>) -> io::Result<RunEnd> {
    let mut command = Command::new("/bin/sh");
    let mut child = command.args(["-c", line]).stdout(Stdio::piped()).spawn()?;
    let mut end = RunEnd::default();
    if let Some(stdout) = child.stdout.take() {
        end.complaints = read_stream(stdout, "worker-0", intake)?;
    }
    let status = child.wait()?;
    if !status.success() && !intake.has_failures() {
        end.complaints.push(format!("worker-0: {}", described(status)));
    }
    Ok(end)
}

/// What testr says if a list of ids is too long for a command line, and what helps.
fn in_words(error: SpawnError) -> io::Error {
    match error {
        SpawnError::Start { source, .. } if source.kind() == io::ErrorKind::ArgumentListTooLong => {
            let text =
                "[Errno 7] Argument list too long: '/bin/sh'; use $IDFILE instead of $IDLIST";
            io::Error::new(source.kind(), text)
        }
        SpawnError::Start { source, .. } => source,
        other => io::Error::other(other),
    }
}

/// One worker, and what is known of it.
struct Worker<'s> {
    input: InputId,
    /// Tests that it was handed and has not ended.
    pending: HashSet<&'s str>,
    /// All that it was handed; none if it runs what it knows.
    ids: Option<&'s [String]>,
    /// Whether it said anything about a test.
    spoke: bool,
    /// Whether one of its tests failed, so that its exit status needs no other reason.
    failed: bool,
    /// Whether it died while it was running a test.
    died: bool,
    status: Option<ExitStatus>,
    /// The last time it told. Its clock may not be ours, so that our failures get this time.
    time: Option<Timestamp>,
}

impl<'s> Worker<'s> {
    fn new(command: &'s WorkerCommand, input: InputId) -> Self {
        let ids = command.ids.as_deref();
        let pending = ids.unwrap_or_default().iter().map(String::as_str).collect();
        let [spoke, failed, died] = [false; 3];
        Self { input, pending, ids, spoke, failed, died, status: None, time: None }
    }

    /// Notes what an event says.
    fn note(&mut self, event: &Event<'_>) {
        let Some(test_id) = event.test_id else { return };
        self.spoke = true;
        if event.status.is_some_and(Status::is_final) {
            self.pending.remove(test_id);
            let bad = [Some(Status::Fail), Some(Status::UnexpectedSuccess)];
            self.failed |= bad.contains(&event.status);
        }
    }
}

impl Worker<'_> {
    /// Fails the tests that it has not ended, in their order.
    fn fail_pending(&self, number: usize, how: &str, intake: &mut Intake<'_>) {
        let reason = format!("never run: the worker ended before it: {how}\n");
        let ids = self.ids.unwrap_or_default().iter();
        for test_id in ids.filter(|id| self.pending.contains(id.as_str())) {
            let event = Event { timestamp: self.time, ..failure(test_id, &reason) };
            intake.event(number, &event);
        }
    }
}

/// All workers, and where their events go.
struct Crew<'s, 'i, 'a> {
    workers: Vec<Worker<'s>>,
    end: RunEnd,
    /// Whether a worker has left something running that holds its output open.
    leaves: bool,
    intake: &'i mut Intake<'a>,
}

impl Crew<'_, '_, '_> {
    fn take(&mut self, decoder: &mut Decoder) {
        while let Some(item) = decoder.next_item() {
            // The hub writes packets only.
            if let Item::Packet(packet) = item {
                self.event(packet.event());
            }
        }
    }

    fn event(&mut self, event: &Event<'_>) {
        let Some((number, route_code)) = split_worker(event.route_code) else { return };
        let Some(worker) = self.workers.get_mut(number) else { return };
        let mut event = Event { route_code, ..*event };
        match said_by(&event) {
            Said::Worker => worker.time = event.timestamp.or(worker.time),
            Said::Death => {
                worker.died = true;
                event.timestamp = worker.time;
            }
            Said::Hub => return,
        }
        worker.note(&event);
        self.intake.event(number, &event);
    }

    fn notice(&mut self, notice: Notice) {
        match notice {
            Notice::Ended { input, status, .. } => {
                let mut workers = self.workers.iter_mut();
                if let Some(worker) = workers.find(|worker| worker.input == input) {
                    worker.status = worker.status.or(status);
                }
            }
            Notice::HeldOpen { name } => {
                self.leaves = true;
                eprintln!("worker-{name}: {HELD_OPEN}");
            }
            Notice::Report(report) => {
                if let (ReportKind::Damaged(what) | ReportKind::Lost(what), Some(route)) =
                    (report.kind, report.route_code)
                {
                    self.end.complaints.push(format!("worker-{route}: {what}"));
                }
            }
            _ => {}
        }
    }

    /// Complains about workers that ended badly without a failed test, and fails the tests that a dead
    /// worker left.
    fn conclude(mut self) -> RunEnd {
        for (number, worker) in self.workers.iter().enumerate() {
            let Some(status) = worker.status.filter(|status| !status.success()) else { continue };
            let how = described(status);
            if matches!(status.code(), Some(126 | 127)) && !worker.spoke {
                self.end.not_started.get_or_insert_with(|| how.clone());
            }
            if self.end.interrupted {
                continue;
            }
            let is_dead = worker.died || killed_by(status).is_some();
            if is_dead && worker.ids.is_none() {
                let left = "tests that it had not begun did not run";
                self.end.complaints.push(format!("worker-{number}: {how}; {left}"));
            } else if !worker.failed {
                self.end.complaints.push(format!("worker-{number}: {how}"));
            }
            if is_dead {
                worker.fail_pending(number, &how, self.intake);
            }
        }
        self.end
    }
}

/// Who said an event.
enum Said {
    Worker,
    /// The hub, about a test that a worker was running when it died.
    Death,
    /// The hub, about something that is no concern of a run's results.
    Hub,
}

fn said_by(event: &Event<'_>) -> Said {
    if is_aside(event) {
        return Said::Hub;
    }
    let Some(FileChunk { name, bytes }) = event.file else { return Said::Worker };
    let is = |text: &str| memchr::memmem::find(bytes, text.as_bytes()).is_some();
    match (name, event.test_id, event.status) {
        (DAMAGED_BYTES, None, _) => Said::Hub,
        ("stderr", None, _) if is(HELD_OPEN) => Said::Hub,
        ("reason", Some(COMMAND), Some(Status::Fail)) if !event.runnable => Said::Hub,
        ("reason", None, None) if !event.runnable => Said::Hub,
        // It ended as if all were well; the test has just not ended.
        ("reason", Some(_), Some(Status::Fail)) if is(WHILE_RUNNING) => {
            if bytes.starts_with(b"exit status 0 ") { Said::Hub } else { Said::Death }
        }
        _ => Said::Worker,
    }
}

fn failure<'a>(test_id: &'a str, reason: &'a str) -> Event<'a> {
    Event {
        file: Some(FileChunk { name: "reason", bytes: reason.as_bytes() }),
        mime_type: Some("text/plain;charset=utf8"),
        eof: true,
        ..Event::status(test_id, Status::Fail)
    }
}

#[cfg(test)]
mod tests;
