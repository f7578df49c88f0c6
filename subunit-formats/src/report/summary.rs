//! What reports for people know of a run: all counts, and as much of the tests as there is room for.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use subunit_core::{
    Damage, Event, RouteCode, RouteCodeBuf, Status, Timestamp,
    run::{Identities, Judge, Mark, Outputs, Results, Slowest, TestResult, cause::cut, counted},
    sink::{Counts, Flow, Sink, Summary, TestRecord, Verdict},
};

use crate::report::{
    facts::Facts,
    words::{Seconds, others},
};

/// How much is kept, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Of the files of one attempt, and of one file of no test.
    pub(crate) record: usize,
    /// Of tests that failed or are flaky. Beyond that they are kept without their files up to half as much more,
    /// then counted.
    pub(crate) bad: usize,
    /// Of all others, in the same way.
    pub(crate) other: usize,
    /// Of all files of no test.
    pub(crate) outputs: usize,
}

/// What is told of tests that did not fail.
#[derive(Clone, Copy, Debug)]
pub struct Shown {
    /// Whether they are listed.
    pub others: bool,
    /// Whether their files are shown.
    pub output: bool,
}

/// So many of the slowest tests are known.
const SLOWEST: usize = 10;

/// What a test takes up besides its id and files.
const RECORD_COST: usize = 256;

/// Collects what a report tells. Memory: the tests that run, and what [`Limits`] says.
#[derive(Debug)]
pub(crate) struct RunSummary {
    limits: Limits,
    summary: Summary,
    results: Results,
    /// The attempts of each result that failed, the first to fail first.
    bad: BTreeMap<u64, Vec<TestRecord>>,
    bad_seen: u64,
    /// Where the failures are that a later attempt may take back.
    unmarked: HashMap<Key, u64>,
    identities: Identities,
    bad_bytes: usize,
    other_bytes: usize,
    first_damage: Option<String>,
    outputs: Outputs,
    facts: Facts,
    /// See [`Shown`]; told before any event.
    pub(crate) shown: Shown,
    /// The slowest, of tests that can be run by themselves and of all others.
    slowest: [Slowest; 2],
    /// Flaky tests, with all attempts.
    pub(crate) flaky: Vec<Vec<TestRecord>>,
    /// All others that ended, in their order.
    pub(crate) others: Vec<TestRecord>,
    /// Results that failed and were not kept.
    pub(crate) bad_left_out: u64,
    /// Tests that did not fail and were not kept.
    pub(crate) others_left_out: u64,
}

/// Names of the route, and id.
type Key = (Option<RouteCodeBuf>, String);

impl RunSummary {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            summary: Summary::new(),
            results: Results::with_limit(limits.record),
            bad: BTreeMap::new(),
            bad_seen: 0,
            unmarked: HashMap::new(),
            identities: Identities::default(),
            bad_bytes: 0,
            other_bytes: 0,
            first_damage: None,
            outputs: Outputs::with_limits(limits.record, limits.outputs),
            facts: Facts::default(),
            shown: Shown { others: true, output: true },
            slowest: [SLOWEST; 2].map(Slowest::new),
            flaky: Vec::new(),
            others: Vec::new(),
            bad_left_out: 0,
            others_left_out: 0,
        }
    }

    /// What the run is judged by; told before any event.
    pub(crate) fn set_judge(&mut self, judge: &Judge) {
        self.summary = std::mem::take(&mut self.summary).with_judge(judge);
        self.results = std::mem::take(&mut self.results).with_judge(judge);
    }

    /// The attempts of each result that failed, the first to fail first; those that are known from an earlier run last.
    pub(crate) fn bad(&self) -> impl Iterator<Item = &[TestRecord]> {
        let of = |wanted: bool| {
            let is_known = |attempts: &[TestRecord]| {
                attempts.last().is_some_and(|last| last.mark.is_some_and(Mark::is_excusable))
            };
            self.bad
                .values()
                .map(Vec::as_slice)
                .filter(move |attempts| is_known(attempts) == wanted)
        };
        of(false).chain(of(true))
    }

    pub(crate) fn counts(&self) -> Counts {
        self.summary.counts()
    }

    pub(crate) fn verdict(&self) -> Verdict {
        self.summary.verdict()
    }

    /// The files of no test.
    pub(crate) fn outputs(&self) -> &Outputs {
        &self.outputs
    }

    /// What the run says of itself.
    pub(crate) fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The slowest tests, the slowest first. What cannot be run by itself is among them only where there is nothing
    /// else.
    pub(crate) fn slowest(&self) -> Vec<(Duration, &str)> {
        let [tests, others] = self.slowest.each_ref().map(Slowest::in_order);
        if tests.is_empty() { others } else { tests }
    }

    /// From the first to the last point in time of any event.
    pub(crate) fn elapsed(&self) -> Option<Duration> {
        self.summary.elapsed()
    }

    /// The first point in time of any event.
    pub(crate) fn start(&self) -> Option<Timestamp> {
        self.summary.start()
    }

    /// The last point in time of any event.
    pub(crate) fn stop(&self) -> Option<Timestamp> {
        self.summary.stop()
    }

    /// What is wrong and is no test.
    pub(crate) fn damage_text(&self) -> Option<String> {
        let first = self.first_damage.as_deref()?;
        let count = self.counts().damage;
        Some(if count == 1 { first.to_owned() } else { format!("{first}; {count} places in all") })
    }

    /// The verdict and the numbers that are not zero: `FAILED: 3 tests, 1 passed, 2 failed in 0.5 s`.
    pub(crate) fn headline(&self) -> String {
        let counts = self.counts();
        let word = match self.verdict() {
            Verdict::Passed => "PASSED",
            Verdict::Failed => "FAILED",
            Verdict::NoTests => "NO TESTS",
        };
        let tests = counts.tests();
        let mut line = format!("{word}: {}", counted(tests, "test"));
        if counts.others() > 0 {
            line += &format!(" and {}", others(&counts));
        }
        for (name, count) in self.numbers() {
            line += &format!(", {count} {name}");
        }
        if let Some(elapsed) = self.elapsed() {
            line += &format!(" in {}", Seconds(elapsed));
        } else if let Some(time) = self.summary.test_time() {
            line += &format!(", test time {}", Seconds(time));
        }
        if let Some(comparison) = counts.comparison {
            line += &format!(": {comparison}");
        }
        line
    }

    /// The numbers that are not zero, and their names.
    pub(crate) fn numbers(&self) -> Vec<(&'static str, u64)> {
        let counts = self.counts();
        let all = [
            ("passed", counts.success),
            ("failed", counts.fail),
            ("unfinished", counts.unfinished),
            ("unexpectedly passed", counts.uxsuccess),
            ("flaky", counts.flaky),
            ("skipped", counts.skip),
            ("failed as expected", counts.xfail),
            ("damaged", counts.damage),
        ];
        all.into_iter().filter(|(_, count)| *count > 0).collect()
    }

    fn take(&mut self, result: TestResult<TestRecord>) {
        let TestResult { ref last, takes_back, .. } = result;
        if last.status == Some(Status::Exists) {
            return;
        }
        if let Some(duration) = last.duration() {
            let name = || cut(&last.test_id, 1024).to_owned();
            let [tests, others] = &mut self.slowest;
            if last.runnable { tests } else { others }.note(duration, name);
        }
        let is_flaky = result.is_flaky();
        let mut attempts = if takes_back { self.take_back(&result.last) } else { Vec::new() };
        if is_flaky || result.last.has_failed() {
            let new = result.earlier.into_iter().chain([result.last]);
            return self.take_bad(&mut attempts, new, is_flaky);
        }
        if !self.shown.others {
            return;
        }
        let mut last = result.last;
        if !self.shown.output {
            last.attachments.clear();
            last.omitted = 0;
        }
        match kept(last, &mut self.other_bytes, self.limits.other) {
            Some(record) => self.others.push(record),
            None => self.others_left_out += 1,
        }
    }

    /// Keeps the attempts at a test that failed last, or is flaky.
    fn take_bad(
        &mut self,
        attempts: &mut Vec<TestRecord>,
        new: impl Iterator<Item = TestRecord>,
        is_flaky: bool,
    ) {
        let mut is_whole = true;
        for attempt in new {
            let kept = kept(attempt, &mut self.bad_bytes, self.limits.bad);
            is_whole = kept.is_some();
            attempts.extend(kept);
        }
        if is_flaky {
            if is_whole {
                self.flaky.push(std::mem::take(attempts));
            }
            return;
        }
        if !is_whole {
            self.bad_left_out += 1;
            return;
        }
        let ordinal = self.bad_seen;
        self.bad_seen += 1;
        if let [only] = attempts.as_slice()
            && only.runnable
            && only.status == Some(Status::Fail)
            && subunit_core::conventions::attempt(only.tags.as_tags()).is_none()
        {
            let key = key(&mut self.identities, only);
            self.unmarked.insert(key, ordinal);
        }
        self.bad.insert(ordinal, std::mem::take(attempts));
    }

    /// Takes a failure out that is none any more, because this attempt follows it.
    fn take_back(&mut self, record: &TestRecord) -> Vec<TestRecord> {
        let ordinal = self.unmarked.remove(&key(&mut self.identities, record));
        let attempts = ordinal.and_then(|ordinal| self.bad.remove(&ordinal));
        if attempts.is_none() {
            self.bad_left_out = self.bad_left_out.saturating_sub(1);
        }
        attempts.unwrap_or_default()
    }
}

impl Sink for RunSummary {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        self.summary.event(event);
        self.outputs.note(event);
        self.facts.note(event);
        if let Some(result) = self.results.note(event).map(TestResult::take) {
            self.take(result);
        }
        Flow::Continue
    }

    fn damage(&mut self, damage: &Damage<'_>) -> Flow {
        self.first_damage.get_or_insert_with(|| damage.to_string());
        self.summary.damage(damage)
    }

    fn finish(&mut self) {
        for result in self.results.finish() {
            self.take(result);
        }
        for record in self.bad.values_mut().filter_map(|attempts| attempts.last_mut()) {
            self.outputs.explain(record);
        }
    }
}

fn key(identities: &mut Identities, record: &TestRecord) -> Key {
    let route = record.route_code.as_ref().map(RouteCodeBuf::as_route);
    (identities.of(route).map(RouteCode::to_buf), record.test_id.clone())
}

/// The record, as much of it as there is room for.
fn kept(mut record: TestRecord, bytes: &mut usize, limit: usize) -> Option<TestRecord> {
    let tags: usize = record.tags.as_tags().iter().map(|tag| tag.len() + 8).sum();
    let bare = record.test_id.len() + tags + RECORD_COST;
    let files: usize =
        record.attachments.iter().map(|file| file.name.len() + file.bytes.len() + 128).sum();
    if *bytes + bare + files <= limit {
        *bytes += bare + files;
        return Some(record);
    }
    if *bytes + bare > limit + limit / 2 {
        return None;
    }
    *bytes += bare;
    record.omitted += record.attachments.iter().map(|file| file.bytes.len() as u64).sum::<u64>();
    record.attachments = Vec::new();
    Some(record)
}
