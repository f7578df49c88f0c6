//! Which attempts are one result.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashMap, HashSet};

use super::{Identities, is_place};
use crate::{
    RouteCode, RouteCodeBuf, Status, conventions,
    sink::{TestMap, TestRecord},
};

/// An attempt that has ended or never will: at a test, or at something that is not a test.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// Where it ran.
    pub route_code: Option<RouteCode<'a>>,
    /// The test, or what else was tried.
    pub test_id: &'a str,
    /// Which attempt it is, from 1; `None` if the source does not say that it retries.
    pub number: Option<u32>,
    /// How it ended; a status that is not final, or none, if it never did.
    pub status: Option<Status>,
    /// Whether it is a test that can be run by itself.
    pub runnable: bool,
}

impl<'a> Attempt<'a> {
    /// The attempt that a record holds.
    pub(super) fn of(record: &'a TestRecord) -> Self {
        Self {
            route_code: record.route_code.as_ref().map(RouteCodeBuf::as_route),
            test_id: &record.test_id,
            number: conventions::attempt(record.tags.as_tags()),
            status: record.status,
            runnable: record.runnable,
        }
    }

    /// Whether this end after a failure makes a test flaky. An expected failure does not: it has failed
    /// again.
    pub(super) fn makes_flaky(&self) -> bool {
        makes_flaky(self.status)
    }

    /// Whether it failed, or never ended.
    pub fn has_failed(&self) -> bool {
        has_failed(self.status)
    }
}

/// Whether this is the status of an attempt that failed, or that never ended.
pub(super) fn has_failed(status: Option<Status>) -> bool {
    status.is_none_or(|status| !status.is_final() || status.is_failure())
}

/// See [`Attempt::makes_flaky`].
pub(super) fn makes_flaky(status: Option<Status>) -> bool {
    !has_failed(status) && status != Some(Status::ExpectedFailure)
}

/// What is kept of an attempt while it is held.
pub trait Held {
    /// How many bytes it takes, roughly.
    fn size(&self) -> usize;

    /// Drops what takes room, but keeps what is needed to name the result.
    fn shed(&mut self);
}

impl Held for () {
    fn size(&self) -> usize {
        0
    }

    fn shed(&mut self) {}
}

/// What an attempt means.
#[derive(Debug)]
pub enum Judged<T> {
    /// It is a result, with these attempts before it, all of which failed.
    Result {
        /// What was held of them, in their order.
        earlier: Vec<T>,
        /// Their statuses, as far as they were reported before: they are no longer results.
        replaces: Replaced,
    },
    /// It is held: pass what is to be kept of it to [`Attempts::hold`].
    Held(Replaced),
}

/// What an attempt replaces.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Replaced {
    /// The status of the attempt before it, which was held.
    pub held: Option<Option<Status>>,
    /// A failure without an attempt's number, which was a result, and no longer is.
    pub takes_back: bool,
}

impl Replaced {
    /// Whether there was an attempt before.
    pub fn is_retry(self) -> bool {
        self.held.is_some() || self.takes_back
    }
}

/// A result that was held to the end.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Kept<T> {
    /// What was held of its attempts, in their order; there is at least one.
    pub attempts: Vec<T>,
    /// What it came to.
    pub status: Option<Status>,
    /// It took back a failure without an attempt's number.
    pub takes_back: bool,
}

/// Puts attempts together into results. `T` is what is kept of those that are held.
///
/// Memory: for each failure without a number, and for each result of a place that is not runnable, about 20 bytes;
/// for each attempt that is held its name and what is kept of it, and of the latter not more than
/// [`Attempts::with_limit`] says in all.
#[derive(Clone, Debug)]
pub struct Attempts<T> {
    /// Failed attempts that have no successor yet, by identity.
    held: TestMap<Vec<Series<T>>>,
    /// What is not runnable and was reported by places, by identity.
    shared: TestMap<Vec<Series<T>>>,
    /// How often each place reported each of them.
    told: HashMap<u64, u32>,
    /// Tests that failed in an attempt without a number.
    failed: HashSet<u64>,
    hasher: DefaultHashBuilder,
    identities: Identities,
    order: u64,
    room: usize,
    shed: u64,
}

/// Attempts that follow one another.
#[derive(Clone, Debug)]
struct Series<T> {
    order: u64,
    /// Of the last one.
    number: u32,
    status: Option<Status>,
    takes_back: bool,
    attempts: Vec<T>,
}

impl<T> Default for Attempts<T> {
    fn default() -> Self {
        Self::with_limit(Self::LIMIT)
    }
}

impl<T> Attempts<T> {
    /// How many bytes are kept of attempts that are held, unless told otherwise: 64 MiB.
    pub const LIMIT: usize = 64 << 20;

    /// Keeps at most `limit` bytes of attempts that are held. Of later attempts it keeps as little as
    /// possible.
    pub fn with_limit(limit: usize) -> Self {
        Self {
            held: TestMap::new(),
            shared: TestMap::new(),
            told: HashMap::new(),
            failed: HashSet::new(),
            hasher: DefaultHashBuilder::default(),
            identities: Identities::default(),
            order: 0,
            room: limit,
            shed: 0,
        }
    }

    /// How many attempts were not kept completely, because there was no room.
    pub fn shed(&self) -> u64 {
        self.shed
    }
}

impl<T: Held> Attempts<T> {
    /// Takes an attempt that has ended, or never will. If the answer is [`Judged::Held`], call
    /// [`Attempts::hold`] next.
    #[inline]
    pub fn judge(&mut self, attempt: &Attempt<'_>) -> Judged<T> {
        let is_plain = attempt.number.is_none() && attempt.runnable && !attempt.has_failed();
        if is_plain { Judged::alone() } else { self.judge_other(attempt) }
    }

    fn judge_other(&mut self, attempt: &Attempt<'_>) -> Judged<T> {
        if !attempt.runnable {
            return self.judge_shared(attempt);
        }
        let Some(number) = attempt.number else {
            if attempt.status == Some(Status::Fail) {
                let key = self.identity(attempt);
                self.failed.insert(key);
            }
            return Judged::alone();
        };
        if !attempt.has_failed() {
            let before = self.take_series(attempt, number);
            let held = before.as_ref().map(|series| series.status);
            let takes_back = before
                .as_ref()
                .map_or_else(|| self.takes_back(attempt, number), |it| it.takes_back);
            let earlier = before.map(|series| series.attempts).unwrap_or_default();
            return Judged::Result { earlier, replaces: Replaced { held, takes_back } };
        }
        let held = self.series(attempt, number).map(|series| series.status);
        let takes_back = held.is_none() && self.takes_back(attempt, number);
        Judged::Held(Replaced { held, takes_back })
    }

    /// What is not runnable is one result, even if several places report it.
    fn judge_shared(&mut self, attempt: &Attempt<'_>) -> Judged<T> {
        let is_place = |route: &RouteCode<'_>| route.as_str().split('/').any(is_place);
        let has_ended = attempt.status.is_some_and(Status::is_final);
        let Some(route) = attempt.route_code.filter(is_place).filter(|_| has_ended) else {
            return Judged::alone();
        };
        let told = self.told.entry(self.hasher.hash_one((route, attempt.test_id))).or_default();
        let nth = *told;
        *told += 1;
        let names = self.identities.of(Some(route));
        let series = self.shared.find(names, attempt.test_id);
        let before = series.and_then(|series| series.get(nth as usize));
        Judged::Held(Replaced { held: before.map(|series| series.status), takes_back: false })
    }

    /// Keeps what is to be kept of an attempt that [`Attempts::judge`] has just said is held.
    pub fn hold(&mut self, attempt: &Attempt<'_>, replaced: Replaced, mut kept: T) {
        let size = kept.size();
        if size > self.room {
            kept.shed();
            self.shed += 1;
        }
        self.room = self.room.saturating_sub(kept.size());
        if attempt.runnable {
            self.hold_runnable(attempt, replaced, kept);
        } else {
            self.hold_shared(attempt, kept);
        }
    }

    fn hold_runnable(&mut self, attempt: &Attempt<'_>, replaced: Replaced, kept: T) {
        let number = attempt.number.unwrap_or(1);
        if let Some(series) = self.series(attempt, number) {
            series.number = number;
            series.status = attempt.status;
            series.attempts.push(kept);
            return;
        }
        let new = self.new_series(attempt, number, replaced.takes_back, kept);
        let names = self.identities.of(attempt.route_code);
        self.held.find_or_insert_with(names, attempt.test_id, Vec::new).push(new);
    }

    fn hold_shared(&mut self, attempt: &Attempt<'_>, kept: T) {
        let key = (attempt.route_code.unwrap_or(RouteCode::new("")), attempt.test_id);
        let told = self.told.get(&self.hasher.hash_one(key)).copied().unwrap_or(1);
        let nth = told.saturating_sub(1) as usize;
        let new = self.new_series(attempt, 1, false, kept);
        let names = self.identities.of(attempt.route_code);
        let all = self.shared.find_or_insert_with(names, attempt.test_id, Vec::new);
        let Some(series) = all.get_mut(nth) else { return all.push(new) };
        if attempt.has_failed() {
            if !has_failed(series.status) {
                series.attempts.clear();
            }
            series.attempts.extend(new.attempts);
        }
        series.status = worse(series.status, attempt.status);
    }

    fn new_series(
        &mut self,
        attempt: &Attempt<'_>,
        number: u32,
        takes_back: bool,
        kept: T,
    ) -> Series<T> {
        self.order += 1;
        let (order, status) = (self.order, attempt.status);
        Series { order, number, status, takes_back, attempts: vec![kept] }
    }

    /// The attempts that one with this number follows.
    fn series(&mut self, attempt: &Attempt<'_>, number: u32) -> Option<&mut Series<T>> {
        let names = self.identities.of(attempt.route_code);
        let all = self.held.find(names, attempt.test_id)?;
        all.iter_mut().find(|series| series.number < number)
    }

    fn take_series(&mut self, attempt: &Attempt<'_>, number: u32) -> Option<Series<T>> {
        let names = self.identities.of(attempt.route_code);
        let all = self.held.find(names, attempt.test_id)?;
        let at = all.iter().position(|series| series.number < number)?;
        let series = all.remove(at);
        if all.is_empty() {
            self.held.remove(names, attempt.test_id);
        }
        self.room += series.attempts.iter().map(Held::size).sum::<usize>();
        Some(series)
    }

    /// Whether this attempt takes back a failure that was recorded without a number.
    fn takes_back(&mut self, attempt: &Attempt<'_>, number: u32) -> bool {
        if number < 2 || self.failed.is_empty() {
            return false;
        }
        let key = self.identity(attempt);
        self.failed.remove(&key)
    }

    fn identity(&mut self, attempt: &Attempt<'_>) -> u64 {
        let names = self.identities.of(attempt.route_code);
        self.hasher.hash_one((names, attempt.test_id))
    }

    /// The statuses of failed attempts that have no successor yet.
    pub(super) fn held(&self) -> impl Iterator<Item = Option<Status>> {
        self.held.iter().flat_map(|(_, _, all)| all).map(|series| series.status)
    }

    /// Whether no attempt could have a successor.
    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty() && self.failed.is_empty()
    }

    /// Ends the stream: what is held becomes results, in the order in which their first attempts ended.
    pub fn finish(&mut self) -> Vec<Kept<T>> {
        let mut all: Vec<_> =
            self.held.take_all().chain(self.shared.take_all()).flatten().collect();
        all.sort_unstable_by_key(|series| series.order);
        let kept = |series: Series<T>| Kept {
            attempts: series.attempts,
            status: series.status,
            takes_back: series.takes_back,
        };
        all.into_iter().map(kept).collect()
    }
}

impl<T> Judged<T> {
    fn alone() -> Self {
        Self::Result { earlier: Vec::new(), replaces: Replaced::default() }
    }
}

/// The worse of two ends, which is the end of a test that has several results. Not run is better than passed,
/// and failed is worse than never ended.
pub fn worse(one: Option<Status>, other: Option<Status>) -> Option<Status> {
    if badness(other) > badness(one) { other } else { one }
}

/// A greater number is worse.
pub(super) fn badness(status: Option<Status>) -> u8 {
    match status {
        Some(Status::Exists) => 0,
        Some(Status::Skip) => 1,
        Some(Status::ExpectedFailure) => 2,
        Some(Status::Success) => 3,
        Some(Status::UnexpectedSuccess) => 4,
        Some(Status::InProgress) | None => 5,
        Some(Status::Fail) => 6,
    }
}
