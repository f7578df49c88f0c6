//! What is known of a run in progress.

mod unended;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    hash::BuildHasher,
    time::Duration,
};

use subunit_core::{
    Event, RouteCode, Status, TagsBuf, conventions,
    run::{Attempt, Attempts, Baseline, Judged, Slowest},
};

use self::unended::{Unended, of_place, write_key};
use super::{
    detail::Details,
    ended::{Ended, Name},
    failures::Failures,
    plan::Plans,
    usual::{Progress, Usual},
};

/// What is known of a run. The caller passes times of arrival, counted from the start of watching.
///
/// Memory: the names of the tests that are open and 32 MiB of their files, 8 bytes for each test that was
/// listed and has not ended, the tests that take longest, and what [`Failures`] keeps.
#[derive(Debug)]
pub struct Run {
    open: HashMap<Box<str>, Unended>,
    /// The keys of the open tests in the order of their beginning.
    order: BTreeMap<u64, Box<str>>,
    /// Reused for looking up.
    key: String,
    opened: u64,
    room: usize,
    attempts: Attempts<Ended>,
    baseline: Option<Baseline>,
    failures: Failures,
    slowest: Slowest,
    /// The hashes of the keys of tests that were listed and have not ended.
    waiting: HashSet<u64>,
    listed: bool,
    plans: Plans,
    usual: Usual,
    done: u64,
    /// How many things have ended that cannot be run by themselves.
    parts: u64,
    begun: Option<Duration>,
}

/// A test that runs now.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Running<'r> {
    /// Where: its route code, or else the tag that names a worker.
    pub worker: Option<&'r str>,
    /// Which test.
    pub test_id: &'r str,
    /// How long it has been running.
    pub time: Duration,
    /// How long it usually takes.
    pub usual: Option<Duration>,
}

impl Run {
    /// So many bytes of files of open tests are kept: 32 MiB.
    pub const ROOM: usize = 32 << 20;

    /// So many bytes are kept of failed attempts that may have a successor: 16 MiB.
    pub const HELD: usize = 16 << 20;

    /// Nothing known yet. The `slowest` tests that take longest are kept.
    pub fn new(slowest: usize) -> Self {
        Self {
            open: HashMap::new(),
            order: BTreeMap::new(),
            key: String::new(),
            opened: 0,
            room: Self::ROOM,
            attempts: Attempts::with_limit(Self::HELD),
            baseline: None,
            failures: Failures::default(),
            slowest: Slowest::new(slowest),
            waiting: HashSet::new(),
            listed: false,
            plans: Plans::default(),
            usual: Usual::default(),
            done: 0,
            parts: 0,
            begun: None,
        }
    }

    /// Tells which failures are new beside an earlier run.
    #[must_use]
    pub fn with_baseline(self, baseline: Option<Baseline>) -> Self {
        Self { baseline, ..self }
    }

    /// Knows how long tests took in earlier runs, by id.
    #[must_use]
    pub fn with_times(self, times: HashMap<String, Duration>) -> Self {
        Self { usual: Usual::new(times), ..self }
    }

    /// Takes an event that arrived at `now`. Gives the attempt back that it has ended.
    pub fn note(&mut self, event: &Event<'_>, now: Duration) -> Option<Ended> {
        if event.status == Some(Status::Exists) {
            self.list(event);
        } else if event.status.is_some() {
            self.begun.get_or_insert(now);
        }
        if event.test_id.is_none() {
            self.plans.note(event);
        }
        write_key(&mut self.key, event.route_code, event.test_id);
        if event.test_id.is_some() && self.opens(event) {
            self.open(event, now);
            return None;
        }
        let status = event.status?;
        if status == Status::Exists {
            if self.open.get(self.key.as_str()).is_some_and(|open| !open.started) {
                self.close();
            }
            return None;
        }
        if !status.is_final() {
            return None;
        }
        self.unlist(event);
        write_key(&mut self.key, event.route_code, event.test_id);
        Some(self.end(event, status))
    }

    /// The tests that run now, those first that began first; at most `most`.
    pub fn running(&self, most: usize, now: Duration) -> Vec<Running<'_>> {
        let open = self.order.values().take(most).filter_map(|key| self.open.get(key));
        open.map(|open| Running {
            worker: open.name.route().or(open.worker.as_deref()),
            test_id: open.name.test_id.as_deref().unwrap_or_default(),
            time: now.saturating_sub(open.since),
            usual: open.name.test_id.as_deref().and_then(|test_id| self.usual.of(test_id)),
        })
        .collect()
    }

    /// How many tests run now.
    pub fn open_tests(&self) -> usize {
        self.open.len()
    }

    /// How many tests have ended, each counted once as far as is known. Where nothing is a test that can be
    /// run by itself, as in TAP, the parts count.
    pub fn done(&self) -> u64 {
        if self.done == 0 && !self.listed { self.parts } else { self.done }
    }

    /// How many tests there are, where they were listed or there is a plan. A plan that is outdone is none.
    pub fn total(&self) -> Option<u64> {
        let seen = self.done + self.waiting.len().max(self.open.len()) as u64;
        let planned = self.plans.tests().filter(|tests| *tests >= seen.max(self.done()));
        planned.or_else(|| self.listed.then_some(seen))
    }

    /// How long it will take until all that were listed have ended: by the times of earlier runs, or else
    /// if it goes on as it went.
    pub fn rest(&self, now: Duration) -> Option<Duration> {
        let left = self.total()?.checked_sub(self.done).filter(|left| *left > 0)?;
        let open = self.open.values().filter(|open| open.started);
        let workers = self.plans.workers().unwrap_or_else(|| open.clone().count() as u64);
        let running = open.filter_map(|open| {
            let usual = self.usual.of(open.name.test_id.as_deref()?)?;
            Some((usual, now.saturating_sub(open.since)))
        });
        let since = self.begun.map_or(Duration::ZERO, |begun| now.saturating_sub(begun));
        let each = (self.done > 0).then(|| since.div_f64(self.done as f64));
        self.usual.rest(&Progress { left, workers, each }, running)
    }

    /// What went wrong.
    pub fn failures(&self) -> &Failures {
        &self.failures
    }

    /// What took longest.
    pub fn slowest(&self) -> &Slowest {
        &self.slowest
    }

    /// The run is over: what is open never ended. Gives it back in the order of its beginning, up to the
    /// number of [`Failures::KEPT`]; the rest is counted among the failures.
    pub fn finish(&mut self) -> Vec<Ended> {
        let order = std::mem::take(&mut self.order);
        let mut unfinished = Vec::new();
        for key in order.into_values() {
            let Some(open) = self.open.remove(&key) else { continue };
            let (number, runnable) = (open.attempt, open.runnable);
            let place = open.details.place(None, open.place);
            let ended = Ended { name: open.name, details: open.details, place, ..Ended::default() };
            match self.judge(ended, number, runnable) {
                ended if ended.held.is_some() => {}
                ended if unfinished.len() < Failures::KEPT => unfinished.push(ended),
                _ => self.failures.count(1),
            }
        }
        for kept in self.attempts.finish() {
            let failed_before = kept.attempts.len().saturating_sub(1) as u64;
            let Some(last) = kept.attempts.into_iter().next_back() else { continue };
            let ended = Ended { failed_before, held: None, status: kept.status, ..last };
            if ended.status.is_none() {
                unfinished.push(ended);
                continue;
            }
            self.count(ended.runnable);
            if ended.status.is_some_and(Status::is_failure) {
                self.failures.failed(&ended);
            }
        }
        unfinished
    }

    /// Whether the event opens a test or says more of one that is open.
    fn opens(&self, event: &Event<'_>) -> bool {
        match event.status {
            None | Some(Status::InProgress) => true,
            Some(Status::Exists) => {
                event.file.is_some()
                    && self.open.get(self.key.as_str()).is_some_and(|open| open.started)
            }
            Some(_) => false,
        }
    }

    fn open(&mut self, event: &Event<'_>, now: Duration) {
        let started = event.status == Some(Status::InProgress);
        if !self.open.contains_key(self.key.as_str()) {
            let open = Unended {
                name: Name::of(event),
                worker: None,
                ordinal: self.opened,
                since: now,
                started: false,
                start: None,
                details: Details::default(),
                attempt: None,
                place: TagsBuf::default(),
                runnable: true,
            };
            self.order.insert(self.opened, self.key.as_str().into());
            self.opened += 1;
            self.open.insert(self.key.as_str().into(), open);
        }
        let Some(open) = self.open.get_mut(self.key.as_str()) else { return };
        if started && !open.started {
            (open.started, open.since) = (true, now);
            open.start = event.timestamp.or(open.start);
        }
        open.start = open.start.or(event.timestamp);
        open.take(event, &mut self.room);
    }

    /// Forgets the open test that `key` names, and gives it back.
    fn close(&mut self) -> Option<Unended> {
        let open = self.open.remove(self.key.as_str())?;
        self.order.remove(&open.ordinal);
        self.room += open.details.size();
        Some(open)
    }

    fn list(&mut self, event: &Event<'_>) {
        self.unlist(event);
        write_key(&mut self.key, event.route_code, event.test_id);
        if self.waiting.insert(self.waiting.hasher().hash_one(&self.key)) {
            self.usual.listed(event.test_id);
        }
        self.listed = true;
    }

    /// The test need not be waited for, neither where it runs nor as one that may run anywhere above: tests
    /// are often listed before it is known where they will run.
    fn unlist(&mut self, event: &Event<'_>) {
        let route = event.route_code.map_or("", RouteCode::as_str);
        let above = route.match_indices('/').filter_map(|(at, _)| route.get(..at));
        for route_code in above.map(RouteCode::new).map(Some).chain([None, event.route_code]) {
            if self.waiting.is_empty() {
                return;
            }
            write_key(&mut self.key, route_code, event.test_id);
            let hash = self.waiting.hasher().hash_one(&self.key);
            if self.waiting.remove(&hash) {
                self.usual.unlisted(event.test_id);
            }
        }
    }

    fn end(&mut self, event: &Event<'_>, status: Status) -> Ended {
        let open = self.close();
        let start = open.as_ref().and_then(|open| open.start);
        let attempt = match event.tags {
            Some(tags) => conventions::attempt(tags),
            None => open.as_ref().and_then(|open| open.attempt),
        };
        let (mut details, said) = open.map(|open| (open.details, open.place)).unwrap_or_default();
        let tags = event.tags.map_or(said, of_place);
        if let Some(file) = event.file {
            let mut room = self.room.saturating_sub(details.size());
            details.take(file, event, &mut room);
        }
        let time = start.zip(event.timestamp).and_then(|(start, stop)| stop.since(start));
        let (name, status) = (Name::of(event), Some(status));
        let failed = status.is_some_and(Status::is_failure);
        let place = if failed { details.place(status, tags) } else { None };
        let ended = Ended { name, status, time, details, place, ..Ended::default() };
        if let Some(time) = time.filter(|_| event.runnable) {
            self.slowest.note(time, || ended.name.to_string());
        }
        let ended = self.judge(ended, attempt, event.runnable && event.test_id.is_some());
        if ended.held.is_some() {
            return ended;
        }
        self.count(ended.runnable);
        if status.is_some_and(Status::is_failure) {
            self.failures.failed(&ended);
        }
        ended
    }

    /// An attempt has ended, or never will: what had failed before it, and whether it is held.
    fn judge(&mut self, ended: Ended, number: Option<u32>, runnable: bool) -> Ended {
        let mut ended = Ended { runnable, ..ended };
        let name = ended.name.clone();
        let attempt = Attempt {
            route_code: name.as_route(),
            test_id: name.test_id.as_deref().unwrap_or_default(),
            number,
            status: ended.status,
            runnable,
        };
        ended.mark =
            self.baseline.as_ref().and_then(|baseline| baseline.mark_attempt(&attempt, None));
        let replaced = match self.attempts.judge(&attempt) {
            Judged::Result { earlier, replaces } => {
                ended.failed_before = earlier.len() as u64;
                replaces
            }
            Judged::Held(replaced) => {
                ended.held = Some(number.unwrap_or(1));
                self.attempts.hold(&attempt, replaced, ended.clone());
                replaced
            }
        };
        if replaced.takes_back && replaced.held.is_none() {
            self.failures.take_back(&name);
            self.done = self.done.saturating_sub(1);
            ended.failed_before += 1;
        }
        let passed = ended.status.is_some_and(|status| !status.is_failure());
        if passed && ended.failed_before > 0 && ended.status != Some(Status::ExpectedFailure) {
            self.failures.passed(&name, ended.failed_before);
        }
        ended
    }

    fn count(&mut self, runnable: bool) {
        *(if runnable { &mut self.done } else { &mut self.parts }) += 1;
    }
}

#[cfg(test)]
mod tests;
