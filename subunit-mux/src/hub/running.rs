//! Since when tests have been running, by our own clock. The times in streams are for reports.

use std::{collections::HashMap, time::Duration};

use subunit_core::{Event, Status};

/// A test that is in progress.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RunningTest {
    /// The test.
    pub test_id: String,
    /// Where it runs, below the input.
    pub route_code: Option<String>,
    /// For how long it has been running.
    pub running_for: Duration,
}

/// The tests in progress, and when each was seen to begin.
#[derive(Debug, Default)]
pub struct RunningTests {
    /// By route code (if there is one, after a NUL), NUL, and id.
    tests: HashMap<Box<str>, Duration>,
    key: String,
    /// No test began before this; the oldest may have begun later.
    oldest: Duration,
}

impl RunningTests {
    /// Takes note of what an event says of its test.
    pub fn note(&mut self, event: &Event<'_>, now: Duration) {
        let (Some(test_id), Some(status)) = (event.test_id, event.status) else { return };
        self.key.clear();
        if let Some(route) = event.route_code {
            self.key.push('\0');
            self.key.push_str(route.as_str());
        }
        self.key.push('\0');
        self.key.push_str(test_id);
        if status.is_final() {
            self.tests.remove(self.key.as_str());
        } else if status == Status::InProgress && !self.tests.contains_key(self.key.as_str()) {
            if self.tests.is_empty() {
                self.oldest = now;
            }
            self.tests.insert(self.key.as_str().into(), now);
        }
    }

    /// When to ask for overdue tests again.
    pub fn due(&self, limit: Duration) -> Option<Duration> {
        (!self.tests.is_empty()).then(|| self.oldest + limit)
    }

    /// The tests that have been running for `limit` and more, the longest first.
    pub fn overdue(&mut self, limit: Duration, now: Duration) -> Vec<RunningTest> {
        if self.due(limit).is_none_or(|due| now < due) {
            return Vec::new();
        }
        self.oldest = self.tests.values().copied().min().unwrap_or(now);
        self.longest_first(now).into_iter().take_while(|test| test.running_for >= limit).collect()
    }

    /// All that are running, the longest first.
    pub fn longest_first(&self, now: Duration) -> Vec<RunningTest> {
        let mut all: Vec<_> =
            self.tests.iter().map(|(key, began)| named(key, now - *began)).collect();
        all.sort_by(|a, b| {
            b.running_for.cmp(&a.running_for).then_with(|| a.test_id.cmp(&b.test_id))
        });
        all
    }
}

fn named(key: &str, running_for: Duration) -> RunningTest {
    let routed = key.strip_prefix('\0').and_then(|rest| rest.split_once('\0'));
    match routed {
        Some((route, test_id)) => {
            RunningTest { test_id: test_id.into(), route_code: Some(route.into()), running_for }
        }
        None => RunningTest {
            test_id: key.trim_start_matches('\0').into(),
            route_code: None,
            running_for,
        },
    }
}
