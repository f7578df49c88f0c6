//! What a run came to, in numbers, as the traditional summaries count it.

use subunit_core::{
    Event, Status, Timestamp,
    sink::{Flow, Records, Sink, TestRecord},
};

/// Counts the tests of a run. Each end of a test counts; a test that never ended is a failure.
#[derive(Debug, Default)]
pub(in crate::traditional) struct RunTally {
    records: Records,
    /// How many tests ran. Filtered tests are taken off, so it may fall.
    pub(in crate::traditional) tests: i64,
    /// How many failed or never ended.
    pub(in crate::traditional) failures: i64,
    /// How many were skipped.
    pub(in crate::traditional) skips: i64,
    /// How many passed although they should fail.
    pub(in crate::traditional) unexpected: i64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
}

impl RunTally {
    /// Takes an event. Returns the test if the event ended it.
    pub(in crate::traditional) fn note(&mut self, event: &Event<'_>) -> Option<TestRecord> {
        if let Some(time) = event.timestamp {
            self.first = Some(self.first.map_or(time, |first| first.min(time)));
            self.last = Some(self.last.map_or(time, |last| last.max(time)));
        }
        let record = self.records.note(event)?;
        self.count(&record);
        Some(record)
    }

    /// The run is over. Returns the tests that never ended.
    pub(in crate::traditional) fn end(&mut self) -> Vec<TestRecord> {
        let open = self.records.take_open();
        open.iter().for_each(|record| self.count(record));
        open
    }

    fn count(&mut self, record: &TestRecord) {
        if record.status == Some(Status::Exists) {
            return;
        }
        self.tests += 1;
        match record.status {
            Some(Status::Fail | Status::InProgress) | None => self.failures += 1,
            Some(Status::Skip) => self.skips += 1,
            Some(Status::UnexpectedSuccess) => self.unexpected += 1,
            Some(Status::Success | Status::ExpectedFailure | Status::Exists) => {}
        }
    }

    /// Seconds between the first and the last time of any event.
    pub(in crate::traditional) fn seconds(&self) -> Option<f64> {
        Some(self.last?.since(self.first?)?.as_secs_f64())
    }
}

impl Sink for RunTally {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        self.note(event);
        Flow::Continue
    }

    fn finish(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_end_counts_and_what_never_ended_is_a_failure() {
        let mut tally = RunTally::default();
        for (test_id, status) in [
            ("listed", Status::Exists),
            ("a", Status::InProgress),
            ("a", Status::Success),
            ("a", Status::Fail),
            ("b", Status::Skip),
            ("c", Status::ExpectedFailure),
            ("d", Status::UnexpectedSuccess),
            ("e", Status::InProgress),
        ] {
            let _ = tally.event(&Event::status(test_id, status));
        }
        assert_eq!(tally.end().len(), 1);
        let counts = (tally.tests, tally.failures, tally.skips, tally.unexpected);
        assert_eq!(counts, (6, 2, 1, 1));
    }

    #[test]
    fn the_time_is_between_the_first_and_the_last_of_all_events() {
        let mut tally = RunTally::default();
        assert_eq!(tally.seconds(), None);
        for seconds in [12, 10, 11] {
            let timestamp = Some(Timestamp::new(seconds, 500_000_000));
            let _ = tally.event(&Event { timestamp, ..Event::default() });
        }
        assert_eq!(tally.seconds(), Some(2.0));
    }
}
