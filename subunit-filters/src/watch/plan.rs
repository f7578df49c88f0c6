//! How many tests there will be, by the files [`PLAN`] of a stream.

use std::collections::BTreeMap;

use serde_json::Value;
use subunit_core::{
    Event,
    conventions::{PLAN, is_aside},
};

/// The newest plans, by their routes.
///
/// Memory: the first 10,000 of them whose routes are no longer than 1 KiB.
#[derive(Clone, Debug, Default)]
pub(super) struct Plans(BTreeMap<String, Plan>);

#[derive(Clone, Copy, Debug, Default)]
struct Plan {
    tests: Option<u64>,
    workers: Option<u64>,
}

impl Plans {
    const KEPT: usize = 10_000;
    const LONGEST: usize = 1024;

    /// Takes an event; all but plans are nothing to it.
    pub(super) fn note(&mut self, event: &Event<'_>) {
        let Some(file) = event.file.filter(|file| file.name == PLAN) else { return };
        if !is_aside(event) {
            return;
        }
        let Ok(said) = serde_json::from_slice::<Value>(file.bytes) else { return };
        let number = |key| said.get(key).and_then(Value::as_u64);
        let route = event.route_code.map_or("", |route| route.as_str());
        let has_room = self.0.len() < Self::KEPT && route.len() <= Self::LONGEST;
        if has_room || self.0.contains_key(route) {
            let plan = self.0.entry(route.to_owned()).or_default();
            plan.tests = number("tests").or(plan.tests);
            plan.workers = number("workers").or(plan.workers);
        }
    }

    /// How many tests there are by the plan of the whole or, where that does not know, by those of all its
    /// workers.
    pub(super) fn tests(&self) -> Option<u64> {
        let whole = self.0.get("");
        if let Some(tests) = whole.and_then(|whole| whole.tests) {
            return Some(tests);
        }
        let (mut sum, mut count) = (0_u64, 0);
        for (route, tests) in self.0.iter().filter_map(|(route, plan)| Some((route, plan.tests?))) {
            if !self.is_below_another(route) {
                (sum, count) = (sum.saturating_add(tests), count + 1);
            }
        }
        let workers = whole.and_then(|whole| whole.workers).unwrap_or_default();
        (count > 0 && count >= workers).then_some(sum)
    }

    /// How many workers there are by the plan of the whole.
    pub(super) fn workers(&self) -> Option<u64> {
        self.0.get("")?.workers
    }

    fn is_below_another(&self, route: &str) -> bool {
        let mut above = route.match_indices('/').filter_map(|(at, _)| self.0.get(route.get(..at)?));
        above.any(|plan| plan.tests.is_some())
    }
}

#[cfg(test)]
mod tests {
    use subunit_core::{FileChunk, RouteCode, conventions::MIME_TYPE};

    use super::*;

    fn tests(plans: &[(&str, &str)]) -> Option<u64> {
        let mut known = Plans::default();
        for (route, content) in plans {
            let file = Some(FileChunk { name: PLAN, bytes: content.as_bytes() });
            let route_code = Some(RouteCode::new(route)).filter(|_| !route.is_empty());
            let event = Event { file, mime_type: Some(MIME_TYPE), ..Event::default() };
            known.note(&Event { route_code, ..event });
            known.note(&Event { mime_type: None, ..event });
        }
        known.tests()
    }

    #[test]
    fn the_newest_plan_of_the_whole_counts() {
        let two = ("", r#"{"tests":2}"#);
        assert_eq!(tests(&[two]), Some(2));
        assert_eq!(tests(&[two, ("0", r#"{"tests":1}"#)]), Some(2));
        assert_eq!(tests(&[two, ("", r#"{"tests":5,"later":[]}"#)]), Some(5));
    }

    #[test]
    fn plans_of_workers_are_added_up_where_all_of_them_are_known() {
        let (one, other) = (("0", r#"{"tests":3}"#), ("1", r#"{"tests":4}"#));
        assert_eq!(tests(&[one, other, ("0/1", r#"{"tests":2}"#), ("00", "{}")]), Some(7));
        assert_eq!(tests(&[one, ("0,", r#"{"tests":1}"#), ("0/1", r#"{"tests":2}"#)]), Some(4));
        let workers = ("", r#"{"workers":2}"#);
        assert_eq!(tests(&[workers, one]), None);
        assert_eq!(tests(&[workers, one, ("0/1", r#"{"tests":2}"#)]), None);
        assert_eq!(tests(&[workers, one, other]), Some(7));
        let most = format!("{{\"tests\":{}}}", u64::MAX);
        assert_eq!(tests(&[("0", &most), other]), Some(u64::MAX));
    }

    #[test]
    fn what_is_no_plan_is_none() {
        for content in ["", "{", "[]", "7", "{}", r#"{"tests":"3"}"#, r#"{"tests":-1}"#, "\u{0}"] {
            assert_eq!(tests(&[("", content)]), None, "{content}");
            assert_eq!(tests(&[("", r#"{"tests":2}"#), ("", content)]), Some(2), "{content}");
        }
        let long = "0".repeat(2000);
        assert_eq!(tests(&[(&long, r#"{"tests":1}"#)]), None);
        assert_eq!(tests(&[("", r#"{"tests":2.5}"#), ("0", r#"{"tests":{}}"#)]), None);
    }
}
