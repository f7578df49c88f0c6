//! What a stream says about the run, in numbers and in one word.

use super::{Flow, OpenTests, Sink, tags_seen::TagsSeen};
use crate::{Damage, Event, Status, Timestamp, conventions::ToldDamage};

/// What a stream says about the run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// Tests ran, and nothing is wrong.
    Passed,
    /// A test failed, passed unexpectedly or never ended, or the stream was damaged or cut short.
    Failed,
    /// No test ran, and nothing else is wrong.
    NoTests,
}

/// How many of what a stream held.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Counts {
    /// Final statuses: a test that ended twice counts twice.
    pub success: u64,
    /// See [`Counts::success`].
    pub fail: u64,
    /// See [`Counts::success`].
    pub skip: u64,
    /// Expected failures.
    pub xfail: u64,
    /// Unexpected successes.
    pub uxsuccess: u64,
    /// Tests that were heard of and never ended.
    pub unfinished: u64,
    /// Events with the status `exists`.
    pub exists: u64,
    /// Events of any kind.
    pub events: u64,
    /// Bytes outside packets.
    pub text_bytes: u64,
    /// Places of damage.
    pub damage: u64,
}

impl Counts {
    /// Tests that ended, by any final status. The unfinished ones are not among them.
    pub fn tests(&self) -> u64 {
        self.success + self.fail + self.skip + self.xfail + self.uxsuccess
    }

    /// The rule of what is green: something ran, and nothing failed, passed unexpectedly, never ended
    /// or was damaged.
    pub fn verdict(&self) -> Verdict {
        if self.fail + self.uxsuccess + self.unfinished + self.damage > 0 {
            return Verdict::Failed;
        }
        if self.tests() == 0 { Verdict::NoTests } else { Verdict::Passed }
    }
}

/// Counts what a stream holds and finds the verdict.
///
/// Memory grows with the tests that are open at one time and with the number of distinct tags.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Events, by the wire's code of a status; 0 are the events that have none.
    by_status: [u64; 8],
    text_bytes: u64,
    damage: u64,
    open: OpenTests,
    tags: TagsSeen,
    ignores_tags: bool,
    ignores_open: bool,
    start: Option<Timestamp>,
    stop: Option<Timestamp>,
}

impl Summary {
    /// Nothing counted yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// As [`Summary::new`], for who does not ask for [`Summary::tags`]: these stay empty.
    pub fn without_tags() -> Self {
        Self { ignores_tags: true, ..Self::default() }
    }

    /// For who keeps the open tests itself: [`Summary::open`] stays empty, and none counts as unfinished.
    #[must_use]
    pub fn without_open(self) -> Self {
        Self { ignores_open: true, ..self }
    }

    /// What has been counted so far; tests that are open count as unfinished.
    pub fn counts(&self) -> Counts {
        let of = |status: Status| self.by_status[usize::from(status.code())];
        Counts {
            success: of(Status::Success),
            fail: of(Status::Fail),
            skip: of(Status::Skip),
            xfail: of(Status::ExpectedFailure),
            uxsuccess: of(Status::UnexpectedSuccess),
            unfinished: self.open.len() as u64,
            exists: of(Status::Exists),
            events: self.by_status.iter().sum(),
            text_bytes: self.text_bytes,
            damage: self.damage,
        }
    }

    /// The tests that are open now; at the end, the unfinished ones.
    pub fn open(&self) -> &OpenTests {
        &self.open
    }

    /// All tags that any event had, sorted.
    pub fn tags(&self) -> impl ExactSizeIterator<Item = &str> {
        self.tags.iter()
    }

    /// The earliest time of any event.
    pub fn start(&self) -> Option<Timestamp> {
        self.start
    }

    /// The latest time of any event.
    pub fn stop(&self) -> Option<Timestamp> {
        self.stop
    }
}

impl Sink for Summary {
    /// Damage that the event tells of counts as damage, as with [`Sink::packet`].
    fn event(&mut self, event: &Event<'_>) -> Flow {
        self.damage += u64::from(ToldDamage::of(event).is_some());
        // A failure is a failure even where no test id says of what.
        self.by_status[event.status.map_or(0, |status| usize::from(status.code()))] += 1;
        if let Some(timestamp) = event.timestamp {
            self.start = Some(self.start.map_or(timestamp, |start| start.min(timestamp)));
            self.stop = Some(self.stop.map_or(timestamp, |stop| stop.max(timestamp)));
        }
        if let Some(tags) = event.tags.filter(|_| !self.ignores_tags) {
            self.tags.note(tags);
        }
        if !self.ignores_open {
            self.open.note(event);
        }
        Flow::Continue(())
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        self.text_bytes += bytes.len() as u64;
        Flow::Continue(())
    }

    fn damage(&mut self, _damage: &Damage<'_>) -> Flow {
        self.damage += 1;
        Flow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Tags, items};

    fn counted(events: &[Event<'_>]) -> Counts {
        let mut summary = Summary::new();
        for event in events {
            let _ = summary.event(event);
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
        let (mut asked, mut unasked) = (Summary::new(), Summary::without_tags());
        let _ = (asked.event(&event), unasked.event(&event));
        assert_eq!(asked.tags().collect::<Vec<_>>(), ["a"]);
        assert_eq!((unasked.tags().len(), unasked.counts().events), (0, 1));
    }

    #[test]
    fn open_tests_are_kept_only_where_nobody_else_does() {
        let mut summary = Summary::new().without_open();
        for status in [Status::InProgress, Status::Fail, Status::InProgress] {
            let _ = summary.event(&Event::status("a", status));
        }
        let counts = summary.counts();
        assert_eq!((counts.events, counts.fail, counts.unfinished), (3, 1, 0));
        assert!(summary.open().is_empty());
    }

    #[test]
    fn damage_of_an_input_of_a_multiplexer_is_red_and_counts_once() {
        let file = Some(crate::FileChunk { name: "damage", bytes: b"{\"offset\":7}" });
        let mime_type = Some(crate::conventions::MIME_TYPE);
        let told = Event { file, mime_type, ..Event::default() };
        let mut stream = Vec::new();
        Event::status("a", Status::Success).encode(&mut stream).unwrap();
        told.encode(&mut stream).unwrap();
        let (mut by_items, mut by_events) = (Summary::new(), Summary::new());
        for item in items(&stream) {
            let _ = by_items.item(&item);
            let crate::Item::Packet(packet) = item else { panic!("{item:?}") };
            let _ = by_events.event(packet.event());
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
            let _ = summary.item(&item);
        }
        assert_eq!((summary.counts().damage, summary.counts().success), (1, 1));
        assert_eq!(summary.counts().verdict(), Verdict::Failed);
    }
}
