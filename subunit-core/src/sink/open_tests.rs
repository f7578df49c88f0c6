//! Which tests have been heard of and have not ended.

use super::TestMap;
use crate::{Event, RouteCode, Status, Timestamp, conventions::attempt};

/// The tests that have been heard of and have not ended, by route code and id.
///
/// Memory grows with the number of open tests, not with the run; see [`TestMap`].
#[derive(Clone, Debug, Default)]
pub struct OpenTests {
    tests: TestMap<OpenState>,
}

/// A test that has not ended, or has just now.
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
    /// Which attempt at the test it is, see [`attempt`](crate::conventions::attempt).
    pub attempt: Option<u32>,
    /// Whether it can be run by itself.
    pub runnable: bool,
}

/// What is known of a test that is open.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct OpenState {
    started: bool,
    pub(crate) start: Option<Timestamp>,
    pub(crate) attempt: Option<u32>,
    runnable: bool,
}

impl OpenTests {
    /// Takes note of an event. Returns the test if the event ended it.
    ///
    /// A status-less event opens a test too: somebody has heard of it, so it must end. `exists` ends a
    /// test that has not started, and leaves a started one open.
    pub fn note<'a>(&mut self, event: &Event<'a>) -> Option<OpenTest<'a>> {
        let attempt = || event.tags.and_then(attempt);
        let ended = match event.status {
            None | Some(Status::InProgress) => {
                self.begin(event, attempt());
                None
            }
            Some(Status::Exists) => self.list(event),
            Some(_) => self.end(event),
        };
        Some(ended?.of(event.route_code, event.test_id?))
    }

    /// Notes an event that opens a test; `attempt` says which one its tags name.
    #[inline]
    pub(crate) fn begin(&mut self, event: &Event<'_>, attempt: Option<u32>) {
        if let Some(test_id) = event.test_id {
            let new = OpenState::default;
            self.tests.find_or_insert_with(event.route_code, test_id, new).note(event, attempt);
        }
    }

    /// Notes that a test was listed.
    pub(crate) fn list(&mut self, event: &Event<'_>) -> Option<OpenState> {
        let open = self.tests.find(event.route_code, event.test_id?)?;
        if open.started { None } else { self.end(event) }
    }

    /// Notes that a test has ended.
    #[inline]
    pub(crate) fn end(&mut self, event: &Event<'_>) -> Option<OpenState> {
        if self.is_empty() { None } else { self.tests.remove(event.route_code, event.test_id?) }
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
    pub fn in_order(&self) -> impl Iterator<Item = OpenTest<'_>> {
        self.tests.iter().map(|(route_code, test_id, state)| state.of(route_code, test_id))
    }
}

impl OpenState {
    #[inline]
    fn note(&mut self, event: &Event<'_>, attempt: Option<u32>) {
        let started = event.status == Some(Status::InProgress);
        if started && !self.started {
            self.start = event.timestamp.or(self.start);
        }
        self.started |= started;
        self.start = self.start.or(event.timestamp);
        self.runnable = event.runnable;
        if event.tags.is_some() {
            self.attempt = attempt;
        }
    }

    fn of<'a>(&self, route_code: Option<RouteCode<'a>>, test_id: &'a str) -> OpenTest<'a> {
        let &Self { started, start, attempt, runnable } = self;
        OpenTest { test_id, route_code, started, start, attempt, runnable }
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
        let routes: Vec<_> = open.in_order().map(|test| test.route_code).collect();
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
