//! What `subunit ls --json` says of a test.

use serde::Serialize;
use subunit_core::{
    Event, RouteCode, Status, Tags, TagsBuf, Timestamp, conventions,
    run::{Attempt, Baseline, Mark},
    sink::{OpenTest, Records},
};
use subunit_formats::text::time::Rfc3339;

/// A line of `--json`; other programs rely on the names. `docs/schemas/ls.json` describes them.
#[derive(Debug, Serialize)]
pub(super) struct Listed<'a> {
    version: u32,
    test_id: &'a str,
    status: &'static str,
    route_code: Option<&'a str>,
    tags: Vec<&'a str>,
    attempt: Option<u32>,
    runnable: bool,
    start: Option<String>,
    stop: Option<String>,
    seconds: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<&'static str>,
}

impl<'a> Listed<'a> {
    /// A test that never ended.
    pub(super) fn unfinished(test: &OpenTest<'a>, tags: &'a TagsBuf) -> Self {
        let OpenTest { test_id, route_code, runnable, start, .. } = *test;
        let status = Some(Status::InProgress);
        let attempt = Attempt { route_code, test_id, number: None, status, runnable };
        Self::of(&attempt, Some(tags.as_tags()), (start, None), None)
    }

    fn of(
        attempt: &Attempt<'a>,
        tags: Option<Tags<'a>>,
        (start, stop): (Option<Timestamp>, Option<Timestamp>),
        mark: Option<Mark>,
    ) -> Self {
        let date = |time: Option<Timestamp>| {
            time.filter(|time| !time.is_relative()).map(|time| Rfc3339(time).to_string())
        };
        Self {
            version: 1,
            test_id: attempt.test_id,
            status: attempt.status.unwrap_or(Status::InProgress).name(),
            route_code: attempt.route_code.map(RouteCode::as_str),
            tags: tags.map(|tags| tags.iter().collect()).unwrap_or_default(),
            attempt: tags.and_then(conventions::attempt),
            runnable: attempt.runnable,
            start: date(start),
            stop: date(stop),
            seconds: seconds(start, stop),
            baseline: mark.map(Mark::word),
        }
    }
}

/// How long a test took. A clock that was set back makes it take less than no time.
pub(super) fn seconds(start: Option<Timestamp>, stop: Option<Timestamp>) -> Option<f64> {
    let (start, stop) = (start?, stop?);
    let back = || -start.since(stop).unwrap_or_default().as_secs_f64();
    Some(stop.since(start).map_or_else(back, |time| time.as_secs_f64()))
}

/// The tags of tests, and which of their failures are new.
pub(super) struct ListedTests {
    records: Records,
    baseline: Option<Baseline>,
}

impl ListedTests {
    pub(super) fn beside(baseline: Option<Baseline>) -> Self {
        Self { records: Records::with_limit(0), baseline }
    }

    /// Takes note of an event, and gives the test back if the event has a status.
    pub(super) fn note<'a>(
        &'a mut self,
        event: &Event<'a>,
        times: (Option<Timestamp>, Option<Timestamp>),
    ) -> Option<Listed<'a>> {
        let record = self.records.lend(event);
        let (test_id, status) = (event.test_id?, event.status?);
        let (route_code, runnable) = (event.route_code, event.runnable);
        let of_all = record.map(|record| record.tags.as_tags());
        let tags = of_all.or(event.tags);
        let status = Some(status);
        let attempt = Attempt { route_code, test_id, number: None, status, runnable };
        let mark = self.baseline.as_ref();
        let mark = mark.and_then(|baseline| baseline.mark_attempt(&attempt, tags));
        Some(Listed::of(&attempt, tags, times, mark))
    }

    /// The tags of the tests that never ended, in the order of their beginning.
    pub(super) fn take_tags(&mut self) -> Vec<TagsBuf> {
        self.records.take_open().into_iter().map(|record| record.tags).collect()
    }
}
