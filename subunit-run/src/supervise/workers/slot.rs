//! One worker of a run: its process, and the tests that are its own.

use std::{collections::BTreeMap, os::fd::BorrowedFd, time::Duration};

use subunit_mux::{InputId, process::TestFeed};
use tempfile::TempPath;

use super::{leases::Leases, timer::TestTimer};
use crate::{
    schedule::Worker,
    supervise::{artifacts::ArtifactFolder, prompts::OpenLine},
};

/// One place where tests run, one process after another.
#[derive(Debug)]
pub(in crate::supervise) struct WorkerSlot {
    pub(in crate::supervise) worker: Worker,
    pub(in crate::supervise) process: Option<WorkerProcess>,
    /// How many processes have ended in succession without a sign of a test.
    pub(in crate::supervise) fruitless: u32,
    /// Whether the last process here ended badly.
    pub(in crate::supervise) has_lost_process: bool,
    /// Nothing is started here any more.
    pub(in crate::supervise) is_done: bool,
    /// What to start here, for a worker that takes a list.
    pub(in crate::supervise) list: Vec<String>,
    /// It has yet to start a process that runs all tests, whatever they are.
    pub(in crate::supervise) takes_all: bool,
    /// The number of the variables that its process finds.
    pub(in crate::supervise) environment: usize,
    /// Which attempt at its first test its process is started for.
    pub(in crate::supervise) attempt: u32,
}

/// The process of a worker that takes tests.
#[derive(Debug)]
pub(in crate::supervise) struct WorkerProcess {
    pub(in crate::supervise) input: InputId,
    pub(in crate::supervise) feed: Feed,
    pub(in crate::supervise) leases: Leases,
    pub(in crate::supervise) timer: TestTimer,
    /// When it was started.
    pub(in crate::supervise) started: Duration,
    /// It runs all tests: those that it names are its own.
    pub(in crate::supervise) takes_all: bool,
    /// Where its tests put files.
    pub(in crate::supervise) artifacts: Option<ArtifactFolder>,
    /// What is asked below it, by route.
    pub(in crate::supervise) asked_below: BTreeMap<String, String>,
    /// Whether a supervisor below it says itself who waits for a person.
    pub(in crate::supervise) has_run_below: bool,
    /// The lines that have not ended below it, by route.
    pub(in crate::supervise) lines_below: BTreeMap<String, OpenLine>,
    /// Since when it has nothing to do any more, and should end.
    pub(in crate::supervise) idle_since: Option<Duration>,
    /// Whether any test of it has begun or ended.
    pub(in crate::supervise) has_run_test: bool,
    /// The line that it has printed and not ended.
    pub(in crate::supervise) open_line: OpenLine,
    /// It said nothing of tests that it has read, and gets no more.
    pub(in crate::supervise) was_mute: bool,
    /// It took too long, and was told to stop.
    pub(in crate::supervise) is_stopping: bool,
    /// Removed when the process has ended.
    pub(super) _id_file: Option<TempPath>,
}

/// How a process gets tests.
#[derive(Debug)]
pub(in crate::supervise) enum Feed {
    /// It has a list, and gets no more.
    List,
    /// One by one through a descriptor.
    Pipe(TestFeed),
    /// One by one in packets on its standard input.
    Packets,
    /// Nothing more comes. A pipe stays open for a process that opens it by its path.
    Ended(Option<TestFeed>),
}

impl WorkerProcess {
    pub(super) fn new(input: InputId, feed: Feed, now: Duration) -> Self {
        Self {
            input,
            feed,
            leases: Leases::default(),
            timer: TestTimer::new(now),
            started: now,
            takes_all: false,
            artifacts: None,
            asked_below: BTreeMap::new(),
            has_run_below: false,
            lines_below: BTreeMap::new(),
            idle_since: None,
            has_run_test: false,
            open_line: OpenLine::default(),
            was_mute: false,
            is_stopping: false,
            _id_file: None,
        }
    }
}

impl WorkerProcess {
    /// Whether a test that it tells of is one that it was to run.
    pub(in crate::supervise) fn owns(&self, test_id: &str, is_runnable: bool) -> bool {
        self.leases.contains(test_id) || self.takes_all && is_runnable
    }

    /// Whether it has nothing to do any more, and should end.
    pub(super) fn should_end(&self) -> bool {
        let gets_no_more = matches!(self.feed, Feed::List | Feed::Ended(_));
        gets_no_more && !self.takes_all && self.leases.len() == 0 && self.timer.is_idle()
    }
}

impl WorkerSlot {
    pub(in crate::supervise) fn new(worker: Worker) -> Self {
        Self {
            worker,
            process: None,
            fruitless: 0,
            has_lost_process: false,
            is_done: false,
            list: Vec::new(),
            takes_all: false,
            environment: 0,
            attempt: 1,
        }
    }

    /// Whether nothing runs here, and nothing will.
    pub(in crate::supervise) fn is_over(&self) -> bool {
        self.is_done && self.process.is_none()
    }

    /// Whether a process has tests here.
    pub(in crate::supervise) fn is_busy(&self) -> bool {
        self.process.as_ref().is_some_and(|process| process.leases.len() > 0)
    }

    pub(in crate::supervise) fn has_ended_feed(&self) -> bool {
        matches!(self.process.as_ref().map(|process| &process.feed), Some(Feed::Ended(_)))
    }

    pub(in crate::supervise) fn feed_mut(&mut self) -> Option<&mut TestFeed> {
        match &mut self.process.as_mut()?.feed {
            Feed::Pipe(feed) | Feed::Ended(Some(feed)) => Some(feed),
            _ => None,
        }
    }

    /// A pipe that has no room for the ids that wait for it.
    pub(in crate::supervise) fn waiting_feed(&self) -> Option<BorrowedFd<'_>> {
        match &self.process.as_ref()?.feed {
            Feed::Pipe(feed) | Feed::Ended(Some(feed)) => feed.waiting(),
            _ => None,
        }
    }
}
