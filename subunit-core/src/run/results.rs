//! Puts the events of each result together.

use super::{
    Attempt, Attempts, Baseline, FlakyTests, Held, Judge, Judged,
    attempts::{Replaced, has_failed, makes_flaky},
};
use crate::{
    Event, RouteCodeBuf, Status,
    conventions::{REASON, TEXT},
    sink::{Attachment, Records, TestRecord},
};

/// Puts the events of a run together into results: the last attempt at each test, with those before it.
///
/// A failed attempt that may have a successor is held. All others are lent out as they end, so that nothing
/// is allocated for most tests.
///
/// Memory: that of [`Records`] and [`Attempts`].
#[derive(Clone, Debug, Default)]
pub struct Results {
    records: Records,
    attempts: Attempts<TestRecord>,
    flaky_tests: FlakyTests,
    baseline: Option<Baseline>,
    /// The last failure without a test id.
    nameless: TestRecord,
}

/// How a test ended.
#[derive(Debug, Eq, PartialEq)]
pub struct TestResult<R> {
    /// The attempts before the last one, in their order. All failed.
    pub earlier: Vec<TestRecord>,
    /// The last attempt, whose status is the result.
    pub last: R,
    /// Whether it replaces a failure that was returned before: one without an attempt's number, which this
    /// attempt says it follows.
    pub takes_back: bool,
}

impl<R: AsRef<TestRecord>> TestResult<R> {
    /// Whether it did not fail, not even as expected, and an earlier attempt did.
    pub fn is_flaky(&self) -> bool {
        let is_retry = self.takes_back || !self.earlier.is_empty();
        is_retry && makes_flaky(self.last.as_ref().status)
    }
}

impl TestResult<&mut TestRecord> {
    /// The same, owned: takes the record out.
    pub fn take(self) -> TestResult<TestRecord> {
        let Self { earlier, last, takes_back } = self;
        TestResult { earlier, last: std::mem::take(last), takes_back }
    }
}

/// Why a flaky test failed under [`FlakyTests::Fail`].
pub const FLAKY_FAILS: &str = "the test passed, but not at once: flaky tests fail this run";

/// The id of a failure that has none.
pub const NO_TEST_ID: &str = "(no test id)";

impl Results {
    /// Keeps at most `limit` bytes of files for each test, see [`Records::with_limit`].
    pub fn with_limit(limit: usize) -> Self {
        Self { records: Records::with_limit(limit), ..Self::default() }
    }

    /// Says whether flaky tests pass or fail. If they fail, a file [`REASON`] says why.
    #[must_use]
    pub fn with_flaky(self, flaky_tests: FlakyTests) -> Self {
        Self { flaky_tests, ..self }
    }

    /// Sets what the run is judged by. If there is a baseline, failures are marked.
    #[must_use]
    pub fn with_judge(self, judge: &Judge) -> Self {
        Self { baseline: judge.baseline.clone(), ..self.with_flaky(judge.flaky_tests) }
    }

    /// Takes an event. Returns the result that is certain with it. A test that was only listed is returned as
    /// well; its status says so.
    pub fn note(&mut self, event: &Event<'_>) -> Option<TestResult<&mut TestRecord>> {
        if event.test_id.is_none() {
            return self.note_nameless(event);
        }
        let last = self.records.lend(event)?;
        if last.status == Some(Status::Exists) {
            return Some(TestResult { earlier: Vec::new(), last, takes_back: false });
        }
        let (earlier, replaced) = match self.attempts.judge(&Attempt::of(last)) {
            Judged::Result { earlier, replaces } => (earlier, replaces),
            Judged::Held(replaced) => {
                hold(&mut self.attempts, std::mem::take(last), replaced);
                return None;
            }
        };
        let takes_back = replaced.takes_back;
        if takes_back || !earlier.is_empty() {
            judge_flaky(last, self.flaky_tests);
        }
        mark(last, self.baseline.as_ref());
        Some(TestResult { earlier, last, takes_back })
    }

    /// A failure of no test is a result, with a name that says so.
    fn note_nameless(&mut self, event: &Event<'_>) -> Option<TestResult<&mut TestRecord>> {
        let status = event.status.filter(|status| status.is_failure())?;
        let file = event.file.map(|file| Attachment {
            name: file.name.to_owned(),
            mime_type: event.mime_type.map(str::to_owned),
            bytes: file.bytes.to_vec(),
            eof: event.eof,
            omitted: 0,
        });
        self.nameless = TestRecord {
            test_id: NO_TEST_ID.to_owned(),
            route_code: event.route_code.map(crate::RouteCode::to_buf),
            status: Some(status),
            tags: event.tags.map(crate::Tags::to_buf).unwrap_or_default(),
            runnable: false,
            start: event.timestamp,
            stop: event.timestamp,
            attachments: file.into_iter().collect(),
            omitted: 0,
            mark: self.baseline.as_ref().and_then(Baseline::mark_of_others),
        };
        Some(TestResult { earlier: Vec::new(), last: &mut self.nameless, takes_back: false })
    }

    /// How many tests are open.
    pub fn open(&self) -> usize {
        self.records.open()
    }

    /// Ends the stream: what is left becomes results, in the order in which the first attempt of each ended,
    /// or else began.
    pub fn finish(&mut self) -> Vec<TestResult<TestRecord>> {
        let mut alone = Vec::new();
        for record in self.records.take_open() {
            match self.attempts.judge(&Attempt::of(&record)) {
                Judged::Result { earlier, replaces } => {
                    alone.push(TestResult {
                        earlier,
                        last: record,
                        takes_back: replaces.takes_back,
                    });
                }
                Judged::Held(replaced) => hold(&mut self.attempts, record, replaced),
            }
        }
        let mut results = Vec::new();
        for mut kept in self.attempts.finish() {
            let Some(mut last) = kept.attempts.pop() else { continue };
            last.status = kept.status;
            results.push(TestResult { earlier: kept.attempts, last, takes_back: kept.takes_back });
        }
        results.append(&mut alone);
        results.iter_mut().for_each(|result| mark(&mut result.last, self.baseline.as_ref()));
        results
    }
}

/// The last of several attempts at a test that failed before.
fn judge_flaky(record: &mut TestRecord, flaky_tests: FlakyTests) {
    if flaky_tests == FlakyTests::Pass || !makes_flaky(record.status) {
        return;
    }
    record.status = Some(Status::Fail);
    record.attachments.insert(
        0,
        Attachment {
            name: REASON.to_owned(),
            mime_type: Some(TEXT.to_owned()),
            bytes: FLAKY_FAILS.into(),
            eof: true,
            omitted: 0,
        },
    );
}

/// Marks a failure as new, known or tolerated.
fn mark(record: &mut TestRecord, baseline: Option<&Baseline>) {
    if let Some(baseline) = baseline {
        record.mark = baseline.mark(record);
    }
}

fn hold(attempts: &mut Attempts<TestRecord>, record: TestRecord, replaced: Replaced) {
    let Attempt { number, status, runnable, .. } = Attempt::of(&record);
    // Its name is needed while it is given away.
    let (test_id, route_code) = (record.test_id.clone(), record.route_code.clone());
    let route_code = route_code.as_ref().map(RouteCodeBuf::as_route);
    let attempt = Attempt { route_code, test_id: &test_id, number, status, runnable };
    attempts.hold(&attempt, replaced, record);
}

impl Held for TestRecord {
    fn size(&self) -> usize {
        /// A record and a file besides what they hold.
        const RECORD: usize = 256;
        const FILE: usize = 128;
        let files = self.attachments.iter().map(|file| file.name.len() + file.bytes.len() + FILE);
        self.test_id.len() + RECORD + files.sum::<usize>()
    }

    fn shed(&mut self) {
        let files = self.attachments.iter().map(|file| file.bytes.len() as u64);
        self.omitted += files.sum::<u64>();
        self.attachments = Vec::new();
    }
}

impl TestRecord {
    /// Whether the attempt failed, or never ended.
    pub fn has_failed(&self) -> bool {
        has_failed(self.status)
    }

    /// How long the attempt took, where that is known.
    pub fn duration(&self) -> Option<std::time::Duration> {
        self.stop?.since(self.start?)
    }
}

impl AsRef<Self> for TestRecord {
    fn as_ref(&self) -> &Self {
        self
    }
}

#[cfg(test)]
mod tests;
