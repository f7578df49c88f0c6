//! Sends each event to one of several sinks.

use std::collections::HashMap;

use super::{Flow, Sink};
use crate::{Damage, Event, RouteCode, RouteCodeBuf};

/// Sends every event to one of several sinks: by its route code, else by its test id, else to the
/// fallback.
///
/// If several route codes fit, the one that was added first decides. Text belongs to no test and goes where
/// [`Router::no_test`] says; damage goes to the fallback. The end goes to all.
#[derive(Clone, Debug)]
pub struct Router<S> {
    by_route: Vec<ByRoute<S>>,
    by_test: HashMap<Box<str>, S>,
    no_test: Option<S>,
    fallback: S,
}

#[derive(Clone, Debug)]
struct ByRoute<S> {
    prefix: RouteCodeBuf,
    consume: bool,
    sink: S,
}

impl<S: Sink> Router<S> {
    /// Sends everything to `fallback`.
    pub fn new(fallback: S) -> Self {
        Self { by_route: Vec::new(), by_test: HashMap::new(), no_test: None, fallback }
    }

    /// Sends events whose route code begins with the segments of `prefix` to `sink`. With `consume` the
    /// prefix is removed: with the prefix `0`, `0/1` becomes `1`, and `0` becomes no route code.
    #[must_use]
    pub fn route(mut self, prefix: RouteCodeBuf, consume: bool, sink: S) -> Self {
        self.by_route.push(ByRoute { prefix, consume, sink });
        self
    }

    /// Sends the events of one test to `sink`.
    #[must_use]
    pub fn test(mut self, test_id: &str, sink: S) -> Self {
        self.by_test.insert(test_id.into(), sink);
        self
    }

    /// Sends events without a test id, and text, to `sink`.
    #[must_use]
    pub fn no_test(mut self, sink: S) -> Self {
        self.no_test = Some(sink);
        self
    }

    /// All sinks: those of route codes, of tests, of no test, the fallback.
    fn all(&mut self) -> impl Iterator<Item = &mut S> {
        let routes = self.by_route.iter_mut().map(|rule| &mut rule.sink);
        let tests = self.by_test.values_mut();
        routes.chain(tests).chain(&mut self.no_test).chain([&mut self.fallback])
    }

    fn matching(&mut self, route: RouteCode<'_>) -> Option<&mut ByRoute<S>> {
        self.by_route.iter_mut().find(|rule| route.starts_with(rule.prefix.as_route()))
    }
}

impl<S: Sink> Sink for Router<S> {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        if let Some(route) = event.route_code
            && let Some(rule) = self.matching(route)
        {
            if !rule.consume {
                return rule.sink.event(event);
            }
            let route_code = route.strip_prefix(rule.prefix.as_route()).flatten();
            return rule.sink.event(&Event { route_code, ..*event });
        }
        let sink = match event.test_id {
            Some(test_id) => self.by_test.get_mut(test_id),
            None => self.no_test.as_mut(),
        };
        sink.unwrap_or(&mut self.fallback).event(event)
    }

    fn text(&mut self, bytes: &[u8]) -> Flow {
        self.no_test.as_mut().unwrap_or(&mut self.fallback).text(bytes)
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.fallback.damage(damage)
    }

    fn finish(&mut self) {
        self.all().for_each(Sink::finish);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Status, sink::testing::Log};

    fn of<'a>(route: Option<&'a str>, test_id: Option<&'a str>) -> Event<'a> {
        let status = Some(Status::Success);
        Event { test_id, status, route_code: route.map(RouteCode::new), ..Event::default() }
    }

    #[test]
    fn a_route_code_decides_before_a_test_id_and_the_fallback_gets_the_rest() {
        let (mut zero, mut one, mut test) = (Log::default(), Log::default(), Log::default());
        let (mut none, mut rest) = (Log::default(), Log::default());
        let mut router = Router::new(&mut rest)
            .route(RouteCodeBuf::new("0"), true, &mut zero)
            .route(RouteCodeBuf::new("1/x"), false, &mut one)
            .test("a", &mut test)
            .no_test(&mut none);
        for route in [Some("0"), Some("0/1"), Some("01"), Some("1/x/2"), Some("1"), None] {
            router.event(&of(route, Some("a")));
        }
        router.event(&of(None, Some("b")));
        router.event(&of(Some("2"), None));
        router.text(b"t");
        router.finish();
        assert_eq!(zero.lines, ["a success", "1: a success", "finish"]);
        assert_eq!(one.lines, ["1/x/2: a success", "finish"]);
        assert_eq!(test.lines, ["01: a success", "1: a success", "a success", "finish"]);
        assert_eq!(none.lines, ["2: success", "text t", "finish"]);
        assert_eq!(rest.lines, ["b success", "finish"]);
    }

    #[test]
    fn without_a_rule_for_no_test_the_fallback_gets_text_too() {
        let mut router = Router::new(Log::default()).test("a", Log::default());
        router.text(b"t");
        router.event(&of(None, None));
        assert_eq!(router.fallback.lines, ["text t", "success"]);
    }
}
