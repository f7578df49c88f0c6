//! The packets of tests that are not decided on.

use std::collections::HashMap;

use subunit_core::{Event, Item, MAX_LENGTH, Packet, Status, TagsBuf, Timestamp, Writer, items};

/// Packets held back, by route code and test id, until it is known what becomes of their test.
///
/// Memory: all packets of the tests that are open at one time.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    tests: HashMap<Box<[u8]>, Held>,
    /// Reused for looking up.
    key: Vec<u8>,
    opened: u64,
}

/// What is known of a test that is not decided on.
#[derive(Clone, Debug, Default)]
pub(super) struct Held {
    /// Its packets, as they came, one after the other.
    pub(super) packets: Vec<u8>,
    /// The last tags that it was given.
    pub(super) tags: TagsBuf,
    /// Its first time, and its last.
    pub(super) times: Option<(Timestamp, Timestamp)>,
    /// Whether it was reported in progress.
    pub(super) started: bool,
    ordinal: u64,
}

impl Held {
    /// Takes note of an event.
    pub(super) fn note(&mut self, event: &Event<'_>) {
        if let Some(tags) = event.tags {
            self.tags = tags.to_buf();
        }
        if let Some(time) = event.timestamp {
            self.times = Some((self.times.map_or(time, |(start, _)| start), time));
        }
        self.started |= event.status == Some(Status::InProgress);
    }

    fn push(&mut self, event: &Event<'_>, packet: Option<&Packet<'_>>) {
        match packet {
            Some(packet) => self.packets.extend_from_slice(packet.bytes()),
            // What cannot be a packet was none, and came from no stream.
            None => drop(Writer::with_limit(&mut self.packets, MAX_LENGTH).event(event)),
        }
    }

    /// The packets, and what they say.
    pub(super) fn packets(&self) -> impl Iterator<Item = Packet<'_>> {
        items(&self.packets).filter_map(|item| match item {
            Item::Packet(packet) => Some(packet),
            Item::Text(_) | Item::Damage(_) => None,
        })
    }
}

impl Waiting {
    /// Keeps an event's packet back.
    pub(super) fn hold(&mut self, event: &Event<'_>, packet: Option<&Packet<'_>>) {
        self.set_key(event);
        if let Some(held) = self.tests.get_mut(&self.key[..]) {
            held.note(event);
            held.push(event, packet);
            return;
        }
        let mut held = Held { ordinal: self.opened, ..Held::default() };
        held.note(event);
        held.push(event, packet);
        self.opened += 1;
        self.tests.insert(self.key.as_slice().into(), held);
    }

    /// The test of an event, if it has been heard of.
    pub(super) fn find(&mut self, event: &Event<'_>) -> Option<&mut Held> {
        self.set_key(event);
        self.tests.get_mut(&self.key[..])
    }

    /// Takes the test of an event out.
    pub(super) fn take(&mut self, event: &Event<'_>) -> Option<Held> {
        self.set_key(event);
        self.tests.remove(&self.key[..])
    }

    /// Takes all out, in the order of their beginning.
    pub(super) fn take_all(&mut self) -> Vec<Held> {
        let mut all: Vec<Held> = self.tests.drain().map(|(_, held)| held).collect();
        all.sort_unstable_by_key(|held| held.ordinal);
        all
    }

    /// Route code and id with a NUL between them, which neither can hold; another NUL in front where
    /// there is no route code.
    fn set_key(&mut self, event: &Event<'_>) {
        let route = event.route_code.map_or("\0", |route| route.as_str());
        self.key.clear();
        self.key.extend_from_slice(route.as_bytes());
        self.key.push(0);
        self.key.extend_from_slice(event.test_id.unwrap_or_default().as_bytes());
    }
}
