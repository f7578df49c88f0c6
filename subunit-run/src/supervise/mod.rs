//! Runs tests: starts workers, hands tests out, keeps to limits of time, and makes one stream of all.
//!
//! The stream is the truth: what is known of the run and not said by a test is in files of no test, and
//! whoever shows the run reads the stream. [`Supervisor`] is read like any other input. It takes one turn
//! while its reader waits, in which it moves bytes and decides what is due.
//!
//! Each test that was listed and selected ends exactly once (each attempt at it, if there are several): as a
//! worker said, or as a failure by name. A test that was running when its worker ended is that failure. A
//! test that had not begun goes to another worker, until [`Queue`](crate::schedule::Queue) gives it up. A
//! worker whose processes end [`BARREN`](ending) times one after another without a sign of a test is not
//! started again.

mod attempts;
mod ending;
mod guests;
mod hand;
mod hand_out;
mod listing;
mod observe;
mod outside;
mod overdue;
mod plan;
mod prompt;
mod reading;
mod settings;
mod start;

use std::{
    collections::HashMap,
    io,
    os::fd::AsFd,
    time::{Duration, Instant},
};

use subunit_core::{Event, FileChunk, Status, conventions};
use subunit_filters::interrupts::Signal;
use subunit_formats::auto::AutoReader;
use subunit_mux::{
    Annotations, Options, Readers, asides,
    process::{PollFd, PollFlags, Processes, Settings, Signals, TestSlot, run_socket::RunSocket},
};

use self::{attempts::Retries, guests::Guests, hand::Hand, listing::Listing, settings::PerTest};
pub use self::{
    plan::{Plan, Tests, TimeLimits},
    prompt::Prompts,
    settings::limit,
};
use crate::{guard::Guard, instances::Instances, schedule::Queue};

/// Runs a plan. Its stream is read from it.
pub struct Supervisor {
    plan: Plan,
    processes: Processes,
    signals: Signals,
    slot: Option<TestSlot>,
    instances: Instances,
    hands: Vec<Hand>,
    /// Which hand has this name.
    by_name: HashMap<String, usize>,
    listing: Listing,
    queue: Queue,
    retries: Retries,
    settings: PerTest,
    guests: Guests,
    _guard: Option<Guard>,
    /// The stream, as far as it was not read.
    out: Vec<u8>,
    /// Where a packet is put together.
    room: Vec<u8>,
    /// How many tests have ended for good, and how many of these results are failures.
    results: u64,
    failures: u64,
    /// Why no more tests are handed out.
    closing: Option<String>,
    /// The signal that has stopped it.
    stopped: Option<Signal>,
    planned: asides::Plan,
    is_over: bool,
    /// Whether no test is handed out for now.
    is_paused: bool,
}

impl Supervisor {
    /// Gets ready. Nothing runs before it is read.
    ///
    /// # Errors
    ///
    /// If signals or descriptors are not to be had.
    pub fn new(
        plan: Plan,
        queue: Queue,
        instances: Instances,
        signals: Signals,
        slot: Option<TestSlot>,
    ) -> io::Result<Self> {
        let settings = Settings {
            options: Options {
                annotations: Annotations { timestamps: true, ..Annotations::default() },
                watch_tests: false,
            },
            readers: Readers::new(|_| Box::new(AutoReader::new(None))),
            limits: plan.limits.processes,
            by: "run",
            ..Settings::default()
        };
        let socket = match plan.only_lists {
            true => None,
            false => RunSocket::listen(plan.run.name()).ok(),
        };
        let hands: Vec<Hand> = plan.places.iter().cloned().map(Hand::new).collect();
        let names = hands.iter().enumerate().map(|(nth, hand)| (hand.worker.name.clone(), nth));
        let mut supervisor = Self {
            by_name: names.collect(),
            processes: Processes::new(settings)?,
            signals,
            slot,
            instances,
            hands,
            listing: Listing::default(),
            queue,
            retries: Retries::default(),
            settings: PerTest::new(plan.overrides.clone(), plan.times.clone(), plan.tags.clone()),
            guests: Guests::of(socket, plan.has_upstream),
            _guard: Guard::start(plan.run.uuid()).ok(),
            results: plan.earlier,
            out: Vec::new(),
            room: Vec::new(),
            failures: 0,
            closing: None,
            stopped: None,
            planned: asides::Plan::default(),
            is_over: false,
            is_paused: false,
            plan,
        };
        supervisor.begin();
        Ok(supervisor)
    }

    fn begin(&mut self) {
        self.processes.expect_inputs(true);
        let run = self.plan.run.event();
        self.say(&run.as_event());
        self.planned.tests = self.plan.earlier;
        self.planned.workers = self.hands.len() as u64;
        match self.plan.tests.clone() {
            Tests::Listed => self.start_listing(),
            Tests::These(ids) => {
                ids.iter().for_each(|test_id| self.select(test_id, None));
                self.end_of_tests();
            }
        }
    }

    /// One turn: waits until something happens, or until the given time, and does what is due.
    fn turn(&mut self, until: Instant) -> io::Result<()> {
        self.welcome();
        let ready = {
            let mut fds = vec![PollFd::from_borrowed_fd(self.signals.as_fd(), PollFlags::IN)];
            let feeds = self.hands.iter().filter_map(Hand::waiting_feed);
            fds.extend(feeds.map(|feed| PollFd::from_borrowed_fd(feed, PollFlags::OUT)));
            fds.extend(self.guests.descriptors().map(|(fd, is_slow)| {
                let flags = if is_slow { PollFlags::IN | PollFlags::OUT } else { PollFlags::IN };
                PollFd::from_borrowed_fd(fd, flags)
            }));
            let due = self.due().into_iter().chain([until]).min();
            self.processes.turn(&fds, due)?
        };
        if ready.first().is_some_and(|flags| !flags.is_empty()) {
            self.hear();
        }
        self.hear_guests();
        self.observe();
        self.note_ends();
        self.watch_time();
        self.hand_out();
        self.observe();
        self.end_if_done();
        Ok(())
    }

    /// Signals: the first stops all that runs, a second one at once.
    fn hear(&mut self) {
        let (interrupt, terminate) = self.signals.take();
        if !interrupt && !terminate {
            return;
        }
        let signal = match terminate {
            true if self.signals.hung_up() => Signal::HangUp,
            true => Signal::Terminate,
            false => Signal::Interrupt,
        };
        self.stopped.get_or_insert(signal);
        self.close("interrupted");
        self.processes.pass_on(interrupt, terminate);
    }

    /// No more tests are handed out.
    fn close(&mut self, why: &str) {
        self.closing.get_or_insert_with(|| why.to_owned());
    }

    /// Time since the start, by a clock that stands still while nothing is read.
    fn elapsed(&self) -> Duration {
        self.processes.moment().elapsed
    }

    /// Writes an event of our own.
    fn say(&mut self, event: &Event<'_>) {
        let timestamp = event.timestamp.or_else(|| self.processes.moment().time);
        // What is said here has been read from a packet or is ours: it can be written.
        let _ = Event { timestamp, ..*event }.encode(&mut self.out);
    }

    /// Fails a test, or what is no test, for a reason.
    fn fail(&mut self, test_id: &str, runnable: bool, reason: &str) {
        let is_marked = runnable && self.is_marked(test_id);
        let tags = is_marked.then(|| conventions::attempt_tag(self.retries.attempt(test_id)));
        let tags = tags.iter().map(String::as_str).collect();
        let event = Event {
            runnable,
            file: Some(FileChunk { name: conventions::REASON, bytes: reason.as_bytes() }),
            mime_type: Some(conventions::TEXT),
            eof: true,
            ..Event::status(test_id, Status::Fail)
        };
        self.say(&event.with_tags(&tags));
        self.failures += 1;
    }

    /// Whether it is said which attempt at the test an event belongs to: of tests that may run again.
    fn is_marked(&mut self, test_id: &str) -> bool {
        self.settings.may_retry() && self.settings.of(test_id).retries > 0
    }

    /// Whether tests are handed out one by one.
    fn uses_queue(&self) -> bool {
        self.plan.suite.incremental || self.plan.alone
    }

    /// Says how much there is to do, when that has changed.
    fn say_plan(&mut self) {
        let plan = self.planned.event();
        self.say(&plan.as_event());
    }

    /// The end: nothing runs, and nothing more will.
    fn end_if_done(&mut self) {
        let is_done = self.listing.is_over && self.hands.iter().all(Hand::is_over);
        if self.is_over || !is_done || !self.processes.is_empty() {
            return;
        }
        self.end_what_leaked();
        self.fail_what_is_left();
        if let Err(why) = self.instances.dispose(&self.plan.folder, &mut self.signals) {
            self.fail("(instances)", false, &why);
        }
        self.is_over = true;
    }
}
