//! Which tests have been heard of and have not ended.

use std::collections::HashMap;

use super::key::write_key;
use crate::{Event, RouteCode, Status, Timestamp};

/// The tests that have been heard of and have not ended, by route code and id.
///
/// Memory grows with the number of open tests, not with the run.
#[derive(Clone, Debug, Default)]
pub struct OpenTests {
    tests: HashMap<Box<[u8]>, State>,
    /// Reused for looking up without an allocation.
    key: Vec<u8>,
    opened: u64,
}

/// A test that has not ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct OpenTest<'a> {
    /// The test's id.
    pub test_id: &'a str,
    /// Where it runs.
    pub route_code: Option<RouteCode<'a>>,
    /// Whether it was reported in progress; else there were only files or tags of it.
    pub started: bool,
    /// When it was reported in progress, or else first heard of.
    pub start: Option<Timestamp>,
    /// Its place among all tests in the order of their beginning.
    pub ordinal: u64,
}

#[derive(Clone, Copy, Debug)]
struct State {
    started: bool,
    start: Option<Timestamp>,
    ordinal: u64,
    /// How many bytes of the key are the route code; `None` without one.
    route_length: Option<usize>,
}

impl OpenTests {
    /// Takes note of an event. Gives the test back if the event has ended it.
    ///
    /// A status-less event opens a test too: somebody has heard of it, so it must end. `exists` ends a
    /// test that has not started, and leaves a started one open.
    pub fn note(&mut self, event: &Event<'_>) -> Option<OpenTest<'_>> {
        let test_id = event.test_id?;
        let route_length = write_key(&mut self.key, event.route_code, test_id);
        match event.status {
            None | Some(Status::InProgress) => {
                self.open(event, route_length);
                None
            }
            Some(Status::Exists) if self.tests.get(&self.key[..]).is_some_and(|t| t.started) => {
                None
            }
            Some(_) => {
                let state = self.tests.remove(&self.key[..])?;
                Some(open_test(&self.key, &state))
            }
        }
    }

    /// How many tests are open.
    pub fn len(&self) -> usize {
        self.tests.len()
    }

    /// Whether no test is open.
    pub fn is_empty(&self) -> bool {
        self.tests.is_empty()
    }

    /// The open tests, in the order of their beginning.
    pub fn in_order(&self) -> Vec<OpenTest<'_>> {
        let mut open: Vec<_> =
            self.tests.iter().map(|(key, state)| open_test(key, state)).collect();
        open.sort_unstable_by_key(|test| test.ordinal);
        open
    }

    fn open(&mut self, event: &Event<'_>, route_length: Option<usize>) {
        let started = event.status == Some(Status::InProgress);
        if let Some(state) = self.tests.get_mut(&self.key[..]) {
            if started && !state.started {
                state.start = event.timestamp.or(state.start);
            }
            state.started |= started;
            state.start = state.start.or(event.timestamp);
            return;
        }
        let state = State { started, start: event.timestamp, ordinal: self.opened, route_length };
        self.opened += 1;
        self.tests.insert(self.key.as_slice().into(), state);
    }
}

fn open_test<'a>(key: &'a [u8], state: &State) -> OpenTest<'a> {
    let split = state.route_length.unwrap_or(1);
    let string = |bytes: &'a [u8]| std::str::from_utf8(bytes).unwrap_or_default();
    OpenTest {
        test_id: string(&key[split + 1..]),
        route_code: state.route_length.map(|_| RouteCode::new(string(&key[..split]))),
        started: state.started,
        start: state.start,
        ordinal: state.ordinal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at<'a>(route: Option<&'a str>, id: &'a str, status: Option<Status>) -> Event<'a> {
        Event {
            test_id: Some(id),
            status,
            route_code: route.map(RouteCode::new),
            ..Event::default()
        }
    }

    #[test]
    fn tests_of_one_id_under_two_routes_are_two() {
        let mut open = OpenTests::default();
        for route in [None, Some(""), Some("0")] {
            open.note(&at(route, "a", Some(Status::InProgress)));
        }
        assert_eq!(open.len(), 3);
        let ended = at(Some(""), "a", Some(Status::Success));
        let ended = open.note(&ended).unwrap();
        assert_eq!((ended.route_code, ended.test_id), (Some(RouteCode::new("")), "a"));
        let routes: Vec<_> = open.in_order().iter().map(|test| test.route_code).collect();
        assert_eq!(routes, [None, Some(RouteCode::new("0"))]);
    }

    #[test]
    fn a_listed_test_ends_only_what_has_not_started() {
        let mut open = OpenTests::default();
        open.note(&at(None, "file", None));
        assert!(open.note(&at(None, "file", Some(Status::Exists))).is_some());
        open.note(&at(None, "started", Some(Status::InProgress)));
        assert!(open.note(&at(None, "started", Some(Status::Exists))).is_none());
        assert_eq!(open.len(), 1);
    }
}
