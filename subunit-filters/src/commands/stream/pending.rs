//! The packets of tests that are not decided on.

use std::io;

use subunit_core::{
    Event, Item, Packet, RouteCode, RouteCodeBuf, Status, TagsBuf, Timestamp, conventions, items,
    run, sink::TestMap,
};

use crate::pipeline::write_event;

/// Packets held back, by route code and test id, until it is known what becomes of their test.
///
/// Memory: all packets of the tests that are open at one time, and of failed attempts that may have a successor.
#[derive(Debug, Default)]
pub(in crate::commands) struct PendingTests {
    tests: TestMap<PendingTest>,
}

/// What is known of a test that is not decided on.
#[derive(Clone, Debug, Default)]
pub(in crate::commands) struct PendingTest {
    /// Its packets, as they came, one after the other.
    pub(in crate::commands) packets: Vec<u8>,
    /// The last tags that it was given.
    pub(in crate::commands) tags: TagsBuf,
    /// Its first time, and its last.
    pub(in crate::commands) times: Option<(Timestamp, Timestamp)>,
    /// Whether it was reported in progress.
    pub(in crate::commands) started: bool,
}

/// The packets of a failed attempt, until it is known what its test comes to: none is given up.
impl run::Held for PendingTest {
    fn size(&self) -> usize {
        0
    }

    fn shed(&mut self) {}
}

impl PendingTest {
    /// Which attempt at its test it is, as far as is known.
    pub(in crate::commands) fn attempt(&self) -> Option<u32> {
        conventions::attempt(self.tags.as_tags())
    }

    /// Takes note of an event.
    pub(in crate::commands) fn note(&mut self, event: &Event<'_>) {
        if let Some(tags) = event.tags {
            self.tags = tags.to_buf();
        }
        if let Some(time) = event.timestamp {
            self.times = Some((self.times.map_or(time, |(start, _)| start), time));
        }
        self.started |= event.status == Some(Status::InProgress);
    }

    /// Adds a packet.
    ///
    /// # Errors
    ///
    /// If the event cannot be a packet.
    pub(in crate::commands) fn push(
        &mut self,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
    ) -> io::Result<()> {
        match packet {
            Some(packet) => self.packets.extend_from_slice(packet.bytes()),
            None => write_event(event, &mut self.packets)?,
        }
        Ok(())
    }

    /// The packets, and what they say.
    pub(in crate::commands) fn packets(&self) -> impl Iterator<Item = Packet<'_>> {
        items(&self.packets).filter_map(|item| match item {
            Item::Packet(packet) => Some(packet),
            Item::Text(_) | Item::Damage(_) => None,
        })
    }
}

impl PendingTests {
    /// Keeps an event's packet back.
    ///
    /// # Errors
    ///
    /// If the event cannot be a packet.
    pub(in crate::commands) fn hold(
        &mut self,
        event: &Event<'_>,
        packet: Option<&Packet<'_>>,
    ) -> io::Result<()> {
        let test_id = event.test_id.unwrap_or_default();
        let held = self.tests.find_or_insert_with(event.route_code, test_id, PendingTest::default);
        held.note(event);
        held.push(event, packet)
    }

    /// The test of an event, if it has been heard of.
    pub(in crate::commands) fn find(&mut self, event: &Event<'_>) -> Option<&mut PendingTest> {
        self.tests.find(event.route_code, event.test_id.unwrap_or_default())
    }

    /// Takes the test of an event out.
    pub(in crate::commands) fn take(&mut self, event: &Event<'_>) -> Option<PendingTest> {
        self.tests.remove(event.route_code, event.test_id.unwrap_or_default())
    }

    /// The route codes and ids, in the order in which [`PendingTests::take_all`] takes out what is known of them.
    pub(in crate::commands) fn names(&self) -> Vec<(Option<RouteCodeBuf>, String)> {
        let names = self.tests.iter();
        names.map(|(route, id, _)| (route.map(RouteCode::to_buf), id.to_owned())).collect()
    }

    /// Takes all out, in the order of their beginning.
    pub(in crate::commands) fn take_all(
        &mut self,
    ) -> impl DoubleEndedIterator<Item = PendingTest> + use<> {
        self.tests.take_all()
    }
}
