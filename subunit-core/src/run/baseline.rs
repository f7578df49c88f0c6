//! Which failures an earlier run had already.

use std::{
    fmt::{self, Display},
    hash::BuildHasher,
    sync::Arc,
};

use hashbrown::{DefaultHashBuilder, HashMap, HashSet};

use super::{Attempt, FlakyTests, Identities, Results, TestResult, results::attempt};
use crate::{
    Event, RouteCode, Status, Tags,
    conventions::tells_of_the_run,
    sink::{Flow, OpenTest, Sink, TestRecord},
};

/// What failed in an earlier run, to compare a run with. Cheap to clone.
///
/// A test failed where one of its results did. Memory: about 20 bytes for each test that failed; ids are not kept.
#[derive(Clone, Debug)]
pub struct Baseline {
    failed: Arc<Failed>,
    known_failures: KnownFailures,
}

/// Whether a run may have the failures that its baseline has.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum KnownFailures {
    /// They are good enough.
    Pass,
    /// They fail the run, as all failures do.
    #[default]
    Fail,
}

#[derive(Clone, Debug, Default)]
struct Failed {
    identities: HashSet<u64>,
    hasher: DefaultHashBuilder,
}

impl Failed {
    fn key(&self, names: Option<RouteCode<'_>>, test_id: &str) -> u64 {
        self.hasher.hash_one((names, test_id))
    }
}

/// What a failure is, beside a baseline.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mark {
    /// The baseline does not have it.
    New,
    /// The test failed in the baseline, too.
    Known,
}

impl Mark {
    /// `new` or `known`.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Known => "known",
        }
    }
}

impl Baseline {
    /// Whether failures that are known are good enough.
    #[must_use]
    pub fn with_known_failures(self, known_failures: KnownFailures) -> Self {
        Self { known_failures, ..self }
    }

    /// What the failure is; `None` where the test has not failed, or never ended.
    pub fn mark(&self, record: &TestRecord) -> Option<Mark> {
        self.mark_attempt(&attempt(record), Some(record.tags.as_tags()))
    }

    /// As [`Baseline::mark`], of the last attempt at a test and its tags.
    pub fn mark_attempt(&self, attempt: &Attempt<'_>, tags: Option<Tags<'_>>) -> Option<Mark> {
        attempt.status.filter(|status| status.is_failure())?;
        let is_known = can_be_known(attempt, tags) && {
            let mut identities = Identities::default();
            let key = self.failed.key(identities.of(attempt.route_code), attempt.test_id);
            self.failed.identities.contains(&key)
        };
        Some(if is_known { Mark::Known } else { Mark::New })
    }
}

/// What tells of the run and not of a test is new in every run.
fn can_be_known(attempt: &Attempt<'_>, tags: Option<Tags<'_>>) -> bool {
    !tells_of_the_run(attempt.test_id, attempt.runnable, tags)
}

/// Reads an earlier run, to make a [`Baseline`] of it.
///
/// Memory: that of [`Results`] without files, and 20 bytes for each test that failed.
#[derive(Clone, Debug)]
pub struct BaselineReader {
    results: Results,
    /// How many results of each test failed.
    failed: HashMap<u64, u32>,
    all: Failed,
    identities: Identities,
    ended: u64,
    damage: u64,
}

impl BaselineReader {
    /// `flaky_tests` says whether a flaky test has failed.
    pub fn new(flaky_tests: FlakyTests) -> Self {
        Self {
            results: Results::with_limit(0).with_flaky(flaky_tests),
            failed: HashMap::new(),
            all: Failed::default(),
            identities: Identities::default(),
            ended: 0,
            damage: 0,
        }
    }

    /// How many tests had ended.
    pub fn ended(&self) -> u64 {
        self.ended
    }

    /// How many places were damaged.
    pub fn damaged(&self) -> u64 {
        self.damage
    }

    /// What failed.
    pub fn into_baseline(mut self) -> Baseline {
        self.finish();
        let failed = self.failed.iter().filter(|(_, results)| **results > 0);
        self.all.identities = failed.map(|(key, _)| *key).collect();
        let known_failures = KnownFailures::default();
        Baseline { failed: Arc::new(self.all), known_failures }
    }

    fn take(&mut self, last: &TestRecord, takes_back: bool) {
        if !last.status.is_some_and(Status::is_final) {
            return;
        }
        self.ended += 1;
        let attempt = attempt(last);
        let has_failed = attempt.has_failed() && can_be_known(&attempt, Some(last.tags.as_tags()));
        if !has_failed && !takes_back {
            return;
        }
        let key = self.all.key(self.identities.of(attempt.route_code), attempt.test_id);
        let results = self.failed.entry(key).or_default();
        *results = results.saturating_add(has_failed.into()).saturating_sub(takes_back.into());
    }
}

impl Sink for BaselineReader {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        let mut results = std::mem::take(&mut self.results);
        if let Some(TestResult { last, takes_back, .. }) = results.note(event) {
            self.take(last, takes_back);
        }
        self.results = results;
        Flow::Continue
    }

    fn damage(&mut self, _damage: &crate::Damage<'_>) -> Flow {
        self.damage += 1;
        Flow::Continue
    }

    fn finish(&mut self) {
        for result in self.results.finish() {
            self.take(&result.last, result.takes_back);
        }
    }
}

/// A run beside its baseline, in numbers. Shows them: `2 new failures, 3 known, 1 fixed`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Comparison {
    /// Results that failed or passed unexpectedly, of tests that did not in the baseline.
    pub new: u64,
    /// Those of tests that did.
    pub known: u64,
    /// Tests that failed in the baseline and passed in the run, be it as expected failures.
    pub fixed: u64,
    /// Tests that failed in the baseline and have no result in the run, or were skipped.
    pub not_run: u64,
    /// Whether the known ones fail the run.
    pub known_failures: KnownFailures,
}

impl Comparison {
    /// How many of the failures fail the run.
    pub(super) fn failing(&self) -> u64 {
        match self.known_failures {
            KnownFailures::Pass => self.new,
            KnownFailures::Fail => self.new + self.known,
        }
    }
}

impl Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |count| if count == 1 { "" } else { "s" };
        match (self.new, self.known) {
            (0, 0) => write!(f, "no failures")?,
            (0, known) => write!(f, "{known} known failure{}", plural(known))?,
            (new, 0) => write!(f, "{new} new failure{}", plural(new))?,
            (new, known) => write!(f, "{new} new failure{}, {known} known", plural(new))?,
        }
        for (count, word) in [(self.fixed, "fixed"), (self.not_run, "not run")] {
            if count > 0 {
                write!(f, ", {count} {word}")?;
            }
        }
        Ok(())
    }
}

/// Counts a run beside its baseline.
#[derive(Clone, Debug)]
pub(super) struct Compared {
    baseline: Baseline,
    /// What came of the tests that failed in the baseline, as far as they have ended.
    came: HashMap<u64, Came>,
    identities: Identities,
    known: u64,
    fixed: u64,
    /// Of how many tests a failure is known.
    failing: u64,
}

/// How many results of a test there are.
#[derive(Clone, Copy, Debug, Default)]
struct Came {
    failed: u32,
    passed: u32,
}

impl Came {
    fn is_fixed(self) -> bool {
        self.failed == 0 && self.passed > 0
    }

    fn of(&mut self, status: Option<Status>) -> Option<&mut u32> {
        match status? {
            Status::Success | Status::ExpectedFailure => Some(&mut self.passed),
            status if status.is_failure() => Some(&mut self.failed),
            _ => None,
        }
    }
}

impl Compared {
    pub(super) fn with(baseline: Baseline) -> Self {
        let (came, identities) = (HashMap::new(), Identities::default());
        Self { baseline, came, identities, known: 0, fixed: 0, failing: 0 }
    }

    /// A result of a test.
    #[inline(never)]
    pub(super) fn add(&mut self, attempt: &Attempt<'_>, tags: Option<Tags<'_>>) {
        let has_failed = attempt.status.is_some_and(Status::is_failure);
        if has_failed && !can_be_known(attempt, tags) {
            return;
        }
        self.change(attempt, attempt.status, |count| count.saturating_add(1));
    }

    /// What was told of this test is no result.
    pub(super) fn remove(&mut self, attempt: &Attempt<'_>, status: Option<Status>) {
        self.change(attempt, status, |count| count.saturating_sub(1));
    }

    fn change(
        &mut self,
        attempt: &Attempt<'_>,
        status: Option<Status>,
        change: impl FnOnce(u32) -> u32,
    ) {
        let Some(key) = self.key(attempt) else { return };
        let came = self.came.entry(key).or_default();
        let was = *came;
        let Some(count) = came.of(status) else { return };
        *count = change(*count);
        let is = *came;
        self.known = self.known + u64::from(is.failed) - u64::from(was.failed);
        self.fixed = self.fixed + u64::from(is.is_fixed()) - u64::from(was.is_fixed());
        self.failing = self.failing + u64::from(is.failed > 0) - u64::from(was.failed > 0);
    }

    /// What tells this test from others, if it failed in the baseline.
    fn key(&mut self, attempt: &Attempt<'_>) -> Option<u64> {
        let names = self.identities.of(attempt.route_code);
        let key = self.baseline.failed.key(names, attempt.test_id);
        self.baseline.failed.identities.contains(&key).then_some(key)
    }

    /// The numbers, where so many results failed. The tests of `open` never ended.
    pub(super) fn numbers<'a>(
        &self,
        failures: u64,
        open: impl Iterator<Item = OpenTest<'a>>,
    ) -> Comparison {
        let unfinished: HashSet<u64> = {
            let mut names = Identities::default();
            let failed = &self.baseline.failed;
            open.map(|test| failed.key(names.of(test.route_code), test.test_id))
                .filter(|key| failed.identities.contains(key))
                .filter(|key| self.came.get(key).is_none_or(|came| came.failed + came.passed == 0))
                .collect()
        };
        let all = self.baseline.failed.identities.len() as u64;
        let known = self.known.min(failures);
        Comparison {
            new: failures - known,
            known,
            fixed: self.fixed,
            not_run: all - self.failing - self.fixed - unfinished.len() as u64,
            known_failures: self.baseline.known_failures,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        TagsBuf,
        conventions::attempt_tag,
        run::{Judge, Summary},
        sink::Verdict,
    };

    /// `a!` failed, `a.` passed, `a-` was skipped, `a?` never ended; `x/a!` came by the route `x`; `a1!` and `a2.` are
    /// attempts; `(a!` cannot be run by itself.
    fn push(events: &str, sink: &mut dyn Sink) {
        for word in events.split_whitespace() {
            let (runnable, word) = (!word.starts_with('('), word.trim_start_matches('('));
            let (route, name) = word.rsplit_once('/').map_or((None, word), |(r, n)| (Some(r), n));
            let (name, end) = name.split_at(name.len() - 1);
            let id = name.trim_end_matches(|c: char| c.is_ascii_digit());
            let tag = name[id.len()..].parse().map(attempt_tag);
            let tags: TagsBuf = tag.iter().map(String::as_str).collect();
            let status = match end {
                "!" => Status::Fail,
                "." => Status::Success,
                "-" => Status::Skip,
                "x" => Status::ExpectedFailure,
                "u" => Status::UnexpectedSuccess,
                _ => Status::InProgress,
            };
            sink.event(&Event {
                route_code: route.map(RouteCode::new),
                tags: Some(tags.as_tags()),
                runnable,
                ..Event::status(id, status)
            });
        }
    }

    fn baseline(events: &str, flaky_tests: FlakyTests) -> Baseline {
        let mut reader = BaselineReader::new(flaky_tests);
        push(events, &mut reader);
        reader.into_baseline()
    }

    fn by(baseline: Baseline, flaky_tests: FlakyTests) -> Judge {
        Judge { flaky_tests, baseline: Some(baseline) }
    }

    fn compared(old: &str, new: &str) -> (String, Verdict) {
        let baseline = baseline(old, FlakyTests::Pass).with_known_failures(KnownFailures::Pass);
        let mut summary = Summary::new().with_judge(&by(baseline.clone(), FlakyTests::Pass));
        push(new, &mut summary);
        let counts = summary.counts();
        let comparison = counts.comparison.unwrap();
        assert_eq!(marked(&baseline, new), (comparison.new, comparison.known), "{old} | {new}");
        (comparison.to_string(), counts.verdict())
    }

    /// How many results are new, and known, by their marks.
    fn marked(baseline: &Baseline, events: &str) -> (u64, u64) {
        struct Marks(Results, Vec<(String, Mark)>);
        impl Marks {
            fn note(&mut self, last: &TestRecord, takes_back: bool) {
                let at = self.1.iter().position(|(id, _)| *id == last.test_id);
                at.filter(|_| takes_back).map(|at| self.1.remove(at));
                self.1.extend(last.mark.map(|mark| (last.test_id.clone(), mark)));
            }
        }
        impl Sink for Marks {
            fn event(&mut self, event: &Event<'_>) -> Flow {
                if let Some(result) = self.0.note(event).map(TestResult::take) {
                    self.note(&result.last, result.takes_back);
                }
                Flow::Continue
            }
        }
        let judge = by(baseline.clone(), FlakyTests::Pass);
        let mut marks = Marks(Results::default().with_judge(&judge), Vec::new());
        push(events, &mut marks);
        for result in marks.0.finish() {
            marks.note(&result.last, result.takes_back);
        }
        let count = |mark| marks.1.iter().filter(|(_, other)| *other == mark).count() as u64;
        (count(Mark::New), count(Mark::Known))
    }

    #[test]
    fn what_is_new_known_fixed_and_not_run() {
        use Verdict::{Failed, NoTests, Passed};
        for (old, new, numbers, verdict) in [
            ("a.", "a.", "no failures", Passed),
            ("a!", "a!", "1 known failure", Passed),
            ("a. b!", "a! b! c! d.", "2 new failures, 1 known", Failed),
            ("a! b!", "a! b.", "1 known failure, 1 fixed", Passed),
            ("a!", "ax", "no failures, 1 fixed", Passed),
            ("au", "a!", "1 known failure", Passed),
            ("a!", "au", "1 known failure", Passed),
            ("a! b!", "c.", "no failures, 2 not run", Passed),
            ("a!", "a- b.", "no failures, 1 not run", Passed),
            ("a!", "", "no failures, 1 not run", NoTests),
            // What never ended did not fail, and whoever never ends is red.
            ("a?", "a!", "1 new failure", Failed),
            ("a!", "a?", "no failures", Failed),
            // Two results of one test.
            ("a. a!", "a! a!", "2 known failures", Passed),
            ("a!", "a. a!", "1 known failure", Passed),
            // Names of routes tell tests apart, places do not.
            ("x/a!", "y/a!", "1 new failure, 1 not run", Failed),
            ("x/a!", "a!", "1 new failure, 1 not run", Failed),
            ("0/x/a!", "x/1/a!", "1 known failure", Passed),
            // Attempts are one result.
            ("a1! a2.", "a!", "1 new failure", Failed),
            ("a1! a2!", "a1! a2.", "no failures, 1 fixed", Passed),
            ("a1! a2!", "a1! a2!", "1 known failure", Passed),
            ("a! a2.", "a!", "1 new failure", Failed),
            ("a!", "a! a2.", "no failures, 1 fixed", Passed),
            ("a!", "a1! a2?", "no failures", Failed),
            // What cannot be run by itself, by places.
            ("(a!", "(a!", "1 known failure", Passed),
            ("(0/a. (1/a!", "(0/a! (1/a!", "1 known failure", Passed),
            ("(0/a. (1/a.", "(0/a. (1/a!", "1 new failure", Failed),
            ("(a!", "(0/a! (1/a.", "1 known failure", Passed),
            // What tells of the run is news every time.
            ("(plan! a!", "(plan! a!", "1 new failure, 1 known", Failed),
            ("plan!", "plan!", "1 known failure", Passed),
        ] {
            assert_eq!(compared(old, new), (numbers.into(), verdict), "{old} | {new}");
        }
    }

    #[test]
    fn known_failures_pass_only_where_that_is_asked_for() {
        let mut summary =
            Summary::new().with_judge(&by(baseline("a!", FlakyTests::Pass), FlakyTests::Pass));
        push("a!", &mut summary);
        assert_eq!(summary.counts().comparison.unwrap().known, 1);
        assert_eq!(summary.verdict(), Verdict::Failed);
    }

    #[test]
    fn a_flaky_test_has_failed_where_that_is_asked_for() {
        let flaky = "a1! a2.";
        for (flaky_tests, numbers) in
            [(FlakyTests::Fail, "1 known failure"), (FlakyTests::Pass, "no failures")]
        {
            let baseline = baseline(flaky, flaky_tests);
            let mut summary = Summary::new().with_judge(&by(baseline, flaky_tests));
            push(flaky, &mut summary);
            assert_eq!(summary.counts().comparison.unwrap().to_string(), numbers);
        }
    }

    #[test]
    fn damage_and_missing_tests_are_red_whatever_is_known() {
        let baseline = baseline("a!", FlakyTests::Pass).with_known_failures(KnownFailures::Pass);
        let incomplete: TagsBuf = ["incomplete"].into_iter().collect();
        let tags = Some(incomplete.as_tags());
        let mut summary = Summary::new().with_judge(&by(baseline.clone(), FlakyTests::Pass));
        summary.event(&Event { tags, ..Event::status("a", Status::Fail) });
        assert_eq!(summary.counts().comparison.unwrap().to_string(), "1 new failure, 1 not run");
        let mut reader = BaselineReader::new(FlakyTests::Pass);
        push("a. b.", &mut reader);
        reader.event(&Event { tags, ..Event::status("c", Status::Fail) });
        let baseline = reader.into_baseline();
        assert!(baseline.failed.identities.is_empty());
    }
}
