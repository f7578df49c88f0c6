//! What the stream of a run says, as far as the index keeps it. What is a result is the core's to say.

use std::{io, time::Duration};

use hashbrown::HashMap;
use serde_json::{Map, Value};
use subunit_core::{
    Event, Item, RouteCodeBuf, Status, Timestamp,
    conventions::{
        self, CONFIGURATION, ENVIRONMENT, INPUTS, INSTALLED, METRIC, RUN, STOPPED_RUN, is_cut_off,
        tells_of_the_run,
    },
    run::{Counts, Identities, Results, Summary, TestResult, cause},
    sink::{Attachment, Flow, Sink, TestRecord},
};

use crate::{
    fingerprint,
    intern::{Intern, TestName, TestRef},
    outcome::{Micros, OutcomeCode},
};

/// How many bytes of files are looked at for each test. More is not needed to say why it failed.
pub(crate) const LIMIT: usize = 64 << 10;

/// How many numbers of a test are kept at most.
const MOST_METRICS: usize = 100;

/// The file in which readers put the properties of a test, a line `NAME=VALUE` each.
const PROPERTIES: &str = "properties";

/// A result, in the order of the stream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StreamResult {
    pub(crate) test: TestRef,
    pub(crate) outcome: OutcomeCode,
    /// It takes the place of a failure before it.
    pub(crate) takes_back: bool,
    pub(crate) time: Micros,
}

/// An attempt at a test that was tried more than once.
#[derive(Clone, Debug)]
pub(crate) struct Attempted {
    pub(crate) test: TestRef,
    pub(crate) outcome: OutcomeCode,
    pub(crate) time: Micros,
    pub(crate) route: Option<String>,
}

/// Why a result is a failure.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FailedResult {
    pub(crate) test: TestRef,
    pub(crate) outcome: OutcomeCode,
    /// Its place in [`RunContents::fingerprints`].
    pub(crate) fingerprint: u32,
    /// Where in the stream the test ended, in bytes.
    pub(crate) at: u64,
}

/// A number that a test reports: see [`numbers`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Metric {
    pub(crate) test: TestRef,
    pub(crate) name: String,
    pub(crate) value: f64,
}

/// What a stream says.
#[derive(Debug, Default)]
pub(crate) struct RunContents {
    pub(crate) results: Vec<StreamResult>,
    pub(crate) attempts: Vec<Attempted>,
    pub(crate) failures: Vec<FailedResult>,
    pub(crate) fingerprints: Vec<String>,
    pub(crate) counts: Counts,
    /// The numbers that tests report.
    pub(crate) metrics: Vec<Metric>,
    /// What the file `environment` says, as JSON.
    pub(crate) environment: Option<String>,
    /// What the file `configuration` says, as TOML.
    pub(crate) configuration: Option<String>,
    /// What its files `inputs` say, as JSON.
    pub(crate) inputs: Vec<String>,
    /// What its files `installed` say, as JSON.
    pub(crate) installed: Vec<String>,
    /// What its files `run` say, joined.
    pub(crate) run: Map<String, Value>,
    pub(crate) start: Option<Timestamp>,
    pub(crate) elapsed: Option<Duration>,
    /// Whether the run was told to stop before its end.
    pub(crate) is_stopped: bool,
}

/// A failure that is none of a test if the run was told to stop.
#[derive(Clone, Copy, Debug)]
struct DoubtfulResult {
    /// Its place in [`RunContents::results`].
    result: usize,
    /// Its place in [`RunContents::failures`].
    failure: usize,
    runnable: bool,
}

/// Reads a stream.
///
/// Memory: that of [`Results`] and [`Intern`], and 8 bytes for each result.
#[derive(Debug)]
pub(crate) struct ContentsReader {
    found: RunContents,
    fingerprints: HashMap<String, u32>,
    intern: Intern,
    identities: Identities,
    results: Results,
    summary: Summary,
    /// Failures that are none of a test if the run was told to stop.
    doubtful: Vec<DoubtfulResult>,
    /// Where in the stream the next item begins.
    offset: u64,
}

impl ContentsReader {
    pub(crate) fn new(intern: Intern) -> Self {
        Self {
            found: RunContents::default(),
            fingerprints: HashMap::new(),
            intern,
            identities: Identities::default(),
            results: Results::with_limit(LIMIT),
            summary: Summary::new().without_tags(),
            doubtful: Vec::new(),
            offset: 0,
        }
    }

    /// Reads a stream to its end.
    pub(crate) fn read(mut self, stream: impl io::Read) -> io::Result<(RunContents, Intern)> {
        subunit_core::read(stream, &mut self)?;
        Ok(self.into_contents())
    }

    /// What was found, after the stream has ended.
    pub(crate) fn into_contents(mut self) -> (RunContents, Intern) {
        self.intern.end();
        (self.found, self.intern)
    }

    fn note(&mut self, event: &Event<'_>) {
        if event.test_id.is_none() && event.route_code.is_none() && conventions::is_aside(event) {
            self.note_run(event);
            self.note_snapshot(event);
        }
        let mut results = std::mem::take(&mut self.results);
        if let Some(result) = results.note(event) {
            let is_flaky = result.is_flaky();
            let TestResult { earlier, last, takes_back } = result;
            self.take(&earlier, last, takes_back, is_flaky);
        }
        self.results = results;
    }

    /// A file `run` that comes later adds keys to the first.
    fn note_run(&mut self, event: &Event<'_>) {
        let Some(file) = event.file.filter(|file| file.name == RUN) else { return };
        if let Ok(said) = serde_json::from_slice::<Map<String, Value>>(file.bytes) {
            self.found.run.extend(said);
        }
    }

    fn note_snapshot(&mut self, event: &Event<'_>) {
        let Some(file) = event.file else { return };
        match file.name {
            ENVIRONMENT => self.found.environment = normal(file.bytes),
            INPUTS => add(&mut self.found.inputs, normal(file.bytes)),
            INSTALLED => add(&mut self.found.installed, normal(file.bytes)),
            CONFIGURATION => {
                let said = serde_json::from_slice::<Map<String, Value>>(file.bytes).ok();
                let toml = said.as_ref().and_then(|said| said.get("toml")?.as_str());
                self.found.configuration = toml.map(str::to_owned);
            }
            _ => {}
        }
    }

    fn take(
        &mut self,
        earlier: &[TestRecord],
        last: &TestRecord,
        takes_back: bool,
        is_flaky: bool,
    ) {
        if last.test_id == STOPPED_RUN && !last.runnable {
            self.found.is_stopped = true;
        }
        let outcome = OutcomeCode::of(last.status, is_flaky);
        let time = time(last);
        let route = last.route_code.as_ref().map(RouteCodeBuf::as_route);
        let names = self.identities.of(route);
        let test = self.intern.find(TestName::new(names, &last.test_id, last.runnable));
        self.found.results.push(StreamResult { test, outcome, takes_back, time });
        if !earlier.is_empty() {
            let attempts = earlier.iter().chain([last]).map(|record| Attempted {
                test,
                outcome: OutcomeCode::of(record.status, false),
                time: self::time(record),
                route: record.route_code.as_ref().map(|route| route.as_route().as_str().to_owned()),
            });
            self.found.attempts.extend(attempts);
        }
        let files = last.attachments.iter();
        let numbers = files.flat_map(|file| numbers(&file.name, &file.bytes)).take(MOST_METRICS);
        let metric = |(name, value)| Metric { test, name, value };
        self.found.metrics.extend(numbers.map(metric));
        if outcome == OutcomeCode::FAIL && is_doubtful(last) {
            let (result, failure) = (self.found.results.len() - 1, self.found.failures.len());
            self.doubtful.push(DoubtfulResult { result, failure, runnable: last.runnable });
        }
        if outcome.is_bad() {
            let fingerprint = self.fingerprint(last);
            self.found.failures.push(FailedResult { test, outcome, fingerprint, at: self.offset });
        }
    }

    /// Takes what a run says that was told to stop as what it is: tests that were cut off did not run to their end, and the
    /// run has not failed otherwise.
    fn pass_over_doubtful(&mut self) {
        let RunContents { results, failures, counts, .. } = &mut self.found;
        // They are in the order of the stream, as the failures are.
        let (mut place, mut none) = (0.., self.doubtful.iter().map(|one| one.failure).peekable());
        failures.retain(|_| none.next_if_eq(&place.next().unwrap_or_default()).is_none());
        for DoubtfulResult { result, runnable, .. } in self.doubtful.drain(..) {
            if let Some(result) = results.get_mut(result) {
                result.outcome = OutcomeCode::EXISTS;
            }
            counts.fail = counts.fail.saturating_sub(1);
            match runnable {
                true => counts.unfinished += 1,
                false => counts.not_runnable = counts.not_runnable.saturating_sub(1),
            }
        }
    }

    fn fingerprint(&mut self, record: &TestRecord) -> u32 {
        let is_open = record.status.is_none_or(|status| status == Status::InProgress);
        let text = if is_open {
            "unfinished".to_owned()
        } else {
            fingerprint::text(&cause::message(record))
        };
        if let Some(place) = self.fingerprints.get(&text) {
            return *place;
        }
        let place = self.found.fingerprints.len() as u32;
        self.found.fingerprints.push(text.clone());
        self.fingerprints.insert(text, place);
        place
    }
}

impl Sink for ContentsReader {
    fn event(&mut self, event: &Event<'_>) -> Flow {
        self.note(event);
        Flow::Continue
    }

    fn item(&mut self, item: &Item<'_>) -> Flow {
        let _ = self.summary.item(item);
        match item {
            Item::Packet(packet) => self.note(packet.event()),
            Item::Damage(damage) => {
                if let Some(failure) = damage.failure() {
                    self.note(&failure.as_event());
                }
            }
            Item::Text(_) => {}
        }
        self.offset += item.bytes().len() as u64;
        Flow::Continue
    }

    fn finish(&mut self) {
        for result in std::mem::take(&mut self.results).finish() {
            let is_flaky = result.is_flaky();
            self.take(&result.earlier, &result.last, result.takes_back, is_flaky);
        }
        self.found.counts = self.summary.counts();
        if self.found.is_stopped {
            self.pass_over_doubtful();
        }
        self.found.start = self.summary.start();
        self.found.elapsed = self.summary.elapsed().or_else(|| self.summary.test_time());
    }
}

/// Whether a failure only says that the run was told to stop, if it was.
fn is_doubtful(record: &TestRecord) -> bool {
    let is_cut_off = |file: &Attachment| is_cut_off(&file.name, &file.bytes);
    tells_of_the_run(&record.test_id, record.runnable, Some(record.tags.as_tags()))
        || record.attachments.iter().any(is_cut_off)
}

/// The numbers that a file of a test holds, by name. A file `metric/NAME` is one: of several lines the last one that is a
/// number. The file `properties` has one in each line whose value is a number.
pub(crate) fn numbers(file: &str, bytes: &[u8]) -> Vec<(String, f64)> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Vec::new() };
    if let Some(name) = file.strip_prefix(METRIC) {
        let last = text.lines().filter_map(number).next_back();
        return last.map(|value| (name.to_owned(), value)).into_iter().collect();
    }
    if file != PROPERTIES {
        return Vec::new();
    }
    let property = |line: &str| {
        let (name, value) = line.split_once('=').filter(|(name, _)| !name.is_empty())?;
        Some((unescaped(name), number(value)?))
    };
    text.lines().filter_map(property).collect()
}

/// A number, as people and programs write one: `NaN` and `inf` are none.
fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|value: &f64| value.is_finite())
}

/// The name of a property as it was: its backslashes and ends of lines have one before them.
fn unescaped(name: &str) -> String {
    let mut letters = name.chars();
    let mut text = String::with_capacity(name.len());
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => text.extend(letters.next().map(|next| if next == 'n' { '\n' } else { next })),
            letter => text.push(letter),
        }
    }
    text
}

/// Adds what was not said before: several runners of one run may say the same.
fn add(said: &mut Vec<String>, more: Option<String>) {
    let more = more.filter(|more| !said.contains(more));
    said.extend(more);
}

/// A JSON object as it is stored: equal ones are equal texts, in whatever order their keys were.
fn normal(json: &[u8]) -> Option<String> {
    let said = serde_json::from_slice::<Map<String, Value>>(json).ok()?;
    serde_json::to_string(&said).ok()
}

fn time(record: &TestRecord) -> Micros {
    Micros::new(record.duration().map_or(0, |time| time.as_micros()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_in_files_of_their_names_and_in_properties() {
        let of = |file: &str, text: &str| -> String {
            let numbers = numbers(file, text.as_bytes()).into_iter();
            numbers.map(|(name, value)| format!("{name}: {value}; ")).collect()
        };
        assert_eq!(of("metric/peak", " 12.5\n"), "peak: 12.5; ");
        assert_eq!(of("metric/a/b", "1\n2e3\nnone\n"), "a/b: 2000; ");
        assert_eq!(of("metric/x", "inf"), "");
        assert_eq!(of("stdout", "12"), "");
        assert_eq!(of("properties", "a=1\nb=x\n=3\nc d=-0.5\ne=NaN\nf\n"), "a: 1; c d: -0.5; ");
        assert_eq!(of("properties", "a\\\\b\\nc=7"), "a\\b\nc: 7; ");
    }
}
