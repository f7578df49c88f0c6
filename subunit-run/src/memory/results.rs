//! What a stream says about its tests, as far as it is remembered.

use std::{collections::HashMap, io};

use subunit_core::{
    Event, Status, Tags,
    conventions::INCOMPLETE,
    sink::{Flow, Sink, TestMap},
};

/// The tags that say something of a test, and not only of one attempt at it.
fn lasting(tags: Tags<'_>) -> impl Iterator<Item = &str> {
    let is_of_attempt = |tag: &str| tag == INCOMPLETE || is_attempt(tag);
    tags.iter().filter(move |tag| !is_of_attempt(tag))
}

fn is_attempt(tag: &str) -> bool {
    tag.strip_prefix("attempt-").is_some_and(|number| number.parse::<u32>().is_ok())
}

/// A sink that keeps the tags that tests ended with.
#[derive(Debug, Default)]
pub(super) struct TestTags(pub(super) HashMap<String, Vec<String>>);

impl Sink for TestTags {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        let is_final = event.status.is_some_and(Status::is_final);
        if let Some(test_id) = event.test_id.filter(|_| is_final) {
            let tags = event.tags.into_iter().flat_map(lasting).map(str::to_owned).collect();
            self.0.insert(test_id.to_owned(), tags);
        }
        Flow::Continue
    }
}

/// Ids of tests, each once, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct IdSet(TestMap<()>);

impl IdSet {
    pub(super) fn insert(&mut self, test_id: &str) {
        self.0.find_or_insert_with(None, test_id, || ());
    }

    pub(super) fn into_vec(self) -> Vec<String> {
        self.0.iter().map(|(_, test_id, ())| test_id.to_owned()).collect()
    }
}

/// A sink that keeps the ids of tests that come to one status.
#[derive(Debug)]
pub(super) struct StatusIds {
    status: Status,
    ids: IdSet,
}

impl StatusIds {
    /// Reads a stream to its end. Returns the ids that have this status somewhere.
    pub(super) fn read(status: Status, input: impl io::Read) -> io::Result<Vec<String>> {
        let mut sink = Self { status, ids: IdSet::default() };
        subunit_core::read(input, &mut sink)?;
        Ok(sink.ids.into_vec())
    }
}

impl Sink for StatusIds {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        if let Some(test_id) = event.test_id.filter(|_| event.status == Some(self.status)) {
            self.ids.insert(test_id);
        }
        Flow::Continue
    }
}
