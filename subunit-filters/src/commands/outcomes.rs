//! What a run says of its tests, without what it says of how they came to it.

use std::{collections::BTreeMap, io, time::Duration};

use subunit_core::{
    Event, Packet, Status,
    sink::{OpenTests, Summary},
};

use crate::{
    console::Console,
    exit::Error,
    pipeline::{Filter, Inputs, Out, TextArgs, run_aside},
};

/// The outcome of every test, by id: where a test ran is an accident of the run.
///
/// Memory grows with the number of tests.
#[derive(Debug, Default)]
pub(super) struct Outcomes {
    /// Final statuses; `inprogress` for tests that never ended. What was listed only is not here.
    pub(super) tests: BTreeMap<String, Outcome>,
    open: OpenTests,
}

/// The outcome of a test. Where it ran several times the worst one, and the longest time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Outcome {
    pub(super) status: Status,
    /// How long it took, where that is known.
    pub(super) took: Option<Duration>,
}

impl Outcome {
    /// Whether it fails a run.
    pub(super) fn is_red(self) -> bool {
        self.status.is_failure() || self.status == Status::InProgress
    }
}

/// Reads a run. Text goes to standard error.
pub(super) fn read_outcomes(
    inputs: &Inputs,
    text: TextArgs,
    console: &mut Console<'_>,
) -> Result<(Outcomes, Summary), Error> {
    run_aside(Outcomes::default(), inputs, text, console)
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
        let open = std::mem::take(&mut self.open);
        for test in open.in_order() {
            self.add(test.test_id, Outcome { status: Status::InProgress, took: None });
        }
        Ok(())
    }
}

impl Outcomes {
    fn note(&mut self, event: &Event<'_>) {
        let start = self.open.note(event).and_then(|test| test.start);
        let Some(status) = event.status.filter(|status| status.is_final()) else { return };
        let took = event.timestamp.zip(start).and_then(|(stop, start)| stop.since(start));
        // A failure of no test is a failure all the same.
        self.add(event.test_id.unwrap_or_default(), Outcome { status, took });
    }

    fn add(&mut self, test_id: &str, outcome: Outcome) {
        let Some(known) = self.tests.get_mut(test_id) else {
            self.tests.insert(test_id.to_owned(), outcome);
            return;
        };
        known.took = known.took.max(outcome.took);
        if badness(outcome.status) > badness(known.status) {
            known.status = outcome.status;
        }
    }
}

fn badness(status: Status) -> u8 {
    match status {
        Status::Exists => 0,
        Status::Skip => 1,
        Status::ExpectedFailure => 2,
        Status::Success => 3,
        Status::UnexpectedSuccess => 4,
        Status::InProgress => 5,
        Status::Fail => 6,
    }
}

#[cfg(test)]
mod tests {
    use subunit_core::{RouteCode, Timestamp};

    use super::*;

    #[test]
    fn of_several_attempts_the_worst_one_counts_and_the_longest_time() {
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
        let expected = Outcome { status: Status::Fail, took: Some(Duration::from_secs(5)) };
        assert_eq!(outcomes.tests, BTreeMap::from([("a".to_owned(), expected)]));
    }

    #[test]
    fn what_was_listed_only_has_no_outcome() {
        let mut outcomes = Outcomes::default();
        outcomes.note(&Event::status("a", Status::Exists));
        outcomes.note(&Event { status: Some(Status::Fail), ..Event::default() });
        assert_eq!(outcomes.tests.keys().collect::<Vec<_>>(), [""]);
    }
}
