//! Counts what a stream holds.

use std::time::Duration;

use super::{
    Attempt, Attempts, Counts, FlakyTests, Judge, Judged, UnnamedResults, Verdict,
    attempts::badness, comparison::Compared, tags_seen::TagsSeen,
};
use crate::{
    Damage, Event, Status, Timestamp,
    conventions::{self, ToldDamage},
    sink::{Flow, OpenState, OpenTest, OpenTests, Sink},
};

/// Counts what a stream holds and finds the verdict.
///
/// Memory grows with the tests that are open at one time, with the number of distinct tags and, by about 20 bytes
/// each, with the failures.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Events, by the wire's code of a status; 0 are the events that have none.
    by_status: [u64; 8],
    /// Those of them that are not results, because a later attempt or the report of another place replaced
    /// them.
    replaced: [u64; 8],
    attempts: Attempts<()>,
    /// Results that have no name.
    unnamed: UnnamedResults,
    flaky: u64,
    /// Those of them that count as failures.
    flaky_failed: u64,
    not_runnable: u64,
    flaky_tests: FlakyTests,
    compared: Option<Box<Compared>>,
    is_as_recorded: bool,
    text_bytes: u64,
    damage: u64,
    open: OpenTests,
    tags: TagsSeen,
    ignores_tags: bool,
    ignores_open: bool,
    start: Option<Timestamp>,
    stop: Option<Timestamp>,
    has_relative_times: bool,
    test_time: Duration,
}

impl Summary {
    /// Nothing counted yet. What follows changes what is counted: `Summary::new().without_tags()`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says whether flaky tests pass or fail. If they fail, they count as failures.
    #[must_use]
    pub fn with_flaky(self, flaky_tests: FlakyTests) -> Self {
        Self { flaky_tests, ..self }
    }

    /// Sets what the run is judged by.
    #[must_use]
    pub fn with_judge(self, judge: &Judge) -> Self {
        let compared = judge.baseline.clone().map(|baseline| Box::new(Compared::with(baseline)));
        Self { compared, ..self.with_flaky(judge.flaky_tests) }
    }

    /// Counts events as they were recorded, without any model of a run: each final status is a result, each
    /// time is a point in time.
    #[must_use]
    pub fn as_recorded(self) -> Self {
        Self { is_as_recorded: true, ..self }
    }

    /// Does not collect [`Summary::tags`], which saves time: they stay empty.
    #[must_use]
    pub fn without_tags(self) -> Self {
        Self { ignores_tags: true, ..self }
    }

    /// Does not track open tests, for callers that already do. [`Summary::open`] stays empty and nothing
    /// counts as unfinished.
    #[must_use]
    pub fn without_open(self) -> Self {
        Self { ignores_open: true, ..self }
    }

    /// The counts so far. Tests that are open count as unfinished.
    pub fn counts(&self) -> Counts {
        let of = |status: Status| {
            let code = usize::from(status.code());
            let named = self.by_status[code] - self.replaced[code].min(self.by_status[code]);
            named.saturating_add(self.unnamed.of(status))
        };
        let mut counts = Counts {
            success: of(Status::Success),
            fail: of(Status::Fail) + self.flaky_failed,
            skip: of(Status::Skip),
            xfail: of(Status::ExpectedFailure),
            uxsuccess: of(Status::UnexpectedSuccess),
            unfinished: if self.ignores_open { 0 } else { self.open.len() as u64 },
            flaky: self.flaky,
            not_runnable: self.not_runnable,
            exists: of(Status::Exists),
            events: self.by_status.iter().sum(),
            text_bytes: self.text_bytes,
            damage: self.damage,
            comparison: None,
        };
        let joined = self.join_open(&mut counts);
        counts.comparison = joined.as_ref().or(self.compared.as_ref()).map(|compared| {
            let failures = counts.fail + counts.uxsuccess;
            compared.numbers(failures, self.open.in_order())
        });
        counts
    }

    /// The verdict on what has been counted so far.
    pub fn verdict(&self) -> Verdict {
        self.counts().verdict()
    }

    /// Counts an open attempt and the failed attempts before it as one result. Returns the comparison with
    /// the baseline, if that changes it.
    fn join_open(&self, counts: &mut Counts) -> Option<Box<Compared>> {
        let may_join = |test: &OpenTest<'_>| test.attempt.is_some() && test.runnable;
        // Without attempts that are held they may still be attempts at one test.
        let needed = if self.attempts.is_empty() { 2 } else { 1 };
        if self.open.in_order().filter(may_join).take(needed).count() < needed {
            return None;
        }
        let mut compared = self.compared.clone();
        let mut attempts = self.attempts.clone();
        for test in self.open.in_order().filter(may_join) {
            let OpenTest { test_id, route_code, attempt: number, runnable, .. } = test;
            let status = Some(Status::InProgress);
            let attempt = Attempt { route_code, test_id, number, status, runnable };
            let Judged::Held(replaced) = attempts.judge(&attempt) else { continue };
            attempts.hold(&attempt, replaced, ());
            if let Some(compared) = &mut compared {
                let taken_back = replaced.takes_back.then_some(Status::Fail);
                compared.remove(&attempt, replaced.held.unwrap_or(taken_back));
            }
            match replaced.held {
                Some(Some(Status::UnexpectedSuccess)) => counts.uxsuccess -= 1,
                Some(Some(Status::InProgress)) => {
                    counts.unfinished = counts.unfinished.saturating_sub(1);
                }
                Some(_) => counts.fail -= 1,
                None => counts.fail -= u64::from(replaced.takes_back),
            }
        }
        compared
    }

    /// The tests that are open now; at the end, the unfinished ones.
    pub fn open(&self) -> &OpenTests {
        &self.open
    }

    /// All tags that any event had, sorted.
    pub fn tags(&self) -> impl ExactSizeIterator<Item = &str> {
        self.tags.iter()
    }

    /// The earliest time of any event that is a point in time.
    pub fn start(&self) -> Option<Timestamp> {
        self.start
    }

    /// The latest time of any event that is a point in time.
    pub fn stop(&self) -> Option<Timestamp> {
        self.stop
    }

    /// Whether any event had a time, relative times included.
    pub fn has_times(&self) -> bool {
        self.start.is_some() || self.has_relative_times
    }

    /// The verdict on all but the attempts that failed and may have a successor elsewhere.
    pub fn verdict_but_held(&self) -> Verdict {
        let mut counts = self.counts();
        for status in self.attempts.held() {
            match status {
                Some(Status::UnexpectedSuccess) => counts.uxsuccess -= 1,
                Some(Status::Fail) => counts.fail -= 1,
                _ => {}
            }
        }
        counts.verdict()
    }

    /// How long the run took, from the first to the last point in time.
    pub fn elapsed(&self) -> Option<Duration> {
        self.stop?.since(self.start?)
    }

    /// How long all attempts took together, if the source knows only durations and no points in time.
    pub fn test_time(&self) -> Option<Duration> {
        (self.start.is_none() && self.has_relative_times).then_some(self.test_time)
    }

    #[inline]
    fn note_time(&mut self, time: Timestamp) {
        if time.is_relative() && !self.is_as_recorded {
            self.has_relative_times = true;
            return;
        }
        self.start = Some(self.start.map_or(time, |start| start.min(time)));
        self.stop = Some(self.stop.map_or(time, |stop| stop.max(time)));
    }

    /// Takes a final event, and decides which result it is.
    #[inline]
    fn note_result(
        &mut self,
        event: &Event<'_>,
        status: Status,
        number: Option<u32>,
        open: Option<OpenState>,
    ) {
        if let (Some(start), Some(stop)) = (open.and_then(|open| open.start), event.timestamp)
            && stop.is_relative()
        {
            self.test_time += stop.since(start).unwrap_or_default();
        }
        let number = match event.tags {
            Some(_) => number,
            None => open.and_then(|open| open.attempt),
        };
        if number.is_none() && event.runnable && !status.is_failure() && event.test_id.is_some() {
            if self.compared.is_some() {
                self.compare(event, status);
            }
            return;
        }
        self.note_odd_result(event, status, number);
    }

    fn note_odd_result(&mut self, event: &Event<'_>, status: Status, number: Option<u32>) {
        let Some(test_id) = event.test_id else {
            if status.is_failure() {
                self.not_runnable += 1;
            } else {
                self.count_out(Some(status));
            }
            return;
        };
        self.compare(event, status);
        let (route_code, runnable) = (event.route_code, event.runnable);
        let status = Some(status);
        let attempt = Attempt { route_code, test_id, number, status, runnable };
        let judged = self.attempts.judge(&attempt);
        let replaced = match &judged {
            Judged::Result { replaces, .. } | Judged::Held(replaces) => *replaces,
        };
        if let Judged::Held(replaced) = judged {
            self.attempts.hold(&attempt, replaced, ());
        }
        if !runnable {
            match replaced.held {
                None => self.not_runnable += 1,
                Some(before) if badness(status) > badness(before) => self.replace(&attempt, before),
                Some(_) => self.replace(&attempt, status),
            }
            return;
        }
        if let Some(before) = replaced.held {
            self.replace(&attempt, before);
        }
        if replaced.takes_back && replaced.held.is_none() {
            self.replace(&attempt, Some(Status::Fail));
        }
        if replaced.is_retry() && attempt.makes_flaky() {
            self.flaky += 1;
            if self.flaky_tests == FlakyTests::Fail {
                self.flaky_failed += 1;
                self.replace(&attempt, status);
                self.compare(event, Status::Fail);
            }
        }
    }

    /// Compares a result with the baseline.
    fn compare(&mut self, event: &Event<'_>, status: Status) {
        if let (Some(compared), Some(test_id)) = (&mut self.compared, event.test_id) {
            let (route_code, runnable) = (event.route_code, event.runnable);
            let status = Some(status);
            let attempt = Attempt { route_code, test_id, number: None, status, runnable };
            compared.add(&attempt, event.tags);
        }
    }

    /// Takes back a status that was counted: it is not a result.
    fn replace(&mut self, attempt: &Attempt<'_>, status: Option<Status>) {
        if let Some(compared) = &mut self.compared {
            compared.remove(attempt, status);
        }
        self.count_out(status);
    }

    fn count_out(&mut self, status: Option<Status>) {
        self.replaced[status.map_or(0, |status| usize::from(status.code()))] += 1;
    }
}

impl Sink for Summary {
    /// Damage that the event reports counts as damage, as with [`Sink::packet`].
    fn event(&mut self, event: &Event<'_>) -> Flow {
        self.damage += u64::from(ToldDamage::of(event).is_some());
        if !self.is_as_recorded {
            self.unnamed.note(event);
        }
        self.by_status[event.status.map_or(0, |status| usize::from(status.code()))] += 1;
        if let Some(timestamp) = event.timestamp {
            self.note_time(timestamp);
        }
        let number = match event.tags {
            None => None,
            Some(tags) if self.ignores_tags => conventions::attempt(tags),
            Some(tags) => self.tags.note(tags),
        };
        // Where somebody else keeps the open tests, these are only those of which an attempt was told.
        let keeps = !self.ignores_open || number.is_some();
        match event.status {
            None | Some(Status::InProgress) if keeps => self.open.begin(event, number),
            Some(Status::Exists) if keeps => {
                self.open.list(event);
            }
            None | Some(Status::InProgress | Status::Exists) => {}
            Some(status) => {
                let open = self.open.end(event);
                if !self.is_as_recorded {
                    self.note_result(event, status, number, open);
                }
            }
        }
        Flow::Continue
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        self.text_bytes += bytes.len() as u64;
        Flow::Continue
    }

    fn damage(&mut self, _damage: &Damage<'_>) -> Flow {
        self.damage += 1;
        Flow::Continue
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Tags, items};

    fn counted(events: &[Event<'_>]) -> Counts {
        let mut summary = Summary::new();
        for event in events {
            summary.event(event);
        }
        summary.counts()
    }

    #[test]
    fn a_test_that_never_ended_is_red() {
        let counts = counted(&[
            Event::status("a", Status::InProgress),
            Event::status("a", Status::Success),
            Event::status("b", Status::InProgress),
        ]);
        assert_eq!((counts.tests(), counts.unfinished), (1, 1));
        assert_eq!(counts.verdict(), Verdict::Failed);
    }

    #[test]
    fn listing_tests_runs_none() {
        let counts = counted(&[Event::status("a", Status::Exists)]);
        assert_eq!(counts.verdict(), Verdict::NoTests);
    }

    #[test]
    fn every_kind_of_end() {
        for status in Status::ALL.into_iter().filter(|status| status.is_final()) {
            let verdict = counted(&[Event::status("a", status)]).verdict();
            let expected = if status.is_failure() { Verdict::Failed } else { Verdict::Passed };
            assert_eq!(verdict, expected, "{status}");
        }
    }

    #[test]
    fn tags_are_seen_only_where_they_are_asked_for() {
        let event = Event { tags: Some(Tags::from_checked(b"\x01a")), ..Event::default() };
        let (mut asked, mut unasked) = (Summary::new(), Summary::new().without_tags());
        asked.event(&event);
        unasked.event(&event);
        assert_eq!(asked.tags().collect::<Vec<_>>(), ["a"]);
        assert_eq!((unasked.tags().len(), unasked.counts().events), (0, 1));
    }

    #[test]
    fn open_tests_are_kept_only_where_nobody_else_does() {
        let mut summary = Summary::new().without_open();
        for status in [Status::InProgress, Status::Fail, Status::InProgress] {
            summary.event(&Event::status("a", status));
        }
        let counts = summary.counts();
        assert_eq!((counts.events, counts.fail, counts.unfinished), (3, 1, 0));
        assert!(summary.open().is_empty());
    }

    #[test]
    fn damage_of_an_input_of_a_multiplexer_is_red_and_counts_once() {
        let file = Some(crate::FileChunk { name: "damage", bytes: b"{\"offset\":7}" });
        let mime_type = Some(conventions::MIME_TYPE);
        let told = Event { file, mime_type, ..Event::default() };
        let mut stream = Vec::new();
        Event::status("a", Status::Success).encode(&mut stream).unwrap();
        told.encode(&mut stream).unwrap();
        let (mut by_items, mut by_events) = (Summary::new(), Summary::new());
        for item in items(&stream) {
            by_items.item(&item);
            let crate::Item::Packet(packet) = item else { panic!("{item:?}") };
            by_events.event(packet.event());
        }
        for counts in [by_items.counts(), by_events.counts()] {
            assert_eq!((counts.damage, counts.success), (1, 1));
            assert_eq!(counts.verdict(), Verdict::Failed);
        }
    }

    #[test]
    fn damage_is_red_though_all_else_is_green() {
        let mut stream = Vec::new();
        Event::status("a", Status::Success).encode(&mut stream).unwrap();
        stream.extend_from_slice(b"\xb3\x29\x01");
        let mut summary = Summary::new();
        for item in items(&stream) {
            summary.item(&item);
        }
        assert_eq!((summary.counts().damage, summary.counts().success), (1, 1));
        assert_eq!(summary.counts().verdict(), Verdict::Failed);
    }
}
