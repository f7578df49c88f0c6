//! The supervisor: what it knows, and how it writes to its stream.

use std::{
    collections::{HashMap, HashSet},
    io,
    time::Duration,
};

use subunit_core::{
    Event, EventBuf, FileChunk, InputReader, Status, TextReader,
    conventions::{self, CONFIGURATION, INPUTS, INSTALLED},
};
use subunit_filters::interrupts::Signal;
use subunit_formats::auto::AutoReader;
use subunit_mux::{
    Annotations, Options, Outbox, Readers, asides,
    process::{Processes, ResultSlot, Settings, Signals, TestSlot, run_socket::RunSocket},
};

use super::{
    around::{AroundTests, CoverageFolder, MERGE, SETUP, TEARDOWN},
    artifacts::Artifacts,
    clients::Clients,
    closing::Closing,
    dispatch::retries::Retries,
    listing::{LISTING, Listing},
    plan::{Candidates, Plan},
    settings::PerTest,
    stream::StreamBuffer,
    workers::WorkerSlot,
};
use crate::{
    config::{Suite, show},
    guard::Guard,
    instances::Instances,
    schedule::{Queue, Worker},
};

/// Descriptors that workers inherit, where there is room for them.
#[derive(Debug, Default)]
pub struct Descriptors {
    /// For the ids of tests.
    pub tests: Option<TestSlot>,
    /// For results.
    pub results: Option<ResultSlot>,
}

impl Descriptors {
    /// Takes descriptors of one digit, for commands can only inherit these. To be called before many files
    /// are open.
    #[must_use]
    pub fn reserve() -> Self {
        Self { tests: TestSlot::reserve().ok(), results: ResultSlot::reserve().ok() }
    }
}

/// Runs a plan. Its stream is read from it.
pub struct Supervisor {
    pub(super) plan: Plan,
    pub(super) processes: Processes,
    /// What inputs have written and is being looked at. Its room is used again.
    pub(super) observed: Outbox,
    pub(super) signals: Signals,
    pub(super) test_slot: Option<TestSlot>,
    pub(super) result_slot: Option<ResultSlot>,
    pub(super) instances: Instances,
    pub(super) slots: Vec<WorkerSlot>,
    /// Which slot has the worker of this name.
    pub(super) by_name: HashMap<String, usize>,
    pub(super) around: AroundTests,
    pub(super) listing: Listing,
    pub(super) queue: Queue,
    pub(super) retries: Retries,
    pub(super) settings: PerTest,
    pub(super) clients: Clients,
    pub(super) artifacts: Artifacts,
    pub(super) coverage: CoverageFolder,
    _guard: Option<Guard>,
    pub(super) stream: StreamBuffer,
    /// Where a packet is put together.
    pub(super) scratch: Vec<u8>,
    /// How many tests have ended for good.
    pub(super) results: u64,
    /// How many failures there are, of tests and of the run.
    pub(super) failures: u64,
    pub(super) closing: Option<Closing>,
    /// The signal that has stopped the run.
    pub(super) stopped: Option<Signal>,
    pub(super) progress_plan: asides::Plan,
    pub(super) is_over: bool,
    /// Whether it has looked yet at what it can hand out.
    pub(super) has_turned: bool,
    /// Whether no test is handed out for now.
    pub(super) is_paused: bool,
    /// Whether a worker has been silent about a test for long, and has run it.
    pub(super) has_slow_workers: bool,
}

impl Supervisor {
    /// What people call the run.
    pub fn name(&self) -> &str {
        self.plan.run.name()
    }

    /// What no other run is called; empty if the system has no random bytes.
    pub fn uuid(&self) -> &str {
        self.plan.run.uuid()
    }

    /// Prepares a run. No command is started before this is read.
    ///
    /// # Errors
    ///
    /// If the system has no more descriptors or no room for temporary files, or does not let signals be caught.
    pub fn new(
        plan: Plan,
        queue: Queue,
        instances: Instances,
        signals: Signals,
        descriptors: Descriptors,
    ) -> io::Result<Self> {
        let slots: Vec<_> = plan.places.iter().cloned().map(WorkerSlot::new).collect();
        let names = slots.iter().enumerate().map(|(nth, slot)| (slot.worker.name.clone(), nth));
        // A run within another one is reached through that.
        let socket =
            (!plan.only_lists && !plan.has_upstream).then(|| RunSocket::listen(plan.run.name()));
        let mut supervisor = Self {
            by_name: names.collect(),
            processes: Processes::new(process_settings(&plan, &instances))?,
            observed: Outbox::new(),
            signals,
            test_slot: descriptors.tests,
            result_slot: descriptors.results,
            instances,
            slots,
            around: AroundTests::default(),
            listing: Listing::default(),
            queue,
            retries: Retries::default(),
            settings: PerTest::new(plan.overrides.clone(), plan.times.clone(), plan.tags.clone()),
            clients: Clients::new(socket.and_then(Result::ok), plan.has_upstream),
            artifacts: Artifacts::default(),
            coverage: CoverageFolder::make(&plan.suite.coverage, plan.run.uuid())?,
            _guard: Guard::start(plan.run.uuid()).ok(),
            stream: StreamBuffer::default(),
            scratch: Vec::new(),
            results: plan.earlier,
            failures: 0,
            closing: None,
            stopped: None,
            progress_plan: asides::Plan::default(),
            is_over: false,
            has_turned: false,
            is_paused: false,
            has_slow_workers: false,
            plan,
        };
        supervisor.begin();
        Ok(supervisor)
    }

    fn begin(&mut self) {
        self.processes.expect_inputs(true);
        let run = self.plan.run.event();
        self.emit(&run.as_event());
        if let Some(environment) = &self.plan.environment {
            for said in [environment.event(), configuration(&self.plan.suite)] {
                self.emit(&said.as_event());
            }
        }
        for installed in std::mem::take(&mut self.plan.installed) {
            self.emit(&asides::event(INSTALLED, None, &installed).as_event());
        }
        for inputs in std::mem::take(&mut self.plan.inputs) {
            self.emit(&asides::event(INPUTS, None, &inputs).as_event());
        }
        self.progress_plan.tests = self.plan.earlier;
        self.progress_plan.workers = self.slots.len() as u64;
        self.start_setup();
    }

    /// Whether no more tests are handed out.
    pub(super) fn is_closed(&self) -> bool {
        self.closing.is_some()
    }

    /// Hands the descriptors on, for the next supervisor of this process.
    pub(super) fn give_descriptors(&mut self) -> Descriptors {
        Descriptors { tests: self.test_slot.take(), results: self.result_slot.take() }
    }

    /// Lists the tests, or takes those that are known.
    pub(super) fn begin_tests(&mut self) {
        match self.plan.tests.clone() {
            Candidates::Listed => self.start_listing(),
            Candidates::Unlisted => {
                self.listing.is_over = true;
                self.queue.end_of_listing();
                self.slots.iter_mut().take(1).for_each(|slot| slot.takes_all = true);
            }
            Candidates::These(ids) => {
                ids.iter().for_each(|test_id| self.select(test_id, None));
                self.end_listing();
            }
        }
    }

    /// No more tests are handed out. The first reason counts.
    pub(super) fn close(&mut self, why: Closing) {
        self.closing.get_or_insert(why);
    }

    /// Time since the start, by a clock that stands still while nothing is read.
    pub(super) fn elapsed(&self) -> Duration {
        self.processes.moment().elapsed
    }

    /// Writes an event of the supervisor's own.
    pub(super) fn emit(&mut self, event: &Event<'_>) {
        let timestamp = event.timestamp.or_else(|| self.processes.moment().time);
        // It was read from a packet or is short, so it fits a packet.
        let _ = Event { timestamp, ..*event }.encode(&mut self.stream.bytes);
    }

    /// Writes how many tests and workers there are.
    pub(super) fn emit_plan(&mut self) {
        let plan = self.progress_plan.event();
        self.emit(&plan.as_event());
    }

    /// Fails a test that nobody runs any more.
    pub(super) fn fail_test(&mut self, test_id: &str, reason: &str) {
        self.results += 1;
        let tag = self
            .is_marked(test_id)
            .then(|| conventions::attempt_tag(self.retries.attempt(test_id)));
        let tags = tag.iter().map(String::as_str).collect();
        self.emit_failure(&Event::status(test_id, Status::Fail).with_tags(&tags), reason);
    }

    /// A failure of the run itself, under a name in parentheses.
    pub(super) fn fail_run(&mut self, name: &str, reason: &str) {
        self.emit_failure(&Event { runnable: false, ..Event::status(name, Status::Fail) }, reason);
    }

    fn emit_failure(&mut self, event: &Event<'_>, reason: &str) {
        let file = Some(FileChunk { name: conventions::REASON, bytes: reason.as_bytes() });
        self.emit(&Event { file, mime_type: Some(conventions::TEXT), eof: true, ..*event });
        self.failures += 1;
    }

    /// Whether results of the test name the attempt: those of tests that may run again.
    pub(super) fn is_marked(&mut self, test_id: &str) -> bool {
        self.settings.may_retry() && self.settings.of(test_id).retries > 0
    }

    /// Whether tests come from the queue, and were not dealt out in lists before.
    pub(super) fn uses_queue(&self) -> bool {
        self.plan.suite.incremental || self.plan.alone || self.plan.batch.is_some()
    }
}

fn process_settings(plan: &Plan, instances: &Instances) -> Settings {
    let annotations = Annotations { timestamps: true, ..Annotations::default() };
    // No descriptor reaches a command elsewhere, so its results are on its standard output.
    let is_elsewhere = |worker: &&Worker| instances.is_elsewhere(&plan.suite, &worker.instance);
    let elsewhere = plan.places.iter().filter(is_elsewhere).map(|worker| worker.name.clone());
    let mut elsewhere: HashSet<String> = elsewhere.collect();
    if plan.suite.instance_execute.is_some() || !elsewhere.is_empty() {
        elsewhere.insert(LISTING.to_owned());
    }
    let is_console = plan.suite.console;
    let any_format = || -> Box<dyn InputReader> { Box::new(AutoReader::new(None)) };
    let output = move |name: &str| -> Box<dyn InputReader> {
        let is_text = is_console && !elsewhere.contains(name);
        if is_text || [SETUP, MERGE, TEARDOWN].contains(&name) {
            Box::new(TextReader::new())
        } else {
            any_format()
        }
    };
    Settings {
        options: Options { annotations, watch_tests: false },
        readers: Readers::new(output).with_results(move |_| any_format()),
        limits: plan.limits.processes,
        by: "run",
        ..Settings::default()
    }
}

/// The configuration that is in force. What a command printed may be a secret.
fn configuration(suite: &Suite) -> EventBuf {
    #[derive(serde::Serialize)]
    struct Told {
        toml: String,
    }
    let mut suite = suite.clone();
    suite.coverage.without_printed();
    let Suite { environment, origins, .. } = &mut suite;
    environment.retain(|name, _| {
        let origin = origins.get(&format!("environment.{name}"));
        origin.is_none_or(|origin| origin.command.is_none())
    });
    asides::event(CONFIGURATION, None, &Told { toml: show::suite(&suite) })
}
