//! Which worker a person looks at.

use std::collections::BTreeSet;

use subunit_core::RouteCode;

/// The workers that have said something, by their routes, and the one whose output alone is shown.
///
/// Memory: the first 10,000 of them whose routes are no longer than 1 KiB.
#[derive(Clone, Debug, Default)]
pub(crate) struct Focus {
    workers: BTreeSet<String>,
    on: Option<String>,
}

impl Focus {
    const KEPT: usize = 10_000;
    const LONGEST: usize = 1024;

    /// Something has come from there.
    pub(crate) fn note(&mut self, route: Option<RouteCode<'_>>) {
        let Some(route) = route.map(|route| route.as_str()) else { return };
        let has_room = self.workers.len() < Self::KEPT && route.len() <= Self::LONGEST;
        if has_room && !self.workers.contains(route) {
            self.workers.insert(route.to_owned());
        }
    }

    /// The worker whose output alone is shown.
    pub(crate) fn on(&self) -> Option<&str> {
        self.on.as_deref()
    }

    /// Whether this is the worker whose output alone is shown, or is below it.
    pub(crate) fn is_on(&self, route: Option<RouteCode<'_>>) -> bool {
        let Some((on, route)) = self.on().zip(route) else { return false };
        is_at_or_below(route.as_str(), on)
    }

    /// Whether output from there is shown: where nobody was chosen, all is.
    pub(crate) fn shows(&self, route: Option<RouteCode<'_>>) -> bool {
        self.on.is_none() || self.is_on(route)
    }

    /// All are shown again.
    pub(crate) fn clear(&mut self) {
        self.on = None;
    }

    /// Looks at a worker of this name: its route, or a part of it if no other has that.
    ///
    /// # Errors
    ///
    /// If there is no such worker, or more than one. Then nothing changes.
    pub(crate) fn set(&mut self, name: &str) -> Result<(), String> {
        let is_it = self.workers.iter().any(|route| is_at_or_below(route, name));
        if is_it {
            self.on = Some(name.to_owned());
            return Ok(());
        }
        let like_it = || self.workers.iter().filter(|route| route.contains(name));
        match (like_it().next(), like_it().nth(1)) {
            (Some(route), None) => {
                self.on = Some(route.clone());
                Ok(())
            }
            (Some(one), Some(other)) => {
                Err(format!("several workers are like {name}: {one}, {other}"))
            }
            (None, _) => Err(format!("no worker is called {name}")),
        }
    }
}

fn is_at_or_below(route: &str, above: &str) -> bool {
    route.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn focus(routes: &[&'static str]) -> Focus {
        let mut focus = Focus::default();
        routes.iter().for_each(|route| focus.note(Some(RouteCode::new(route))));
        focus
    }

    #[test]
    fn a_worker_is_found_by_its_name_or_a_part_of_it() {
        let mut focus = focus(&["0", "1/0", "10", "mac/3"]);
        for (name, on) in [("0", "0"), ("1", "1"), ("10", "10"), ("mac", "mac"), ("/3", "mac/3")] {
            focus.set(name).unwrap();
            assert_eq!(focus.on(), Some(on));
        }
        assert_eq!(focus.set("7").unwrap_err(), "no worker is called 7");
        assert_eq!(focus.set("/").unwrap_err(), "several workers are like /: 1/0, mac/3");
        assert_eq!(focus.on(), Some("mac/3"), "it is still that one");
    }

    #[test]
    fn where_a_worker_was_chosen_nobody_else_is_shown() {
        let route = |route| Some(RouteCode::new(route));
        let mut focus = focus(&["1", "10"]);
        assert!(focus.shows(route("10")) && focus.shows(None) && !focus.is_on(route("10")));
        focus.set("1").unwrap();
        assert!(focus.shows(route("1")) && focus.is_on(route("1/2")));
        assert!(!focus.shows(route("10")) && !focus.shows(None));
        focus.clear();
        assert!(focus.shows(None));
    }
}
