//! What takes too long in a process: a test, or silence.

use std::{collections::HashMap, time::Duration};

use subunit_core::Timestamp;

/// How long a test may take.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(in crate::supervise) struct TestLimits {
    /// From its begin to its end.
    pub(in crate::supervise) test: Option<Duration>,
    /// While its worker writes nothing.
    pub(in crate::supervise) no_output: Option<Duration>,
}

/// When a process wrote something, and when its tests began. All times are by the hub's clock.
#[derive(Debug)]
pub(in crate::supervise) struct TestTimer {
    running: HashMap<String, TimedTest>,
    started: Duration,
    last_output: Duration,
    /// Since when it waits for a person. Nothing takes too long meanwhile.
    prompt_since: Option<Duration>,
}

#[derive(Clone, Debug)]
struct TimedTest {
    begun: Duration,
    /// When it began by the clock of its worker, which may say so much later.
    stamp: Option<Timestamp>,
    /// How long it has waited for a person.
    waited: Duration,
    limits: TestLimits,
    /// Where it runs, if that is below the worker.
    route: Option<Box<str>>,
}

/// A test that runs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::supervise) struct BegunTest<'t> {
    pub(in crate::supervise) test_id: &'t str,
    pub(in crate::supervise) begun: Duration,
    /// Where, if that is below the worker.
    pub(in crate::supervise) route: Option<&'t str>,
}

impl TestTimer {
    pub(super) fn new(now: Duration) -> Self {
        Self { running: HashMap::new(), started: now, last_output: now, prompt_since: None }
    }

    /// The tests that run, and when they began.
    pub(in crate::supervise) fn running(&self) -> impl Iterator<Item = BegunTest<'_>> {
        self.running.iter().map(|(test_id, test)| BegunTest {
            test_id,
            begun: test.begun,
            route: test.route.as_deref(),
        })
    }

    pub(in crate::supervise) fn is_running(&self, test_id: &str) -> bool {
        self.running.contains_key(test_id)
    }

    /// Whether no test runs.
    pub(in crate::supervise) fn is_idle(&self) -> bool {
        self.running.is_empty()
    }

    pub(in crate::supervise) fn begin(&mut self, test_id: &str, now: Duration, limits: TestLimits) {
        let test =
            TimedTest { begun: now, stamp: None, waited: Duration::ZERO, limits, route: None };
        self.running.insert(test_id.to_owned(), test);
    }

    /// A test that has begun did so then, by the clock of its worker.
    pub(in crate::supervise) fn stamp(&mut self, test_id: &str, at: Option<Timestamp>) {
        if let Some(test) = self.running.get_mut(test_id) {
            test.stamp = at;
        }
    }

    /// A test that has begun runs below the worker, at this route.
    pub(in crate::supervise) fn place(&mut self, test_id: &str, route: &str) {
        if let Some(test) = self.running.get_mut(test_id) {
            test.route = Some(route.into());
        }
    }

    /// The test has ended, at `stamp` by the clock of its worker. How long it took, if that is known. A runner may say only
    /// at its end that a test had begun.
    pub(in crate::supervise) fn end(
        &mut self,
        test_id: &str,
        now: Duration,
        stamp: Option<Timestamp>,
    ) -> Option<Duration> {
        let test = self.running.remove(test_id)?;
        let seen = now.saturating_sub(test.begun);
        let by_its_clock = test.stamp.zip(stamp).and_then(|(begun, ended)| ended.since(begun));
        // Tests may set the clock.
        let believed = by_its_clock.filter(|took| *took <= now.saturating_sub(self.started));
        Some(believed.map_or(seen, |took| seen.max(took.saturating_sub(test.waited))))
    }

    pub(in crate::supervise) fn note_output(&mut self, now: Duration) {
        self.last_output = now;
    }

    /// When the process last wrote something.
    pub(super) fn last_output(&self) -> Duration {
        self.last_output
    }

    /// Whether it has waited for a person since before this time.
    pub(in crate::supervise) fn is_prompting_since_before(&self, now: Duration) -> bool {
        self.prompt_since.is_some_and(|since| since < now)
    }

    /// Whether it waits for a person.
    pub(in crate::supervise) fn is_prompting(&self) -> bool {
        self.prompt_since.is_some()
    }

    /// The process waits for a person. False if it did before.
    pub(in crate::supervise) fn open_prompt(&mut self, now: Duration) -> bool {
        let is_new = self.prompt_since.is_none();
        self.prompt_since.get_or_insert(now);
        is_new
    }

    /// The process goes on, and the time that it has waited does not count. False if it did not wait.
    pub(in crate::supervise) fn close_prompt(&mut self, now: Duration) -> bool {
        let Some(since) = self.prompt_since.take() else { return false };
        let waited = now.saturating_sub(since);
        for test in self.running.values_mut() {
            test.begun += waited;
            test.waited += waited;
        }
        self.last_output = now;
        true
    }

    /// When something takes too long if nothing happens. `idle` is how long the process may be silent while
    /// no test runs.
    pub(super) fn due(&self, idle: Option<Duration>) -> Option<Duration> {
        if self.is_prompting() {
            return None;
        }
        let tests = self.running.values();
        let test = tests.filter_map(|test| Some(test.begun + test.limits.test?)).min();
        let silence = self.silence(idle).map(|limit| self.last_output + limit);
        test.into_iter().chain(silence).min()
    }

    /// What takes too long, if anything does. A process that has no tests may be silent.
    pub(super) fn overdue(
        &self,
        now: Duration,
        idle: Option<Duration>,
        has_tests: bool,
    ) -> Option<String> {
        if self.is_prompting() {
            return None;
        }
        let is_late =
            |test: &TimedTest| test.limits.test.is_some_and(|most| now >= test.begun + most);
        let late = self.running.iter().filter(|(_, test)| is_late(test));
        if let Some((test_id, test)) = late.min_by_key(|(_, test)| test.begun) {
            let seconds = now.saturating_sub(test.begun).as_secs_f64();
            return Some(format!("timeout: `{test_id}` has been running for {seconds:.1} s"));
        }
        let limit = self.silence(idle)?;
        let is_silent = has_tests && now >= self.last_output + limit;
        is_silent.then(|| format!("timeout: no output for {} s", limit.as_secs_f64()))
    }

    /// How long the process may be silent: as long as any of the tests that run allows.
    fn silence(&self, idle: Option<Duration>) -> Option<Duration> {
        if self.is_idle() {
            return idle;
        }
        let mut longest = Duration::ZERO;
        for test in self.running.values() {
            longest = longest.max(test.limits.no_output?);
        }
        Some(longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn limits(test: u64, no_output: Option<u64>) -> TestLimits {
        TestLimits { test: Some(at(test)), no_output: no_output.map(at) }
    }

    #[test]
    fn the_test_that_began_first_is_named() {
        let mut timer = TestTimer::new(at(0));
        timer.begin("a", at(1), limits(10, None));
        timer.begin("b", at(2), limits(2, None));
        assert_eq!(timer.due(None), Some(at(4)));
        assert_eq!(timer.overdue(at(3), None, true), None);
        let why = timer.overdue(at(4), None, true);
        assert_eq!(why.as_deref(), Some("timeout: `b` has been running for 2.0 s"));
        let why = timer.overdue(at(11), None, true);
        assert_eq!(why.as_deref(), Some("timeout: `a` has been running for 10.0 s"));
        assert_eq!(timer.end("b", at(5), None), Some(at(3)));
        assert_eq!((timer.end("b", at(5), None), timer.due(None)), (None, Some(at(11))));
    }

    #[test]
    fn silence_lasts_as_long_as_any_running_test_allows() {
        let mut timer = TestTimer::new(at(0));
        assert_eq!((timer.due(Some(at(5))), timer.due(None)), (Some(at(5)), None));
        assert_eq!(timer.overdue(at(5), Some(at(5)), false), None);
        let why = timer.overdue(at(5), Some(at(5)), true);
        assert_eq!(why.as_deref(), Some("timeout: no output for 5 s"));
        timer.begin("a", at(0), limits(100, Some(7)));
        timer.begin("b", at(0), limits(100, Some(9)));
        assert_eq!(timer.due(Some(at(5))), Some(at(9)));
        timer.note_output(at(8));
        assert_eq!(timer.overdue(at(9), Some(at(5)), true), None);
        assert!(timer.overdue(at(17), Some(at(5)), true).is_some());
        timer.begin("c", at(0), limits(100, None));
        assert_eq!(timer.overdue(at(17), Some(at(5)), true), None);
    }

    #[test]
    fn the_time_at_a_prompt_does_not_count() {
        let mut timer = TestTimer::new(at(0));
        timer.begin("a", at(0), limits(10, Some(5)));
        assert!(timer.open_prompt(at(3)) && !timer.open_prompt(at(4)));
        assert_eq!((timer.due(None), timer.overdue(at(100), None, true)), (None, None));
        assert!(timer.close_prompt(at(103)) && !timer.close_prompt(at(104)));
        let running = |route| [BegunTest { test_id: "a", begun: at(100), route }];
        assert_eq!(timer.running().collect::<Vec<_>>(), running(None));
        timer.place("a", "0/1");
        timer.place("b", "0/2");
        assert_eq!(timer.running().collect::<Vec<_>>(), running(Some("0/1")));
        assert_eq!(timer.due(None), Some(at(108)));
    }

    #[test]
    fn a_test_whose_begin_is_said_at_its_end_took_what_its_worker_says() {
        let stamp = |seconds| Timestamp::try_from(std::time::UNIX_EPOCH + at(seconds)).ok();
        let took = |begun, ended| {
            let mut timer = TestTimer::new(at(0));
            timer.begin("a", at(9), limits(10, None));
            timer.stamp("a", stamp(begun));
            timer.end("a", at(10), stamp(ended))
        };
        assert_eq!(took(1000, 1004), Some(at(4)));
        // A clock that is set by a test, backwards or by years, is not believed.
        assert_eq!((took(1000, 990), took(1000, 9000)), (Some(at(1)), Some(at(1))));
    }
}
