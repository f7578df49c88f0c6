//! How long tests usually take, and how long what is left of a run will take by that.

use std::{collections::HashMap, time::Duration};

/// The times of earlier runs, and what the tests take together that were listed and have not ended.
#[derive(Debug, Default)]
pub(super) struct Usual {
    times: HashMap<String, Duration>,
    left: Duration,
    /// How many tests that is the time of.
    known: u64,
}

/// What is known of a run besides the usual times.
pub(super) struct Progress {
    /// How many tests have not ended.
    pub(super) left: u64,
    /// How many tests run at once.
    pub(super) workers: u64,
    /// How much time of the run there was for each test that has ended; `None` if none has.
    pub(super) each: Option<Duration>,
}

impl Usual {
    pub(super) fn new(times: HashMap<String, Duration>) -> Self {
        Self { times, ..Self::default() }
    }

    /// How long a test usually takes.
    pub(super) fn of(&self, test_id: &str) -> Option<Duration> {
        self.times.get(test_id).copied()
    }

    /// A test was listed.
    pub(super) fn listed(&mut self, test_id: Option<&str>) {
        if let Some(time) = test_id.and_then(|test_id| self.of(test_id)) {
            self.left += time;
            self.known += 1;
        }
    }

    /// A test that was listed has ended.
    pub(super) fn unlisted(&mut self, test_id: Option<&str>) {
        if let Some(time) = test_id.and_then(|test_id| self.of(test_id)) {
            self.left = self.left.saturating_sub(time);
            self.known = self.known.saturating_sub(1);
        }
    }

    /// How long it will take until all tests have ended. `running` are the tests that run: how long each
    /// usually takes, and how long it has run. Tests of unknown time take as long as those that have ended.
    pub(super) fn rest(
        &self,
        progress: &Progress,
        running: impl Iterator<Item = (Duration, Duration)>,
    ) -> Option<Duration> {
        let unknown = progress.left.saturating_sub(self.known);
        let linear = progress.each.map(|each| times(each, unknown));
        if self.known == 0 {
            return linear;
        }
        let (mut left, mut longest) = (self.left, Duration::ZERO);
        for (usual, time) in running {
            left = left.saturating_sub(usual.min(time));
            longest = longest.max(usual.saturating_sub(time));
        }
        let workers = u32::try_from(progress.workers.min(progress.left).max(1)).unwrap_or(u32::MAX);
        let like_others =
            || times(self.left / workers, unknown) / u32::try_from(self.known).unwrap_or(1);
        let unknown =
            if unknown == 0 { Duration::ZERO } else { linear.unwrap_or_else(like_others) };
        Some(longest.max((left / workers).saturating_add(unknown)))
    }
}

fn times(each: Duration, count: u64) -> Duration {
    Duration::try_from_secs_f64(each.as_secs_f64() * count as f64).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn usual(listed: &[&str]) -> Usual {
        let times = [("one", 1), ("ten", 10), ("long", 100)];
        let times = times.map(|(test_id, time)| (test_id.to_owned(), seconds(time)));
        let mut usual = Usual::new(HashMap::from(times));
        listed.iter().for_each(|test_id| usual.listed(Some(test_id)));
        usual
    }

    fn rest(
        usual: &Usual,
        left: u64,
        workers: u64,
        each: Option<u64>,
        running: &[(u64, u64)],
    ) -> Option<u64> {
        let progress = Progress { left, workers, each: each.map(seconds) };
        let running = running.iter().map(|(usual, time)| (seconds(*usual), seconds(*time)));
        usual.rest(&progress, running).map(|rest| rest.as_secs())
    }

    #[test]
    fn what_is_left_is_shared_by_the_workers() {
        let usual = usual(&["one", "one", "ten", "ten", "ten"]);
        assert_eq!(rest(&usual, 5, 1, None, &[]), Some(32));
        assert_eq!(rest(&usual, 5, 4, None, &[]), Some(8));
        assert_eq!(
            rest(&usual, 5, 4, None, &[(10, 2), (10, 6)]),
            Some(8),
            "the longest one runs on"
        );
        assert_eq!(rest(&usual, 5, 2, None, &[(10, 2), (10, 30)]), Some(10), "late is not early");
        assert_eq!(rest(&usual, 5, 100, None, &[]), Some(6), "there is less to do than workers");
    }

    #[test]
    fn what_has_ended_is_not_left() {
        let mut usual = usual(&["one", "ten", "long", "new"]);
        usual.unlisted(Some("long"));
        usual.unlisted(Some("new"));
        assert_eq!(rest(&usual, 2, 1, None, &[]), Some(11));
        usual.unlisted(Some("one"));
        usual.unlisted(Some("ten"));
        assert_eq!(rest(&usual, 0, 1, Some(3), &[]), Some(0));
    }

    #[test]
    fn tests_of_unknown_time_take_as_long_as_those_that_have_ended() {
        assert_eq!(rest(&usual(&[]), 4, 2, Some(3), &[]), Some(12));
        assert_eq!(rest(&usual(&[]), 4, 2, None, &[]), None);
        let mixed = usual(&["ten", "ten", "new", "new"]);
        assert_eq!(rest(&mixed, 4, 2, Some(3), &[]), Some(16));
        assert_eq!(rest(&mixed, 4, 2, None, &[]), Some(20), "or as long as the others");
    }
}
