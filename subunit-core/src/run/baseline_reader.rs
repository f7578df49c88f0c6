//! Reads an earlier run, to compare others with it.

use std::sync::Arc;

use hashbrown::HashMap;

use super::{
    Attempt, Baseline, FlakyTests, Identities, KnownFailures, Results, TestResult,
    baseline::{FailedTests, can_be_known},
};
use crate::{
    Damage, Event, Status,
    sink::{Flow, Sink, TestRecord},
};

/// Reads an earlier run, to make a [`Baseline`] of it.
///
/// Memory: that of [`Results`] without files, and 20 bytes for each test that failed.
#[derive(Clone, Debug)]
pub struct BaselineReader {
    results: Results,
    seen: Seen,
}

/// The results so far.
#[derive(Clone, Debug, Default)]
struct Seen {
    /// How many results of each test failed.
    failed: HashMap<u64, u32>,
    all: FailedTests,
    identities: Identities,
    ended: u64,
    damage: u64,
}

impl BaselineReader {
    /// `flaky_tests` says whether a flaky test has failed.
    pub fn new(flaky_tests: FlakyTests) -> Self {
        let results = Results::with_limit(0).with_flaky(flaky_tests);
        Self { results, seen: Seen::default() }
    }

    /// How many tests had ended.
    pub fn ended(&self) -> u64 {
        self.seen.ended
    }

    /// How many places were damaged.
    pub fn damaged(&self) -> u64 {
        self.seen.damage
    }

    /// What failed.
    pub fn into_baseline(mut self) -> Baseline {
        self.finish();
        let Seen { failed, mut all, .. } = self.seen;
        let failed = failed.into_iter().filter(|(_, results)| *results > 0);
        all.identities = failed.map(|(key, _)| key).collect();
        Baseline { failed: Arc::new(all), known_failures: KnownFailures::default(), policy: None }
    }
}

impl Seen {
    fn take(&mut self, last: &TestRecord, takes_back: bool) {
        if !last.status.is_some_and(Status::is_final) {
            return;
        }
        self.ended += 1;
        let attempt = Attempt::of(last);
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
        if let Some(TestResult { last, takes_back, .. }) = self.results.note(event) {
            self.seen.take(last, takes_back);
        }
        Flow::Continue
    }

    fn damage(&mut self, _damage: &Damage<'_>) -> Flow {
        self.seen.damage += 1;
        Flow::Continue
    }

    fn finish(&mut self) {
        for result in self.results.finish() {
            self.seen.take(&result.last, result.takes_back);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        RouteCode, TagsBuf,
        conventions::attempt_tag,
        run::{Judge, Mark, Summary},
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
    fn a_policy_tolerates_failures_by_names_and_ids() {
        use Verdict::{Failed, Passed};
        let tolerates = |scope: &str, id: &str| (scope, id) == ("x", "a") || id == "t";
        let judge = by(Baseline::of_policy(tolerates), FlakyTests::Pass);
        for (events, numbers, verdict) in [
            ("a.", "no failures", Passed),
            ("t!", "1 failure tolerated by policy", Passed),
            ("t! t. x/t!", "2 failures tolerated by policy", Passed),
            ("a!", "1 failure by policy", Failed),
            ("x/a! 0/x/a! tu", "3 failures tolerated by policy", Passed),
            ("a! x/a! t!", "1 failure by policy, 2 tolerated", Failed),
            // Attempts are one result, and what never ends is red.
            ("t1! t2!", "1 failure tolerated by policy", Passed),
            ("t1! t2.", "no failures", Passed),
            ("t?", "no failures", Failed),
            ("(plan! t!", "1 failure by policy, 1 tolerated", Failed),
        ] {
            let mut summary = Summary::new().with_judge(&judge);
            push(events, &mut summary);
            let counts = summary.counts();
            let said = counts.comparison.unwrap().to_string();
            assert_eq!((&*said, counts.verdict()), (numbers, verdict), "{events}");
        }
        for (id, mark) in [("t", Some(Mark::Tolerated)), ("a", None), ("plan", None)] {
            let mut results = Results::default().with_judge(&judge);
            let event = Event { runnable: id != "plan", ..Event::status(id, Status::Fail) };
            assert_eq!(results.note(&event).unwrap().last.mark, mark, "{id}");
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
