//! What a stream says about its tests, as far as it is remembered.

use std::{collections::HashMap, io};

use subunit_core::{
    Event, RouteCode, Status, Tags, TagsBuf, Timestamp,
    conventions::INCOMPLETE,
    run::{Identities, Results, TestResult},
    sink::{Flow, Sink, TestMap, TestRecord},
};

/// A sink that keeps how each test ended and how long it took.
///
/// Memory: about 100 bytes, the id and the tags for each test; nothing of their files.
#[derive(Debug)]
pub(super) struct Remembered {
    results: Results,
    identities: Identities,
    /// By id and the names in the route, see [`Identities`].
    pub(super) tests: TestMap<LastResult>,
}

/// How a test ended.
#[derive(Clone, Debug, Default)]
pub(super) struct LastResult {
    pub(super) failed: bool,
    /// Whether it can be run by itself.
    pub(super) runnable: bool,
    /// When it began and ended, if both are known.
    pub(super) times: Option<(Timestamp, Timestamp)>,
    /// Its tags, but for the number of the attempt.
    pub(super) tags: TagsBuf,
}

impl LastResult {
    /// Whether it is to be run again, because it failed.
    pub(super) fn is_failing(&self) -> bool {
        self.failed && self.runnable
    }
}

impl Remembered {
    pub(super) fn new() -> Self {
        Self {
            results: Results::with_limit(0),
            identities: Identities::default(),
            tests: TestMap::new(),
        }
    }

    /// Reads a stream to its end.
    pub(super) fn read(input: impl io::Read) -> io::Result<Self> {
        let mut remembered = Self::new();
        subunit_core::read(input, &mut remembered)?;
        Ok(remembered)
    }
}

impl Sink for Remembered {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        if event.test_id.is_none() {
            return Flow::Continue;
        }
        if let Some(TestResult { last, takes_back, .. }) = self.results.note(event)
            && last.status != Some(Status::Exists)
        {
            note(&mut self.tests, &mut self.identities, last, takes_back);
        }
        Flow::Continue
    }

    fn finish(&mut self) {
        for result in self.results.finish() {
            note(&mut self.tests, &mut self.identities, &result.last, result.takes_back);
        }
    }
}

fn note(
    tests: &mut TestMap<LastResult>,
    identities: &mut Identities,
    record: &TestRecord,
    takes_back: bool,
) {
    let route = record.route_code.as_ref().map(|route| route.as_route());
    let names = identities.of(route);
    let test = tests.find_or_insert_with(names, &record.test_id, LastResult::default);
    test.failed = (test.failed && !takes_back) || record.has_failed();
    test.runnable = record.runnable;
    test.tags = lasting(record.tags.as_tags()).collect();
    let times = record.start.zip(record.stop);
    test.times = times.filter(|(start, stop)| stop.since(*start).is_some()).or(test.times);
}

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

/// A set of tests, by the names in their routes and their ids.
#[derive(Debug, Default)]
pub(super) struct TestSet {
    tests: TestMap<()>,
    identities: Identities,
}

impl TestSet {
    pub(super) fn insert(&mut self, names: Option<RouteCode<'_>>, test_id: &str) {
        self.tests.find_or_insert_with(names, test_id, || ());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tests.is_empty()
    }

    /// Whether an event is about one of them.
    pub(super) fn has(&mut self, event: &Event<'_>) -> bool {
        let names = self.identities.of(event.route_code);
        event.test_id.is_some_and(|test_id| self.tests.find(names, test_id).is_some())
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
