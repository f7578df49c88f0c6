//! What a run says of its tests, without what it says of how they came to it.

use std::{collections::BTreeMap, io, time::Duration};

use subunit_core::{
    Event, Packet, RouteCode, Status, conventions,
    run::{Attempt, Attempts, Held, Identities, Judged, Replaced, Summary, worse},
    sink::{OpenTest, OpenTests},
};

use crate::{
    console::Console,
    exit::Error,
    pipeline::{Filter, Inputs, Out, TextArgs, run_and_summarise},
};

/// The outcome of every test, by the name that tells it from others: where it ran is an accident of the run.
///
/// Memory grows with the number of tests.
#[derive(Debug, Default)]
pub(in crate::commands) struct Outcomes {
    /// What tests came to, by the names of their route and their id, see [`name`]; `inprogress` for tests that never
    /// ended. What was listed only is not here.
    pub(in crate::commands) tests: BTreeMap<String, Outcome>,
    open: OpenTests,
    attempts: Attempts<Named>,
    identities: Identities,
}

/// The outcome of a test: its result. Where there are several the worst one, and the longest time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::commands) struct Outcome {
    pub(in crate::commands) status: Status,
    /// How long it took, where that is known.
    pub(in crate::commands) took: Option<Duration>,
    /// Whether it is a test that can be run by itself.
    pub(in crate::commands) runnable: bool,
}

/// An attempt that is held.
#[derive(Clone, Debug)]
struct Named {
    name: String,
    outcome: Outcome,
}

impl Held for Named {
    fn size(&self) -> usize {
        self.name.len() + size_of::<Self>()
    }

    fn shed(&mut self) {}
}

impl Outcome {
    /// Whether it fails a run.
    pub(in crate::commands) fn is_red(self) -> bool {
        self.status.is_failure() || self.status == Status::InProgress
    }
}

/// The name of a test in lists: its id, below the names of its route where there are some.
pub(in crate::commands) fn name(names: Option<RouteCode<'_>>, test_id: &str) -> String {
    match names {
        Some(names) => format!("{names}: {test_id}"),
        None => test_id.to_owned(),
    }
}

/// Reads a run. Text goes to standard error.
pub(in crate::commands) fn read_outcomes(
    inputs: &Inputs,
    text: TextArgs,
    console: &mut Console<'_>,
) -> Result<(Outcomes, Summary), Error> {
    run_and_summarise(Outcomes::default(), inputs, text, console)
}

impl Filter for Outcomes {
    fn event(
        &mut self,
        event: &Event<'_>,
        _packet: Option<&Packet<'_>>,
        _out: &mut Out<'_, '_>,
    ) -> io::Result<()> {
        self.note(event);
        Ok(())
    }

    fn finish(&mut self, _out: &mut Out<'_, '_>) -> io::Result<()> {
        self.end();
        Ok(())
    }
}

impl Outcomes {
    fn note(&mut self, event: &Event<'_>) {
        let open = self.open.note(event);
        let Some(status) = event.status.filter(|status| status.is_final()) else { return };
        let start = open.and_then(|test| test.start);
        let took = event.timestamp.zip(start).and_then(|(stop, start)| stop.since(start));
        let number = match event.tags {
            Some(tags) => conventions::attempt(tags),
            None => open.and_then(|test| test.attempt),
        };
        let Some(test_id) = event.test_id else {
            // A failure of no test is a failure all the same.
            if status.is_failure() {
                self.add(String::new(), Outcome { status, took, runnable: false });
            }
            return;
        };
        let (route_code, runnable) = (event.route_code, event.runnable);
        let status = Some(status);
        self.judge(&Attempt { route_code, test_id, number, status, runnable }, took);
    }

    fn end(&mut self) {
        let open = std::mem::take(&mut self.open);
        for test in open.in_order() {
            let OpenTest { test_id, route_code, attempt: number, runnable, .. } = test;
            let status = Some(Status::InProgress);
            self.judge(&Attempt { route_code, test_id, number, status, runnable }, None);
        }
        for kept in self.attempts.finish() {
            let Some(Named { name, outcome }) = kept.attempts.into_iter().next_back() else {
                continue;
            };
            let status = kept.status.unwrap_or(Status::InProgress);
            self.add(name, Outcome { status, ..outcome });
        }
    }

    fn judge(&mut self, attempt: &Attempt<'_>, took: Option<Duration>) {
        let status = attempt.status.unwrap_or(Status::InProgress);
        let name = name(self.identities.of(attempt.route_code), attempt.test_id);
        let outcome = Outcome { status, took, runnable: attempt.runnable };
        match self.attempts.judge(attempt) {
            Judged::Held(replaced) => {
                self.take_back(&name, replaced);
                self.attempts.hold(attempt, replaced, Named { name, outcome });
            }
            Judged::Result { replaces, .. } => {
                self.take_back(&name, replaces);
                self.add(name, outcome);
            }
        }
    }

    /// A failure without an attempt's number is none any more.
    fn take_back(&mut self, name: &str, replaced: Replaced) {
        if replaced.takes_back && replaced.held.is_none() {
            self.tests.remove(name);
        }
    }

    fn add(&mut self, name: String, outcome: Outcome) {
        let Some(known) = self.tests.get_mut(&name) else {
            self.tests.insert(name, outcome);
            return;
        };
        known.took = known.took.max(outcome.took);
        known.status = worse(Some(known.status), Some(outcome.status)).unwrap_or(known.status);
    }
}

#[cfg(test)]
mod tests {
    use subunit_core::{TagsBuf, Timestamp};

    use super::*;

    #[test]
    fn of_several_results_the_worst_one_counts_and_the_longest_time() {
        let mut outcomes = Outcomes::default();
        for (route, stop, status) in
            [("0", 5, Status::Success), ("1", 2, Status::Fail), ("0", 1, Status::Skip)]
        {
            let route_code = Some(RouteCode::new(route));
            for (time, status) in [(0, Status::InProgress), (stop, status)] {
                let timestamp = Some(Timestamp::new(time, 0));
                outcomes.note(&Event { timestamp, route_code, ..Event::status("a", status) });
            }
        }
        let took = Some(Duration::from_secs(5));
        let expected = Outcome { status: Status::Fail, took, runnable: true };
        assert_eq!(outcomes.tests, BTreeMap::from([("a".to_owned(), expected)]));
    }

    #[test]
    fn attempts_are_one_outcome_and_names_tell_tests_apart() {
        let mut outcomes = Outcomes::default();
        for (route, tag, status) in [
            ("0", "attempt-1", Status::Fail),
            ("1", "attempt-2", Status::Success),
            ("go/0", "attempt-1", Status::Fail),
        ] {
            let tags: TagsBuf = [tag].into_iter().collect();
            let (route_code, tags) = (Some(RouteCode::new(route)), Some(tags.as_tags()));
            outcomes.note(&Event { route_code, tags, ..Event::status("a", status) });
        }
        outcomes.end();
        let statuses = outcomes.tests.iter().map(|(name, outcome)| (&name[..], outcome.status));
        let statuses: Vec<_> = statuses.collect();
        assert_eq!(statuses, [("a", Status::Success), ("go: a", Status::Fail)]);
    }

    #[test]
    fn what_was_listed_only_has_no_outcome_and_a_status_without_an_id_only_if_it_failed() {
        let mut outcomes = Outcomes::default();
        outcomes.note(&Event::status("a", Status::Exists));
        outcomes.note(&Event { status: Some(Status::Success), ..Event::default() });
        assert!(outcomes.tests.is_empty());
        outcomes.note(&Event { status: Some(Status::Fail), ..Event::default() });
        assert_eq!(outcomes.tests.keys().collect::<Vec<_>>(), [""]);
    }
}
